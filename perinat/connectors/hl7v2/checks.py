"""System checks of the connector, tag « channels »: nothing is called, nothing is said when it is not used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from perinat.connectors.hl7v2 import conf
from perinat.connectors.hl7v2.conf import Hl7Config, is_local


def register_all() -> None:
    """Called once, when the app is ready."""
    register("channels")(check_connector)


def check_connector(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    config = conf.load()
    return list(problems(config)) if config.senders else []


def problems(config: Hl7Config) -> Iterable[CheckMessage]:
    """What forbids to listen."""
    tls = (config.certificate, config.key, config.client_ca)
    if any(tls) and not all(tls):
        yield Error("HL7V2_CERTIFICATE, HL7V2_KEY et HL7V2_CLIENT_CA vont ensemble.", id="hl7v2.E001")
    if not config.is_loopback and not config.uses_tls:
        yield Error("HL7V2_HOST n'est pas locale : le TLS avec certificat client est obligatoire.", id="hl7v2.E002")
    if any("@" not in sender for sender in config.senders):
        yield Error("HL7V2_SENDERS : chaque émetteur s'écrit application@établissement.", id="hl7v2.E003")
    if settings.HL7V2_MSS_RULES not in ("warn", "strict"):
        yield Error("HL7V2_MSS_RULES vaut warn ou strict.", id="hl7v2.E004")
    for sender in config.reports_to:
        endpoint = config.report_endpoint(sender)
        if sender not in config.senders:
            yield Error(f"HL7V2_REPORTS_TO : {sender} n'est pas dans HL7V2_SENDERS.", id="hl7v2.E005")
        if endpoint is None:
            yield Error(f"HL7V2_REPORTS_TO : {sender} s'écrit émetteur=machine:port.", id="hl7v2.E006")
        elif not is_local(endpoint[0]) and not config.uses_tls:
            yield Error(f"HL7V2_REPORTS_TO : {sender} n'est pas local, le TLS est obligatoire.", id="hl7v2.E007")
