"""What comes after the exit: who she will see, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from coordination.papers.dates import DATE
from coordination.papers.letter_check.handing import HANDED
from coordination.papers.letter_check.letter import Letter
from coordination.papers.letter_check.report import State, Why
from coordination.papers.letter_check.statements import NOT_FOUND, Told, is_answer
from coordination.papers.letter_check.story import days_of, latest_day
from coordination.papers.words import Line

WHO = re.compile(
    r"SAGE[- ]?FEMME|MEDECIN|\bDR\b|GYNECO|OBSTETRI|PEDIATR|\bPMI\b|KINE|\bHAD\b|CONSULTATION|VISITE|ENTRETIEN"
    r"|EXAMEN|CONTROLE"
)
_DELAY = re.compile(
    r"\b(?:\d+|UNE?|DEUX|TROIS|QUATRE|SIX|HUIT|DIX)(?: ?(?:A|-|OU) ?\d+)?(?: ?E(?:ME)?)? ?"
    r"(?:HEURES?|H|JOURS?|J|SEMAINES?|SEM|MOIS)\b|\bJ ?\+? ?0*[1-9]\d*|\bDEMAIN\b|\bLENDEMAIN\b"
)
_DAY = (  # a day told without its year
    r"\b\d{1,2}(?:ER)? (?:JANV|FEVR|MARS\b|AVR|MAI\b|JUIN|JUIL|AOUT|SEPT|OCT|NOV|DEC)|\bLE \d{1,2}/\d{1,2}\b"
    r"|\b(?:LUNDI|MARDI|MERCREDI|JEUDI|VENDREDI|SAMEDI|DIMANCHE|SEMAINE|MOIS) PROCHAINE?\b"
)
_WHEN = re.compile(rf"{DATE}|{_DELAY.pattern}|{_DAY}")
_MEETING = re.compile(r"\b(?:RDV|RENDEZ[- ]?VOUS|CONSULTATION|VISITE|REVUE?|CONTROLE)\b")
_DENIED_MEETING = re.compile(
    r"\b(?:PAS|AUCUNE?|SANS)\b (?:DE |D')?(?:RDV|RENDEZ|CONSULTATION|VISITE|SUIVI|CONTROLE)"
    r"|\b(?:RDV|RENDEZ[- ]?VOUS) MANQUE"
)
_SEEN_BY = re.compile(rf"{WHO.pattern}|INFIRMIER|\bIDE\b")
_ANY_DATE = re.compile(rf"({DATE})")
_NO_ONE = re.compile(
    r"\bEN ATTENTE\b|\bREFUS(?:EE?)? (?:DE|PAR) LA PATIENTE|\bA (?:TROUVER|CHERCHER|DEFINIR|CHOISIR)\b"
    r"|\bNON (?:TROUVEE?|CHOISIE?|RENSEIGNEE?|DEFINIE?|CONNUE?|DESIGNEE?)\b"
    r"|\b(?:AUCUNE?|PAS(?: ENCORE)?(?: D(?:E|'UNE?))?|SANS|RECHERCHE D'UNE?|CHERCHE UNE?)"
    r" (?:SAGE|MEDECIN|PEDIATRE|TROUVE)"
)
_NO_PLAN = re.compile(  # a time that is none of a meeting: a story, opening hours, « en cas de … »
    r"(?<!APRES L')(?<!SUIVANT L')(?<!APRES LA )(?<!SUIVANT LA )"
    rf"\b(?:NEE?S?|NAISSANCE|ACCOUCH\w*|GROSSESSE|ORDONNANCES?|TRAITEMENTS?|CONTRACEPTION|AGEE?S?|DEPUIS|HOSPITALISEE?|ENTREE?|SORTIE)\b"
    rf"[^.;,]{{0,20}}?(?:{_WHEN.pattern})|\b24 ?H(?:EURES)? ?(?:/|SUR) ?24\b|\b7 ?J(?:OURS)? ?(?:/|SUR) ?7\b"
    r"|^\W*(?:RE)?(?:CONSULTER|CONTACTER|APPELER|VENIR|REVENIR)\b.*\b(?:EN CAS|SI|S'IL)\b.*|\b(?:EN CAS D|SI )[^,]*"
    r"|^.*\b(?:A ETE VUE?|ETE REVUE?|A EU|A BENEFICIE|VUE? EN|A (?:POSE|RETIRE|VUE?|FAIT|REALISE|EXAMINE|PRATIQUE))\b.*"
)
_RESULT = re.compile(r"\d[.,]\d|\bG/D?L\b|\bNORMALE?S?\b")
_ENDS = re.compile(rf"{HANDED.pattern}|^(?:FAITE?|REDIGEE?|SIGNEE?)\b|^(?:DR|DOCTEUR|PR)\b|\bRPPS\b")


def follow_up(letter: Letter) -> Told:
    """Somebody and a time: in the section, or where a meeting is told."""
    found = NOT_FOUND
    for part in letter.part("follow_up"):
        ended = (line for line in part.lines if not _ENDS.search(line.folded))
        lines = [line.folded for line in (part.heading, *ended) if not _DENIED_MEETING.search(line.folded)]
        planned = [_planned(line) for line in lines]
        if any(_SEEN_BY.search(words) and _WHEN.search(words) for words in _neighbours(planned)):
            return State.MET, Why.NOTHING, part.heading.page
        why = Why.NO_WHEN if any(is_answer(line) for line in lines[1:]) else Why.EMPTY
        found = (State.MISSING, why, part.heading.page)
    left = latest_day(letter.lines)
    for line in letter.lines:
        if _DENIED_MEETING.search(line.folded) or (left and _is_over(line, left)):
            continue
        words = "" if _RESULT.search(line.folded) or not _MEETING.search(line.folded) else _planned(line.folded)
        if _MEETING.search(words) and _WHEN.search(words) and _SEEN_BY.search(words):
            return State.MET, Why.NOTHING, line.page
    return found


def _planned(line: str) -> str:
    """What the line says of somebody to come, without the sentences that name nobody or tell another time."""
    kept = (one for one in re.split(r"[.;](?= |$)", line) if not _NO_ONE.search(one))
    return ".".join(_NO_PLAN.sub(" ", one) for one in kept)


def _neighbours(lines: Sequence[str]) -> Iterator[str]:
    yield from lines
    yield from (f"{above}\n{below}" for above, below in pairwise(lines))


def _is_over(line: Line, left: date) -> bool:
    """A visit told with dates of before the exit only: it is no follow-up."""
    days = list(days_of(_ANY_DATE, line))
    return bool(days) and all(day < left for day in days)
