"""Documents built by the product against the national rules (XSD and schematrons of the ANS pack)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coordination.cda.builder import build
from coordination.cda.model import PatientContent
from perinat.standards import codes, xml
from perinat.standards.cda_rules import check, own_check
from tests.coordination.cda import samples

PACK = Path(__file__).parents[3] / "shared/ans/pack"
pytestmark = pytest.mark.skipif(not PACK.is_dir(), reason="national CDA rules absent (../shared/ans/pack)")
PATIENTS = {
    "mother": samples.MOTHER,
    "mother without INS": samples.MOTHER_WITHOUT_INS,
    "newborn": samples.NEWBORN,
    "newborn with INS": samples.NEWBORN_WITH_INS,
}
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


def documents() -> Iterator[tuple[str, bytes]]:
    for kind in codes.DOCUMENT_TYPES.values():
        for name, patient in PATIENTS.items():
            yield f"{kind.code} {name}", made(kind, patient)
    for name, content in samples.GOLDEN.items():
        yield name, build(content, unique_id=samples.UNIQUE_ID, now=samples.NOW)


def made(kind: codes.DocumentType, patient: PatientContent) -> bytes:
    return build(samples.letter(kind, patient), unique_id=samples.UNIQUE_ID, now=samples.NOW)


def test_every_document_is_valid(record_property: Callable[[str, object], None]) -> None:
    checked = fired = 0
    for name, data in documents():
        report = check(data, pack=PACK)
        problems = [(item.step, item.detail) for item in (*report.errors, *report.warnings)]
        assert report.valid and not problems, f"{name}: {problems}"
        assert own_check(data) == (), name
        assert report.kind == "N1" and report.fired["strucmin"] > 100
        checked, fired = checked + 1, fired + sum(report.fired.values())
    record_property("documents", checked)
    record_property("rules_fired", fired)
    print(f"{checked} documents, {fired} rules fired, 0 error, 0 warning")
    assert checked == len(codes.DOCUMENT_TYPES) * len(PATIENTS) + len(samples.GOLDEN)


@pytest.mark.parametrize("path", MANDATORY)
def test_a_mandatory_part_taken_away_is_refused(path: str) -> None:
    root = xml.parse(made(codes.LETTRE_DE_LIAISON_SORTIE, samples.MOTHER))
    steps = [f"{{urn:hl7-org:v3}}{step}" for step in path.split("/")]
    taken = root.findall("/".join(steps))
    assert taken
    for element in taken:
        element.getparent().remove(element)
    data = xml.to_bytes(root)
    report = check(data, pack=PACK)
    assert not report.valid and report.errors[0].message_fr.endswith(".")
    assert own_check(data), "the product's own check must see it too"
