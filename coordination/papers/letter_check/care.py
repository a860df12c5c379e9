"""What comes after the exit: the care that is planned, the treatments she leaves with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from coordination.papers.dates import DATE
from coordination.papers.letter_check.handing import HANDED
from coordination.papers.letter_check.letter import Letter
from coordination.papers.letter_check.report import State, Why
from coordination.papers.letter_check.statements import NOT_FOUND, Told, better, is_answer
from coordination.papers.letter_check.story import days_of, latest_day
from coordination.papers.letter_check.subjects import STOPPED
from coordination.papers.words import Line

_WHO = re.compile(
    r"SAGE[- ]?FEMME|MEDECIN|\bDR\b|GYNECO|OBSTETRI|PEDIATR|\bPMI\b|KINE|\bHAD\b|CONSULTATION|VISITE|ENTRETIEN"
    r"|EXAMEN|CONTROLE"
)
_DELAY = re.compile(
    r"\b(?:\d+|UNE?|DEUX|TROIS|QUATRE|SIX|HUIT|DIX)(?: ?(?:A|-|OU) ?\d+)?(?: ?E(?:ME)?)? ?"
    r"(?:HEURES?|H|JOURS?|J|SEMAINES?|SEM|MOIS)\b|\bJ ?\+? ?\d+|\b(?:DE)?MAIN\b|\bLENDEMAIN\b"
)
_WHEN = re.compile(rf"{DATE}|{_DELAY.pattern}")
_MEETING = re.compile(r"\b(?:RDV|RENDEZ[- ]?VOUS|CONSULTATION|VISITE|REVUE?|CONTROLE)\b")
_DENIED_MEETING = re.compile(
    r"\b(?:PAS|AUCUNE?|SANS)\b (?:DE |D')?(?:RDV|RENDEZ|CONSULTATION|VISITE|SUIVI|CONTROLE)"
    r"|\b(?:RDV|RENDEZ[- ]?VOUS) MANQUE"
)
DOSE = re.compile(
    r"\d\s?(?:MG|G|ML|UI|µG|MCG)\b|COMPRIME|\bCP\b|GELULE|GOUTTE|SACHET|AMPOULE|INJECTION|SUPPOSITOIRE|PATCH|MATIN|SOIR"
    r"|FOIS PAR JOUR|/ ?J(?:OUR)?\b|PAR JOUR"
)
HOW_LONG = re.compile(
    r"\b(?:\d+|UNE?|DEUX|TROIS|QUATRE|CINQ|SIX|SEPT|HUIT|DIX|QUINZE) ?(?:JOURS?|J|SEMAINES?|MOIS|ANS?)\b"
    r"|JUSQU\S* ?\w|AU LONG COURS|SI BESOIN|\bQSP ?\d|EN CONTINU"
)
_ANY_DATE = re.compile(rf"({DATE})")
_NEW_MEDICINE = re.compile(
    r"[-•*· ]*"
    r"(?!PRENDRE|COMPRIME|SOIT|PENDANT|MATIN|SOIR|INJECTION|JUSQU|PUIS|POUR|DURANT|DOSE|DUREE|POSOLOGIE)"
    r"[A-Z][A-Z'-]{3,}"
)
_NO_TREATMENT = re.compile(
    r"\b(?:AUCUN|PAS DE|SANS|ABSENCE DE) TRAITEMENT"
    r"(?:(?= ?(?:[.,;:)]|$))"
    r"| (?:MEDICAMENTEUX|PARTICULIER|SPECIFIQUE|PRESCRIT|DE SORTIE|A LA SORTIE|NECESSAIRE|EN COURS))"
)
_NONE = re.compile(r"\W*(?:AUCUNS?(?: TRAITEMENTS?| MEDICAMENTS?)?\W*$|NEANT\b|SANS OBJET\b|PAS DE TRAITEMENT\b)")
_SEE = re.compile(r"\b(?:CF|VOIR|SELON|SUIVANT)\b.{0,20}ORDONNANCE|ORDONNANCES? (?:JOINTE|CI[- ]JOINTE|REMISE)")
_STOPPED_LINE = re.compile(STOPPED)
_ENDS = re.compile(rf"{HANDED.pattern}|^(?:FAITE?|REDIGEE?|SIGNEE?)\b|^(?:DR|DOCTEUR|PR)\b|\bRPPS\b")


def follow_up(letter: Letter) -> Told:
    """Somebody and a time: in the section, or where a meeting is told."""
    found = NOT_FOUND
    for part in letter.part("follow_up"):
        ended = (line for line in part.lines if not _ENDS.search(line.folded))
        lines = [line.folded for line in (part.heading, *ended) if not _DENIED_MEETING.search(line.folded)]
        if any(_WHO.search(line) for line in lines) and any(_WHEN.search(line) for line in lines):
            return State.MET, Why.NOTHING, part.heading.page
        why = Why.NO_WHEN if any(is_answer(line) for line in lines[1:]) else Why.EMPTY
        found = (State.MISSING, why, part.heading.page)
    left = latest_day(letter.lines)
    for line in letter.lines:
        if _DENIED_MEETING.search(line.folded) or (left and _is_over(line, left)):
            continue
        if _MEETING.search(line.folded) and _WHEN.search(line.folded) and _WHO.search(line.folded):
            return State.MET, Why.NOTHING, line.page
    return found


def treatments(letter: Letter) -> Told:
    """What she leaves with: dose and duration, or that there is none."""
    found = NOT_FOUND
    for part in letter.part("treatments"):
        lines = [line for line in part.lines if not _STOPPED_LINE.search(line.folded) and is_answer(line.folded)]
        found = better(found, _prescribed([line.folded for line in lines], part.heading.page))
    if found[0] == State.MET:
        return found
    for line in letter.lines:
        if _NO_TREATMENT.search(line.folded) and "SORTIE" in line.folded:
            return State.MET, Why.NOTHING, line.page
    return found


def _prescribed(lines: Sequence[str], page: int) -> Told:
    if not lines:
        return State.MISSING, Why.EMPTY, page
    if _NONE.match(lines[0]) or any(_NO_TREATMENT.search(line) for line in lines):
        return State.MET, Why.NOTHING, page
    medicines = list(_grouped(lines))
    dosed = [one for one in medicines if DOSE.search(one)]
    if dosed and all(HOW_LONG.search(one) for one in dosed):
        return State.MET, Why.NOTHING, page
    elsewhere = any(_SEE.search(line) for line in lines)
    return (State.UNKNOWN, Why.ELSEWHERE, page) if elsewhere else (State.MISSING, Why.NO_DOSE, page)


def _grouped(lines: Sequence[str]) -> Iterator[str]:
    """One text for each medicine: a line that begins with a name, and those that go on with its posology."""
    group = ""
    for line in lines:
        if group and _NEW_MEDICINE.match(line):
            yield group
            group = ""
        group = f"{group} {line}".strip()
    if group:
        yield group


def _is_over(line: Line, left: date) -> bool:
    """A visit told with dates of before the exit only: it is no follow-up."""
    days = list(days_of(_ANY_DATE, line))
    return bool(days) and all(day < left for day in days)
