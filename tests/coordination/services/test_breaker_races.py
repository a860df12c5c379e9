"""Workers at the same instant on a channel that is down: real threads, real transactions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from coordination.models import ChannelBreaker, Shipment
from coordination.services import breaker, documents, outbox
from coordination.services.breaker import Sign
from tests.coordination import world
from tests.coordination.services.test_races import at_once
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(ward: world.Ward, fakes: dict[str, FakeChannel]) -> list[Shipment]:
    """Three letters for the DMP."""
    stay = world.stay(ward, with_midwife=False)
    for _ in range(3):
        documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    return list(Shipment.objects.filter(channel="dmp"))


def test_one_probe_whoever_asks_first(waiting: list[Shipment]) -> None:
    now = timezone.now()
    ChannelBreaker.objects.create(channel="dmp", failures=5, since=now, opened_at=now, probe_at=now)
    taken = at_once(*(lambda pk=one.pk: outbox.claim(pk, at=now + timedelta(seconds=1)) for one in waiting))  # type: ignore[misc]
    assert sum(isinstance(one, Shipment) for one in taken) == 1, taken


def test_no_failure_is_forgotten_when_they_come_together(waiting: list[Shipment]) -> None:
    now = timezone.now()

    def fail(one: Shipment) -> object:
        with transaction.atomic():
            return breaker.note(one, Sign.DOWN, code="UNREACHABLE", started=now, now=now)

    at_once(*(lambda one=one: fail(one) for one in waiting))  # type: ignore[misc]
    row = ChannelBreaker.objects.get(channel="dmp")
    assert row.failures == 3 and set(row.failing) == {str(one.pk) for one in waiting}
