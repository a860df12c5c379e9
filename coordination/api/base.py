"""What every address of the API shares: sign-in by session, a role, GET only, JSON only, nothing kept.

A call does not count as the presence of a person: it does not keep a session open on a shared PC.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.cache import add_never_cache_headers
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from coordination.api.errors import TemporaryPasswordError
from coordination.auth import must_change_password
from coordination.models import Role, User


class HasOwnPassword(BasePermission):
    """A temporary password opens the page where it is replaced, and nothing here."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if must_change_password(request._request):
            raise TemporaryPasswordError
        return True


class HasRole(BasePermission):
    """The role of the account is among those of the view."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(view, ApiView) and user_of(request).role in view.roles


class ApiView(APIView):
    """One address. `roles`: who may ask; everybody else gets a 403, and another ward's row is a 404."""

    roles: ClassVar[Collection[Role]] = ()
    permission_classes = [IsAuthenticated, HasOwnPassword, HasRole]
    http_method_names = ["get", "head"]

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        add_never_cache_headers(answer)
        answer["Cache-Control"] = "no-store, private"
        return answer


def user_of(request: Request | HttpRequest) -> User:
    """The person signed in (the permissions have let her through)."""
    assert isinstance(request.user, User)
    return request.user


__all__ = ["ApiView", "HasOwnPassword", "HasRole", "Request", "Response", "user_of"]
