"""« Courrier reçu »: compare, file in one activation, put aside; results that cannot wait come first."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from coordination.lifecycles import ReceivedStatus as R
from coordination.models import ReceivedDocument, User
from tests.coordination import world
from tests.coordination.papers.test_pictures import made
from tests.coordination.services.letters_in import arrive, cda, letter
from tests.fakes import FakeChannel
from tests.mssante.archives import archive, attached, mail, with_archive

pytestmark = pytest.mark.django_db
Fakes = dict[str, FakeChannel]
INBOX = "/courrier/"


@pytest.fixture
def stay(ward: world.Ward) -> Any:
    return world.stay(ward)


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="coordination.backends.AccountBackend")
    return client


def page(client: Client, document: ReceivedDocument) -> str:
    return client.get(reverse("mail_document", args=[document.pk])).content.decode()


def test_empty_says_so(ward: world.Ward) -> None:
    assert "Aucun document n’attend" in signed(ward.secretary).get(INBOX).content.decode()


def test_the_comparison_says_which_trait_differs(ward: world.Ward, stay: Any, fakes: Fakes) -> None:
    document = letter(fakes, birth_given_names="LUCIE")
    shown = page(signed(ward.secretary), document)
    assert "LUCIE" in shown and "LOUISE MARIE" in shown and shown.count("différent") == 1
    assert f'value="{stay.mother.pk}:{stay.pk}"' in shown


def test_one_activation_files_it(ward: world.Ward, stay: Any, fakes: Fakes) -> None:
    document, client = letter(fakes, ins=None), signed(ward.secretary)
    told = {"personne": f"{stay.mother.pk}:{stay.pk}"}
    answer = client.post(reverse("mail_file", args=[document.pk]), told, follow=True)
    document.refresh_from_db()
    assert document.status == R.FILED and "classé dans le dossier" in answer.content.decode()


def test_what_is_filed_stands_on_the_page_of_the_stay(ward: world.Ward, stay: Any, fakes: Fakes) -> None:
    client, where = signed(ward.secretary), reverse("stay", args=[stay.pk])
    assert "Reçus par messagerie" not in client.get(where).content.decode()
    document = letter(fakes)
    assert document.status == R.FILED
    shown = client.get(where).content.decode()
    assert "Reçus par messagerie (1)" in shown and reverse("mail_document", args=[document.pk]) in shown


def test_a_search_offers_people_and_files_nothing(ward: world.Ward, stay: Any, fakes: Fakes) -> None:
    (document,) = arrive(fakes, mail(attached("application/pdf", "bio.pdf", world.pdf_a()), subject="Résultat"))
    client = signed(ward.secretary)
    shown = client.post(reverse("mail_document", args=[document.pk]), {"recherche": "aca"}).content.decode()
    document.refresh_from_db()
    assert f'value="{stay.mother.pk}:{stay.pk}"' in shown and document.status == R.TO_SORT


def test_putting_aside_wants_its_reason(ward: world.Ward, stay: Any, fakes: Fakes) -> None:
    document, client = letter(fakes, ins=None), signed(ward.secretary)
    address = reverse("mail_discard", args=[document.pk])
    client.post(address, {"motif": ""})
    document.refresh_from_db()
    assert document.status == R.TO_SORT
    client.post(address, {"motif": "Document sans objet pour le suivi"})
    document.refresh_from_db()
    assert document.status == R.DISCARDED


def test_filed_at_the_wrong_place_comes_back(ward: world.Ward, stay: Any, fakes: Fakes) -> None:
    document = letter(fakes)
    signed(ward.secretary).post(reverse("mail_reopen", args=[document.pk]))
    document.refresh_from_db()
    assert document.status == R.TO_SORT and document.person is None


def test_the_pdf_is_shown_and_a_file_that_is_none_is_downloaded(ward: world.Ward, stay: Any, fakes: Fakes) -> None:
    document, client = letter(fakes), signed(ward.secretary)
    shown = client.get(reverse("mail_pdf", args=[document.pk]))
    assert shown["Content-Type"] == "application/pdf" and shown.content == world.pdf_a()
    (other,) = arrive(fakes, mail(attached("text/html", "page.html", b"<script>alert(1)</script>"), subject="x"))
    raw = client.get(reverse("mail_pdf", args=[other.pk]))
    assert raw["Content-Type"] == "application/octet-stream" and "attachment" in raw["Content-Disposition"]


def test_a_picture_received_is_drawn_and_another_file_says_why_it_is_not(
    ward: world.Ward, stay: Any, fakes: Fakes
) -> None:
    client, scan = signed(ward.secretary), made("JPEG")
    (picture,) = arrive(fakes, mail(attached("image/jpeg", "scan.jpg", scan), subject="x"))
    text = page(client, picture)
    assert "data:image/webp;base64," in text and reverse("mail_attached", args=[picture.pk, 1]) in text
    assert client.get(reverse("mail_attached", args=[picture.pk, 1])).content == scan
    (note,) = arrive(fakes, mail(attached("application/msword", "note.doc", b"doc"), subject="y"))
    assert "Ce fichier ne s’affiche pas ici, par sûreté" in page(client, note)


def test_an_archive_refused_says_why_and_cannot_be_filed(ward: world.Ward, stay: Any, fakes: Fakes) -> None:
    (document,) = arrive(fakes, with_archive(archive(b"<a/>", digest="0" * 40)))
    client = signed(ward.secretary)
    assert "empreinte" in page(client, document) and "Classer pour" not in page(client, document)
    told = {"personne": f"{stay.mother.pk}:{stay.pk}"}
    client.post(reverse("mail_file", args=[document.pk]), told)
    document.refresh_from_db()
    assert document.status == R.TO_SORT


def test_results_that_cannot_wait_come_first_until_opened(ward: world.Ward, stay: Any, fakes: Fakes) -> None:
    document = letter(fakes)
    ReceivedDocument.objects.filter(pk=document.pk).update(alerts=[{"code": "HH", "what": "Potassium"}])
    client = signed(ward.secretary)
    shown = client.get(INBOX).content.decode()
    assert "À regarder maintenant (1)" in shown and "Potassium : très haut" in shown
    page(client, document)
    assert "À regarder maintenant" not in client.get(INBOX).content.decode()


def test_another_site_sees_nothing(ward: world.Ward, stay: Any, fakes: Fakes) -> None:
    document = letter(fakes)
    assert signed(ward.midwife_user).get(reverse("mail_document", args=[document.pk])).status_code == 404


class TestPractice:
    """The box of a practice: what is filed belongs to the carers of that mother."""

    def arrive(self, fakes: Fakes, **patient: Any) -> ReceivedDocument:
        raw = with_archive(archive(cda(**patient)))
        (document,) = arrive(fakes, raw, mailbox="perinat@cabinet.mssante.example")
        return document

    def test_the_mother_she_follows(self, ward: world.Ward, stay: Any, fakes: Fakes) -> None:
        document = self.arrive(fakes)
        assert document.status == R.FILED and document.person == stay.mother
        assert document.title in signed(ward.midwife_user).get(INBOX).content.decode()

    def test_a_mother_followed_by_nobody_there(self, ward: world.Ward, fakes: Fakes) -> None:
        world.stay(ward, with_midwife=False)
        document = self.arrive(fakes)
        assert (document.status, document.code, document.person) == (R.TO_SORT, "902", None)
