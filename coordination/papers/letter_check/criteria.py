"""What a discharge letter must hold. One table, dated: a change of the law is a change of this file.

Sources: Code de la santé publique, article R.1112-1-2 (décret 2016-995 of 20 July 2016, in force on 1 January 2017);
HAS, indicator QLS (« qualité de la lettre de liaison à la sortie »). The grouping of the items is ours.
WEAK: the three that are met least often nationally (Assurance maladie), told first.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

TABLE = "2026-11-22.2"  # of the criteria and of the rules that look for them; kept with what they found
LAW = "CSP R.1112-1-2"
QLS = "HAS, indicateur QLS"


class Criterion(enum.StrEnum):
    """Stable codes, in the order they are told."""

    HANDED_OVER = "HANDED_OVER"
    FOLLOW_UP = "FOLLOW_UP"
    TREATMENTS = "TREATMENTS"
    STOPPED = "STOPPED"
    DATED = "DATED"
    IDENTITIES = "IDENTITIES"
    STAY = "STAY"
    REASON = "REASON"
    SYNTHESIS = "SYNTHESIS"
    ADVERSE_EVENTS = "ADVERSE_EVENTS"
    RESISTANT_GERMS = "RESISTANT_GERMS"
    BLOOD = "BLOOD"
    DEVICES = "DEVICES"
    ALLERGIES = "ALLERGIES"
    PENDING = "PENDING"


WEAK = (Criterion.HANDED_OVER, Criterion.FOLLOW_UP, Criterion.TREATMENTS)


@dataclass(frozen=True, slots=True)
class Description:
    """`short`: in a list of what is missing; `wanted`: the whole expectation; `sources`: who asks for it."""

    short: str
    wanted: str
    sources: tuple[str, ...]


_C = Criterion
DESCRIPTIONS = {
    _C.HANDED_OVER: Description(
        "remise à la patiente", "La trace que la lettre est remise à la patiente à la sortie", (LAW, QLS)
    ),
    _C.FOLLOW_UP: Description(
        "planification des soins", "Les soins prévus après la sortie : avec qui, et quand", (LAW, QLS)
    ),
    _C.TREATMENTS: Description(
        "traitements de sortie", "Les traitements à la sortie, avec dose et durée, ou « aucun »", (LAW, QLS)
    ),
    _C.STOPPED: Description("traitements arrêtés", "Les traitements arrêtés et pourquoi, ou « aucun »", (LAW, QLS)),
    _C.DATED: Description("date du jour de sortie", "La date de la lettre, celle du jour de la sortie", (LAW, QLS)),
    _C.IDENTITIES: Description(
        "identités", "La patiente, son médecin traitant (ou « aucun ») et qui écrit la lettre", (LAW, QLS)
    ),
    _C.STAY: Description(
        "entrée et sortie", "Les dates et les modalités d'entrée (d'où) et de sortie (vers où)", (LAW, QLS)
    ),
    _C.REASON: Description("motif", "Le motif de l'hospitalisation", (LAW, QLS)),
    _C.SYNTHESIS: Description("synthèse médicale", "La synthèse du séjour : actes, examens, évolution", (LAW, QLS)),
    _C.ADVERSE_EVENTS: Description("événement indésirable", "Un événement indésirable, ou aucun", (LAW,)),
    _C.RESISTANT_GERMS: Description(
        "germe multirésistant", "Un germe multirésistant ou émergent : recherché ou non, trouvé ou non", (LAW,)
    ),
    _C.BLOOD: Description("transfusion", "La transfusion de produits sanguins : oui ou non", (LAW,)),
    _C.DEVICES: Description("dispositif implanté", "Un dispositif médical implanté, ou aucun", (LAW,)),
    _C.ALLERGIES: Description("allergies", "Les allergies, ou « aucune connue »", (QLS,)),
    _C.PENDING: Description("résultats en attente", "Les résultats attendus, ou « aucun »", (LAW, QLS)),
}
