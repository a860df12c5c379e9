"""Every refusal of the API has one shape: {"erreurs": {"<where>": ["<sentence>", …]}}, in French.

The sentences never repeat what was given: a query string may hold anything.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

NOT_FOUND = "Cette ressource n'existe pas, ou ne vous est pas ouverte."
FORBIDDEN = "Cette ressource n'est pas ouverte à votre rôle."
NOT_SIGNED_IN = "Votre session est terminée ou n'est pas ouverte. Connectez-vous."
TEMPORARY = "Votre mot de passe est temporaire : choisissez le vôtre dans perinat, puis réessayez."
METHOD = "Cette interface se lit seulement : utilisez GET."
NOT_JSON = "Cette interface répond en JSON : acceptez « application/json »."
OTHER = "La demande n'a pas pu être comprise."

Errors = dict[str, list[str]]


class ParameterError(exceptions.APIException):
    """The query string is refused; `errors`: parameter → French sentences."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, errors: Errors) -> None:
        super().__init__("parameters")
        self.errors = errors


class TemporaryPasswordError(exceptions.PermissionDenied):
    """Signed in with a password that the administrator knows: she chooses her own first."""


def handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: its status and headers, our body. An unforeseen error stays a 500."""
    response = exception_handler(exc, context)
    if response is not None:
        response.data = {"erreurs": _errors(exc)}
    return response


def _errors(exc: Exception) -> Errors:
    match exc:
        case ParameterError():
            return exc.errors
        case Http404() | exceptions.NotFound():
            return {"adresse": [NOT_FOUND]}
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return {"session": [NOT_SIGNED_IN]}
        case TemporaryPasswordError():
            return {"mot_de_passe": [TEMPORARY]}
        case PermissionDenied() | exceptions.PermissionDenied():
            return {"role": [FORBIDDEN]}
        case exceptions.MethodNotAllowed():
            return {"methode": [METHOD]}
        case exceptions.NotAcceptable():
            return {"format": [NOT_JSON]}
        case _:
            return {"demande": [OTHER]}
