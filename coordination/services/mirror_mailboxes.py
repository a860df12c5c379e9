"""What the mirror says of the addresses that perinat already uses: moved, gone, back, new. Nothing is deleted."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db.models import Q

from coordination import audit
from coordination.models import Mailbox, MailboxKind, MirrorMailbox, Professional

ELSEWHERE_FR = "L’Annuaire Santé publie maintenant cette adresse pour une autre personne."


def reconcile(now: datetime) -> None:
    """Compare every personal address of perinat with the mirror, then add those of its professionals.

    An address now published for somebody else is out of order at once: her papers must not go to another person.
    One that is published no longer is marked and comes last among hers: the red list hides working addresses too.
    """
    holders = _holders()
    once_known = set(MirrorMailbox.objects.values_list("address", flat=True))
    for box in Mailbox.objects.filter(professional__isnull=False).select_related("professional"):
        assert box.professional is not None
        address = box.address.lower()
        _mark(box, holders.get(address, set()), address in once_known, now)
    _add(holders)


def _holders() -> dict[str, set[str]]:
    """Address → RPPS numbers it is published for, practices included."""
    found: dict[str, set[str]] = defaultdict(set)
    rows = MirrorMailbox.objects.filter(gone_at__isnull=True)
    for address, own, of_practice in rows.values_list("address", "person__rpps", "practice__person__rpps"):
        if rpps := own or of_practice:
            found[address].add(rpps)
    return found


def _mark(box: Mailbox, holders: set[str], once_known: bool, now: datetime) -> None:
    assert box.professional is not None
    if holders and box.professional.rpps not in holders:
        if box.dead_since is None:
            box.dead_since, box.dead_reason = now, ELSEWHERE_FR
            box.save(update_fields=["dead_since", "dead_reason"])
            audit.record("mailbox.moved_elsewhere", by=None, subject=box)
    elif holders and box.left_directory_at is not None:
        box.left_directory_at = None
        box.save(update_fields=["left_directory_at"])
    elif not holders and once_known and box.left_directory_at is None:
        box.left_directory_at = now
        box.save(update_fields=["left_directory_at"])
        audit.record("mailbox.left_directory", by=None, subject=box)


def _add(holders: dict[str, set[str]]) -> None:
    """Personal addresses of the professionals perinat knows; an address perinat has already is left as it is."""
    personal = MirrorMailbox.objects.filter(gone_at__isnull=True, kind=MailboxKind.PER)
    personal = personal.filter(Q(person__isnull=False) | Q(practice__isnull=False))
    taken = {address.lower() for address in Mailbox.objects.values_list("address", flat=True)}
    addresses = sorted({address for address in personal.values_list("address", flat=True)} - taken)
    people = {one.rpps: one for one in Professional.objects.filter(rpps__in=set().union(*holders.values()))}
    for address in addresses:
        owners = [people[rpps] for rpps in holders[address] if rpps in people]
        if len(holders[address]) == 1 and owners:
            box = Mailbox.objects.create(address=address, professional=owners[0])
            audit.record("mailbox.from_directory", by=None, subject=box)
