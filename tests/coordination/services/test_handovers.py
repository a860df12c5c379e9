"""The relay, from « no midwife » to SEEN."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from coordination.lifecycles import HandoverStatus as H
from coordination.lifecycles import OfferStatus as O
from coordination.models import (
    CareTeamMember,
    Document,
    Handover,
    Notice,
    Offer,
    Professional,
    Shipment,
    Stay,
    WorkItem,
)
from coordination.services import claim_rules, handovers, stays, transitions
from tests.coordination import world
from tests.coordination.services.helpers import child, professional, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture
def to_place(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Handover:
    return Handover.objects.get(stay=world.stay(ward, with_midwife=False))


@pytest.fixture
def lucie(ward: world.Ward) -> Professional:
    return professional(ward.practice)


def fresh(handover: Handover) -> Handover:
    handover.refresh_from_db()
    return handover


def open_lines(kind: str) -> int:
    return WorkItem.objects.filter(kind=kind, status="OPEN").count()


def test_a_declared_midwife_has_the_relay_at_once(ward: world.Ward, fakes: object) -> None:
    handover = Handover.objects.get(stay=world.stay(ward))
    assert (handover.status, handover.midwife) == (H.ACCEPTED, ward.midwife)
    assert Notice.objects.get().professional == ward.midwife and open_lines("TO_PLACE") == 0


def test_without_a_midwife_the_cpts_of_her_commune_is_asked(to_place: Handover, ward: world.Ward) -> None:
    assert (to_place.status, to_place.cpts) == (H.TO_PLACE, ward.cpts)
    line = WorkItem.objects.get()
    assert line.organisation == ward.cpts and "ACACIA" not in line.message and "Valombre" in line.message


def test_outside_any_cpts_the_ward_keeps_the_line(ward: world.Ward, fakes: object) -> None:
    world.stay(ward, with_midwife=False, destination_cog="01001", destination_city="Ailleurs")
    assert WorkItem.objects.get().organisation == ward.maternity


def test_recording_again_opens_nothing_twice(to_place: Handover, ward: world.Ward) -> None:
    world.stay(ward, with_midwife=False)
    assert Handover.objects.count() == WorkItem.objects.count() == 1


def test_a_midwife_declared_later_takes_the_relay(to_place: Handover, ward: world.Ward, lucie: Professional) -> None:
    validated(ward, to_place.stay)
    handovers.ask(to_place, lucie, by=ward.coordinator)
    world.stay(ward)  # the secretary adds Claire to the same stay
    assert (fresh(to_place).status, to_place.midwife) == (H.ACCEPTED, ward.midwife)
    assert Offer.objects.get().status == O.WITHDRAWN and open_lines("TO_PLACE") == 0
    assert Shipment.objects.filter(mailbox__professional=ward.midwife).count() == 1, "she receives the pack"


def test_first_yes_wins(to_place: Handover, ward: world.Ward, lucie: Professional) -> None:
    first = handovers.ask(to_place, ward.midwife, by=ward.coordinator)
    second = handovers.ask(to_place, lucie, by=ward.coordinator)
    assert fresh(to_place).status == H.ASKED
    handovers.accept(second, by=ward.midwife_user)
    assert (fresh(to_place).midwife, to_place.status) == (lucie, H.ACCEPTED)
    with pytest.raises(transitions.StaleStateError), transaction.atomic():
        handovers.accept(first, by=ward.midwife_user)
    first.refresh_from_db()
    assert first.status == O.WITHDRAWN and open_lines("TO_PLACE") == 0


def test_accepting_sends_the_pack_one_mail_per_person(to_place: Handover, ward: world.Ward) -> None:
    stay = to_place.stay
    for person, kind in ((stay.mother, ""), (stay.mother, "15508-5"), (child(stay), "59283-2")):
        validated(ward, stay, person=person, type_code=kind)
    world.letter(ward, stay, type_code="57833-6")  # waits for its author: not sent
    handovers.accept(handovers.ask(to_place, ward.midwife, by=ward.coordinator), by=ward.midwife_user)
    mails = Shipment.objects.filter(channel="mssante", mailbox__professional=ward.midwife)
    assert sorted(mail.versions.count() for mail in mails) == [1, 2]
    assert {mail.person_id for mail in mails} == {stay.mother_id, child(stay).pk}  # type: ignore[attr-defined]
    assert (
        Stay.objects.visible_to(ward.midwife_user).exists() and Document.objects.visible_to(ward.midwife_user).exists()
    )


def test_before_she_accepts_she_sees_no_record(to_place: Handover, ward: world.Ward) -> None:
    handovers.ask(to_place, ward.midwife, by=ward.coordinator)
    assert Offer.objects.visible_to(ward.midwife_user).exists()
    for model in (Stay, Document, Handover):
        assert not model.objects.visible_to(ward.midwife_user).exists()
    assert "ACACIA" not in Notice.objects.get().text


def test_asking_twice_is_one_request(to_place: Handover, ward: world.Ward) -> None:
    assert handovers.ask(to_place, ward.midwife, by=ward.coordinator) == handovers.ask(
        to_place, ward.midwife, by=ward.coordinator
    )


def test_nobody_is_asked_for_a_mother_placed_meanwhile(
    to_place: Handover, ward: world.Ward, lucie: Professional
) -> None:
    stale = Handover.objects.get(pk=to_place.pk)
    handovers.accept(handovers.ask(to_place, ward.midwife, by=ward.coordinator), by=ward.midwife_user)
    stale.status = H.ASKED  # as the page of the coordinator still shows it
    with pytest.raises(transitions.StaleStateError), transaction.atomic():
        handovers.ask(stale, lucie, by=ward.coordinator)
    assert Offer.objects.count() == 1


def test_declined_by_all_is_to_place_again(to_place: Handover, ward: world.Ward, lucie: Professional) -> None:
    offers = [handovers.ask(to_place, one, by=ward.coordinator) for one in (ward.midwife, lucie)]
    handovers.decline(offers[0], by=ward.midwife_user, reason="Trop loin")
    assert fresh(to_place).status == H.ASKED
    handovers.decline(offers[1], by=ward.midwife_user, reason="Absente")
    assert fresh(to_place).status == H.TO_PLACE and open_lines("TO_PLACE") == 1
    offers[0].refresh_from_db()
    assert offers[0].decline_reason == "Trop loin"


def test_a_request_without_answer_expires(to_place: Handover, ward: world.Ward) -> None:
    offer = handovers.ask(to_place, ward.midwife, by=ward.coordinator)
    assert handovers.expire_offers(offer.expires_at - timedelta(seconds=1)) == 0
    assert handovers.expire_offers(offer.expires_at) == 1 and handovers.expire_offers(offer.expires_at) == 0
    offer.refresh_from_db()
    assert offer.status == O.EXPIRED and fresh(to_place).status == H.TO_PLACE
    with pytest.raises(transitions.ForbiddenTransitionError), transaction.atomic():
        handovers.accept(offer, by=ward.midwife_user)


def test_one_answer_meanwhile_does_not_stop_the_others_from_expiring(
    to_place: Handover, ward: world.Ward, lucie: Professional, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = handovers.ask(to_place, ward.midwife, by=ward.coordinator)
    second = handovers.ask(to_place, lucie, by=ward.coordinator)
    locked = handovers._lock

    def answered_meanwhile(handover_id: object) -> Handover:
        Offer.objects.filter(pk=second.pk, status=O.SENT).update(status=O.DECLINED, attempt=1)
        return locked(handover_id)  # type: ignore[arg-type]

    monkeypatch.setattr(handovers, "_lock", answered_meanwhile)
    assert handovers.expire_offers(first.expires_at + timedelta(hours=1)) == 1
    assert {o.status for o in Offer.objects.all()} == {O.EXPIRED, O.DECLINED}


def test_a_claim_takes_the_mother_and_withdraws_the_requests(
    to_place: Handover, ward: world.Ward, lucie: Professional
) -> None:
    offer = handovers.ask(to_place, lucie, by=ward.coordinator)
    handovers.claim(to_place.stay, professional=ward.midwife, by=ward.midwife_user)
    offer.refresh_from_db()
    assert offer.status == O.WITHDRAWN and fresh(to_place).midwife == ward.midwife and open_lines("TO_PLACE") == 0


def test_a_claim_does_not_take_a_mother_from_her_midwife(ward: world.Ward, fakes: object, lucie: Professional) -> None:
    stay = world.stay(ward)
    with pytest.raises(claim_rules.ClaimNotOpenError) as refusal:
        handovers.claim(stay, professional=lucie, by=ward.midwife_user)
    assert refusal.value.followed and "Demandez à la maternité" in refusal.value.message_fr
    assert Handover.objects.get().midwife == ward.midwife
    assert CareTeamMember.objects.get(stay=stay).professional == ward.midwife


def test_scheduled_missed_scheduled_seen(ward: world.Ward, fakes: object) -> None:
    handover = Handover.objects.get(stay=world.stay(ward))
    tomorrow = timezone.now() + timedelta(days=1)
    handovers.schedule(handover, at=tomorrow, by=ward.midwife_user)
    handovers.schedule(handover, at=tomorrow + timedelta(hours=2), by=ward.midwife_user)
    handovers.missed(handover, reason="Personne à l'adresse", by=ward.midwife_user)
    handovers.schedule(handover, at=tomorrow, by=ward.midwife_user)
    handovers.seen(handover, at=tomorrow, by=ward.midwife_user)
    assert (fresh(handover).status, handover.seen_at) == (H.SEEN, tomorrow)
    with pytest.raises(transitions.ForbiddenTransitionError), transaction.atomic():
        handovers.missed(handover, reason="Erreur", by=ward.midwife_user)


def test_a_late_first_visit_is_a_line_until_she_is_seen(ward: world.Ward, fakes: object) -> None:
    stay = world.stay(ward)
    handover = Handover.objects.get()
    due = handover.visit_due_at
    assert due is not None and handovers.watch(due + timedelta(hours=1)) == 0, "she has not left yet"
    stays.discharge(stay, at=timezone.now(), by=ward.secretary)
    due = fresh(handover).visit_due_at
    assert due is not None
    assert handovers.watch(due - timedelta(seconds=1)) == 0
    assert handovers.watch(due) == 1 and handovers.watch(due) == 0
    handovers.schedule(handover, at=due, by=ward.midwife_user)
    assert open_lines("VISIT_OVERDUE") == 1, "a date is not a visit"
    handovers.seen(handover, at=due, by=ward.midwife_user)
    assert open_lines("VISIT_OVERDUE") == 0
