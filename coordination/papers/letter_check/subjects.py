"""What a letter must answer by yes or no: adverse event, germ, blood, device, allergies, results, what was stopped."""

from __future__ import annotations

import re

from coordination.papers.letter_check.letter import Letter
from coordination.papers.letter_check.report import State, Why
from coordination.papers.letter_check.statements import Rule, Told, better, filled, told

_ADVERSE = r"EVENEMENTS? INDESIRABLES?(?: GRAVES?)?(?: ASSOCIES? AUX SOINS)?(?: SURVENUS?[^:.]{0,40})?|\bEIAS\b"
_GERMS = (
    r"(?:(?:GERMES?|BACTERIES?|MICRO[- ]?ORGANISMES?|AGENTS?)(?: PATHOGENES?)? )?(?:MULTI[- ]?RESISTANTE?S?)"
    r"(?: (?:OU|ET) EMERGENT\w*)?(?: \((?:BMR|BHRE?)\))?|\bBMR(?: ?/ ?BHRE?)?\b|\bBHRE?\b|\bBLSE\b|\bSARM\b"
)
_BLOOD = (
    r"TRANSFUSION\w*(?: SANGUINES?| DE PRODUITS? SANGUINS?)?|PRODUITS? (?:SANGUINS?|DERIVES? DU SANG)|DERIVES? DU SANG"
)
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
_NOT_TRANSFUSED = re.compile(r"\b(?:PAS|NON|NI) (?:ETE )?TRANSFUSEE?")
LABELS = re.compile("|".join(f"(?:{one})" for one in (_ADVERSE, _GERMS, _BLOOD, _DEVICES, _ALLERGIES, _PENDING)))


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


blood = _or(_NOT_TRANSFUSED, stated(_BLOOD))
stopped = _or(_KEPT, stated(STOPPED, "stopped"))
adverse_events = stated(_ADVERSE)
germs = stated(_GERMS)
devices = stated(_DEVICES, "devices")
allergies = stated(_ALLERGIES, "allergies")
pending = _or(_ALL_BACK, stated(_PENDING, "pending"))
