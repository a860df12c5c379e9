"""What became of each paper, for each recipient: its state in words, its proof, its one next act.

« Lue » is a fact of its own (a Reading), whatever the state of a shipment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from coordination.lifecycles import DepositStatus, DocumentStatus, ShipmentStatus
from coordination.models import (
    ChannelName,
    Deposit,
    Document,
    DocumentVersion,
    HoldReason,
    Reading,
    ReadingVia,
    Shipment,
    Stay,
    User,
)
from coordination.ports import Action, ReceiptKind
from coordination.selectors import confidentiality, correcting, fallback_view
from coordination.selectors.correcting import Correction
from coordination.selectors.display import Chip, chip_of, chip_of_row
from coordination.selectors.letter_view import LetterCheck, letter_check
from coordination.selectors.versions import VersionLine, by_validation, history, readings_of

_S = ShipmentStatus
ARRIVED = (_S.ACCEPTED, _S.DELIVERED, _S.INTEGRATED)
MOVING = (_S.QUEUED, _S.SENDING)
STOPPED = (_S.REJECTED, _S.FAILED)
RECEIPT_WORDS = {
    ReceiptKind.DELIVERED: "Avis de remise : arrivée dans la boîte",
    ReceiptKind.DELAYED: "Avis de retard : la remise est encore essayée",
    ReceiptKind.BOUNCED: "Avis de non-remise",
    ReceiptKind.INTEGRATED: "Accusé d'intégration par le logiciel",
    ReceiptKind.NOT_INTEGRATED: "Le logiciel n'a pas pu l'intégrer",
    ReceiptKind.DISPLAYED: "Accusé de lecture",
    ReceiptKind.AUTOREPLY: "Réponse automatique d'absence",
    ReceiptKind.UNKNOWN: "Réponse non reconnue",
}
COMING = (DepositStatus.RECEIVED, DepositStatus.TO_CHECK, DepositStatus.READY)
ACCEPTING_OUTCOMES = ("ACCEPTED", "FOUND")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a delivery timeline; `proof` is the code the channel gave."""

    label: str
    at: datetime | None
    done: bool
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One shipment as a person reads it. `next_act`: retry, consent, paper, handed or empty (nothing to do).

    `chain`: the steps of a sending that did not arrive at the first address, in words.
    """

    shipment_id: UUID
    recipient: str
    chip: Chip
    sentence: str
    steps: tuple[Step, ...]
    next_act: str
    chain: tuple[str, ...] = ()

    @property
    def last(self) -> datetime | None:
        """When it last moved."""
        return max((step.at for step in self.steps if step.done and step.at), default=None)


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One paper of the stay with everything that became of it."""

    document_id: UUID
    title: str
    facts: str
    about_newborn: bool
    chip: Chip
    readings: tuple[str, ...]
    deliveries: tuple[Delivery, ...]
    waits_for: str
    can_withdraw: bool
    can_abandon: bool
    was_undone: bool
    versions: tuple[VersionLine, ...]
    next_version: NextVersion | None
    is_written: bool
    correction: Correction | None
    check: LetterCheck | None
    confidentiality: str
    hidden_since: datetime | None


@dataclass(frozen=True, slots=True)
class NextVersion:
    """A file that is to replace a paper, and where it is."""

    deposit_id: UUID
    text: str


def document_lines(stay: Stay, reader: User) -> list[DocumentLine]:
    """The papers of a stay that `reader` may see, alive or recalled, oldest first. Eight queries in all."""
    documents = (
        Document.objects.visible_to(reader)
        .filter(stay=stay)
        .exclude(status__in=[DocumentStatus.ABANDONED, DocumentStatus.DRAFT])
        .select_related("person", "legal_authenticator", "stay__mother", "organisation")
        .prefetch_related(
            "versions__readings__professional", "versions__validated_by", "versions__validated_under__professional"
        )
    )
    coming = _coming(documents, reader)
    correctable = correcting.corrections(documents, reader, waiting=coming)
    by_document: dict[UUID, list[Shipment]] = {}
    own = Shipment.objects.visible_to(reader).filter(stay=stay)
    shipments = own.exclude(status=_S.CANCELLED).select_related(
        "mailbox__professional", "mailbox__organisation", "person"
    )
    for shipment in shipments.prefetch_related("versions", "attempts", "receipts", "papers"):
        for version in shipment.versions.all():
            by_document.setdefault(version.document_id, []).append(shipment)
    return [
        _line(document, by_document.get(document.pk, []), coming.get(document.pk), correctable.get(document.pk))
        for document in documents
    ]


def _coming(documents: Iterable[Document], reader: User) -> dict[UUID, NextVersion]:
    """The files that are to replace these papers: being read, to look at, or waiting for a signature."""
    rows = Deposit.objects.visible_to(reader).filter(replaces__document__in=documents, status__in=COMING)
    found = {}
    for row in rows.select_related("replaces__document__legal_authenticator").order_by("deposited_at"):
        assert row.replaces is not None
        document = row.replaces.document
        waits = f"attend la validation de {document.legal_authenticator}" if row.asked_at else "est à confirmer"
        found[document.pk] = NextVersion(row.pk, f"Une nouvelle version {waits}.")
    return found


def _line(
    document: Document, shipments: list[Shipment], coming: NextVersion | None, correction: Correction | None
) -> DocumentLine:
    versions = by_validation(document.versions.all())
    last = versions[-1]
    facts = []
    if last.validated_at:
        under = "par délégation de " if last.validated_under_id else "par "
        facts.append(f"Validé le {_precise(last.validated_at)} {under}{document.legal_authenticator}")
    current, older = readings_of(versions)
    readings = [reading for version in versions for reading in version.readings.all()]
    waits = str(document.legal_authenticator) if document.status == DocumentStatus.TO_VALIDATE else ""
    return DocumentLine(
        document_id=document.pk,
        title=document.title,
        facts=" · ".join(facts),
        about_newborn=document.is_about_newborn,
        chip=chip_of_row(document, f"À valider par {waits}" if waits else ""),
        readings=(*map(reading_words, current), *(reading_words(reading, older=True) for reading in older)),
        deliveries=tuple(_chained(chain, document, last, readings) for chain in fallback_view.chains(shipments)),
        waits_for=waits,
        can_withdraw=document.status == DocumentStatus.VALIDATED,
        can_abandon=document.status == DocumentStatus.TO_VALIDATE,
        was_undone=document.status == DocumentStatus.WITHDRAWN and not shipments,
        versions=tuple(history(versions, for_ward=True)) if versions[0].validated_at != last.validated_at else (),
        next_version=coming,
        is_written=bool(document.volet),
        correction=correction,
        check=letter_check(last.letter_check, document.organisation),
        confidentiality=confidentiality.summary(document.masks) if document.masks else "",
        hidden_since=confidentiality.hidden_since(document) if document.status == DocumentStatus.VALIDATED else None,
    )


def reading_words(reading: Reading, *, older: bool = False) -> str:
    """« Lue par Claire AUBÉPINE le 21/11/2026 à 9 h 12 (accusé de lecture) »; `older`: a version replaced since."""
    via = " (accusé de lecture)" if reading.via == ReadingVia.MDN else ""
    what = "Lue (version précédente)" if older else "Lue"
    return f"{what} par {reading.professional} le {_precise(reading.at)}{via}"


def _chained(chain: list[Shipment], document: Document, last: DocumentVersion, readings: list[Reading]) -> Delivery:
    """A sending and the steps that followed it, as one delivery; the proofs of all of them."""
    told = [_delivery(shipment, document, last, readings) for shipment in chain]
    shown = told[chain.index(fallback_view.shown(chain))]
    story = fallback_view.story(chain)
    return replace(
        shown,
        chain=story.chain,
        chip=story.chip or shown.chip,
        sentence=story.sentence if story.chip else shown.sentence,
        next_act=shown.next_act if story.next_act is None else story.next_act,
        steps=tuple(step for one in told for step in one.steps),
    )


def _delivery(shipment: Shipment, document: Document, last: DocumentVersion, readings: list[Reading]) -> Delivery:
    """One shipment as it concerns one paper; that of an older version says so."""
    carried = {version.validated_at for version in shipment.versions.all() if version.document_id == document.pk}
    hers = _of_recipient(shipment, [reading for reading in readings if reading.version.validated_at in carried])
    told = describe(shipment, hers)
    if last.validated_at in carried:
        return told
    return replace(told, recipient=f"{told.recipient} : version précédente")


def _of_recipient(shipment: Shipment, readings: Iterable[Reading]) -> list[Reading]:
    """What the one this sending is meant for has read, by whatever way it reached her."""
    if shipment.recipient_id is None or shipment.action == Action.WITHDRAW:
        return []
    return [reading for reading in readings if reading.professional_id == shipment.recipient_id]


def describe(shipment: Shipment, readings: Iterable[Reading] = ()) -> Delivery:
    """One shipment, in words (its versions, attempts, receipts and mailbox already loaded).

    `readings`: those of its recipient, when one paper is told at a time.
    """
    name = "DMP" if shipment.channel == ChannelName.DMP else f"{shipment.recipient_name} (MSSanté)"
    if shipment.action == Action.WITHDRAW:
        name = f"Rappel auprès de : {name}"
    elif shipment.action == Action.REPLACE:
        name = f"Remplacement auprès de : {name}"
    return Delivery(
        shipment.pk, name, _chip(shipment), sentence(shipment), tuple(_steps(shipment, readings)), _next_act(shipment)
    )


def _chip(shipment: Shipment) -> Chip:
    status = ShipmentStatus[shipment.status]
    if status == _S.REJECTED and shipment.functional:
        verb = "Non déposée" if shipment.channel == ChannelName.DMP else "Non envoyée"
        return Chip(f"{verb}, rien à corriger", "wait", "info")
    if status == _S.ACCEPTED and shipment.channel == ChannelName.DMP:
        return chip_of(status, "Rappelée du DMP" if shipment.action == Action.WITHDRAW else "Déposée au DMP")
    if status == _S.QUEUED and shipment.tries:
        return chip_of(status, "Nouvel essai prévu")
    return chip_of(status)


def sentence(shipment: Shipment) -> str:
    """Why it is where it is, and what happens next without anybody."""
    if shipment.status == _S.HELD:
        return _held(shipment)
    if shipment.status == _S.QUEUED and shipment.tries:
        return f"{shipment.last_message} Nouvel essai le {_precise(shipment.due_at)}, sans vous."
    if shipment.status == _S.REJECTED and shipment.functional:
        return f"{shipment.last_message} Rien à faire."
    return shipment.last_message if shipment.status in STOPPED else ""


def _held(shipment: Shipment) -> str:
    whose = "de la mère" if shipment.person_id == shipment.stay.mother_id else "de l'enfant"
    return {
        HoldReason.INS: f"Partira au DMP quand l'INS {whose} sera connue et son identité vérifiée, sans vous.",
        HoldReason.ADDRESS: "Aucune adresse MSSanté n'est connue. L'envoi partira seul dès qu'elle sera ajoutée "
        "à l'annuaire par l'administrateur ; d'ici là, remettez les papiers imprimés.",
        HoldReason.CONSENT: "La date d'information de la mère manque. Indiquez-la : l'envoi partira aussitôt.",
    }.get(HoldReason(shipment.hold_reason), "")


def _next_act(shipment: Shipment) -> str:
    if shipment.status in STOPPED and not shipment.functional:
        return "retry"
    if shipment.status == _S.HELD and shipment.hold_reason == HoldReason.CONSENT:
        return "consent"
    return ""


def _steps(shipment: Shipment, readings: Iterable[Reading]) -> Iterable[Step]:
    yield Step("Confiée à perinat", shipment.created_at, True)
    proof = next((a for a in shipment.attempts.all() if a.outcome in ACCEPTING_OUTCOMES), None)
    if shipment.channel == ChannelName.DMP:
        verb = "Rappelée du DMP" if shipment.action == Action.WITHDRAW else "Déposée au DMP"
        yield Step(verb, shipment.accepted_at, shipment.accepted_at is not None, _code(proof))
    else:
        yield Step("Acceptée par MSSanté", shipment.accepted_at, shipment.accepted_at is not None, _code(proof))
        yield Step("Remise à la boîte", shipment.delivered_at, shipment.delivered_at is not None)
        if shipment.integrated_at:
            yield Step("Intégrée par le logiciel", shipment.integrated_at, True)
    for receipt in shipment.receipts.all():
        yield Step(RECEIPT_WORDS[ReceiptKind(receipt.kind)], receipt.at, True, receipt.code)
    first = min((reading.at for reading in readings), default=None)
    if first is not None:
        yield Step("Lue par le destinataire", first, True)
    if shipment.status in STOPPED:
        last = max(shipment.attempts.all(), key=lambda a: a.ended_at, default=None)
        yield Step("Réponse du canal", last.ended_at if last else None, False, shipment.last_code)


def _code(attempt: object) -> str:
    if attempt is None:
        return ""
    return " · ".join(filter(None, [getattr(attempt, "code", ""), getattr(attempt, "remote_id", "")]))


def _precise(at: datetime) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y à %-H h %M}"
