"""Where each role arrives and what its navigation offers. Each audience adds its pages here.

A page that is not installed yet is left out, and its role arrives on the welcome page.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from coordination.models import Role, User


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: its URL name, its French label and its icon."""

    name: str
    label: str
    icon: str


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    label: str
    icon: str
    current: bool


DISCHARGES = Entry("discharge_list", "Sorties du jour", "door")
SIGNATURES = Entry("to_validate", "À valider", "pen")
RELAY = Entry("relay", "Relève", "users")
INS_WAITING = Entry("ins_waiting", "Attente d’INS", "clock")
VISITS = Entry("visits", "Mes visites", "home")
OFFERS = Entry("offers", "Demandes", "search")
RECEIVED = Entry("received", "Reçus pour moi", "mail")
MAIL = Entry("mail_inbox", "Courrier reçu", "mail")
WRITTEN = Entry("patient_inbox", "Messages aux mères", "send")
BOARD = Entry("board", "Orientation", "pin")
CAPACITY = Entry("capacity", "Capacité", "calendar")
FIGURES = Entry("figures", "Indicateurs", "chart")
MATERNITIES = Entry("maternities", "Maternités", "home")
ADMINISTRATION = Entry("administration", "Administration", "gear")
STATE = Entry("service_state", "État du service", "info")

# The first entry of a role is its home.
ENTRIES: dict[str, tuple[Entry, ...]] = {
    Role.SECRETARY: (DISCHARGES, INS_WAITING, RELAY, MAIL, WRITTEN),
    Role.HOSPITAL_MIDWIFE: (SIGNATURES, DISCHARGES, INS_WAITING, RELAY, MAIL, WRITTEN),
    Role.HOSPITAL_DOCTOR: (SIGNATURES, DISCHARGES, INS_WAITING, MAIL, WRITTEN),
    Role.MIDWIFE: (VISITS, OFFERS, RECEIVED, MAIL, WRITTEN),
    Role.HAD: (VISITS, RECEIVED),
    Role.PMI: (RECEIVED, VISITS),
    Role.GP: (RECEIVED,),
    Role.GYNAECOLOGIST: (RECEIVED,),
    Role.PHYSIOTHERAPIST: (RECEIVED,),
    Role.SPECIALIST: (RECEIVED,),
    Role.COORDINATOR: (BOARD, CAPACITY),
    Role.CPAM: (FIGURES, MATERNITIES),
    Role.ARS: (FIGURES, MATERNITIES),
    Role.ADMINISTRATOR: (ADMINISTRATION, STATE),
}


def links(user: User, path: str) -> list[Link]:
    """The navigation of this person; `path` marks the current page."""
    found = []
    for entry in ENTRIES.get(user.role, ()):
        url = _url(entry)
        if url:
            found.append(Link(url, entry.label, entry.icon, path == url))
    return found


def home_url(user: User) -> str:
    """The address where this person's work is; empty when her pages are not installed."""
    return next((url for url in map(_url, ENTRIES.get(user.role, ())[:1]) if url), "")


def _url(entry: Entry) -> str:
    try:
        return reverse(entry.name)
    except NoReverseMatch:
        return ""
