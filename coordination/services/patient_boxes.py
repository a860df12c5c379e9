"""What closes the messaging of a person: her oppositions, recorded and withdrawn, and what her box answered."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.utils import timezone

from coordination import audit, doorbell
from coordination.lifecycles import ShipmentStatus
from coordination.models import BoxFault, PatientMessaging, Person, Shipment, User
from coordination.services import transitions, worklist
from coordination.services.routing import DELIVER

_FAULTS = {"5.2.1": BoxFault.CLOSED, "5.1.1": BoxFault.NOT_FOUND, "5.1.3": BoxFault.INVALID}
_STATUS = re.compile(r"5\.\d{1,3}\.\d{1,3}")
CARERS_CODE = "perinat:CARERS_OPPOSED"
NOT_DELIVERED = "Le message n'est pas remis. {why} Appelez cette personne, ou remettez-lui le message imprimé."


@transaction.atomic
def oppose(person: Person, *, by: User) -> None:
    """She wants no message in Mon espace santé (MSS/va1.20), or writing to her is not safe: no reason is asked."""
    row = _locked(person)
    if row.opposed_at is None:
        row.opposed_at, row.opposed_by = timezone.now(), by
        row.save()
        audit.record("patient.opposed", by=by, subject=person)


@transaction.atomic
def lift_opposition(person: Person, *, by: User) -> None:
    """One activation. What was written meanwhile does not leave by itself: it may be out of date."""
    row = _locked(person)
    if row.opposed_at is not None:
        row.opposed_at = row.opposed_by = None
        row.save()
        audit.record("patient.opposition_lifted", by=by, subject=person)


@transaction.atomic
def oppose_between_carers(person: Person, *, by: User) -> None:
    """She refuses that professionals write to one another about her by MSSanté (MSS/va1.22)."""
    row = _locked(person)
    if row.carers_opposed_at is None:
        row.carers_opposed_at, row.carers_opposed_by = timezone.now(), by
        row.save()
        audit.record("patient.carers_opposed", by=by, subject=person)


@transaction.atomic
def lift_opposition_between_carers(person: Person, *, by: User) -> None:
    """What it stopped leaves: the papers are those that her carers still wait for (ADR 0015 leaves out the others)."""
    row = _locked(person)
    if row.carers_opposed_at is None:
        return
    row.carers_opposed_at = row.carers_opposed_by = None
    row.save()
    audit.record("patient.carers_opposition_lifted", by=by, subject=person)
    stopped = Shipment.objects.filter(person=person, last_code=CARERS_CODE, status=ShipmentStatus.REJECTED)
    for shipment in stopped.order_by("pk").select_for_update(no_key=True):
        fields: dict[str, Any] = {"due_at": timezone.now(), "tries": 0, "excused": 0, "functional": False}
        transitions.move(shipment, ShipmentStatus.QUEUED, reason="opposition retirée", by=by, **fields)
        doorbell.ring(DELIVER, shipment.pk, queue=shipment.channel)


@transaction.atomic
def reopen(person: Person, *, by: User) -> None:
    """She says that her box is open again."""
    row = _locked(person)
    if row.unavailable_since is not None:
        row.unavailable_since, row.fault = None, ""
        row.save()
        audit.record("patient.box_reopened", by=by, subject=person)


def refused(shipment: Shipment, message_fr: str) -> None:
    """A message that did not arrive: her box is marked when it says that it takes nothing, and a person is told.

    Called in the transaction that makes it REJECTED or FAILED. Nothing else is tried: any other way may tell more.
    """
    said = _STATUS.search(shipment.last_code)
    fault = _FAULTS.get(said.group()) if said and shipment.status == ShipmentStatus.REJECTED else None
    if fault is not None:
        row = _locked(shipment.person)
        if row.unavailable_since is None:
            row.unavailable_since, row.fault = timezone.now(), fault
            row.save()
    worklist.open_refusal(shipment, NOT_DELIVERED.format(why=message_fr))


def _locked(person: Person) -> PatientMessaging:
    """Her row, made when there is none, held until the end of the transaction."""
    PatientMessaging.objects.get_or_create(person=person)
    return PatientMessaging.objects.select_for_update(no_key=True, of=("self",)).get(person=person)
