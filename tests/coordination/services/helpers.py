"""What the tests of the services share: papers sent, mails that come back, queues emptied."""

from __future__ import annotations

import hashlib
import itertools
from datetime import datetime, timedelta

from django.utils import timezone

from coordination.models import CareRole, Document, Mailbox, Newborn, Organisation, Professional, Shipment, Stay
from coordination.ports import Incoming, ReceiptKind
from coordination.services import documents, outbox, stays
from tests.coordination import world

_numbers = itertools.count(1)
RPPS = ("89900001028", "89900001036", "89900001044", "89900001069", "89900001077", "89900001085", "89900001093")


def validated(ward: world.Ward, stay: Stay, *, person: object = None, type_code: str = "") -> Document:
    """A paper validated by its doctor: its shipments are queued."""
    paper = world.letter(ward, stay, person=person, type_code=type_code)
    documents.validate(paper, by=ward.doctor_user)
    return paper


def child(stay: Stay, rank: int = 1) -> object:
    return Newborn.objects.get(stay=stay, rank=rank).person


def shipment(channel: str = "mssante") -> Shipment:
    return Shipment.objects.get(channel=channel)


def deliver(one: Shipment) -> str | None:
    """One try, now."""
    Shipment.objects.filter(pk=one.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    return outbox.deliver(one.pk)


def deliver_all() -> None:
    for one in Shipment.objects.filter(status="QUEUED"):
        deliver(one)


def receipt(
    kind: ReceiptKind, about: Shipment | str, *, code: str = "", at: datetime | None = None, **more: str
) -> Incoming:
    """A mail that came back about a shipment (or about a Message-ID)."""
    number = next(_numbers)
    named = about if isinstance(about, str) else about.message_id
    raw = f"mail {number}".encode()
    values = {"recipient": "claire@essai.mssante.example", "mailbox": "perinat@essai.mssante.example"} | more
    return Incoming(
        token=str(number), kind=kind, message_id=named, recipient=values["recipient"], at=at or timezone.now(),
        code=code, message_fr="Phrase du canal.", raw=raw, digest=hashlib.sha256(raw).hexdigest(),
        mailbox=values["mailbox"],
    )  # fmt: skip


def professional(site: Organisation, number: int = 0, *, family: str = "BRUYÈRE", mailbox: bool = True) -> Professional:
    """One more carer, with her mailbox or without."""
    made = Professional.objects.create(rpps=RPPS[number], given_name="Lucie", family_name=family, organisation=site)
    if mailbox:
        Mailbox.objects.create(address=f"lucie{number}@essai.mssante.example", professional=made)
    return made


def follow(
    ward: world.Ward, stay: Stay, carer: Professional, role: CareRole = CareRole.GP, *, informed: bool = True
) -> None:
    informed_at = timezone.now() if informed else None
    stays.join_care_team(stay, carer, role=role, informed_at=informed_at, by=ward.secretary)
