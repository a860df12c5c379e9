"""Is a subject told? A label with its answer beside it, a negation before it, a box: never a bare mention."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from coordination.papers.letter_check.letter import Letter, heading_of
from coordination.papers.letter_check.report import State, Why
from coordination.papers.words import Line

Told = tuple[State, Why, int]  # state, why, page
Rule = Callable[[Letter], Told]
NOT_FOUND: Told = (State.MISSING, Why.NOTHING, 0)

_DENIED = re.compile(
    r"\b(?:(?P<word>AUCUNE?|SANS)\b|(?:PAS|ABSENCE|N'A (?:PAS|JAMAIS)|NI)\b)(?: (?:D'|DE |ETE |EU |RECU )*)?"
    r"[^.;:]{0,40}$"
)
_STATED = re.compile(r"\b(?:A (?:ETE|PRESENTE|RECU|NECESSITE|EU)|PORTEUSE|(?:POSE|MISE EN PLACE) D')\b[^.;:]{0,30}$")
_NOTHING = re.compile(r"[\s.:;?_/…·*\-|()\[\]☐□]*")
_UNTOLD = re.compile(
    r"[\s:(]*(?:NON (?:RENSEIGNE|PRECISE|DIT|COMPLETE|DOCUMENTE|CONNU)\w*|A (?:COMPLETER|PRECISER|RENSEIGNER)|NR|NC)\b"
)
_TICKED = re.compile(r"[☒☑✓✔✗✘]|\[ ?[XV] ?\]|\(X\)")
_BOTH = re.compile(r"\bOUI\b.{0,12}\bNON\b|\bNON\b.{0,12}\bOUI\b")


def told(lines: Sequence[Line], subject: re.Pattern[str], others: re.Pattern[str] | None = None) -> Told:
    """The best that the lines say of `subject`. `others`: labels of other subjects, which are not its answer."""
    best = NOT_FOUND
    for index, line in enumerate(lines):
        for match in subject.finditer(line.folded):
            following = lines[index + 1] if index + 1 < len(lines) else None
            found = _one(line, match, following, subject, others)
            if _rank(found[0]) > _rank(best[0]) or best is NOT_FOUND:
                best = found
    return best


def _rank(state: State) -> int:
    return (State.MISSING, State.UNKNOWN, State.MET).index(state)


def _one(
    line: Line, match: re.Match[str], following: Line | None, subject: re.Pattern[str], others: re.Pattern[str] | None
) -> Told:
    before, after = line.folded[: match.start()], line.folded[match.end() :]
    if _STATED.search(before) or _is_denied(before, others):
        return State.MET, Why.NOTHING, line.page
    next_label = others.search(after) if others else None
    answer = after[: next_label.start()] if next_label else after
    if not _NOTHING.fullmatch(answer):
        return _answered(answer, line.page)
    if next_label or (others and others.search(before)):
        return State.UNKNOWN, Why.COLUMNS, line.page
    return _below(following, subject, others)


def _is_denied(before: str, others: re.Pattern[str] | None) -> bool:
    """« aucun dispositif »; but « germe : aucun | dispositif » answers the label that comes before."""
    denial = _DENIED.search(before)
    if denial is None:
        return False
    labels = list(others.finditer(before[: denial.start()])) if others else []
    return not (labels and denial["word"] and _NOTHING.fullmatch(before[labels[-1].end() : denial.start()]))


def _below(following: Line | None, subject: re.Pattern[str], others: re.Pattern[str] | None) -> Told:
    """A label alone on its line: its answer stands on the next one, unless that one is another label."""
    if following is None or heading_of(following) or subject.search(following.folded):
        return State.MISSING, Why.EMPTY, 0
    if (others and others.match(following.folded)) or _NOTHING.fullmatch(following.folded):
        return State.MISSING, Why.EMPTY, following.page
    return _answered(following.folded, following.page)


def _answered(answer: str, page: int) -> Told:
    if _UNTOLD.match(answer):
        return State.MISSING, Why.EMPTY, page
    if _BOTH.search(answer) and not _TICKED.search(answer):
        return State.UNKNOWN, Why.BOXES, page
    return State.MET, Why.NOTHING, page


def is_answer(text: str) -> bool:
    """Words that say something: not dots, not « à compléter »."""
    return not _NOTHING.fullmatch(text) and not _UNTOLD.match(text)


def better(first: Told, second: Told) -> Told:
    order = (State.MET, State.UNKNOWN, State.MISSING)
    if first[0] == second[0]:
        return first if first[1] else second
    return min(first, second, key=lambda one: order.index(one[0]))


def filled(letter: Letter, section: str) -> Told:
    found = NOT_FOUND
    for part in letter.part(section):
        said = [line for line in part.lines if is_answer(line.folded)]
        if said:
            return State.MET, Why.NOTHING, part.heading.page
        found = (State.MISSING, Why.EMPTY, part.heading.page)
    return found
