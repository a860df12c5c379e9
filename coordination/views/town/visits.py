"""« Mes visites »: her mothers, the next visit first, and the acts of one tap."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from coordination.models import TOWN_CARE_ROLES, Handover, Role
from coordination.selectors import my_visits, town_lists, visit_form
from coordination.services import availability, handovers, letters
from coordination.services.transitions import ForbiddenTransitionError, StaleStateError
from coordination.templatetags.perinat import moment
from coordination.views.guard import MEANWHILE, SignedRequest, act, page
from coordination.views.town import rows
from coordination.views.town.forms import DECLINES, REFUSED, DateForm, MissedForm

CAPACITIES = range(0, 6)


@page(*sorted(TOWN_CARE_ROLES))
def visits(request: SignedRequest) -> HttpResponse:
    """The home of who visits at home; the others arrive on what they received."""
    user = request.user
    if user.role not in rows.VISITOR_ROLES:
        return redirect("received")
    notices = town_lists.waiting_notices(user)
    context = {"visits": my_visits.my_visits(user), "notices": notices}
    if user.role == Role.MIDWIFE and user.professional:
        context |= {
            "offers": town_lists.open_offers(user),
            "declines": [reason for reason, _ in DECLINES],
            "capacities": CAPACITIES,
            "capacity": user.professional,
            "capacity_fresh": town_lists.capacity_is_fresh(user.professional),
        }
    response = render(request, "coordination/my_visits.html", context)
    availability.notices_shown(notices)
    return response


def _card(stay_id: object) -> str:
    """The card of this mother on the page."""
    return f"{reverse('visits')}#suivi-{stay_id}"


@act(*rows.VISITOR_ROLES)
def ask_letter(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """« Demander la LLS »: one activation; a second one changes nothing."""
    stay = rows.stay_or_404(request, stay_id)
    user = request.user
    if user.professional is None:
        messages.error(request, "Ce compte n’est pas rattaché à un professionnel : la demande ne peut pas partir.")
    elif not my_visits.is_informed(user, stay):
        messages.error(request, my_visits.NOT_INFORMED)
    elif any(p.is_letter and not p.about_newborn for p in my_visits.papers_by_stay(user, [stay.pk])[stay.pk]):
        messages.info(request, "La lettre de liaison est arrivée : elle est ouverte ci-dessous.")
    else:
        asked = letters.request(stay, by=user, professional=user.professional)
        messages.success(
            request,
            f"Lettre demandée à {stay.maternity}. Réponse attendue avant {moment(asked.due_at)} ; "
            "au-delà, le cadre du service est prévenu.",
        )
    return redirect(_card(stay.pk))


@page(*rows.VISITOR_ROLES)
def schedule(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """« Dater la visite »."""
    stay = rows.stay_or_404(request, stay_id)
    handover = rows.handover_or_404(request, stay)
    form = DateForm(
        request.POST if request.method == "POST" else None, due=handover.visit_due_at, at=handover.scheduled_for
    )
    if request.method == "POST" and form.is_valid():
        try:
            handovers.schedule(handover, at=form.cleaned_data["at"], by=request.user)
            messages.success(request, f"Visite prévue {moment(handover.scheduled_for)}.")
        except (ForbiddenTransitionError, StaleStateError):
            messages.error(request, MEANWHILE)
        return redirect(_card(stay.pk))
    return render(request, "coordination/my_visits_date.html", {"form": form, "stay": stay, "handover": handover})


@page(*rows.VISITOR_ROLES)
def missed(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """« Visite non faite : pourquoi »."""
    stay = rows.stay_or_404(request, stay_id)
    handover = rows.handover_or_404(request, stay)
    form = MissedForm(
        request.POST if request.method == "POST" else None, may_refuse=handover.status in visit_form.MAY_REFUSE
    )
    if request.method == "POST" and form.is_valid():
        try:
            _not_done(request, handover, form)
        except (ForbiddenTransitionError, StaleStateError):
            messages.error(request, MEANWHILE)
        return redirect(_card(stay.pk))
    late = handover.visit_due_at is not None and handover.visit_due_at < timezone.now()
    context = {"form": form, "stay": stay, "handover": handover, "late": late}
    return render(request, "coordination/my_visits_missed.html", context)


def _not_done(request: SignedRequest, handover: Handover, form: MissedForm) -> None:
    why = form.cleaned_data["why"]
    if form.cleaned_data["reason"] == REFUSED:
        handovers.declined_by_mother(handover, reason=why, by=request.user)
        messages.success(request, "Refus de la mère enregistré. Le suivi est terminé, la coordination le voit.")
        return
    handovers.missed(handover, reason=why, by=request.user)
    messages.success(request, "Visite notée non faite. Donnez-lui une nouvelle date dès que vous la connaissez.")


@act(Role.MIDWIFE)
def declare_capacity(request: SignedRequest) -> HttpResponse:
    """« Ma disponibilité » : one tap."""
    said = request.POST.get("places", "")
    if request.user.professional is None or not said.isdigit() or int(said) > availability.MOST:
        messages.error(request, "Indiquez le nombre de nouvelles mères que vous pouvez suivre cette semaine.")
    else:
        availability.declare(request.user.professional, int(said), by=request.user)
        messages.success(request, "Disponibilité enregistrée. La coordination la voit aussitôt.")
    return redirect("visits")
