"""What her structure does not deposit in the DMP: said, and given as files for her own software."""

from __future__ import annotations

import hashlib

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.models import AuditEntry, Document, DocumentVersion
from coordination.services import follow_up
from tests.coordination.services.test_follow_up import MOTHER
from tests.coordination.views.town.conftest import Home

pytestmark = pytest.mark.django_db


@pytest.fixture
def synthesis(home: Home) -> Document:
    """Claire's own paper about the mother."""
    written = follow_up.write(
        "HOME_VISIT", stay=home.stay, person=home.stay.mother, done_at=timezone.now(), answers=MOTHER,
        by=home.ward.midwife_user,
    )  # type: ignore[arg-type]  # fmt: skip
    assert written.document is not None
    return written.document


def test_the_screen_says_why_and_gives_both_files(home: Home, midwife: Client, synthesis: Document) -> None:
    page = midwife.get(reverse("visit_sent", args=[home.stay.pk])).content.decode()
    assert "votre structure n’a pas de certificat pour y déposer" in page and "Elle part par MSSanté" in page
    assert reverse("document_cda", args=[synthesis.pk]) in page
    given = midwife.get(reverse("document_cda", args=[synthesis.pk]))
    version = DocumentVersion.objects.get(document=synthesis)
    assert hashlib.sha1(given.content, usedforsecurity=False).hexdigest() == version.cda_sha1
    assert given["Content-Disposition"].startswith("attachment") and "no-store" in given["Cache-Control"]
    assert AuditEntry.objects.get(action="document.exported").subject_id == str(version.pk)


def test_a_structure_that_deposits_says_so(home: Home, midwife: Client, synthesis: Document) -> None:
    home.ward.practice.deposits_in_dmp = True
    home.ward.practice.save()
    page = midwife.get(reverse("visit_sent", args=[home.stay.pk])).content.decode()
    assert "Votre structure la dépose dans le DMP" in page and "pas de certificat" not in page


def test_the_paper_of_another_is_not_hers_to_export(home: Home, midwife: Client, stranger: Client) -> None:
    where = reverse("document_cda", args=[home.letter.pk])
    assert midwife.get(where).status_code == stranger.get(where).status_code == 404
