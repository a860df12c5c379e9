"""Whoever joins late receives each paper once; whoever leaves receives nothing more."""

from __future__ import annotations

import pytest
from django.utils import timezone

from coordination.lifecycles import HandoverStatus as H
from coordination.lifecycles import OfferStatus as O
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import (
    AuditEntry,
    CareRole,
    CareTeamMember,
    Handover,
    Organisation,
    Professional,
    Role,
    Shipment,
    Stay,
    WorkItem,
)
from coordination.services import claims, handovers, holding, routing, stays
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import child, deliver_all, follow, professional, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
NEXT = codes.CR_BIOLOGIE.code


def mails(carer: Professional) -> list[Shipment]:
    return list(Shipment.objects.filter(recipient_name=str(carer), channel="mssante").order_by("created_at"))


def statuses(carer: Professional) -> list[str]:
    return [mail.status for mail in mails(carer)]


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    """A stay without a midwife, one paper of the mother and one of the child already sent."""
    stay = world.stay(ward, with_midwife=False)
    validated(ward, stay)
    validated(ward, stay, person=child(stay), type_code=codes.CR_EXAMEN_ENFANT.code)
    return stay


@pytest.fixture
def lucie(ward: world.Ward) -> Professional:
    return professional(ward.practice)


def placed(stay: Stay, midwife: Professional, ward: world.Ward) -> Handover:
    handover = Handover.objects.get(stay=stay)
    handovers.accept(handovers.ask(handover, midwife, by=ward.coordinator), by=ward.midwife_user)
    handover.refresh_from_db()
    return handover


@pytest.mark.parametrize("role", [CareRole.GP, CareRole.MIDWIFE, CareRole.PMI])
def test_a_carer_declared_late_receives_the_pack_once(
    stay: Stay, ward: world.Ward, lucie: Professional, role: CareRole
) -> None:
    follow(ward, stay, lucie, role)
    assert statuses(lucie) == [S.QUEUED, S.QUEUED], "one mail for the mother, one for her child"
    follow(ward, stay, lucie, role)
    assert routing.bring_up_to_date(stay, lucie, by=ward.secretary) == []
    deliver_all()
    assert routing.bring_up_to_date(stay, lucie, by=ward.secretary) == [] and len(mails(lucie)) == 2


def test_who_follows_nobody_here_receives_nothing(stay: Stay, ward: world.Ward, lucie: Professional) -> None:
    follow(ward, stay, lucie, CareRole.OTHER)
    assert mails(lucie) == []


def test_recorded_again_with_a_doctor(stay: Stay, ward: world.Ward, lucie: Professional) -> None:
    world.stay(ward, with_midwife=False, general_practitioner=lucie)
    assert len(mails(lucie)) == 2


def test_declared_without_information_waits_then_leaves_once(stay: Stay, ward: world.Ward, lucie: Professional) -> None:
    follow(ward, stay, lucie, informed=False)
    assert {(mail.status, mail.hold_reason) for mail in mails(lucie)} == {(S.HELD, "CONSENT")}
    follow(ward, stay, lucie)
    entry = AuditEntry.objects.get(action="care_team.informed")
    assert entry.data == {"professional": str(lucie.pk), "role": "GP"} and len(mails(lucie)) == 2
    assert holding.release_stay(stay) == 2 and statuses(lucie) == [S.QUEUED, S.QUEUED]


def test_the_version_with_the_ins_is_not_mailed_again(stay: Stay, ward: world.Ward, lucie: Professional) -> None:
    follow(ward, stay, lucie)
    stays.qualify(child(stay), world.ins(77), by=ward.secretary)  # type: ignore[arg-type]
    assert holding.release_ready() == 1
    assert routing.bring_up_to_date(stay, lucie, by=ward.secretary) == []


def test_two_carers_of_one_name_without_address_both_wait(stay: Stay, ward: world.Ward) -> None:
    twins = [professional(ward.practice, number, mailbox=False) for number in (0, 1)]
    for carer in twins * 2:
        follow(ward, stay, carer)
        routing.bring_up_to_date(stay, carer, by=ward.secretary)
    assert statuses(twins[0]) == [S.HELD] * 4, "two people, two papers each"


def test_pmi_receives_the_pack_at_the_escalation(stay: Stay, ward: world.Ward, lucie: Professional) -> None:
    handovers.escalate(Handover.objects.get(), reason="Non vue", by=ward.coordinator, pmi=lucie)
    assert len(mails(lucie)) == 2
    assert {mail.sender for mail in mails(lucie)} == {ward.secretary}, "in the name of who made the paper"


def test_the_same_midwife_again_is_not_mailed_twice(stay: Stay, ward: world.Ward) -> None:
    handover = placed(stay, ward.midwife, ward)
    deliver_all()
    handovers.place_again(handover, reason="Absente", by=ward.coordinator)
    placed(stay, ward.midwife, ward)
    assert statuses(ward.midwife) == [S.ACCEPTED, S.ACCEPTED]


def test_what_has_not_left_for_her_never_leaves(stay: Stay, ward: world.Ward) -> None:
    handover = placed(stay, ward.midwife, ward)
    left, refused = mails(ward.midwife)
    Shipment.objects.filter(pk=left.pk).update(status=S.ACCEPTED)
    Shipment.objects.filter(pk=refused.pk).update(status=S.REJECTED)
    validated(ward, stay, type_code=NEXT)
    handovers.place_again(handover, reason="Absente", by=ward.coordinator)
    assert statuses(ward.midwife) == [S.ACCEPTED, S.CANCELLED, S.CANCELLED]
    placed(stay, ward.midwife, ward)
    again = mails(ward.midwife)[3:]
    assert {mail.status for mail in again} == {S.QUEUED}
    assert sum(mail.versions.count() for mail in again) == 2, "what was cancelled comes back with her, not what left"


def test_what_may_have_left_keeps_its_story(stay: Stay, ward: world.Ward) -> None:
    handover = placed(stay, ward.midwife, ward)
    Shipment.objects.filter(recipient_name=str(ward.midwife)).update(in_doubt=True)
    handovers.close(handover, reason="Hors du territoire", by=ward.coordinator)
    assert statuses(ward.midwife) == [S.QUEUED, S.QUEUED]


def test_who_keeps_another_role_still_receives(stay: Stay, ward: world.Ward) -> None:
    handover = placed(stay, ward.midwife, ward)
    follow(ward, stay, ward.midwife, CareRole.PMI)
    handovers.close(handover, reason="Hors du territoire", by=ward.coordinator)
    assert statuses(ward.midwife) == [S.QUEUED, S.QUEUED]


def test_a_close_ends_every_midwife_of_the_stay(stay: Stay, ward: world.Ward, lucie: Professional) -> None:
    handover = placed(stay, ward.midwife, ward)
    CareTeamMember.objects.create(
        stay=stay, professional=lucie, role=CareRole.MIDWIFE, chosen_at=timezone.now(), declared_by=ward.secretary
    )
    handovers.close(handover, reason="Hors du territoire", by=ward.coordinator)
    assert not CareTeamMember.objects.filter(ended_at__isnull=True).exists()


@pytest.mark.parametrize("dated", [False, True])
def test_another_midwife_declared_by_the_ward_replaces_the_first(
    ward: world.Ward, fakes: dict[str, FakeChannel], lucie: Professional, dated: bool
) -> None:
    stay = world.stay(ward)
    validated(ward, stay)
    handover = Handover.objects.get()
    if dated:
        handovers.schedule(handover, at=timezone.now(), by=ward.midwife_user)
    world.stay(ward, midwife=lucie)
    handover.refresh_from_db()
    assert (handover.status, handover.midwife, handover.scheduled_for) == (H.ACCEPTED, lucie, None)
    assert CareTeamMember.objects.get(ended_at__isnull=True).professional == lucie
    assert statuses(ward.midwife) == [S.CANCELLED] and statuses(lucie) == [S.QUEUED]


def test_asked_after_a_difficulty_a_new_midwife_accepts(stay: Stay, ward: world.Ward, lucie: Professional) -> None:
    handover = placed(stay, ward.midwife, ward)
    handovers.escalate(handover, reason="Sans nouvelles", by=ward.coordinator)
    second = handovers.ask(handover, lucie, by=ward.coordinator)
    handovers.accept(second, by=ward.midwife_user)
    handover.refresh_from_db()
    assert (handover.status, handover.midwife) == (H.ACCEPTED, lucie)
    assert set(handover.offers.values_list("midwife", "status")) == {
        (ward.midwife.pk, O.WITHDRAWN), (lucie.pk, O.ACCEPTED),
    }  # fmt: skip
    assert CareTeamMember.objects.get(ended_at__isnull=True).professional == lucie


@pytest.mark.parametrize("end", [handovers.close, handovers.declined_by_mother])
def test_a_claim_does_not_open_an_ended_follow_up(stay: Stay, ward: world.Ward, end: object) -> None:
    end(Handover.objects.get(), reason="Fini", by=ward.coordinator)  # type: ignore[operator]
    with pytest.raises(claims.ClaimRefusedError, match="a pris fin"):
        claims.claim(claims.Clue(code=claims.stay_code(stay.pk)), by=ward.midwife_user)
    assert not CareTeamMember.objects.exists() and mails(ward.midwife) == []


def test_a_claim_does_not_reopen_what_somebody_else_ended(stay: Stay, ward: world.Ward) -> None:
    handovers.place_again(placed(stay, ward.midwife, ward), reason="Absente", by=ward.coordinator)
    clue = claims.Clue(code=claims.stay_code(stay.pk))
    with pytest.raises(claims.ClaimRefusedError, match="Votre suivi de cette mère a pris fin"):
        claims.claim(clue, by=ward.midwife_user)
    assert not Stay.objects.visible_to(ward.midwife_user).exists()


def test_a_claim_reopens_what_she_ended_herself(stay: Stay, ward: world.Ward) -> None:
    handovers.place_again(placed(stay, ward.midwife, ward), reason="Absente", by=ward.midwife_user)
    claims.claim(claims.Clue(code=claims.stay_code(stay.pk)), by=ward.midwife_user)
    assert Stay.objects.visible_to(ward.midwife_user).exists()


def test_two_midwives_for_one_mother_is_a_question_for_the_ward(
    stay: Stay, ward: world.Ward, lucie: Professional
) -> None:
    placed(stay, ward.midwife, ward)
    other = world.user("lucie", Role.MIDWIFE, ward.practice, lucie)
    for _ in range(2):
        with pytest.raises(claims.ClaimRefusedError, match="Une autre sage-femme suit déjà cette mère"):
            claims.claim(claims.Clue(code=claims.stay_code(stay.pk)), by=other)
    line = WorkItem.objects.get(organisation=ward.maternity, status="OPEN")
    assert line.stay == stay and "Lucie BRUYÈRE" in line.message
    assert not Stay.objects.visible_to(other).exists() and mails(lucie) == []


def test_the_line_follows_the_mother_to_another_territory(stay: Stay, ward: world.Ward) -> None:
    far = Organisation.objects.create(kind="CPTS", name="CPTS lointaine", finess="997800313", communes=["01001"])
    handover = Handover.objects.get()
    handovers.ask(handover, ward.midwife, by=ward.coordinator)
    world.stay(ward, with_midwife=False, destination_cog="01001", destination_city="Ailleurs")
    handover.refresh_from_db()
    line = WorkItem.objects.get(kind="TO_PLACE", status="OPEN")
    assert handover.cpts == line.organisation == far and "Ailleurs" in line.message
    world.stay(ward, with_midwife=False, destination_cog="01001", destination_city="Ailleurs")
    assert WorkItem.objects.filter(kind="TO_PLACE").count() == 2


def test_the_watch_looks_only_at_what_is_not_on_a_list(
    stay: Stay, ward: world.Ward, django_assert_num_queries: object
) -> None:
    stays.discharge(stay, at=timezone.now(), by=ward.secretary)
    due = Handover.objects.get().visit_due_at
    assert due is not None and handovers.watch(due) == 1
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert handovers.watch(due) == 0


def test_pmi_sees_the_relay_she_takes_over(stay: Stay, ward: world.Ward, lucie: Professional) -> None:
    account = world.user("pmi", Role.MIDWIFE, ward.practice, lucie)
    assert not Handover.objects.visible_to(account).exists()
    handovers.escalate(Handover.objects.get(), reason="Non vue", by=ward.coordinator, pmi=lucie)
    assert Handover.objects.visible_to(account).get().status == H.ESCALATED
    CareTeamMember.objects.update(ended_at=timezone.now())
    assert not Handover.objects.visible_to(account).exists()
