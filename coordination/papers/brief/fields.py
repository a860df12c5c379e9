"""What the card shows, in its order."""

from __future__ import annotations

import enum

RULES = "2026-11-22.5"  # a change of the readers changes it: what older readers found is read again


class Field(enum.StrEnum):
    BORN_AT = "BORN_AT"
    TERM = "TERM"
    MODE = "MODE"
    PERINEUM = "PERINEUM"
    SCAR = "SCAR"
    BLOOD_LOSS = "BLOOD_LOSS"
    BLOOD_GROUP = "BLOOD_GROUP"
    ANTI_D = "ANTI_D"
    TREATMENTS = "TREATMENTS"
    PREGNANCY_TREATMENTS = "PREGNANCY_TREATMENTS"
    ALLERGIES = "ALLERGIES"
    ALERTS = "ALERTS"
    FOLLOW_UP = "FOLLOW_UP"
    BIRTH_WEIGHT = "BIRTH_WEIGHT"
    EXIT_WEIGHT = "EXIT_WEIGHT"
    LAST_WEIGHT = "LAST_WEIGHT"
    LOSS = "LOSS"
    FEEDING = "FEEDING"
    JAUNDICE = "JAUNDICE"
    GUTHRIE = "GUTHRIE"
    VACCINES = "VACCINES"
    HEARING = "HEARING"
    OTHER_SCREENING = "OTHER_SCREENING"
    CHILD_ALERTS = "CHILD_ALERTS"
    CHILD_FOLLOW_UP = "CHILD_FOLLOW_UP"


F = Field
DEAD = "DEATH=YES"  # key of an alert
ONLY_WHEN_FOUND = frozenset(  # not expected: their absence is not told
    {F.LAST_WEIGHT, F.PREGNANCY_TREATMENTS, F.OTHER_SCREENING, F.CHILD_ALERTS}
)
BIRTH = (F.BORN_AT, F.TERM, F.MODE, F.PERINEUM, F.SCAR, F.BLOOD_LOSS)
MOTHER = (
    *(F.ALERTS, F.BLOOD_GROUP, F.ANTI_D, F.ALLERGIES),
    *(F.TREATMENTS, F.PREGNANCY_TREATMENTS, F.FOLLOW_UP),
)
CHILD = (
    *(F.CHILD_ALERTS, F.BIRTH_WEIGHT, F.EXIT_WEIGHT, F.LOSS, F.LAST_WEIGHT, F.FEEDING, F.JAUNDICE),
    *(F.GUTHRIE, F.OTHER_SCREENING, F.HEARING, F.VACCINES, F.CHILD_FOLLOW_UP),
)
NAMES = {
    F.BORN_AT: "Naissance",
    F.TERM: "Terme",
    F.MODE: "Mode",
    F.PERINEUM: "Périnée",
    F.SCAR: "Cicatrice",
    F.BLOOD_LOSS: "Pertes de sang",
    F.BLOOD_GROUP: "Groupe et rhésus",
    F.ANTI_D: "Anti-D",
    F.TREATMENTS: "Traitement",
    F.PREGNANCY_TREATMENTS: "Traitement pendant la grossesse",
    F.ALLERGIES: "Allergies",
    F.ALERTS: "Alertes",
    F.FOLLOW_UP: "Suivi prévu",
    F.BIRTH_WEIGHT: "Poids de naissance",
    F.EXIT_WEIGHT: "Poids de sortie",
    F.LAST_WEIGHT: "Autre pesée",
    F.LOSS: "Perte de poids",
    F.FEEDING: "Alimentation",
    F.JAUNDICE: "Ictère",
    F.GUTHRIE: "Dépistage néonatal (Guthrie)",
    F.VACCINES: "Vaccination",
    F.HEARING: "Audition",
    F.OTHER_SCREENING: "Autres dépistages",
    F.CHILD_ALERTS: "Alertes",
    F.CHILD_FOLLOW_UP: "Suivi prévu",
}
