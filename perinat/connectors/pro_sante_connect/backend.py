"""The Django backend that stands in the session of whoever signed in with Pro Santé Connect."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest


class ProSanteConnectBackend(ModelBackend):
    """Finds the account again at each request (a closed one no longer), and never takes a password.

    The callback signs in by itself: `authenticate()` here would make every password wait for the network, and
    its refusals would count as wrong passwords of the whole hospital's address (axes).
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> None:
        return None
