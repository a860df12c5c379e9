"""Who reads a shared record and whose it is, for the `DocumentSource`."""

from __future__ import annotations

from datetime import UTC, datetime

from coordination.models import LocalIdentifier, Stay, User
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


def patient(stay: Stay) -> xds.SourcePatient:
    """The mother as her maternity knows her."""
    mother = stay.mother
    known = LocalIdentifier.objects.filter(person=mother, organisation=stay.maternity_id)
    return xds.SourcePatient(
        birth_family_name=mother.birth_family_name,
        birth_given_names=" ".join(mother.birth_given_names.split()),
        birth_date=mother.birth_date,
        sex=mother.sex,
        local_id=known.values_list("value", flat=True).first() or "",
        local_oid=stay.maternity.ipp_oid,
        ins=mother.ins,
    )


def moment(document: RecordDocument) -> datetime:
    """When a document of a record is placed in the list: the act it tells, else its writing."""
    return document.service_start or document.created_at or datetime.min.replace(tzinfo=UTC)
