"""« Mes autorisations »: the people whose DMP this professional may open (TD0.4), asked when she wants it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from coordination import document_source
from coordination.access import AccessDeniedError
from coordination.auth import strongly_signed_in_at
from coordination.blobs import BlobError
from coordination.models import QueryKind, RecordQuery
from coordination.selectors import record_memory
from coordination.selectors.record_state import NO_SOURCE, NO_STRUCTURE, NOT_STRONG
from coordination.services import consulting
from coordination.views.guard import SignedRequest, act, page
from coordination.views.town.record import ROLES


@page(*ROLES)
def patients(request: SignedRequest) -> HttpResponse:
    return render(request, "coordination/record_patients.html", _context(request))


@page(*ROLES, poll=True)
def live(request: SignedRequest) -> HttpResponse:
    return render(request, "coordination/_record_patients.html", _context(request))


@act(*ROLES)
def ask(request: SignedRequest) -> HttpResponse:
    signed_in_at = strongly_signed_in_at(request)
    if signed_in_at is None or _why_not(request):
        raise AccessDeniedError(_why_not(request))
    consulting.ask(QueryKind.PATIENTS, by=request.user, signed_in_at=signed_in_at)
    return redirect("record_patients")


def _why_not(request: SignedRequest) -> str:
    if document_source.get() is None:
        return NO_SOURCE
    if strongly_signed_in_at(request) is None:
        return NOT_STRONG
    site = request.user.organisation
    return "" if site is not None and site.legal_struct_idnat else NO_STRUCTURE


def _context(request: SignedRequest) -> dict[str, object]:
    mine = RecordQuery.objects.visible_to(request.user).filter(kind=QueryKind.PATIENTS)
    waiting = mine.filter(answered_at__isnull=True).first()  # before what was answered: else an answer could be missed
    last = record_memory.latest(request.user, None, QueryKind.PATIENTS)
    kept = record_memory.latest_kept(request.user, None, QueryKind.PATIENTS)
    try:
        people = record_memory.patients(kept)
    except BlobError:
        kept, people = None, []
    return {
        "why_not": _why_not(request),
        "by_sign_in": strongly_signed_in_at(request) is None,
        "waiting": waiting,
        "refusal": last.message_fr if last and last.code else "",
        "kept": kept,
        "people": people,
    }
