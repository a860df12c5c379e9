"""Was the letter given to her?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from coordination.papers.letter_check.letter import Letter
from coordination.papers.letter_check.report import State, Why
from coordination.papers.letter_check.statements import NOT_FOUND, Told, answered, better, is_answer
from coordination.papers.words import Line

_GIVEN = re.compile(r"\b(?:REMISE?S?|DONNEE?S?|DELIVREE?S?|CONFIEE?S?)\b")
_CARER = r"(?:SAGES?[- ]?FEMMES?|INFIRMIERE?|PUERICULTRICE|AUXILIAIRE|MEDECIN|PEDIATRE|SECRETAIRE)"
_TO_HER = re.compile(
    r"\b(?:A LA (?:PATIENTE|PARTURIENTE|MERE(?! DE ))|AUX PARENTS|A L'(?:INTERESSEE|ACCOUCHEE)"
    rf"|A (?:MADAME|MME)\b(?!(?: (?!PAR\b)[A-Z'-]+){{0,3}},? (?:LA )?{_CARER}))"
)
_TO_ANOTHER = re.compile(
    r"\b(?:AU|AUX|A LA|A L'|A SON|A SA|A SES|A) ?(?:FUTUR |BEAU[- ]|BELLE[- ]|GRANDS?[- ])?"
    r"(?:PERE|CONJOINTE?|MARI|COMPAGNON|COMPAGNE|EPOUX|PARTENAIRE|FAMILLE|SO?E?UR|FRERE|MERE|TIERS|PROCHES?|ACCOMPAGNANTE?"
    rf"|{_CARER}|DR|DOCTEUR|PMI|SERVICE|AMBULANCIER|MADAME|MME|MONSIEUR|M\.)\b"
)
_HERE = re.compile(r"\b(?:EN MAINS? PROPRES?|CE JOUR|A LA SORTIE)\b")
_TO_HER_BEFORE = re.compile(r"\bLUI (?:A|ONT|EST|SONT) (?:BIEN |AUSSI |EGALEMENT )?(?:ETE )?(?:BIEN )?$")
HANDED = re.compile(rf"{_GIVEN.pattern}(?: [^.]{{0,40}})?(?:{_TO_HER.pattern}|{_HERE.pattern})")
_NOT_TO = re.compile(r"\b(?:NON|PAS)\s*$")
_NOT_HANDED = re.compile(
    r"\b(?:NON|PAS|JAMAIS|AUCUNE?|SANS)\b(?: (?:ENCORE|TOUJOURS|PU|LUI|ETE|ETRE|LETTRE|EXEMPLAIRE|DOCUMENT|DE LIAISON))"
    r"*\s+$"
    r"|\b(?:SERA|SERONT|ETRE|RESTE A)\s+(?:\w+\s+)?$"
)
_OTHER = (
    r"(?:ORDONNANCES?|CARNET|ARRET|CERTIFICAT|PRESCRIPTIONS?|LIVRET|RENDEZ[- ]?VOUS|BROCHURE|INFORMATIONS?|CONSEILS?"
    r"|CARTE|RESULTATS?|CLES?|COORDONNEES|ECHOGRAPHIES?)\b"
)
_OTHER_PAPER = re.compile(rf"\b{_OTHER}")
_THIS_PAPER = re.compile(r"\b(?:LETTRE|DOCUMENT|EXEMPLAIRE|COPIE|DOUBLE|COMPTE[- ]RENDU|COURRIER|LLS|PRESENTE?)\b")
_OF_ANOTHER = re.compile(rf" (?:D'|DES |DU |DE (?:LA |L'|SON |SA |SES )?){_OTHER}")  # « copie de l'ordonnance »
_SENT = re.compile(
    rf"\b(?:ADRESSE|ENVOYE|TRANSMIS|EXPEDIE|FAXE|DEPOSE|VERSE|DICTE|SIGNE)E?S?\b|{_GIVEN.pattern}|\bAU MEDECIN\b"
    r"|\bA (?:REMETTRE|ENVOYER|ADRESSER|TRANSMETTRE|DONNER)\b"
)
_NEXT_PAPER = re.compile(rf",? (?:ET )?{_GIVEN.pattern}|, (?:ET )?(?:LES? |LA |L'|SES |SON )?{_OTHER}")
_PRONOUN = re.compile(
    r"\W*(?:ELLE|IL|CELLE-CI|CELUI-CI)\b(?: (?:LUI|A|EST|ETE|BIEN|AUSSI|N'A|N'EST|PAS|ENCORE|SERA))*\W*"
)
_DATE_OF = re.compile(r"\W*(?:DATE|TRACE|HEURE) D(?:E|U)(?: LA)?\s*")
_TO_COME = re.compile(r"\b(?:PREVUE?S?|A FAIRE|A PREVOIR|DEMAIN|ULTERIEUR\w*)\b")
_RECEIVED = re.compile(
    r"\b(?:PATIENTE|MERE|MADAME [A-Z]+|MME [A-Z]+|INTERESSEE|ELLE) (?:EN )?(?P<no>N'(?:A|EST) PAS )?"
    r"(?:A RECU|RECU|EST REPARTIE AVEC|REPART AVEC|REPARTIE AVEC|A EN MAINS?|DISPOSE)\b[^.;]{0,30}"
    r"\b(?:LETTRE|EXEMPLAIRE|COPIE|DOUBLE|DOCUMENT|COURRIER|COMPTE[- ]RENDU)\b"
)
_AFTER = re.compile(r"[^:?.;,]{0,40}[:?]\s*(?P<answer>.*)$")
_NO = re.compile(r"\W*(?:NON|PAS)\b(?!.*\bOUI\b)")
_NEAR = 600  # characters around « remise » that can belong to its sentence
_UNTICKED = re.compile(r"(?:[☐□]|\[ ?\])\s*[^☒☑\[]{0,60}$")


def handed_over(letter: Letter) -> Told:
    """The letter itself was given to her, in the past: « sera remise » and « ordonnance remise » do not count."""
    best = NOT_FOUND
    for index, line in enumerate(letter.lines):
        for match in _GIVEN.finditer(line.folded):
            best = better(best, _handed(letter.lines, index, match))
        received = _RECEIVED.search(line.folded)
        if received and not _OF_ANOTHER.match(line.folded[received.end() :]):
            best = better(best, (State.MISSING, Why.NOT_YET, line.page) if received["no"] else _met(line))
    return best


def _met(line: Line) -> Told:
    return State.MET, Why.NOTHING, line.page


def _handed(lines: Sequence[Line], index: int, given: re.Match[str]) -> Told:
    line = lines[index]
    before = _before(lines, index, given.start())
    told = next(_addressed(lines, index, given.end()), None)
    if told is None and not _TO_HER_BEFORE.search(before):
        return NOT_FOUND
    words, to_her, after = told or ("", True, line.folded[given.end() :])
    if not _is_this_paper(before, words):
        return NOT_FOUND  # something else was given
    if not to_her or _NOT_HANDED.search(before) or _TO_COME.search(words):
        return State.MISSING, Why.NOT_YET, line.page
    if _UNTICKED.search(before):
        return State.UNKNOWN, Why.BOXES, line.page
    if _DATE_OF.fullmatch(before) and not _AFTER.match(after):
        return State.MISSING, Why.EMPTY, line.page
    return _answered(after, line.page)


def _before(lines: Sequence[Line], index: int, start: int) -> str:
    """The sentence up to « remise »; with the one before it when its subject is « elle »."""
    sentences = re.split(r"[.;]", lines[index].folded[max(0, start - _NEAR) : start])
    if not _PRONOUN.fullmatch(sentences[-1]):
        return sentences[-1]
    earlier = [one for one in sentences[:-1] if one.strip()]
    above = [one for one in re.split(r"[.;]", lines[index - 1].folded) if one.strip()] if index else []
    return f"{(earlier or above or [''])[-1]} {sentences[-1]}"


def _addressed(lines: Sequence[Line], index: int, start: int) -> Iterator[tuple[str, bool, str]]:
    """(words up to whom it was given, it was to her, what follows): on this line, else on into the next one.

    « Ce jour » or « à la sortie » say it only when nobody else is named.
    """
    rest = lines[index].folded[start : start + _NEAR]
    following = lines[index + 1].folded if index + 1 < len(lines) else ""
    for words in (rest, f"{rest} {following}"):
        sentence = re.split(r"[.;]", words)[0]
        end = _NEXT_PAPER.search(sentence)
        clause = sentence[: end.start()] if end else sentence
        hers, another = list(_TO_HER.finditer(clause)), _TO_ANOTHER.search(_TO_HER.sub("", clause))
        here = list(_HERE.finditer(clause))
        if hers:
            last = max(one.end() for one in (hers[0], *here))
            yield clause[:last], not _NOT_TO.search(clause[: hers[0].start()]), words[last:] if words is rest else ""
        elif another:
            yield clause[: another.start()], False, ""
        elif here:
            yield clause[: here[-1].end()], True, words[here[-1].end() :] if words is rest else ""


def _is_this_paper(before: str, words: str) -> bool:
    """The letter is what « remise » speaks of: the nearest paper before it, or the one of « remise de … »."""
    of_what = re.match(r"\s*(?:DE|DES|DU|D')\b", words)
    if of_what and not _THIS_PAPER.search(before):
        return _names_this(words) and not re.search(r"[A-Z]{3}", _DATE_OF.sub("", before))
    if _THIS_PAPER.search(before):
        return _names_this(before)
    return not re.search(r"[A-Z]{3}", _DATE_OF.sub("", before))


def _names_this(words: str) -> bool:
    """« Lettre et ordonnance remises »; not « copie de l'ordonnance », nor « lettre envoyée, ordonnance remise »."""
    papers = list(_THIS_PAPER.finditer(words))
    between = words[papers[-1].end() :] if papers else ""
    other = _OTHER_PAPER.search(between)
    if not papers or _OF_ANOTHER.match(between):
        return False
    return not (other and _SENT.search(between[: other.start()]))


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
