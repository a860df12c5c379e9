"""Celery tasks of the gateway. Nothing in, nothing out: the lists stand on disk."""

from __future__ import annotations

from celery import shared_task

from mssante import lists
from mssante.conf import from_settings


@shared_task(name="mssante.refresh_lists")  # type: ignore[untyped-decorator]
def refresh_lists() -> None:
    """Fetch the list of revoked certificates and the white list, when they have an address."""
    lists.refresh(from_settings())
