"""The page of papers to hand over, and what a one-time code shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from coordination.lifecycles import PaperStatus
from coordination.models import PaperCode, PaperDelivery, Shipment
from coordination.selectors.display import Chip, chip_of_row
from coordination.selectors.fallback_view import chains, story
from coordination.selectors.identity import mother_name


@dataclass(frozen=True, slots=True)
class Paper:
    """One document of the sending. `about`: whose it is, in words."""

    document_id: UUID
    version_id: UUID
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class LivingCode:
    """`used_by`: who has typed it, empty while nobody has; she is its only reader."""

    created_at: datetime
    expires_at: datetime
    used_by: str
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Handing:
    """What there is to hand over, to whom, and the code that goes with it."""

    shipment_id: UUID
    stay_id: UUID
    mother: str
    recipient: str
    organisation: str
    phones: str
    chip: Chip
    chain: tuple[str, ...]
    papers: tuple[Paper, ...]
    to_give: bool
    code: LivingCode | None


def handing(paper: PaperDelivery) -> Handing:
    """Everything the page of a paper says."""
    shipment = paper.shipment
    who = shipment.recipient
    phones = [one for one in (who.phone, who.organisation.phone) if one] if who else []
    rows = Shipment.objects.filter(stay=shipment.stay_id, recipient=shipment.recipient_id)
    known = rows.select_related("mailbox__organisation").prefetch_related("papers").order_by("created_at")
    chain = next((chain for chain in chains(known) if shipment in chain), [])
    return Handing(
        shipment_id=shipment.pk,
        stay_id=paper.stay_id,
        mother=mother_name(paper.stay.mother),
        recipient=shipment.recipient_name,
        organisation=who.organisation.name if who else "",
        phones=" ou ".join(dict.fromkeys(phones)),
        chip=chip_of_row(paper),
        chain=story(chain).chain if chain else (),
        papers=papers_of(shipment),
        to_give=paper.status == PaperStatus.TO_GIVE,
        code=_living(paper),
    )


def papers_of(shipment: Shipment) -> tuple[Paper, ...]:
    rows = shipment.versions.select_related("document__person", "document__stay").defer("frozen")
    return tuple(
        Paper(
            version.document_id,
            version.pk,
            version.document.title,
            f"enfant {version.document.person.first_given_name.capitalize()}"
            if version.document.is_about_newborn
            else "mère",
        )
        for version in rows.order_by("document__created_at")
    )


def _living(paper: PaperDelivery) -> LivingCode | None:
    codes = paper.codes.filter(revoked_at__isnull=True, expires_at__gt=timezone.now()).select_related("used_by")
    code: PaperCode | None = codes.first()
    if code is None:
        return None
    return LivingCode(code.created_at, code.expires_at, str(code.used_by or ""), code.used_at)
