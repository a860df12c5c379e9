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
    r"(?:TRAITEMENTS?|MEDICAMENTS?)(?: MEDICAMENTEUX)? (?:N'A ETE |A ETE |ONT ETE )?"
    r"(?:ARRETE|INTERROMPU|SUPPRIME|SUSPENDU)\w*"
    r"(?: (?:PENDANT|DURANT|AU COURS DU?) (?:LE |L'|LA )?\w+)?|^ARRETEE?S?\b"
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


def blood(letter: Letter) -> Told:
    line = next((line for line in letter.lines if _NOT_TRANSFUSED.search(line.folded)), None)
    return (State.MET, Why.NOTHING, line.page) if line else stated(_BLOOD)(letter)


stopped = stated(STOPPED, "stopped")
adverse_events = stated(_ADVERSE)
germs = stated(_GERMS)
devices = stated(_DEVICES, "devices")
allergies = stated(_ALLERGIES, "allergies")
pending = stated(_PENDING, "pending")
