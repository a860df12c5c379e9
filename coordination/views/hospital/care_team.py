"""Who the mother chose: her midwife, her doctor, with the date of her information."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from coordination import audit
from coordination.models import HOSPITAL_ROLES, CareRole, Mailbox, MirrorPractice, Professional, Stay
from coordination.selectors import directory_search, stay_view
from coordination.services import administration, directory, holding, stays
from coordination.views.guard import SignedRequest, act, back, page
from coordination.views.hospital.stay_page import stay_of

DECLARED = {CareRole.MIDWIFE.value: CareRole.MIDWIFE, CareRole.GP.value: CareRole.GP, CareRole.PMI.value: CareRole.PMI}


@page(*HOSPITAL_ROLES)
def search(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """Professionals by name, town, profession or RPPS, each with where she is written to."""
    stay_of(request, stay_id)
    text = request.POST.get("recherche", "")[:60]
    context = {
        "professionals": stay_view.professionals(text),
        "published": directory_search.find(text),
        "freshness": directory_search.freshness(timezone.now()),
        "searched": text,
    }
    return render(request, "coordination/_professionals.html", context)


def _informed_at(request: SignedRequest) -> datetime | None:
    """The instant typed, in Paris time; None when it is not one, or lies in the future."""
    try:
        typed = parse_datetime(request.POST.get("informee_le", ""))
    except ValueError:
        return None
    if typed is None:
        return None
    at = timezone.make_aware(typed) if timezone.is_naive(typed) else typed
    return at if at <= timezone.now() else None


@act(*HOSPITAL_ROLES)
def join(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """Declare a professional: she receives what was validated, and what comes."""
    stay = stay_of(request, stay_id)
    role, informed_at = DECLARED.get(request.POST.get("role", "")), _informed_at(request)
    if role is None or informed_at is None:
        messages.error(
            request,
            "Indiquez le rôle et la date à laquelle la mère a été informée et ne s'est pas opposée (passée).",
        )
        return back(request, "discharge_list")
    if role is CareRole.PMI and request.POST.get("accord") != "oui":
        messages.error(request, "La PMI ne reçoit ces papiers qu’avec l’accord de la mère : cochez-le s’il est donné.")
        return back(request, "discharge_list")
    try:
        professional = _chosen(request)
    except directory.NotAdoptedError as error:
        messages.error(request, error.message_fr)
        return back(request, "discharge_list")
    _join(request, stay, professional, role, informed_at)
    messages.success(request, f"{professional} recevra les papiers de ce séjour.")
    return back(request, "discharge_list")


def _chosen(request: SignedRequest) -> Professional:
    """Somebody perinat knows, or somebody of the national directory who becomes known. Raises NotAdoptedError."""
    if practice_id := request.POST.get("annuaire"):
        practice = get_object_or_404(MirrorPractice.objects.filter(gone_at__isnull=True), pk=practice_id)
        return directory.adopt(practice, by=request.user)
    return get_object_or_404(Professional, pk=request.POST.get("professionnel"))


@transaction.atomic
def _join(
    request: SignedRequest, stay: Stay, professional: Professional, role: CareRole, informed_at: datetime
) -> None:
    if role is CareRole.PMI:
        audit.record("care_team.pmi_agreed", by=request.user, subject=stay)
    stays.join_care_team(stay, professional, role=role, informed_at=informed_at, by=request.user)
    holding.release_stay(stay)


@act(*HOSPITAL_ROLES)
def informed(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """Date the information of the mother for a member already declared: what was held leaves."""
    stay = stay_of(request, stay_id)
    member = get_object_or_404(stay.care_team.filter(ended_at__isnull=True), pk=request.POST.get("membre"))
    informed_at = _informed_at(request)
    if informed_at is None:
        messages.error(request, "Indiquez la date d'information de la mère, passée ou présente.")
        return back(request, "discharge_list")
    role = CareRole(member.role)
    stays.join_care_team(stay, member.professional, role=role, informed_at=informed_at, by=request.user)
    holding.release_stay(stay)
    messages.success(request, "C'est noté. Ce qui attendait cette date part.")
    return back(request, "discharge_list")


@act(*HOSPITAL_ROLES)
def retry_mailbox(request: SignedRequest, stay_id: UUID, mailbox_id: UUID) -> HttpResponse:
    """The owner says that her address works again: it is offered again, to her and to this ward alike."""
    stay = stay_of(request, stay_id)
    team = Professional.objects.filter(care_teams__stay=stay, care_teams__ended_at__isnull=True)
    theirs = Q(professional__in=team) | Q(organisation__in=team.values("organisation_id"))
    mailbox = get_object_or_404(Mailbox.objects.filter(theirs, dead_since__isnull=False), pk=mailbox_id)
    administration.revive_mailbox(mailbox, by=request.user)
    messages.success(
        request, "L’adresse est de nouveau proposée. Ce qui avait été refusé se relance papier par papier."
    )
    return back(request, "discharge_list")
