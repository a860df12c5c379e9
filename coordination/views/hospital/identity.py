"""The INS of one person of a stay, entered once her identity is verified: what waits for it then leaves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from coordination.models import HOSPITAL_ROLES, Person, Stay
from coordination.selectors.identity import PersonCard, mother_card, newborn_card
from coordination.services import identities, ins_alerts
from coordination.services.identities import IdentityRefusedError
from coordination.views.guard import SignedRequest, page
from coordination.views.hospital.stay_form import PlainForm
from coordination.views.hospital.stay_page import stay_of
from perinat.standards import oids
from perinat.standards.identifiers import IdentifierError, Ins

AUTHORITIES = {"NIR": (oids.INS_NIR, oids.INS_NIR_TEST), "NIA": (oids.INS_NIA, oids.INS_NIR_DEMO)}
DONE = "L'INS est qualifiée. Les documents qui l'attendaient partent d'eux-mêmes dans la minute. Rien à faire."


class InsForm(PlainForm):
    """RNIV v2.0: qualified means recovered from INSi and verified on a high-confidence document."""

    matricule = forms.CharField(label="Matricule INS (15 caractères)", max_length=21)
    nature = forms.ChoiceField(
        label="Nature", choices=[("NIR", "NIR"), ("NIA", "NIA (numéro d'attente)")], initial="NIR", required=False
    )
    verified = forms.BooleanField(label="Identité vérifiée sur un document à haut niveau de confiance")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        typed = "".join(values.get("matricule", "").split()).upper()
        real, test = AUTHORITIES[values.get("nature") or "NIR"]
        try:
            values["ins"] = Ins(typed, real if settings.IDENTITY_ACCEPTS_PRODUCTION else test)
        except IdentifierError as error:
            self.add_error("matricule", error.message_fr)
        return values


@page(*HOSPITAL_ROLES)
def qualify(request: SignedRequest, stay_id: UUID, person_id: UUID) -> HttpResponse:
    """The form of one person; nothing typed is lost when it is refused."""
    stay = stay_of(request, stay_id)
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=person_id)
    card = _card(stay, person)
    form = InsForm(request.POST or None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            identities.qualify(person, form.cleaned_data["ins"], by=request.user)
            ins_alerts.settle(person.pk, by=request.user)
        except IdentityRefusedError as refusal:
            problems.append(refusal.message_fr)
        else:
            messages.success(request, DONE)
            return redirect("stay", stay.pk)
    context = {"stay": stay, "card": card, "form": form, "problems": problems}
    return render(request, "coordination/identity.html", context)


def _card(stay: Stay, person: Person) -> PersonCard:
    """The header of the mother or of one newborn of this very stay; 404 for anybody else."""
    if person.pk == stay.mother_id:
        return mother_card(person, stay)
    newborn = get_object_or_404(stay.newborns.select_related("person"), person=person)
    return newborn_card(newborn, several=stay.newborns.count() > 1)
