"""The channels, found by dotted path in settings (as Django finds EMAIL_BACKEND), one per process."""

from __future__ import annotations

import functools

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from coordination.models import ChannelSwitch
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
