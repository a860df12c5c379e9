"""The parts of a case without problem → the values of a document's header."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from coordination.cda.model import (
    Address,
    EncounterContent,
    Guardian,
    InformantContent,
    OrganizationContent,
    ParticipantContent,
    PatientContent,
    ProfessionalContent,
)
from coordination.cda.spec.coded import Listed
from perinat.standards import codes, oids
from perinat.standards.codes import Code
from perinat.standards.identifiers import Ins


def _address(given: Mapping[str, Any]) -> Address:
    return Address(given.get("line", ""), given.get("postal_code", ""), given.get("city", ""))


def organization(given: Mapping[str, Any]) -> OrganizationContent:
    return OrganizationContent(given["id"], given["name"], given.get("phone", ""), _address(given.get("address", {})))


def professional(given: Mapping[str, Any]) -> ProfessionalContent:
    specialty = Listed("JDV_J01_XdsAuthorSpecialty").find(given["specialty"])
    assert specialty is not None  # checked before
    return ProfessionalContent(
        ps_idnat=given["id"],
        family_name=given["family_name"],
        given_name=given["given_name"],
        specialty=specialty,
        organization=organization(given["organization"]),
        prefix=given.get("prefix", ""),
        phone=given.get("phone", ""),
    )


def _of_ins(given: Mapping[str, Any] | None) -> Ins | None:
    return Ins(given["matricule"], given["oid"]) if given else None


def patient(given: Mapping[str, Any]) -> PatientContent:
    guardian = given.get("guardian")
    return PatientContent(
        birth_family_name=given["birth_family_name"],
        birth_given_names=given["birth_given_names"],
        birth_date=date.fromisoformat(given["birth_date"]),
        sex=given["sex"],
        local_id=given.get("local_id", ""),
        local_oid=given.get("local_oid", ""),
        ins=_of_ins(given.get("ins")),
        used_family_name=given.get("used_family_name", ""),
        used_given_name=given.get("used_given_name", ""),
        birth_place_cog=given.get("birth_place_cog", ""),
        address=_address(given.get("address", {})),
        phone=given.get("phone", ""),
        birth_at=datetime.fromisoformat(given["born_at"]) if "born_at" in given else None,
        birth_order=given.get("birth_order"),
        guardian=_guardian(guardian) if guardian else None,
    )


def _guardian(given: Mapping[str, Any]) -> Guardian:
    return Guardian(
        given["family_name"],
        given["given_name"],
        _of_ins(given.get("ins")),
        given.get("phone", ""),
        _address(given.get("address", {})),
    )


def encounter(given: Mapping[str, Any]) -> EncounterContent:
    return EncounterContent(
        start=datetime.fromisoformat(given["start"]),
        end=datetime.fromisoformat(given["end"]) if "end" in given else None,
        facility=codes.FACILITIES[given["facility"]],
        practice=codes.PRACTICES[given["practice"]],
        responsible=professional(given["responsible"]) if "responsible" in given else None,
        place=organization(given["place"]) if "place" in given else None,
    )


def participant(given: Mapping[str, Any]) -> ParticipantContent:
    return ParticipantContent(
        role=given["role"],
        professional=professional(given["professional"]),
        title=given.get("title", ""),
        since=datetime.fromisoformat(given["since"]) if "since" in given else None,
    )


def informant(given: Mapping[str, Any]) -> InformantContent:
    relation = given.get("relation")
    return InformantContent(
        kind=given["kind"],
        family_name=given["family_name"],
        given_name=given["given_name"],
        relation=Code(relation["code"], oids.HL7_ROLE_CODE, relation["label"]) if relation else None,
        phone=given.get("phone", ""),
        address=_address(given.get("address", {})),
    )
