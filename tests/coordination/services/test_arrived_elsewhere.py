"""One step of a chain arrived: nothing of the rest is corrected, counted or sent again (ADR 0022)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.api.shipments import WAITS_FOR_A_PERSON
from coordination.models import Shipment
from coordination.ports import ReceiptKind as K
from coordination.selectors import administration, fallback_view
from coordination.services import outbox, receipts
from coordination.services.outbox import ArrivedElsewhereError
from tests.coordination import world
from tests.coordination.services.helpers import deliver, receipt, validated
from tests.coordination.services.test_fallback import box, mails
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(ward: world.Ward, fakes: dict[str, FakeChannel]) -> list[Shipment]:
    """Refused, then at two other addresses: the first arrived after all, the last says that it knows nobody."""
    box("autre", "PER", of=ward, own=True), box("cabinet", "CAB", of=ward)
    validated(ward, world.stay(ward))
    past = timezone.now() - timedelta(minutes=5)
    for _ in range(2):
        deliver(mails()[-1])
        receipts.store(receipt(K.BOUNCED, mails()[-1], code="5.4.7", at=past))
    first, _, last = mails()
    assert deliver(last) == "ACCEPTED"
    receipts.store(receipt(K.INTEGRATED, first))
    receipts.store(receipt(K.BOUNCED, last, code="5.1.1"))
    found = mails()
    assert [one.status for one in found] == ["INTEGRATED", "REJECTED", "REJECTED"]
    return found


def test_nobody_is_asked_to_correct_it(late: list[Shipment]) -> None:
    assert not Shipment.objects.filter(WAITS_FOR_A_PERSON).exists()
    assert set(Shipment.objects.filter(fallback_view.settled_elsewhere())) >= set(late[1:])
    assert {line.to_fix for line in administration.channel_lines()} == {0}


def test_it_is_not_sent_twice(late: list[Shipment], ward: world.Ward, client: Client) -> None:
    with pytest.raises(ArrivedElsewhereError):
        outbox.retry(late[-1], by=ward.secretary)
    client.force_login(ward.secretary, backend="coordination.backends.AccountBackend")
    answer = client.post(reverse("shipment_retry", args=[late[-1].pk]), {"retour": "/sorties/"}, follow=True)
    assert "déjà arrivés à une autre adresse" in answer.content.decode()
    assert [one.status for one in mails()] == ["INTEGRATED", "REJECTED", "REJECTED"]


def test_a_chain_of_which_nothing_arrived_waits_for_a_person(late: list[Shipment]) -> None:
    Shipment.objects.filter(pk=late[0].pk).update(status="REJECTED")
    assert Shipment.objects.filter(WAITS_FOR_A_PERSON).get() == late[-1]
