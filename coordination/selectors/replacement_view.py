"""The page of one replacement: the paper in force, the file that is to take its place, and who will know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from coordination import access
from coordination.lifecycles import DepositStatus, DocumentStatus, ShipmentStatus
from coordination.models import CareTeamMember, ChannelName, Deposit, Document, DocumentVersion, Shipment, User
from coordination.ports import Action
from coordination.selectors import tray
from coordination.selectors.identity import PersonCard, mother_card, newborn_card
from coordination.selectors.letter_view import LetterCheck, replacement_check
from coordination.selectors.same_bytes import sent_for_others
from coordination.selectors.tray import Question
from coordination.selectors.writable import WRITERS

ENDED = {DepositStatus.FILED: "done", DepositStatus.DISCARDED: "discarded", DepositStatus.RECEIVED: "reading"}
OPEN = ("sure", "doubtful", "asked")
SAID = {
    "reading": "Le fichier est en cours de lecture.",
    "refused": "Le fichier est lu : il ne peut pas remplacer ce papier.",
    "late": "Le papier a changé entre-temps : ce fichier ne part pas.",
    "done": "La nouvelle version est envoyée.",
    "discarded": "Le fichier est écarté : il n'est pas parti.",
    "asked": "La nouvelle version attend sa validation.",
    "doubtful": "Le fichier est lu : une vérification vous est demandée.",
    "sure": "Le fichier est lu : regardez-le, puis confirmez.",
}
NEW = "reçoit seulement la nouvelle version"
REPLACED = "remplace la version déjà reçue"
RECALLED = "ne suit plus cette mère ; sa version est rappelée, la nouvelle ne lui est pas envoyée"


@dataclass(frozen=True, slots=True)
class Subject:
    """The paper to replace, as both pages of a replacement name it."""

    document_id: UUID
    stay_id: UUID
    title: str
    card: PersonCard
    validated_at: datetime | None
    holders: tuple[str, ...]
    signature: str
    leaves_at_once: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The new file. `state`: reading, refused, sure, doubtful, asked, done, discarded or late.

    `check`: what the letter lacks, while it may still leave.
    """

    deposit_id: UUID
    state: str
    file_name: str
    reason: str
    comment: str
    sentence: str
    question: Question
    asked_by: str
    asked_at: datetime | None
    may_sign: bool
    is_written: bool
    may_discard: bool
    check: LetterCheck | None

    @property
    def said(self) -> str:
        """Its state in one sentence, announced when it changes."""
        return SAID[self.state]


def subject(document: Document, user: User) -> Subject:
    """Who holds the paper, and whose name it leaves under."""
    stay = document.stay
    newborn = stay.newborns.select_related("person").filter(person=document.person_id).first()
    several = newborn is not None and stay.newborns.count() > 1
    at_once = _at_once(document, user)
    name = document.legal_authenticator
    return Subject(
        document_id=document.pk,
        stay_id=stay.pk,
        title=document.title,
        card=newborn_card(newborn, several=several) if newborn else mother_card(document.person, stay),
        validated_at=document.current_version.validated_at,
        holders=tuple(_holders(document)),
        signature=f"Au nom de {name}" if at_once else f"La nouvelle version attendra la validation de {name}",
        leaves_at_once=at_once,
    )


def _at_once(document: Document, user: User) -> bool:
    """A document written on a screen leaves under no delegation."""
    if document.volet:
        return access.may_validate(user, document.legal_authenticator)
    delegation = access.active_delegation(
        document.legal_authenticator,
        organisation_id=document.organisation_id,
        type_code=document.type_code,
        on=timezone.localdate(),
    )
    return delegation is not None or access.may_validate(user, document.legal_authenticator)


def _holders(document: Document) -> Iterable[str]:
    """Each place once, and what it will receive there."""
    rows = Shipment.objects.filter(versions__document=document).exclude(action=Action.WITHDRAW)
    team = CareTeamMember.objects.filter(stay_id=document.stay_id, ended_at__isnull=True)
    following = {None, *team.values_list("professional_id", flat=True)}
    seen: dict[str, str] = {}
    for row in rows.exclude(status=ShipmentStatus.CANCELLED).order_by("created_at").distinct():
        name = "DMP" if row.channel == ChannelName.DMP else row.recipient_name
        has_it = row.accepted_at is not None or seen.get(name, NEW) != NEW
        follows = row.recipient_id in following
        if has_it or follows:  # who has nothing and follows her no more receives nothing
            seen[name] = NEW if not has_it else REPLACED if follows else RECALLED
    for name, receives in seen.items():
        yield f"{name} : {receives}"


def preview(deposit: Deposit, user: User) -> Preview:
    """What the worker read of the new file, and what remains to do."""
    assert deposit.replaces is not None
    document = deposit.replaces.document
    state = _state(deposit, document)
    return Preview(
        deposit_id=deposit.pk,
        state=state,
        file_name=deposit.file_name,
        reason=deposit.get_reason_display(),
        comment=deposit.comment,
        sentence=deposit.refusal,
        question=tray.question_of(deposit, tray.Ward(same=sent_for_others([deposit], user))),
        asked_by=str(deposit.asked_by) if deposit.asked_by else "",
        asked_at=deposit.asked_at,
        may_sign=access.may_validate(user, document.legal_authenticator),
        is_written=deposit.body_id is not None,
        may_discard=deposit.body_id is None or user.role in WRITERS,
        check=replacement_check(deposit) if state in OPEN else None,
    )


def _state(deposit: Deposit, document: Document) -> str:
    if deposit.status in ENDED:
        return ENDED[DepositStatus[deposit.status]]
    if _is_late(deposit.replaces, document):
        return "late"
    if deposit.status != DepositStatus.READY:
        return "refused"
    if deposit.asked_at is not None:
        return "asked"
    return "doubtful" if deposit.refusal else "sure"


def _is_late(before: DocumentVersion | None, document: Document) -> bool:
    """Replaced or taken back since the person chose the file."""
    assert before is not None
    return document.status != DocumentStatus.VALIDATED or before.validated_at != document.current_version.validated_at
