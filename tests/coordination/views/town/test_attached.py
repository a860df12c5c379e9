"""Files inside received documents: shown when safe, else downloaded with a sentence."""

from __future__ import annotations

import base64

import pytest
from django.test import Client

from coordination.models import AuditEntry
from tests.coordination.cda.samples import PDF
from tests.coordination.cda.writing import HL7, attached, document, section
from tests.coordination.papers.test_pictures import made
from tests.coordination.views.town.conftest import Home
from tests.coordination.views.town.consulted import consult, post, work
from tests.coordination.views.town.test_narrative import keep, page
from tests.fake_record import FakeRecord

pytestmark = pytest.mark.django_db
RTF = rb"{\rtf1 Bonjour}"
HOSTILE = "<script>alert(1)</script>\nHémoglobine : 11,2"


def unstructured(media_type: str, data: bytes) -> bytes:
    """Level 1: the whole document is one file."""
    encoded = base64.b64encode(data).decode()
    return (
        f'<?xml version="1.0"?><ClinicalDocument xmlns="{HL7}"><id root="1.2.3"/><component><nonXMLBody>'
        f'<text mediaType="{media_type}" representation="B64">{encoded}</text></nonXMLBody></component>'
        "</ClinicalDocument>"
    ).encode()


def opened(home: Home, claire: Client, dmp: FakeRecord, data: bytes) -> str:
    """Its address, once it came from the DMP."""
    (one,) = dmp.documents
    dmp.bytes_of[one.unique_id] = data
    consult(claire, home, accord="1")
    where = post(claire, home, "record_read", document=one.unique_id)["Location"]
    work()
    return str(where)


@pytest.mark.parametrize(("media_type", "kind"), [("image/jpeg", "JPEG"), ("image/tiff", "TIFF"), ("image/png", "PNG")])
def test_a_picture_of_the_dmp_is_drawn(home: Home, claire: Client, dmp: FakeRecord, media_type: str, kind: str) -> None:
    where = opened(home, claire, dmp, unstructured(media_type, made(kind)))
    text = claire.get(where).content.decode()
    assert text.count('src="data:image/webp;base64,') == 1 and "aucun texte à lire" not in text
    assert AuditEntry.objects.filter(action="dmp.document_opened").exists()
    file = claire.get(f"{where}joint/1")
    assert file.content == made(kind) and file["Content-Type"] == "application/octet-stream"
    assert file["Content-Disposition"].startswith("attachment;") and "no-store" in file["Cache-Control"]


def test_a_text_is_printed_and_nothing_in_it_acts(home: Home, claire: Client, dmp: FakeRecord) -> None:
    where = opened(home, claire, dmp, unstructured("text/plain", HOSTILE.encode()))
    text = claire.get(where).content.decode()
    assert "&lt;script&gt;alert(1)" in text and "Hémoglobine : 11,2" in text and "<script>alert" not in text


def test_another_kind_is_downloaded_with_its_sentence(home: Home, claire: Client, dmp: FakeRecord) -> None:
    where = opened(home, claire, dmp, unstructured("text/rtf", RTF))
    text = claire.get(where).content.decode()
    assert "piece-jointe-1.rtf" in text and "Ce fichier ne s’affiche pas ici, par sûreté" in text
    assert claire.get(f"{where}joint/1").content == RTF
    assert claire.get(f"{where}joint/2").status_code == 404 == claire.get(f"{where}joint/0").status_code


def test_a_picture_that_lies_is_not_shown(home: Home, claire: Client, dmp: FakeRecord) -> None:
    where = opened(home, claire, dmp, unstructured("image/png", b"<svg onload=alert(1)>"))
    text = claire.get(where).content.decode()
    assert "Cette image n’a pas pu être affichée" in text and "data:image" not in text and "onload" not in text


def test_files_stand_beside_the_text_and_beside_the_pdf(home: Home, claire: Client, dmp: FakeRecord) -> None:
    entries = attached("image/png", made("PNG")) + attached("text/rtf", RTF, "FILE-2")
    text = claire.get(opened(home, claire, dmp, document(section("<paragraph>Texte</paragraph>", entry=entries))))
    assert "Fichiers joints (2)" in text.content.decode() and "Texte" in text.content.decode()


def test_the_pdf_is_not_told_twice(home: Home, claire: Client, dmp: FakeRecord) -> None:
    entries = attached("application/pdf", PDF) + attached("text/rtf", RTF, "FILE-2")
    where = opened(home, claire, dmp, document(section("<paragraph>Texte</paragraph>", entry=entries)))
    text = claire.get(where).content.decode()
    assert "Ouvrir le PDF" in text and "Fichier joint<" in text and "piece-jointe-2.rtf" in text
    assert "piece-jointe-1.pdf" not in text


def test_a_document_kept_by_perinat_shows_them_too(home: Home, midwife: Client) -> None:
    keep(home, unstructured("image/png", made("PNG")))
    text = midwife.get(page(home)).content.decode()
    assert "data:image/webp;base64," in text
    (number,) = home.letter.versions.values_list("number", flat=True)
    address = f"/documents/{home.letter.pk}/joint/{number}/1"
    assert f'href="{address}"' in text
    assert midwife.get(address).content == made("PNG")
    assert midwife.get(address[:-1] + "7").status_code == 404
    assert AuditEntry.objects.filter(action="document.opened").count() == 2
