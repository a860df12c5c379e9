"""Was the letter given to her?"""

from __future__ import annotations

import re

from coordination.papers.letter_check.letter import Letter
from coordination.papers.letter_check.report import State, Why
from coordination.papers.letter_check.statements import NOT_FOUND, Told, better

HANDED = re.compile(
    r"\b(?:REMISE?S?|DONNEE?S?|DELIVREE?S?)\b(?: [^.]{0,40})?"
    r"\b(?:A LA (?:PATIENTE|MERE)|A MADAME|A MME|AUX PARENTS|A L'INTERESSEE|EN MAINS? PROPRES?|CE JOUR|A LA SORTIE)"
    r"|\bREMISE? (?:DE LA LETTRE |DU DOCUMENT )?(?:A LA PATIENTE|EN MAINS? PROPRES?)"
)
_NOT_HANDED = re.compile(r"\b(?:NON|PAS|PAS ETE|SERA|SERONT|DOIT ETRE|A ETRE|RESTE A|ETRE|JAMAIS)\s+$")
_OTHER_PAPER = re.compile(
    r"\b(?:ORDONNANCES?|CARNET|ARRET|CERTIFICAT|PRESCRIPTIONS?|LIVRET|RENDEZ[- ]?VOUS|BROCHURE)\b"
)
_THIS_PAPER = re.compile(r"\b(?:LETTRE|DOCUMENT|EXEMPLAIRE|COPIE|DOUBLE|COMPTE[- ]RENDU|COURRIER|LLS|PRESENTE?)\b")
_UNTICKED = re.compile(r"(?:[☐□]|\[ ?\])\s*[^☒☑\[]{0,60}$")


def handed_over(letter: Letter) -> Told:
    """The letter itself was given to her, in the past: « sera remise » and « ordonnance remise » do not count."""
    best = NOT_FOUND
    for index, line in enumerate(letter.lines):
        following = letter.lines[index + 1].folded if index + 1 < len(letter.lines) else ""
        for match in HANDED.finditer(f"{line.folded} {following}"):
            if match.start() < len(line.folded):
                best = better(best, _handed(line.folded[: match.start()], line.page))
    return best


def _handed(before: str, page: int) -> Told:
    sentence = re.split(r"[.;]", before)[-1]
    if not _THIS_PAPER.search(sentence) and (_OTHER_PAPER.search(sentence) or re.search(r"[A-Z]{3}", sentence)):
        return NOT_FOUND  # something else was given to her
    if _NOT_HANDED.search(sentence):
        return State.MISSING, Why.NOT_YET, page
    if _UNTICKED.search(sentence):
        return State.UNKNOWN, Why.BOXES, page
    return State.MET, Why.NOTHING, page
