"""Why a pushed message changes nothing: the refusal that goes back to its sender and to the ward."""

from __future__ import annotations

from perinat.standards.pushed import IntakeRefusal

# CI-SIS « applicationErrorCode »
NOT_LATEST, NOT_ALLOWED, UNKNOWN_PERSON, NO_INS, OTHER_IDENTITY, OTHER = "900", "901", "902", "903", "904", "906"
MISSING = "101"


class PushRefusedError(Exception):
    """Raised inside the transaction of the message: nothing of it is kept but its row."""

    def __init__(self, refusal: IntakeRefusal) -> None:
        super().__init__(refusal.application or refusal.condition)
        self.refusal = refusal


def refused(message_fr: str, application: str = OTHER, place: str = "", *, again: bool = False) -> PushRefusedError:
    """A refusal of perinat itself (207 and its code)."""
    return PushRefusedError(IntakeRefusal(message_fr, application=application, place=place, again=again))


def missing(message_fr: str, place: str) -> PushRefusedError:
    """A field that the norm leaves optional, and without which this message cannot be taken."""
    return PushRefusedError(IntakeRefusal(message_fr, condition=MISSING, application="", place=place))
