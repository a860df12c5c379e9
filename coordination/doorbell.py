"""Rings the workers after a commit. A deaf doorbell loses nothing: the beat sweeps the rows.

A page must not wait for a dead broker once per shipment: after one failure the bell is left alone for
a few seconds.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from uuid import UUID

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)
DEAF_SECONDS = 10.0
_deaf_until = 0.0


def ring(task: str, *ids: UUID, queue: str = "", then: Sequence[UUID] = (), countdown: float = 0) -> None:
    """After the current transaction commits, send `task` once per id. Never raises on a dead broker.

    `queue`: whose workers do it; empty: the common one. `then`: further ids that the task is told about, and
    rings for when it sees fit.
    """
    for one in ids:
        transaction.on_commit(lambda one=one: _send(task, [one, *then], countdown, queue))  # type: ignore[misc]


def _send(task: str, ids: list[UUID], countdown: float, queue: str = "") -> None:
    global _deaf_until
    if time.monotonic() < _deaf_until:
        return
    try:
        words = [str(one) for one in ids]
        how = {"queue": queue or None, "countdown": countdown or None}
        current_app.send_task(task, args=words, retry=False, ignore_result=True, **how)
    except (OperationalError, OSError):
        _deaf_until = time.monotonic() + DEAF_SECONDS
        logger.warning("doorbell.deaf task=%s id=%s", task, ids[0])
