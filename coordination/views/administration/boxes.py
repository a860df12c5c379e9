"""The MSSanté boxes that their holders open here with Pro Santé Connect: declared, or read no more."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from coordination.models import Mailbox, MailboxKind, Role
from coordination.services import box_declarations
from coordination.services.administration import AdministrationRefusedError
from coordination.services.box_declarations import BoxEntry
from coordination.views.administration.forms import KNOWN, SITES
from coordination.views.administration.room import refused, show_form
from coordination.views.guard import SignedRequest, act, back, page
from coordination.views.hospital.stay_form import PlainForm

LEAD = (
    "perinat relève cette boîte tant que son titulaire est connecté avec Pro Santé Connect, et seulement ce qui y "
    "arrive à partir de maintenant. Rien n’y est déplacé : il la lit comme avant dans sa messagerie."
)


class BoxForm(PlainForm):
    """Address, kind, holder."""

    address = forms.EmailField(label="Adresse MSSanté")
    kind = forms.ChoiceField(
        label="Nature",
        choices=[(kind.value, kind.label) for kind in box_declarations.KINDS],
        help_text="Une boîte applicative ne se déclare pas ici : le certificat de son entité juridique l’ouvre.",
    )
    professional = forms.ModelChoiceField(
        label="Professionnel titulaire", queryset=KNOWN, required=False, empty_label="Aucun",
        help_text="Pour une boîte personnelle. Lui seul voit ce qui y arrive.",
    )  # fmt: skip
    organisation = forms.ModelChoiceField(
        label="Site titulaire", queryset=SITES, required=False, empty_label="Aucun",
        help_text="Pour une boîte organisationnelle ou de cabinet : ses professionnels l’ouvrent et se la partagent.",
    )  # fmt: skip

    def entry(self) -> BoxEntry:
        return BoxEntry(**self.cleaned_data)


@page(Role.ADMINISTRATOR)
def declare(request: SignedRequest) -> HttpResponse:
    """A box to be read here. `boite`: one that is known already, offered as it is."""
    form = BoxForm(request.POST or None, initial=_known(request.GET.get("boite", "")))
    if request.method == "POST" and form.is_valid():
        try:
            box = box_declarations.declare(form.entry(), by=request.user)
        except AdministrationRefusedError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, f"{box.address} sera relevée quand son titulaire sera connecté.")
            return redirect("admin_mailboxes")
    return show_form(
        request,
        form,
        title="Ouvrir une boîte dans perinat",
        back="admin_mailboxes",
        save="Ouvrir cette boîte",
        lead=LEAD,
    )


def _known(address: str) -> dict[str, object]:
    box = Mailbox.objects.filter(address__iexact=address).first() if address else None
    if box is None:
        return {}
    kind = box.kind if box.kind != MailboxKind.APP else MailboxKind.PER
    return {
        "address": box.address,
        "kind": kind,
        "professional": box.professional_id,
        "organisation": box.organisation_id,
    }


@act(Role.ADMINISTRATOR)
def close(request: SignedRequest, mailbox_id: UUID) -> HttpResponse:
    """It is read here no more."""
    box = get_object_or_404(Mailbox, pk=mailbox_id)
    box_declarations.close(box, by=request.user)
    messages.info(request, f"{box.address} n’est plus relevée ici. Elle reste proposée comme adresse d’envoi.")
    return back(request, "admin_mailboxes")
