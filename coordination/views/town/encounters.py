"""The visit (mother, then each newborn) and the postnatal interview: one short form, nothing lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from coordination.access import AccessDeniedError
from coordination.models import EncounterKind, Handover, Person, Stay
from coordination.selectors import identity, my_visits, visit_form
from coordination.services import follow_up, handovers
from coordination.services import forms as questions
from coordination.services.documents import DocumentRefusedError
from coordination.services.transitions import ForbiddenTransitionError, StaleStateError
from coordination.views.guard import MEANWHILE, SignedRequest, page
from coordination.views.town import audience, rows
from coordination.views.town.forms import Questions, with_normal_answers

SAME_VISIT = timedelta(hours=6)
DONE_LABELS = {EncounterKind.HOME_VISIT: "Visite faite le", EncounterKind.EPNP: "Entretien fait le"}


@page(*rows.VISITOR_ROLES)
def visit(request: SignedRequest, stay_id: UUID, person_id: UUID) -> HttpResponse:
    """The short form of one person; then the next child, then what was sent."""
    stay = rows.stay_or_404(request, stay_id)
    if not my_visits.is_informed(request.user, stay):
        return _closed(request)
    people = visit_form.people(request.user, stay, since=timezone.now() - SAME_VISIT)
    seen = next((p for p in people if p.person.pk == person_id), None)
    if seen is None:
        raise Http404
    handover = visit_form.own_handover(request.user, stay) if seen.is_mother else None
    may_confirm = handover is not None and handover.status in visit_form.VISITABLE
    form = _form(request, EncounterKind.HOME_VISIT, about_newborn=not seen.is_mother)
    act = request.POST.get("acte", "") if request.method == "POST" else ""
    if act == "confirmer" and handover is not None and may_confirm and form.is_valid():
        return _confirm(request, handover, form.cleaned_data["done_at"])
    if act == "valider" and _write(request, EncounterKind.HOME_VISIT, stay, seen.person, form):
        left = [p for p in people if not p.is_mother and p.written_at is None and p.person.pk != person_id]
        return redirect("visit", stay.pk, left[0].person.pk) if left else redirect("visit_sent", stay.pk)
    context = {
        "form": form,
        "stay": stay,
        "people": people,
        "seen": seen,
        "may_confirm": may_confirm,
        **_read_by(request, stay, seen.person),
    }
    return render(request, "coordination/visit_form.html", context)


@page(*rows.INTERVIEW_ROLES)
def interview(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """Entretien postnatal précoce: about the mother."""
    stay = rows.stay_or_404(request, stay_id)
    if not my_visits.is_informed(request.user, stay):
        return _closed(request)
    form = _form(request, EncounterKind.EPNP, about_newborn=False)
    writes = request.method == "POST" and request.POST.get("acte") != "voir"
    if writes and _write(request, EncounterKind.EPNP, stay, stay.mother, form):
        return redirect("visit_sent", stay.pk)
    context = {
        "form": form,
        "stay": stay,
        "person": identity.mother_card(stay.mother),
        **_read_by(request, stay, stay.mother),
    }
    return render(request, "coordination/epnp_form.html", context)


@page(*sorted({*rows.VISITOR_ROLES, *rows.INTERVIEW_ROLES}))
def sent(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """Her syntheses of this stay and where each of them is."""
    stay = rows.stay_or_404(request, stay_id)
    context = {"stay": stay, "syntheses": visit_form.sent(request.user, stay)}
    return render(request, "coordination/visit_form_sent.html", context)


def _closed(request: SignedRequest) -> HttpResponse:
    """The identity of the mother and the forms open once her information is recorded."""
    messages.error(request, my_visits.NOT_INFORMED)
    return redirect("visits")


def _form(request: SignedRequest, kind: EncounterKind, *, about_newborn: bool) -> Questions:
    sections = questions.form(kind, about_newborn=about_newborn)
    data = None
    if request.method == "POST":
        data = with_normal_answers(request.POST) if request.POST.get("acte") == "normal" else request.POST
    return Questions(sections, data, done_label=DONE_LABELS[kind])


def _read_by(request: SignedRequest, stay: Stay, person: Person) -> dict[str, Any]:
    """Who will read the synthesis with what is ticked, before it leaves."""
    masks = audience.chosen(request)
    return {
        "part": audience.part(request.user, person=person, stay=stay, masks=masks),
        "readers": audience.readers(request.user, person=person, stay=stay, masks=masks),
    }


def _write(request: SignedRequest, kind: EncounterKind, stay: Stay, person: Person, form: Questions) -> bool:
    """Validate and queue (once, however many taps); False with the problems in `form` when something is missing."""
    about_newborn = person.pk != stay.mother_id
    if not form.is_valid():
        form.add_problems(questions.problems(kind, form.answers, about_newborn=about_newborn))
        return False
    done_at, answers = form.cleaned_data["done_at"], form.answers
    try:
        masks = audience.chosen(request)
        follow_up.write(kind, stay=stay, person=person, done_at=done_at, answers=answers, by=request.user, masks=masks)
    except follow_up.FormRefusedError as refusal:
        form.add_problems(refusal.problems)
        return False
    except (DocumentRefusedError, AccessDeniedError) as refusal:
        form.add_problems({"": refusal.message_fr})
        return False
    messages.success(
        request, f"Synthèse validée pour {person.first_given_name.capitalize()}. Elle est en cours d’envoi."
    )
    return True


def _confirm(request: SignedRequest, handover: Handover, at: datetime) -> HttpResponse:
    """« Visite faite, synthèse plus tard » : the fact and its date, without a document."""
    try:
        handovers.seen(handover, at=at, by=request.user)
        messages.success(request, "Visite notée faite. La synthèse reste à écrire quand vous voulez.")
    except (ForbiddenTransitionError, StaleStateError):
        messages.error(request, MEANWHILE)
    return redirect("visits")
