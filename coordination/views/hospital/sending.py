"""One « Envoyer » for everything that was shown ready, and the seconds during which it can be undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import HOSPITAL_ROLES, Deposit, Document
from coordination.selectors.identity import mother_name
from coordination.services import confidentiality, deposits
from coordination.views.guard import REFUSALS, SignedRequest, act, back, sentences
from coordination.views.hospital.confidentiality import asked

LAST_SENT = "last_sent"
GRACE = 2  # seconds between the activation and its arrival here
TOO_LATE = (
    "Le délai d'annulation est passé : rien n'a été annulé. "
    "Pour rappeler un papier parti, ouvrez le séjour et retirez-le."
)


@dataclass(frozen=True, slots=True)
class Undoable:
    """What was just sent, and the seconds left to take it back."""

    count: int
    seconds: int


@act(*HOSPITAL_ROLES)
def send(request: SignedRequest) -> HttpResponse:
    """Send the papers that the page showed: what became ready since is left for the next time."""
    shown = Deposit.objects.visible_to(request.user).filter(
        pk__in=request.POST.getlist("papiers"), status=DepositStatus.READY, stay__isnull=False
    )
    by_stay: dict[UUID | None, list[Deposit]] = defaultdict(list)
    for one in shown.select_related("stay__physician", "stay__mother", "person", "organisation", "blob", "readable"):
        by_stay[one.stay_id].append(one)
    filed: list[Document] = []
    seen = {one.pk for group in by_stay.values() for one in group if str(one.pk) in request.POST.getlist("vu")}
    for group in by_stay.values():
        try:
            _keep_choices(request, group)
            filed += deposits.send(group, by=request.user, seen=seen)
        except REFUSALS as refusal:
            whose = _whose(group[0])
            messages.error(request, f"Les papiers de {whose} ne sont pas partis. {' '.join(sentences(refusal))}")
    _say(request, filed)
    _remember(request, filed)
    return back(request, "discharge_list")


def _keep_choices(request: SignedRequest, group: Iterable[Deposit]) -> None:
    """Who is kept from reading them, as ticked in the page and not kept yet (no script ran)."""
    for deposit in group:
        choices = asked(request, deposit.pk)
        if choices is not None:
            confidentiality.choose_for(deposit, choices, by=request.user)


def _whose(deposit: Deposit) -> str:
    return mother_name(deposit.stay.mother) if deposit.stay else deposit.file_name


def _say(request: SignedRequest, filed: Iterable[Document]) -> None:
    filed = list(filed)
    waiting = [d for d in filed if d.status == DocumentStatus.TO_VALIDATE]
    leaving = len(filed) - len(waiting)
    if leaving:
        messages.success(request, f"{leaving} papier{'s partent' if leaving > 1 else ' part'}.")
    if waiting:
        names = ", ".join(sorted({str(d.legal_authenticator) for d in waiting}))
        verb = "s attendent" if len(waiting) > 1 else " attend"
        messages.info(request, f"{len(waiting)} papier{verb} la validation de {names}.")


def _remember(request: SignedRequest, filed: Iterable[Document]) -> None:
    ids = [str(document.pk) for document in filed]
    if ids and settings.UNDO_SECONDS:
        until = timezone.now().timestamp() + settings.UNDO_SECONDS
        request.session[LAST_SENT] = {"documents": ids, "until": until}


def undoable(request: SignedRequest) -> Undoable | None:
    """What can still be taken back, for the banner."""
    sent = request.session.get(LAST_SENT)
    if sent is None:
        return None
    left = int(sent["until"] - timezone.now().timestamp())
    return Undoable(len(sent["documents"]), left) if left > 0 else None


@act(*HOSPITAL_ROLES)
def undo(request: SignedRequest) -> HttpResponse:
    """Take back what has not left; what has says so. After the seconds shown, nothing is taken back."""
    sent = request.session.pop(LAST_SENT, {"documents": [], "until": 0})
    if timezone.now().timestamp() > sent["until"] + GRACE:
        messages.warning(request, TOO_LATE)
        return back(request, "discharge_list")
    papers = Document.objects.visible_to(request.user).filter(pk__in=sent["documents"])
    undone = deposits.undo(papers, by=request.user)
    gone = len(sent["documents"]) - undone
    if undone:
        messages.success(request, f"{undone} papier{'s' if undone > 1 else ''} de nouveau dans « Papiers prêts ».")
    if gone:
        messages.warning(
            request,
            f"{gone} papier{'s étaient déjà partis' if gone > 1 else ' était déjà parti'}. "
            "Pour le rappeler, ouvrez le séjour et retirez-le.",
        )
    return back(request, "discharge_list")
