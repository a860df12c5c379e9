"""The boxes that their holders open here with Pro Santé Connect, as an administrator declares them (ADR 0021)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from coordination import audit
from coordination.models import Mailbox, MailboxKind, Organisation, Professional, User
from coordination.services.administration import refuse
from perinat.standards.patient_box import is_patient

KINDS = (MailboxKind.PER, MailboxKind.ORG, MailboxKind.CAB)  # an applicative one is opened by a certificate


@dataclass(frozen=True, slots=True)
class BoxEntry:
    """A box as the form gives it: of a professional, or of an organisation."""

    address: str
    kind: str
    professional: Professional | None = None
    organisation: Organisation | None = None


@transaction.atomic
def declare(entry: BoxEntry, *, by: User) -> Mailbox:
    """Its mails are read from now on, while a holder is signed in. Raises AdministrationRefusedError."""
    known = Mailbox.objects.select_for_update().filter(address__iexact=entry.address).first()
    refuse(_problems(entry, known))
    box = known or Mailbox(address=entry.address.lower())
    box.kind, box.professional, box.organisation = entry.kind, entry.professional, entry.organisation
    box.opened_since = box.opened_since or timezone.now()
    box.save()
    audit.record("mailbox.opened_here", by=by, subject=box)
    return box


@transaction.atomic
def close(box: Mailbox, *, by: User) -> None:
    """It is read no more; what came stays where it is."""
    box.opened_since = None
    box.save(update_fields=["opened_since"])
    audit.record("mailbox.closed_here", by=by, subject=box)


def _problems(entry: BoxEntry, known: Mailbox | None) -> dict[str, str]:
    problems: dict[str, str] = {}
    if entry.kind not in KINDS:
        problems["kind"] = "Choisissez une boîte personnelle, organisationnelle ou de cabinet."
    if (entry.professional is None) == (entry.organisation is None):
        problems["professional"] = "Choisissez soit le professionnel, soit le site qui tient cette boîte."
    elif entry.kind == MailboxKind.PER and entry.professional is None:
        problems["professional"] = "Une boîte personnelle est celle d'un professionnel."
    elif entry.kind == MailboxKind.ORG and entry.organisation is None:
        problems["organisation"] = "Une boîte organisationnelle est celle d'un site."
    if is_patient(entry.address):
        problems["address"] = "Cette adresse est celle d'une personne dans Mon espace santé."
    elif Organisation.objects.filter(mailbox__iexact=entry.address).exists():
        problems["address"] = "Cette adresse est la boîte applicative d'un site : c'est un certificat qui l'ouvre."
    elif known is not None and _of_another(entry, known):
        problems["address"] = "Cette adresse est déjà celle d'une autre personne ou d'un autre site."
    return problems


def _of_another(entry: BoxEntry, known: Mailbox) -> bool:
    holder = entry.professional and entry.professional.pk, entry.organisation and entry.organisation.pk
    return holder != (known.professional_id, known.organisation_id)
