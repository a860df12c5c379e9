"""Delegations: who lets the secretaries of her maternity send in her name, until when."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from coordination.models import Delegation, Role
from coordination.selectors import administration as selectors
from coordination.services import accounts as services
from coordination.services.administration import AdministrationRefusedError
from coordination.views.administration.forms import DelegationForm
from coordination.views.administration.room import refused, show, show_form
from coordination.views.guard import SignedRequest, act, back, page

LEAD = (
    "La délégation est celle que le professionnel a signée sur papier ou confirmée par écrit : perinat n’envoie en son "
    "nom que ce qu’elle couvre."
)


@page(Role.ADMINISTRATOR)
def delegations(request: SignedRequest) -> HttpResponse:
    lines = selectors.delegations(timezone.localdate())
    return show(request, "coordination/admin_delegations.html", {"delegations": lines})


@page(Role.ADMINISTRATOR)
def new(request: SignedRequest) -> HttpResponse:
    today = timezone.localdate()
    form = DelegationForm(request.POST or None, initial={"starts_on": today, "ends_on": today + timedelta(days=365)})
    if request.method == "POST" and form.is_valid():
        try:
            granted = services.grant_delegation(form.entry(), by=request.user)
        except AdministrationRefusedError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, f"Délégation de {granted.professional} enregistrée.")
            return redirect("admin_delegations")
    return show_form(
        request, form, title="Nouvelle délégation", back="admin_delegations", save="Enregistrer", lead=LEAD
    )


@act(Role.ADMINISTRATOR)
def revoke(request: SignedRequest, pk: UUID) -> HttpResponse:
    delegation = get_object_or_404(Delegation.objects.select_related("professional"), pk=pk)
    services.revoke_delegation(delegation, by=request.user)
    messages.success(
        request, f"Délégation de {delegation.professional} retirée : ses papiers attendront sa validation."
    )
    return back(request, "admin_delegations")
