"""Sites, professionals and their MSSanté addresses."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from coordination.models import Mailbox, Organisation, Professional, Role
from coordination.selectors import administration as selectors
from coordination.selectors import directory_search, nobodys_mail
from coordination.services import administration
from coordination.services.administration import AdministrationRefusedError
from coordination.views.administration.forms import ProfessionalForm, SiteForm
from coordination.views.administration.room import refused, show, show_form
from coordination.views.guard import SignedRequest, act, back, page


@page(Role.ADMINISTRATOR)
def sites(request: SignedRequest) -> HttpResponse:
    return show(request, "coordination/admin_sites.html", {"sites": selectors.sites()})


@page(Role.ADMINISTRATOR)
def site(request: SignedRequest, site_id: UUID | None = None) -> HttpResponse:
    """A new site, or one to change."""
    known = get_object_or_404(Organisation, pk=site_id) if site_id else None
    form = SiteForm(request.POST or None, site=known)
    if request.method == "POST" and form.is_valid():
        try:
            saved = administration.save_site(form.entry(), by=request.user, site=known)
        except AdministrationRefusedError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, f"{saved.name} : site enregistré.")
            return redirect("admin_sites")
    title = known.name if known else "Nouveau site"
    return show_form(request, form, title=title, back="admin_sites", save="Enregistrer le site")


@page(Role.ADMINISTRATOR)
def professionals(request: SignedRequest) -> HttpResponse:
    search = request.GET.get("q", "")
    context = {"professionals": selectors.professionals(search), "search": search}
    return show(request, "coordination/admin_professionals.html", context)


@page(Role.ADMINISTRATOR)
def professional(request: SignedRequest, professional_id: UUID | None = None) -> HttpResponse:
    """A new professional, or one to change."""
    known = get_object_or_404(Professional, pk=professional_id) if professional_id else None
    form = ProfessionalForm(request.POST or None, professional=known)
    if request.method == "POST" and form.is_valid():
        try:
            saved = administration.save_professional(form.entry(), by=request.user, professional=known)
        except AdministrationRefusedError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, f"{saved} : fiche enregistrée.")
            return redirect("admin_professionals")
    title = str(known) if known else "Nouveau professionnel"
    return show_form(request, form, title=title, back="admin_professionals", save="Enregistrer la fiche")


@page(Role.ADMINISTRATOR)
def mailboxes(request: SignedRequest) -> HttpResponse:
    context = {
        "mailboxes": selectors.mailboxes(), "nobodys": nobodys_mail.boxes(), "takers": nobodys_mail.takers(),
        "freshness": directory_search.freshness(timezone.now()),
    }  # fmt: skip
    return show(request, "coordination/admin_mailboxes.html", context)


@act(Role.ADMINISTRATOR)
def give_box(request: SignedRequest) -> HttpResponse:
    """A box that no site owns: what it received is shown to this site from now on."""
    site = get_object_or_404(nobodys_mail.takers(), pk=request.POST.get("site"))
    mails = administration.give_box(request.POST.get("boite", ""), site, by=request.user)
    several = f"{mails} messages" if mails > 1 else "Un message"
    messages.success(request, f"{site.name} reçoit désormais cette boîte. {several} remis à ce site.")
    return back(request, "admin_mailboxes")


@act(Role.ADMINISTRATOR)
def revive(request: SignedRequest, mailbox_id: UUID) -> HttpResponse:
    """The owner says that the address works again."""
    mailbox = get_object_or_404(Mailbox, pk=mailbox_id)
    administration.revive_mailbox(mailbox, by=request.user)
    messages.success(request, f"{mailbox.address} est de nouveau proposée.")
    return back(request, "admin_mailboxes")
