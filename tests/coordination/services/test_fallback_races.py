"""Two facts about one sending at the same instant: real threads, real transactions; one way lives at the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Mailbox, PaperCode, PaperDelivery, Professional, Role, Shipment
from coordination.ports import Incoming
from coordination.ports import ReceiptKind as K
from coordination.services import outbox, paper_codes, receipts, transitions
from coordination.services.paper_codes import CodeRefusedError
from tests.coordination import world
from tests.coordination.services.helpers import RPPS, deliver, receipt, validated
from tests.coordination.services.test_fallback import mails, paths
from tests.coordination.services.test_races import at_once
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def accepted(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Shipment:
    """A letter that the operator took; the practice has a box too."""
    validated(ward, world.stay(ward))
    Mailbox.objects.create(address="cabinet@essai.mssante.example", kind="CAB", organisation=ward.practice)
    mail = mails()[0]
    assert deliver(mail) == S.ACCEPTED
    mail.refresh_from_db()
    return mail


def storing(incoming: Incoming) -> Callable[[], object]:
    return lambda: receipts.store(incoming)


def stored(*incoming: Incoming) -> None:
    """All at once; one that met the other is offered again, as the collector does."""
    for one, result in zip(incoming, at_once(*map(storing, incoming)), strict=True):
        assert not isinstance(result, Exception) or isinstance(result, transitions.StaleStateError), result
        if isinstance(result, Exception):
            receipts.store(one)


def test_a_bounce_and_an_integration_leave_one_way(accepted: Shipment) -> None:
    bounce = receipt(K.BOUNCED, accepted, code="5.4.7", at=timezone.now() - timedelta(minutes=1))
    stored(bounce, receipt(K.INTEGRATED, accepted))
    accepted.refresh_from_db()
    assert accepted.status == S.INTEGRATED
    assert {one.status for one in mails()[1:]} <= {S.CANCELLED}, "what had not left never leaves"
    assert not PaperDelivery.objects.exclude(status="DROPPED").exists()


def test_two_bounces_make_one_next_step(accepted: Shipment) -> None:
    stored(receipt(K.BOUNCED, accepted, code="5.1.1"), receipt(K.BOUNCED, accepted, code="5.1.1"))
    assert len(mails()) == 2 and paths(accepted) == 1


def test_the_next_step_leaves_while_the_first_proves_its_arrival(accepted: Shipment) -> None:
    receipts.store(receipt(K.BOUNCED, accepted, code="5.4.7", at=timezone.now() - timedelta(minutes=1)))
    following = mails()[1]
    results = at_once(storing(receipt(K.INTEGRATED, accepted)), lambda: outbox.deliver(following.pk))
    assert not any(isinstance(one, Exception) for one in results), results
    accepted.refresh_from_db()
    following.refresh_from_db()
    assert accepted.status == S.INTEGRATED
    assert following.status in (S.CANCELLED, S.ACCEPTED), "stopped, or already on its way to another box of hers"
    assert not PaperDelivery.objects.exists()


def test_two_professionals_type_the_code_together(accepted: Shipment, ward: world.Ward) -> None:
    for code in ("5.1.1", "5.1.1"):
        receipts.store(receipt(K.BOUNCED, mails()[-1], code=code))
        deliver(mails()[-1])
    paper = PaperDelivery.objects.select_related("shipment").get()
    _, drawn = paper_codes.issue(paper, by=ward.secretary)
    users = []
    for number in (1, 2):
        made = Professional.objects.create(
            rpps=RPPS[number], given_name="Inès", family_name=f"HOUX{number}", organisation=ward.practice
        )
        users.append(world.user(f"ville{number}", Role.MIDWIFE, ward.practice, made))
    results = at_once(*(lambda u=user: paper_codes.redeem(drawn, by=u) for user in users))  # type: ignore[misc]
    assert sorted(type(one).__name__ for one in results) == ["CodeRefusedError", "PaperCode"], results
    winner = users[[isinstance(one, PaperCode) for one in results].index(True)]
    assert PaperCode.objects.get().used_by == winner.professional
    with pytest.raises(CodeRefusedError):
        paper_codes.redeem(drawn, by=users[1 - users.index(winner)])
