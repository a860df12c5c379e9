"""A small ward for the tests of the core: one maternity, its people, one mother ready to leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import typst
from django.utils import timezone

from coordination import blobs
from coordination.models import (
    Document,
    Mailbox,
    Organisation,
    OrganisationKind,
    Professional,
    Role,
    Stay,
    User,
)
from coordination.services import documents, stays
from perinat.standards import codes, oids
from perinat.standards.identifiers import Ins, ins_key


@cache
def pdf_a() -> bytes:
    """One page of PDF/A-1b."""
    return typst.compile(b"Lettre de liaison", pdf_standards=["a-1b"])


def ins(order: int = 1) -> Ins:
    number = f"29304789{order:05d}"
    return Ins(number + ins_key(number), oids.INS_NIR_TEST)


@dataclass
class Ward:
    """Everything a test of the core needs, already in the database."""

    maternity: Organisation
    doctor: Professional
    doctor_user: User
    secretary: User
    midwife: Professional
    midwife_user: User
    practice: Organisation
    cpts: Organisation
    coordinator: User


def ward() -> Ward:
    entity = Organisation.objects.create(kind=OrganisationKind.LEGAL_ENTITY, name="CH d'essai", finess="997800016")
    maternity = Organisation.objects.create(
        kind=OrganisationKind.MATERNITY, name="Maternité d'essai", finess="997800115", parent=entity,
        facility_code="SA01", practice_code="ETABLISSEMENT", mailbox="perinat@essai.mssante.example",
        ipp_oid="1.2.250.1.999.1.7", deposits_in_dmp=True, city="Valombre", postal_code="78990", phone="+33190000000",
        address_line="1 place du Bac-à-Sable",
    )  # fmt: skip
    practice = Organisation.objects.create(
        kind=OrganisationKind.PRACTICE, name="Cabinet d'essai", finess="997800057", facility_code="SA08",
        mailbox="perinat@cabinet.mssante.example",
    )  # fmt: skip
    cpts = Organisation.objects.create(
        kind=OrganisationKind.CPTS, name="CPTS d'essai", finess="997800214", communes=["78990"]
    )
    doctor = _professional("89900001010", "Hélène", "CORMIER", "G15_10/SM20", maternity)
    midwife = _professional("89900001051", "Claire", "AUBÉPINE", "G15_50", practice)
    Mailbox.objects.create(address="claire@essai.mssante.example", professional=midwife)
    return Ward(
        maternity=maternity,
        doctor=doctor,
        doctor_user=user("medecin", Role.HOSPITAL_DOCTOR, maternity, doctor),
        secretary=user("secretaire", Role.SECRETARY, maternity),
        midwife=midwife,
        midwife_user=user("sagefemme", Role.MIDWIFE, practice, midwife),
        practice=practice,
        cpts=cpts,
        coordinator=user("coordinatrice", Role.COORDINATOR, cpts),
    )


def user(name: str, role: Role, site: Organisation, professional: Professional | None = None) -> User:
    return User.objects.create_user(
        name, f"{name}@perinat.example", "mot-de-passe", role=role, organisation=site, professional=professional
    )


def _professional(rpps: str, given: str, family: str, specialty: str, site: Organisation) -> Professional:
    return Professional.objects.create(
        rpps=rpps, given_name=given, family_name=family, specialty_code=specialty, organisation=site
    )


def mother(*, order: int = 1, qualified: bool = True, ipp: str = "M1") -> stays.PersonEntry:
    return stays.PersonEntry(
        birth_family_name="ACACIA", birth_given_names="LOUISE MARIE", birth_date=date(1993, 4, 12), sex="F", ipp=ipp,
        ins=ins(order) if qualified else None, qualified=qualified, birth_place_cog="78646",
        commune_cog="78990", city="Valombre",
    )  # fmt: skip


def newborn(born_at: datetime, *, rank: int = 1, given: str = "JULES") -> stays.NewbornEntry:
    person = stays.PersonEntry("ACACIA", given, timezone.localdate(born_at), "M", f"E{rank}", birth_place_cog="78646")
    return stays.NewbornEntry(person, rank, born_at, 3400)


def stay(place: Ward, *, with_midwife: bool = True, number: str = "S1", **changes: object) -> Stay:
    """A stay of 80 hours after a vaginal birth, leaving in one hour."""
    leaves = timezone.now() + timedelta(hours=1)
    born = leaves - timedelta(hours=80)
    values: dict[str, object] = {
        "number": number, "mother": mother(), "admitted_at": born - timedelta(hours=8), "birth_at": born,
        "birth_mode": "VAGINAL", "expected_discharge_at": leaves, "physician": place.doctor,
        "newborns": (newborn(born),), "midwife": place.midwife if with_midwife else None,
        "informed_at": timezone.now(),
    }  # fmt: skip
    return stays.record(stays.StayEntry(**{**values, **changes}), maternity=place.maternity, by=place.secretary)  # type: ignore[arg-type]


def letter(place: Ward, of: Stay, *, person: object = None, type_code: str = "") -> Document:
    """A paper waiting for the validation of the doctor."""
    blob = blobs.store(pdf_a(), media_type="application/pdf")
    kind = codes.DOCUMENT_TYPES[type_code or codes.LETTRE_DE_LIAISON_SORTIE.code]
    return documents.draft(
        person=person or of.mother, stay=of, organisation=place.maternity, type_code=kind.code,
        title=kind.type.label, author=place.doctor, legal_authenticator=place.doctor, original=blob, readable=blob,
        by=place.secretary,
    )  # type: ignore[arg-type]  # fmt: skip
