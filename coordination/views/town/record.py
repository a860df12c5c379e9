"""« Ses documents »: those of perinat and those of the mother's DMP, one list; and what is asked of the DMP.

No page here waits for the DMP: a question is written, a worker asks it, and a region of the page looks for the answer.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from coordination import audit, document_source
from coordination.access import CONSULTERS, AccessDeniedError
from coordination.auth import strongly_signed_in_at
from coordination.blobs import BlobError
from coordination.models import EmergencyReason, QueryKind, RecordQuery, Stay
from coordination.ports import RecordAct
from coordination.selectors import identity, my_visits, record_memory, record_view
from coordination.selectors.record_choices import REVEALS
from coordination.selectors.record_memory import Memory
from coordination.selectors.record_state import RecordState, record_state
from coordination.services import consulting
from coordination.views.guard import SignedRequest, act, page
from coordination.views.town import rows

ROLES = tuple(sorted(CONSULTERS))
ACTS = (RecordAct.MASK, RecordAct.UNMASK, RecordAct.REVEAL, RecordAct.ARCHIVE)


def is_open(request: SignedRequest, stay: Stay) -> bool:
    """The ward reads its own mothers; a carer once the mother's information is recorded for her."""
    return request.user.is_hospital or my_visits.is_informed(request.user, stay)


@page(*ROLES)
def record(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    stay = rows.stay_or_404(request, stay_id)
    if not is_open(request, stay):
        messages.error(request, my_visits.NOT_INFORMED)
        return redirect("home")
    context = _context(request, stay)
    if context["listed"].total:
        audit.record("record.shown", by=request.user, subject=stay)
    return render(request, "coordination/record.html", context)


@page(*ROLES, poll=True)
def live(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """The same list while an answer is awaited."""
    stay = rows.stay_or_404(request, stay_id)
    if not is_open(request, stay):
        return HttpResponse(status=204)
    return render(request, "coordination/_record.html", _context(request, stay))


def _context(request: SignedRequest, stay: Stay) -> dict[str, Any]:
    state = record_state(request.user, stay, signed_in_at=strongly_signed_in_at(request))
    kept, kept_at = _memory(request, stay) if state.reader else (None, None)
    kind = request.GET.get("genre", "")
    source = document_source.get()
    return {
        "stay": stay,
        "person": identity.mother_card(stay.mother),
        "state": state,
        "kept_at": kept_at,
        "wide": kept is not None and kept.wide,
        "kind": kind,
        "listed": record_view.listed(request.user, stay, kept=kept, source=source, reader=state.reader, kind=kind),
        "accesses": _accesses(request, stay, state),
    }


def _memory(request: SignedRequest, stay: Stay) -> tuple[Memory, Any] | tuple[None, None]:
    """What is kept of the last answer; a file that is lost is as if nothing had been asked."""
    try:
        return record_memory.memory(request.user, stay) or (None, None)
    except BlobError:
        return None, None


def _accesses(request: SignedRequest, stay: Stay, state: RecordState) -> list[Any]:
    if not state.may_list_accesses:
        return []
    try:
        return list(record_memory.accesses(record_memory.latest_kept(request.user, stay, QueryKind.ACCESSES)))
    except BlobError:
        return []


@act(*ROLES)
def consult(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """« Consulter le DMP ». `accord`: she declares, at this instant, that the mother agrees."""
    reason = request.POST.get("motif", "")
    _asked(
        request,
        stay_id,
        QueryKind.SEARCH,
        wide=request.POST.get("plus") == "1",
        agreed=request.POST.get("accord") == "1",
        reason=reason if reason in EmergencyReason.values else "",
    )
    return _to_list(stay_id)


@act(*ROLES)
def read(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """« Lire » a document of the DMP: the page that shows it waits for it, unless it is still kept."""
    kept = record_memory.kept_document(request.user, rows.stay_or_404(request, stay_id), _uid(request))
    query = kept or _asked(request, stay_id, QueryKind.OPEN, document_uid=_uid(request))
    return redirect("outside", query.pk)


@act(*ROLES)
def change(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """Mask, unmask, make visible, archive. Whether she may is checked again by who does it."""
    rows.stay_or_404(request, stay_id)
    chosen, mask = request.POST.get("acte", ""), request.POST.get("masque", "")
    if chosen not in ACTS or (mask and mask not in REVEALS):
        raise AccessDeniedError("Choisissez un acte de la liste.")
    _asked(request, stay_id, QueryKind.CHANGE, document_uid=_uid(request), act=chosen, mask=mask)
    return _to_list(stay_id)


@act(*ROLES)
def revoke(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    _asked(request, stay_id, QueryKind.REVOKE)
    return _to_list(stay_id)


@act(*ROLES)
def list_accesses(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    _asked(request, stay_id, QueryKind.ACCESSES)
    return _to_list(stay_id)


def _asked(request: SignedRequest, stay_id: UUID, kind: QueryKind, **what: Any) -> RecordQuery:
    """Raises AccessDeniedError with the sentence that the page shows too."""
    stay = rows.stay_or_404(request, stay_id)
    signed_in_at = strongly_signed_in_at(request)
    state = record_state(request.user, stay, signed_in_at=signed_in_at)
    if not is_open(request, stay):
        raise AccessDeniedError(my_visits.NOT_INFORMED)
    if state.why_not or signed_in_at is None:
        raise AccessDeniedError(state.why_not)
    return consulting.ask(kind, by=request.user, signed_in_at=signed_in_at, stay=stay, **what)


def _uid(request: SignedRequest) -> str:
    return request.POST.get("document", "")[:64]


def _to_list(stay_id: UUID) -> HttpResponse:
    response = redirect("record", stay_id)
    response["Location"] += "#dmp"
    return response
