"""Documents that come from outside: real CDA of the product's own builder, in archives and mails of `tests/mssante`."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from coordination.cda import builder
from coordination.cda.model import DocumentContent
from coordination.models import ReceivedDocument, ReceivedMail
from coordination.ports import Incoming
from coordination.services import collection
from mssante import receipts
from tests.coordination import world
from tests.coordination.cda import samples
from tests.fakes import FakeChannel
from tests.mssante.archives import archive, with_archive

MAILBOX = "perinat@essai.mssante.example"
ASKED = "Disposition-Notification-To: ville@essai.mssante.example\r\n"


def content(**patient: Any) -> DocumentContent:
    """A letter about the mother of `world`, written in town."""
    known = world.mother()
    traits = {name: getattr(known, name) for name in ("birth_family_name", "birth_given_names", "birth_date", "sex")}
    person = replace(samples.LETTER.patient, **(traits | {"ins": world.ins()} | patient))
    return replace(samples.LETTER, patient=person, pdf=world.pdf_a())


def cda(unique_id: str = "1.2.250.1.999.9.1", *, replaces: str = "", **patient: Any) -> bytes:
    letter = replace(content(**patient), replaces_unique_id=replaces, version=2 if replaces else 1)
    return builder.build(letter, unique_id=unique_id, now=samples.NOW)


def incoming(raw: bytes, mailbox: str = MAILBOX) -> Incoming:
    at = datetime(2026, 3, 16, 8, 5, tzinfo=UTC)
    return replace(receipts.parse(raw, token=hashlib.sha256(raw).hexdigest()[:8], received_at=at), mailbox=mailbox)


def arrive(fakes: dict[str, FakeChannel], *raws: bytes, mailbox: str = MAILBOX) -> list[ReceivedDocument]:
    """These mails come into the box; the documents they made, in order."""
    before = set(ReceivedDocument.objects.values_list("pk", flat=True))
    fakes["mssante"].mail = [incoming(raw, mailbox) for raw in raws]
    collection.collect("mssante")
    assert not fakes["mssante"].mail, "not acknowledged"
    return list(ReceivedDocument.objects.exclude(pk__in=before).order_by("received_at", "rank"))


def letter(
    fakes: dict[str, FakeChannel],
    unique_id: str = "1.2.250.1.999.9.1",
    *,
    number: int = 1,
    action: str = "",
    sender: str = "ville@essai.mssante.example",
    replaces: str = "",
    **patient: Any,
) -> ReceivedDocument:
    """One letter in one mail that asks what became of it."""
    said: dict[str, Any] = {"unique_id": unique_id, "action": action}
    packed = archive(cda(unique_id, replaces=replaces, **patient), **said)
    (document,) = arrive(fakes, with_archive(packed, headers=ASKED, number=number, sender=sender))
    return document


def mail_of(document: ReceivedDocument) -> ReceivedMail:
    return ReceivedMail.objects.get(pk=document.mail_id)
