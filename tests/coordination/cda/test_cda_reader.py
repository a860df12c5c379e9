"""The reader: what we wrote comes back; what others wrote never makes it fail."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from coordination.cda.builder import build
from coordination.cda.errors import CdaReadError
from coordination.cda.reader import parse_day, parse_instant, read
from perinat.standards import oids, xml
from tests.coordination.cda import samples

EXAMPLES = Path(__file__).parents[4] / "shared/ans/examples"
needs_examples = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="official CDA examples absent (../shared/ans)")


def test_our_own_document_comes_back() -> None:
    document = read(build(samples.REPLACEMENT, unique_id=samples.UNIQUE_ID, now=samples.NOW))
    assert (document.unique_id, document.set_id, document.version) == (samples.UNIQUE_ID, samples.SET_ID, 2)
    assert document.replaces == samples.FIRST_VERSION
    assert document.title == "Lettre de liaison <corrigée>"
    assert (document.level, document.media_type, document.pdf) == (1, "application/pdf", samples.PDF)
    assert document.created_at == samples.NOW
    patient = document.patient
    assert (patient.ins, patient.sex, patient.birth_date) == (samples.MOTHER_INS, "F", date(1991, 3, 14))
    assert (patient.birth_family_name, patient.birth_given_names) == ("FICTIVE", "JEANNE MARIE")
    assert (patient.first_given_name, patient.used_family_name) == ("JEANNE", "MODELE")
    assert document.author.at == samples.LETTER.authored_at
    assert document.legal_authenticator.family_name == "D'EXEMPLE"


def test_newborn_without_ins_comes_back() -> None:
    patient = read(build(samples.NEWBORN_LETTER, unique_id=samples.UNIQUE_ID, now=samples.NOW)).patient
    assert patient.ins is None
    assert [item.extension for item in patient.ids] == ["IPP-0002"]
    assert patient.birth_date == date(2026, 3, 26)


@needs_examples
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_official_examples_are_read(path: Path) -> None:
    document = read(path.read_bytes())
    assert document.unique_id and document.set_id and document.version and document.title
    assert document.patient.birth_family_name and document.patient.birth_date
    assert document.author.family_name
    assert document.level == (1 if path.stem.startswith("DOC_") else 3)
    assert document.model is None or document.model.root.startswith("1.2.250.1.213.1.1.1.")


@needs_examples
@pytest.mark.parametrize("name", ["DOC_NON_STRUCTURE_CDA-R2-N1", "OBP-SNM_2024.01"])
def test_embedded_pdf_of_both_levels(name: str) -> None:
    assert read((EXAMPLES / f"{name}.xml").read_bytes()).pdf.startswith(b"%PDF-")


def test_a_document_stripped_of_any_part_is_still_read() -> None:
    data = build(samples.LETTER, unique_id=samples.UNIQUE_ID, now=samples.NOW)
    count = len(list(xml.parse(data).iter()))
    for position in range(1, count):
        root = xml.parse(data)
        element = list(root.iter())[position]
        element.getparent().remove(element)
        read(xml.to_bytes(root))


def test_a_document_stripped_of_any_attribute_is_still_read() -> None:
    data = build(samples.NEWBORN_LETTER, unique_id=samples.UNIQUE_ID, now=samples.NOW)
    for position, element in enumerate(xml.parse(data).iter()):
        for name in element.attrib:
            root = xml.parse(data)
            del list(root.iter())[position].attrib[name]
            read(xml.to_bytes(root))


def test_false_ins_key_gives_no_ins() -> None:
    data = build(samples.LETTER, unique_id=samples.UNIQUE_ID, now=samples.NOW)
    wrong = data.replace(samples.MOTHER_INS.matricule.encode(), b"291037864600194")
    assert read(wrong).patient.ins is None


MINIMAL = f'<ClinicalDocument xmlns="{oids.NS_HL7}">%s</ClinicalDocument>'
BODY = (
    '<component><nonXMLBody><text mediaType="application/pdf" representation="B64">%s</text></nonXMLBody></component>'
)


def test_an_empty_document_is_read_as_empty() -> None:
    document = read((MINIMAL % "").encode())
    assert (document.unique_id, document.version, document.type, document.author) == ("", None, None, None)
    assert (document.level, document.pdf, document.patient.ids) == (0, b"", ())


def test_identifier_with_extension() -> None:
    assert read((MINIMAL % '<id root="1.2.3" extension="45"/>').encode()).unique_id == "1.2.3^45"


@pytest.mark.parametrize("body", ["not*base64", "é", "JVBER"])
def test_broken_base64_is_refused(body: str) -> None:
    with pytest.raises(CdaReadError, match="PDF"):
        read((MINIMAL % (BODY % body)).encode())


def test_base64_in_lines_is_read() -> None:
    assert read((MINIMAL % (BODY % "JVBE\n  Ri0x\n")).encode()).pdf == b"%PDF-1"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.4",
        b"<html/>",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><ClinicalDocument xmlns="urn:hl7-org:v3">&e;'
        b"</ClinicalDocument>",
    ],
)
def test_what_is_not_a_safe_cda_is_refused_in_french(data: bytes) -> None:
    with pytest.raises(CdaReadError) as caught:
        read(data)
    assert caught.value.message_fr.endswith(".")


def test_size_limit() -> None:
    with pytest.raises(CdaReadError, match="taille"):
        read((MINIMAL % "").encode(), max_bytes=10)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20260329015930+0100", datetime(2026, 3, 29, 1, 59, 30, tzinfo=timezone(timedelta(hours=1)))),
        ("202603290159+0100", datetime(2026, 3, 29, 1, 59, tzinfo=timezone(timedelta(hours=1)))),
        ("20260329015930", None),
        ("20260329", None),
        ("20261329015930+0100", None),
        ("", None),
    ],
)
def test_instants(value: str, expected: datetime | None) -> None:
    assert parse_instant(value) == expected


def test_days() -> None:
    assert parse_day("20260326000500+0100") == date(2026, 3, 26)
    assert [parse_day(value) for value in ("2026", "20260231", "x", "")] == [None] * 4
