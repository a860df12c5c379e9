"""What the coordinator decides: ask, escalate, close, record a refusal, place again. Each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from coordination.access import AccessDeniedError
from coordination.models import Handover, Role
from coordination.selectors import placement
from coordination.services import handovers
from coordination.templatetags.perinat import clock, initial
from coordination.views.guard import SignedRequest, act, back
from coordination.views.orientation.pages import relay_or_404
from coordination.views.orientation.reasons import CLOSE, DECLINED, ESCALATE, OTHER, PLACE_AGAIN


@act(Role.COORDINATOR)
def ask(request: SignedRequest, handover_id: UUID, midwife_id: UUID) -> HttpResponse:
    """One request to one midwife of the territory; it goes without the mother's name."""
    handover = relay_or_404(request.user, handover_id)
    midwife = get_object_or_404(placement.midwives_of(handover.cpts, timezone.now()), pk=midwife_id)
    offer = handovers.ask(handover, midwife, by=request.user)
    until = clock(offer.expires_at)
    messages.success(request, f"Demande envoyée à {midwife}, sans le nom de la mère. Réponse attendue avant {until}.")
    return _to_case(handover)


@act(Role.COORDINATOR)
def escalate(request: SignedRequest, handover_id: UUID) -> HttpResponse:
    """In difficulty, with the PMI when the mother was informed and agreed."""
    handover, pmi = relay_or_404(request.user, handover_id), None
    reason = _reason(request, ESCALATE)
    if request.POST.get("pmi"):
        if not request.POST.get("accord"):
            raise AccessDeniedError(
                "Rien n’est transmis à la PMI sans l’accord de la mère : cochez la case une fois qu’elle est informée."
            )
        pmi = next((one for one in placement.pmi_professionals() if str(one.pk) == request.POST["pmi"]), None)
        if pmi is None:
            raise Http404
    handovers.escalate(handover, reason=reason, by=request.user, pmi=pmi)
    to_whom = f" {pmi} (PMI) est prévenue et voit le suivi." if pmi else ""
    messages.success(request, f"{initial(handover.person)} est en difficulté : {reason}.{to_whom}")
    return _to_case(handover)


@act(Role.COORDINATOR)
def close(request: SignedRequest, handover_id: UUID) -> HttpResponse:
    handover, reason = relay_or_404(request.user, handover_id), _reason(request, CLOSE)
    handovers.close(handover, reason=reason, by=request.user)
    messages.success(request, f"Suivi de {initial(handover.person)} clos en votre nom : {reason}.")
    return back(request, "board")


@act(Role.COORDINATOR)
def declined(request: SignedRequest, handover_id: UUID) -> HttpResponse:
    """The mother refuses: her choice is kept, she may change her mind."""
    handover, reason = relay_or_404(request.user, handover_id), _reason(request, DECLINED)
    handovers.declined_by_mother(handover, reason=reason, by=request.user)
    messages.success(request, f"Refus de {initial(handover.person)} enregistré : {reason}. Elle peut changer d’avis.")
    return back(request, "board")


@act(Role.COORDINATOR)
def place_again(request: SignedRequest, handover_id: UUID) -> HttpResponse:
    handover, reason = relay_or_404(request.user, handover_id), _reason(request, PLACE_AGAIN)
    handovers.place_again(handover, reason=reason, by=request.user)
    messages.success(request, f"{initial(handover.person)} est de nouveau à placer.")
    return _to_case(handover)


def _reason(request: SignedRequest, known: Sequence[str]) -> str:
    """A reason of the list, with its precision; « autre » needs one."""
    chosen, precision = request.POST.get("motif", ""), request.POST.get("precision", "").strip()
    if chosen not in known:
        raise AccessDeniedError("Choisissez un motif dans la liste : il reste dans l’historique du suivi.")
    if chosen == OTHER and not precision:
        raise AccessDeniedError("Précisez le motif en quelques mots : il reste dans l’historique du suivi.")
    if chosen == OTHER:
        return precision[:200]
    return f"{chosen} ({precision})"[:200] if precision else chosen


def _to_case(handover: Handover) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("relay_case", args=[handover.pk]))
