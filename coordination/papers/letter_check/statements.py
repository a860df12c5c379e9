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
    r"[\s:(]*(?:NON (?:RENSEIGNE|PRECISE|DIT|COMPLETE|DOCUMENTE|CONNU)\w*|A (?:COMPLETER|PRECISER|RENSEIGNER)|NR|NC|NSP"
    r"|(?:(?:LA )?PATIENTE |MADAME |ELLE )?NE (?:LE )?SAI[TS] PAS)\b"
)
_TITLES = re.compile(r"\b(?:DR|DOCTEUR|PR|MME|MADAME|M\.|NOM|ADRESSE|TEL|LE)\b\.?")
TICKED = re.compile(r"[☒☑✓✔✗✘]|\[ ?[XV] ?\]|\(X\)")
_BOTH = re.compile(r"\bOUI\b.{0,12}\bNON\b|\bNON\b.{0,12}\bOUI\b")


EMPTY_BOX = re.compile(r"[☐□]|\[ ?\]|\( ?\)")
_MENTION = re.compile(  # the subject is spoken of, not answered
    r"\b(?:EN CAS|RISQUES?|PREVENTION|SIGNES?|SURVEILLANCE|INFORMATION\w*|ACCORD|CONSENTEMENT\w*|REFUS\w*|DECLAR\w+"
    r"|BESOIN|SI|SOUHAITE|PROJET|CONTRACEPTION|DEMANDE|INDICATION|SEUIL|CARTE|COMPATIBILITE)\b"
    r"(?: ?(?:: ?)?(?:[DL]'|(?:DE|DES|DU|A|AUX?|LA|LES?|UNE?|SUR|POUR|TOUTE?|PAR|ET)\b) ?)*\s*$"
)
_BEFORE_A_LABEL = re.compile(  # what may stand before a label whose answer is on the next line
    r"\W*(?:(?:\d{1,2}|[IVX]+|[A-F])[.)/ -]+)?"
    r"(?:(?:RECHERCHE|PRESENCE|NOTION|EXISTENCE|ADMINISTRATION|POSE|PORTAGE|SURVENUE)(?: D'| DE | DES | DU )?)?\W*"
)


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
    if _MENTION.search(before):
        return NOT_FOUND
    if _STATED.search(before) or _is_denied(before, others):
        return State.MET, Why.NOTHING, line.page
    next_label = others.search(after) if others else None
    answer = after[: next_label.start()] if next_label else after
    if not _NOTHING.fullmatch(answer):
        return answered(answer, line.page)
    if next_label or (others and others.search(before)):
        return State.UNKNOWN, Why.COLUMNS, line.page
    if not _BEFORE_A_LABEL.fullmatch(before):  # the last word of a sentence
        return NOT_FOUND
    return _below(following, subject, others)


def _is_denied(before: str, others: re.Pattern[str] | None) -> bool:
    """« aucun dispositif »; but « germe : aucun | dispositif » answers the label that comes before."""
    denial = _DENIED.search(before)
    if denial is None:
        return False
    labels = list(others.finditer(before[: denial.start()])) if others else []
    between = before[labels[-1].end() : denial.start()] if labels else "."
    return not (denial["word"] and "." not in between and _NOTHING.fullmatch(between))


def _below(following: Line | None, subject: re.Pattern[str], others: re.Pattern[str] | None) -> Told:
    """A label alone on its line: its answer stands on the next one, unless that one is another label."""
    if following is None or heading_of(following) or subject.search(following.folded):
        return State.MISSING, Why.EMPTY, 0
    if (others and others.match(following.folded)) or _NOTHING.fullmatch(following.folded):
        return State.MISSING, Why.EMPTY, following.page
    return answered(following.folded, following.page)


def answered(answer: str, page: int) -> Told:
    if _UNTOLD.match(answer) or not is_answer(_TITLES.sub("", answer)):
        return State.MISSING, Why.EMPTY, page
    if (_BOTH.search(answer) or EMPTY_BOX.search(answer)) and not TICKED.search(answer):
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
