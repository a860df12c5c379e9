"""What a letter must answer by yes or no: adverse event, germ, blood, device, allergies, results, what was stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from coordination.papers.brief.labels import EARLIER, OF_THE_CHILD
from coordination.papers.letter_check.letter import Letter, Part
from coordination.papers.letter_check.report import State, Why
from coordination.papers.letter_check.statements import Rule, Told, better, filled, told
from coordination.papers.words import Line

_ADVERSE = r"EVENEMENTS? INDESIRABLES?(?: GRAVES?)?(?: ASSOCIES? AUX SOINS)?(?: SURVENUS?[^:.]{0,40})?|\bEIAS\b"
_GERMS = (
    r"(?:(?:GERMES?|BACTERIES?|MICRO[- ]?ORGANISMES?|AGENTS?)(?: PATHOGENES?)? )?(?:MULTI[- ]?RESISTANTE?S?)"
    r"(?: (?:OU|ET) EMERGENT\w*)?(?: \((?:BMR|BHRE?)\))?|\bBMR(?: ?/ ?BHRE?)?\b|\bBHRE?\b|\bBLSE\b|\bSARM\b"
)
_BLOOD = (
    r"TRANSFUSION\w*(?: SANGUINES?| DE PRODUITS? SANGUINS?)?"
    r"|PRODUITS? (?:SANGUINS?(?: (?:OU|ET) (?:\w+ )?DERIVES?(?: DU SANG)?)?|(?:OU|ET) DERIVES? DU SANG)"
)
_DERIVATIVES = r"(?:(?:PRODUITS?|MEDICAMENTS?) )?DERIVES? DU SANG"
_DEVICES = r"DISPOSITIFS?(?: MEDICA(?:L|UX))?(?: IMPLANTE?S?| IMPLANTABLES?)|\bDMI\b|IMPLANTS?\b|PROTHESES?"
_ALLERGIES = r"ALLERGI(?:ES?|QUES?)(?: (?:CONNUES?|MEDICAMENTEUSES?|IDENTIFIEES?))*|HYPERSENSIBILITES?"
_PENDING = (
    r"(?:RESULTATS?|EXAMENS?|BILANS?|ANALYSES?|PRELEVEMENTS?)(?: D'EXAMENS?| BIOLOGIQUES?)* "
    r"(?:(?:SONT|RESTENT?|EST) )?(?:ENCORE )?(?:EN ATTENTE|ATTENDUS?|EN COURS)"
)
STOPPED = (
    r"(?:TRAITEMENTS?|MEDICAMENTS?)(?: MEDICAMENTEUX)? (?:N'(?:A|ONT) (?:PAS )?ETE |A ETE |ONT ETE )?"
    r"(?:ARRETE|INTERROMPU|SUPPRIME|SUSPENDU)\w*"
    r"(?: (?:PENDANT|DURANT|AU COURS DU?) (?:LE |L'|LA )?\w+)?|^ARRETEE?S?\b"
    r"|^ARRET (?:DE |D'|DES |DU )(?!TRAVAIL|TABAC)(?:TRAITEMENTS?|MEDICAMENTS?)\b"
)
_KEPT = re.compile(
    r"TRAITEMENTS? (?:HABITUELS?|PERSONNELS?|EN COURS|AU LONG COURS)[^.;]{0,30}"
    r"(?:POURSUIVI|INCHANGE|MAINTENU|REPRIS)\w*"
    r"|\bTRAITEMENTS? N'(?:A|ONT) (?:PAS )?ETE (?:ARRETE|INTERROMPU|SUPPRIME|SUSPENDU)|N'ONT PAS ETE ARRETES"
)
_ALL_BACK = re.compile(
    r"\b(?:TOUS LES|L'ENSEMBLE DES) (?:RESULTATS|EXAMENS|BILANS)\b[^.;]{0,40}"
    r"\b(?:REVENUS?|RENDUS?|RECUS?|DISPONIBLES?|CONNUS?)"
)
_NOT_TRANSFUSED = re.compile(
    r"\b(?:PAS|NON|NI) (?:ETE )?TRANSFUSEE\b|\b(?:ELLE|PATIENTE|MADAME|MME)\b.*\bPAS ETE TRANSFUSE\b"
)
_SUBJECTS = (_ADVERSE, _GERMS, _BLOOD, _DERIVATIVES, _DEVICES, _ALLERGIES, _PENDING)
LABELS = re.compile("|".join(f"(?:{one})" for one in _SUBJECTS))
_CLAUSE = re.compile(r"[^.;,]+(?:[.;,]+|$)")
_HER = re.compile(r"(?<!DE LA )\bPATIENTE\b|(?<!DE )\b(?:MADAME|MME)\b|\bELLE\b")
_OF_HER_FAMILY = re.compile(
    r"\b(?:PERE|CONJOINT|MARI|COMPAGNON|EPOUX|FRERES?|SO?E?URS?|SA MERE|GRAND[- ]\w+|COUSINE?S?|ONCLES?|TANTES?"
    r"|AINEE?S?|FRATRIE|FAMILLE|FAMILIA(?:L|LES?|UX))\b"
)
_OF_OTHERS = (OF_THE_CHILD, _OF_HER_FAMILY)


def _hers(letter: Letter, left_out: Sequence[re.Pattern[str]]) -> Letter:
    """The letter without the clauses about somebody else, or about another time."""
    parts = (Part(part.name, part.heading, tuple(_kept(part.lines, left_out))) for part in letter.parts)
    return Letter(tuple(_kept(letter.lines, left_out)), tuple(parts))


def _kept(lines: Sequence[Line], left_out: Sequence[re.Pattern[str]]) -> Iterator[Line]:
    for line in lines:
        if not any(one.search(line.folded) for one in left_out):
            yield line
            continue
        clauses = [match.span() for match in _CLAUSE.finditer(line.folded) if not _is_other(match[0], left_out)]
        text, folded = ("".join(words[start:end] for start, end in clauses) for words in (line.text, line.folded))
        if text.strip():
            yield Line(line.page, text, folded)


def _is_other(clause: str, left_out: Sequence[re.Pattern[str]]) -> bool:
    own = _HER.search(clause) and not EARLIER.search(clause)
    return not own and any(one.search(clause) for one in left_out)


def stated(subject: str, section: str = "") -> Rule:
    """A subject told somewhere, or a section of its own that says something."""
    pattern = re.compile(subject)

    def rule(letter: Letter) -> Told:
        found = told(letter.lines, pattern, LABELS)
        return found if found[0] == State.MET or not section else better(found, filled(letter, section))

    return rule


def _or(pattern: re.Pattern[str], rule: Rule) -> Rule:
    """A sentence that tells it without its label, else the rule."""

    def either(letter: Letter) -> Told:
        line = next((line for line in letter.lines if pattern.search(line.folded)), None)
        return (State.MET, Why.NOTHING, line.page) if line else rule(letter)

    return either


def _of(rule: Rule, *left_out: re.Pattern[str]) -> Rule:
    return lambda letter: rule(_hers(letter, left_out))


blood = _of(_or(_NOT_TRANSFUSED, stated(_BLOOD)), *_OF_OTHERS, EARLIER)
stopped = _or(_KEPT, stated(STOPPED, "stopped"))
adverse_events = _of(stated(_ADVERSE), *_OF_OTHERS, EARLIER)
germs = _of(stated(_GERMS), *_OF_OTHERS)
devices = _of(stated(_DEVICES, "devices"), *_OF_OTHERS)
allergies = _of(stated(_ALLERGIES, "allergies"), *_OF_OTHERS)
pending = _or(_ALL_BACK, stated(_PENDING, "pending"))
