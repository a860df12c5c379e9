"""What the tree of CSE-CS8 cannot say: facts that agree with each other, and what the header must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coordination.cda.model import PARTICIPANTS, DocumentContent
from coordination.cda.spec.checking import Problem

_CAESAREANS = ("MED-1253", "MED-1273")  # JDV_MethodeAccouchement: during labour, planned
_BY_CAESAREAN = "11466000"  # JDV_ModeDebutTravail


def caesarean(body: Mapping[str, Any]) -> Iterator[Problem]:
    """A reason, or a labour « by caesarean », goes with a caesarean only."""
    told = body["labour"]["events"]
    if told["birth_mode"] in _CAESAREANS:
        return
    if "caesarean_reason" in told:
        yield Problem("body.labour.events.caesarean_reason", "une cause de césarienne n'accompagne qu'une césarienne")
    if told["labour_onset"] == _BY_CAESAREAN:
        yield Problem("body.labour.events.labour_onset", "un début par césarienne n'accompagne qu'une césarienne")


def parity(body: Mapping[str, Any]) -> Iterator[Problem]:
    told = body["pregnancies"]
    if told["parity"] > told["gravidity"]:
        yield Problem("body.pregnancies.parity", "la parité dépasse la gestité")


def hearing(body: Mapping[str, Any]) -> Iterator[Problem]:
    """E_acte_CSE-CS8: a result when the screening was done, none otherwise."""
    told = body["newborn"]["acts"]["hearing"]
    if told["done"] != ("result" in told):
        yield Problem(
            "body.newborn.acts.hearing.result", "le résultat est attendu quand le dépistage est fait, et alors seul"
        )


def other_pathology(body: Mapping[str, Any]) -> Iterator[Problem]:
    told = body["newborn"]["first_week"]["other"]
    if "comment" in told and not told["present"]:
        yield Problem("body.newborn.first_week.other.comment", "ce commentaire décrit une pathologie dite absente")


def places(content: DocumentContent) -> Iterator[Problem]:
    """Entete_CSE-CS8: the postal codes of the child and of the physician's structure."""
    if not content.patient.address.postal_code.strip():
        yield Problem("patient.address.postal_code", "le code postal de l'adresse de l'enfant")
    performer = content.performer or content.author
    if not performer.organization.address.postal_code.strip():
        where = f"{'performer' if content.performer else 'author'}.organization.address.postal_code"
        yield Problem(where, "le code postal de la structure du médecin qui a réalisé l'examen")


def correspondent(content: DocumentContent) -> Iterator[Problem]:
    """Entete_CSE-CS8: among participants with a function, one must be a correspondent."""
    roles = {given.role for given in content.participants if PARTICIPANTS[given.role][1]}
    if roles and "correspondent" not in roles:
        yield Problem("participants", "un correspondant (le médecin qui suivra l'enfant)")
