"""The criteria on a structured letter (LDL-SES), from the body of its case and what its header will bear."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from coordination.papers.letter_check.criteria import Criterion
from coordination.papers.letter_check.letter import is_heading, letter_of
from coordination.papers.letter_check.report import Finding, Report, State, Why
from coordination.papers.letter_check.rules import RULES
from coordination.papers.letter_check.statements import is_answer
from coordination.papers.letter_check.treatments import DOSE, HOW_LONG
from coordination.papers.words import fold, lines_of

Body = Mapping[str, Any]
Said = tuple[State, Why, str]  # state, why, section of the volet
MET, MISSING = State.MET, State.MISSING
HEADER = "header"
_FEWEST_WORDS = 4
_IN_WORDS_TOO = (
    *(Criterion.HANDED_OVER, Criterion.STOPPED, Criterion.ADVERSE_EVENTS, Criterion.PENDING),
    *(Criterion.DEVICES, Criterion.ALLERGIES),
)


def check_case(body: Body, *, on: date, has_doctor: bool) -> Report:
    """`on`: the day of the letter; `has_doctor`: a médecin traitant is declared. Nothing is taken for granted:

    what the model has no place for is looked for in the words, with the rules of a PDF's text.
    """
    states: dict[Criterion, Said] = {
        Criterion.DATED: _dated(body, on),
        Criterion.IDENTITIES: (MET, Why.NOTHING, HEADER) if has_doctor else (MISSING, Why.NO_DOCTOR, HEADER),
        **{criterion: rule(body) for criterion, rule in _RULES.items()},
    }
    letter = letter_of(lines_of(["\n".join(_words(body))], alone=is_heading))
    for criterion in _IN_WORDS_TOO:
        state, _, _ = RULES[criterion](letter)
        if state == MET and states[criterion][0] != MET:
            states[criterion] = (MET, Why.NOTHING, "synthesis")
    return Report(tuple(Finding(one, states[one][0], states[one][1], section=states[one][2]) for one in Criterion))


def _words(body: Body) -> Iterator[str]:
    """What a person wrote freely."""
    yield str(body.get("reason", ""))
    yield str(_under(body, "synthesis", "summary", "text") or "")
    yield str(body.get("pending_results", ""))
    for kind in ("acts", "requests", "encounters"):
        for one in _under(body, "follow_up", kind) or ():
            yield str(one.get("comment", ""))


def _under(body: Body, *path: str) -> Any:
    found: Any = body
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _present(section: str, *path: str) -> Callable[[Body], Said]:
    def rule(body: Body) -> Said:
        told = _under(body, section, *path)
        if told is None:
            return MISSING, Why.NOTHING, ""
        empty = isinstance(told, str) and not is_answer(fold(told))
        return (MISSING, Why.EMPTY, section) if empty else (MET, Why.NOTHING, section)

    return rule


def _text(section: str, *path: str, words: int = 1) -> Callable[[Body], Said]:
    def rule(body: Body) -> Said:
        lines = [line for line in str(_under(body, section, *path) or "").split("\n") if is_answer(fold(line))]
        enough = sum(len(line.split()) for line in lines) >= words
        return (MET, Why.NOTHING, section) if enough else (MISSING, Why.EMPTY, section)

    return rule


def _handed_over(body: Body) -> Said:
    return MISSING, Why.NO_PLACE, ""


def _follow_up(body: Body) -> Said:
    planned = [one for kind in ("acts", "requests", "encounters") for one in _under(body, "follow_up", kind) or ()]
    if any("date" in one or "priority" in one for one in planned):
        return MET, Why.NOTHING, "follow_up"
    return (MISSING, Why.NO_WHEN, "follow_up") if planned else (MISSING, Why.NOTHING, "")


def _treatments(body: Body) -> Said:
    """None at all, or each with a dose and an end, in fields or in words."""
    if _under(body, "discharge_treatments", "none"):
        return MET, Why.NOTHING, "discharge_treatments"
    items = _under(body, "discharge_treatments", "items") or ()
    told = [_is_dosed(one) and _is_bounded(one) for one in items]
    if not told:
        return MISSING, Why.NOTHING, ""
    return (MET if all(told) else MISSING), (Why.NOTHING if all(told) else Why.NO_DOSE), "discharge_treatments"


def _is_dosed(one: Body) -> bool:
    return bool({"dose", "frequency"} & set(one)) or bool(DOSE.search(fold(str(one.get("comment", "")))))


def _is_bounded(one: Body) -> bool:
    return "end" in one or bool(HOW_LONG.search(fold(str(one.get("comment", "")))))


def _listed(section: str) -> Callable[[Body], Said]:
    """Some, or that there is none."""

    def rule(body: Body) -> Said:
        told = _under(body, section, "items") or _under(body, section, "none")
        return (MET, Why.NOTHING, section) if told else (MISSING, Why.NOTHING, "")

    return rule


def _stopped(body: Body) -> Said:
    """The model has no « none »: without the section, nobody can tell « none » from forgotten."""
    if _under(body, "stopped_treatments", "items"):
        return MET, Why.NOTHING, "stopped_treatments"
    return State.UNKNOWN, Why.NO_SECTION, ""


def _dated(body: Body, on: date) -> Said:
    left = str(_under(body, "synthesis", "exit_mode", "date") or "")[:10]
    same = not left or left == on.isoformat()
    return (MET, Why.NOTHING, HEADER) if same else (MISSING, Why.OTHER_DAY, HEADER)


def _stay(body: Body) -> Said:
    wanted = [
        _under(body, "synthesis", f"{bound}_mode", name) for bound in ("entry", "exit") for name in ("mode", "date")
    ]
    if all(wanted):
        return MET, Why.NOTHING, "synthesis"
    return MISSING, Why.NO_MODE if any(wanted) else Why.NOTHING, "synthesis" if any(wanted) else ""


def _blood(body: Body) -> Said:
    """Transfused or not, as for a PDF; that the derivatives of blood are told too is a rule of the model itself."""
    told = _under(body, "synthesis", "transfusion") is not None
    return (MET, Why.NOTHING, "synthesis") if told else (MISSING, Why.NOTHING, "")


_C = Criterion
_RULES: dict[Criterion, Callable[[Body], Said]] = {
    _C.HANDED_OVER: _handed_over,
    _C.FOLLOW_UP: _follow_up,
    _C.TREATMENTS: _treatments,
    _C.STOPPED: _stopped,
    _C.STAY: _stay,
    _C.REASON: _text("reason"),
    _C.SYNTHESIS: _text("synthesis", "summary", "text", words=_FEWEST_WORDS),
    _C.ADVERSE_EVENTS: _present("synthesis", "adverse_events"),
    _C.RESISTANT_GERMS: _present("synthesis", "mdro_searched"),
    _C.BLOOD: _blood,
    _C.DEVICES: _listed("devices"),
    _C.ALLERGIES: _listed("allergies"),
    _C.PENDING: _text("pending_results"),
}
