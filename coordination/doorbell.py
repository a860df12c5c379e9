"""Rings the workers after a commit. A deaf doorbell loses nothing: the beat sweeps the rows."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def ring(task: str, *ids: UUID, countdown: float = 0) -> None:
    """After the current transaction commits, send `task` once per id. Never raises on a dead broker."""
    for one in ids:
        transaction.on_commit(lambda one=one: _send(task, one, countdown))  # type: ignore[misc]


def _send(task: str, one: UUID, countdown: float) -> None:
    try:
        current_app.send_task(task, args=[str(one)], countdown=countdown or None, retry=False, ignore_result=True)
    except (OperationalError, OSError):
        logger.warning("doorbell.deaf task=%s id=%s", task, one)
