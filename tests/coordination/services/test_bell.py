"""One bell for the papers of one person: the other shipments are rung for once the rules have run."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.utils import timezone

from coordination import doorbell
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import ChannelSwitch, DocumentVersion, Shipment
from coordination.services import documents, outbox, sealing
from tests.coordination import world
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db(transaction=True)
Rung = list[list[UUID | str]]  # ids and queue of each task sent, in order


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> Rung:
    sent: Rung = []
    monkeypatch.setattr(doorbell, "_send", lambda task, ids, countdown, queue="": sent.append([*ids, queue]))
    return sent


@pytest.fixture
def shipments(ward: world.Ward, fakes: dict[str, FakeChannel], rung: Rung) -> dict[str, Shipment]:
    """A letter validated by its doctor: one shipment for the DMP, one for her midwife."""
    documents.validate(world.letter(ward, world.stay(ward)), by=ward.doctor_user)
    return {shipment.channel: shipment for shipment in Shipment.objects.all()}


def test_a_validation_rings_once_and_names_the_others(shipments: dict[str, Shipment], rung: Rung) -> None:
    assert rung == [[shipments["dmp"].pk, shipments["mssante"].pk, "dmp"]]


def test_the_others_are_rung_for_once_the_papers_are_checked(
    shipments: dict[str, Shipment], rung: Rung, fakes: dict[str, FakeChannel]
) -> None:
    dmp, mail = shipments["dmp"].pk, shipments["mssante"].pk
    seen: list[tuple[bool, int]] = []
    rung.clear()
    fakes["dmp"].before_answer = lambda _: seen.append(
        (DocumentVersion.objects.get().checked_at is not None, len(rung))
    )
    assert outbox.deliver(dmp, [mail]) == S.ACCEPTED
    assert seen == [(True, 1)], "checked and rung before the DMP has answered"
    assert rung == [[mail, "mssante"]]


def test_a_refused_paper_still_rings_for_the_others(
    shipments: dict[str, Shipment], rung: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(version: DocumentVersion, data: bytes) -> None:
        raise sealing.NonConformingDocumentError("Le document n'est pas conforme.", ("règle",))

    monkeypatch.setattr(sealing, "check_before_leaving", refuse)
    rung.clear()
    assert outbox.deliver(shipments["dmp"].pk, [shipments["mssante"].pk]) == S.REJECTED
    assert rung == [[shipments["mssante"].pk, "mssante"]]


def test_a_stopped_channel_does_not_keep_the_others(
    ward: world.Ward, shipments: dict[str, Shipment], rung: Rung
) -> None:
    ChannelSwitch.objects.create(channel="dmp", stopped=True, changed_by=ward.secretary, changed_at=timezone.now())
    rung.clear()
    assert outbox.deliver(shipments["dmp"].pk, [shipments["mssante"].pk]) is None
    assert rung == [[shipments["mssante"].pk, "mssante"]]
