"""How a relay ends, or starts again, by a coordinator's decision."""

from __future__ import annotations

import pytest
from django.utils import timezone

from coordination.lifecycles import HandoverStatus as H
from coordination.lifecycles import OfferStatus as O
from coordination.models import AuditEntry, CareRole, CareTeamMember, Event, Handover, Professional, WorkItem
from coordination.services import handovers, transitions
from tests.coordination import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(ward: world.Ward) -> Handover:
    """A mother for whom one midwife was asked."""
    handover = Handover.objects.get(stay=world.stay(ward, with_midwife=False))
    handovers.ask(handover, ward.midwife, by=ward.coordinator)
    return handover


def accepted(handover: Handover, ward: world.Ward) -> Handover:
    handovers.accept(handover.offers.get(), by=ward.midwife_user)
    handover.refresh_from_db()
    return handover


def open_lines(handover: Handover) -> int:
    return WorkItem.objects.filter(stay=handover.stay, status="OPEN").count()


def follows(handover: Handover, professional: Professional) -> bool:
    members = CareTeamMember.objects.filter(stay=handover.stay, professional=professional)
    return members.filter(ended_at__isnull=True).exists()


def test_escalation_withdraws_requests_and_keeps_the_line(asked: Handover, ward: world.Ward) -> None:
    handovers.escalate(asked, reason="Aucune sage-femme disponible", by=ward.coordinator)
    assert asked.status == H.ESCALATED
    assert asked.offers.get().status == O.WITHDRAWN
    assert open_lines(asked) == 1, "the mother still has nobody"
    assert Event.objects.get(subject="handover", target="ESCALATED").reason == "Aucune sage-femme disponible"
    assert AuditEntry.objects.filter(action="handover.escalated", by_id=ward.coordinator.pk).exists()


def test_escalation_to_pmi_opens_the_record_to_her(asked: Handover, ward: world.Ward) -> None:
    pmi = Professional.objects.create(
        rpps="89900001101", given_name="Inès", family_name="FUSAIN", organisation=ward.cpts
    )
    handovers.escalate(asked, reason="Non vue", by=ward.coordinator, pmi=pmi)
    member = CareTeamMember.objects.get(stay=asked.stay, professional=pmi)
    assert member.role == CareRole.PMI and member.informed_at is not None


def test_escalation_keeps_the_midwife_who_accepted(asked: Handover, ward: world.Ward) -> None:
    handover = accepted(asked, ward)
    handovers.escalate(handover, reason="Mère injoignable", by=ward.coordinator)
    assert handover.midwife == ward.midwife and follows(handover, ward.midwife)
    assert handover.offers.get().status == O.ACCEPTED


def test_close_names_who_and_why_and_ends_everything(asked: Handover, ward: world.Ward) -> None:
    handover = accepted(asked, ward)
    handovers.close(handover, reason="Suivie hors du territoire", by=ward.coordinator)
    handover.refresh_from_db()
    assert (handover.status, handover.closed_by, handover.closed_reason) == (
        H.CLOSED,
        ward.coordinator,
        "Suivie hors du territoire",
    )
    assert open_lines(handover) == 0 and not follows(handover, ward.midwife)


def test_refusal_of_the_mother_then_she_changes_her_mind(asked: Handover, ward: world.Ward) -> None:
    handover = accepted(asked, ward)
    handovers.declined_by_mother(handover, reason="Souhaite organiser seule", by=ward.coordinator)
    assert handover.status == H.DECLINED_BY_MOTHER and not follows(handover, ward.midwife)
    handovers.place_again(handover, reason="A changé d'avis", by=ward.coordinator)
    handover.refresh_from_db()
    assert handover.status == H.TO_PLACE and handover.midwife is None and open_lines(handover) == 1
    handovers.ask(handover, ward.midwife, by=ward.coordinator)
    accepted_again = handover.offers.get(status=O.SENT)
    handovers.accept(accepted_again, by=ward.midwife_user)
    assert follows(handover, ward.midwife)


@pytest.mark.parametrize("end", [handovers.escalate, handovers.close, handovers.declined_by_mother])
def test_no_end_without_a_reason(asked: Handover, ward: world.Ward, end: object) -> None:
    with pytest.raises(ValueError):
        end(asked, reason="  ", by=ward.coordinator)  # type: ignore[operator]
    asked.refresh_from_db()
    assert asked.status == H.ASKED


def test_a_seen_mother_is_not_closed(asked: Handover, ward: world.Ward) -> None:
    handover = accepted(asked, ward)
    handovers.seen(handover, at=timezone.now(), by=ward.midwife_user)
    with pytest.raises(transitions.ForbiddenTransitionError):
        handovers.close(handover, reason="Erreur", by=ward.coordinator)
