"""« Reçus pour moi »: newest first, read or not; PMI opens on the child and sees what is in difficulty."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.models import CareRole, Handover, Notice, Organisation, OrganisationKind, Role, User
from coordination.services import documents, handovers, stays
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.views.town.conftest import Home, SignIn, carer

pytestmark = pytest.mark.django_db


@pytest.fixture
def pmi(home: Home, sign_in: SignIn) -> Client:
    """A PMI doctor whom the mother accepted; the child's letter is there too."""
    site = Organisation.objects.create(kind=OrganisationKind.PMI, name="PMI d'essai", finess="997800313")
    doctor = carer("89900001101", "Inès", "FUSAIN", site, "G15_10/SM40")
    stays.join_care_team(home.stay, doctor, role=CareRole.PMI, informed_at=timezone.now(), by=home.ward.secretary)
    documents.validate(world.letter(home.ward, home.stay, person=home.newborn.person), by=home.ward.doctor_user)
    return sign_in(world.user("pmi", Role.PMI, site, doctor))


def listed(client: Client, query: str = "") -> str:
    return client.get(reverse("received") + query).content.decode()


def test_pmi_arrives_on_the_child(pmi: Client) -> None:
    assert pmi.get(reverse("home"))["Location"] == reverse("received")
    text = listed(pmi)
    assert "ACACIA Jules" in text and "Mme ACACIA" not in text
    assert "Mme ACACIA" in listed(pmi, "?qui=meres") and "ACACIA Jules" not in listed(pmi, "?qui=meres")
    assert "2 documents à lire" in text


def test_read_or_not(home: Home, midwife: Client) -> None:
    assert "À lire" in listed(midwife) and "1 document à lire" in listed(midwife)
    midwife.get(reverse("document_file", args=[home.letter.pk]))
    text = listed(midwife)
    assert "Tout est lu" in text and "À lire" not in text


def test_newest_first(home: Home, midwife: Client) -> None:
    later = world.letter(home.ward, home.stay, type_code=codes.CR_ACCOUCHEMENT.code)
    documents.validate(later, by=home.ward.doctor_user)
    text = listed(midwife)
    assert text.index(str(later.pk)) < text.index(str(home.letter.pk))


@pytest.mark.parametrize("query", ["?page=0", "?page=99", "?page=abc", "?qui=personne", "?qui=%00"])
def test_odd_addresses(home: Home, midwife: Client, query: str) -> None:
    assert str(home.letter.pk) in listed(midwife, query)


def test_her_own_papers_are_not_received(home: Home, sign_in: SignIn) -> None:
    stays.join_care_team(
        home.stay, home.ward.doctor, role=CareRole.OTHER, informed_at=timezone.now(), by=home.ward.secretary
    )
    User.objects.filter(pk=home.ward.doctor_user.pk).update(role=Role.GYNAECOLOGIST)
    author = sign_in(User.objects.get(pk=home.ward.doctor_user.pk))
    assert str(home.letter.pk) not in listed(author)


def test_a_notice_leads_there_and_is_seen(home: Home, pmi: Client) -> None:
    handovers.escalate(Handover.objects.get(), reason="J7", by=home.ward.coordinator, pmi=_pmi_of(pmi))
    assert handovers.NOTICE_MOTHER in listed(pmi)
    assert not Notice.objects.filter(professional=_pmi_of(pmi), seen_at=None).exists()


def test_what_is_in_difficulty_comes_first_and_ends_with_a_visit(home: Home, pmi: Client) -> None:
    assert "en difficulté" not in listed(pmi)
    handovers.escalate(Handover.objects.get(), reason="J7", by=home.ward.coordinator, pmi=_pmi_of(pmi))
    assert "Suivis en difficulté (1)" in listed(pmi) and "Jules" in listed(pmi)
    visits = pmi.get(reverse("visits")).content.decode()
    assert "Suivi en difficulté" in visits and "Dater" not in visits, "the relay is still the midwife's"
    answers = dict.fromkeys(("general", "bleeding", "perineum", "breasts", "mood"), "normal")
    done = {"done_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}", "acte": "valider", **answers}
    pmi.post(reverse("visit", args=[home.stay.pk, home.stay.mother_id]), done)
    assert Handover.objects.get().status == "SEEN"
    assert "en difficulté" not in listed(pmi)


def test_few_queries(home: Home, pmi: Client, django_assert_max_num_queries: Any) -> None:
    listed(pmi)
    with django_assert_max_num_queries(10):
        listed(pmi, "?qui=tous")


def _pmi_of(client: Client) -> Any:
    return User.objects.get(username="pmi").professional
