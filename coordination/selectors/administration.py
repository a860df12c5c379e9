"""What an administrator sees: sites, professionals, accounts, delegations, addresses, channels.

No query here touches a person who is cared for, a stay or a document; shipments are counted by channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from coordination import channels
from coordination.lifecycles import ShipmentStatus
from coordination.models import (
    ChannelBreaker,
    ChannelName,
    ChannelSwitch,
    Delegation,
    IntakeReport,
    Mailbox,
    Organisation,
    Professional,
    Shipment,
    User,
)
from coordination.selectors import certificates, directory_search, fallback_view, nobodys_mail, service_state
from coordination.selectors.display import Chip
from perinat.standards import codes

_S = ShipmentStatus
ENDING = timedelta(days=30)
REPORTS_WAIT = timedelta(hours=1)
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


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that an administrator must look at: a line of the home page."""

    title: str
    text: str
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class Section:
    """A door of the home page: what is behind, and how many."""

    label: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Home:
    alerts: tuple[Alert, ...]
    sections: tuple[Section, ...]


def home(now: datetime) -> Home:
    """What needs somebody first, then the doors."""
    return Home(tuple(_alerts(now)), tuple(_sections(now)))


def _alerts(now: datetime) -> Iterator[Alert]:
    url = reverse("admin_channels")
    for line in channel_lines():
        if line.stopped:
            waiting = _several(line.waiting, "envoi en attente", "envois en attente")
            text = f"{line.reason} ({line.changed_by}). {waiting}, rien n’est perdu."
            yield Alert(f"{line.label} est arrêté", text, url, "Voir les canaux")
        elif line.silent_since:
            waiting = _several(line.waiting, "envoi attend", "envois attendent")
            text = f"{waiting}, rien n’est perdu : ils reprendront seuls. Dernier échec : {line.last_code}."
            yield Alert(f"{line.label} ne répond plus", text, url, "Voir les canaux")
    freshness = directory_search.freshness(now)
    if freshness.is_late:
        text = f"{freshness.text}. {freshness.failure_fr}".strip()
        yield Alert("L’Annuaire Santé est en retard", text, reverse("admin_mailboxes"), "Voir les adresses")
    silent = IntakeReport.objects.filter(
        sent_at__isnull=True, refused_at__isnull=True, silent_since__lte=now - REPORTS_WAIT
    ).aggregate(count=Count("pk"), since=Min("silent_since"))
    if silent["count"]:
        waiting = _several(silent["count"], "accusé attend", "accusés attendent")
        text = f"{waiting} depuis le {timezone.localtime(silent['since']):%d/%m/%Y à %H:%M}, rien n’est perdu."
        yield Alert("Le logiciel de l’hôpital ne prend plus ses accusés", text, reverse("service_state"), "Voir l’état")
    if not service_state.has_national_rules():
        text = "Seuls les contrôles de perinat s’appliquent aux documents."
        yield Alert("Règles nationales absentes", text, reverse("service_state"), "Voir l’état du service")
    bad = [line for line in certificates.certificates(now) if line.needs_somebody]
    if bad:
        text = " ; ".join(f"{line.holder} : {line.chip.text.lower()}" for line in bad[:3])
        title = _several(len(bad), "certificat à revoir", "certificats à revoir")
        yield Alert(title, text, reverse("admin_certificates"), "Voir les certificats")
    nobodys = nobodys_mail.boxes()
    if nobodys:
        text = "Personne ne les voit : donnez chaque boîte à un site. " + ", ".join(box.address for box in nobodys[:3])
        title = _several(sum(box.mails for box in nobodys), "message dans une boîte", "messages dans une boîte")
        yield Alert(f"{title} qu’aucun site n’a", text, reverse("admin_mailboxes"), "Voir les boîtes")
    dead = Mailbox.objects.filter(dead_since__isnull=False).count()
    if dead:
        text = "Hors des adresses proposées depuis le refus définitif d’un message."
        title = _several(dead, "adresse MSSanté hors service", "adresses MSSanté hors service")
        yield Alert(title, text, reverse("admin_mailboxes"), "Voir les adresses")
    ending = [line for line in delegations(timezone.localdate(now)) if line.chip.text == "Se termine bientôt"]
    if ending:
        names = ", ".join(str(line.row.professional) for line in ending[:3])
        text = f"{names} : sans délégation, les papiers attendront leur validation."
        title = _several(len(ending), "délégation se termine sous 30 jours", "délégations se terminent sous 30 jours")
        yield Alert(title, text, reverse("admin_delegations"), "Voir les délégations")


def _several(number: int, one: str, more: str) -> str:
    return f"{number} {more if number > 1 else one}"


def _sections(now: datetime) -> Iterator[Section]:
    accounts_open = User.objects.filter(is_active=True).count()
    yield Section("Sites", reverse("admin_sites"), f"{Organisation.objects.count()} enregistrés")
    yield Section("Professionnels", reverse("admin_professionals"), f"{Professional.objects.count()} au RPPS")
    yield Section("Comptes", reverse("admin_accounts"), f"{accounts_open} ouverts")
    yield Section("Délégations", reverse("admin_delegations"), "Qui envoie au nom de qui")
    yield Section("Canaux", reverse("admin_channels"), "DMP et MSSanté, arrêt et reprise")
    known = f"{Mailbox.objects.count()} connues. {directory_search.freshness(now).text}"
    yield Section("Adresses MSSanté", reverse("admin_mailboxes"), known)
    yield Section("Transmissions", reverse("transmissions"), "Historique de la messagerie, échecs compris")
    yield Section("Certificats", reverse("admin_certificates"), "Fin de validité")
    yield Section("État du service", reverse("service_state"), "Base, file, horloge, contrôles")


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
