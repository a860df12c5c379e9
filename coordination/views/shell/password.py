"""Each person changes her own password: the one she was given is known to the administrator who gave it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from coordination import audit
from coordination.views.guard import SignedRequest, page


class PasswordForm(PasswordChangeForm):
    """The present password, then the new one twice; Django's validators say what is too weak."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "Ce n'est pas votre mot de passe actuel. Vérifiez les majuscules, puis réessayez.",
        "password_mismatch": "Les deux saisies du nouveau mot de passe diffèrent.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "old_password": "Mot de passe actuel",
            "new_password1": "Nouveau mot de passe",
            "new_password2": "Nouveau mot de passe, une seconde fois",
        }
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs |= {"class": "form-control", "autofocus": False}
        self.fields["new_password1"].help_text = "12 caractères au moins ; une phrase que vous retenez convient."


@sensitive_post_parameters()
@page()
def change(request: SignedRequest) -> HttpResponse:
    """Her session goes on here; those she left open elsewhere end."""
    user = request.user
    if not user.has_usable_password():
        messages.info(request, "Ce compte n'a pas de mot de passe : il se connecte par Pro Santé Connect.")
        return redirect("home")
    form = PasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, user)
        audit.record("account.password_changed", by=user, subject=user)
        messages.success(request, "Votre mot de passe est changé.")
        return redirect("home")
    return render(request, "coordination/password.html", {"form": form})
