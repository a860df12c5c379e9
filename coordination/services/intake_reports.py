"""What became of a paper, told back to the software that pushed it (port `IntakeReports`, ADR 0025).

One row for each fact, written in the transaction that records the fact; one sweeper tells them, in their order for
each message, as long as it takes. Nothing is read nor written where `INTAKE_REPORTS` is empty.
"""

from __future__ import annotations

import functools
import logging
import uuid
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from coordination import deadlines
from coordination.cda import frozen
from coordination.lifecycles import ShipmentStatus
from coordination.models import (
    ChannelName,
    IntakeMessage,
    IntakeOutcome,
    IntakeReport,
    Receipt,
    Shipment,
    WorkItemKind,
)
from coordination.ports import (
    Action,
    ChannelError,
    IntakeReports,
    PermanentChannelError,
    ReceiptKind,
    TemporaryChannelError,
    UncertainChannelError,
)
from coordination.services import worklist
from perinat.standards.identifiers import IdentifierError, Ins
from perinat.standards.patient_box import address_of
from perinat.standards.pushed import PushedReport, ReportKind

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)  # a report whose teller died is due again then
WAITING = Q(sent_at__isnull=True, refused_at__isnull=True)
NO_ADDRESS = "perinat:address"
NO_ADDRESS_FR = "L'INS du papier envoyé à Mon espace santé ne se relit pas : le destinataire ne peut pas être nommé."
_NOT_ARRIVED = (ShipmentStatus.REJECTED, ShipmentStatus.FAILED)
_WHAT = {
    ReportKind.DMP: "du DMP",
    ReportKind.MAIL: "de la messagerie du destinataire",
    ReportKind.READ: "de lecture du destinataire",
}


@functools.lru_cache(maxsize=4)
def _load(dotted_path: str) -> IntakeReports:
    reports: IntakeReports = import_string(dotted_path)()
    return reports


def note_sending(shipment: Shipment) -> None:
    """A sending was accepted, refused or given up, just now: told when its channel says no more of it."""
    if not settings.INTAKE_REPORTS or shipment.action == Action.WITHDRAW:
        return
    ok = shipment.status not in _NOT_ARRIVED
    if shipment.channel == ChannelName.DMP:
        kind = ReportKind.DMP
    elif not ok:  # refused at the door: no mailbox will ever send a receipt
        kind = ReportKind.MAIL
    else:
        return
    fact = uuid.uuid5(shipment.pk, str(shipment.attempt))  # this passage, and no other
    _tell(shipment, kind, fact, ok=ok, at=timezone.now(), code=shipment.last_code, label=shipment.last_message)


def note_receipt(receipt: Receipt) -> None:
    """A receipt took its effect: DSN and MDN. Any proof of arrival is told, but once."""
    shipment, kind = receipt.shipment, ReceiptKind(receipt.kind)
    if not settings.INTAKE_REPORTS or shipment is None or shipment.action == Action.WITHDRAW:
        return
    if kind in (ReceiptKind.DELIVERED, ReceiptKind.DISPLAYED, ReceiptKind.INTEGRATED):
        _tell(shipment, ReportKind.MAIL, receipt.pk, ok=True, at=receipt.at)
    if kind is ReceiptKind.BOUNCED:
        _tell(shipment, ReportKind.MAIL, receipt.pk, ok=False, at=receipt.at, code=receipt.code)
    if kind in (ReceiptKind.DISPLAYED, ReceiptKind.INTEGRATED):
        _tell(shipment, ReportKind.READ, receipt.pk, ok=True, at=receipt.at)
    if kind is ReceiptKind.NOT_INTEGRATED:
        _tell(shipment, ReportKind.READ, receipt.pk, ok=False, at=receipt.at, code=receipt.code)


def _tell(
    shipment: Shipment, kind: ReportKind, fact: UUID, *, ok: bool, at: datetime, code: str = "", label: str = ""
) -> None:
    for message in _asking(shipment, kind):
        earlier = IntakeReport.objects.filter(message=message, kind=kind, shipment=shipment)
        last = earlier.order_by("-created_at").first()
        if ok and last is not None and last.ok:
            continue  # an MDN after the DSN proves nothing new
        IntakeReport.objects.get_or_create(
            message=message,
            kind=kind,
            fact=fact,
            defaults={
                "organisation": message.organisation,
                "shipment": shipment,
                "ok": ok,
                "code": "" if ok else code[:120],
                "label": "" if ok else label,
                "address": shipment.mailbox.address if shipment.mailbox else "",
                "recipient": shipment.recipient.ps_idnat if shipment.recipient else "",
                "at": at,
                "due_at": timezone.now(),
            },
        )


def _asking(shipment: Shipment, kind: ReportKind) -> QuerySet[IntakeMessage]:
    """The messages that brought the very papers of this sending, asked to be told, and can be: a token says to whom."""
    wanted = Q(wants_reading=True) if kind is ReportKind.READ else Q(wants_report=True)
    brought = IntakeMessage.objects.filter(
        wanted, outcome=IntakeOutcome.TAKEN, deposit__blob__in=shipment.versions.values("original")
    )
    return brought.exclude(token="").select_related("organisation")


def waiting() -> QuerySet[IntakeReport]:
    return IntakeReport.objects.filter(WAITING)


def due_ids(limit: int = 50) -> list[UUID]:
    """Reports to tell now, in the order of the facts; one that follows another of the same message waits for it."""
    if not settings.INTAKE_REPORTS:
        return []
    before = waiting().filter(message=OuterRef("message"), created_at__lt=OuterRef("created_at"))
    due = waiting().filter(~Exists(before), due_at__lte=timezone.now()).order_by("created_at")
    return list(due.values_list("pk", flat=True)[:limit])


def send(report_id: UUID) -> bool:
    """One try; False when it was not taken there. The same identifier each time."""
    now = timezone.now()
    claimed = waiting().filter(pk=report_id, due_at__lte=now).update(due_at=now + LEASE, tries=F("tries") + 1)
    if not claimed:
        return False
    report = IntakeReport.objects.select_related("message", "organisation", "shipment__stay", "shipment__person").get(
        pk=report_id
    )
    try:
        _load(settings.INTAKE_REPORTS).report(_value(report))
    except IdentifierError:  # it would come back at every try, and the next reports of this message with it
        _refused(report, PermanentChannelError(NO_ADDRESS, NO_ADDRESS_FR))
        return False
    except PermanentChannelError as error:
        _refused(report, error)
        return False
    except (TemporaryChannelError, UncertainChannelError) as error:
        _later(report, error)
        return False
    waiting().filter(pk=report.pk).update(sent_at=timezone.now(), silent_since=None, last_code="")
    return True


def _value(report: IntakeReport) -> PushedReport:
    """The address of a patient is made here, and is in no row (ADR 0024). Raises IdentifierError: it is not known."""
    address, recipient = report.address, report.recipient
    if report.shipment.to_patient:
        ins = _sealed_ins(report.shipment)
        address, recipient = address_of(ins), ins.matricule
    return PushedReport(
        report_id=report.pk.hex,
        token=report.message.token,
        control_id=report.message.control_id,
        kind=ReportKind(report.kind),
        ok=report.ok,
        at=report.at,
        code=report.code,
        label=report.label,
        address=address,
        recipient=recipient,
    )


def _sealed_ins(shipment: Shipment) -> Ins:
    """That of the papers which left for her box: a correction since then does not change where they went."""
    version = shipment.versions.filter(sealed_at__isnull=False).order_by("number").first()
    ins = frozen.sealed_ins(version.frozen, "patient") if version is not None and version.frozen else None
    if ins is None:
        raise IdentifierError(NO_ADDRESS_FR)
    return ins


@transaction.atomic
def _refused(report: IntakeReport, error: ChannelError) -> None:
    """Never told: nobody else would tell the ward what it holds, so a line does."""
    logger.warning("report.refused id=%s code=%s", report.pk, error.code)
    settled = waiting().filter(pk=report.pk)
    if not settled.update(refused_at=timezone.now(), refusal=error.message_fr, last_code=error.code[:120]):
        return
    outcome = "arrivé" if report.ok else "non arrivé"
    what = f"l'accusé {_WHAT[ReportKind(report.kind)]} (papier {outcome}, séjour {report.shipment.stay.number})"
    ours = error.code == NO_ADDRESS
    worklist.open_item(
        WorkItemKind.INTAKE_REFUSED,
        key=f"{report.pk}:report",
        organisation=report.organisation,
        stay=report.shipment.stay,
        message=f"{'perinat ne peut pas rendre' if ours else 'Le dossier patient informatisé refuse'} {what}. "
        f"{error.message_fr} Le papier lui-même n'est pas en cause.",
    )


def _later(report: IntakeReport, error: ChannelError) -> None:
    """Kept, however long it takes; what else is for the same sender waits with it."""
    now = timezone.now()
    since = report.silent_since or now
    logger.warning("report.later id=%s code=%s tries=%d", report.pk, error.code, report.tries)
    due = now + deadlines.spread(deadlines.growing(now - since, deadlines.OUTAGE_WAIT), f"{report.pk}:{report.tries}")
    mine = waiting().filter(message__sender=report.message.sender)
    mine.filter(pk=report.pk).update(silent_since=since, due_at=due, last_code=error.code[:120])
    mine.filter(due_at__lt=due).update(due_at=due)
