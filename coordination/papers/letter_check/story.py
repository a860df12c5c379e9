"""Who and when: identities, dates, entry and exit; why she came, what happened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from coordination.papers.dates import DATE, read_date
from coordination.papers.letter_check.letter import Letter, heading_of
from coordination.papers.letter_check.report import State, Why
from coordination.papers.letter_check.statements import EMPTY_BOX, NOT_FOUND, TICKED, Told, filled, is_answer, told
from coordination.papers.letter_check.subjects import LABELS
from coordination.papers.words import Line

_WRITTEN = re.compile(
    r"(?:[A-Z][A-Z' -]{1,40},? LE|(?:FAITE?|REDIGEE?|ECRITE?|ETABLIE?|EDITEE?|VALIDEE?|SIGNEE?|DATE)\b[^.]{0,30}?)"
    rf" ?:? ?({DATE})"
)
_DATE_ALONE = re.compile(rf"LE ({DATE})\W*$")
_FIELD = re.compile(
    r"\b(?:ENTREE|SORTIE|ADMISSION|NEE?|NAISSANCE|RDV|RENDEZ[- ]?VOUS|ACCOUCHEMENT)\W*(?:LE\W*)?$|:\s*$"
)
_ENTERED = re.compile(rf"\b(?:ENTREE?|ADMISE?|ADMISSION|HOSPITALISEE?)\b[^.]{{0,40}}?({DATE})")
_LEFT = re.compile(
    rf"\bDU \d{{1,2}}[/.]\d{{1,2}} AU ({DATE})"
    rf"|\b(?:SORTIE?|SORTANTE|QUITTE)\b[^.]{{0,40}}?({DATE})|{DATE}[^.]{{0,60}}?\bAU ({DATE})"
)
_FROM = re.compile(r"URGENCE|DOMICILE|PROGRAMM|TRANSFER|MUTATION|CONSULTATION|SPONTAN|ADRESSEE|SAMU|\bVILLE\b")
_TO = re.compile(r"DOMICILE|TRANSFER|MUTATION|\bHAD\b|RETOUR|SSR|FAMILLE|HEBERGEMENT|DECE")
_BORN = re.compile(r"DATE DE NAISSANCE|\bNEE? LE\b|\bDDN\b")
_NOT_WRITTEN = re.compile(r"\bNEE?\b|NAISSANCE|ACCOUCH|\bRDV\b|RENDEZ[- ]?VOUS|\bREVU")
_DOCTOR = re.compile(r"MEDECIN TRAITANT(?: DECLARE)?")
_AUTHOR = re.compile(r"\bRPPS\W{0,4}\d|\bSIGNEE? (?:PAR|:) ?\w{2}")
_SIGNED = re.compile(r"^(?:LE |LA )?(?:DR|DOCTEUR|PR|PROFESSEUR)\b\.? [A-Z]{2}")
_FOR = re.compile(r"\b(?:HOSPITALISEE?|ADMISE?|ENTREE?|VENUE) (?:\w+ ){0,6}?POUR\b")
_FEWEST_WORDS = 4
_PARAGRAPH = 12
_HAPPENED = re.compile(r"\b(?:A ACCOUCHE|ACCOUCHEMENT|CESARIENNE|SUITES (?:DE COUCHES|SIMPLES|OPERATOIRES))\b")
_A_DATE = re.compile(rf"\W*(?:LE )?{DATE}")


def dated(letter: Letter) -> Told:
    """The date of the letter; when that of the exit is told too, they are the same day."""
    left = latest_day(letter.lines)
    found = NOT_FOUND
    for above, line in pairwise((Line(0, "", ""), *letter.lines)):
        match = _WRITTEN.match(line.folded)
        if match is None and not _FIELD.search(above.folded):
            match = _DATE_ALONE.match(line.folded)
        other = any(one.search(line.folded) for one in (_ENTERED, _LEFT, _NOT_WRITTEN))
        day = read_date(match[1]) if match and not other else None
        if day is not None:
            if left is None or day == left:
                return State.MET, Why.NOTHING, line.page
            found = (State.MISSING, Why.OTHER_DAY, line.page)
    return found


def days_of(pattern: re.Pattern[str], line: Line) -> Iterable[date]:
    for match in pattern.finditer(line.folded):
        day = read_date(next(filter(None, match.groups())))
        if day is not None:
            yield day


def identities(letter: Letter) -> Told:
    """Whose letter, who follows her, who writes."""
    born = next((line for line, below in _pairs(letter.lines) if _is_born(line, below)), None)
    author = any(_AUTHOR.search(line.folded) and not _DOCTOR.search(line.folded) for line in letter.lines)
    author = author or any(_SIGNED.search(line.folded) for line in letter.lines[len(letter.lines) // 2 :])
    doctor = told(letter.lines, _DOCTOR)
    if born and author and doctor[0] == State.MET:
        return State.MET, Why.NOTHING, born.page
    return (State.UNKNOWN if doctor[0] == State.UNKNOWN else State.MISSING), doctor[1], doctor[2]


def _pairs(lines: Sequence[Line]) -> Iterable[tuple[Line, str]]:
    """Each line with the words of the next one."""
    return zip(lines, [*(line.folded for line in lines[1:]), ""], strict=True)


def _is_born(line: Line, below: str) -> bool:
    """A birth date, and not its empty field."""
    label = _BORN.search(line.folded)
    after = line.folded[label.end() :] if label else ""
    return label is not None and bool(_A_DATE.search(after) or (not is_answer(after) and _A_DATE.match(below)))


def latest_day(lines: Sequence[Line]) -> date | None:
    """The day she left, when the letter tells it."""
    return next((day for line in lines for day in days_of(_LEFT, line)), None)


def stay(letter: Letter) -> Told:
    entered = _with_mode(letter.lines, _ENTERED, _FROM)
    left = _with_mode(letter.lines, _LEFT, _TO)
    if entered is None and left is None:
        return NOT_FOUND
    page = entered[1] if entered else left[1] if left else 0
    whole = entered and entered[0] and left and left[0]
    return (State.MET, Why.NOTHING, page) if whole else (State.MISSING, Why.NO_MODE, page)


def _with_mode(lines: Sequence[Line], dates: re.Pattern[str], modes: re.Pattern[str]) -> tuple[bool, int] | None:
    """(a mode stands in the same line or the next one, page) of the first line with such a date."""
    for index, line in enumerate(lines):
        match = dates.search(line.folded)
        if match:
            after = lines[index + 1].folded if index + 1 < len(lines) else ""
            others = dates is _ENTERED and _LEFT.search(after)  # the next line tells how she left
            here = line.folded if others else f"{line.folded} {after}"
            return bool(modes.search(here)) and not _only_boxes(here), line.page
    return None


def _only_boxes(words: str) -> bool:
    """« ☐ domicile ☐ transfert »: places to tick, and none is."""
    return bool(EMPTY_BOX.search(words)) and not TICKED.search(words)


def reason(letter: Letter) -> Told:
    found = filled(letter, "reason")
    if found[0] == State.MET:
        return found
    line = next((line for line in letter.lines if _FOR.search(line.folded)), None)
    return (State.MET, Why.NOTHING, line.page) if line else found


def synthesis(letter: Letter) -> Told:
    """Words of the stay itself: the lines that answer another criterion do not make a synthesis."""
    found = NOT_FOUND
    for part in letter.part("synthesis"):
        lines = [line.folded for line in part.lines if not LABELS.search(line.folded) and not heading_of(line)]
        lines = [line for line in lines if is_answer(line)]
        if sum(len(re.findall(r"[A-Z]{2,}", line)) for line in lines) >= _FEWEST_WORDS:
            return State.MET, Why.NOTHING, part.heading.page
        found = (State.MISSING, Why.EMPTY, part.heading.page)
    if found is NOT_FOUND:
        line = next((line for line in letter.lines if _tells_the_stay(line)), None)
        return (State.MET, Why.NOTHING, line.page) if line else found
    return found


def _tells_the_stay(line: Line) -> bool:
    """A paragraph about what happened, in a letter that bears no heading."""
    words = re.findall(r"[A-Z]{2,}", line.folded)
    return len(words) >= _PARAGRAPH and bool(_HAPPENED.search(line.folded)) and not heading_of(line)
