"""Two boxes of one person: each that holds a version is told of what becomes of it, once; the others of nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import CareTeamMember, Document, Mailbox, Organisation, Professional, Shipment
from coordination.ports import ReceiptKind as K
from coordination.services import documents, holding, recalls, receipts
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import deliver, deliver_all, receipt, validated
from tests.coordination.services.replacing import Fakes, replaced

pytestmark = pytest.mark.django_db
WHY = "Papier d'une autre patiente"


@pytest.fixture
def shared(ward: world.Ward) -> Mailbox:
    return Mailbox.objects.create(address="cabinet@essai.mssante.example", kind="CAB", organisation=ward.practice)


@pytest.fixture
def own(ward: world.Ward) -> Mailbox:
    return Mailbox.objects.get(professional=ward.midwife)


def to(box: Mailbox, action: str = "") -> list[Shipment]:
    """What is or was on its way to this box."""
    rows = Shipment.objects.filter(mailbox=box).exclude(status=S.CANCELLED).order_by("created_at")
    return list(rows.filter(action=action) if action else rows)


def told(box: Mailbox) -> list[tuple[str, int]]:
    """What this box was sent, in order: the act, and the version in the count of the validations."""
    left = [one for one in to(box) if recalls.may_have_left(one)]
    instants = sorted({version.validated_at for version in Document.objects.get().versions.all()})  # type: ignore[type-var]
    return [(one.action, instants.index(one.versions.get().validated_at) + 1) for one in left]


@pytest.fixture
def fallen_back(ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox) -> Document:
    """A letter that her own box refused as unreached (it lives), and that her practice received."""
    paper = validated(ward, world.stay(ward))
    deliver_all()
    (first,) = to(own)
    receipts.store(receipt(K.BOUNCED, first, code="5.4.7", at=timezone.now() - timedelta(minutes=5)))
    deliver_all()
    assert told(own) == [] and told(shared) == [("SEND", 1)]
    return paper


@pytest.fixture
def in_both(fallen_back: Document, own: Mailbox) -> Document:
    """The same, that her own box proves to have received after all."""
    receipts.store(receipt(K.INTEGRATED, to(own)[0]))
    assert to(own)[0].status == S.INTEGRATED
    return fallen_back


def test_taken_back_from_both(in_both: Document, ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox) -> None:
    documents.withdraw(in_both, by=ward.doctor_user, reason=WHY)
    deliver_all()
    assert told(own) == told(shared) == [("SEND", 1), ("WITHDRAW", 1)]


def test_taken_back_from_the_only_one_that_has_it(
    fallen_back: Document, ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox
) -> None:
    documents.withdraw(fallen_back, by=ward.doctor_user, reason=WHY)
    deliver_all()
    assert to(own, "WITHDRAW") == [] and told(shared) == [("SEND", 1), ("WITHDRAW", 1)]


def test_what_a_dead_box_held_is_taken_back_at_a_live_one_once(
    in_both: Document, ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox
) -> None:
    Mailbox.objects.filter(pk=own.pk).update(dead_since=timezone.now())
    documents.withdraw(in_both, by=ward.doctor_user, reason=WHY)
    deliver_all()
    assert to(own, "WITHDRAW") == [] and told(shared) == [("SEND", 1), ("WITHDRAW", 1)]


def test_the_new_version_goes_to_the_box_that_holds_the_old_one(
    fallen_back: Document, ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox
) -> None:
    second = replaced(ward, fallen_back)
    deliver_all()
    assert told(own) == [] and told(shared) == [("SEND", 1), ("REPLACE", 2)]
    documents.withdraw(fallen_back, by=ward.doctor_user, reason=WHY)
    deliver_all()
    assert told(own) == [] and told(shared) == [("SEND", 1), ("REPLACE", 2), ("WITHDRAW", 2)]
    assert fakes["mssante"].withdrawn == [second.unique_id], "the old one was replaced there"


def test_of_two_boxes_one_is_told_and_the_other_gives_the_old_one_back(
    in_both: Document, ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox
) -> None:
    replaced(ward, in_both)
    deliver_all()
    assert told(own) == [("SEND", 1), ("WITHDRAW", 1)] and told(shared) == [("SEND", 1), ("REPLACE", 2)]
    replaced(ward, in_both, "Troisième")
    deliver_all()
    documents.withdraw(in_both, by=ward.doctor_user, reason=WHY)
    deliver_all()
    assert told(own) == [("SEND", 1), ("WITHDRAW", 1)], "told once, and never again"
    assert told(shared) == [("SEND", 1), ("REPLACE", 2), ("REPLACE", 3), ("WITHDRAW", 3)]


def test_a_new_version_that_reached_another_box_does_not_stop_the_recall_of_the_old(
    fallen_back: Document, ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox
) -> None:
    """The box of the practice refuses the new version; her own receives it, and is told of no parent it never had."""
    replaced(ward, fallen_back)
    deliver_all()
    receipts.store(receipt(K.BOUNCED, to(shared, "REPLACE")[0], code="5.4.7"))
    deliver_all()
    assert told(own) == [("SEND", 2)]
    documents.withdraw(fallen_back, by=ward.doctor_user, reason=WHY)
    deliver_all()
    assert told(own) == [("SEND", 2), ("WITHDRAW", 2)]
    assert told(shared) == [("SEND", 1), ("WITHDRAW", 1)]


def test_a_box_of_a_practice_that_she_left_is_told_nothing_new(
    fallen_back: Document, ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox
) -> None:
    elsewhere = Organisation.objects.create(kind="PRACTICE", name="Autre cabinet", finess="997800321")
    Professional.objects.filter(pk=ward.midwife.pk).update(organisation=elsewhere)
    replaced(ward, fallen_back)
    deliver_all()
    assert told(shared) == [("SEND", 1), ("WITHDRAW", 1)] and told(own) == [("SEND", 2)]


def test_held_for_the_mother_s_information_it_keeps_the_box_that_holds(
    fallen_back: Document, ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox
) -> None:
    CareTeamMember.objects.update(informed_at=None)
    replaced(ward, fallen_back)
    assert to(shared, "REPLACE")[0].status == S.HELD
    CareTeamMember.objects.update(informed_at=timezone.now())
    assert holding.release_ready() == 1
    deliver_all()
    assert told(own) == [] and told(shared) == [("SEND", 1), ("REPLACE", 2)]


def test_a_masked_version_leaves_the_shared_box(
    fallen_back: Document, ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox
) -> None:
    """What may not be read there any more is taken back from there, and goes to her own box (ADR 0022)."""
    replaced(ward, fallen_back, masks=[codes.INVISIBLE_PATIENT.code])
    deliver_all()
    assert told(shared) == [("SEND", 1), ("WITHDRAW", 1)] and told(own) == [("SEND", 2)]


def test_end_of_follow_up_recalls_from_each_box(
    in_both: Document, ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox
) -> None:
    CareTeamMember.objects.update(ended_at=timezone.now())
    replaced(ward, in_both)
    deliver_all()
    assert told(own) == told(shared) == [("SEND", 1), ("WITHDRAW", 1)]


def test_a_sending_in_flight_elsewhere_is_recalled_after_it(
    in_both: Document, ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox
) -> None:
    Shipment.objects.filter(pk=to(own)[0].pk).update(
        status=S.SENDING, lease_until=timezone.now() + timedelta(minutes=5), integrated_at=None
    )
    replaced(ward, in_both)
    (recall,) = to(own, "WITHDRAW")
    assert deliver(recall) is None and fakes["mssante"].withdrawn == [], "it waits for what it takes back"


@pytest.mark.parametrize("what", ["replaced", "withdrawn"])
def test_a_box_that_proves_too_late_to_have_it_is_told(
    fallen_back: Document, ward: world.Ward, fakes: Fakes, own: Mailbox, shared: Mailbox, what: str
) -> None:
    """It bounced, so nothing was told there; the proof of its integration comes after the paper changed."""
    (bounced,) = to(own)
    if what == "replaced":
        replaced(ward, fallen_back)
    else:
        documents.withdraw(fallen_back, by=ward.doctor_user, reason=WHY)
    deliver_all()
    assert Shipment.objects.get(pk=bounced.pk).status == S.CANCELLED and to(own) == []
    receipts.store(receipt(K.INTEGRATED, bounced))
    receipts.store(receipt(K.INTEGRATED, bounced))  # said twice
    deliver_all()
    assert told(own) == [("WITHDRAW", 1)]
    assert told(shared) == [("SEND", 1), ("REPLACE", 2) if what == "replaced" else ("WITHDRAW", 1)]
