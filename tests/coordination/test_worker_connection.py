"""A worker keeps its database connection from one task to the next, and leaves one that is dead."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from celery import signals
from celery.fixups.django import DjangoWorkerFixup
from django.db import connection

from coordination.models import ChannelSwitch
from perinat.celery import app
from tests.journeys.arena import database_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker() -> DjangoWorkerFixup:
    """What Celery installs around the tasks of a Django project; kept alive, since its signals are weak."""
    return DjangoWorkerFixup(app).install()


class Task:
    """As much of a task as the signals look at."""

    request: Any = None


def _run_a_task() -> None:
    signals.task_prerun.send(sender=Task())
    assert not ChannelSwitch.objects.exists()
    signals.task_postrun.send(sender=Task())


def test_the_connection_is_kept(worker: DjangoWorkerFixup) -> None:
    _run_a_task()
    before = connection.connection
    _run_a_task()
    assert before is not None and connection.connection is before


def test_a_connection_that_the_server_closed_is_made_again(worker: DjangoWorkerFixup) -> None:
    _run_a_task()
    before = connection.connection
    with psycopg.connect(database_url(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [before.info.backend_pid])
    _run_a_task()
    assert connection.connection is not before
