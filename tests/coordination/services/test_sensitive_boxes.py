"""A masked paper, or one of a secret connection, goes to no shared box, by whatever door it leaves (ADR 0022)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import CareTeamMember, Document, Mailbox, PaperDelivery, Shipment
from coordination.ports import PermanentChannelError
from coordination.services import documents, holding, outbox, routing
from perinat.standards import codes
from perinat.standards.confidentiality import SECRET
from tests.coordination import world
from tests.coordination.services.helpers import deliver, deliver_all, follow, professional, validated
from tests.coordination.services.replacing import Fakes, replaced

pytestmark = pytest.mark.django_db
HIDDEN = codes.INVISIBLE_PATIENT.code


@pytest.fixture
def shared(ward: world.Ward) -> Mailbox:
    """The only box of the midwife is that of her practice."""
    Mailbox.objects.filter(professional=ward.midwife).update(dead_since=timezone.now())
    return Mailbox.objects.create(address="cabinet@essai.mssante.example", kind="CAB", organisation=ward.practice)


def masked(ward: world.Ward, stay: object, mask: str = HIDDEN) -> Document:
    paper = world.letter(ward, stay)  # type: ignore[arg-type]
    Document.objects.filter(pk=paper.pk).update(masks=[mask])
    paper.versions.update(masks=[mask])
    paper.refresh_from_db()
    documents.freeze_and_seal(paper, by=ward.doctor_user)
    return paper


def plain(ward: world.Ward, stay: object) -> Document:
    paper = world.letter(ward, stay, type_code=codes.CR_ACCOUCHEMENT.code)  # type: ignore[arg-type]
    documents.freeze_and_seal(paper, by=ward.doctor_user)
    return paper


def mails(document: Document) -> list[Shipment]:
    rows = Shipment.objects.filter(channel="mssante", versions__document=document).order_by("created_at")
    return list(rows.select_related("mailbox"))


@pytest.mark.parametrize("mask", [HIDDEN, codes.INVISIBLE_REPRESENTANTS_LEGAUX.code, SECRET])
def test_the_first_sending_waits_for_an_address_and_is_handed_over(
    ward: world.Ward, fakes: Fakes, shared: Mailbox, mask: str
) -> None:
    stay = world.stay(ward)
    hidden, open_ = masked(ward, stay, mask), plain(ward, stay)
    routing.dispatch([hidden, open_], by=ward.doctor_user)
    (held,), (sent,) = mails(hidden), mails(open_)
    assert (held.status, held.hold_reason, held.mailbox) == (S.HELD, "ADDRESS", None)
    assert PaperDelivery.objects.get().shipment == held
    assert (sent.status, sent.mailbox) == (S.QUEUED, shared), "the others do not wait for it"
    assert holding.release_ready() == 0 and holding.release_ready() == 0
    own = Mailbox.objects.create(address="enfin@essai.mssante.example", professional=ward.midwife)
    assert holding.release_ready() == 1 and mails(hidden)[0].mailbox == own


def test_with_a_box_of_her_own_they_leave_together(ward: world.Ward, fakes: Fakes) -> None:
    stay = world.stay(ward)
    hidden, open_ = masked(ward, stay), plain(ward, stay)
    routing.dispatch([hidden, open_], by=ward.doctor_user)
    assert mails(hidden) == mails(open_)


@pytest.mark.parametrize("box_first", [True, False])
def test_the_pack_of_who_comes_late(ward: world.Ward, fakes: Fakes, shared: Mailbox, box_first: bool) -> None:
    """A paper that may go to the practice does not wait with one that may not, even when there is no box yet."""
    stay = world.stay(ward, with_midwife=False)
    hidden, open_ = masked(ward, stay), plain(ward, stay)
    carer = professional(ward.practice, mailbox=False)
    if not box_first:
        Mailbox.objects.update(dead_since=timezone.now())
    follow(ward, stay, carer)
    Mailbox.objects.filter(pk=shared.pk).update(dead_since=None)
    holding.release_ready()
    (held,), (sent,) = mails(hidden), mails(open_)
    assert (held.status, held.mailbox) == (S.HELD, None) and (sent.status, sent.mailbox) == (S.QUEUED, shared)


def test_the_mother_is_informed_later(ward: world.Ward, fakes: Fakes, shared: Mailbox) -> None:
    stay = world.stay(ward)
    CareTeamMember.objects.update(informed_at=None)
    hidden = masked(ward, stay)
    routing.dispatch([hidden], by=ward.doctor_user)
    CareTeamMember.objects.update(informed_at=timezone.now())
    assert holding.release_ready() == 0
    assert (mails(hidden)[0].hold_reason, mails(hidden)[0].mailbox) == ("ADDRESS", None)


def test_a_relaunch_does_not_go_to_the_practice(ward: world.Ward, fakes: Fakes) -> None:
    hidden = masked(ward, world.stay(ward))
    routing.dispatch([hidden], by=ward.doctor_user)
    (mail,) = mails(hidden)
    own = mail.mailbox
    fakes["mssante"].failures = [PermanentChannelError("550 5.1.1", "La boîte n'existe pas.")]
    assert deliver(mail) == S.REJECTED
    Mailbox.objects.create(address="cabinet@essai.mssante.example", kind="CAB", organisation=ward.practice)
    outbox.retry(mails(hidden)[0], by=ward.secretary)
    assert mails(hidden)[0].mailbox == own


def test_a_new_version_that_is_masked_waits(ward: world.Ward, fakes: Fakes, shared: Mailbox) -> None:
    """And the recall of what the practice holds still goes there."""
    paper = validated(ward, world.stay(ward))
    deliver_all()
    assert mails(paper)[0].mailbox == shared
    replaced(ward, paper, masks=[HIDDEN])
    deliver_all()
    _, new, recall = sorted(mails(paper), key=lambda one: ("SEND", "REPLACE", "WITHDRAW").index(one.action))
    assert (new.status, new.hold_reason, new.mailbox) == (S.HELD, "ADDRESS", None)
    assert (recall.status, recall.mailbox) == (S.ACCEPTED, shared)
