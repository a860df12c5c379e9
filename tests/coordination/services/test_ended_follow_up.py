"""Who no longer follows a mother: nothing new is told to her, what she holds and is false is recalled (ADR 0015)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import CareRole, CareTeamMember, Document, Shipment
from coordination.selectors import replacement_view
from coordination.services import documents, outbox, routing
from tests.coordination import world
from tests.coordination.services.helpers import deliver, deliver_all, follow, validated
from tests.coordination.services.replacing import Fakes, of, replaced, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def arrived(ward: world.Ward, fakes: Fakes) -> Document:
    """A letter accepted by the DMP and the midwife's mailbox."""
    paper = validated(ward, world.stay(ward))
    deliver_all()
    return paper


def end(ward: world.Ward, paper: Document) -> None:
    """As `handovers` does."""
    CareTeamMember.objects.filter(professional=ward.midwife).update(ended_at=timezone.now())
    routing.stop_sending_to(paper.stay, ward.midwife, by=ward.coordinator, reason="Fin du suivi")


def recalls(channel: str = "mssante") -> list[Shipment]:
    return list(Shipment.objects.filter(action="WITHDRAW", channel=channel).exclude(status=S.CANCELLED))


def test_she_is_sent_a_recall_and_never_the_new_version(arrived: Document, ward: world.Ward, fakes: Fakes) -> None:
    first = arrived.current_version.unique_id
    end(ward, arrived)
    replaced(ward, arrived)
    deliver_all()
    assert sent(fakes["mssante"]) == [("SEND", 1, "")] and fakes["mssante"].withdrawn == [first]
    assert sent(fakes["dmp"])[-1] == ("REPLACE", 2, first) and fakes["dmp"].withdrawn == []
    (recall,) = recalls()
    assert recall.recipient == ward.midwife and recall.status == S.ACCEPTED


def test_the_page_of_the_replacement_says_so(arrived: Document, ward: world.Ward) -> None:
    end(ward, arrived)
    told = replacement_view.subject(arrived, ward.secretary).holders
    assert "DMP : remplace la version déjà reçue" in told
    assert any(one.startswith("Claire AUBÉPINE : ne suit plus") and "rappelée" in one for one in told)


def test_a_second_replacement_does_not_recall_twice(arrived: Document, ward: world.Ward, fakes: Fakes) -> None:
    end(ward, arrived)
    replaced(ward, arrived)
    replaced(ward, arrived, "Troisième")
    deliver_all()
    assert len(recalls()) == 1 and sent(fakes["mssante"]) == [("SEND", 1, "")]


def test_a_withdrawal_still_reaches_her(arrived: Document, ward: world.Ward, fakes: Fakes) -> None:
    end(ward, arrived)
    documents.withdraw(arrived, by=ward.doctor_user, reason="Papier d'une autre")
    deliver_all()
    assert fakes["mssante"].withdrawn == [arrived.current_version.unique_id]


def test_recalled_already_a_withdrawal_does_not_tell_her_again(
    arrived: Document, ward: world.Ward, fakes: Fakes
) -> None:
    end(ward, arrived)
    second = replaced(ward, arrived)
    deliver_all()
    documents.withdraw(arrived, by=ward.doctor_user, reason="Papier d'une autre")
    deliver_all()
    assert len(recalls()) == 1 and fakes["dmp"].withdrawn == [second.unique_id]


def test_it_ends_while_the_replacement_waits_for_a_worker(arrived: Document, ward: world.Ward, fakes: Fakes) -> None:
    first = arrived.current_version.unique_id
    replaced(ward, arrived)
    end(ward, arrived)
    waiting = of("mssante")
    assert deliver(waiting) is None
    waiting.refresh_from_db()
    assert waiting.status == S.CANCELLED
    deliver_all()
    assert fakes["mssante"].withdrawn == [first] and sent(fakes["mssante"]) == [("SEND", 1, "")]


def test_in_flight_when_it_is_replaced_the_recall_waits_for_the_outcome(ward: world.Ward, fakes: Fakes) -> None:
    paper = validated(ward, world.stay(ward))
    claimed = outbox.claim(of("mssante").pk)
    assert claimed is not None
    end(ward, paper)
    replaced(ward, paper)
    (recall,) = recalls()
    assert deliver(recall) is None and fakes["mssante"].withdrawn == []
    outbox.record(claimed, outbox.ask(claimed))
    assert deliver(recall) == S.ACCEPTED and len(fakes["mssante"].withdrawn) == 1


def test_nothing_had_left_nothing_is_recalled(ward: world.Ward, fakes: Fakes) -> None:
    paper = validated(ward, world.stay(ward))
    end(ward, paper)
    replaced(ward, paper)
    deliver_all()
    assert recalls() == [] and sent(fakes["mssante"]) == []


def test_chosen_again_she_receives_it_as_new(arrived: Document, ward: world.Ward, fakes: Fakes) -> None:
    """What was recalled from her is not held: the new version replaces nothing there."""
    end(ward, arrived)
    replaced(ward, arrived)
    deliver_all()
    follow(ward, arrived.stay, ward.midwife, CareRole.GP)
    deliver_all()
    assert sent(fakes["mssante"])[-1][::2] == ("SEND", "")


def test_in_another_role_she_still_follows(arrived: Document, ward: world.Ward, fakes: Fakes) -> None:
    follow(ward, arrived.stay, ward.midwife, CareRole.PMI)
    CareTeamMember.objects.filter(role=CareRole.MIDWIFE).update(ended_at=timezone.now())
    replaced(ward, arrived)
    deliver_all()
    assert sent(fakes["mssante"])[-1][:2] == ("REPLACE", 2) and recalls() == []
