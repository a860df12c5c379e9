"""The visit and the interview: few taps, nothing lost, nothing sent twice, said before it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.models import CareRole, Document, Encounter, Handover, Professional, Shipment
from coordination.services import routing, stays
from coordination.views.town import audience
from perinat.standards import codes
from perinat.standards.confidentiality import FROM_PATIENT, FROM_REPRESENTATIVES, MASKED
from tests.coordination import world
from tests.coordination.views.town.conftest import Home, SignIn, carer

pytestmark = pytest.mark.django_db
MOTHER = dict.fromkeys(("general", "bleeding", "perineum", "breasts", "mood"), "normal")
CHILD = {"weight": "3380", "jaundice": "normal", "feeding": "breast", "cord": "normal", "stools": "normal"}
INTERVIEW = {"place": "home", "partner": "yes", "epds": "yes", "epds_score": "7", "second": "no", "referral": "no"}


def now() -> str:
    return f"{timezone.localtime():%Y-%m-%dT%H:%M}"


def form(home: Home, *, child: bool = False) -> str:
    person = home.newborn.person_id if child else home.stay.mother_id
    return reverse("visit", args=[home.stay.pk, person])


def send(client: Client, address: str, answers: dict[str, str], act: str = "valider") -> str:
    data = {"done_at": now(), **answers, "acte": act}
    return client.post(address, data, follow=True).content.decode()


@pytest.fixture
def gp(home: Home) -> Professional:
    """Her doctor, chosen and informed, without any MSSanté address."""
    doctor = carer("89900001085", "Yves", "DOUGLAS", home.ward.practice, "G15_10/SM54")
    stays.join_care_team(home.stay, doctor, role=CareRole.GP, informed_at=timezone.now(), by=home.ward.secretary)
    return doctor


def test_a_normal_visit_from_mother_to_child_to_what_was_sent(home: Home, midwife: Client, gp: Professional) -> None:
    text = send(midwife, form(home), {}, "normal")
    assert text.count('value="normal"') - 1 == text.count('value="normal" required checked') + text.count("checked"), (
        "one tap answers every question about a state"
    )
    assert not Encounter.objects.exists()
    assert "JULES" in send(midwife, form(home), MOTHER).upper(), "then the child"
    sent = send(midwife, form(home, child=True), CHILD)
    assert "Mes synthèses" in sent and "Yves DOUGLAS" in sent and "En attente" in sent
    assert Handover.objects.get().status == "SEEN"
    assert Encounter.objects.count() == 2
    papers = Document.objects.filter(author=home.ward.midwife)
    assert set(papers.values_list("status", "type_code")) == {("VALIDATED", codes.CR_CONSULTATION.code)}


def test_what_is_missing_is_said_and_nothing_is_lost(home: Home, midwife: Client) -> None:
    text = send(midwife, form(home, child=True), {**CHILD, "weight": "", "plan": "Pesée vendredi"})
    assert "Poids (grammes) : Reste à renseigner." in text and 'href="#id_weight"' in text
    assert "Pesée vendredi" in text and text.count("checked") == 4
    assert not Encounter.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("weight", "beaucoup"), ("weight", "90000"), ("feeding", "pizza"), ("done_at", "2099-01-01T10:00")],
)
def test_wrong_answers(home: Home, midwife: Client, field: str, value: str) -> None:
    text = send(midwife, form(home, child=True), {**CHILD, field: value})
    assert "À corriger avant" in text and f'href="#id_{field}' in text
    assert not Encounter.objects.exists()


def test_the_error_of_a_choice_leads_to_its_first_button(home: Home, midwife: Client) -> None:
    text = send(midwife, form(home), {**MOTHER, "mood": ""})
    assert 'href="#id_mood_0"' in text and 'id="id_mood_0"' in text


def test_a_second_tap_sends_nothing_more(home: Home, midwife: Client) -> None:
    data = {"done_at": now(), **MOTHER, "acte": "valider"}
    midwife.post(form(home), data)
    before = Shipment.objects.count()
    midwife.post(form(home), data)
    assert Encounter.objects.count() == 1 and Shipment.objects.count() == before


def test_the_visit_without_its_synthesis(home: Home, midwife: Client) -> None:
    send(midwife, form(home), {}, "confirmer")
    assert Handover.objects.get().status == "SEEN" and not Encounter.objects.exists()
    assert "synthèse plus tard" not in midwife.get(form(home)).content.decode(), "done is done"


def test_a_visit_in_difficulty_is_seen_too(home: Home, midwife: Client) -> None:
    Handover.objects.update(status="ESCALATED")
    send(midwife, form(home), MOTHER)
    assert Handover.objects.get().status == "SEEN"


def test_who_will_see_it_is_what_the_routing_sends(home: Home, midwife: Client, gp: Professional) -> None:
    nurse = carer("89900001101", "Inès", "FUSAIN", home.ward.practice, "G15_60")
    stays.join_care_team(home.stay, nurse, role=CareRole.OTHER, informed_at=None, by=home.ward.secretary)
    said = audience.readers(home.ward.midwife_user, person=home.stay.mother, stay=home.stay)
    send(midwife, form(home), MOTHER)
    paper = Document.objects.get(author=home.ward.midwife)
    assert [r.name for r in said if r.way == "MSSanté"] == [t.name for t in routing.targets(paper)] == ["Yves DOUGLAS"]
    assert [r.way for r in said if r.name == "DMP"] == ["votre structure ne dépose pas dans le DMP"]
    assert "Inès FUSAIN" not in {r.name for r in said}, "the mother was not informed about her"


def test_the_dmp_is_said_when_the_structure_deposits(home: Home, midwife: Client) -> None:
    home.ward.practice.deposits_in_dmp = True
    home.ward.practice.save()
    text = midwife.get(form(home, child=True)).content.decode()
    assert "ses représentants légaux" in text and "attendra que l’INS de l’enfant soit qualifiée" in text


def test_the_child_form_has_no_field_for_the_mother(home: Home, midwife: Client) -> None:
    text = midwife.get(form(home, child=True)).content.decode()
    assert 'name="bleeding"' not in text and 'name="note"' not in text and 'name="weight"' in text


def test_somebody_else_of_another_stay(home: Home, midwife: Client) -> None:
    other = world.stay(home.ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())
    assert midwife.get(reverse("visit", args=[home.stay.pk, other.mother_id])).status_code == 404


def test_the_interview_and_its_score(home: Home, midwife: Client, sign_in: SignIn) -> None:
    address = reverse("interview", args=[home.stay.pk])
    without = {**INTERVIEW, "epds_score": ""}
    assert "Indiquez le score EPDS." in send(midwife, address, without)
    assert "Indiquez pourquoi" in send(midwife, address, {**without, "epds": "no"})
    assert "Mes synthèses" in send(midwife, address, INTERVIEW)
    assert Encounter.objects.get().kind == "EPNP"
    assert Handover.objects.get().status == "ACCEPTED", "an interview is not the first visit"


def test_an_account_without_professional_is_told_why(home: Home, midwife: Client) -> None:
    home.ward.midwife_user.organisation = None
    home.ward.midwife_user.save()
    assert "rattaché à un professionnel" in send(midwife, form(home), MOTHER)


def test_last_answers_become_points_of_attention(home: Home, midwife: Client) -> None:
    send(midwife, form(home), {**MOTHER, "mood": "watch"})
    Encounter.objects.update(done_at=timezone.now() - timedelta(days=1))
    text = midwife.get(reverse("visits")).content.decode()
    assert "1 point d’attention" in text and "mère : fatigue et humeur, à surveiller" in text


# --- Who may not read it -------------------------------------------------------------------------------


def practice_deposits(home: Home) -> None:
    home.ward.practice.deposits_in_dmp = True
    home.ward.practice.save()


def masked(client: Client, home: Home, *masks: str, act: str = "valider", child: bool = False) -> str:
    data = {"done_at": now(), **(CHILD if child else MOTHER), "acte": act, "masque": list(masks)}
    return str(client.post(form(home, child=child), data, follow=True).content.decode())


def synthesis(home: Home) -> Document:
    return Document.objects.get(author=home.ward.midwife)


def test_what_cannot_be_undone_is_said_before(home: Home, midwife: Client) -> None:
    practice_deposits(home)
    page = midwife.get(form(home)).content.decode()
    assert "ne peut plus être caché au patient ensuite" in page.replace("&#x27;", "'")
    assert "Confidentialité : visible, sans restriction" in page
    assert "représentants légaux ensuite" in midwife.get(form(home, child=True)).content.decode()


def test_who_will_see_it_follows_each_choice_before_it_leaves(home: Home, midwife: Client, gp: Professional) -> None:
    practice_deposits(home)
    page = masked(midwife, home, FROM_PATIENT, act="voir")
    assert "ses professionnels autorisés, pas la mère" in page and "ne peut plus être caché" not in page
    page = masked(midwife, home, MASKED, act="voir")
    assert "la mère et vous et le médecin traitant" in page and "Yves DOUGLAS" not in page
    page = masked(midwife, home, FROM_REPRESENTATIVES, act="voir", child=True)
    assert "pas ses représentants légaux" in page
    assert not Encounter.objects.exists(), "asking is not sending"


def test_the_synthesis_leaves_with_its_masks(home: Home, midwife: Client) -> None:
    practice_deposits(home)
    masked(midwife, home, FROM_PATIENT)
    assert synthesis(home).masks == [FROM_PATIENT] == synthesis(home).current_version.masks
    home_page = midwife.get("/mes-visites/").content.decode()
    assert "lui est cachée : après l’annonce, rendez-la visible" in home_page, "nobody else reminds her"
    Document.objects.filter(author=home.ward.midwife).update(masks=[])
    assert "lui est cachée" not in midwife.get("/mes-visites/").content.decode()


def test_masks_that_do_not_go_together_are_refused_and_nothing_is_lost(home: Home, midwife: Client) -> None:
    page = masked(midwife, home, FROM_PATIENT, MASKED)
    assert "à la fois masqué aux professionnels et invisible au patient" in page
    assert page.count("checked") >= len(MOTHER) + 2 and not Encounter.objects.exists()
    assert masked(midwife, home, "INCONNU", act="voir").count("Confidentialité : visible, sans restriction") == 1


def test_masked_to_professionals_it_is_mailed_to_none(home: Home, midwife: Client, gp: Professional) -> None:
    practice_deposits(home)
    masked(midwife, home, MASKED)
    sent = Shipment.objects.filter(versions__document=synthesis(home))
    assert set(sent.values_list("channel", flat=True)) == {"dmp"}
