"""Channels that send nothing for now, for whoever waits for a sending: since when, why, and that nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coordination import channels
from coordination.models import ChannelBreaker, ChannelName, ChannelSwitch

SUBJECTS = {ChannelName.DMP: "Le DMP", ChannelName.MSSANTE: "La messagerie MSSanté"}


@dataclass(frozen=True, slots=True)
class Outage:
    """One channel. `reason`: why an administrator stopped it; empty when it is the channel that is silent."""

    subject: str
    since: datetime
    reason: str = ""


def outages() -> list[Outage]:
    """The channels that are stopped or silent now; a stopped one is not told to be silent too."""
    stopped = {row.channel: row for row in ChannelSwitch.objects.filter(stopped=True)}
    silent = {row.channel: row for row in ChannelBreaker.objects.filter(opened_at__isnull=False)}
    found = []
    for name in channels.names():
        subject = SUBJECTS[ChannelName(name)]
        if name in stopped:
            found.append(Outage(subject, stopped[name].changed_at, stopped[name].reason))
        elif name in silent and (since := silent[name].since) is not None:
            found.append(Outage(subject, since))
    return found
