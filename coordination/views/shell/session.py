"""Sign in on a shared ward PC: sign in, change user, lock. Each is one activation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from coordination.auth import must_change_password
from coordination.views.guard import LOST_ENTRY, password_url

LOCKED = "locked"


class LoginForm(AuthenticationForm):
    """Local account. The refusal names no field: it does not say which accounts exist."""

    error_messages = {
        "invalid_login": "Identifiant ou mot de passe inconnu. Vérifiez les majuscules, puis réessayez.",
        "inactive": "Ce compte est fermé. L'administrateur de votre établissement peut le rouvrir.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Identifiant"
        self.fields["password"].label = "Mot de passe"


@method_decorator(never_cache, name="dispatch")
class Login(LoginView):
    """The sign-in page; after a lock it remembers who was there and where, for her alone."""

    template_name = "coordination/login.html"
    form_class = LoginForm
    redirect_authenticated_user = True

    def get_initial(self) -> dict[str, Any]:
        return {"username": self._locked().get("username", "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lost = LOST_ENTRY in self.request.GET
        return super().get_context_data(locked=bool(self._locked()), lost=lost, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        self.locked_before = self._locked()
        return super().form_valid(form)

    def get_success_url(self) -> str:
        """Where she goes, after the choice of her own password when hers is temporary."""
        where = self._destination()
        return password_url(where) if must_change_password(self.request) else where

    def _destination(self) -> str:
        """Where she was, if it is the same person; her own home otherwise."""
        locked = getattr(self, "locked_before", {})
        if locked and locked.get("username") == self.request.user.get_username():
            return self.get_redirect_url() or str(locked["path"])
        return "/" if locked else super().get_success_url()

    def _locked(self) -> dict[str, str]:
        return self.request.session.get(LOCKED, {})


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Change of user: the session ends, nothing of it stays."""
    logout(request)
    messages.success(request, "La session est fermée. Rien ne reste à l'écran.")
    return _forget(redirect("login"))


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """The session ends; the same person comes back to the same page with her password."""
    username = request.user.get_username() if request.user.is_authenticated else ""
    path = request.POST.get("retour", "/")
    logout(request)
    if username:
        safe = url_has_allowed_host_and_scheme(path, allowed_hosts=None)
        request.session[LOCKED] = {"username": username, "path": path if safe else "/"}
    return _forget(redirect("login"))


def _forget(response: HttpResponse) -> HttpResponse:
    """The browser drops the pages it kept: « Précédent » shows nothing."""
    response["Clear-Site-Data"] = '"cache"'
    response["Cache-Control"] = "no-store, private"
    return response
