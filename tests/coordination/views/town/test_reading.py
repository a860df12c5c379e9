"""Reading a document: what is served, what is recorded, what stays hidden."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from coordination.models import AuditEntry, CareTeamMember, Document, DocumentVersion, Reading
from coordination.services import documents
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.views.town.conftest import Home, SignIn

pytestmark = pytest.mark.django_db


def page(home: Home) -> str:
    return reverse("document", args=[home.letter.pk])


def file(home: Home) -> str:
    return reverse("document_file", args=[home.letter.pk])


def openings() -> int:
    return AuditEntry.objects.filter(action="document.opened").count()


def test_the_page_alone_is_not_a_reading(home: Home, midwife: Client) -> None:
    text = midwife.get(page(home)).content.decode()
    assert "Mme ACACIA Louise" in text and "Maternité d&#x27;essai" in text and "Hélène CORMIER" in text
    assert "Personne avant vous." in text
    assert not Reading.objects.exists() and openings() == 0


def test_the_bytes_are_the_reading(home: Home, midwife: Client, sign_in: SignIn) -> None:
    answer = midwife.get(file(home))
    assert answer.content == world.pdf_a()
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline; filename=")
    assert "ACACIA" not in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store, private"
    reading = Reading.objects.get()
    assert (reading.professional, reading.via) == (home.ward.midwife, "PERINAT")
    assert "Claire AUBÉPINE, Sage-Femme" in midwife.get(page(home)).content.decode()
    assert "Claire AUBÉPINE" in sign_in(home.ward.secretary).get(page(home)).content.decode()


def test_opened_twice_is_read_once_and_audited_twice(home: Home, midwife: Client) -> None:
    midwife.get(file(home))
    midwife.get(file(home))
    assert Reading.objects.count() == 1 and openings() == 2


def test_a_head_request_records_nothing(home: Home, midwife: Client) -> None:
    assert midwife.head(file(home)).status_code == 405
    assert openings() == 0


def test_a_phone_gets_an_image_of_each_page(home: Home, midwife: Client) -> None:
    address = reverse("document_image", args=[home.letter.pk, 1, 1])
    assert address in midwife.get(page(home)).content.decode()
    answer = midwife.get(address)
    assert answer["Content-Type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).width > 50
    assert Reading.objects.count() == 1 and openings() == 1


def test_a_page_that_is_not_there_is_not_a_reading(home: Home, midwife: Client) -> None:
    for sheet in (0, 2, 4000):
        assert midwife.get(reverse("document_image", args=[home.letter.pk, 1, sheet])).status_code == 404
    assert not Reading.objects.exists() and openings() == 0


def test_a_paper_as_received_is_not_drawn(home: Home, midwife: Client, sign_in: SignIn) -> None:
    draft = world.letter(home.ward, home.stay, type_code=codes.CR_ACCOUCHEMENT.code)
    draft.versions.update(readable=None)
    ward = sign_in(home.ward.secretary)
    text = ward.get(reverse("document", args=[draft.pk])).content.decode()
    assert "ne peut pas être ouvert" not in text and "/page/1/1" not in text
    assert ward.get(reverse("document_image", args=[draft.pk, 1, 1])).status_code == 404
    assert ward.get(reverse("document_file", args=[draft.pk])).status_code == 200


def test_the_ward_is_audited_and_reads_nothing(home: Home, sign_in: SignIn) -> None:
    assert sign_in(home.ward.secretary).get(file(home)).status_code == 200
    assert not Reading.objects.exists() and openings() == 1


@pytest.mark.parametrize("address", [page, file])
def test_masked_from_professionals(home: Home, midwife: Client, address: Any) -> None:
    Document.objects.update(masks=[codes.MASQUE_PS.code])
    assert midwife.get(address(home)).status_code == 404
    for name in ("visits", "received"):
        assert str(home.letter.pk) not in midwife.get(reverse(name)).content.decode()
    assert "Pas encore arrivée" in midwife.get(reverse("visits")).content.decode()


def test_what_the_patient_must_not_see_yet_is_said_to_her_midwife(home: Home, midwife: Client) -> None:
    said = "Invisible à la patiente pour l&#x27;instant"
    assert said not in midwife.get(page(home)).content.decode()
    Document.objects.update(masks=[codes.INVISIBLE_PATIENT.code])
    assert said in midwife.get(page(home)).content.decode()


def test_the_seconds_to_undo_are_respected(home: Home, midwife: Client, settings: Any) -> None:
    settings.UNDO_SECONDS = 10
    assert midwife.get(file(home)).status_code == 404
    assert str(home.letter.pk) not in midwife.get(reverse("visits")).content.decode()
    DocumentVersion.objects.update(validated_at=timezone.now() - timedelta(seconds=11))
    assert midwife.get(file(home)).status_code == 200


def test_a_version_being_prepared_is_for_the_ward_only(home: Home, midwife: Client, sign_in: SignIn) -> None:
    first = home.letter.current_version
    DocumentVersion.objects.create(
        document=home.letter, number=2, unique_id=documents.new_oid(), original=first.original,
        readable=first.readable, reason="Poids corrigé",
    )  # fmt: skip
    assert "Poids corrigé" not in midwife.get(page(home)).content.decode()
    assert midwife.get(reverse("document_version", args=[home.letter.pk, 2])).status_code == 404
    assert midwife.get(reverse("document_version_file", args=[home.letter.pk, 2])).status_code == 404
    assert "Poids corrigé" in sign_in(home.ward.secretary).get(page(home)).content.decode()


def test_before_the_mother_is_informed_nothing_opens(home: Home, midwife: Client) -> None:
    CareTeamMember.objects.update(informed_at=None)
    assert midwife.get(file(home)).status_code == 404
    text = midwife.get(reverse("visits")).content.decode()
    assert "information de la mère à tracer" in text and "Demander la lettre" not in text


def test_a_lost_file_is_said_and_not_read(home: Home, midwife: Client) -> None:
    for path in Path(live.BLOB_DIR).rglob("*"):
        if path.is_file():
            path.unlink()
    assert "ne peut pas être ouvert" in midwife.get(page(home)).content.decode()
    assert midwife.get(file(home)).status_code == 404
    assert not Reading.objects.exists() and openings() == 0


def test_withdrawn_is_gone(home: Home, midwife: Client) -> None:
    documents.withdraw(home.letter, by=home.ward.doctor_user, reason="erreur de patiente")
    assert midwife.get(page(home)).status_code == 404


def test_the_child_page_says_nothing_of_the_mother(home: Home, midwife: Client) -> None:
    paper = world.letter(home.ward, home.stay, person=home.newborn.person)
    documents.validate(paper, by=home.ward.doctor_user)
    text = midwife.get(reverse("document", args=[paper.pk])).content.decode()
    assert "p-person--newborn" in text and "p-person--mother" not in text and "En bref" not in text


@pytest.mark.parametrize("number", [2, 32768, 3_000_000_000, 10**30])
def test_a_version_that_cannot_exist_is_not_found(home: Home, midwife: Client, number: int) -> None:
    document = home.letter.pk
    for address in (
        reverse("document_version", args=[document, number]),
        reverse("document_version_file", args=[document, number]),
        reverse("document_image", args=[document, number, 1]),
    ):
        assert midwife.get(address).status_code == 404


def test_few_queries(home: Home, midwife: Client, django_assert_max_num_queries: Any) -> None:
    midwife.get(page(home))
    with django_assert_max_num_queries(11):  # eight, and three for the card: documents, versions, children
        midwife.get(page(home))
    midwife.get(file(home))
    with django_assert_max_num_queries(9):  # session, user, rights, version, savepoint twice, audit, reading
        midwife.get(file(home))


def test_an_opening_again_is_four_statements(
    home: Home, midwife: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Session, account, what she may open, audit: one more would be felt at every reading."""
    midwife.get(file(home))
    with django_assert_num_queries(4):
        assert midwife.get(file(home)).status_code == 200
