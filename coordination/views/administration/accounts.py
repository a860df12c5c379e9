"""Accounts: opened with a temporary password shown once, changed, closed, reopened."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from coordination.models import Role, User
from coordination.selectors import administration as selectors
from coordination.services import accounts as services
from coordination.services.administration import AdministrationRefusedError
from coordination.views.administration.forms import AccountForm
from coordination.views.administration.room import refused, show, show_form
from coordination.views.guard import SignedRequest, act, back, page


@page(Role.ADMINISTRATOR)
def accounts(request: SignedRequest) -> HttpResponse:
    search = request.GET.get("q", "")
    return show(request, "coordination/admin_accounts.html", {"accounts": selectors.accounts(search), "search": search})


@page(Role.ADMINISTRATOR)
def new(request: SignedRequest) -> HttpResponse:
    """The password is in the answer to the form and nowhere else: the page is kept by nobody."""
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user, password = services.create_account(form.entry(), by=request.user)
        except AdministrationRefusedError as refusal:
            refused(form, refusal)
        else:
            return _once(request, user, password)
    return show_form(request, form, title="Nouveau compte", back="admin_accounts", save="Ouvrir le compte")


@page(Role.ADMINISTRATOR)
def account(request: SignedRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    initial = {name: getattr(user, name) for name in AccountForm.base_fields}
    form = AccountForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_account(user, form.entry(), by=request.user)
        except AdministrationRefusedError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, f"Compte {user.username} enregistré.")
            return redirect("admin_accounts")
    return show_form(
        request,
        form,
        title=f"Compte {user.username}",
        back="admin_accounts",
        save="Enregistrer le compte",
        account=user,
        is_mine=user.pk == request.user.pk,
    )


@act(Role.ADMINISTRATOR)
def close(request: SignedRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    services.close_account(user, by=request.user)
    messages.success(request, f"Compte {user.username} fermé : il ne se connecte plus.")
    return back(request, "admin_accounts")


@act(Role.ADMINISTRATOR)
def reopen(request: SignedRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    return _once(request, user, services.reopen_account(user, by=request.user))


@act(Role.ADMINISTRATOR)
def reset(request: SignedRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    return _once(request, user, services.reset_password(user, by=request.user))


def _once(request: SignedRequest, user: User, password: str) -> HttpResponse:
    return show(request, "coordination/admin_password.html", {"account": user, "password": password})
