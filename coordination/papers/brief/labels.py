"""How hospital papers name each value. A value counts when its label stands just before it.

`key`: reads the words after the label (see `keys`); an answer without a key is no value, unless `free`.
`at_start`: the label begins its line or its sentence, as in a list; elsewhere it would be a word of a story.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from coordination.papers.brief import keys
from coordination.papers.brief.fields import Field


@dataclass(frozen=True, slots=True)
class Label:
    field: Field
    words: re.Pattern[str]
    key: Callable[[str], str]
    at_start: bool = False
    free: bool = False


def _l(field: Field, words: str, key: Callable[[str], str], *, at_start: bool = False, free: bool = False) -> Label:
    return Label(field, re.compile(words), key, at_start, free)


F = Field
MOTHER_LABELS = (
    _l(F.BORN_AT, r"(?<!DATE DE )(?<!NOM DE )(?<!PRENOMS DE )\b(?:NAISSANCE|ACCOUCHEMENT)\b(?: LE)?", keys.moment),
    _l(
        F.TERM,
        r"\bTERME\b(?: DE(?: LA)? \w+)?|\bAGE GESTATIONNEL\b"
        r"|\b(?:ACCOUCHEMENT|NAISSANCE|TRAVAIL|CESARIENNE)\b[^.;\d]{0,60} A(?= \d\d ?SA)",
        keys.term,
    ),
    _l(
        F.MODE,
        r"\b(?:MODE|VOIE) D'ACCOUCHEMENT\b|^MODE\b|\bACCOUCHEMENT\b|(?<!DATE DE )(?<!NOM DE )\bNAISSANCE\b",
        keys.mode,
    ),
    _l(F.PERINEUM, r"\b(?:ETAT DU |ETAT )?PERINE(?:E|AL)\b", keys.perineum),
    _l(F.SCAR, r"\bCICATRICE\b(?: DE CESARIENNE)?", lambda said: "", at_start=True, free=True),
    _l(
        F.BLOOD_LOSS,
        r"\bPERTES?\b(?: DE SANG| SANGUINES?)?(?: ESTIMEES?| TOTALES?| MESUREES?)*|\bSAIGNEMENTS?\b"
        r"|\bHEMORRAGIE\b(?:(?!\b(?:PLUS|MOINS) DE\b|\bSUPERIEUR|\bINFERIEUR)[^.;\d<>≤≥]){0,40}",
        keys.millilitres,
    ),
    _l(F.BLOOD_GROUP, r"\bGROUPE\b(?: SANGUIN| RHESUS| RH| ET| MATERNEL)*", keys.blood_group),
    _l(F.BLOOD_GROUP, r"\bRHESUS\b|\bRH\b", keys.blood_group, at_start=True),
    _l(
        F.ANTI_D,
        r"\b(?:PROPHYLAXIE |INJECTION D'|IMMUNOGLOBULINES? |GAMMAGLOBULINES? )?ANTI[- ]?D\b|\bRHOPHYLAC\b"
        r"|\bPROPHYLAXIE RHESUS\b",
        keys.done,
    ),
    _l(
        F.ALLERGIES,
        r"\bALLERGIES?\b(?: CONNUES?| MEDICAMENTEUSES?| ET INTOLERANCES?)*",
        keys.some,
        at_start=True,
        free=True,
    ),
)
ALONE = (  # told without a label: the word is its own, and begins its line or its sentence
    _l(F.PERINEUM, r"(?<!: )\b(?=EPISIOTOMIE\b)", keys.perineum, at_start=True),
    _l(F.MODE, r"(?<!: )\b(?=(?:FORCEPS|VENTOUSE|SPATULES?)\b)", keys.mode, at_start=True),
)
ALERT_LABELS = (
    _l(F.ALERTS, r"\bEVENEMENTS? INDESIRABLES?(?: GRAVES?)?", keys.some, at_start=True, free=True),
    _l(F.ALERTS, r"\bTRANSFUSIONS?\b(?: SANGUINES?)?", keys.some, at_start=True, free=True),
    _l(F.ALERTS, r"\b(?:GERMES?|BACTERIES?) MULTI[- ]?RESISTANTE?S?|\bBMR\b", keys.some, at_start=True, free=True),
    _l(F.ALERTS, r"\b(?:ALERTES?|VIGILANCE|POINTS? D'ATTENTION|A SURVEILLER)\b", keys.some, at_start=True, free=True),
)
CHILD_LABELS = (
    _l(F.BIRTH_WEIGHT, r"\bPOIDS (?:DE |A LA )?NAISSANCE\b|\bPN\b", keys.grams),
    _l(F.EXIT_WEIGHT, r"\bPOIDS (?:DE |A LA |DU JOUR DE )?SORTIE\b", keys.grams),
    _l(F.LAST_WEIGHT, r"\bPOIDS (?:A )?(?=J ?\d)", keys.weighing),
    _l(F.LOSS, r"\bPERTE (?:DE POIDS|PONDERALE)\b|\bPOIDS (?:DE |A LA )?SORTIE\b", keys.percent),
    _l(F.FEEDING, r"\b(?:MODE D')?ALIMENTATION\b(?: DE L'ENFANT| DU NOUVEAU[- ]NE)?|\bALLAITEMENT\b", keys.feeding),
    _l(F.JAUNDICE, r"\bICTERE\b|\bJAUNISSE\b", keys.some, at_start=True, free=True),
    _l(
        F.JAUNDICE,
        r"\bBILIRUBINE\b(?: TRANSCUTANEE| TOTALE| SANGUINE)?|\bBTC\b",
        lambda said: "",
        at_start=True,
        free=True,
    ),
    _l(F.GUTHRIE, r"\bDEPISTAGES? (?:NEONATA(?:L|UX)|SANGUINS?)\b|\bGUTHRIE\b|\b(?:TEST AU )?BUVARD\b", keys.done),
    _l(
        F.HEARING,
        r"\bAUDITION\b|\b(?:TEST|DEPISTAGE) (?:AUDITIF|DE L'AUDITION|DE LA SURDITE)\b"
        r"|\bOTO[- ]?EMISSIONS?\b(?: ACOUSTIQUES?)?|\bPEAA\b|\bOEA\b",
        keys.hearing,
    ),
    _l(
        F.VACCINES,
        r"\bVACCINATIONS?\b|\bVACCINS?\b(?: RECUS?| FAITS?)?|\bIMMUNISATIONS?\b",
        keys.some,
        at_start=True,
        free=True,
    ),
)
OF_THE_CHILD = re.compile(r"\b(?:ENFANT|NOUVEAU[- ]?NEE?|BEBE)\b")
SEVERAL = re.compile(
    r"\b(?:JUMEAUX?|JUMELLES?|GEMELL\w+|BICHORI\w+|MONOCHORI\w+|TRIPLE[ST]\w*|ENFANT [12]|J1 ?/ ?J2)\b"
)
EARLIER = re.compile(r"\bANTECEDENTS?\b|\bANTERIEUR|\bPRECEDENTE?S?\b|\bEN (?:19|20)\d\d\b")
DENIAL = re.compile(r"\b(?:AUCUNE?|PAS D'|PAS DE|SANS|ABSENCE D[E'])\s*$")
NOT_A_LABEL = re.compile(  # a title, or what is given up
    r"\b(?:COMPTE[- ]RENDU|CR) (?:D'|DE L')\s*$"
    r"|\b(?:SEVRAGE|ARRET|INHIBITION|REFUS)(?: (?!D)\w+)?(?: D'| D[EU] (?:L'|LA )?| )\s*$"
)
_OWN = {F.TERM: "", F.BLOOD_GROUP: r"\bGROUPE SANGUIN\b"}  # « O Rh négatif »: no label inside its own answer
_ALL = (*MOTHER_LABELS, *ALERT_LABELS, *CHILD_LABELS)
ANY = re.compile("|".join(f"(?:{words})" for one in _ALL if (words := _OWN.get(one.field, one.words.pattern))))
