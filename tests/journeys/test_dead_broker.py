"""Redis is stopped for the whole run: pages do not wait for it, and everything is delivered, later."""

from __future__ import annotations

import time

import pytest
from celery import current_app

from coordination import doorbell
from coordination.models import Shipment
from coordination.services import documents
from tests.coordination import world
from tests.journeys.arena import Arena
from tests.journeys.test_killed_worker import copies, settle

pytestmark = pytest.mark.django_db(transaction=True)

DEAD = "redis://127.0.0.1:1/0"


@pytest.fixture
def deaf() -> object:
    """This process rings at a door where nobody is."""
    before = current_app.conf.broker_url
    current_app.conf.broker_url = current_app.conf.broker_write_url = DEAD
    current_app.amqp._producer_pool = None
    current_app._pool = None
    doorbell._deaf_until = 0.0
    yield
    doorbell._deaf_until = 0.0
    current_app.conf.broker_url = current_app.conf.broker_write_url = before
    current_app.amqp._producer_pool = None
    current_app._pool = None


def test_everything_is_delivered_without_redis(arena: Arena, ward: world.Ward, deaf: object) -> None:
    stay = world.stay(ward)
    paper = world.letter(ward, stay)
    documents.validate(paper, by=ward.doctor_user)
    assert doorbell._deaf_until > time.monotonic(), "the bell was found deaf once, then left alone"
    arena.start_clock(REDIS_URL=DEAD)
    shipments = {shipment.channel: shipment for shipment in Shipment.objects.all()}
    settle(shipments)
    assert {copies(arena, shipment) for shipment in shipments.values()} == {1}
