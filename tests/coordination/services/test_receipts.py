"""DSN and MDN, in every order a mail server may bring them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from coordination import blobs
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Event, Mailbox, Organisation, Reading, Receipt, Shipment, WorkItem
from coordination.ports import ReceiptKind as K
from coordination.ports import TemporaryChannelError, UncertainChannelError
from coordination.services import collection, outbox, receipts
from tests.coordination import world
from tests.coordination.services.helpers import deliver, receipt, shipment, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Shipment:
    """A letter to the midwife, not sent yet."""
    validated(ward, world.stay(ward))
    return shipment()


@pytest.fixture
def accepted(mail: Shipment) -> Shipment:
    assert deliver(mail) == S.ACCEPTED
    mail.refresh_from_db()
    return mail


def status(mail: Shipment) -> str:
    mail.refresh_from_db()
    return mail.status


def test_delivered_then_integrated(accepted: Shipment) -> None:
    receipts.store(receipt(K.DELIVERED, accepted))
    assert status(accepted) == S.DELIVERED and accepted.delivered_at is not None
    receipts.store(receipt(K.INTEGRATED, accepted))
    assert status(accepted) == S.INTEGRATED and accepted.integrated_at is not None


def test_a_dsn_after_the_mdn_keeps_its_instant_and_moves_nothing_back(accepted: Shipment) -> None:
    receipts.store(receipt(K.INTEGRATED, accepted))
    assert status(accepted) == S.INTEGRATED and accepted.delivered_at is None
    late = receipts.store(receipt(K.DELIVERED, accepted))
    assert status(accepted) == S.INTEGRATED and accepted.delivered_at is not None and late.applied


def test_an_mdn_before_our_own_record_waits_for_it(mail: Shipment) -> None:
    claimed = outbox.claim(mail.pk)
    assert claimed is not None
    answer = outbox.ask(claimed)
    early = receipts.store(receipt(K.INTEGRATED, mail))
    assert not early.applied and status(mail) == S.SENDING
    outbox.record(claimed, answer)
    early.refresh_from_db()
    assert early.applied and status(mail) == S.INTEGRATED


def test_a_receipt_spares_a_second_sending(mail: Shipment, fakes: dict[str, FakeChannel]) -> None:
    """SMTP cannot be asked; the DSN that came meanwhile answers in its place."""
    fakes["mssante"].failures = [UncertainChannelError("cut", "Coupure.")]
    assert deliver(mail) == S.QUEUED
    receipts.store(receipt(K.DELIVERED, mail, code="2.0.0"))
    assert deliver(mail) == S.DELIVERED
    assert status(mail) == S.DELIVERED and fakes["mssante"].submits == 1 and fakes["mssante"].finds == 0
    assert mail.attempts.filter(outcome="FOUND", code="DELIVERED 2.0.0").exists()


def test_a_late_proof_is_believed_after_a_failure(mail: Shipment, fakes: dict[str, FakeChannel]) -> None:
    fakes["mssante"].failures = [UncertainChannelError("cut", "Coupure.")] * 10
    while status(mail) != S.FAILED:
        deliver(mail)
    assert WorkItem.objects.filter(shipment=mail, status="OPEN").exists()
    receipts.store(receipt(K.DELIVERED, mail))
    assert status(mail) == S.DELIVERED and not mail.in_doubt
    assert not WorkItem.objects.filter(shipment=mail, status="OPEN").exists()


def test_a_proof_that_came_during_the_last_try_is_not_forgotten(mail: Shipment, fakes: dict[str, FakeChannel]) -> None:
    Shipment.objects.filter(pk=mail.pk).update(tries=5)
    claimed = outbox.claim(mail.pk)
    assert claimed is not None
    receipts.store(receipt(K.DELIVERED, mail))
    fakes["mssante"].failures = [UncertainChannelError("cut", "Coupure.")]
    outbox.record(claimed, outbox.ask(claimed))
    assert status(mail) == S.DELIVERED


def test_a_late_bounce_goes_to_a_person_and_buries_the_mailbox(accepted: Shipment) -> None:
    receipts.store(receipt(K.DELIVERED, accepted))
    receipts.store(receipt(K.BOUNCED, accepted, code="5.1.1"))
    assert status(accepted) == S.REJECTED and accepted.last_code == "5.1.1"
    assert WorkItem.objects.get(shipment=accepted).status == "OPEN"
    assert Mailbox.objects.get().dead_since is not None


@pytest.mark.parametrize("kind", [K.BOUNCED, K.NOT_INTEGRATED])
def test_a_refusal_after_the_integration_is_told_to_the_ward(accepted: Shipment, kind: K) -> None:
    """The software did file it: the row keeps that proof, and a person looks at the contradiction."""
    receipts.store(receipt(K.INTEGRATED, accepted))
    for _ in range(2):
        late = receipts.store(receipt(kind, accepted, code="5.1.1"))
        assert late.applied
    assert status(accepted) == S.INTEGRATED
    line = WorkItem.objects.get(shipment=accepted, status="OPEN")
    assert line.organisation == accepted.organisation and "après l'accusé d'intégration" in line.message
    event = Event.objects.filter(subject="shipment", subject_id=accepted.pk).latest("at")
    assert (event.source, event.target, event.reason) == (S.INTEGRATED, S.INTEGRATED, f"{kind} 5.1.1")
    assert Mailbox.objects.get().dead_since is None, "it answered: nobody declares it dead"


def test_a_bounce_that_came_before_the_integration_is_told_too(mail: Shipment) -> None:
    """Both come before our own record: whatever their order, the ward learns of the refusal."""
    claimed = outbox.claim(mail.pk)
    assert claimed is not None
    answer = outbox.ask(claimed)
    receipts.store(receipt(K.INTEGRATED, mail, at=timezone.now() - timedelta(minutes=1)))
    receipts.store(receipt(K.BOUNCED, mail, code="5.2.2"))
    outbox.record(claimed, answer)
    assert status(mail) == S.INTEGRATED and WorkItem.objects.filter(shipment=mail, status="OPEN").count() == 1


def test_a_full_mailbox_is_not_dead(accepted: Shipment) -> None:
    receipts.store(receipt(K.BOUNCED, accepted, code="5.2.2"))
    assert status(accepted) == S.QUEUED and Mailbox.objects.get().dead_since is None, "it is waited for (ADR 0022)"


def test_sent_again_after_a_bounce_the_old_acceptance_proves_nothing(
    accepted: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    receipts.store(receipt(K.DELIVERED, accepted, at=timezone.now() - timedelta(minutes=5)))
    receipts.store(receipt(K.BOUNCED, accepted, code="5.4.7"))
    accepted.refresh_from_db()
    outbox.retry(accepted, by=ward.secretary)
    fakes["mssante"].kept.clear()
    fakes["mssante"].failures = [UncertainChannelError("cut", "Coupure.")]
    assert deliver(accepted) == S.QUEUED
    assert deliver(accepted) == S.ACCEPTED
    assert fakes["mssante"].submits == 3, "first, cut, and truly sent again"


def test_an_integration_error_stands_whatever_dsn_follows(accepted: Shipment) -> None:
    receipts.store(receipt(K.NOT_INTEGRATED, accepted, code="902"))
    late = receipts.store(receipt(K.DELIVERED, accepted))
    assert status(accepted) == S.REJECTED and late.applied and accepted.delivered_at is not None


def test_a_delay_or_an_absence_changes_nothing(accepted: Shipment) -> None:
    for kind in (K.DELAYED, K.AUTOREPLY):
        assert receipts.store(receipt(kind, accepted)).applied
    assert status(accepted) == S.ACCEPTED and not WorkItem.objects.exists() and not Reading.objects.exists()


def test_the_same_mail_twice_is_one_receipt(accepted: Shipment) -> None:
    once = receipt(K.DELIVERED, accepted)
    assert receipts.store(once) == receipts.store(once)
    assert Receipt.objects.count() == 1


def test_the_envelope_id_names_the_shipment(accepted: Shipment) -> None:
    receipts.store(receipt(K.DELIVERED, f"envid:{accepted.pk}"))
    assert status(accepted) == S.DELIVERED
    for unknown in ("envid:not-a-uuid", "envid:", "", "other@elsewhere.example"):
        assert receipts.store(receipt(K.DELIVERED, unknown)).shipment is None


def test_an_unknown_receipt_is_kept_with_a_line_for_the_ward_that_received_it(ward: world.Ward, db: None) -> None:
    kept = receipts.store(receipt(K.BOUNCED, "nobody@knows.example", recipient="quelquun@ailleurs.example"))
    assert blobs.read(kept.raw) and not kept.applied
    assert WorkItem.objects.get().organisation == ward.maternity
    receipts.store(receipt(K.AUTOREPLY, ""))
    receipts.store(receipt(K.DELIVERED, "", mailbox="inconnue@nulle.part.example", recipient=""))
    assert WorkItem.objects.count() == 1 and Receipt.objects.count() == 3


def test_a_person_who_answers_is_read_by_a_person(accepted: Shipment) -> None:
    receipts.store(receipt(K.UNKNOWN, accepted))
    line = WorkItem.objects.get()
    assert line.shipment == accepted and line.organisation == accepted.organisation and line.kind == "RECEIPT_UNKNOWN"


def test_displayed_is_a_reading_and_implies_the_delivery(accepted: Shipment, ward: world.Ward) -> None:
    receipts.store(receipt(K.DISPLAYED, accepted))
    read = Reading.objects.get()
    assert (read.professional, read.via, read.version) == (ward.midwife, "MDN", accepted.versions.get())
    assert status(accepted) == S.DELIVERED and accepted.delivered_at is None, "the DSN will say when"


@pytest.mark.parametrize("owner", ["practice", "person"])
def test_displayed_in_a_shared_mailbox_says_nothing_of_who_read(
    accepted: Shipment, ward: world.Ward, owner: str
) -> None:
    box = Mailbox.objects.get()
    box.kind = "ORG"
    if owner == "practice":
        box.professional, box.organisation = None, ward.practice
    box.save()
    receipts.store(receipt(K.DISPLAYED, accepted))
    assert not Reading.objects.exists() and status(accepted) == S.DELIVERED


def test_hostile_characters_do_not_stop_the_collection(accepted: Shipment, fakes: dict[str, FakeChannel]) -> None:
    fakes["mssante"].mail = [
        receipt(K.UNKNOWN, "a\0b@c.example", code="5\0.1.1"),
        receipt(K.DELIVERED, accepted),
    ]
    assert collection.collect("mssante") == 2 and status(accepted) == S.DELIVERED


def test_collect_acknowledges_what_it_committed(accepted: Shipment, fakes: dict[str, FakeChannel]) -> None:
    fakes["mssante"].mail = [receipt(K.DELIVERED, accepted), receipt(K.DISPLAYED, accepted)]
    assert collection.collect("mssante") == 2
    assert len(fakes["mssante"].acknowledged) == 2 and collection.collect("mssante") == 0


def test_a_channel_that_cannot_be_read_is_tried_again_later(
    accepted: Shipment, fakes: dict[str, FakeChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> object:
        yield receipt(K.DELIVERED, accepted)
        raise TemporaryChannelError("down", "La boîte ne répond pas.")

    monkeypatch.setattr(fakes["mssante"], "collect", broken)
    assert collection.collect("mssante") == 1 and status(accepted) == S.DELIVERED


def test_an_event_is_dated_of_its_writing_not_of_the_receipt(accepted: Shipment) -> None:
    """Yesterday may be sealed already: a DSN of yesterday writes its event today."""
    before, yesterday = timezone.now(), timezone.now() - timedelta(days=1)
    receipts.store(receipt(K.DELIVERED, accepted, at=yesterday))
    assert Event.objects.get(target="DELIVERED").at >= before
    assert status(accepted) and accepted.delivered_at == yesterday


def test_a_site_without_mailbox_receives_no_line_by_mistake(db: None, files: None) -> None:
    Organisation.objects.create(kind="PRACTICE", name="Sans boîte", finess="997800057")
    receipts.store(receipt(K.BOUNCED, "", mailbox="", recipient=""))
    assert not WorkItem.objects.exists()
