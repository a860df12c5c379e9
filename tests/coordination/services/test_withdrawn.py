"""A paper taken back never leaves again, and what proves to have arrived all the same is recalled."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Document, InsStatus, Person, Shipment
from coordination.ports import PermanentChannelError, Proof, TemporaryChannelError
from coordination.services import documents, outbox
from perinat.logs import QuietFormatter
from tests.coordination import world
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Shipment:
    documents.validate(world.letter(ward, world.stay(ward)), by=ward.doctor_user)
    return Shipment.objects.get(channel="dmp")


def withdraw(ward: world.Ward) -> None:
    documents.withdraw(Document.objects.get(), by=ward.doctor_user, reason="erreur de personne")


def due(shipment: Shipment) -> None:
    Shipment.objects.filter(pk=shipment.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    shipment.refresh_from_db()


def test_withdrawn_while_sending_then_a_failure(
    sent: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    claimed = outbox.claim(sent.pk)
    assert claimed is not None
    withdraw(ward)
    busy = TemporaryChannelError("busy", "Le DMP est occupé.")
    outbox.record(claimed, outbox.Answer(outbox.TEMPORARY, timezone.now(), {}, error=busy))
    due(sent)
    assert outbox.deliver(sent.pk) is None
    sent.refresh_from_db()
    assert sent.status == S.CANCELLED and fakes["dmp"].submits == 0


def test_a_refused_one_is_not_sent_again_by_a_person(
    sent: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    claimed = outbox.claim(sent.pk)
    assert claimed is not None
    withdraw(ward)
    refusal = PermanentChannelError("bad", "Refusé.")
    outbox.record(claimed, outbox.Answer(outbox.PERMANENT, timezone.now(), {}, error=refusal))
    sent.refresh_from_db()
    if sent.status == S.REJECTED:
        outbox.retry(sent, by=ward.secretary)
        outbox.deliver(sent.pk)
    assert fakes["dmp"].submits == 0


def test_an_arrival_proved_late_is_recalled(sent: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    claimed = outbox.claim(sent.pk)
    assert claimed is not None
    withdraw(ward)
    Shipment.objects.filter(action="WITHDRAW").update(status=S.CANCELLED)  # « rien n'était parti »
    proof = Proof("ok", "", datetime.now(UTC))
    outbox.record(claimed, outbox.Answer(outbox.ACCEPTED, timezone.now(), {}, proof=proof))
    assert Shipment.objects.filter(action="WITHDRAW", channel="dmp").exclude(status=S.CANCELLED).count() == 1


def test_a_corrected_ins_changes_neither_bytes_nor_parcel(
    sent: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    before = world.ins()
    Person.objects.filter(ins_matricule=before.matricule).update(
        ins_matricule=world.ins(9).matricule, ins_status=InsStatus.QUAL
    )
    assert outbox.deliver(sent.pk) == S.ACCEPTED
    parcel = fakes["dmp"].kept[sent.set_unique_id]
    assert parcel.patient.ins == before, "the record of the person named in the sealed bytes"
    assert before.matricule.encode() in parcel.documents[0].cda


def test_a_database_error_is_logged_without_its_values() -> None:
    text = "duplicate key\nDETAIL:  Key (ins_matricule)=(293047890000156) already exists."
    try:
        raise ValueError(text)
    except ValueError:
        shown = QuietFormatter().format(logging.LogRecord("x", logging.ERROR, "f", 1, "event", None, sys.exc_info()))
    assert "293047890000156" not in shown and "duplicate key" in shown
