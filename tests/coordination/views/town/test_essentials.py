"""« L'essentiel »: each value with its document, mother and children apart, only what she may open."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination import blobs
from coordination.models import AuditEntry, CareTeamMember, Document, DocumentVersion, Person, Reading, Stay
from coordination.papers import specimens
from coordination.papers.specimen_texts import TYPE_CODES, Kind
from coordination.services import cards, documents
from perinat.standards import codes
from tests.conformance.cases import CASES
from tests.coordination import world
from tests.coordination.views.town.conftest import Home
from tests.factories.papers import AUTHOR, WARD, WRITTEN_AT, on_paper

pytestmark = pytest.mark.django_db
MISSING = "Non trouvé dans les documents"


def file_paper(
    home: Home, kind: Kind, person: Person, *, stay: Stay | None = None, masks: Any = (), **options: Any
) -> Document:
    """A specimen of this person, validated."""
    data = specimens.paper(kind, person=on_paper(person), ward=WARD, author=AUTHOR, written_at=WRITTEN_AT, **options)
    blob = blobs.store(data, media_type="application/pdf")
    document = documents.draft(
        person=person, stay=stay or home.stay, organisation=home.ward.maternity, type_code=TYPE_CODES[kind], title=kind,
        author=home.ward.doctor, legal_authenticator=home.ward.doctor, original=blob, readable=blob,
        by=home.ward.secretary, masks=masks,
    )  # fmt: skip
    documents.validate(document, by=home.ward.doctor_user)
    return document


def values(home: Home) -> dict[str, str]:
    born = timezone.localtime(home.stay.birth_at)
    return {"naissance": f"{born:%d/%m/%Y à %H h %M}", "poids": "3 400 g", "poids_sortie": "3 230 g (− 5 %)"}


def shown(client: Client, home: Home) -> str:
    html = client.get(reverse("essentials", args=[home.stay.pk])).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u202f", " ").replace("\u00a0", " ").split())


def people(client: Client, home: Home) -> list[str]:
    """The words of each person's frame."""
    html = client.get(reverse("essentials", args=[home.stay.pk])).content.decode()
    frames = re.split(r'<div class="p-brief__who ', html.split("Lu par perinat")[0])[1:]
    return [
        " ".join(re.sub(r"<[^>]+>", " ", one).replace("\u202f", " ").replace("\u00a0", " ").split()) for one in frames
    ]


def test_the_letter_and_the_exam_fill_the_card(home: Home, midwife: Client) -> None:
    letter = file_paper(home, Kind.LLS, home.stay.mother, values=values(home))
    exam = file_paper(home, Kind.CHILD_EXAM, home.newborn.person, values=values(home))
    mother, child = people(midwife, home)
    for words in (
        "déchirure du premier degré",
        "250 mL",
        "A positif",
        "Aucune connue",
        "Paracétamol 1 g",
        "39 SA + 4 j",
    ):
        assert words in mother and words not in child
    for words in ("3 400 g", "3 230 g", "maternel exclusif", "Prélevé à 72 heures", "concluants", "Modéré"):
        assert words in child and words not in mother
    html = midwife.get(reverse("essentials", args=[home.stay.pk])).content.decode()
    for document in (letter, exam):
        assert f'href="{reverse("document", args=[document.pk])}?feuille=1#page-1"' in html
    assert "contradictoire" not in html and "p-brief__who--newborn" in html
    page = midwife.get(reverse("document", args=[letter.pk]) + "?feuille=1").content.decode()
    assert 'id="page-1"' in page and "#page=1&amp;navpanes" in page and "p-brief__who--mother" in page


def test_what_no_document_says_is_told_as_such(home: Home, midwife: Client) -> None:
    mother, child = people(midwife, home)
    assert f"{MISSING} Terme, Périnée, Pertes de sang" in mother
    assert f"{MISSING} Alertes, Groupe et rhésus, Anti-D, Allergies, Traitement, Suivi prévu" in mother
    assert f"{MISSING} Poids de sortie, Perte de poids, Alimentation, Ictère, Dépistage" in child
    assert "voie basse séjour" in mother
    assert "3 400 g" in child


def test_a_scar_is_expected_after_a_caesarean(home: Home, midwife: Client) -> None:
    home.stay.birth_mode = "CAESAREAN"
    home.stay.save()
    assert f"{MISSING} Terme, Cicatrice, Pertes de sang" in people(midwife, home)[0]
    file_paper(home, Kind.LLS, home.stay.mother, values={"mode": "césarienne", "perinee": "intact. Cicatrice propre"})
    mother = people(midwife, home)[0]
    assert "Périnée intact" in mother and "Cicatrice propre" in mother


def test_documents_that_differ_are_not_chosen_between(home: Home, midwife: Client) -> None:
    file_paper(home, Kind.LLS, home.stay.mother, values=values(home) | {"mode": "césarienne programmée"})
    file_paper(home, Kind.CHILD_EXAM, home.newborn.person, values=values(home) | {"poids": "2 400 g"})
    mother, child = people(midwife, home)
    assert "contradictoire : voir les documents" in mother
    assert "césarienne programmée" in mother and "voie basse" in mother
    assert "2 400 g" in child and "3 400 g" in child and "contradictoire" in child


def twins(home: Home) -> Stay:
    born = timezone.now() - timedelta(hours=80)
    both = (world.newborn(born, rank=2, given="PAUL"), world.newborn(born, rank=3, given="ANNA"))
    return world.stay(home.ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=both)


def test_a_twin_s_values_never_come_from_the_other_s_papers(home: Home, midwife: Client) -> None:
    stay = twins(home)
    first, second = stay.newborns.order_by("rank").select_related("person")
    file_paper(home, Kind.CHILD_EXAM, first.person, stay=stay, values={"poids": "3 400 g", "poids_sortie": "3 111 g"})
    file_paper(home, Kind.CRA, stay.mother, stay=stay, values={"poids": "3 333 g"})
    file_paper(home, Kind.LLS, stay.mother, stay=stay, values={"allaitement": "mixte"})
    home.stay = stay
    mother, one, other = people(midwife, home)
    assert "3 111 g" in one and "maternel exclusif" in one
    assert (
        "3 111" not in other
        and "maternel" not in other
        and f"{MISSING} Poids de sortie, Perte de poids, Alimentation" in other
    )
    assert not any("3 333" in words for words in (mother, one, other)) and "mixte" not in one + other
    second.link_ended_at = timezone.now()
    second.save()
    assert [("3 333" in words or "mixte" in words) for words in people(midwife, home)] == [False, False]


def test_a_child_s_page_shows_the_child_alone(home: Home, midwife: Client) -> None:
    file_paper(home, Kind.LLS, home.stay.mother, values=values(home))
    exam = file_paper(home, Kind.CHILD_EXAM, home.newborn.person, values=values(home))
    html = midwife.get(reverse("document", args=[exam.pk])).content.decode()
    assert "p-brief__who--newborn" in html and "p-brief__who--mother" not in html and "Paracétamol" not in html


def test_a_structured_document_says_it_first(home: Home, midwife: Client) -> None:
    body = CASES["OBP-SEM"]["maximal"]["body"]
    exam = file_paper(home, Kind.CHILD_EXAM, home.newborn.person, values=values(home) | {"audition": "normale"})
    blob = blobs.store(blobs.read(exam.current_version.readable), media_type="application/pdf")
    structured = Document.objects.create(
        person=home.newborn.person, stay=home.stay, organisation=home.ward.maternity, volet="OBP-SEM",
        status="VALIDATED", type_code=codes.SYNTHESE_ENFANT_MATERNITE.code, title="Synthèse", set_id="2.25.1",
        author=home.ward.doctor, legal_authenticator=home.ward.doctor, created_by=home.ward.secretary,
    )  # fmt: skip
    DocumentVersion.objects.create(
        document=structured, number=1, unique_id="2.25.2", original=blob, readable=blob, body=blobs.store_json(body),
        validated_at=timezone.now(),
    )  # fmt: skip
    _, child = people(midwife, home)
    assert "anormal à droite" in child and "contradictoire" in child and "BCG : fait" in child
    assert "Synthèse de l&#x27;enfant, p. 1" in child


def test_read_once_and_kept_encrypted(home: Home, midwife: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = file_paper(home, Kind.LLS, home.stay.mother, values=values(home))
    first = shown(midwife, home)
    version = letter.current_version
    assert version.card is not None and b"Parac" not in _raw(version)
    monkeypatch.setattr(cards, "_read", lambda version: pytest.fail("read again"))
    assert shown(midwife, home) == first


def _raw(version: DocumentVersion) -> bytes:
    assert version.card is not None
    return blobs._path(version.card.pk).read_bytes()


def test_a_lost_file_gives_no_value_and_no_error(home: Home, midwife: Client) -> None:
    letter = file_paper(home, Kind.LLS, home.stay.mother)
    assert letter.current_version.readable is not None
    blobs._path(letter.current_version.readable.pk).unlink()
    assert "Paracétamol" not in shown(midwife, home)


def test_masked_withdrawn_and_not_validated_are_not_read(home: Home, midwife: Client) -> None:
    file_paper(home, Kind.LLS, home.stay.mother, masks=[codes.MASQUE_PS.code])
    gone = file_paper(home, Kind.CRA, home.stay.mother)
    documents.withdraw(gone, by=home.ward.doctor_user, reason="erreur")
    text = shown(midwife, home)
    assert "Paracétamol" not in text and "250 mL" not in text


def test_not_informed_sees_nothing(home: Home, midwife: Client) -> None:
    file_paper(home, Kind.LLS, home.stay.mother)
    CareTeamMember.objects.update(informed_at=None)
    text = shown(midwife, home)
    assert "p-brief" not in text and "Voie basse" not in text and "information de la mère" in text


def test_strangers_and_other_roles(home: Home, stranger: Client, sign_in: Any) -> None:
    url = reverse("essentials", args=[home.stay.pk])
    assert stranger.get(url).status_code == 404
    assert sign_in(home.ward.coordinator).get(url).status_code == 403
    assert Client().get(url).status_code == 302
    assert sign_in(home.ward.secretary).get(url).status_code == 200


def test_it_is_audited_and_is_no_reading(home: Home, midwife: Client) -> None:
    shown(midwife, home)
    assert AuditEntry.objects.filter(action="card.opened").count() == 1 and not Reading.objects.exists()


def test_one_tap_from_my_visits(home: Home, midwife: Client) -> None:
    assert reverse("essentials", args=[home.stay.pk]) in midwife.get(reverse("visits")).content.decode()


def test_few_queries(home: Home, midwife: Client, django_assert_max_num_queries: Any) -> None:
    file_paper(home, Kind.LLS, home.stay.mother)
    shown(midwife, home)
    with django_assert_max_num_queries(12):
        shown(midwife, home)
