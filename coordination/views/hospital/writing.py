"""A structured document written on a screen: opened from the stay, kept as it is typed, finished when whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from coordination import blobs
from coordination.access import AccessDeniedError
from coordination.cda.spec import schema as json_schema
from coordination.cda.spec.checking import Problem
from coordination.cda.volets import VOLETS
from coordination.lifecycles import DocumentStatus
from coordination.models import Draft, Person
from coordination.selectors import case_form, writing_view
from coordination.selectors.writable import WRITERS
from coordination.services import writing
from coordination.services.documents import DocumentRefusedError
from coordination.views.guard import SignedRequest, act, page
from coordination.views.hospital.stay_page import stay_of


@act(*sorted(WRITERS))
def start(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """Open the draft of this document about this person (or the one in progress)."""
    stay = stay_of(request, stay_id)
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=request.POST.get("personne"))
    try:
        draft = writing.open_draft(stay, person, request.POST.get("volet", ""), by=request.user)
    except writing.WritingRefusedError as refusal:
        messages.error(request, refusal.message_fr)
        return redirect("stay", stay.pk)
    return redirect("writing", draft.pk)


@page(*sorted(WRITERS))
def write(request: SignedRequest, draft_id: UUID) -> HttpResponse:
    """The form. Every act keeps what is typed first; then adds a line, takes one away, checks, or finishes."""
    draft = _draft(request, draft_id)
    if draft.document_id is not None:
        return redirect("stay", draft.stay_id)
    if request.method != "POST":
        return _page(request, draft, blobs.read_json(draft.body))
    chosen, _, path = request.POST.get("acte", "").partition(":")
    body = _typed(draft, request, removed=path if chosen == "retirer" else "")
    try:
        found = writing.save(draft, body, revision=_revision(request), by=request.user)
    except writing.WritingRefusedError as refusal:
        messages.error(request, refusal.message_fr)
        return _page(request, draft, body, behind=True)
    if chosen == "terminer":
        return _finish(request, draft, body, found)
    return _page(request, draft, body, found=found if chosen == "verifier" else None, opened=path)


@require_POST
@page(*sorted(WRITERS))
def keep(request: SignedRequest, draft_id: UUID) -> HttpResponse:
    """Saving as she types: the fragment says when, and what is still missing."""
    draft = _draft(request, draft_id)
    context: dict[str, Any] = {"draft": draft}
    try:
        found = writing.save(draft, _typed(draft, request), revision=_revision(request), by=request.user)
        context["missing"] = len(found)
    except writing.WritingRefusedError as refusal:
        context["refusal"] = refusal.message_fr
    return render(request, "coordination/_writing_kept.html", context)


@act(*sorted(WRITERS))
def abandon(request: SignedRequest, draft_id: UUID) -> HttpResponse:
    draft = _draft(request, draft_id)
    try:
        writing.abandon(draft, by=request.user)
        messages.info(request, "L’écrit est abandonné. Rien n’a été envoyé.")
    except writing.WritingRefusedError as refusal:
        messages.error(request, refusal.message_fr)
    return redirect("stay", draft.stay_id)


def _finish(request: SignedRequest, draft: Draft, body: Mapping[str, Any], found: list[Problem]) -> HttpResponse:
    if found:
        return _page(request, draft, body, found=found)
    try:
        document = writing.finish(draft, by=request.user)
    except (writing.WritingRefusedError, DocumentRefusedError, AccessDeniedError) as refusal:
        messages.error(request, refusal.message_fr)
        return _page(request, draft, body, found=list(getattr(refusal, "problems", ())))
    waits = document.status == DocumentStatus.TO_VALIDATE
    hers = document.legal_authenticator_id == request.user.professional_id
    whose = "votre confirmation, dans « À valider »" if hers else f"la validation de {document.legal_authenticator}"
    after = f"Il attend {whose}." if waits else "Il est en cours d’envoi."
    messages.success(request, f"« {document.title} » est terminé. {after}")
    return redirect("stay", draft.stay_id)


def _draft(request: SignedRequest, draft_id: UUID) -> Draft:
    rows = Draft.objects.visible_to(request.user).select_related(
        "stay__mother", "stay__physician", "person", "saved_by"
    )
    draft = get_object_or_404(rows, pk=draft_id)
    if draft.abandoned_at is not None:
        raise Http404
    return draft


def _typed(draft: Draft, request: SignedRequest, *, removed: str = "") -> dict[str, Any]:
    schema = json_schema.of(VOLETS[draft.volet].members)
    if removed:
        return case_form.without_line(schema, request.POST, removed)
    return case_form.read(schema, request.POST)


def _revision(request: SignedRequest) -> int:
    given = request.POST.get("revision", "")
    return int(given) if given.isascii() and given.isdigit() else 0


def _page(
    request: SignedRequest,
    draft: Draft,
    body: Mapping[str, Any],
    *,
    found: list[Problem] | None = None,
    opened: str = "",
    behind: bool = False,
) -> HttpResponse:
    view = writing_view.of(draft, body, found=found, opened=opened, by=request.user)
    context = {"draft": draft, "view": view, "behind": behind}
    return render(request, "coordination/writing.html", context, status=422 if found or behind else 200)
