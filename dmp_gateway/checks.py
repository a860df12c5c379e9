"""System checks of the gateway, tag « channels »: settings, endpoint, certificates (architecture.md §5)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from dmp_gateway import conf, xmldsig
from dmp_gateway.conf import ConfigurationError, DmpConfig
from perinat.standards import pki
from perinat.standards.pki import PkiError, Purpose

TAG = "channels"
RENEWAL_NOTICE_DAYS = 30
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
_TEST_MARKS = (".dev", "dev1.", "dev6.", "dev9.", "sandbox", "bac-a-sable")  # test platforms seen (dmp.md §1.1)


def register_all() -> None:
    """Called once, when the app is ready."""
    register(TAG)(check_gateway)


def check_gateway(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Everything that can be known without calling the DMP."""
    try:
        config = conf.load()
    except ConfigurationError as error:
        return [Error(error.message_fr, id="dmp_gateway.E001")]
    production = not getattr(settings, "SANDBOX", False)
    return [*_settings(config), *_endpoint(config, production=production), *_certificates(config)]


def _settings(config: DmpConfig) -> Iterable[CheckMessage]:
    if config.xades_digest not in xmldsig.SUITES:
        yield Error("DMP_XADES_DIGEST doit valoir sha1 ou sha256.", id="dmp_gateway.E002")
    if config.find_return_type not in ("ObjectRef", "LeafClass"):
        yield Error("DMP_FIND_RETURN_TYPE doit valoir ObjectRef ou LeafClass.", id="dmp_gateway.E003")
    if not (config.air_authn_context and config.air_declaration and config.administrative_reason):
        wanted = "DMP_AIR_AUTHN_CONTEXT, DMP_AIR_DECLARATION, DMP_ADMINISTRATIVE_REASON"
        yield Error(f"La consultation du DMP veut {wanted}.", id="dmp_gateway.E013")
    if min(config.connect_timeout, config.read_timeout, config.vihf_lifetime) <= 0:
        yield Error("Les délais du DMP doivent être positifs.", id="dmp_gateway.E004")


def _endpoint(config: DmpConfig, *, production: bool) -> Iterable[CheckMessage]:
    url = urlsplit(config.base_url)
    host = url.hostname or ""
    if url.scheme != "https" or not host:
        yield Error("DMP_BASE_URL doit être une adresse https.", id="dmp_gateway.E005")
    elif production and (host in _LOCAL_HOSTS or any(mark in host for mark in _TEST_MARKS)):
        yield Error("DMP_BASE_URL désigne un serveur d'essai sur une installation réelle.", id="dmp_gateway.E006")
    elif not production and host.endswith("dmp.gouv.fr") and not any(mark in host for mark in _TEST_MARKS):
        yield Error("DMP_BASE_URL désigne le DMP réel sur une installation d'essai.", id="dmp_gateway.E007")


def _certificates(config: DmpConfig) -> Iterable[CheckMessage]:
    if not config.ca_pem.is_file():
        yield Error("L'autorité de certification (PKI_DIR/ca.pem) est absente.", id="dmp_gateway.E008")
    folder = config.pki_dir / "structures"
    structures = sorted(entry.name for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []
    if not structures:
        yield Warning("Aucune entité juridique n'a de certificat dans PKI_DIR/structures.", id="dmp_gateway.W001")
    for structure in structures:
        try:
            files = config.structure(structure)
        except ConfigurationError as error:
            yield Error(error.message_fr, obj=structure, id="dmp_gateway.E009")
            continue
        yield from _pair(structure, files.auth_pem, files.auth_key, Purpose.AUTHENTICATION)
        yield from _pair(structure, files.sign_pem, files.sign_key, Purpose.SIGNATURE)


def _pair(structure: str, pem: Path, key: Path, purpose: Purpose) -> Iterable[CheckMessage]:
    name = f"{structure}/{pem.name}"
    try:
        credential = pki.load(pem, key)
    except PkiError as error:
        yield Error(error.message_fr, obj=name, id="dmp_gateway.E010")
        return
    for fault in credential.faults(purpose):
        yield Error(fault, obj=name, id="dmp_gateway.E011")
    if credential.struct_idnat != structure:
        yield Error("Le certificat est celui d'une autre entité juridique.", obj=name, id="dmp_gateway.E012")
    left = credential.days_left()
    if 0 <= left < RENEWAL_NOTICE_DAYS:
        yield Warning(f"Le certificat expire dans {left} jours.", obj=name, id="dmp_gateway.W002")
