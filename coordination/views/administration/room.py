"""What every page of the administrator shares: the doors at the top, forms refused by a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from coordination.services.administration import AdministrationRefusedError
from coordination.views.guard import SignedRequest

DOORS = (
    ("administration", "Vue d’ensemble"),
    ("admin_sites", "Sites"),
    ("admin_professionals", "Professionnels"),
    ("admin_accounts", "Comptes"),
    ("admin_delegations", "Délégations"),
    ("admin_channels", "Canaux"),
    ("admin_mailboxes", "Adresses"),
    ("transmissions", "Transmissions"),
    ("admin_certificates", "Certificats"),
)


@dataclass(frozen=True, slots=True)
class Door:
    """A link of templates/components/section_nav.html."""

    url: str
    label: str
    current: bool


def show(request: SignedRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page of this room, with its doors."""
    doors = [(reverse(name), label) for name, label in DOORS]
    home = doors[0][0]
    context["doors"] = [
        Door(url, label, request.path == url or (url != home and request.path.startswith(url))) for url, label in doors
    ]
    return render(request, template, context, status=status)


def show_form(
    request: SignedRequest, form: forms.Form, *, title: str, back: str, save: str, lead: str = "", **more: Any
) -> HttpResponse:
    """One form, alone on its page. `back`: URL name; 422 when it was refused."""
    context = {"form": form, "title": title, "back": reverse(back), "save": save, "lead": lead, **more}
    return show(request, "coordination/admin_form.html", context, status=422 if form.errors else 200)


def refused(form: forms.Form, refusal: AdministrationRefusedError) -> None:
    """Put the sentences of a service under their fields."""
    for name, sentence in refusal.problems.items():
        form.add_error(name if name in form.fields else None, sentence)
