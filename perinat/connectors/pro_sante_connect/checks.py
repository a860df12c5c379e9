"""System checks of Pro Santé Connect, tag « channels »: nothing is called."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from perinat.connectors.pro_sante_connect import conf
from perinat.connectors.pro_sante_connect.conf import PscConfig
from perinat.standards import pki
from perinat.standards.pki import PkiError, Purpose

TAG = "channels"
RENEWAL_NOTICE_DAYS = 30
_TEST_MARKS = ("localhost", "127.0.0.1", ".bas.")  # auth.bas.psc.esante.gouv.fr is the national sandbox


def register_all() -> None:
    """Called once, when the app is ready."""
    register(TAG)(check_connector)


def check_connector(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Settings and certificate; nothing to say when Pro Santé Connect is not used."""
    config = conf.load()
    if not config.discovery_url:
        return []
    production = not getattr(settings, "SANDBOX", False)
    return [*_settings(config, production=production), *_certificate(config)]


def _settings(config: PscConfig, *, production: bool) -> Iterable[CheckMessage]:
    url = urlsplit(config.discovery_url)
    if production and url.scheme != "https":
        yield Error("PSC_DISCOVERY_URL doit être une adresse https.", id="psc.E001")
    if production and any(mark in (url.hostname or "") for mark in _TEST_MARKS):
        yield Error("PSC_DISCOVERY_URL désigne un serveur d'essai sur une installation réelle.", id="psc.E002")
    if bool(config.certificate) != bool(config.key):
        yield Error("PSC_CLIENT_CERTIFICATE et PSC_CLIENT_KEY vont ensemble.", id="psc.E003")
    if not (config.client_secret or config.client_files):
        yield Error("PSC_CLIENT_SECRET est vide, et aucun certificat n'est donné.", id="psc.E004")
    if config.prompt not in ("", "login"):
        yield Error("PSC_PROMPT vaut « login » ou rien.", id="psc.E005")


def _certificate(config: PscConfig) -> Iterable[CheckMessage]:
    if config.client_files is None:
        return
    try:
        credential = pki.load(Path(config.certificate), Path(config.key))
    except PkiError as error:
        yield Error(error.message_fr, obj="PSC_CLIENT_CERTIFICATE", id="psc.E006")
        return
    for fault in credential.faults(Purpose.AUTHENTICATION):
        yield Error(fault, obj="PSC_CLIENT_CERTIFICATE", id="psc.E007")
    left = credential.days_left()
    if 0 <= left < RENEWAL_NOTICE_DAYS:
        yield Warning(f"Le certificat expire dans {left} jours.", obj="PSC_CLIENT_CERTIFICATE", id="psc.W001")
