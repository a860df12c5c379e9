"""The coordinator's board: who stands where, whom to ask, how a relay ends, and whose mothers she sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.lifecycles import HandoverStatus as H
from coordination.models import CareTeamMember, Event, Handover, Offer, Organisation, Professional, Role, Stay
from coordination.selectors import board as boards
from coordination.selectors import placement
from coordination.services import availability, handovers
from tests.coordination import world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def territory(ward: world.Ward) -> world.Ward:
    """The practice of the midwife is in the territory; two colleagues elsewhere in it, and one outside."""
    Organisation.objects.filter(pk=ward.practice.pk).update(postal_code="78990", city="Valombre")
    Organisation.objects.filter(pk=ward.cpts.pk).update(communes=["78990", "78646"])
    near = Organisation.objects.create(kind="PRACTICE", name="Cabinet du Saule", city="Versailles", communes=["78646"])
    far = Organisation.objects.create(kind="PRACTICE", name="Cabinet lointain", city="Brest", postal_code="29200")
    midwife("89900001069", "BRUYÈRE", near)
    midwife("89900001077", "CHARME", near)
    midwife("89900001085", "LOINTAINE", far)
    return ward


def midwife(rpps: str, family: str, site: Organisation) -> Professional:
    return Professional.objects.create(rpps=rpps, family_name=family, given_name="Lucie", organisation=site)


def to_place(ward: world.Ward, number: str = "S1", **changes: object) -> Handover:
    order = int(number[1:])
    mother = replace(world.mother(order=order, ipp=f"M{order}"), birth_given_names=f"LOUISE{chr(64 + order)}")
    stay = world.stay(ward, with_midwife=False, number=number, mother=mother, newborns=(), **changes)
    return Handover.objects.get(stay=stay)


def left(handover: Handover, hours: float) -> None:
    """She left so many hours ago."""
    at = timezone.now() - hours * HOUR
    Stay.objects.filter(pk=handover.stay_id).update(
        discharged_at=at, birth_at=at - 80 * HOUR, admitted_at=at - 90 * HOUR
    )
    handover.stay.refresh_from_db()
    handovers.reset_clock(handover.stay)
    handover.refresh_from_db()


def signed_in(ward: world.Ward) -> Client:
    client = Client()
    client.force_login(ward.coordinator)
    return client


def candidates(handover: Handover, ward: world.Ward) -> list[placement.Candidate]:
    found = placement.handover_of(ward.coordinator, handover.pk)
    assert found is not None
    return list(placement.case_of(found).candidates)


def test_each_state_has_its_column(territory: world.Ward) -> None:
    waiting = [to_place(territory, f"S{i}") for i in range(1, 8)]
    handovers.ask(waiting[1], territory.midwife, by=territory.coordinator)
    for handover in waiting[2:5]:
        offer = handovers.ask(handover, territory.midwife, by=territory.coordinator)
        handovers.accept(offer, by=territory.midwife_user)
        handover.refresh_from_db()
    handovers.schedule(waiting[3], at=timezone.now() + HOUR, by=territory.midwife_user)
    handovers.seen(waiting[4], at=timezone.now(), by=territory.midwife_user)
    handovers.escalate(waiting[5], reason="Mère injoignable", by=territory.coordinator)
    handovers.close(waiting[6], reason="Suivie hors du territoire", by=territory.coordinator)
    found = boards.board(territory.coordinator)
    assert [[card.id for card in column.cards] for column in found.columns] == [[h.pk] for h in waiting[:6]]
    assert [card.id for card in found.ended] == [waiting[6].pk]
    assert "Mère injoignable" in found.columns[5].cards[0].says
    page = signed_in(territory).get(reverse("board")).content.decode()
    assert "À placer" in page and "En difficulté" in page


def test_oldest_first(territory: world.Ward) -> None:
    first, second = to_place(territory, "S1"), to_place(territory, "S2")
    Handover.objects.filter(pk=second.pk).update(opened_at=timezone.now() - timedelta(days=2))
    assert [card.id for card in boards.board(territory.coordinator).columns[0].cards] == [second.pk, first.pk]


def test_a_week_without_a_visit_stands_on_top(territory: world.Ward) -> None:
    late, other = to_place(territory, "S1"), to_place(territory, "S2")
    left(late, 7 * 24 + 1)
    left(other, 7 * 24 - 1)
    handovers.watch(timezone.now())
    found = boards.board(territory.coordinator)
    assert [card.id for card in found.late] == [late.pk]
    assert [card.id for card in found.columns[0].cards] == [other.pk], "she is shown once"
    page = signed_in(territory).get(reverse("board")).content.decode()
    places = [page.index(words) for words in ("Non vues une semaine après", "À faire maintenant", "<h2>À placer")]
    assert places == sorted(places)


def test_what_presses_comes_before_the_columns_once_per_mother(territory: world.Ward) -> None:
    calm, late = to_place(territory, "S1"), to_place(territory, "S2")
    left(late, 60)
    handovers.watch(timezone.now())
    tasks = boards.board(territory.coordinator).tasks
    assert [(task.title, task.url) for task in tasks] == [
        ("Première visite en retard", reverse("relay_case", args=[late.pk]))
    ]
    assert calm.status == H.TO_PLACE


def test_a_card_says_little(territory: world.Ward) -> None:
    handover = to_place(territory, needs=("Jumeaux",))
    page = signed_in(territory).get(reverse("board")).content.decode()
    assert "Louisea A." in page and "Valombre" in page and "Sortie standard" in page and "Jumeaux" in page
    for hidden in ("ACACIA", handover.person.ins_matricule, "12/04/1993"):
        assert hidden not in page


def test_candidates_are_those_of_the_territory_with_reasons(territory: world.Ward) -> None:
    handover = to_place(territory)
    availability.declare(territory.midwife, 2, by=territory.midwife_user)
    found = candidates(handover, territory)
    assert [one.name for one in found] == ["Claire AUBÉPINE", "Lucie BRUYÈRE", "Lucie CHARME"]
    assert found[0].reasons[0].startswith("Peut prendre 2 mères cette semaine")
    assert found[0].reasons[1:] == ("Exerce à Valombre, où la mère sera", "Aucun suivi en cours")
    assert found[1].reasons[:2] == ("Disponibilité non déclarée", "Exerce à Versailles (la mère sera à Valombre)")


def test_nobody_goes_above_what_she_declared(territory: world.Ward) -> None:
    availability.declare(territory.midwife, 1, by=territory.midwife_user)
    offer = handovers.ask(to_place(territory, "S1"), territory.midwife, by=territory.coordinator)
    handovers.accept(offer, by=territory.midwife_user)
    last = candidates(to_place(territory, "S2"), territory)[-1]
    assert last.name == "Claire AUBÉPINE" and not last.may_ask
    assert last.reasons[0].startswith("Ne prend plus") and last.reasons[2] == "1 suivi en cours"


def test_a_capacity_fades_after_seven_days(territory: world.Ward) -> None:
    availability.declare(territory.midwife, 3, by=territory.midwife_user)
    old = timezone.now() - timedelta(days=8)
    Professional.objects.filter(pk=territory.midwife.pk).update(capacity_declared_at=old)
    claire = next(c for c in candidates(to_place(territory), territory) if c.name.startswith("Claire"))
    assert claire.availability.left is None and "il y a 8 j, à confirmer" in claire.reasons[0]


def test_a_refusal_is_shown_and_goes_last(territory: world.Ward) -> None:
    handover = to_place(territory)
    offer = handovers.ask(handover, territory.midwife, by=territory.coordinator)
    handovers.decline(offer, by=territory.midwife_user, reason="Plus de place")
    last = candidates(handover, territory)[-1]
    assert (last.name, last.answer_reason, last.may_ask) == ("Claire AUBÉPINE", "Plus de place", True)
    page = signed_in(territory).get(reverse("relay_case", args=[handover.pk])).content.decode()
    assert "Demander de nouveau" in page and "Plus de place" in page


def test_asking_sends_one_request_and_shows_its_answer(territory: world.Ward) -> None:
    handover, client = to_place(territory), signed_in(territory)
    url = reverse("relay_ask", args=[handover.pk, territory.midwife.pk])
    page = client.post(url, follow=True).content.decode()
    assert "Demande envoyée à Claire AUBÉPINE" in page and "Réponse attendue avant" in page
    client.post(url)
    assert Offer.objects.count() == 1
    fragment = client.get(reverse("relay_answers", args=[handover.pk])).content.decode()
    assert "hx-get" in fragment and "<html" not in fragment
    handovers.accept(Offer.objects.get(), by=territory.midwife_user)
    fragment = client.get(reverse("relay_answers", args=[handover.pk])).content.decode()
    assert "Acceptée" in fragment and "hx-get" not in fragment


def test_asking_outside_the_territory_is_not_found(territory: world.Ward) -> None:
    far = Professional.objects.get(family_name="LOINTAINE")
    url = reverse("relay_ask", args=[to_place(territory).pk, far.pk])
    assert signed_in(territory).post(url).status_code == 404


def test_placed_meanwhile_is_said_and_asks_nobody(territory: world.Ward) -> None:
    handover = to_place(territory)
    handovers.claim(handover.stay, professional=territory.midwife, by=territory.midwife_user)
    lucie = Professional.objects.get(family_name="BRUYÈRE")
    page = signed_in(territory).post(reverse("relay_ask", args=[handover.pk, lucie.pk]), follow=True)
    assert "a changé entre-temps" in page.content.decode()
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("name", "reason", "status"),
    [
        ("relay_escalate", "Mère injoignable", H.ESCALATED),
        ("relay_close", "Suivie hors du territoire", H.CLOSED),
        ("relay_declined", "La mère ne souhaite pas de visite", H.DECLINED_BY_MOTHER),
    ],
)
def test_a_decision_has_its_named_reason(territory: world.Ward, name: str, reason: str, status: H) -> None:
    handover, client = to_place(territory), signed_in(territory)
    url = reverse(name, args=[handover.pk])
    for wrong in ({}, {"motif": "inconnu"}, {"motif": "Autre motif"}):
        assert "motif" in client.post(url, wrong, follow=True).content.decode()
        handover.refresh_from_db()
        assert handover.status == H.TO_PLACE
    client.post(url, {"motif": reason, "precision": "deux appels"})
    handover.refresh_from_db()
    assert handover.status == status
    assert Event.objects.get(subject_id=handover.pk, target=status).reason == f"{reason} (deux appels)"


def test_the_mother_changes_her_mind(territory: world.Ward) -> None:
    handover, client = to_place(territory), signed_in(territory)
    handovers.declined_by_mother(handover, reason="Organise seule", by=territory.coordinator)
    page = client.get(reverse("relay_case", args=[handover.pk])).content.decode()
    assert "Remettre à placer" in page
    client.post(reverse("relay_place_again", args=[handover.pk]), {"motif": "La mère a changé d’avis"})
    handover.refresh_from_db()
    assert handover.status == H.TO_PLACE


def test_nothing_goes_to_the_pmi_without_the_mother(territory: world.Ward) -> None:
    handover, client = to_place(territory), signed_in(territory)
    pmi = Organisation.objects.create(kind="PMI", name="PMI de Valombre", finess="997800313")
    ines = midwife("89900001101", "FUSAIN", pmi)
    world.user("pmi", Role.PMI, pmi, ines)
    url, motive = reverse("relay_escalate", args=[handover.pk]), {"motif": "Non vue à J+7", "pmi": str(ines.pk)}
    assert "sans l’accord de la mère" in client.post(url, motive, follow=True).content.decode()
    assert not CareTeamMember.objects.filter(professional=ines).exists()
    client.post(url, {**motive, "accord": "1"})
    assert CareTeamMember.objects.get(professional=ines).informed_at is not None
    handover.refresh_from_db()
    assert handover.status == H.ESCALATED


def test_another_territory_is_not_found(territory: world.Ward) -> None:
    handover = to_place(territory)
    elsewhere = Organisation.objects.create(kind="CPTS", name="Autre", finess="997800222", communes=["29200"])
    client = Client()
    client.force_login(world.user("autre", Role.COORDINATOR, elsewhere))
    assert handover.person.first_given_name.capitalize() not in client.get(reverse("board")).content.decode()
    for name in ("relay_case", "relay_answers"):
        assert client.get(reverse(name, args=[handover.pk])).status_code == 404
    for name in ("relay_escalate", "relay_close", "relay_declined", "relay_place_again"):
        assert client.post(reverse(name, args=[handover.pk]), {"motif": "Mère injoignable"}).status_code == 404
    assert client.post(reverse("relay_ask", args=[handover.pk, territory.midwife.pk])).status_code == 404


def test_the_page_is_the_coordinators(territory: world.Ward) -> None:
    handover = to_place(territory)
    for user in (territory.secretary, territory.midwife_user):
        client = Client()
        client.force_login(user)
        for url in (reverse("board"), reverse("capacity"), reverse("relay_case", args=[handover.pk])):
            assert client.get(url).status_code == 403


def test_capacity_of_the_territory(territory: world.Ward) -> None:
    availability.declare(territory.midwife, 0, by=territory.midwife_user)
    page = signed_in(territory).get(reverse("capacity")).content.decode()
    assert page.index("Lucie BRUYÈRE") < page.index("Claire AUBÉPINE")
    assert "Ne prend plus de nouvelle mère cette semaine" in page and "LOINTAINE" not in page


def test_queries_do_not_grow_with_the_mothers(territory: world.Ward, django_assert_max_num_queries: object) -> None:
    for i in range(1, 7):
        handover = to_place(territory, f"S{i}")
        handovers.ask(handover, territory.midwife, by=territory.coordinator)
    client = signed_in(territory)
    client.get(reverse("board"))
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        client.get(reverse("board"))
    with django_assert_max_num_queries(11):  # type: ignore[operator]
        client.get(reverse("relay_case", args=[handover.pk]))
