"""Whatever the header and the PDF of a document of level 1, reading what was written gives each value back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.cda import header
from coordination.cda.builder import build
from coordination.cda.model import (
    INFORMANTS,
    PARTICIPANTS,
    Address,
    DocumentContent,
    Guardian,
    OrganizationContent,
    ProfessionalContent,
)
from coordination.cda.reader import WholeDocument, parse_instant, read_whole
from coordination.cda.reading.people import Address as ReadAddress
from coordination.cda.reading.people import Organization, Party, Telecom
from perinat.standards import oids
from tests.coordination.cda import heads, samples
from tests.coordination.cda.spec.effort import DRAWN, drawn

UNIQUE_ID = "2.25.9"
OFTEN = settings(DRAWN, max_examples=6 * DRAWN.max_examples)
TITLES = {"": ("", ""), "Mme": ("MME", ""), "M.": ("M", ""), "Dr": ("", "DR"), "Pr": ("", "PR")}


def squeezed(words: str) -> str:
    return " ".join(words.split())


def line(address: Address) -> str:
    """The comma after the house number is not written: « 12, rue X » reads « 12 rue X »."""
    return re.sub(r"^(\d+), ?", r"\1 ", squeezed(address.line))


def where(address: Address) -> tuple[str, str, str, str]:
    return line(address), address.postal_code, squeezed(address.city), "" if address != Address() else "UNK"


def found_where(addresses: tuple[ReadAddress, ...]) -> tuple[str, str, str, str]:
    (one,) = addresses
    return one.line, one.postal_code, one.city, one.null_flavor


def tel(phone: str) -> tuple[str, str]:
    return (f"tel:{re.sub('[^0-9+]', '', phone)}", "") if phone else ("", "UNK")


def found_tel(telecoms: tuple[Telecom, ...]) -> tuple[str, str]:
    (one,) = telecoms
    return one.value, one.null_flavor


def place(one: OrganizationContent) -> tuple[Any, ...]:
    return one.struct_idnat, squeezed(one.name), tel(one.phone), where(one.address)


def found_place(one: Organization | None) -> tuple[Any, ...]:
    assert one is not None and one.ids[0].root == oids.STRUCT_IDNAT
    return one.ids[0].extension, one.name, found_tel(one.telecoms), found_where(one.addresses)


def named(one: ProfessionalContent) -> tuple[str, ...]:
    before, after = TITLES[one.prefix]
    return one.ps_idnat, before, squeezed(one.family_name), squeezed(one.given_name), after


def found_named(one: Party) -> tuple[str, ...]:
    assert one.name is not None and one.ids[0].root == oids.PS_IDNAT
    name = one.name
    return one.ids[0].extension, name.of("prefix"), name.of("family"), name.of("given"), name.of("suffix")


def carer(one: ProfessionalContent) -> tuple[Any, ...]:
    site = one.organization
    specialty = (one.specialty.code, one.specialty.system, one.specialty.label)
    return named(one), specialty, tel(one.phone or site.phone), where(site.address), place(site)


def found_carer(one: Party) -> tuple[Any, ...]:
    assert one.code is not None
    specialty = (one.code.code, one.code.system, one.code.label)
    return (
        found_named(one),
        specialty,
        found_tel(one.telecoms),
        found_where(one.addresses),
        found_place(one.organization),
    )


def guardian(one: Guardian) -> tuple[Any, ...]:
    ins = [(one.ins.oid, one.ins.matricule)] if one.ins else []
    return ins, squeezed(one.family_name), squeezed(one.given_name), tel(one.phone), where(one.address)


def found_guardian(one: Party) -> tuple[Any, ...]:
    assert one.name is not None
    ins = [(known.root, known.extension) for known in one.ids]
    return ins, one.name.of("family"), one.name.of("given"), found_tel(one.telecoms), found_where(one.addresses)


def at(moment: Any) -> datetime | None:
    return parse_instant(moment.raw) if moment is not None else None


def written(content: DocumentContent) -> dict[str, Any]:
    """What the header says, value by value."""
    patient, stay = content.patient, content.encounter
    first = patient.birth_given_names.split()[0]
    used = patient.used_family_name or patient.used_given_name
    ids = [(patient.ins.oid, patient.ins.matricule)] if patient.ins else []
    return {
        "identifiers": (UNIQUE_ID, content.set_id, content.version, content.replaces_unique_id),
        "title": squeezed(content.title),
        "type": content.type.type,
        "moments": (heads.NOW, content.authored_at, content.authenticated_at, stay.start, stay.end),
        "pdf": content.pdf,
        "patient ids": ids + ([(patient.local_oid, patient.local_id)] if patient.local_id else []),
        "patient ins": patient.ins,
        "birth names": (squeezed(patient.birth_family_name), squeezed(patient.birth_given_names), first),
        "used family": squeezed(patient.used_family_name or patient.birth_family_name) if used else "",
        "used given": squeezed(patient.used_given_name or first) if used else "",
        "birth": (patient.birth_date, patient.birth_at, patient.birth_order, patient.birth_place_cog, patient.sex),
        "patient's home": (where(patient.address), tel(patient.phone)),
        "guardian": [guardian(patient.guardian)] if patient.guardian else [],
        "author": carer(content.author),
        "legal authenticator": carer(content.legal_authenticator),
        "performer": carer(content.performer or content.author),
        "custodian": place(content.custodian),
        "recipients": [(named(one), place(one.organization)[:2]) for one in content.recipients],
        "participants": [
            (PARTICIPANTS[one.role][0], squeezed(one.title) if PARTICIPANTS[one.role][1] else "", one.since)
            + carer(one.professional)
            for one in content.participants
        ],
        "informants": [
            (INFORMANTS[one.kind], one.relation.code if one.relation else "", squeezed(one.family_name))
            + (squeezed(one.given_name), tel(one.phone), where(one.address))
            for one in content.informants
        ],
        "stay": (stay.facility.code, squeezed(stay.place.name) if stay.place else ""),
        "responsible": [carer(stay.responsible)] if stay.responsible else [],
        "practice": stay.practice.code,
    }


def found(whole: WholeDocument) -> dict[str, Any]:
    """The same, as the reader gives it."""
    head, context, patient = whole.header, whole.context, whole.context.patient
    (event,) = context.events
    (performer,) = event.performers
    assert patient is not None and head.author and head.legal_authenticator and context.encounter
    assert performer.organization and performer.organization.setting and context.encounter.place_code
    stay, who = context.encounter, head.patient
    assert patient.birth is not None
    return {
        "identifiers": (head.unique_id, head.set_id, head.version, head.replaces),
        "title": head.title,
        "type": head.type,
        "moments": (
            head.created_at,
            head.author.at,
            head.legal_authenticator.at,
            head.service_start,
            head.service_stop,
        ),
        "pdf": head.pdf,
        "patient ids": [(one.root, one.extension) for one in who.ids],
        "patient ins": who.ins,
        "birth names": (who.birth_family_name, who.birth_given_names, who.first_given_name),
        "used family": who.used_family_name,
        "used given": who.used_given_name,
        "birth": (who.birth_date, at(patient.birth), patient.birth_order, who.birth_place_cog, who.sex),
        "patient's home": (found_where(patient.addresses), found_tel(patient.telecoms)),
        "guardian": [found_guardian(one) for one in patient.guardians],
        "author": found_carer(context.authors[0]),
        "legal authenticator": found_carer(context.legal_authenticators[0]),
        "performer": found_carer(performer),
        "custodian": found_place(context.custodian),
        "recipients": [
            (found_named(one), (one.organization.ids[0].extension, one.organization.name))
            for one in context.recipients
            if one.organization
        ],
        "participants": [
            (one.kind, one.function.text if one.function else "", at(one.time.low) if one.time else None)
            + found_carer(one)
            for one in context.participants
        ],
        "informants": [
            (one.entity, one.code.code if one.code else "", one.name.of("family"), one.name.of("given"))
            + (found_tel(one.telecoms), found_where(one.addresses))
            for one in context.informants
            if one.name
        ],
        "stay": (stay.place_code.code if stay.place_code else "", stay.place_name),
        "responsible": [found_carer(one) for one in stay.parties],
        "practice": performer.organization.setting.code,
    }


def there_and_back(content: DocumentContent) -> dict[str, Any]:
    return found(read_whole(build(content, unique_id=UNIQUE_ID, now=heads.NOW)))


def test_every_value_of_a_header_and_its_pdf_come_back() -> None:
    @OFTEN
    @given(heads.documents())
    def holds(content: DocumentContent) -> None:
        given_values, read_values = written(content), there_and_back(content)
        for name, value in given_values.items():
            assert read_values[name] == value, name

    drawn(holds)


def test_any_pdf_comes_back_to_the_byte() -> None:
    @OFTEN
    @given(st.binary(max_size=5000))
    def holds(data: bytes) -> None:
        content = replace(samples.LETTER, pdf=b"%PDF-" + data)
        assert read_whole(build(content, unique_id=UNIQUE_ID, now=heads.NOW)).header.pdf == b"%PDF-" + data

    drawn(holds)


@pytest.mark.parametrize("name", ["_guardian", "_name", "_birthplace", "_address"])
def test_a_header_that_forgets_would_be_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, name, lambda *given: "")
    with pytest.raises((AssertionError, ValueError)):
        test_every_value_of_a_header_and_its_pdf_come_back()
