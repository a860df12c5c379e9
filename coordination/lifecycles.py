"""Every status and every transition table of perinat. `services.transitions.move` applies them.

A lifecycle is a table: state → states allowed next. Labels are French, read by screens and by
`docs/state-machines.md`, which is generated from this file. Plain Python: no model, no Django.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Status(enum.StrEnum):
    """A state with its French label: `QUEUED = "QUEUED", "À envoyer"`."""

    label: str

    def __new__(cls, value: str, label: str) -> Status:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]


class ShipmentStatus(Status):
    HELD = "HELD", "En attente d'une condition"
    QUEUED = "QUEUED", "À envoyer"
    SENDING = "SENDING", "Envoi en cours"
    ACCEPTED = "ACCEPTED", "Acceptée par le canal"
    DELIVERED = "DELIVERED", "Remise à la boîte"
    INTEGRATED = "INTEGRATED", "Intégrée par le logiciel"
    REJECTED = "REJECTED", "Refusée"
    FAILED = "FAILED", "En échec"
    CANCELLED = "CANCELLED", "Annulée"


class DocumentStatus(Status):
    DRAFT = "DRAFT", "Brouillon"
    TO_VALIDATE = "TO_VALIDATE", "À valider"
    VALIDATED = "VALIDATED", "Validé"
    REPLACED = "REPLACED", "Remplacé"
    WITHDRAWN = "WITHDRAWN", "Retiré"
    ABANDONED = "ABANDONED", "Abandonné"


class DepositStatus(Status):
    RECEIVED = "RECEIVED", "Reçu"
    TO_CHECK = "TO_CHECK", "À vérifier"
    READY = "READY", "Prêt"
    FILED = "FILED", "Classé"
    REFUSED = "REFUSED", "Refusé"
    DISCARDED = "DISCARDED", "Écarté"


class ReceivedStatus(Status):
    TO_SORT = "TO_SORT", "À classer"
    FILED = "FILED", "Classé"
    KNOWN = "KNOWN", "Déjà classé"
    REPLACED = "REPLACED", "Remplacé"
    DELETED = "DELETED", "Supprimé par l'émetteur"
    DISCARDED = "DISCARDED", "Écarté"


class HandoverStatus(Status):
    TO_PLACE = "TO_PLACE", "À placer"
    ASKED = "ASKED", "Demandé"
    ACCEPTED = "ACCEPTED", "Accepté"
    SCHEDULED = "SCHEDULED", "Daté"
    SEEN = "SEEN", "Vue"
    MISSED = "MISSED", "Visite non faite"
    ESCALATED = "ESCALATED", "En difficulté"
    CLOSED = "CLOSED", "Clos"
    DECLINED_BY_MOTHER = "DECLINED_BY_MOTHER", "Refusé par la mère"


class OfferStatus(Status):
    SENT = "SENT", "Demandée"
    ACCEPTED = "ACCEPTED", "Acceptée"
    DECLINED = "DECLINED", "Déclinée"
    EXPIRED = "EXPIRED", "Expirée"
    WITHDRAWN = "WITHDRAWN", "Retirée"


class WorkItemStatus(Status):
    OPEN = "OPEN", "À faire"
    DONE = "DONE", "Fait"
    DROPPED = "DROPPED", "Sans objet"


class PaperStatus(Status):
    TO_GIVE = "TO_GIVE", "À remettre sur papier"
    GIVEN = "GIVEN", "Remise en main propre"
    OPENED = "OPENED", "Ouverte avec le code"
    DROPPED = "DROPPED", "Sans objet"


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """One state machine: its name, its first states and its table."""

    name: str
    states: type[Status]
    initial: tuple[Status, ...]
    table: dict[Status, tuple[Status, ...]]

    def allows(self, source: Status, target: Status) -> bool:
        return target in self.table[source]


_S, _D, _I = ShipmentStatus, DocumentStatus, DepositStatus
_H, _O, _W, _R = HandoverStatus, OfferStatus, WorkItemStatus, ReceivedStatus
_P = PaperStatus

SHIPMENT = Lifecycle(
    "shipment",
    _S,
    (_S.HELD, _S.QUEUED),
    {
        _S.HELD: (_S.QUEUED, _S.CANCELLED),
        _S.QUEUED: (_S.SENDING, _S.HELD, _S.CANCELLED),
        _S.SENDING: (_S.ACCEPTED, _S.QUEUED, _S.REJECTED, _S.FAILED),
        _S.ACCEPTED: (_S.DELIVERED, _S.INTEGRATED, _S.REJECTED),
        _S.DELIVERED: (_S.INTEGRATED, _S.REJECTED),
        _S.INTEGRATED: (),
        _S.REJECTED: (_S.QUEUED, _S.ACCEPTED, _S.CANCELLED),
        _S.FAILED: (_S.QUEUED, _S.ACCEPTED, _S.CANCELLED),
        _S.CANCELLED: (),
    },
)

DOCUMENT = Lifecycle(
    "document",
    _D,
    (_D.DRAFT, _D.TO_VALIDATE),
    {
        _D.DRAFT: (_D.TO_VALIDATE, _D.ABANDONED),
        _D.TO_VALIDATE: (_D.VALIDATED, _D.DRAFT, _D.ABANDONED),
        _D.VALIDATED: (_D.VALIDATED, _D.REPLACED, _D.WITHDRAWN),  # to itself: a new version replaces the last one
        _D.REPLACED: (),
        _D.WITHDRAWN: (),
        _D.ABANDONED: (),
    },
)

DEPOSIT = Lifecycle(
    "deposit",
    _I,
    (_I.RECEIVED,),
    {
        _I.RECEIVED: (_I.TO_CHECK, _I.READY, _I.REFUSED, _I.DISCARDED),
        _I.TO_CHECK: (_I.READY, _I.FILED, _I.DISCARDED),
        _I.READY: (_I.TO_CHECK, _I.FILED, _I.DISCARDED),
        _I.FILED: (_I.READY,),  # undone within the seconds that follow
        _I.REFUSED: (_I.DISCARDED,),
        _I.DISCARDED: (),
    },
)

RECEIVED = Lifecycle(
    "received",
    _R,
    (_R.TO_SORT,),
    {
        _R.TO_SORT: (_R.FILED, _R.KNOWN, _R.REPLACED, _R.DELETED, _R.DISCARDED),
        _R.FILED: (_R.TO_SORT, _R.REPLACED, _R.DELETED),
        _R.KNOWN: (),
        _R.REPLACED: (_R.DELETED,),
        _R.DELETED: (),
        _R.DISCARDED: (_R.TO_SORT,),
    },
)

HANDOVER = Lifecycle(
    "handover",
    _H,
    (_H.TO_PLACE, _H.ACCEPTED),
    {
        _H.TO_PLACE: (_H.ASKED, _H.ACCEPTED, _H.ESCALATED, _H.DECLINED_BY_MOTHER, _H.CLOSED),
        _H.ASKED: (_H.TO_PLACE, _H.ACCEPTED, _H.ESCALATED, _H.DECLINED_BY_MOTHER, _H.CLOSED),
        _H.ACCEPTED: (_H.SCHEDULED, _H.SEEN, _H.TO_PLACE, _H.MISSED, _H.ESCALATED, _H.DECLINED_BY_MOTHER, _H.CLOSED),
        _H.SCHEDULED: (_H.SCHEDULED, _H.SEEN, _H.MISSED, _H.TO_PLACE, _H.ESCALATED, _H.DECLINED_BY_MOTHER, _H.CLOSED),
        _H.MISSED: (_H.SCHEDULED, _H.SEEN, _H.TO_PLACE, _H.ESCALATED, _H.CLOSED),
        _H.ESCALATED: (_H.ASKED, _H.ACCEPTED, _H.SCHEDULED, _H.SEEN, _H.CLOSED, _H.DECLINED_BY_MOTHER),
        _H.SEEN: (),
        _H.DECLINED_BY_MOTHER: (_H.TO_PLACE,),
        _H.CLOSED: (),
    },
)

OFFER = Lifecycle(
    "offer",
    _O,
    (_O.SENT,),
    {
        _O.SENT: (_O.ACCEPTED, _O.DECLINED, _O.EXPIRED, _O.WITHDRAWN),
        _O.ACCEPTED: (_O.WITHDRAWN,),
        _O.DECLINED: (),
        _O.EXPIRED: (),
        _O.WITHDRAWN: (),
    },
)

WORK_ITEM = Lifecycle(
    "work_item",
    _W,
    (_W.OPEN,),
    {_W.OPEN: (_W.DONE, _W.DROPPED), _W.DONE: (_W.OPEN,), _W.DROPPED: ()},
)

PAPER = Lifecycle(
    "paper",
    _P,
    (_P.TO_GIVE,),
    {
        _P.TO_GIVE: (_P.GIVEN, _P.OPENED, _P.DROPPED),
        _P.GIVEN: (_P.OPENED, _P.DROPPED),
        _P.OPENED: (_P.DROPPED,),
        _P.DROPPED: (),
    },
)

LIFECYCLES = {cycle.name: cycle for cycle in (SHIPMENT, DOCUMENT, DEPOSIT, RECEIVED, HANDOVER, OFFER, WORK_ITEM, PAPER)}
