"""A document's content as JSON and back: what a validation freezes.

The PDF (a file of its own), the INS (it may arrive later, for a newborn) and the version's numbers
are left out and given again when thawing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from coordination.cda.model import (
    Address,
    DocumentContent,
    EncounterContent,
    Guardian,
    OrganizationContent,
    PatientContent,
    ProfessionalContent,
)
from perinat.standards import codes
from perinat.standards.identifiers import Ins


def freeze(value: DocumentContent) -> dict[str, Any]:
    """JSON-ready dict of a content; `thaw` is its inverse."""
    encounter = value.encounter
    return {
        "type": value.type.code,
        "title": value.title,
        "patient": _freeze_patient(value.patient),
        "author": _freeze_professional(value.author),
        "authored_at": value.authored_at.isoformat(),
        "legal_authenticator": _freeze_professional(value.legal_authenticator),
        "authenticated_at": value.authenticated_at.isoformat(),
        "custodian": _freeze_organization(value.custodian),
        "encounter": {
            "start": encounter.start.isoformat(),
            "end": encounter.end.isoformat() if encounter.end else None,
            "facility": encounter.facility.code,
            "practice": encounter.practice.code,
        },
        "set_id": value.set_id,
    }


def with_sealed_ins(data: dict[str, Any], content: DocumentContent) -> dict[str, Any]:
    """The frozen content with the INS that the sealed bytes carry: a later correction changes neither."""
    guardian = content.patient.guardian
    numbers = {"patient": content.patient.ins, "guardian": guardian.ins if guardian else None}
    return {**data, "sealed": {who: [ins.matricule, ins.oid] if ins else None for who, ins in numbers.items()}}


def sealed_ins(data: dict[str, Any], who: str) -> Ins | None:
    """The INS inside the sealed bytes; `who`: patient or guardian."""
    number = data["sealed"][who]
    return Ins(*number) if number else None


def thaw(
    data: dict[str, Any],
    *,
    ins: Ins | None,
    guardian_ins: Ins | None,
    version: int,
    replaces_unique_id: str,
    pdf: bytes,
) -> DocumentContent:
    """The content again. `ins` and `guardian_ins` are those of qualified identities, else None."""
    encounter = data["encounter"]
    return DocumentContent(
        type=codes.DOCUMENT_TYPES[data["type"]],
        title=data["title"],
        patient=_thaw_patient(data["patient"], ins, guardian_ins),
        author=_thaw_professional(data["author"]),
        authored_at=datetime.fromisoformat(data["authored_at"]),
        legal_authenticator=_thaw_professional(data["legal_authenticator"]),
        authenticated_at=datetime.fromisoformat(data["authenticated_at"]),
        custodian=_thaw_organization(data["custodian"]),
        encounter=EncounterContent(
            start=datetime.fromisoformat(encounter["start"]),
            end=datetime.fromisoformat(encounter["end"]) if encounter["end"] else None,
            facility=codes.FACILITIES[encounter["facility"]],
            practice=codes.PRACTICES[encounter["practice"]],
        ),
        set_id=data["set_id"],
        version=version,
        replaces_unique_id=replaces_unique_id,
        pdf=pdf,
    )


def _freeze_address(value: Address) -> list[str]:
    return [value.line, value.postal_code, value.city]


def _freeze_organization(value: OrganizationContent) -> dict[str, Any]:
    return {
        "id": value.struct_idnat,
        "name": value.name,
        "phone": value.phone,
        "address": _freeze_address(value.address),
    }


def _thaw_organization(data: dict[str, Any]) -> OrganizationContent:
    return OrganizationContent(data["id"], data["name"], data["phone"], Address(*data["address"]))


def _freeze_professional(value: ProfessionalContent) -> dict[str, Any]:
    return {
        "id": value.ps_idnat,
        "family": value.family_name,
        "given": value.given_name,
        "specialty": value.specialty.code,
        "organization": _freeze_organization(value.organization),
        "prefix": value.prefix,
        "phone": value.phone,
    }


def _thaw_professional(data: dict[str, Any]) -> ProfessionalContent:
    return ProfessionalContent(
        ps_idnat=data["id"],
        family_name=data["family"],
        given_name=data["given"],
        specialty=codes.SPECIALTIES[data["specialty"]],
        organization=_thaw_organization(data["organization"]),
        prefix=data["prefix"],
        phone=data["phone"],
    )


def _freeze_patient(value: PatientContent) -> dict[str, Any]:
    guardian = value.guardian
    return {
        "family": value.birth_family_name,
        "given": value.birth_given_names,
        "birth_date": value.birth_date.isoformat(),
        "sex": value.sex,
        "local": [value.local_id, value.local_oid],
        "used": [value.used_family_name, value.used_given_name],
        "cog": value.birth_place_cog,
        "address": _freeze_address(value.address),
        "phone": value.phone,
        "birth_at": value.birth_at.isoformat() if value.birth_at else None,
        "birth_order": value.birth_order,
        "guardian": [guardian.family_name, guardian.given_name, guardian.phone] if guardian else None,
    }


def _thaw_patient(data: dict[str, Any], ins: Ins | None, guardian_ins: Ins | None) -> PatientContent:
    guardian = None
    if data["guardian"]:
        family, given, phone = data["guardian"]
        guardian = Guardian(family, given, guardian_ins, phone)
    return PatientContent(
        birth_family_name=data["family"],
        birth_given_names=data["given"],
        birth_date=date.fromisoformat(data["birth_date"]),
        sex=data["sex"],
        local_id=data["local"][0],
        local_oid=data["local"][1],
        ins=ins,
        used_family_name=data["used"][0],
        used_given_name=data["used"][1],
        birth_place_cog=data["cog"],
        address=Address(*data["address"]),
        phone=data["phone"],
        birth_at=datetime.fromisoformat(data["birth_at"]) if data["birth_at"] else None,
        birth_order=data["birth_order"],
        guardian=guardian,
    )
