"""Who reads a shared record and whose it is, for the `DocumentSource`."""

from __future__ import annotations

from datetime import UTC, datetime

from coordination.models import LocalIdentifier, Person, Stay, User
from coordination.ports import Reader
from coordination.selectors import parcels
from perinat.standards import xds
from perinat.standards.shared_record import RecordDocument


def reader(user: User, *, signed_in_at: datetime) -> Reader:
    """A professional signed in with Pro Santé Connect, in her own structure."""
    assert user.professional is not None and user.organisation is not None
    own, site = user.professional, user.organisation
    institution = xds.Institution(site.name, site.struct_idnat)
    person = xds.Professional(own.ps_idnat, own.family_name, own.given_name, own.specialty, institution)
    return Reader(parcels.sender(site, person), signed_in_at)


def people(stay: Stay) -> list[Person]:
    """Whose records may be asked from this stay: the mother, then each child who is still followed with her."""
    births = stay.newborns.filter(link_ended_at__isnull=True).select_related("person").order_by("rank")
    return [stay.mother, *(birth.person for birth in births)]


def patient(stay: Stay, person: Person) -> xds.SourcePatient:
    """The mother, or her child, as the maternity knows them."""
    known = LocalIdentifier.objects.filter(person=person, organisation=stay.maternity_id)
    return xds.SourcePatient(
        birth_family_name=person.birth_family_name,
        birth_given_names=" ".join(person.birth_given_names.split()),
        birth_date=person.birth_date,
        sex=person.sex,
        local_id=known.values_list("value", flat=True).first() or "",
        local_oid=stay.maternity.ipp_oid,
        ins=person.ins,
    )


def moment(document: RecordDocument) -> datetime:
    """When a document of a record is placed in the list: the act it tells, else its writing."""
    return document.service_start or document.created_at or datetime.min.replace(tzinfo=UTC)
