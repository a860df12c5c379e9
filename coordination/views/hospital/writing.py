"""A structured document written on a screen: opened from the stay, kept as it is typed, finished when whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from coordination.cda.spec import schema as json_schema
from coordination.cda.spec.checking import Problem
from coordination.cda.volets import VOLETS
from coordination.lifecycles import DocumentStatus
from coordination.models import Document, Draft, Person
from coordination.selectors import case_form, writing_view
from coordination.selectors.writable import WRITERS
from coordination.services import confidentiality, corrections, replacements, writing
from coordination.views.guard import REFUSALS, SignedRequest, act, page, sentences
from coordination.views.hospital.confidentiality import asked
from coordination.views.hospital.reason_form import CorrectionForm
from coordination.views.hospital.replacements import ASKED, GONE
from coordination.views.hospital.stay_page import stay_of

REFUSED = (writing.WritingRefusedError, *REFUSALS)


class _Kept(TypedDict):
    revision: int
    reason: str
    comment: str


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
    if draft.finished_at is not None:
        return redirect("stay", draft.stay_id)
    if request.method != "POST":
        return _opened(request, draft)
    chosen, _, path = request.POST.get("acte", "").partition(":")
    body = _typed(draft, request, removed=path if chosen == "retirer" else "")
    said = _kept(request)
    if chosen == "garder":  # she has read that another page was kept since, and chooses hers
        said["revision"] = draft.revision
    try:
        found = writing.save(draft, body, by=request.user, **said)
    except writing.FinishedError as refusal:
        return _already(request, draft, refusal)
    except writing.WritingRefusedError as refusal:
        messages.error(request, refusal.message_fr)
        return _page(request, draft, body, behind=True)
    if chosen == "terminer":
        return _finish(request, draft, body, found)
    return _page(request, draft, body, found=found if chosen == "verifier" else None, opened=path)


def _opened(request: SignedRequest, draft: Draft) -> HttpResponse:
    try:
        return _page(request, draft, writing.body_of(draft))
    except writing.WritingRefusedError as refusal:  # what was kept cannot be read: nothing to show, nothing to lose
        return render(request, "coordination/writing_lost.html", {"draft": draft, "refusal": refusal}, status=422)


def _already(request: SignedRequest, draft: Draft, refusal: writing.FinishedError) -> HttpResponse:
    """The other activation, or the other page, was quicker: the document is there, once."""
    messages.info(request, refusal.message_fr)
    return redirect("stay", draft.stay_id)


@require_POST
@page(*sorted(WRITERS))
def keep(request: SignedRequest, draft_id: UUID) -> HttpResponse:
    """Saving as she types: the fragment says when, what typed is wrong and where, how much is still missing."""
    draft = _draft(request, draft_id)
    context: dict[str, Any] = {"draft": draft}
    body = _typed(draft, request)
    try:
        found = writing.save(draft, body, by=request.user, **_kept(request))
        context["wrong"] = writing_view.wrong(body, found)
        context["missing"] = len(found) - len(context["wrong"])
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
    why = _why(request, draft)
    if found or (why is not None and not why.is_valid()):
        return _page(request, draft, body, found=found, why=why)
    choices = asked(request, draft.pk)
    try:
        if choices is not None:
            confidentiality.choose_in(draft, choices, by=request.user)
        document = writing.finish(draft, by=request.user, revision=draft.revision)
    except writing.FinishedError as refusal:
        return _already(request, draft, refusal)
    except REFUSED as refusal:
        for sentence in sentences(refusal):
            messages.error(request, sentence)
        return _page(request, draft, body, found=list(getattr(refusal, "problems", ())), why=why, refused=True)
    messages.success(request, _done(request, draft, document))
    return redirect("stay", draft.stay_id)


def _done(request: SignedRequest, draft: Draft, document: Document) -> str:
    if draft.replaces_id is not None:
        waiting = replacements.asked(document)
        return GONE if waiting is None else ASKED.format(document.legal_authenticator)
    waits = document.status == DocumentStatus.TO_VALIDATE
    hers = document.legal_authenticator_id == request.user.professional_id
    whose = "votre confirmation, dans « À valider »" if hers else f"la validation de {document.legal_authenticator}"
    after = f"Il attend {whose}." if waits else "Il est en cours d’envoi."
    return f"« {document.title} » est terminé. {after}"


def _draft(request: SignedRequest, draft_id: UUID) -> Draft:
    rows = Draft.objects.visible_to(request.user).select_related(
        "stay__mother", "stay__physician", "person", "saved_by", "document__legal_authenticator", "replaces"
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


def _kept(request: SignedRequest) -> _Kept:
    """What the page says beside the case: the revision it showed and, for a correction, why."""
    given = request.POST.get("revision", "")
    return {
        "revision": int(given) if given.isascii() and given.isdigit() else 0,
        "reason": request.POST.get("motif", ""),
        "comment": request.POST.get("precision", ""),
    }


def _why(request: SignedRequest, draft: Draft) -> CorrectionForm | None:
    """The reason of a correction, to check: what the page has just sent."""
    return CorrectionForm(request.POST) if draft.replaces_id is not None else None


def _why_shown(request: SignedRequest, draft: Draft) -> CorrectionForm | None:
    """The same, not checked yet: as it was sent, else as it was kept."""
    if draft.replaces_id is None:
        return None
    sent = request.POST if request.method == "POST" else {"motif": draft.reason, "precision": draft.comment}
    return CorrectionForm(initial={name: sent.get(name, "") for name in ("motif", "precision")})


def _page(
    request: SignedRequest,
    draft: Draft,
    body: Mapping[str, Any],
    *,
    found: list[Problem] | None = None,
    opened: str = "",
    behind: bool = False,
    refused: bool = False,
    why: CorrectionForm | None = None,
) -> HttpResponse:
    """`why`: the reason of a correction, once it is checked."""
    view = writing_view.of(draft, body, found=found, opened=opened, by=request.user)
    context = {"draft": draft, "view": view, "behind": behind, "why": why or _why_shown(request, draft)}
    context["revision"] = _kept(request)["revision"] if behind else draft.revision
    context["stopped"] = corrections.refusal(draft) if draft.replaces_id is not None else ""
    lacks = bool(found or (why is not None and why.errors))
    return render(request, "coordination/writing.html", context, status=422 if lacks or behind or refused else 200)
