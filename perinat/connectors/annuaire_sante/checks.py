"""System checks of the Annuaire Santé, tag « channels »: nothing is called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from perinat.connectors.annuaire_sante import conf

TAG = "channels"


def register_all() -> None:
    """Called once, when the app is ready."""
    register(TAG)(check_connector)


def check_connector(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Settings; nothing to say when the directory is not used."""
    config = conf.load()
    if not config.base_url:
        return []
    return list(_settings(config.base_url, config.api_key, production=not getattr(settings, "SANDBOX", False)))


def _settings(base_url: str, api_key: str, *, production: bool) -> Iterable[CheckMessage]:
    url = urlsplit(base_url)
    if production and url.scheme != "https":
        yield Error("ANNUAIRE_BASE_URL doit être une adresse https.", id="annuaire.E001")
    if production and url.hostname in ("localhost", "127.0.0.1"):
        yield Error("ANNUAIRE_BASE_URL désigne un serveur d'essai sur une installation réelle.", id="annuaire.E002")
    if not api_key:
        yield Error("ANNUAIRE_API_KEY est vide.", id="annuaire.E003")
    if not settings.ANNUAIRE_DEPARTEMENTS:
        yield Warning("ANNUAIRE_DEPARTEMENTS est vide : rien ne sera lu.", id="annuaire.W001")
