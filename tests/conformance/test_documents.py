"""Documents built by the product against the national rules (XSD and schematrons of the ANS pack)."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordination.cda.builder import build
from coordination.cda.model import PatientContent
from perinat.standards import codes, xml
from perinat.standards.cda_rules import check, own_check
from tests.conformance import run
from tests.coordination.cda import samples

PACK = Path(__file__).parents[3] / "shared/ans/pack"
pytestmark = pytest.mark.skipif(not PACK.is_dir(), reason="national CDA rules absent (../shared/ans/pack)")
# every mandatory part of the header: path below ClinicalDocument
MANDATORY = (
    "realmCode",
    "typeId",
    "templateId",
    "id",
    "code",
    "title",
    "effectiveTime",
    "confidentialityCode",
    "languageCode",
    "setId",
    "versionNumber",
    "recordTarget",
    "recordTarget/patientRole/id",
    "recordTarget/patientRole/patient",
    "recordTarget/patientRole/patient/name",
    "recordTarget/patientRole/patient/name/family",
    "recordTarget/patientRole/patient/administrativeGenderCode",
    "recordTarget/patientRole/patient/birthTime",
    "recordTarget/patientRole/patient/birthplace/place/addr/county",
    "author",
    "author/time",
    "author/assignedAuthor/id",
    "custodian",
    "custodian/assignedCustodian/representedCustodianOrganization/id",
    "legalAuthenticator",
    "legalAuthenticator/time",
    "legalAuthenticator/signatureCode",
    "legalAuthenticator/assignedEntity/id",
    "documentationOf",
    "documentationOf/serviceEvent/effectiveTime",
    "documentationOf/serviceEvent/effectiveTime/low",
    "documentationOf/serviceEvent/performer",
    "documentationOf/serviceEvent/performer/assignedEntity/id",
    "documentationOf/serviceEvent/performer/assignedEntity/representedOrganization/standardIndustryClassCode",
    "componentOf",
    "componentOf/encompassingEncounter/effectiveTime",
    "componentOf/encompassingEncounter/location",
    "componentOf/encompassingEncounter/location/healthCareFacility/code",
    "component",
    "component/nonXMLBody",
)


def made(kind: codes.DocumentType, patient: PatientContent) -> bytes:
    return build(samples.letter(kind, patient), unique_id=samples.UNIQUE_ID, now=samples.NOW)


def test_everything_that_perinat_writes_is_valid() -> None:
    told: list[str] = []
    assert run.run(told.append, pack=PACK) == 0, told
    assert told[-1].startswith("conformance: documents=") and told[-1].endswith("errors=0 skipped=0")


def test_a_document_without_author_is_counted() -> None:
    told: list[str] = []
    assert run.run(told.append, pack=PACK, alter=_without_author) == 1
    documents, errors = (int(part.partition("=")[2]) for part in told[-1].split()[1:3])
    assert errors >= documents > 0


def test_without_rules_nothing_is_claimed() -> None:
    told: list[str] = []
    assert run.run(told.append, pack=PACK / "absent") == 2
    assert "documents=" not in told[-1]


def _without_author(data: bytes) -> bytes:
    root = xml.parse(data)
    author = root.find("{urn:hl7-org:v3}author")
    assert author is not None
    root.remove(author)
    return xml.to_bytes(root)


@pytest.mark.parametrize("path", MANDATORY)
def test_a_mandatory_part_taken_away_is_refused(path: str) -> None:
    root = xml.parse(made(codes.LETTRE_DE_LIAISON_SORTIE, samples.MOTHER))
    steps = [f"{{urn:hl7-org:v3}}{step}" for step in path.split("/")]
    taken = root.findall("/".join(steps))
    assert taken
    for element in taken:
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
    data = xml.to_bytes(root)
    report = check(data, pack=PACK)
    assert not report.valid and report.errors[0].message_fr.endswith(".")
    assert own_check(data), "the product's own check must see it too"
