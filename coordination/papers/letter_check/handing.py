"""Was the letter given to her?"""

from __future__ import annotations

import re

from coordination.papers.letter_check.letter import Letter
from coordination.papers.letter_check.report import State, Why
from coordination.papers.letter_check.statements import NOT_FOUND, Told, answered, better, is_answer
from coordination.papers.words import Line

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
_TO_COME = re.compile(r"\b(?:PREVUE?S?|A FAIRE|A PREVOIR|DEMAIN|ULTERIEUR\w*)\b")
_RECEIVED = re.compile(
    r"\b(?:PATIENTE|MERE|MADAME [A-Z]+|MME [A-Z]+|INTERESSEE|ELLE) (?:EN )?(?P<no>N'(?:A|EST) PAS )?"
    r"(?:A RECU|RECU|EST REPARTIE AVEC|REPART AVEC|REPARTIE AVEC|A EN MAINS?|DISPOSE)\b[^.;]{0,30}"
    r"\b(?:LETTRE|EXEMPLAIRE|COPIE|DOUBLE|DOCUMENT|COURRIER|COMPTE[- ]RENDU)\b"
)
_AFTER = re.compile(r"\s*(?:LE \S+ )?[:?]\s*(?P<answer>.*)$")
_NO = re.compile(r"\W*(?:NON|PAS)\b(?!.*\bOUI\b)")
_UNTICKED = re.compile(r"(?:[☐□]|\[ ?\])\s*[^☒☑\[]{0,60}$")


def handed_over(letter: Letter) -> Told:
    """The letter itself was given to her, in the past: « sera remise » and « ordonnance remise » do not count."""
    best = NOT_FOUND
    for index, line in enumerate(letter.lines):
        following = letter.lines[index + 1].folded if index + 1 < len(letter.lines) else ""
        for match in HANDED.finditer(f"{line.folded} {following}"):
            if match.start() < len(line.folded):
                after = line.folded[match.end() :] if match.end() <= len(line.folded) else ""
                best = better(best, _handed(line.folded[: match.start()], match[0], after, line.page))
        received = _RECEIVED.search(line.folded)
        if received:
            best = better(best, (State.MISSING, Why.NOT_YET, line.page) if received["no"] else _met(line))
    return best


def _met(line: Line) -> Told:
    return State.MET, Why.NOTHING, line.page


def _handed(before: str, words: str, after: str, page: int) -> Told:
    sentence = re.split(r"[.;]", before)[-1]
    if not _THIS_PAPER.search(sentence) and (_OTHER_PAPER.search(sentence) or re.search(r"[A-Z]{3}", sentence)):
        return NOT_FOUND  # something else was given to her
    if _NOT_HANDED.search(sentence) or _TO_COME.search(words):
        return State.MISSING, Why.NOT_YET, page
    if _UNTICKED.search(sentence):
        return State.UNKNOWN, Why.BOXES, page
    return _answered(after, page)


def _answered(after: str, page: int) -> Told:
    """« Remise à la patiente : oui », with its box ticked; nothing after it is the statement itself."""
    field = _AFTER.match(after)
    if field is None:
        return State.MET, Why.NOTHING, page
    if not is_answer(field["answer"]):
        return State.MISSING, Why.EMPTY, page
    if _NO.match(field["answer"]):
        return State.MISSING, Why.NOT_YET, page
    return answered(field["answer"], page)
