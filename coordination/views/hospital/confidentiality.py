"""« Confidentialité »: who is kept from a paper, chosen before it leaves, changed afterwards with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from coordination.access import CONSULTERS
from coordination.auth import strongly_signed_in_at
from coordination.lifecycles import DocumentStatus
from coordination.models import HOSPITAL_ROLES, ChannelName, Deposit, Document, Draft
from coordination.ports import RecordAct
from coordination.selectors import confidentiality as shown
from coordination.selectors import readership, replacement_view, signatures, writing_view
from coordination.selectors.confidentiality import Part
from coordination.selectors.record_choices import REVEALS, Choice
from coordination.selectors.record_state import record_state
from coordination.selectors.tray import ReadyGroup, tray
from coordination.selectors.writable import WRITERS
from coordination.services import confidentiality
from coordination.services.confidentiality import Why
from coordination.views.guard import REFUSALS, SignedRequest, page, sentences

FIELD = "confidentialite"
CHANGED = (
    "Une nouvelle version du papier part : elle remplace celle du DMP, et chaque professionnel qui peut la lire la "
    "reçoit. Qui ne le peut plus est prévenu que la sienne est retirée."
)


def asked(request: HttpRequest, key: UUID) -> list[str] | None:
    """What the page asks for this paper; None when its fold was not there, or is as it was."""
    if str(key) not in request.POST.getlist(FIELD):
        return None
    choices = _ticked(request, key)
    return None if shown.written(choices) == request.POST.get(f"conf-avant-{key}", "") else choices


def _ticked(request: HttpRequest, key: UUID) -> list[str]:
    return request.POST.getlist(f"conf-{key}")


@require_POST
@page(*HOSPITAL_ROLES)
def of_deposit(request: SignedRequest, deposit_id: UUID) -> HttpResponse:
    """A choice ticked in the tray: kept at once, and who will then read it."""
    rows = Deposit.objects.visible_to(request.user).filter(person__isnull=False, stay__isnull=False)
    deposit = get_object_or_404(
        rows.select_related("person", "organisation", "stay__mother", "stay__physician"), pk=deposit_id
    )
    assert deposit.stay is not None  # filtered above
    problem = _tried(request, deposit_id, lambda masks: confidentiality.choose_for(deposit, masks, by=request.user))
    if problem:
        deposit.masks = _ticked(request, deposit_id)
    part = shown.of_deposit(
        deposit, deposit.stay.physician or request.user.professional, readership.team_of(deposit.stay.pk)
    )
    group = next((one for one in tray(request.user).groups if one.stay_id == deposit.stay_id), None)
    return _answer(request, part, problem, "paper_confidentiality", "discharge_list", group=group)


@require_POST
@page(*sorted(WRITERS))
def of_draft(request: SignedRequest, draft_id: UUID) -> HttpResponse:
    """The same while a structured document is written."""
    rows = Draft.objects.visible_to(request.user).filter(replaces__isnull=True, document__isnull=True)
    draft = get_object_or_404(
        rows.select_related("person", "stay__mother", "stay__maternity", "stay__physician"), pk=draft_id
    )
    problem = _tried(request, draft_id, lambda masks: confidentiality.choose_in(draft, masks, by=request.user))
    if problem:
        draft.masks = _ticked(request, draft_id)
    part = writing_view.confidentiality_of(draft, request.user)
    return _answer(request, part, problem, "writing_confidentiality", "writing", draft_id)


@page(*HOSPITAL_ROLES)
def of_document(request: SignedRequest, document_id: UUID) -> HttpResponse:
    """Before its validation, a fold of « À valider »; afterwards a page of its own, with the reason."""
    rows = Document.objects.visible_to(request.user).select_related(
        "person", "stay__mother", "organisation", "author", "legal_authenticator"
    )
    document = get_object_or_404(rows, pk=document_id)
    if document.status != DocumentStatus.TO_VALIDATE:
        return _change(request, document)
    if request.method != "POST":
        return redirect("stay", document.stay_id)
    problem = _tried(request, document_id, lambda masks: confidentiality.choose(document, masks, by=request.user))
    if problem:
        document.masks = _ticked(request, document_id)
    part = shown.part(document.pk, document, readership.team_of(document.stay_id))
    told = list(signatures.recipients(document))
    return _answer(request, part, problem, "document_confidentiality", "to_validate", recipients=told)


def _tried(request: SignedRequest, key: UUID, keep: Callable[[list[str]], None]) -> str:
    """The French sentence of a refusal; empty when the choice is kept."""
    try:
        keep(_ticked(request, key))
    except REFUSALS as refusal:
        return " ".join(sentences(refusal))
    return ""


def _answer(
    request: SignedRequest,
    part: Part,
    problem: str,
    act: str,
    home: str,
    *where: object,
    group: ReadyGroup | None = None,
    recipients: list[str] | None = None,
) -> HttpResponse:
    """The fold again, open, with what was ticked; without a script, the page it stands in."""
    if request.headers.get("HX-Request"):
        context = {
            "part": replace(part, opened=True, problem=problem),
            "act": act,
            "group": group,
            "recipients": recipients,
        }
        return render(request, "coordination/_confidentiality.html", context)
    if problem:
        messages.error(request, f"{problem} Rien n'a été changé.")
    else:
        messages.success(request, f"Confidentialité : {part.summary}. Le papier n'est pas encore envoyé.")
    return redirect(home, *where)


def _change(request: SignedRequest, document: Document) -> HttpResponse:
    """After it left: who reads it, and a new version when its signatory changes that."""
    may = confidentiality.may_change(document, request.user)
    why, problem = request.POST.get("motif", ""), ""
    if may and request.method == "POST":
        ticked = _ticked(request, document.pk)
        if request.POST.get("acte") == "changer":
            try:
                confidentiality.change(document, ticked, why=why, by=request.user)
            except REFUSALS as refusal:
                problem = " ".join(sentences(refusal))
            else:
                messages.success(request, CHANGED)
                return redirect("stay", document.stay_id)
        document.masks = ticked
    late = confidentiality.already_shown(document)
    context = {
        "document": document,
        "subject": replacement_view.subject(document, request.user),
        "part": replace(shown.part(document.pk, document, readership.team_of(document.stay_id), late), problem=problem),
        "may": may,
        "late": late,
        "is_live": document.status == DocumentStatus.VALIDATED,
        "hidden_since": shown.hidden_since(document),
        "reveals": _reveals(request, document),
        "reasons": list(Why),
        "why": why,
        "previewed": request.method == "POST",
    }
    status = 422 if problem else 200
    return render(request, "coordination/document_confidentiality.html", context, status=status)


def _reveals(request: SignedRequest, document: Document) -> list[Choice]:
    """What a session of Pro Santé Connect may make visible in the DMP at once (TD3.3b), without another version."""
    if request.user.role not in CONSULTERS or document.status != DocumentStatus.VALIDATED:
        return []
    state = record_state(request.user, document.stay, document.person, signed_in_at=strongly_signed_in_at(request))
    if RecordAct.REVEAL.value not in state.rights:
        return []
    sent = document.current_version.shipments.filter(channel=ChannelName.DMP, accepted_at__isnull=False)
    return [REVEALS[one] for one in document.masks if one in REVEALS] if sent.exists() else []
