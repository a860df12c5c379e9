"""What a physician alone writes (OBP-SAP, CSE-CS8), and who stands in the header of what is written on a screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coordination import blobs
from coordination.access import AccessDeniedError
from coordination.cda.volets.read import body_of
from coordination.lifecycles import DocumentStatus
from coordination.models import CareTeamMember, Document, Person, Stay
from coordination.selectors import writing_view
from coordination.services import writing
from coordination.services.documents import DocumentRefusedError
from perinat.standards import cda_rules, codes, xml
from tests.coordination import world
from tests.coordination.services.written import body, writer

PACK = Path(__file__).parents[4] / "shared/ans/pack"
HL7 = "{urn:hl7-org:v3}"
pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> world.Ward:
    return world.ward()


@pytest.fixture
def stay(place: world.Ward) -> Stay:
    practitioner = world._professional("89900001085", "Yves", "DOUGLAS", "G15_10/SM54", place.practice)
    made = world.stay(place, general_practitioner=practitioner)
    Person.objects.filter(pk=made.mother_id).update(postal_code="78990")
    return Stay.objects.get(pk=made.pk)


def about(stay: Stay, volet: str) -> Person:
    return stay.newborns.get().person if volet in ("CSE-CS8", "OBP-SEM", "OBP-SNE") else stay.mother


def finished(stay: Stay, volet: str, place: world.Ward, **changes: Any) -> Document:
    draft = writing.open_draft(stay, about(stay, volet), volet, by=place.doctor_user)
    found = writing.save(draft, body(volet, "minimal") | changes, revision=1, by=place.doctor_user)
    assert [str(problem) for problem in found] == []
    return writing.finish(draft, by=place.doctor_user)


@pytest.mark.parametrize("volet", ["OBP-SAP", "CSE-CS8"])
def test_a_physician_writes_it_and_the_national_rules_accept_it(volet: str, stay: Stay, place: world.Ward) -> None:
    document = finished(stay, volet, place)
    version = document.current_version
    assert document.status == DocumentStatus.VALIDATED and version.cda is not None
    data = blobs.read(version.cda)
    read = body_of(xml.parse(data))
    assert read is not None and read[0].name == volet
    performer = xml.parse(data).find(f"{HL7}documentationOf/{HL7}serviceEvent/{HL7}performer/{HL7}assignedEntity")
    assert performer is not None
    assert performer.find(f"{HL7}code").get("code") == "G15_10/SM20"  # type: ignore[union-attr]
    assert cda_rules.own_check(data) == ()
    if PACK.is_dir():
        assert [finding.detail for finding in cda_rules.check(data, pack=PACK).errors] == []


def test_everybody_whom_the_stay_knows_stands_in_the_header(stay: Stay, place: world.Ward) -> None:
    version = finished(stay, "CSE-CS8", place).current_version
    assert version.cda is not None
    root = xml.parse(blobs.read(version.cda))
    roles = [node.get("typeCode") for node in root.iterchildren(f"{HL7}participant")]
    assert roles == ["RESP", "CON", "PRF"]
    names = [
        node.findtext(f"{HL7}intendedRecipient/{HL7}informationRecipient/{HL7}name/{HL7}family")
        for node in root.iterchildren(f"{HL7}informationRecipient")
    ]
    assert sorted(str(name) for name in names) == ["AUBÉPINE", "DOUGLAS"]
    (mother,) = root.iterchildren(f"{HL7}informant")
    assert mother.find(f"{HL7}relatedEntity/{HL7}code").get("code") == "MTH"  # type: ignore[union-attr]
    postal = root.findtext(f"{HL7}recordTarget/{HL7}patientRole/{HL7}addr/{HL7}postalCode")
    assert postal == "78990", "the child lives with the mother when nothing else is known"


def test_who_was_not_informed_or_may_not_see_is_no_recipient(stay: Stay, place: world.Ward) -> None:
    CareTeamMember.objects.filter(professional=place.midwife).update(informed_at=None)
    assert _recipients(finished(stay, "OBP-SCM", place, **_lying_in())) == ["DOUGLAS"]
    draft = writing.open_draft(stay, stay.mother, "OBP-SCM", by=place.doctor_user)
    draft.masks = [codes.MASQUE_PS.code]
    draft.save(update_fields=["masks"])
    writing.save(draft, _lying_in(), revision=draft.revision, by=place.doctor_user)
    assert _recipients(writing.finish(draft, by=place.doctor_user)) == []


def _lying_in() -> dict[str, Any]:
    return body("OBP-SCM")


def _recipients(document: Document) -> list[str]:
    frozen = document.current_version.frozen or {}
    return [one["family"] for one in frozen["recipients"]]


def test_a_midwife_is_neither_offered_it_nor_allowed(stay: Stay, place: world.Ward) -> None:
    midwife = writer(place)
    for person in (stay.mother, stay.newborns.get().person):
        offered = {offer.volet for offer in writing_view.offers(stay, person, midwife)}
        assert offered and not offered & {"OBP-SAP", "CSE-CS8"}
        more = {offer.volet for offer in writing_view.offers(stay, person, place.doctor_user)}
        assert len(more & {"OBP-SAP", "CSE-CS8"}) == 1
    with pytest.raises(writing.WritingRefusedError, match="établi par un médecin"):
        writing.open_draft(stay, stay.mother, "OBP-SAP", by=midwife)
    draft = writing.open_draft(stay, stay.mother, "OBP-SAP", by=place.doctor_user)
    writing.save(draft, body("OBP-SAP", "minimal"), revision=1, by=midwife)
    with pytest.raises(writing.WritingRefusedError, match="établi par un médecin"):
        writing.finish(draft, by=midwife)
    assert writing_view.offers(stay, stay.mother, place.secretary) == ()
    with pytest.raises(AccessDeniedError):
        writing.open_draft(stay, stay.mother, "OBP-SAP", by=place.secretary)


def test_what_a_certificate_lacks_is_told_when_it_is_finished(stay: Stay, place: world.Ward) -> None:
    """Without a postal code anywhere, the model's header rule names it, before anything leaves."""
    Person.objects.filter(pk=stay.mother_id).update(postal_code="")
    with pytest.raises(DocumentRefusedError, match="code postal"):
        finished(Stay.objects.get(pk=stay.pk), "CSE-CS8", place)
    assert not Document.objects.filter(status=DocumentStatus.VALIDATED).exists()
