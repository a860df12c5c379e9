"""What an administrator changes: sites, professionals, addresses, channels. Every act is audited.

Accounts and delegations stand in `accounts`. Nothing here reads or writes anything about a person who is cared for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from coordination import audit, channels
from coordination.models import ChannelSwitch, LetterGate, Mailbox, Organisation, OrganisationKind, Professional, User
from coordination.selectors import nobodys_mail as waiting
from coordination.services import breaker, nobodys_mail
from perinat.standards import codes
from perinat.standards.identifiers import Finess, IdentifierError, Rpps, check_oid

_K = OrganisationKind
T = TypeVar("T", bound=Model)


class AdministrationRefusedError(Exception):
    """The change is not possible: `problems` maps a field name ("" for none) to its French sentence."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems

    @property
    def message_fr(self) -> str:
        return " ".join(self.problems.values())


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """A site as the form gives it. `communes`: COG codes (territory of a CPTS, commune of a practice)."""

    kind: str
    name: str
    finess: str = ""
    parent: Organisation | None = None
    mailbox: str = ""
    ipp_oid: str = ""
    deposits_in_dmp: bool = False
    phone: str = ""
    address_line: str = ""
    postal_code: str = ""
    city: str = ""
    communes: tuple[str, ...] = ()
    letter_gate: str = LetterGate.WARN
    falls_back: bool = True


@dataclass(frozen=True, slots=True)
class ProfessionalEntry:
    """A professional of the RPPS. `mailbox`: an MSSanté address to add to hers, empty for none."""

    rpps: str
    family_name: str
    given_name: str
    specialty_code: str
    organisation: Organisation
    civility: str = ""
    phone: str = ""
    mailbox: str = ""


def values_of(entry: Any) -> dict[str, Any]:
    """The fields of an entry, rows left as they are (`asdict` would copy them)."""
    return {one.name: getattr(entry, one.name) for one in fields(entry)}


def apply(row: Any, values: dict[str, Any]) -> list[str]:
    """Set these values on a row, not saved yet; return the names of those that changed (all for a new row)."""
    changed = [name for name, value in values.items() if row._state.adding or getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def others_than(row: T | None, model: type[T]) -> QuerySet[T]:
    """Every row but this one (every row when it is new)."""
    rows = model._default_manager.all()
    return rows if row is None else rows.exclude(pk=row.pk)


def refuse(problems: dict[str, str]) -> None:
    """Raise AdministrationRefusedError when there is a problem."""
    if problems:
        raise AdministrationRefusedError(problems)


def _identifier(name: str, check: Callable[[str], object], value: str) -> dict[str, str]:
    try:
        check(value)
    except IdentifierError as error:
        return {name: error.message_fr}
    return {}


def _audit(subject: str, is_new: bool, row: Organisation | Professional, changed: list[str], by: User) -> None:
    names = "" if is_new else ", ".join(changed)
    audit.record(f"{subject}.{'created' if is_new else 'updated'}", by=by, subject=row, fields=names)


@transaction.atomic
def save_site(entry: SiteEntry, *, by: User, site: Organisation | None = None) -> Organisation:
    """Create a site, or bring `site` up to date. Raises AdministrationRefusedError; nothing is written then."""
    refuse(_site_problems(entry, site))
    row, is_new = site or Organisation(), site is None
    values = values_of(entry)
    values["finess"] = entry.finess or None
    values["communes"] = list(entry.communes)
    if is_new and entry.kind in (_K.MATERNITY, _K.LEGAL_ENTITY):
        values |= {"facility_code": "SA01", "practice_code": codes.PRACTICE_HOSPITAL.code}
    changed = apply(row, values)
    row.save()
    _audit("site", is_new, row, changed, by)
    nobodys_mail.hand_over(row, by=by)
    return row


@transaction.atomic
def give_box(address: str, site: Organisation, *, by: User) -> int:
    """A box that nobody owned becomes that of this site; how many mails it hands over. Raises the refusal."""
    taken = Organisation.objects.filter(mailbox__iexact=address).exists()
    if taken or site.mailbox or not any(box.address == address.lower() for box in waiting.boxes()):
        raise AdministrationRefusedError({"": "Cette boîte ou ce site a changé depuis l'ouverture de la page."})
    site.mailbox = address.lower()
    site.save(update_fields=["mailbox"])
    audit.record("site.updated", by=by, subject=site, fields="mailbox")
    return nobodys_mail.hand_over(site, by=by)


def _site_problems(entry: SiteEntry, site: Organisation | None) -> dict[str, str]:
    problems: dict[str, str] = {}
    if entry.finess:
        problems |= _identifier("finess", Finess, entry.finess)
        if others_than(site, Organisation).filter(finess=entry.finess).exists():
            problems["finess"] = "Un site porte déjà ce numéro FINESS."
    elif entry.kind in (_K.MATERNITY, _K.LEGAL_ENTITY):
        problems["finess"] = "Le numéro FINESS est nécessaire pour une maternité ou une entité juridique."
    if entry.mailbox and others_than(site, Organisation).filter(mailbox__iexact=entry.mailbox).exists():
        problems["mailbox"] = "Cette boîte est déjà celle d'un autre site."
    if entry.ipp_oid:
        problems |= _identifier("ipp_oid", check_oid, entry.ipp_oid)
    if entry.kind == _K.MATERNITY and entry.parent is None:
        problems["parent"] = "Une maternité dépend d'une entité juridique : ce sont ses certificats qui servent."
    if entry.parent is not None and entry.parent.kind != _K.LEGAL_ENTITY:
        problems["parent"] = "Choisissez une entité juridique."
    if entry.deposits_in_dmp and not entry.finess:
        problems["deposits_in_dmp"] = "Le dépôt dans le DMP demande un numéro FINESS."
    if entry.kind == _K.CPTS and not entry.communes:
        problems["communes"] = "Le territoire d'une CPTS compte au moins une commune."
    if site is not None and site.kind != entry.kind and site.users.exists():
        problems["kind"] = "Des comptes sont rattachés à ce site : son type ne change plus."
    return problems


@transaction.atomic
def save_professional(entry: ProfessionalEntry, *, by: User, professional: Professional | None = None) -> Professional:
    """Create a professional or bring her up to date, and add her MSSanté address when one is given."""
    problems = _identifier("rpps", Rpps, entry.rpps)
    if others_than(professional, Professional).filter(rpps=entry.rpps).exists():
        problems["rpps"] = "Un professionnel porte déjà ce numéro RPPS."
    if entry.specialty_code not in codes.SPECIALTIES:
        problems["specialty_code"] = "Choisissez une spécialité de la liste."
    taken = Mailbox.objects.filter(address__iexact=entry.mailbox).first() if entry.mailbox else None
    if taken is not None and (professional is None or taken.professional_id != professional.pk):
        problems["mailbox"] = "Cette adresse est déjà celle d'une autre personne ou d'un site."
    refuse(problems)
    row, is_new = professional or Professional(), professional is None
    values = values_of(entry)
    values.pop("mailbox")
    changed = apply(row, values)
    row.save()
    _audit("professional", is_new, row, changed, by)
    if entry.mailbox and taken is None:
        box = Mailbox.objects.create(address=entry.mailbox.lower(), professional=row)
        audit.record("mailbox.created", by=by, subject=box)
    return row


@transaction.atomic
def revive_mailbox(mailbox: Mailbox, *, by: User) -> None:
    """The owner says that her address works again: it is offered again."""
    mailbox.dead_since, mailbox.dead_reason = None, ""
    mailbox.save(update_fields=["dead_since", "dead_reason"])
    audit.record("mailbox.revived", by=by, subject=mailbox)


@transaction.atomic
def stop_channel(name: str, *, reason: str, by: User) -> None:
    """Nothing leaves by this channel until it is restarted; what is to send waits, nothing is lost."""
    _known_channel(name)
    if not reason.strip():
        raise AdministrationRefusedError({"motif": "Dites pourquoi le canal s'arrête : le motif est affiché à tous."})
    _switch(name, stopped=True, reason=reason.strip()[:200], by=by)


@transaction.atomic
def restart_channel(name: str, *, by: User) -> None:
    """The channel sends again what waited, oldest first, at a bounded rate; one that was down is tried at once."""
    _known_channel(name)
    _switch(name, stopped=False, reason="", by=by)
    breaker.release(name, timezone.now())
    breaker.probe_now(name, timezone.now())


def _known_channel(name: str) -> None:
    if name not in channels.names():
        raise AdministrationRefusedError({"": "Ce canal n'existe pas sur cette installation."})


def _switch(name: str, *, stopped: bool, reason: str, by: User) -> None:
    values = {"stopped": stopped, "reason": reason, "changed_by": by, "changed_at": timezone.now()}
    switch, _ = ChannelSwitch.objects.update_or_create(channel=name, defaults=values)
    action = "channel.stopped" if stopped else "channel.restarted"
    audit.record(action, by=by, subject=switch, channel=name, reason=reason)
