"""Months that have passed, as perinat would have recorded them: the facts the indicators count, in bulk."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from coordination.models import (
    Blob,
    Document,
    DocumentVersion,
    Event,
    Handover,
    Organisation,
    Person,
    Professional,
    Reading,
    Shipment,
    ShipmentAttempt,
    Stay,
    User,
)
from perinat.standards import codes

LETTER = codes.LETTRE_DE_LIAISON_SORTIE
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Past:
    """One mother. Delays count from her discharge; None: it did not happen."""

    left_at: datetime
    early: bool = False
    letter_after: timedelta | None = None
    bounced_after: timedelta | None = None
    known: bool = True
    placed_after: timedelta | None = None
    seen_after: timedelta | None = None
    read_after: timedelta | None = None


def record(mothers: Iterable[Past], *, maternity: Organisation, midwife: Professional, sender: User) -> list[Stay]:
    """Write these mothers with their relays, letters, attempts and readings; returns their stays."""
    blob = Blob.objects.create(sha256="0" * 64, size=1, media_type="application/pdf", key_id="k")
    batch = _Batch(maternity, midwife, sender, blob)
    for mother in mothers:
        batch.add(mother)
    return batch.save()


class _Batch:
    """Rows to insert, by table, in the order of their keys."""

    def __init__(self, maternity: Organisation, midwife: Professional, sender: User, blob: Blob) -> None:
        self.maternity, self.midwife, self.sender, self.blob = maternity, midwife, sender, blob
        self.rows: dict[type, list] = {
            model: []
            for model in (
                Person, Stay, Handover, Event, Document, DocumentVersion, Shipment, ShipmentAttempt, Reading,
            )
        }  # fmt: skip
        self.links: list = []

    def _keep(self, row: object) -> object:
        self.rows[type(row)].append(row)
        return row

    def add(self, past: Past) -> None:
        born = past.left_at - (60 if past.early else 90) * HOUR
        person = Person(birth_family_name="ANCIENNE", birth_given_names="MERE", sex="F", birth_date=date(1990, 1, 1))
        stay = Stay(
            mother=person, maternity=self.maternity, number=str(uuid4()), admitted_at=born - 9 * HOUR, birth_at=born,
            birth_mode="VAGINAL", expected_discharge_at=past.left_at, discharged_at=past.left_at,
        )  # fmt: skip
        self._keep(person)
        self._keep(stay)
        self._relay(stay, past)
        if past.letter_after is not None:
            self._letter(stay, past)

    def _event(self, subject: str, row: object, source: str, target: str, at: datetime) -> None:
        self._keep(Event(subject=subject, subject_id=row.pk, source=source, target=target, at=at))  # type: ignore[attr-defined]

    def _relay(self, stay: Stay, past: Past) -> None:
        opened = past.left_at - 40 * HOUR
        placed = past.known or past.placed_after is not None
        status = "SEEN" if past.seen_after is not None else "ACCEPTED" if placed else "TO_PLACE"
        relay = Handover(
            stay=stay, person=stay.mother, midwife=self.midwife if placed else None, status=status, opened_at=opened,
            seen_at=past.left_at + past.seen_after if past.seen_after is not None else None,
        )  # fmt: skip
        self._keep(relay)
        self._event("handover", relay, "", "ACCEPTED" if past.known else "TO_PLACE", opened)
        if past.placed_after is not None:
            self._event("handover", relay, "ASKED", "ACCEPTED", past.left_at + past.placed_after)
        if past.seen_after is not None:
            self._event("handover", relay, "ACCEPTED", "SEEN", past.left_at + past.seen_after)

    def _letter(self, stay: Stay, past: Past) -> None:
        assert past.letter_after is not None
        sent = past.left_at + past.letter_after
        document = Document(
            person=stay.mother, stay=stay, organisation=self.maternity, type_code=LETTER.code, title="Lettre",
            status="VALIDATED", set_id=str(uuid4()), author=self.midwife, legal_authenticator=self.midwife,
            created_by=self.sender,
        )  # fmt: skip
        version = DocumentVersion(document=document, number=1, unique_id=str(uuid4()), original=self.blob)
        shipment = Shipment(
            organisation=self.maternity, person=stay.mother, stay=stay, channel="mssante", sender=self.sender,
            status="ACCEPTED", due_at=sent, set_unique_id=str(uuid4()), message_id=str(uuid4()), accepted_at=sent,
        )  # fmt: skip
        attempt = ShipmentAttempt(shipment=shipment, number=1, started_at=sent, ended_at=sent, outcome="ACCEPTED")
        for row in (document, version, shipment, attempt):
            self._keep(row)
        self.links.append(Shipment.versions.through(shipment=shipment, documentversion=version))
        if past.bounced_after is not None:
            self._event("shipment", shipment, "ACCEPTED", "REJECTED", past.left_at + past.bounced_after)
        if past.read_after is not None:
            read_at = past.left_at + past.read_after
            self._keep(Reading(version=version, professional=self.midwife, at=read_at, via="PERINAT"))

    def save(self) -> list[Stay]:
        for model, rows in self.rows.items():
            model._base_manager.bulk_create(rows, batch_size=2000)
        Shipment.versions.through.objects.bulk_create(self.links, batch_size=2000)
        stays = self.rows[Stay]
        for stay in stays:
            stay.recorded_at = stay.admitted_at
        Stay.objects.bulk_update(stays, ["recorded_at"], batch_size=500)
        return stays


def ordinary(left_at: datetime, chance: random.Random, *, progress: float) -> Past:
    """A mother drawn at random; `progress` (0 to 1): how well the territory works that month."""
    early = chance.random() < 0.3
    known = chance.random() < 0.7
    placed = None if known else HOUR * chance.choice([-20, -6, 5, 30]) if chance.random() < 0.9 else None
    seen = None
    if known or placed is not None:
        hours = chance.choice([16, 20, 22] if chance.random() < 0.4 + 0.45 * progress else [30, 52, 60, 90])
        seen = HOUR * hours if chance.random() < 0.75 + 0.15 * progress else None
    letter = HOUR * chance.choice([1, 2] if chance.random() < 0.45 + 0.4 * progress else [20, 40])
    letter = letter if chance.random() < 0.8 + 0.12 * progress else None
    read = None
    if letter is not None and seen is not None and chance.random() < 0.35 + 0.5 * progress:
        read = max(letter, seen - 3 * HOUR)
    return Past(left_at, early, letter, None, known, placed, seen, read)
