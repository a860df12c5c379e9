"""A sending that does not arrive takes the next way by itself, and never a wider one (ADR 0022)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import (
    CareTeamMember,
    Document,
    Mailbox,
    MailboxKind,
    Newborn,
    PaperDelivery,
    PatientMessaging,
    Shipment,
    WorkItem,
)
from coordination.ports import PermanentChannelError, TemporaryChannelError
from coordination.ports import ReceiptKind as K
from coordination.services import documents, fallback, holding, outbox, paper_deliveries, receipts, transitions
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import child, deliver, follow, professional, receipt, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
CLOSED = PermanentChannelError("550 5.1.1", "La boîte du destinataire n'existe pas.")
FULL = PermanentChannelError("552 5.2.2", "La boîte du destinataire est pleine.")


def box(address: str, kind: str, *, of: world.Ward, own: bool = False) -> Mailbox:
    owner = {"professional": of.midwife} if own else {"organisation": of.practice}
    return Mailbox.objects.create(address=f"{address}@essai.mssante.example", kind=kind, **owner)


def mails() -> list[Shipment]:
    return list(Shipment.objects.filter(channel="mssante").order_by("created_at"))


def fail(mail: Shipment, fakes: dict[str, FakeChannel], error: Exception) -> str | None:
    fakes["mssante"].failures = [error]  # type: ignore[list-item]
    return deliver(mail)


def paths(mail: Shipment) -> int:
    """How many ways live: a sending under way or arrived, a paper, a line for a person."""
    chain = fallback.chain(Shipment.objects.get(pk=mail.pk))
    living = sum(one.status not in (S.REJECTED, S.FAILED, S.CANCELLED) for one in chain)
    papers = PaperDelivery.objects.filter(shipment__in=chain).exclude(status="DROPPED").count()
    lines = WorkItem.objects.filter(shipment__in=chain, status="OPEN", kind="SHIPMENT_REFUSED").count()
    return living + papers + lines


@pytest.fixture
def mail(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Shipment:
    validated(ward, world.stay(ward))
    return mails()[0]


@pytest.mark.parametrize("how", ["at once", "by a bounce"])
def test_the_next_address_then_the_practice_then_paper(
    mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel], how: str
) -> None:
    second, shared = box("autre", "PER", of=ward, own=True), box("cabinet", "CAB", of=ward)
    for number, expected in enumerate((second, shared), start=1):
        last = mails()[-1]
        if how == "at once":
            assert fail(last, fakes, CLOSED) == S.REJECTED
        else:
            assert deliver(last) == S.ACCEPTED
            receipts.store(receipt(K.BOUNCED, last, code="5.1.1"))
        made = mails()[-1]
        assert len(mails()) == number + 1 and made.fallback_of == last and made.mailbox == expected
        assert made.status == S.QUEUED and made.message_id != last.message_id
        assert list(made.versions.all()) == list(last.versions.all()) and made.recipient == ward.midwife
        assert not WorkItem.objects.filter(shipment=last).exists() and paths(mail) == 1
    assert fail(mails()[-1], fakes, CLOSED) == S.REJECTED
    paper = PaperDelivery.objects.get()
    assert paper.shipment == mails()[-1] and paper.status == "TO_GIVE" and paths(mail) == 1
    line = WorkItem.objects.get(status="OPEN")
    assert line.kind == "PAPER_TO_GIVE" and "boîte fermée ou inconnue" in line.message
    assert not Mailbox.objects.filter(dead_since=None).exists(), "each box said that it is no more"


def test_a_full_box_is_waited_for_once_then_left(
    mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    box("cabinet", "CAB", of=ward)
    assert fail(mail, fakes, FULL) == S.QUEUED
    mail.refresh_from_db()
    assert mail.waited == 1 and mail.due_at > timezone.now() + timedelta(hours=3) and len(mails()) == 1
    assert fail(mail, fakes, FULL) == S.REJECTED
    assert mails()[1].mailbox is not None and mails()[1].mailbox.kind == "CAB" and paths(mail) == 1
    assert not Mailbox.objects.filter(dead_since__isnull=False).exists(), "full is not dead"


def test_a_full_box_that_was_emptied_receives_the_same_mail(mail: Shipment, fakes: dict[str, FakeChannel]) -> None:
    deliver(mail)
    receipts.store(receipt(K.BOUNCED, mail, code="5.2.2"))
    receipts.store(receipt(K.BOUNCED, mail, code="5.2.2"))  # said twice
    assert deliver(mail) == S.ACCEPTED and fakes["mssante"].submits == 2
    receipts.store(receipt(K.DELIVERED, mail))
    mail.refresh_from_db()
    assert mail.status == S.DELIVERED and len(mails()) == 1 and paths(mail) == 1


def test_tries_exhausted_go_on_at_the_practice(mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    box("cabinet", "CAB", of=ward)
    error = TemporaryChannelError("452 4.2.2", "Boîte pleine.", "", b"452 4.2.2")
    while Shipment.objects.get(pk=mail.pk).status != S.FAILED:
        fail(mail, fakes, error)
    assert mails()[1].fallback_of == mail and paths(mail) == 1


@pytest.mark.parametrize("code", ["554 5.7.1", "530", "perinat:conformity", "tls", "5.6.0"])
def test_what_concerns_us_is_for_a_person(
    mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel], code: str
) -> None:
    box("cabinet", "CAB", of=ward)
    fail(mail, fakes, PermanentChannelError(code, "Refusé."))
    assert len(mails()) == 1 and WorkItem.objects.get(status="OPEN").kind == "SHIPMENT_REFUSED" and paths(mail) == 1


def test_not_integrated_did_arrive(mail: Shipment, ward: world.Ward) -> None:
    box("cabinet", "CAB", of=ward)
    deliver(mail)
    receipts.store(receipt(K.NOT_INTEGRATED, mail, code="904"))
    assert len(mails()) == 1 and WorkItem.objects.get(status="OPEN").kind == "SHIPMENT_REFUSED"


def test_never_a_colleague_s_own_box(mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    professional(ward.practice)  # a colleague of hers, with her own address
    box("mal.classee", MailboxKind.PER, of=ward)
    fail(mail, fakes, CLOSED)
    assert len(mails()) == 1 and PaperDelivery.objects.get().shipment == mail


def test_a_switched_off_site_keeps_its_line(mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    box("cabinet", "CAB", of=ward)
    type(ward.maternity).objects.filter(pk=ward.maternity.pk).update(falls_back=False)
    fail(mail, fakes, CLOSED)
    assert len(mails()) == 1 and WorkItem.objects.get(status="OPEN").kind == "SHIPMENT_REFUSED"


def _ends_link(ward: world.Ward) -> None:
    Newborn.objects.update(link_ended_at=timezone.now())


def _masks(ward: world.Ward) -> None:
    Document.objects.update(masks=[codes.MASQUE_PS.code])


def _uninformed(ward: world.Ward) -> None:
    CareTeamMember.objects.update(informed_at=None)


def _ended(ward: world.Ward) -> None:
    CareTeamMember.objects.update(ended_at=timezone.now())


def _opposed(ward: world.Ward) -> None:
    for shipment in Shipment.objects.all():
        PatientMessaging.objects.get_or_create(
            person=shipment.person,
            defaults={"carers_opposed_at": timezone.now(), "carers_opposed_by": ward.secretary},
        )


@pytest.mark.parametrize("change", [_ends_link, _masks, _uninformed, _ended, _opposed])
def test_what_closed_meanwhile_stays_closed(ward: world.Ward, fakes: dict[str, FakeChannel], change: object) -> None:
    stay = world.stay(ward)
    validated(ward, stay, person=child(stay), type_code=codes.CR_EXAMEN_ENFANT.code)
    mail = mails()[0]
    box("cabinet", "CAB", of=ward)
    assert deliver(mail) == S.ACCEPTED
    change(ward)  # type: ignore[operator]
    receipts.store(receipt(K.BOUNCED, mail, code="5.1.1"))
    assert len(mails()) == 1 and not PaperDelivery.objects.exists()
    assert WorkItem.objects.get(status="OPEN", shipment=mail).kind == "SHIPMENT_REFUSED"


def test_a_sensitive_paper_goes_to_no_shared_box(
    mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    box("cabinet", "CAB", of=ward)
    Document.objects.update(masks=[codes.INVISIBLE_PATIENT.code])
    fail(mail, fakes, CLOSED)
    assert len(mails()) == 1 and PaperDelivery.objects.get().status == "TO_GIVE"
    own = mail.mailbox
    outbox.retry(Shipment.objects.get(pk=mail.pk), by=ward.secretary)
    assert mails()[0].mailbox == own, "relaunched by a person, it still does not go to the practice"
    fail(mail, fakes, CLOSED)
    second = box("autre", "PER", of=ward, own=True)
    outbox.retry(Shipment.objects.get(pk=mail.pk), by=ward.secretary)
    assert mails()[0].mailbox == second, "her own address is no wider"


def test_a_late_arrival_stops_what_has_not_left(
    mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    box("cabinet", "CAB", of=ward)
    deliver(mail)
    receipts.store(receipt(K.BOUNCED, mail, code="5.4.7", at=timezone.now() - timedelta(minutes=5)))
    receipts.store(receipt(K.INTEGRATED, mail))
    first, second = mails()
    assert (first.status, second.status) == (S.INTEGRATED, S.CANCELLED) and paths(mail) == 1


def test_a_late_arrival_takes_the_paper_back(mail: Shipment, fakes: dict[str, FakeChannel]) -> None:
    deliver(mail)
    receipts.store(receipt(K.BOUNCED, mail, code="5.4.7", at=timezone.now() - timedelta(minutes=5)))
    assert PaperDelivery.objects.get().status == "TO_GIVE"
    receipts.store(receipt(K.INTEGRATED, mail))
    assert PaperDelivery.objects.get().status == "DROPPED" and not WorkItem.objects.filter(status="OPEN").exists()
    assert paths(mail) == 1


def test_after_a_late_arrival_a_failure_of_the_next_step_asks_nobody(
    mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    box("cabinet", "CAB", of=ward)
    deliver(mail)
    receipts.store(receipt(K.BOUNCED, mail, code="5.4.7", at=timezone.now() - timedelta(minutes=5)))
    second = mails()[1]
    assert deliver(second) == S.ACCEPTED
    receipts.store(receipt(K.INTEGRATED, mail))
    receipts.store(receipt(K.BOUNCED, second, code="5.1.1"))
    assert not PaperDelivery.objects.exists() and not WorkItem.objects.filter(status="OPEN").exists()
    assert paths(mail) == 1


def test_a_step_that_is_followed_is_not_sent_again(
    mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    box("cabinet", "CAB", of=ward)
    fail(mail, fakes, CLOSED)
    with pytest.raises(transitions.ForbiddenTransitionError):
        outbox.retry(Shipment.objects.get(pk=mail.pk), by=ward.secretary)
    with pytest.raises(IntegrityError), transaction.atomic():
        fallback.queue_at(mail, box("encore", "ORG", of=ward))


def test_relaunched_by_a_person_the_paper_is_no_longer_due(
    mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    fail(mail, fakes, CLOSED)
    outbox.retry(Shipment.objects.get(pk=mail.pk), by=ward.secretary)
    assert PaperDelivery.objects.get().status == "DROPPED" and paths(mail) == 1
    fail(mail, fakes, CLOSED)
    assert PaperDelivery.objects.filter(status="TO_GIVE").count() == 1 and paths(mail) == 1


def test_no_address_at_all_is_told_at_once_and_an_address_ends_it(
    ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    stay = world.stay(ward, with_midwife=False)
    carer = professional(ward.practice, mailbox=False)
    follow(ward, stay, carer)
    validated(ward, stay)
    mail = mails()[0]
    assert mail.status == S.HELD and WorkItem.objects.get(shipment=mail).kind == "PAPER_TO_GIVE"
    Mailbox.objects.create(address="enfin@essai.mssante.example", professional=carer)
    assert holding.release(mail.pk) and PaperDelivery.objects.get().status == "DROPPED"
    assert not WorkItem.objects.filter(status="OPEN", shipment=mail).exists()


def test_handed_over_it_does_not_leave_later(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward, with_midwife=False)
    carer = professional(ward.practice, mailbox=False)
    follow(ward, stay, carer)
    validated(ward, stay)
    paper_deliveries.give(PaperDelivery.objects.get(), by=ward.secretary)
    Mailbox.objects.create(address="enfin@essai.mssante.example", professional=carer)
    assert holding.held_ids() == [] and not WorkItem.objects.filter(status="OPEN", kind="PAPER_TO_GIVE").exists()


def test_a_paper_withdrawn_is_not_handed_over(mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    fail(mail, fakes, CLOSED)
    documents.withdraw(Document.objects.get(), by=ward.doctor_user, reason="erreur")
    assert PaperDelivery.objects.get().status == "DROPPED" and not WorkItem.objects.filter(status="OPEN").exists()


def test_a_product_that_forgets_the_next_step_is_seen(
    mail: Shipment, ward: world.Ward, fakes: dict[str, FakeChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge of these tests can fail."""
    monkeypatch.setattr(fallback, "_next_step", lambda shipment, why: True)
    fail(mail, fakes, CLOSED)
    assert paths(mail) == 0
