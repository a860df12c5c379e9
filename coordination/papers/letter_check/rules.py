"""One rule for each criterion, on the text of a letter. A rule answers (state, why, page)."""

from __future__ import annotations

from coordination.papers.letter_check.care import follow_up
from coordination.papers.letter_check.criteria import Criterion
from coordination.papers.letter_check.handing import handed_over
from coordination.papers.letter_check.statements import Rule
from coordination.papers.letter_check.story import dated, identities, reason, stay, synthesis
from coordination.papers.letter_check.subjects import adverse_events, allergies, blood, devices, germs, pending, stopped
from coordination.papers.letter_check.treatments import treatments

_C = Criterion
RULES: dict[Criterion, Rule] = {
    _C.HANDED_OVER: handed_over,
    _C.FOLLOW_UP: follow_up,
    _C.TREATMENTS: treatments,
    _C.STOPPED: stopped,
    _C.DATED: dated,
    _C.IDENTITIES: identities,
    _C.STAY: stay,
    _C.REASON: reason,
    _C.SYNTHESIS: synthesis,
    _C.ADVERSE_EVENTS: adverse_events,
    _C.RESISTANT_GERMS: germs,
    _C.BLOOD: blood,
    _C.DEVICES: devices,
    _C.ALLERGIES: allergies,
    _C.PENDING: pending,
}
