"""A structured document without a PDF: its text is the page, and showing it is reading it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from coordination import blobs
from coordination.models import AuditEntry, DocumentVersion, Reading
from tests.coordination.cda.samples import PDF
from tests.coordination.cda.writing import attached, document, section
from tests.coordination.views.town.conftest import Home, SignIn

pytestmark = pytest.mark.django_db

TABLE = "<table><thead><tr><th>Mesure</th></tr></thead><tbody><tr><td>3 250 g</td></tr></tbody></table>"
HOSTILE = '<paragraph>Bonjour <script>alert(1)</script><content onclick="x()">ici</content></paragraph>'


def keep(home: Home, data: bytes, media_type: str = "text/xml") -> None:
    """The letter becomes a document kept as it was received."""
    DocumentVersion.objects.filter(document=home.letter).update(
        original=blobs.store(data, media_type=media_type), readable=None, cda=None, sealed_at=None
    )


def page(home: Home) -> str:
    return reverse("document", args=[home.letter.pk])


def file(home: Home) -> str:
    return reverse("document_file", args=[home.letter.pk])


def openings() -> int:
    return AuditEntry.objects.filter(action="document.opened").count()


def test_the_text_is_in_the_page_and_recorded(home: Home, midwife: Client) -> None:
    keep(home, document(section(TABLE, title="Mesures &amp; poids", inside=section("<paragraph>Suite</paragraph>"))))
    answer = midwife.get(page(home))
    text = answer.content.decode()
    assert "<h2>Mesures &amp; poids</h2>" in text and '<th scope="col">Mesure</th>' in text and "3 250 g" in text
    assert "<h3>Section</h3><p>Suite</p>" in text
    assert "Ouvrir le PDF" not in text and "<object" not in text
    reading = Reading.objects.get()
    assert (reading.professional, reading.via, openings()) == (home.ward.midwife, "PERINAT", 1)
    assert midwife.get(file(home)).status_code == 404 and openings() == 1


def test_nothing_active_reaches_the_page(home: Home, midwife: Client) -> None:
    keep(home, document(section(HOSTILE)))
    text = midwife.get(page(home)).content.decode()
    assert "Bonjour ici" in text and "alert(1)" not in text and "onclick" not in text


def test_a_head_request_and_a_text_that_is_absent_record_nothing(home: Home, midwife: Client) -> None:
    keep(home, document(section("<paragraph>Texte</paragraph>")))
    midwife.head(page(home))
    keep(home, document(""))
    assert "aucun texte à lire" in midwife.get(page(home)).content.decode()
    assert openings() == 0


def test_a_structured_document_with_its_pdf_copy_is_read_as_a_pdf(home: Home, midwife: Client) -> None:
    keep(home, document(section("<paragraph>Texte</paragraph>", entry=attached("application/pdf", PDF))))
    assert "Ouvrir le PDF" in midwife.get(page(home)).content.decode() and openings() == 0
    answer = midwife.get(file(home))
    assert (answer.content, answer["Content-Type"], openings()) == (PDF, "application/pdf", 1)


@pytest.mark.parametrize("data", [b"<html/>", b"\xff\xfe<\x00"])
def test_what_cannot_be_read_is_said_and_not_read(home: Home, midwife: Client, data: bytes) -> None:
    keep(home, data, "application/xml")
    assert "ne peut pas être ouvert" in midwife.get(page(home)).content.decode()
    assert midwife.get(file(home)).status_code == 404
    assert not Reading.objects.exists() and openings() == 0


EXAMPLES = Path(__file__).parents[5] / "shared/ans/examples"


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="official CDA examples absent (../shared/ans)")
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_official_examples_open(home: Home, sign_in: SignIn, path: Path) -> None:
    keep(home, path.read_bytes())
    ward = sign_in(home.ward.secretary)
    text = ward.get(page(home)).content.decode()
    assert ("p-cda-table" in text) != ("Ouvrir le PDF" in text)
    assert not Reading.objects.exists()
