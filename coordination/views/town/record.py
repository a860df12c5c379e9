"""« Ses documents »: those of perinat and those of the DMP, one list for the mother, one apart for each child.

No page here waits for the DMP: a question is written, a worker asks it, and a region of the page looks for the answer.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from coordination import audit, document_source
from coordination.access import CONSULTERS, AccessDeniedError
from coordination.auth import strongly_signed_in_at
from coordination.blobs import BlobError
from coordination.models import EmergencyReason, Person, QueryKind, RecordQuery, Stay
from coordination.ports import RecordAct
from coordination.selectors import identity, my_visits, record_memory, record_people, record_view
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
    context = _context(request, stay, _whose(request, stay))
    if context["listed"].total:
        audit.record("record.shown", by=request.user, subject=stay, child=context["child"] is not None)
    return render(request, "coordination/record.html", context)


@page(*ROLES, poll=True)
def live(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """The same list while an answer is awaited."""
    stay = rows.stay_or_404(request, stay_id)
    if not is_open(request, stay):
        return HttpResponse(status=204)
    return render(request, "coordination/_record.html", _context(request, stay, _whose(request, stay)))


def _whose(request: SignedRequest, stay: Stay) -> Person:
    """The mother; or the child that the address, or the form, names: any other person is a 404."""
    wanted = request.POST.get("enfant") or request.GET.get("enfant", "")
    mother, *children = record_people.people(stay)
    found = next((one for one in children if str(one.pk) == wanted), None) if wanted else mother
    if found is None:
        raise Http404
    return found


def _context(request: SignedRequest, stay: Stay, person: Person) -> dict[str, Any]:
    state = record_state(request.user, stay, person, signed_in_at=strongly_signed_in_at(request))
    kept, kept_at = _memory(request, person) if state.reader else (None, None)
    kind = request.GET.get("genre", "")
    source, is_child = document_source.get(), person.pk != stay.mother_id
    return {
        "stay": stay,
        "person": identity.card_of(person),
        "child": person if is_child else None,
        "of_whom": f"?enfant={person.pk}" if is_child else "",
        "here": record_address(stay.pk, person),
        "people": _people(stay, person),
        "state": state,
        "kept_at": kept_at,
        "wide": kept is not None and kept.wide,
        "kind": kind,
        "listed": record_view.listed(request.user, person, kept=kept, source=source, reader=state.reader, kind=kind),
        "accesses": _accesses(request, person, state),
    }


def record_address(stay_id: UUID, person: Person) -> str:
    """Where the documents of this person are."""
    child = f"?enfant={person.pk}" if hasattr(person, "newborn") else ""
    return reverse("record", args=[stay_id]) + child


def _people(stay: Stay, shown: Person) -> list[tuple[str, str, bool]]:
    """(« Louise, la mère », address, shown) of each person whose record is apart; nothing when there is one alone."""
    people = record_people.people(stay)
    if len(people) < 2:
        return []
    return [
        (
            one.first_given_name.capitalize() + (", la mère" if one.pk == stay.mother_id else ", l’enfant"),
            record_address(stay.pk, one),
            one.pk == shown.pk,
        )
        for one in people
    ]


def _memory(request: SignedRequest, person: Person) -> tuple[Memory, Any] | tuple[None, None]:
    """What is kept of the last answer; a file that is lost is as if nothing had been asked."""
    try:
        return record_memory.memory(request.user, person) or (None, None)
    except BlobError:
        return None, None


def _accesses(request: SignedRequest, person: Person, state: RecordState) -> list[Any]:
    if not state.may_list_accesses:
        return []
    try:
        return list(record_memory.accesses(record_memory.latest_kept(request.user, person, QueryKind.ACCESSES)))
    except BlobError:
        return []


@act(*ROLES)
def consult(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """« Consulter le DMP ». `accord`: she declares, now, that the mother agrees, or who stands for the child."""
    reason = request.POST.get("motif", "")
    _asked(
        request,
        stay_id,
        QueryKind.SEARCH,
        wide=request.POST.get("plus") == "1",
        agreed=request.POST.get("accord") == "1",
        reason=reason if reason in EmergencyReason.values else "",
    )
    return _to_list(request, stay_id)


@act(*ROLES)
def read(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """« Lire » a document of the DMP: the page that shows it waits for it, unless it is still kept."""
    person = _whose(request, rows.stay_or_404(request, stay_id))
    kept = record_memory.kept_document(request.user, person, _uid(request))
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
    return _to_list(request, stay_id)


@act(*ROLES)
def revoke(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    _asked(request, stay_id, QueryKind.REVOKE)
    return _to_list(request, stay_id)


@act(*ROLES)
def list_accesses(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    _asked(request, stay_id, QueryKind.ACCESSES)
    return _to_list(request, stay_id)


def _asked(request: SignedRequest, stay_id: UUID, kind: QueryKind, **what: Any) -> RecordQuery:
    """Raises AccessDeniedError with the sentence that the page shows too."""
    stay = rows.stay_or_404(request, stay_id)
    person, signed_in_at = _whose(request, stay), strongly_signed_in_at(request)
    state = record_state(request.user, stay, person, signed_in_at=signed_in_at)
    if not is_open(request, stay):
        raise AccessDeniedError(my_visits.NOT_INFORMED)
    if state.why_not or signed_in_at is None:
        raise AccessDeniedError(state.why_not)
    return consulting.ask(kind, by=request.user, signed_in_at=signed_in_at, stay=stay, person=person, **what)


def _uid(request: SignedRequest) -> str:
    return request.POST.get("document", "")[:64]


def _to_list(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    child = request.POST.get("enfant") or request.GET.get("enfant", "")
    where = reverse("record", args=[stay_id]) + (f"?enfant={quote(child)}" if child else "")
    return redirect(f"{where}#dmp")
