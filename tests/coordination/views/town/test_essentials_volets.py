"""« L'essentiel » from structured documents: each child's own, the exit weighed, what differs told with its sources."""

from __future__ import annotations

import copy
import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination import blobs
from coordination.cda.volets import VOLETS
from coordination.models import Document, DocumentVersion, Person, Stay
from tests.conformance.cases import CASES
from tests.coordination import world
from tests.coordination.views.town.conftest import Home
from tests.coordination.views.town.test_essentials import MISSING, people, twins

pytestmark = pytest.mark.django_db
_numbers = itertools.count(1)


def file_case(home: Home, volet: str, person: Person, body: Any = None, *, stay: Stay | None = None) -> Document:
    """A structured document in force; its case is that of the maximal one unless told."""
    number = next(_numbers)
    case = blobs.store_json(body if body is not None else CASES[volet]["maximal"]["body"])
    pdf = blobs.store(world.pdf_a(), media_type="application/pdf")
    document = Document.objects.create(
        person=person, stay=stay or home.stay, organisation=home.ward.maternity, volet=volet, status="VALIDATED",
        type_code=VOLETS[volet].type.code, title=volet, set_id=f"2.25.{number}01", author=home.ward.doctor,
        legal_authenticator=home.ward.doctor, created_by=home.ward.secretary,
    )  # fmt: skip
    DocumentVersion.objects.create(
        document=document, number=1, unique_id=f"2.25.{number}02", original=pdf, readable=pdf, body=case,
        validated_at=timezone.now() - timedelta(hours=1),
    )  # fmt: skip
    return document


def weighed(grams: int, day: str) -> dict[str, Any]:
    return {"vital_signs": {"measures": {"measured_at": day, "weight": grams}}}


def day(home: Home, **after: int) -> str:
    return (timezone.localdate(home.stay.leaves_at) + timedelta(**after)).isoformat()


def test_the_antepartum_summary_and_the_first_certificate_are_read(home: Home, midwife: Client) -> None:
    summary = file_case(home, "OBP-SAP", home.stay.mother)
    certificate = file_case(home, "CSE-CS8", home.newborn.person)
    mother, child = people(midwife, home)
    for words in ("groupe sanguin A positif", "amoxicilline", "Diabète sucré", "Nicardipine", "Synthèse antepartum"):
        assert words in mother and words not in child
    for words in ("détresse respiratoire", "VRS (anticorps) : fait", "Audition à recontrôler", "médecin de PMI"):
        assert words in child and words not in mother
    html = midwife.get(reverse("essentials", args=[home.stay.pk])).content.decode()
    assert f'href="{reverse("document", args=[summary.pk])}#rubrique-18717-9"' in html
    assert f'href="{reverse("document", args=[certificate.pk])}#rubrique-11369-6"' in html
    assert "tabac" in mother and "tabac" not in child, "the certificate's parents are not read"


def test_a_weighing_of_the_day_of_the_exit_is_the_exit_weight_and_gives_the_loss(home: Home, midwife: Client) -> None:
    file_case(home, "CSE-MDE", home.newborn.person, weighed(3230, day(home)))
    file_case(home, "CSE-MDE", home.newborn.person, weighed(3300, day(home, days=-1)))
    _, child = people(midwife, home)
    left = f"{timezone.localdate(home.stay.leaves_at):%d/%m/%Y}"
    assert f"Poids de sortie 3 230 g, le {left}" in child and "perte de 5,0 % (calculée)" in child
    assert "Autre pesée 3 300 g" in child and "contradictoire" not in child


def test_two_weighings_of_the_exit_that_differ_give_no_loss(home: Home, midwife: Client) -> None:
    for grams in (3230, 3130):
        file_case(home, "CSE-MDE", home.newborn.person, weighed(grams, day(home)))
    _, child = people(midwife, home)
    assert "contradictoire" in child and "3 230 g" in child and "3 130 g" in child
    assert "calculée" not in child and "Perte de poids" in child.split(MISSING)[1]


def test_without_a_weight_at_exit_the_last_weighing_tells_the_loss_with_its_day(home: Home, midwife: Client) -> None:
    file_case(home, "CSE-MDE", home.newborn.person, weighed(3332, day(home, days=-1)))
    _, child = people(midwife, home)
    before = f"{timezone.localdate(home.stay.leaves_at) - timedelta(days=1):%d/%m/%Y}"
    assert f"perte de 2,0 % le {before} (calculée)" in child and f"{MISSING} Poids de sortie" in child


def test_each_twin_has_her_own_volets(home: Home, midwife: Client) -> None:
    home.stay = twins(home)
    first, second = home.stay.newborns.order_by("rank").select_related("person")
    file_case(home, "CSE-MDE", first.person, weighed(2345, day(home)))
    file_case(home, "OBP-SEM", first.person)
    file_case(home, "CSE-CS8", second.person)
    file_case(home, "LDL-SES", home.stay.mother, _letter("Enfant\nPoids de sortie : 2 999 g\nAlimentation : mixte"))
    mother, one, other = people(midwife, home)
    assert "2 345 g" in one and "Escherichia coli" in one and "détresse respiratoire" not in one
    assert "détresse respiratoire" in other and "2 345" not in other and "Escherichia" not in other
    assert not any("2 999" in words for words in (mother, one, other))
    assert f"{MISSING} Poids de sortie, Perte de poids" in other


def _letter(words: str) -> dict[str, Any]:
    body = copy.deepcopy(dict(CASES["LDL-SES"]["nothing to report"]["body"]))
    body["synthesis"]["summary"]["text"] = words
    return body


def test_the_birth_of_an_only_child_is_told_by_the_child_s_papers_too(home: Home, midwife: Client) -> None:
    file_case(home, "CSE-CS8", home.newborn.person)
    mother, _ = people(midwife, home)
    assert "Césarienne programmée" in mother and "contradictoire" in mother, "the stay says a vaginal birth"
    assert "39 SA" in mother and "Certificat" in mother


def test_what_two_documents_tell_in_words_is_told_with_each_source(home: Home, midwife: Client) -> None:
    file_case(home, "OBP-SNM", home.stay.mother)
    file_case(home, "LDL-SES", home.stay.mother, _letter("Suites simples, allaitement bien parti."))
    mother, _ = people(midwife, home)
    assert "Fièvre pendant le travail" in mother and "aucune signalée" in mother
    assert "contradictoire" in mother, "a transfusion in one, none in the other"


def test_of_a_child_born_dead_nothing_more_is_looked_for(home: Home, midwife: Client) -> None:
    file_case(home, "OBP-SNE", home.newborn.person, CASES["OBP-SNE"]["stillbirth"]["body"])
    _, child = people(midwife, home)
    assert "né sans vie" in child and MISSING not in child


def test_a_child_whose_link_ended_gives_nothing_to_the_mother_s_card(home: Home, midwife: Client) -> None:
    file_case(home, "CSE-CS8", home.newborn.person)
    home.newborn.link_ended_at = timezone.now()
    home.newborn.save()
    (mother,) = people(midwife, home)
    assert "Césarienne programmée" not in mother
