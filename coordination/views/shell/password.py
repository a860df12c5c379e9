"""Each person chooses her own password: the one she was given is known to the administrator, and opens nothing else."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from coordination.auth import must_change_password
from coordination.services import accounts
from coordination.views.guard import SignedRequest, back, page


class PasswordForm(PasswordChangeForm):
    """The present password, then the new one twice; Django's validators say what is too weak."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "Ce n'est pas votre mot de passe actuel. Vérifiez les majuscules, puis réessayez.",
        "password_mismatch": "Les deux saisies du nouveau mot de passe diffèrent.",
        "password_unchanged": "C'est le mot de passe que vous avez déjà. Choisissez-en un autre.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "old_password": "Mot de passe temporaire" if self.user.password_is_temporary else "Mot de passe actuel",
            "new_password1": "Nouveau mot de passe",
            "new_password2": "Nouveau mot de passe, une seconde fois",
        }
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs |= {"class": "form-control", "autofocus": False}
        self.fields["new_password1"].help_text = "12 caractères au moins ; une phrase que vous retenez convient."

    def clean_new_password1(self) -> str:
        """Otherwise a temporary password could be kept."""
        chosen: str = self.cleaned_data["new_password1"]
        if chosen == self.cleaned_data.get("old_password"):
            raise ValidationError(self.error_messages["password_unchanged"], code="password_unchanged")
        return chosen


@sensitive_post_parameters()
@page(temporary=True)
def change(request: SignedRequest) -> HttpResponse:
    """Her session goes on here, to the page she asked for; those she left open elsewhere end."""
    user = request.user
    if not user.has_usable_password():
        messages.info(request, "Ce compte n'a pas de mot de passe : il se connecte par Pro Santé Connect.")
        return redirect("home")
    form = PasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        accounts.choose_password(user, form.cleaned_data["new_password1"])
        update_session_auth_hash(request, user)
        messages.success(request, "Votre mot de passe est changé.")
        return back(request)
    return render(request, "coordination/password.html", {"form": form, "forced": must_change_password(request)})
