"""The N1 builder: exact bytes, local times, what it refuses to build."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from coordination.cda.builder import build
from coordination.cda.completeness import PDF_MAX
from coordination.cda.errors import CdaContentError
from coordination.cda.model import Address, DocumentContent, Guardian, OrganizationContent
from coordination.cda.reader import read
from perinat.standards import codes, oids, xml
from perinat.standards.codes import Code
from tests.coordination.cda import samples

GOLDEN = Path(__file__).parents[2] / "golden"
REGENERATE = "PERINAT_REGENERATE_GOLDEN"  # set to 1 to rewrite the files, then read the diff
NS = {"h": oids.NS_HL7, "s": oids.NS_SDTC}


def made(content: DocumentContent) -> xml.Element:
    return xml.parse(build(content, unique_id=samples.UNIQUE_ID, now=samples.NOW))


@pytest.mark.parametrize("name", samples.GOLDEN)
def test_exact_bytes(name: str) -> None:
    data = build(samples.GOLDEN[name], unique_id=samples.UNIQUE_ID, now=samples.NOW)
    path = GOLDEN / f"{name}.xml"
    if os.environ.get(REGENERATE) == "1":
        path.write_bytes(data)
    assert data == path.read_bytes()


def test_golden_files_differ_from_another_content() -> None:
    other = build(replace(samples.LETTER, title="Autre titre"), unique_id=samples.UNIQUE_ID, now=samples.NOW)
    assert other != (GOLDEN / "cda_lettre_de_liaison_mere.xml").read_bytes()


def test_times_are_local_with_their_offset() -> None:
    assert made(samples.LETTER).find("h:effectiveTime", NS).get("value") == "20260329015930+0100"
    summer = build(samples.LETTER, unique_id=samples.UNIQUE_ID, now=datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
    assert b'<effectiveTime value="20260329030000+0200"/>' in summer


def test_identifiers_stand_in_root_only() -> None:
    root = made(samples.REPLACEMENT)
    for path in ("h:id", "h:setId", "h:relatedDocument/h:parentDocument/h:id"):
        assert root.find(path, NS).attrib.keys() == ["root"]
    assert root.find("h:relatedDocument", NS).get("typeCode") == "RPLC"
    assert root.find("h:versionNumber", NS).get("value") == "2"


def test_ins_first_then_local_identifier() -> None:
    ids = made(samples.LETTER).findall("h:recordTarget/h:patientRole/h:id", NS)
    assert [(i.get("root"), i.get("extension")) for i in ids] == [
        (oids.INS_NIR_TEST, samples.MOTHER_INS.matricule),
        (samples.LOCAL_OID, "IPP-0001"),
    ]


def test_newborn_without_ins_has_the_local_identifier_alone() -> None:
    root = made(samples.NEWBORN_LETTER)
    ids = root.findall("h:recordTarget/h:patientRole/h:id", NS)
    assert [(i.get("root"), i.get("extension")) for i in ids] == [(samples.LOCAL_OID, "IPP-0002")]
    patient = root.find("h:recordTarget/h:patientRole/h:patient", NS)
    assert patient.find("h:birthTime", NS).get("value") == "20260326000500+0100"
    assert patient.find("s:multipleBirthInd", NS).get("value") == "true"
    assert patient.find("s:multipleBirthOrderNumber", NS).get("value") == "2"
    guardian = patient.find("h:guardian", NS)
    assert guardian.find("h:id", NS).get("extension") == samples.MOTHER_INS.matricule
    assert guardian.findtext("h:guardianPerson/h:name/h:family", namespaces=NS) == "FICTIVE"


def test_sdtc_is_declared_only_where_used() -> None:
    assert None is made(samples.LETTER).nsmap.get("sdtc")
    assert made(samples.NEWBORN_LETTER).nsmap["sdtc"] == oids.NS_SDTC


def test_main_performer_carries_the_practice_setting() -> None:
    path = "h:documentationOf/h:serviceEvent/h:performer/h:assignedEntity/h:representedOrganization/"
    assert made(samples.LETTER).find(path + "h:standardIndustryClassCode", NS).get("code") == "ETABLISSEMENT"


def test_markup_in_texts_is_only_text() -> None:
    hostile = '</title><x a="&b"> ]]>'
    content = replace(
        samples.LETTER,
        title=hostile,
        patient=replace(samples.MOTHER, local_id='"/><id root="1', address=Address("<b>", "&", '"')),
        custodian=OrganizationContent('1"&', "<O'>"),
    )
    root = made(content)
    assert root.findtext("h:title", namespaces=NS) == hostile
    assert root.findall("h:recordTarget/h:patientRole/h:id", NS)[1].get("extension") == '"/><id root="1'
    assert len(root.findall("h:recordTarget/h:patientRole/h:id", NS)) == 2


def test_absent_address_and_phone_say_unknown() -> None:
    content = replace(samples.LETTER, patient=replace(samples.MOTHER, address=Address(), phone=""))
    role = made(content).find("h:recordTarget/h:patientRole", NS)
    assert role.find("h:addr", NS).get("nullFlavor") == "UNK"
    assert role.find("h:telecom", NS).get("nullFlavor") == "UNK"


def test_unknown_sex_is_written_as_the_nomenclature_does() -> None:
    content = replace(samples.NEWBORN_LETTER, patient=replace(samples.NEWBORN, sex="U"))
    path = "h:recordTarget/h:patientRole/h:patient/h:administrativeGenderCode"
    assert made(content).find(path, NS).get("code") == "UN"


def test_names_in_use_are_written_only_when_known() -> None:
    path = "h:recordTarget/h:patientRole/h:patient/h:name/h:family[@qualifier='CL']"
    assert made(samples.LETTER).find(path, NS).text == "MODELE"
    assert made(samples.NEWBORN_LETTER).find(path, NS) is None


def test_every_missing_datum_is_named_at_once() -> None:
    nobody = replace(
        samples.MIDWIFE, ps_idnat="", family_name="", given_name=" ", specialty=Code("", "", ""),
        organization=OrganizationContent("", ""),
    )  # fmt: skip
    content = replace(
        samples.LETTER,
        title="",
        pdf=b"",
        set_id="",
        patient=replace(samples.MOTHER, birth_family_name="", birth_given_names="", sex="", birth_place_cog=""),
        author=nobody,
        legal_authenticator=nobody,
        custodian=OrganizationContent("", ""),
        encounter=replace(samples.STAY, facility=Code("", "", ""), practice=Code("", "", "")),
    )
    with pytest.raises(CdaContentError) as caught:
        build(content, unique_id="", now=samples.NOW)
    of_people = [
        f"{what} {of}"
        for of in ("de l'auteur", "du responsable du document")
        for what in (
            "l'identifiant national (RPPS)",
            "le nom",
            "le prénom",
            "la profession ou la spécialité",
            "l'identifiant (FINESS) de la structure",
            "le nom de la structure",
        )
    ]
    assert sorted(caught.value.missing) == sorted(
        [
            "le titre",
            "l'identifiant du document",
            "l'identifiant de la série de versions",
            "le fichier PDF",
            "le nom de naissance de la patiente",
            "le prénom de naissance de la patiente",
            "le sexe de la patiente",
            "le lieu de naissance de la patiente (code COG)",
            *of_people,
            "l'identifiant (FINESS) de la structure qui conserve le document",
            "le nom de la structure qui conserve le document",
            "le secteur d'activité de l'établissement",
            "le cadre d'exercice",
        ]
    )
    assert caught.value.message_fr.startswith("Pour établir ce document, il manque : le titre ; ")


NAIVE = datetime(2026, 3, 28, 9, 0)
WRONG = {
    "title too long": (replace(samples.LETTER, title="x" * 129), "128"),
    "unknown sex": (replace(samples.LETTER, patient=replace(samples.MOTHER, sex="X")), "sexe"),
    "bad set id": (replace(samples.LETTER, set_id="2.25.01"), "série"),
    "same ids": (replace(samples.LETTER, set_id=samples.UNIQUE_ID), "série"),
    "version 0": (replace(samples.LETTER, version=0), "version"),
    "version 1 replaces": (replace(samples.LETTER, replaces_unique_id=samples.FIRST_VERSION), "version 2"),
    "replaces itself": (replace(samples.REPLACEMENT, replaces_unique_id=samples.UNIQUE_ID), "lui-même"),
    "not a pdf": (replace(samples.LETTER, pdf=b"PK\x03\x04"), "PDF"),
    "PDF too large": (replace(samples.LETTER, pdf=b"%PDF-" + bytes(7_400_000)), "7,4 Mo"),
    "naive time": (replace(samples.LETTER, authored_at=NAIVE), "fuseau"),
    "born tomorrow": (replace(samples.LETTER, patient=replace(samples.MOTHER, birth_date=date(2026, 3, 30))), "avenir"),
    "bad COG": (replace(samples.LETTER, patient=replace(samples.MOTHER, birth_place_cog="7864")), "COG"),
    "bad local OID": (replace(samples.LETTER, patient=replace(samples.MOTHER, local_oid="IPP")), "OID"),
    "no identifier": (
        replace(samples.LETTER, patient=replace(samples.MOTHER_WITHOUT_INS, local_id="")),
        "identifiant local",
    ),
    "birth hour of another day": (
        replace(samples.NEWBORN_LETTER, patient=replace(samples.NEWBORN, birth_date=date(2026, 3, 25))),
        "même jour",
    ),
    "rank 0": (replace(samples.NEWBORN_LETTER, patient=replace(samples.NEWBORN, birth_order=0)), "rang"),
    "nameless mother": (
        replace(samples.NEWBORN_LETTER, patient=replace(samples.NEWBORN, guardian=Guardian("", ""))),
        "mère",
    ),
    "stay ends before it starts": (
        replace(samples.LETTER, encounter=replace(samples.STAY, end=datetime(2026, 3, 1, tzinfo=UTC))),
        "séjour",
    ),
    "control character": (replace(samples.LETTER, title="a\x00b"), "invisible"),
    "lone surrogate": (replace(samples.LETTER, title="a\ud800b"), "invisible"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_content_is_refused_in_french(case: str) -> None:
    content, word = WRONG[case]
    with pytest.raises(CdaContentError, match=word):
        build(content, unique_id=samples.UNIQUE_ID, now=samples.NOW)


def test_the_largest_pdf_can_be_read_again() -> None:
    largest = b"%PDF-".ljust(PDF_MAX, b"x")
    data = build(replace(samples.LETTER, pdf=largest), unique_id=samples.UNIQUE_ID, now=samples.NOW)
    assert read(data).pdf == largest


def test_the_refusal_holds_nothing_of_the_patient() -> None:
    content = replace(samples.LETTER, patient=replace(samples.MOTHER, sex="X", birth_place_cog="1"), set_id="bad")
    with pytest.raises(CdaContentError) as caught:
        build(content, unique_id=samples.UNIQUE_ID, now=samples.NOW)
    assert not any(value in str(caught.value) for value in ("FICTIVE", "JEANNE", samples.MOTHER_INS.matricule))


def test_every_type_builds() -> None:
    for kind in codes.DOCUMENT_TYPES.values():
        code = made(samples.letter(kind)).find("h:code", NS)
        assert (code.get("code"), code.get("codeSystem")) == (kind.code, kind.type.system)
