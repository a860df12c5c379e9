"""Refusals of the connector: each becomes a NACK and a line for the ward."""

from __future__ import annotations

from perinat.standards.pushed import IntakeRefusal

# HL7 table 0357, the codes of CI-SIS « messageErrorCondition »
SEGMENT, MISSING, TYPE, VALUE = "100", "101", "102", "103"
MESSAGE, EVENT, PROCESSING, VERSION, INTERNAL = "200", "201", "202", "203", "207"

CONDITIONS = {
    "0": "Message accepted",
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "207": "Application error",
}
# CI-SIS « applicationErrorCode »: only with 207
APPLICATION = {
    "900": "Version du document non à jour",
    "901": "Auteur ou organisation non autorisé",
    "902": "Identifiant de patient inconnu",
    "903": "INS absente du document",
    "904": "INS ou traits différents de l'identité locale",
    "905": "INS incomplète",
    "906": "Autre erreur",
}


class Hl7RefusedError(Exception):
    """The message cannot be taken; `refusal` says why, without a name nor a number of a person."""

    def __init__(self, message_fr: str, condition: str = INTERNAL, place: str = "", application: str = "") -> None:
        super().__init__(condition)
        application = application or ("906" if condition == INTERNAL else "")
        self.refusal = IntakeRefusal(message_fr, condition, application, place)
