"""The channels, found by dotted path in settings (as Django finds EMAIL_BACKEND), one per process."""

from __future__ import annotations

import functools
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from coordination.models import ChannelBreaker, ChannelSwitch
from coordination.ports import Channel


@functools.lru_cache(maxsize=8)
def _load(dotted_path: str) -> Channel:
    channel: Channel = import_string(dotted_path)()
    return channel


def get(name: str) -> Channel:
    """The channel of this name; the same object for the life of the process."""
    return _load(settings.CHANNELS[name])


def names() -> list[str]:
    return list(settings.CHANNELS)


def stopped() -> QuerySet[ChannelSwitch, str]:
    """Names of the channels whose stop switch is on (lazy: a subquery inside another query)."""
    return ChannelSwitch.objects.filter(stopped=True).values_list("channel", flat=True)


def down(now: datetime | None = None) -> QuerySet[ChannelBreaker, str]:
    """Names of the channels whose breaker is open (lazy). `now`: only those where no probe is due."""
    rows = ChannelBreaker.objects.filter(opened_at__isnull=False)
    return (rows if now is None else rows.filter(probe_at__gt=now)).values_list("channel", flat=True)
