"""Step 4: who receives a document, and the shipments that say so.

One shipment per patient × channel × recipient, carrying all the papers of that patient; several when they
are too heavy for one (`lots`). A condition that is not met (newborn's INS, address, mother's information)
makes it HELD with its reason: it is never left out.
"""

from __future__ import annotations

import contextlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from coordination import doorbell
from coordination.lifecycles import DocumentStatus, ShipmentStatus
from coordination.models import (
    CareRole,
    CareTeamMember,
    ChannelName,
    Document,
    DocumentVersion,
    HoldReason,
    Mailbox,
    Newborn,
    OrganisationKind,
    Professional,
    Shipment,
    Stay,
    User,
    WorkItemKind,
)
from coordination.ports import Action
from coordination.services import lots, paper_deliveries, transitions, worklist
from coordination.services.addresses import live_mailbox, may_be_shared
from perinat.standards import codes, confidentiality
from perinat.standards.fallback import policy
from perinat.standards.identifiers import oid_from_uuid

DELIVER = "coordination.deliver"
RECIPIENT_ROLES = (CareRole.MIDWIFE, CareRole.GP, CareRole.PMI)
NOT_LEFT = (ShipmentStatus.HELD, ShipmentStatus.QUEUED, ShipmentStatus.REJECTED, ShipmentStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Target:
    """One recipient of one person's papers on one channel, and what the sending waits for.

    `recipient_id`: the professional it is meant for; empty for the DMP. `secret`: papers that make a lot of their
    own: secret connection of a minor; what waits for an address, and may not go to a shared one. `to_patient`: the
    box of the person herself (ADR 0024).
    """

    channel: ChannelName
    name: str
    mailbox: Mailbox | None
    hold: HoldReason
    recipient_id: uuid.UUID | None = None
    secret: bool = False
    to_patient: bool = False


def targets(document: Document) -> list[Target]:
    """Where a document goes: the DMP when its type and site allow, and each chosen professional.

    What they do not see in perinat goes to none of them: masked to professionals, or of a child whose link ended.
    """
    found = []
    if document.goes_to_dmp:
        hold = HoldReason.NONE if document.person.ins else HoldReason.INS
        found.append(Target(ChannelName.DMP, "DMP", None, hold, secret=confidentiality.SECRET in document.masks))
    return found + _mail_targets(document) if _is_mailed(document) else found


def channels_of(document: Document) -> list[ChannelName]:
    """By what it may leave one day, whoever joins the care team later."""
    ways = ((ChannelName.DMP, document.goes_to_dmp), (ChannelName.MSSANTE, _is_mailed(document)))
    return [name for name, so in ways if so]


def _is_mailed(document: Document) -> bool:
    """Neither closed to carers, nor kept from their mailboxes by the software that pushed it."""
    return document.is_mailed and not is_closed_to_carers(document)


def is_closed_to_carers(document: Document) -> bool:
    """The same papers as those that `coordination.models.visibility` hides from the mother's carers."""
    masked = codes.MASQUE_PS.code in document.masks
    return masked or Newborn.objects.filter(person=document.person_id, link_ended_at__isnull=False).exists()


def _mail_targets(document: Document) -> list[Target]:
    """One per professional, even when she holds two roles; informed for one of them is informed."""
    members = CareTeamMember.objects.filter(
        stay_id=document.stay_id, ended_at__isnull=True, role__in=RECIPIENT_ROLES
    ).exclude(professional_id=document.author_id)
    people: dict[Professional, bool] = {}
    for member in members.select_related("professional__organisation").order_by("chosen_at"):
        people[member.professional] = people.get(member.professional, False) or member.informed_at is not None
    shared = may_be_shared([document])
    return [_mail_target(professional, informed, shared=shared) for professional, informed in people.items()]


def _mail_target(professional: Professional, informed: bool, *, shared: bool) -> Target:
    """`shared`: her papers may go to the box of her organisation when she has none of her own (ADR 0022)."""
    mailbox = live_mailbox(professional, shared=shared)
    hold = HoldReason.NONE if mailbox else HoldReason.ADDRESS
    if not informed:
        hold = HoldReason.CONSENT
    alone = mailbox is None and not shared
    return Target(ChannelName.MSSANTE, str(professional), mailbox, hold, professional.pk, secret=alone)


def dispatch(documents: Sequence[Document], *, by: User, delay: int = 0) -> list[Shipment]:
    """Queue the shipments of validated documents, grouped by person; ring after commit.

    `delay`: seconds during which the sending can still be undone.
    """
    by_person: dict[uuid.UUID, list[Document]] = defaultdict(list)
    versions = _current_versions(documents)
    for document in documents:
        by_person[document.person_id].append(document)
    shipments = []
    for papers in by_person.values():
        grouped: dict[Target, list[Document]] = defaultdict(list)
        for document in papers:
            for target in targets(document):
                grouped[target].append(document)
        queued = [
            shipment
            for target, group in grouped.items()
            for shipment in _queue_lots(target, group, versions, by=by, delay=delay)
        ]
        ring(queued, delay)
        shipments += queued
    return shipments


def ring(shipments: Sequence[Shipment], delay: int) -> None:
    """Ring for the first; whoever delivers it rings for the others, once the papers they share are checked.

    Two workers would otherwise run the same national rules on the same bytes at the same time.
    """
    waiting = [shipment for shipment in shipments if shipment.status == ShipmentStatus.QUEUED]
    if waiting:
        first, *others = waiting
        doorbell.ring(DELIVER, first.pk, queue=first.channel, then=[one.pk for one in others], countdown=delay)


def ring_each(ids: Sequence[uuid.UUID]) -> None:
    """Ring for each of these shipments, at the workers of its channel (ADR 0017)."""
    if ids:
        for pk, channel in Shipment.objects.filter(pk__in=ids).order_by("due_at").values_list("pk", "channel"):
            doorbell.ring(DELIVER, pk, queue=channel)


def dispatch_to(documents: Iterable[Document], professional: Professional, *, by: User) -> list[Shipment]:
    """Queue the papers of ONE person to one more professional (accepted offer, declared midwife).

    Neither her own papers nor those closed to the mother's carers.
    """
    papers = [d for d in documents if d.author_id != professional.pk and _is_mailed(d)]
    if not papers:
        return []
    queued = _queue_mails(professional, papers, informed=True, by=by)
    ring(queued, 0)
    return queued


def bring_up_to_date(stay: Stay, professional: Professional, *, by: User) -> list[Shipment]:
    """Queue what this member of the care team has not been sent yet: each validated paper, once.

    Held when the mother is not informed or the address is missing. Whoever is no recipient receives nothing.
    """
    lines = CareTeamMember.objects.filter(
        stay=stay, professional=professional, ended_at__isnull=True, role__in=RECIPIENT_ROLES
    )
    dates = list(lines.values_list("informed_at", flat=True))
    if not dates:
        return []
    queued: list[Shipment] = []
    for papers in _missing(stay, professional).values():
        first = papers[0]
        sender = by if by.organisation_id == first.organisation_id else first.created_by
        queued += _queue_mails(professional, papers, informed=any(dates), by=sender)
    ring(queued, 0)
    return queued


def _queue_mails(professional: Professional, papers: Sequence[Document], *, informed: bool, by: User) -> list[Shipment]:
    """Queue the papers of one person to her, those that go to no shared box apart when she has no other."""
    allowed = {paper.pk: may_be_shared([paper]) for paper in papers}
    ways = {shared: _mail_target(professional, informed, shared=shared) for shared in set(allowed.values())}
    grouped: dict[Target, list[Document]] = defaultdict(list)
    for paper in papers:
        grouped[ways[allowed[paper.pk]]].append(paper)
    versions = _current_versions(papers)
    return [made for target, group in grouped.items() for made in _queue_lots(target, group, versions, by=by)]


def _missing(stay: Stay, professional: Professional) -> dict[tuple[uuid.UUID, uuid.UUID], list[Document]]:
    """(person, site) → validated papers of this stay that no living sending carries to her."""
    received = _carried(_sent_to(stay, professional))
    papers = Document.objects.filter(stay=stay, status=DocumentStatus.VALIDATED).exclude(author=professional)
    missing: dict[tuple[uuid.UUID, uuid.UUID], list[Document]] = defaultdict(list)
    for paper in papers.select_related("organisation", "created_by").order_by("person_id", "created_at"):
        key = (paper.pk, paper.current_version.validated_at)
        if key not in received and _is_mailed(paper):
            missing[paper.person_id, paper.organisation_id].append(paper)
    return missing


def _carried(shipments: QuerySet[Shipment]) -> set[tuple[uuid.UUID, datetime | None]]:
    """The papers these shipments carry. A version reissued with its INS says the same: it keeps its validation."""
    rows = shipments.exclude(status=ShipmentStatus.CANCELLED).order_by()
    return set(rows.values_list("versions__document_id", "versions__validated_at"))


def _sent_to(stay: Stay, professional: Professional) -> QuerySet[Shipment]:
    """The mails of this stay meant for her, to whatever address and under whatever spelling of her name."""
    mails = Shipment.objects.filter(stay=stay, channel=ChannelName.MSSANTE).exclude(action=Action.WITHDRAW)
    return mails.filter(recipient=professional)


def stop_sending_to(stay: Stay, professional: Professional, *, by: User, reason: str) -> int:
    """She no longer follows this mother: what has not left for her never leaves. Returns how many are cancelled.

    Nothing is stopped while she has another active line on the stay.
    """
    if CareTeamMember.objects.filter(stay=stay, professional=professional, ended_at__isnull=True).exists():
        return 0
    stopped = 0
    sendings = _sent_to(stay, professional).filter(action=Action.SEND)  # what she holds is still corrected
    for shipment in sendings.order_by("pk"):  # in the order of every lock on shipments (ADR 0015)
        paper_deliveries.drop(shipment, by=by, reason=reason)
        if shipment.in_doubt or shipment.status not in NOT_LEFT:  # what may have left keeps its story
            continue
        with contextlib.suppress(transitions.StaleStateError):  # a worker has just taken it
            transitions.move(shipment, ShipmentStatus.CANCELLED, by=by, reason=reason)
            worklist.close_items(WorkItemKind.SHIPMENT_REFUSED, key=str(shipment.pk), by=by, reason=reason)
            stopped += 1
    return stopped


def _current_versions(documents: Sequence[Document]) -> dict[uuid.UUID, DocumentVersion]:
    """Document → its newest version with the sizes of its files, in one statement."""
    rows = DocumentVersion.objects.filter(document__in=documents).order_by("validated_at", "number")
    return {row.document_id: row for row in rows.select_related("cda", "readable").defer("frozen")}


def _queue_lots(
    target: Target,
    documents: Sequence[Document],
    versions: dict[uuid.UUID, DocumentVersion],
    *,
    by: User,
    delay: int = 0,
) -> list[Shipment]:
    """Queue these papers to one recipient, in as many shipments as the limit of the channel asks."""
    parts = lots.split(target.channel, [versions[document.pk] for document in documents])
    return [_queue(target, documents[0], part, by=by, delay=delay) for part in parts]


def split_if_heavy(shipment: Shipment) -> list[Shipment]:
    """Leave in a held shipment what fits in one sending; the rest goes in shipments of its own, queued (locked row).

    Raises lots.TooLargeError: a document does not fit by itself.
    """
    channel = ChannelName(shipment.channel)
    carried = list(shipment.versions.select_related("cda", "readable", "document").order_by("document__created_at"))
    for version in carried:
        lots.require_room(channel, version.document, version, spare=0)
    target = Target(channel, shipment.recipient_name, shipment.mailbox, HoldReason.NONE, shipment.recipient_id)
    made = []
    for part in lots.split(channel, carried, spare=0)[1:]:
        shipment.versions.remove(*part)
        made.append(_queue(target, part[0].document, part, by=shipment.sender))
    return made


def _queue(
    target: Target,
    first: Document,
    versions: Sequence[DocumentVersion],
    *,
    by: User,
    delay: int = 0,
    action: Action = Action.SEND,
    reason: str = "",
    fallback_of: Shipment | None = None,
) -> Shipment:
    """Insert one shipment with its versions and its event; `first` says whose papers they are."""
    identifier = uuid.uuid4()
    shipment = Shipment(
        id=identifier,
        organisation=first.organisation,
        person_id=first.person_id,
        stay_id=first.stay_id,
        channel=target.channel,
        mailbox=target.mailbox,
        recipient_id=target.recipient_id,
        recipient_name=target.name,
        to_patient=target.to_patient,
        action=action,
        sender=by,
        reason=reason,
        fallback_of=fallback_of,
        status=ShipmentStatus.HELD if target.hold else ShipmentStatus.QUEUED,
        hold_reason=target.hold,
        due_at=timezone.now() + timedelta(seconds=delay),
        set_unique_id=oid_from_uuid(uuid.uuid4()),
        message_id=f"{identifier}@{settings.MESSAGE_ID_DOMAIN}",
    )
    shipment.save(force_insert=True)
    shipment.versions.add(*versions)
    transitions.created(shipment, by=by)
    if target.hold == HoldReason.ADDRESS:
        hand_over(shipment)
    return shipment


def hand_over(shipment: Shipment) -> None:
    """No address is known: the ward is told at once that a person may hand the papers over (ADR 0022).

    In town, « Mes synthèses » says it to who wrote.
    """
    if shipment.organisation.falls_back and shipment.organisation.kind == OrganisationKind.MATERNITY:
        paper_deliveries.offer(shipment, policy().named("NO_ADDRESS"))


def queue_version(
    target: Target,
    *versions: DocumentVersion,
    by: User,
    action: Action = Action.SEND,
    reason: str = "",
    fallback_of: Shipment | None = None,
) -> Shipment:
    """Queue versions of one person's documents to one recipient; the caller rings. `reason` is of the reviewed list."""
    return _queue(target, versions[0].document, versions, by=by, action=action, reason=reason, fallback_of=fallback_of)
