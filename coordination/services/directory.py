"""Somebody of the national directory is chosen for a mother: she becomes a professional of perinat, audited."""

from __future__ import annotations

from django.db import transaction

from coordination import audit
from coordination.models import (
    Mailbox,
    MailboxKind,
    MirrorMailbox,
    MirrorPlace,
    MirrorPractice,
    Organisation,
    OrganisationKind,
    Professional,
    User,
)
from perinat.standards import codes

OTHER_SECTOR = "SA07"  # cabinet individuel


class NotAdoptedError(Exception):
    """She cannot be taken as she is published."""

    message_fr = (
        "L’Annuaire Santé ne dit pas la spécialité de ce professionnel comme perinat en a besoin. "
        "L’administrateur peut l’ajouter."
    )


@transaction.atomic
def adopt(practice: MirrorPractice, *, by: User) -> Professional:
    """The professional of this RPPS, created with her place and her addresses when perinat does not know her.

    No account is made. An address that perinat knows for somebody else stays theirs. Raises NotAdoptedError.
    """
    person = practice.person
    known = Professional.objects.filter(rpps=person.rpps).first()
    if known is not None:
        return known
    if person.specialty_code not in codes.SPECIALTIES:
        raise NotAdoptedError
    professional = Professional.objects.create(
        rpps=person.rpps, family_name=person.family_name, given_name=person.given_name,
        specialty_code=person.specialty_code, organisation=_organisation(practice.place, by),
    )  # fmt: skip
    audit.record("professional.from_directory", by=by, subject=professional)
    boxes = [*practice.mailboxes.filter(gone_at__isnull=True), *person.mailboxes.filter(gone_at__isnull=True)]
    for box in boxes:
        if box.kind in (MailboxKind.PER, MailboxKind.CAB):
            _add(box, professional=professional)
    return professional


def _organisation(place: MirrorPlace, by: User) -> Organisation:
    """Her place by its FINESS, else by its name and postal code among the practices."""
    if place.finess:
        found = Organisation.objects.filter(finess=place.finess).first()
    else:
        practices = Organisation.objects.filter(kind=OrganisationKind.PRACTICE, finess__isnull=True)
        found = practices.filter(name=place.name, postal_code=place.postal_code).first()
    if found is not None:
        return found
    made = Organisation.objects.create(
        kind=OrganisationKind.PRACTICE, name=place.name, finess=place.finess or None,
        facility_code=place.sector if place.sector in codes.FACILITIES else OTHER_SECTOR,
        phone=place.phone, address_line=place.line, postal_code=place.postal_code, city=place.city,
    )  # fmt: skip
    audit.record("organisation.from_directory", by=by, subject=made)
    for box in place.mailboxes.filter(gone_at__isnull=True, kind=MailboxKind.ORG):
        _add(box, organisation=made)
    return made


def _add(box: MirrorMailbox, **owner: Professional | Organisation) -> None:
    if not Mailbox.objects.filter(address__iexact=box.address).exists():
        Mailbox.objects.create(address=box.address, kind=box.kind, **owner)
