"""« Mes visites »: what stands on the cards, and the acts of one tap."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.models import (
    CareTeamMember,
    Document,
    Event,
    Handover,
    LetterRequest,
    Notice,
    Offer,
    Reading,
    Shipment,
    Stay,
    WorkItem,
)
from coordination.selectors import my_visits
from coordination.services import documents, handovers
from tests.coordination import world
from tests.coordination.views.town.conftest import Home

pytestmark = pytest.mark.django_db


def shown(client: Client, name: str = "visits") -> str:
    return client.get(reverse(name)).content.decode()


def unplaced(home: Home, **changes: object) -> Stay:
    return world.stay(
        home.ward, with_midwife=False, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=(),
        needs=("Jumeaux",), **changes,
    )  # fmt: skip


def asked(home: Home) -> Offer:
    return handovers.ask(unplaced(home).handovers.get(), home.ward.midwife, by=home.ward.coordinator)


def test_the_card_opens_the_letter_in_one_tap(home: Home, midwife: Client) -> None:
    text = shown(midwife)
    assert "Louise A." in text and "ACACIA" not in text, "a card is read in public"
    assert f'href="{reverse("document", args=[home.letter.pk])}" data-tap="lettre"' in text
    assert "Arrivée" in text and "Lue" not in text
    midwife.get(reverse("document_file", args=[home.letter.pk]))
    assert "Lue" in shown(midwife) and Reading.objects.count() == 1


def test_before_the_mother_is_informed_the_card_says_who_where_and_when(home: Home, midwife: Client) -> None:
    Stay.objects.update(needs=["Jumeaux"])
    assert "Jumeaux" in shown(midwife)
    CareTeamMember.objects.update(informed_at=None)
    text = shown(midwife)
    assert "Louise A." in text and my_visits.NOT_INFORMED in html.unescape(text) and "À voir avant" in text
    for hidden in ("Jumeaux", "Sortie standard", "Visite faite", "Nouvelle visite", "ACACIA"):
        assert hidden not in text, hidden
    for name, arguments in (("visit", [home.stay.pk, home.stay.mother_id]), ("interview", [home.stay.pk])):
        for answer in (midwife.get(reverse(name, args=arguments)), midwife.post(reverse(name, args=arguments))):
            assert answer.status_code == 302 and answer["Location"] == reverse("visits")
    assert my_visits.NOT_INFORMED in html.unescape(shown(midwife))


def test_the_missing_letter_is_asked_for_once(home: Home, midwife: Client) -> None:
    Document.objects.update(type_code="11488-4")
    assert "Pas encore arrivée" in shown(midwife)
    for _ in range(2):
        midwife.post(reverse("ask_letter", args=[home.stay.pk]))
    assert LetterRequest.objects.count() == 1 and WorkItem.objects.filter(kind="LETTER_REQUESTED").count() == 1
    text = shown(midwife)
    assert "Demandée, réponse attendue avant" in text and "Demander la lettre" not in text
    LetterRequest.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert "le cadre du service est prévenu" in shown(midwife)


def test_a_letter_that_is_here_is_not_asked_for(home: Home, midwife: Client) -> None:
    midwife.post(reverse("ask_letter", args=[home.stay.pk]))
    assert not LetterRequest.objects.exists()


@pytest.mark.parametrize(
    ("hours", "group"), [(-1, my_visits.LATE), (3, my_visits.TODAY), (27, my_visits.TOMORROW), (75, my_visits.LATER)]
)
def test_the_next_visit_first(home: Home, clock: Any, hours: int, group: str) -> None:
    when = timezone.now() + timedelta(hours=hours)
    Stay.objects.update(admitted_at=timezone.now() - timedelta(days=4), birth_at=None)
    Handover.objects.update(visit_due_at=when)
    (only,) = my_visits.my_visits(home.ward.midwife_user).groups
    assert (only.key, only.cards[0].deadline.at) == (group, when)  # type: ignore[union-attr]


def test_a_request_names_nobody(home: Home, midwife: Client) -> None:
    offer = asked(home)
    CareTeamMember.objects.update(ended_at=timezone.now())  # only the request is left on the page
    for name in ("visits", "offers"):
        text = shown(midwife, name)
        assert "Valombre" in text and "Jumeaux" in text and str(offer.pk) in text
        assert "ACACIA" not in text and "Louise" not in text and str(offer.handover.stay_id) not in text


def test_accept_opens_the_record_and_sends_the_pack(home: Home, midwife: Client) -> None:
    offer = asked(home)
    documents.validate(world.letter(home.ward, offer.handover.stay), by=home.ward.doctor_user)
    before = Shipment.objects.filter(channel="mssante").count()
    assert midwife.post(reverse("offer_accept", args=[offer.pk])).status_code == 302
    assert str(offer.handover.stay_id) in shown(midwife)
    assert Shipment.objects.filter(channel="mssante").count() == before + 1


def test_the_second_midwife_is_told(home: Home, midwife: Client) -> None:
    offer = asked(home)
    Offer.objects.update(status="WITHDRAWN")
    page = midwife.post(reverse("offer_accept", args=[offer.pk]), follow=True).content.decode()
    assert "a changé entre-temps" in page
    assert not CareTeamMember.objects.filter(stay=offer.handover.stay).exists()


def test_decline_needs_a_reason(home: Home, midwife: Client) -> None:
    offer = asked(home)
    address = reverse("offer_decline", args=[offer.pk])
    assert "Choisissez un motif" in midwife.post(address, follow=True).content.decode()
    midwife.post(address, {"motif": "Trop loin"})
    offer.refresh_from_db()
    assert (offer.status, offer.decline_reason) == ("DECLINED", "Trop loin")
    assert "Déclinée" in shown(midwife, "offers")


def test_an_expired_request_is_not_offered(home: Home, midwife: Client) -> None:
    offer = asked(home)
    Offer.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert str(offer.pk) not in shown(midwife)


def test_notices_are_shown_once(home: Home, midwife: Client) -> None:
    assert Notice.objects.filter(seen_at=None).exists()
    assert handovers.NOTICE_MOTHER in shown(midwife)
    assert handovers.NOTICE_MOTHER not in shown(midwife)
    assert not Notice.objects.filter(seen_at=None).exists()


def test_availability_in_one_tap(home: Home, midwife: Client) -> None:
    midwife.post(reverse("declare_capacity"), {"places": "3"})
    home.ward.midwife.refresh_from_db()
    assert home.ward.midwife.weekly_capacity == 3 and home.ward.midwife.capacity_declared_at
    assert 'value="3" aria-describedby="places" aria-pressed="true"' in shown(midwife)
    for wrong in ("", "-1", "12", "trois"):
        midwife.post(reverse("declare_capacity"), {"places": wrong})
    home.ward.midwife.refresh_from_db()
    assert home.ward.midwife.weekly_capacity == 3


def test_date_then_not_done_then_date_again(home: Home, midwife: Client) -> None:
    date, missed = (reverse(n, args=[home.stay.pk]) for n in ("visit_schedule", "visit_missed"))
    tomorrow = timezone.localtime() + timedelta(days=1)
    midwife.post(date, {"at": f"{tomorrow:%Y-%m-%dT%H:%M}"})
    handover = Handover.objects.get()
    assert handover.status == "SCHEDULED" and handover.scheduled_for == tomorrow.replace(second=0, microsecond=0)
    assert "Choisissez un motif" in midwife.post(missed).content.decode()
    midwife.post(missed, {"reason": "Personne à l’adresse", "detail": "interphone"})
    handover.refresh_from_db()
    assert handover.status == "MISSED"
    assert Event.objects.get(target="MISSED").reason == "Personne à l’adresse : interphone"
    assert "Visite non faite" in shown(midwife)
    midwife.post(date, {"at": f"{tomorrow:%Y-%m-%dT%H:%M}"})
    handover.refresh_from_db()
    assert handover.status == "SCHEDULED"


@pytest.mark.parametrize("wrong", ["", "demain", "2020-01-01T10:00", "2099-01-01T10:00"])
def test_a_wrong_date_is_refused_in_words(home: Home, midwife: Client, wrong: str) -> None:
    text = midwife.post(reverse("visit_schedule", args=[home.stay.pk]), {"at": wrong}).content.decode()
    assert "À corriger avant" in text and 'href="#id_at"' in text
    assert Handover.objects.get().status == "ACCEPTED"


def test_the_mother_refuses(home: Home, midwife: Client) -> None:
    midwife.post(reverse("visit_missed", args=[home.stay.pk]), {"reason": "La mère ne souhaite pas de visite"})
    assert Handover.objects.get().status == "DECLINED_BY_MOTHER"
    assert midwife.get(reverse("document", args=[home.letter.pk])).status_code == 404, "her record is closed"


@pytest.mark.parametrize(("weeks", "due"), [(3.9, False), (4.1, True), (7.9, True), (8.1, False)])
def test_the_interview_is_due_from_the_fourth_to_the_eighth_week(
    home: Home, midwife: Client, weeks: float, due: bool
) -> None:
    born = timezone.now() - timedelta(weeks=weeks)
    Stay.objects.update(birth_at=born, admitted_at=born, discharged_at=born + timedelta(days=3))
    assert (reverse("interview", args=[home.stay.pk]) in shown(midwife)) is due


def test_few_queries_whatever_the_number_of_mothers(
    home: Home, midwife: Client, django_assert_max_num_queries: Any
) -> None:
    for order in range(2, 6):
        entry = world.mother(order=order, ipp=f"M{order}")
        world.stay(home.ward, number=f"S{order}", mother=entry, newborns=())
    shown(midwife)
    with django_assert_max_num_queries(13):  # session, user, professional, organisation, nine of the page
        assert shown(midwife).count('class="p-visit ') == 5
