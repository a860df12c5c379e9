"""« Sorties du jour »: stays that leave today, or left without all their papers, one line each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from coordination import deadlines
from coordination.lifecycles import DepositStatus, DocumentStatus, ShipmentStatus, WorkItemStatus
from coordination.models import (
    CareRole,
    CareTeamMember,
    Deposit,
    Document,
    Shipment,
    Stay,
    User,
    WorkItem,
    WorkItemKind,
)
from coordination.selectors import delivery
from coordination.selectors.display import Chip, Deadline
from coordination.selectors.identity import mother_name, newborn_facts, newborn_name
from coordination.selectors.pack import LETTER, Pack, pack_of
from coordination.selectors.sending_chips import sending_chips
from coordination.selectors.versions import readings_of

LOOK_BACK = timedelta(days=14)
NEXT_ACTS = {
    WorkItemKind.SHIPMENT_REFUSED: "Voir l'envoi",
    WorkItemKind.LETTER_NOT_SENT: "Déposer la lettre",
    WorkItemKind.LETTER_REQUESTED: "Déposer la lettre",
    WorkItemKind.LETTER_ESCALATED: "Déposer la lettre",
    WorkItemKind.EXIT_NOT_RECORDED: "Enregistrer la sortie",
    WorkItemKind.VISIT_OVERDUE: "Voir le séjour",
    WorkItemKind.INS_TO_COMPLETE: "Compléter",
    WorkItemKind.TO_REVEAL: "Qui peut le lire",
    WorkItemKind.PATIENT_REPLY: "Lire la réponse",
    WorkItemKind.PAPER_TO_GIVE: "Imprimer la feuille",
}
# Done by one activation, in the words of what was done.
ONE_ACTIVATION = {WorkItemKind.PAPER_TO_GIVE: "Remis en main propre", WorkItemKind.LETTER_TO_CALL: "Appelée"}

# The others close by themselves, when the fact they wait for comes.
CLOSED_BY_A_PERSON = (
    WorkItemKind.SHIPMENT_REFUSED,
    WorkItemKind.RECEIPT_UNKNOWN,
    WorkItemKind.MIDWIFE_TO_CONFIRM,
    WorkItemKind.INTAKE_REFUSED,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One stay. `letter`: when the letter has to leave, None once it has."""

    stay_id: UUID
    mother: str
    room: str
    leaves_at: datetime | None
    has_left: bool
    category: str
    babies: tuple[tuple[str, str], ...]
    midwife: str
    pack: Pack
    chips: tuple[Chip, ...]
    letter: Deadline | None
    is_moving: bool

    @property
    def needs_nobody(self) -> bool:
        """Complete and sent: nothing is left to do."""
        return self.pack.is_complete and self.letter is None and self.chips[0].tone in ("done", "read")


@dataclass(frozen=True, slots=True)
class Task:
    """A line of « À faire », as templates/components/task_row.html shows it."""

    title: str
    who: str
    text: str
    since: datetime
    deadline: Deadline | None
    url: str
    action: str
    done_url: str = ""
    act_url: str = ""
    act: str = ""


def discharges(user: User) -> list[Line]:
    """Today's discharges, then the older ones that still want something. Eleven queries whatever their number."""
    now = timezone.now()
    midnight = deadlines.at_paris(timezone.localdate() + timedelta(days=1), time(0))
    today = midnight - timedelta(days=1)
    stays = _loaded(user).filter(leaves__lt=midnight, leaves__gte=now - LOOK_BACK)
    lines = [(stay, line_of(stay, now)) for stay in stays.order_by("leaves", "id")]
    return [line for stay, line in lines if (stay.leaves_at or now) >= today or not line.needs_nobody]


def upcoming(user: User, days: int = 4) -> list[Line]:
    """Discharges of the next days, those without a known midwife first."""
    now = timezone.now()
    midnight = deadlines.at_paris(timezone.localdate() + timedelta(days=1), time(0))
    stays = _loaded(user).filter(
        Q(leaves__lt=midnight + timedelta(days=days)) | Q(leaves__isnull=True, admitted_at__gte=now - LOOK_BACK),
        discharged_at__isnull=True,
    )
    lines = [line_of(stay, now) for stay in stays.order_by("leaves", "id")]
    return sorted(lines, key=lambda line: bool(line.midwife))


def tasks(user: User) -> list[Task]:
    """What waits for this person's ward, soonest first."""
    now = timezone.now()
    items = (
        WorkItem.objects.visible_to(user).filter(status=WorkItemStatus.OPEN).select_related("stay__mother", "shipment")
    )
    return [_task(item, now) for item in items]


def _task(item: WorkItem, now: datetime) -> Task:
    return Task(
        title=item.get_kind_display(),
        who=mother_name(item.stay.mother) if item.stay else "",
        text=item.message,
        since=item.opened_at,
        deadline=Deadline.seen_from(now, item.due_at, "avant") if item.due_at else None,
        url=_url(item),
        action=NEXT_ACTS.get(WorkItemKind(item.kind), "Voir le séjour"),
        done_url=reverse("task_done", args=[item.pk]) if item.kind in CLOSED_BY_A_PERSON else "",
        act_url=reverse("task_settled", args=[item.pk]) if item.kind in ONE_ACTIVATION else "",
        act=ONE_ACTIVATION.get(WorkItemKind(item.kind), ""),
    )


def _url(item: WorkItem) -> str:
    """Where it is settled: the page of the stay, but for an INS and for what is written to a patient."""
    if item.kind == WorkItemKind.INS_TO_COMPLETE:
        return reverse("ins_case", args=[item.key.split(":")[1]])
    if item.kind == WorkItemKind.TO_REVEAL:
        return reverse("document_confidentiality", args=[item.key.split(":")[1]])
    if item.kind == WorkItemKind.PATIENT_REPLY:
        return reverse("patient_reply", args=[item.key.split(":")[1]])
    if item.kind == WorkItemKind.PAPER_TO_GIVE and item.shipment_id:
        return reverse("paper_delivery", args=[item.shipment_id])
    if item.shipment is not None and item.shipment.to_patient:
        return reverse("patient_messages", args=[item.shipment.stay_id, item.shipment.person_id])
    return reverse("stay", args=[item.stay_id]) if item.stay_id else ""


def _loaded(user: User) -> QuerySet[Any]:
    """A stay with all that its line says to this person: the template makes no query."""
    documents = Document.objects.visible_to(user)
    shipments = Shipment.objects.visible_to(user)
    return (
        Stay.objects.visible_to(user)
        .annotate(leaves=Coalesce("discharged_at", "expected_discharge_at"))
        .select_related("mother", "maternity")
        .prefetch_related(
            "newborns__person",
            Prefetch(
                "documents",
                documents.filter(status__in=[DocumentStatus.TO_VALIDATE, DocumentStatus.VALIDATED])
                .select_related("legal_authenticator")
                .prefetch_related("versions__readings__professional"),
            ),
            Prefetch(
                "deposits", Deposit.objects.visible_to(user).filter(status=DepositStatus.READY, replaces__isnull=True)
            ),
            Prefetch("shipments", shipments.exclude(status=ShipmentStatus.CANCELLED).prefetch_related("papers")),
            Prefetch(
                "care_team",
                CareTeamMember.objects.filter(ended_at__isnull=True, role=CareRole.MIDWIFE).select_related(
                    "professional"
                ),
            ),
        )
    )


def line_of(stay: Stay, now: datetime) -> Line:
    """The line of a loaded stay."""
    newborns = list(stay.newborns.all())
    letters = [d for d in stay.documents.all() if d.type_code == LETTER]
    read = [readings_of(letter.versions.all()) for letter in letters]
    current, older = [r for one, _ in read for r in one], [r for _, many in read for r in many]
    return Line(
        stay_id=stay.pk,
        mother=mother_name(stay.mother),
        room=stay.room,
        leaves_at=stay.leaves_at,
        has_left=stay.discharged_at is not None and stay.discharged_at <= now,
        category={True: "Sortie précoce", False: "Sortie standard", None: "Sortie à préciser"}[stay.is_early],
        babies=tuple((newborn_name(n), newborn_facts(n, several=len(newborns) > 1)) for n in newborns),
        midwife=", ".join(str(m.professional) for m in stay.care_team.all()),
        pack=pack_of(stay, stay.documents.all(), stay.deposits.all()),
        chips=sending_chips(stay.documents.all(), stay.shipments.all(), current, older),
        letter=_letter(stay, letters, now),
        is_moving=any(s.status in delivery.MOVING for s in stay.shipments.all()),
    )


def _letter(stay: Stay, letters: list[Document], now: datetime) -> Deadline | None:
    """The clock of the letter: it warns at 16:00 on the day of discharge and is late at 20:00."""
    if stay.leaves_at is None or any(d.status == DocumentStatus.VALIDATED for d in letters):
        return None
    day = stay.leaves_at.astimezone(deadlines.PARIS).date()
    acts_at, warns_at = (deadlines.at_paris(day, at) for at in (deadlines.LETTER_ACTS_AT, deadlines.LETTER_WARNS_AT))
    return Deadline.seen_from(now, acts_at, "LLS à envoyer avant", warns_at=warns_at)
