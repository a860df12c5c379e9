"""Kill -9 the worker anywhere in a delivery, then start another: each document arrives exactly once.

The stop points come from outside the product: a sandbox that pauses, a row lock held by the test.
"""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Shipment
from coordination.services import documents
from tests.coordination import world
from tests.journeys.arena import Arena, until

pytestmark = pytest.mark.django_db(transaction=True)

SETTLED = (S.ACCEPTED, S.DELIVERED, S.INTEGRATED)

# (channel, scripted pause, most copies): a mail cut after it was stored cannot be asked for (SMTP has
# no question), so it may be there twice, with one Message-ID.
STOPS = {
    "dmp before reading": ("dmp", {"kind": "pause_before_reading", "endpoint": "repository"}, 1),
    "dmp before storing": ("dmp", {"kind": "pause_before_storing", "transaction": "2.1a"}, 1),
    "dmp before answering": ("dmp", {"kind": "pause_before_answering", "transaction": "2.1a"}, 1),
    "mssante before the mail": ("mssante", {"point": "smtp.mail", "action": "pause"}, 1),
    "mssante before storing": ("mssante", {"point": "smtp.store", "action": "pause"}, 1),
    "mssante before answering": ("mssante", {"point": "smtp.answer", "action": "pause"}, 2),
}


def sent(ward: world.Ward) -> dict[str, Shipment]:
    stay = world.stay(ward)
    documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    return {shipment.channel: shipment for shipment in Shipment.objects.all()}


def copies(arena: Arena, shipment: Shipment) -> int:
    unique_id = shipment.versions.get().unique_id
    if shipment.channel == "dmp":
        return arena.in_dmp().get(unique_id, 0)
    return arena.in_mail().get((shipment.message_id, unique_id), 0)


def settle(shipments: dict[str, Shipment]) -> None:
    for shipment in shipments.values():
        until(f"{shipment.channel} accepted", lambda one=shipment: _status(one) in SETTLED)  # type: ignore[misc]


def _status(shipment: Shipment) -> str:
    shipment.refresh_from_db()
    return shipment.status


@pytest.mark.parametrize("stop", STOPS)
def test_killed_at(stop: str, arena: Arena, ward: world.Ward) -> None:
    channel, script, most = STOPS[stop]
    arena.fault(channel, **script, seconds=60)
    arena.start_clock()
    worker = arena.start_worker()
    shipments = sent(ward)
    until("the pause", lambda: arena.waiting(channel))
    worker.kill()
    worker.wait()
    arena.release(channel)
    arena.start_worker()
    settle(shipments)
    assert copies(arena, shipments["dmp"]) == 1
    assert 1 <= copies(arena, shipments["mssante"]) <= most if channel == "mssante" else 1


def test_killed_while_recording(arena: Arena, ward: world.Ward) -> None:
    """The DMP has answered; the worker dies on its own row, which the test holds."""
    arena.fault("dmp", kind="pause_before_answering", transaction="2.1a", seconds=60)
    arena.start_clock()
    worker = arena.start_worker()
    shipments = sent(ward)
    until("the pause", lambda: arena.waiting("dmp"))
    with transaction.atomic():
        Shipment.objects.select_for_update().get(pk=shipments["dmp"].pk)
        arena.release("dmp")
        until("the worker on the lock", _somebody_waits)
        worker.kill()
        worker.wait()
    arena.start_worker()
    settle(shipments)
    assert copies(arena, shipments["dmp"]) == 1
    assert shipments["dmp"].attempts.filter(outcome="FOUND").exists(), "the DMP was asked, not sent to again"


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])
