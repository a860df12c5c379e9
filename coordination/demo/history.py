"""Three closed months before the demonstration, so that referents have something to read.

Written directly, as an import of an older system would: nothing was sent, no document holds a
content. These stays never reach a worklist (their follow-up is over) nor the story's count.
"""

from __future__ import annotations

import random
import uuid
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from coordination import blobs, deadlines
from coordination.lifecycles import DocumentStatus, HandoverStatus, ShipmentStatus
from coordination.models import (
    Document,
    DocumentVersion,
    Event,
    Handover,
    Organisation,
    OrganisationKind,
    Person,
    Professional,
    Reading,
    ReadingVia,
    Shipment,
    ShipmentAttempt,
    Stay,
    User,
)
from coordination.services import publications
from perinat.standards import codes
from perinat.standards.identifiers import oid_from_uuid

MONTHS, STAYS_A_MONTH = 3, 56
EMPTY_PAPER = b"%PDF-1.4\n% ancien papier, contenu non repris\n%%EOF\n"
LETTER_SHARES = (0.55, 0.62, 0.7)  # month after month
SAME_DAY, KNOWN, PLACED, SEEN, READ = 0.7, 0.5, 0.55, 0.72, 0.6


def month_start(months_ago: int) -> date:
    """First day of the month that lies `months_ago` before this one."""
    today = timezone.localdate()
    index = today.year * 12 + today.month - 1 - months_ago
    return date(index // 12, index % 12 + 1, 1)


@transaction.atomic
def write() -> int:
    """Write the past and publish its closed months, once; returns the number of stays (0 when already there)."""
    count = _stays()
    publications.publish_closed_months(timezone.now())
    return count


def _stays() -> int:
    if Stay.objects.filter(number__startswith="HISTO-").exists():
        return 0
    chance = random.Random(20261121)  # noqa: S311  # the same past each time
    maternities = list(Organisation.objects.filter(kind=OrganisationKind.MATERNITY).order_by("finess"))
    past = _Past(chance)
    for months_ago in range(MONTHS, 0, -1):
        first = month_start(months_ago)
        for maternity in maternities:
            for number in range(STAYS_A_MONTH):
                past.stay(maternity, first, number, LETTER_SHARES[MONTHS - months_ago])
    return past.count


class _Past:
    """Writes one stay after the other; `chance` decides what happened."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.count = chance, 0
        self.user = User.objects.get(username="admin")
        self.midwives = list(Professional.objects.filter(specialty_code="G15_50", mailboxes__isnull=False))
        self.empty = blobs.store(
            b"%PDF-1.4\n% ancien papier, contenu non repris\n%%EOF\n", media_type="application/pdf"
        )

    def stay(self, maternity: Organisation, first: date, number: int, letter_share: float) -> None:
        left = datetime.combine(first + timedelta(days=number % 28), time(9 + number % 6, 15), tzinfo=deadlines.PARIS)
        born = left - timedelta(hours=80 if number % 5 else 50)
        mother = Person.objects.create(
            birth_family_name=f"PASSE{chr(65 + number % 26)}", birth_given_names="ANCIENNE", sex="F",
            birth_date=date(1990, 1 + number % 12, 1 + number % 27),
        )  # fmt: skip
        stay = Stay.objects.create(
            mother=mother, maternity=maternity, number=f"HISTO-{first:%y%m}-{number:03d}",
            admitted_at=born - timedelta(hours=9), birth_at=born, birth_mode="VAGINAL",
            expected_discharge_at=left, discharged_at=left,
        )  # fmt: skip
        Stay.objects.filter(pk=stay.pk).update(recorded_at=born)
        midwife = self.chance.choice(self.midwives)
        seen_at = self._handover(stay, midwife, left)
        if self.chance.random() < letter_share:
            self._letter(stay, midwife, left, seen_at)
        self.count += 1

    def _event(self, subject: str, pk: uuid.UUID, source: str, target: str, at: datetime, stay: Stay) -> None:
        Event.objects.create(
            subject=subject, subject_id=pk, source=source, target=target, at=at, stay_id=stay.pk,
            organisation_id=stay.maternity_id,
        )  # fmt: skip

    def _handover(self, stay: Stay, midwife: Professional, left: datetime) -> datetime | None:
        chance = self.chance
        known = chance.random() < KNOWN
        placed_at = left - timedelta(hours=6) if chance.random() < PLACED else left + timedelta(hours=9)
        seen = chance.random() < SEEN
        seen_at = left + timedelta(hours=chance.choice((18, 22, 40, 44, 60))) if seen else None
        row = Handover(
            stay=stay, person=stay.mother, midwife=midwife, opened_at=stay.admitted_at,
            status=HandoverStatus.SEEN if seen else HandoverStatus.CLOSED, seen_at=seen_at,
            closed_reason="" if seen else "Sans nouvelles", accepted_at=stay.admitted_at if known else placed_at,
            visit_due_at=deadlines.first_visit_due(left, early=stay.is_early),
        )  # fmt: skip
        row.save(force_insert=True)
        if known:
            self._event("handover", row.pk, "", "ACCEPTED", stay.admitted_at, stay)
        else:
            self._event("handover", row.pk, "", "TO_PLACE", stay.admitted_at, stay)
            self._event("handover", row.pk, "TO_PLACE", "ACCEPTED", placed_at, stay)
        if seen_at:
            self._event("handover", row.pk, "ACCEPTED", "SEEN", seen_at, stay)
        else:
            self._event("handover", row.pk, "ACCEPTED", "CLOSED", left + timedelta(days=6), stay)
        return seen_at

    def _letter(self, stay: Stay, midwife: Professional, left: datetime, seen_at: datetime | None) -> None:
        sent = left + timedelta(hours=2 if self.chance.random() < SAME_DAY else 26)
        author = Professional.objects.filter(organisation=stay.maternity, civility="Dr").first()
        assert author is not None
        document = Document.objects.create(
            person=stay.mother, stay=stay, organisation=stay.maternity, type_code=codes.LETTRE_DE_LIAISON_SORTIE.code,
            title="Lettre de liaison (historique)", status=DocumentStatus.REPLACED, set_id=oid_from_uuid(uuid.uuid4()),
            author=author, legal_authenticator=author, created_by=self.user,
        )  # fmt: skip
        version = DocumentVersion.objects.create(
            document=document, number=1, unique_id=oid_from_uuid(uuid.uuid4()), original=self.empty,
            readable=self.empty, validated_at=sent, validated_by=self.user,
        )  # fmt: skip
        shipment = Shipment.objects.create(
            organisation=stay.maternity, person=stay.mother, stay=stay, channel="mssante", sender=self.user,
            recipient=midwife, recipient_name=str(midwife), status=ShipmentStatus.ACCEPTED, due_at=sent,
            accepted_at=sent, action="REPLACE", set_unique_id=oid_from_uuid(uuid.uuid4()),
            message_id=f"histo-{uuid.uuid4()}@perinat.example",
        )  # fmt: skip
        shipment.versions.set([version])
        ShipmentAttempt.objects.create(
            shipment=shipment, number=1, started_at=sent, ended_at=sent, outcome="ACCEPTED", code="historique"
        )
        if seen_at and sent < seen_at and self.chance.random() < READ:
            Reading.objects.create(
                version=version, professional=midwife, at=seen_at - timedelta(minutes=50), via=ReadingVia.PERINAT
            )
