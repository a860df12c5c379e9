"""« À vérifier »: one paper, what was read of it, and the act that answers its question."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from coordination import audit, blobs
from coordination.models import HOSPITAL_ROLES, Deposit, Person, Stay
from coordination.selectors import matching
from coordination.selectors.letter_view import letter_check
from coordination.selectors.tray import Candidate, Ward, candidate, is_shown, question_of
from coordination.services import deposits, letter_checks, replacements
from coordination.views.guard import SignedRequest, act, back, page
from coordination.views.hospital.discharges import DOCUMENT_TYPES

LONGEST_SEARCH = 60


def _deposit(request: SignedRequest, deposit_id: UUID) -> Deposit:
    rows = Deposit.objects.visible_to(request.user).select_related("stay__mother", "person", "organisation", "blob")
    return get_object_or_404(rows, pk=deposit_id)


def _found(request: SignedRequest, deposit: Deposit) -> list[Candidate]:
    text = request.POST.get("recherche", "")[:LONGEST_SEARCH]
    return [candidate(person, stay) for person, stay in matching.search(deposit.organisation, text)]


@page(*HOSPITAL_ROLES)
def paper(request: SignedRequest, deposit_id: UUID) -> HttpResponse:
    """The paper on one side, its question on the other. The search is a POST: no name in an address or a log."""
    deposit = _deposit(request, deposit_id)
    context = {
        "question": question_of(deposit, Ward.around([deposit], request.user)),
        "types": DOCUMENT_TYPES,
        "searched": request.POST.get("recherche", ""),
        "chosen_type": request.POST.get("type", ""),
        "found": _found(request, deposit),
        "check": letter_check(letter_checks.of_deposit(deposit), deposit.organisation),
    }
    return render(request, "coordination/paper.html", context)


@page(*HOSPITAL_ROLES)
def search(request: SignedRequest, deposit_id: UUID) -> HttpResponse:
    """The people whose name starts with these letters, as buttons of the form of this paper."""
    deposit = _deposit(request, deposit_id)
    context = {"found": _found(request, deposit), "searched": request.POST.get("recherche", "")}
    return render(request, "coordination/_candidates.html", context)


@page(*HOSPITAL_ROLES)
def pdf(request: SignedRequest, deposit_id: UUID) -> HttpResponse:
    """The readable copy, in the page; the bytes as dropped, unread or refused, are only ever downloaded."""
    deposit = _deposit(request, deposit_id)
    audit.record("deposit.opened", by=request.user, subject=deposit)
    if deposit.readable is not None and is_shown(deposit):
        return inline_pdf(blobs.read(deposit.readable))
    response = HttpResponse(blobs.read(deposit.blob), content_type="application/octet-stream")
    response["Content-Disposition"] = 'attachment; filename="papier-non-lu.bin"'
    return response


def inline_pdf(data: bytes) -> HttpResponse:
    """A PDF shown in the page; nosniff (SecurityMiddleware) keeps anything else from being run."""
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="papier.pdf"'
    return response


@act(*HOSPITAL_ROLES)
def file(request: SignedRequest, deposit_id: UUID) -> HttpResponse:
    """« C'est elle »: the person chosen and the type, in one activation when the type is known."""
    deposit = _deposit(request, deposit_id)
    person_id, _, stay_id = request.POST.get("personne", "").partition(":")
    type_code = request.POST.get("type", "")
    if not person_id or not stay_id:
        messages.error(request, "Choisissez la personne du papier.")
        return back(request, "discharge_list")
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=person_id)
    stay = get_object_or_404(Stay.objects.visible_to(request.user), pk=stay_id)
    deposits.complete(deposit, person=person, stay=stay, type_code=type_code, by=request.user)
    return back(request, "discharge_list")


@act(*HOSPITAL_ROLES)
def cut(request: SignedRequest, deposit_id: UUID) -> HttpResponse:
    """Two people in one file: apply the proposed cut."""
    pieces = deposits.split(_deposit(request, deposit_id), by=request.user)
    messages.info(request, f"Le fichier est coupé en {len(pieces)}. Chaque partie est relue.")
    return back(request, "discharge_list")


@act(*HOSPITAL_ROLES)
def discard(request: SignedRequest, deposit_id: UUID) -> HttpResponse:
    """Put the file aside."""
    replacements.discard(_deposit(request, deposit_id), by=request.user)
    messages.info(request, "Le fichier est écarté. Il n'est pas envoyé.")
    return back(request, "discharge_list")
