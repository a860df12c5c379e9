"""The home of the administrator: what needs somebody first, then the doors. Nothing about a person who is cared for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone

from coordination.models import IntakeReport, Mailbox, Organisation, Professional, User
from coordination.selectors import (
    administration,
    certificates,
    directory_search,
    nobodys_mail,
    service_state,
)

REPORTS_WAIT = timedelta(hours=1)


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
    for line in administration.channel_lines():
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
    ending = [
        line for line in administration.delegations(timezone.localdate(now)) if line.chip.text == "Se termine bientôt"
    ]
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
