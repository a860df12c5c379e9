"""Is the service well? The database, the queue, the clock, the national rules, the checks of the channels.

The clock leaves its marks in the rows: what is due and not taken says that nobody sweeps any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.core import checks
from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone
from kombu.exceptions import OperationalError

from coordination import channels
from coordination.lifecycles import DepositStatus, OfferStatus, ShipmentStatus
from coordination.models import AuditSeal, Deposit, Event, Offer, Shipment, ShipmentAttempt
from coordination.selectors.display import Chip
from perinat.standards import identity_evidence

LATE_AFTER = timedelta(minutes=3)  # the slowest sweep that matters here passes every minute (perinat.celery)
GOOD, WATCH, BAD = ("done", "check"), ("todo", "alert"), ("stop", "cross")
LEVELS = {checks.ERROR: ("Erreur", *BAD), checks.CRITICAL: ("Erreur", *BAD), checks.WARNING: ("À corriger", *WATCH)}


@dataclass(frozen=True, slots=True)
class Vital:
    """One organ of the service: its state in a word, what it means in a sentence."""

    name: str
    chip: Chip
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One message of a system check; `place`: the structure it speaks of."""

    chip: Chip
    text: str
    place: str
    code: str


@dataclass(frozen=True, slots=True)
class DatedList:
    """A list of the outside world that perinat obeys: what is in it, where it was read, and when."""

    name: str
    content: str
    source: str
    read_on: date


@dataclass(frozen=True, slots=True)
class State:
    vitals: tuple[Vital, ...]
    findings: tuple[Finding, ...]
    lists: tuple[DatedList, ...]
    has_national_rules: bool


def state(now: datetime) -> State:
    """Everything, measured at once."""
    return State(
        vitals=(_database(), _queue(), _clock(now), _journal(now), _rules()),
        findings=tuple(findings()),
        lists=tuple(_dated_lists()),
        has_national_rules=has_national_rules(),
    )


def has_national_rules() -> bool:
    return bool(settings.ANS_PACK) and Path(settings.ANS_PACK).is_dir()


def _dated_lists() -> Iterator[DatedList]:
    """Those that are small enough to be read on a page: the official value sets have their own files."""
    source, read_on = identity_evidence.said()
    for name, newborn in (("Pièces d’identité d’un adulte", False), ("Pièces d’identité d’un enfant", True)):
        content = " ; ".join(identity_evidence.evidence(newborn=newborn).values())
        yield DatedList(name, content, source, date.fromisoformat(read_on))


def findings() -> list[Finding]:
    """What `manage.py check --tag channels` says."""
    found = []
    for message in checks.run_checks(tags=["channels"]):
        word, tone, icon = LEVELS.get(message.level, ("Information", "quiet", "info"))
        found.append(Finding(Chip(word, tone, icon), message.msg, str(message.obj or ""), message.id or ""))
    return found


def _database() -> Vital:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
        version, size = cursor.fetchone()
    words = f"PostgreSQL {version.split(' ')[0]}, {size // 1024**2} Mo. Tout envoi y est écrit avant de partir."
    return Vital("Base de données", Chip("Répond", *GOOD), words)


def _queue() -> Vital:
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
    except (OperationalError, OSError):
        words = "Rien n’est perdu : l’horloge fait elle-même le travail, plus lentement. Relancez la file d’attente."
        return Vital("File d’attente", Chip("Muette", *WATCH), words)
    return Vital("File d’attente", Chip("Répond", *GOOD), "Elle réveille les travailleurs dès qu’un envoi est prêt.")


def _clock(now: datetime) -> Vital:
    """Work that is due for a while and that nobody took says that the clock has stopped."""
    overdue = min((at for at in _due(now) if at is not None), default=None)
    last = _last_sign()
    seen = f"Dernière trace d’activité : {timezone.localtime(last):%d/%m/%Y à %H:%M}." if last else "Aucune activité."
    if overdue is not None and overdue < now - LATE_AFTER:
        since = f"{timezone.localtime(overdue):%d/%m/%Y à %H:%M}"
        words = f"Un travail attend depuis le {since} sans être pris. Relancez l’horloge et les travailleurs. {seen}"
        return Vital("Horloge et travailleurs", Chip("À relancer", *BAD), words)
    return Vital("Horloge et travailleurs", Chip("À jour", *GOOD), f"Aucun travail n’attend. {seen}")


def _due(now: datetime) -> list[datetime | None]:
    """Since when the oldest due shipment, unread paper and unanswered request wait."""
    shipments = Shipment.objects.filter(status=ShipmentStatus.QUEUED, due_at__lte=now)
    leaving = shipments.exclude(channel__in=channels.stopped()).exclude(channel__in=channels.down())
    lost = Shipment.objects.filter(status=ShipmentStatus.SENDING, lease_until__lte=now)
    return [
        leaving.aggregate(at=Min("due_at"))["at"],
        lost.aggregate(at=Min("lease_until"))["at"],
        Deposit.objects.filter(status=DepositStatus.RECEIVED).aggregate(at=Min("deposited_at"))["at"],
        Offer.objects.filter(status=OfferStatus.SENT, expires_at__lte=now).aggregate(at=Min("expires_at"))["at"],
    ]


def _last_sign() -> datetime | None:
    signs = (
        Event.objects.aggregate(at=Max("at"))["at"],
        ShipmentAttempt.objects.aggregate(at=Max("ended_at"))["at"],
    )
    return max((at for at in signs if at is not None), default=None)


def _journal(now: datetime) -> Vital:
    """Yesterday is sealed during the hours that follow midnight."""
    seal = AuditSeal.objects.order_by("-day").first()
    first = Event.objects.order_by("at").values_list("at", flat=True).first()
    today = timezone.localdate(now)
    expected = first is not None and timezone.localdate(first) < today
    if seal is None:
        chip = Chip("À sceller", *WATCH) if expected else Chip("Rien à sceller", "quiet", "dot")
        return Vital("Journal des actes", chip, "Chaque jour est scellé le lendemain ; aucun ne l’est encore.")
    late = expected and seal.day < today - timedelta(days=2)
    chip = Chip("En retard", *WATCH) if late else Chip("Scellé", *GOOD)
    return Vital("Journal des actes", chip, f"Scellé jusqu’au {seal.day:%d/%m/%Y} : toute modification se verrait.")


def _rules() -> Vital:
    if has_national_rules():
        words = "Chaque document est contrôlé par les règles de l’Agence du numérique en santé avant de partir."
        return Vital("Règles nationales", Chip("Présentes", *GOOD), words)
    words = "ANS_PACK ne désigne aucun dossier : seuls les contrôles de perinat s’appliquent aux documents."
    return Vital("Règles nationales", Chip("Absentes", *WATCH), words)
