"""New stay, and the changes of a known one (the hour of discharge most of all)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from coordination.models import HOSPITAL_ROLES, Stay
from coordination.services import stays
from coordination.services.deposits import site_of
from coordination.services.stays import StayRefusedError
from coordination.views.guard import SignedRequest, page
from coordination.views.hospital.stay_form import NewbornForms, StayForm, entry_of, initial_of, newborns_initial
from coordination.views.hospital.stay_page import stay_of


@page(*HOSPITAL_ROLES)
def new(request: SignedRequest) -> HttpResponse:
    """A stay typed by hand, for a ward without a flow."""
    return _edit(request, None)


@page(*HOSPITAL_ROLES)
def edit(request: SignedRequest, stay_id: UUID) -> HttpResponse:
    """The same form, filled."""
    return _edit(request, stay_of(request, stay_id))


def _edit(request: SignedRequest, known: Stay | None) -> HttpResponse:
    site = site_of(request.user)
    initial = initial_of(known) if known else {}
    children = newborns_initial(known) if known else []
    data = request.POST if request.method == "POST" else None
    form = StayForm(data, site=site, initial=initial)
    newborns = NewbornForms(data, prefix="enfant", initial=children)
    problems: list[str] = []
    if data is not None and form.is_valid() and newborns.is_valid():
        problems = _other_stay(form, known, site)
        if not problems:
            saved = _save(request, form, newborns, known, problems)
            if saved is not None:
                return redirect("stay", saved.pk)
    context: dict[str, Any] = {"form": form, "newborns": newborns, "problems": problems, "stay": known}
    return render(request, "coordination/stay_form.html", context)


def _other_stay(form: StayForm, known: Stay | None, site: Any) -> list[str]:
    """A number already used must not silently change another mother's stay."""
    same = Stay.objects.filter(maternity=site, number=form.cleaned_data["number"])
    if known is not None and form.cleaned_data["number"] != known.number:
        return ["Le numéro de dossier d'un séjour ne change pas. Enregistrez un nouveau séjour."]
    if known is None and same.exists():
        return ["Ce numéro de dossier existe déjà dans la maternité. Ouvrez ce séjour pour le modifier."]
    return []


def _save(
    request: SignedRequest, form: StayForm, newborns: Any, known: Stay | None, problems: list[str]
) -> Stay | None:
    entry = entry_of(form, newborns, known=known)
    try:
        saved = stays.record(entry, maternity=site_of(request.user), by=request.user)
    except StayRefusedError as refusal:
        problems.extend(refusal.problems)
        return None
    messages.success(request, "Le séjour est à jour." if known else "Le séjour est enregistré.")
    return saved
