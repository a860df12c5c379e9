"""What an administrator sees: sites, professionals, accounts, delegations, addresses, channels.

No query here touches a person who is cared for, a stay or a document; shipments are counted by channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.utils import timezone

from coordination import channels
from coordination.lifecycles import ShipmentStatus
from coordination.models import (
    ChannelBreaker,
    ChannelName,
    ChannelSwitch,
    Delegation,
    Mailbox,
    Organisation,
    Professional,
    Shipment,
    User,
)
from coordination.selectors import fallback_view
from coordination.selectors.display import Chip
from perinat.standards import codes

_S = ShipmentStatus
ENDING = timedelta(days=30)
OPEN, STOPPED = Chip("Ouvert", "done", "check"), Chip("Arrêté", "stop", "pause")
SILENT = Chip("Ne répond plus", "todo", "alert")


@dataclass(frozen=True, slots=True)
class RemoteAnswer:
    """One answer of a channel, as it was said to the wards, and how many sendings it stopped."""

    code: str
    sentence: str
    count: int


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One channel. `waiting`: to send now; `held`: waits for a fact; `to_fix`: refused, a person must act.

    `silent_since`: it does not answer any more, the next try being at `probe_at`; `releasing_until`: what waited leaves
    little by little. `answers`: what it answered to what must be fixed, the most frequent first.
    """

    name: str
    label: str
    chip: Chip
    stopped: bool
    reason: str
    changed_by: str
    changed_at: datetime | None
    last_success: datetime | None
    waiting: int
    oldest: datetime | None
    held: int
    to_fix: int
    silent_since: datetime | None = None
    probe_at: datetime | None = None
    last_code: str = ""
    releasing_until: datetime | None = None
    answers: tuple[RemoteAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class DelegationLine:
    row: Delegation
    types: str
    chip: Chip
    is_live: bool


def channel_lines() -> list[ChannelLine]:
    """The channels of this installation. Four queries."""
    breakers = {row.channel: row for row in ChannelBreaker.objects.all()}
    answers = _answers()
    switches = {row.channel: row for row in ChannelSwitch.objects.select_related("changed_by")}
    queues = _queues()
    return [
        _channel(name, switches.get(name), breakers.get(name), queues.get(name, {}), tuple(answers.get(name, ())))
        for name in channels.names()
    ]


def _answers() -> dict[str, list[RemoteAnswer]]:
    """Channel → what it answered to the sendings that a person must look at."""
    counted = (
        Shipment.objects.filter(status__in=[_S.REJECTED, _S.FAILED], functional=False)
        .exclude(fallback_view.settled_elsewhere())
        .order_by()
        .values("channel", "last_code", "last_message")
        .annotate(count=Count("pk"))
        .order_by("-count", "last_code")
    )
    found: dict[str, list[RemoteAnswer]] = {}
    for row in counted:
        answer = RemoteAnswer(row["last_code"], row["last_message"], row["count"])
        found.setdefault(row["channel"], []).append(answer)
    return found


def _queues() -> dict[str, dict[str, object]]:
    counted = (
        Shipment.objects.order_by()
        .values("channel")
        .annotate(
            waiting=Count("pk", filter=Q(status__in=[_S.QUEUED, _S.SENDING])),
            oldest=Min("created_at", filter=Q(status__in=[_S.QUEUED, _S.SENDING])),
            held=Count("pk", filter=Q(status=_S.HELD)),
            to_fix=Count(
                "pk",
                filter=Q(status__in=[_S.REJECTED, _S.FAILED], functional=False) & ~fallback_view.settled_elsewhere(),
            ),
            last_success=Max("accepted_at"),
        )
    )
    return {row["channel"]: {**row} for row in counted}


def _channel(
    name: str,
    switch: ChannelSwitch | None,
    breaker: ChannelBreaker | None,
    queue: dict[str, object],
    answers: tuple[RemoteAnswer, ...],
) -> ChannelLine:
    stopped = switch is not None and switch.stopped
    values: dict[str, object] = {"waiting": 0, "oldest": None, "held": 0, "to_fix": 0, "last_success": None, **queue}
    values.pop("channel", None)
    silent = breaker if breaker and breaker.opened_at else None
    releasing = breaker.releasing_until if breaker and not silent and values["waiting"] else None
    return ChannelLine(
        name=name,
        label=dict(ChannelName.choices).get(name, name),
        chip=STOPPED if stopped else SILENT if silent else OPEN,
        stopped=stopped,
        reason=switch.reason if switch and stopped else "",
        changed_by=str(switch.changed_by) if switch else "",
        changed_at=switch.changed_at if switch else None,
        silent_since=silent.since if silent else None,
        probe_at=silent.probe_at if silent else None,
        last_code=silent.last_code if silent else "",
        releasing_until=releasing if releasing and releasing > timezone.now() else None,
        answers=answers,
        **values,  # type: ignore[arg-type]
    )


def sites() -> QuerySet[Organisation]:
    return Organisation.objects.select_related("parent").annotate(accounts=Count("users")).order_by("kind", "name")


def professionals(search: str = "") -> QuerySet[Professional]:
    """Professionals whose name, RPPS or site holds every word."""
    found = Professional.objects.select_related("organisation", "user").prefetch_related("mailboxes")
    for word in search.split():
        found = found.filter(
            Q(family_name__icontains=word)
            | Q(given_name__icontains=word)
            | Q(rpps__startswith=word)
            | Q(organisation__name__icontains=word)
        )
    return found


def accounts(search: str = "") -> QuerySet[User]:
    """Accounts whose name, username or site holds every word, open ones first."""
    found = User.objects.select_related("organisation", "professional").order_by("-is_active", "last_name", "username")
    for word in search.split():
        found = found.filter(
            Q(last_name__icontains=word)
            | Q(first_name__icontains=word)
            | Q(username__icontains=word)
            | Q(organisation__name__icontains=word)
        )
    return found


def delegations(today: date) -> list[DelegationLine]:
    """Every delegation, live ones first, the next to end on top."""
    rows = Delegation.objects.select_related("professional", "organisation", "recorded_by").order_by("ends_on")
    lines = [_delegation(row, today) for row in rows]
    return sorted(lines, key=lambda line: not line.is_live)


def _delegation(row: Delegation, today: date) -> DelegationLine:
    kinds = [codes.DOCUMENT_TYPES[code].type.label for code in row.type_codes if code in codes.DOCUMENT_TYPES]
    types = ", ".join(kinds) or "Tous les papiers"
    if row.revoked_at:
        return DelegationLine(row, types, Chip("Retirée", "quiet", "undo"), False)
    if row.ends_on < today:
        return DelegationLine(row, types, Chip("Terminée", "quiet", "dot"), False)
    if row.starts_on > today:
        return DelegationLine(row, types, Chip("À venir", "going", "clock"), True)
    if row.ends_on <= today + ENDING:
        return DelegationLine(row, types, Chip("Se termine bientôt", "todo", "alert"), True)
    return DelegationLine(row, types, Chip("En cours", "done", "check"), True)


def mailboxes() -> QuerySet[Mailbox]:
    """Addresses, those out of order first."""
    rows = Mailbox.objects.select_related("professional__organisation", "organisation")
    return rows.order_by(F("dead_since").desc(nulls_last=True), "address")
