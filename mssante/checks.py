"""System checks of the gateway: `manage.py check --tag channels`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register

from coordination.ports import PermanentChannelError
from mssante import mes, message, places, trust_space
from mssante.conf import MssanteConfig, from_settings
from perinat.standards import pki, xml

TAG = "channels"
RENEWAL_NOTICE_DAYS = 30
PLACEHOLDER_NIL = "PERINAT000000"
SHARED_DOMAIN = "mssante.fr"  # of every operator: a target there may be anybody's
_LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")


@register(TAG)
def check_gateway(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Settings present, certificates usable and not expiring, lists readable."""
    from django.conf import settings

    try:
        config = from_settings()
    except ValueError as error:
        return [Error(f"MSSANTE_SASL n'est pas une valeur connue : {error}", id="mssante.E001")]
    found = [*_mailboxes(config), *_files(config), *_resolver(config)]
    if not getattr(settings, "SANDBOX", False):
        found += [*_production(config), *_patience(config, settings.OUTBOX_LEASE_SECONDS)]
    return found


def _mailboxes(config: MssanteConfig) -> Iterator[CheckMessage]:
    if not config.mailboxes:
        yield Warning("Aucune boîte MSSanté n'est déclarée (MSSANTE_MAILBOXES).", id="mssante.W001")
    yield from _answers(config)
    for struct_idnat in sorted(set(config.mailboxes.values())):
        folder = config.pki_dir / "structures" / struct_idnat
        try:
            credential = pki.load(folder / "auth.pem", folder / "auth.key")
        except pki.PkiError as error:
            yield Error(f"{error.message_fr} (structure {struct_idnat})", id="mssante.E002")
            continue
        for fault in credential.faults(pki.Purpose.AUTHENTICATION):
            yield Error(f"{fault} (structure {struct_idnat})", id="mssante.E003")
        days = credential.days_left()
        if 0 <= days < RENEWAL_NOTICE_DAYS:
            yield Warning(
                f"Le certificat expire dans {days} jours : à renouveler (structure {struct_idnat}).", id="mssante.W002"
            )


def _answers(config: MssanteConfig) -> Iterator[CheckMessage]:
    """Reply-To is for an applicative box, towards another box of the trust space (ECO.2.2.5)."""
    for number, (address, people) in enumerate(sorted(config.reply_to.items()), 1):
        if address not in config.mailboxes:
            yield Error(f"MSSANTE_REPLY_TO, ligne {number} : cette boîte n'est pas applicative.", id="mssante.E012")
        try:
            trust_space.check(message.address_of(people), config.trust_list)
        except PermanentChannelError as error:
            yield Error(f"MSSANTE_REPLY_TO, ligne {number} : {error.message_fr}", id="mssante.E013")


def _files(config: MssanteConfig) -> Iterator[CheckMessage]:
    if config.mailboxes and not config.trust_anchor.is_file():
        yield Error("L'autorité de certification (PKI_DIR/ca.pem) est absente.", id="mssante.E004")
    if config.crl and not config.crl.is_file():
        yield Error("La liste de révocation (MSSANTE_CRL) est absente.", id="mssante.E005")
    for url, path, name in (
        (config.crl_url, config.crl, "MSSANTE_CRL"),
        (config.trust_list_url, config.trust_list, "MSSANTE_TRUST_LIST"),
    ):
        if url and path is None:
            yield Error(f"{name}_URL est donnée sans {name} : le fichier où garder la liste.", id="mssante.E010")
    try:
        mes.read(config.mes_bounces)
    except mes.UNUSABLE:
        yield Error("Les avis de Mon espace santé (MSSANTE_MES_BOUNCES) sont absents ou illisibles.", id="mssante.E010")
    if config.trust_list:
        try:
            trust_space.load(config.trust_list)
        except (OSError, xml.XmlError):
            yield Error("La liste blanche (MSSANTE_TRUST_LIST) est absente ou illisible.", id="mssante.E006")


def _resolver(config: MssanteConfig) -> Iterator[CheckMessage]:
    if config.dns:
        try:
            places.resolver_at(config.dns)
        except ValueError:
            yield Error("MSSANTE_DNS n'est pas une adresse IP, suivie ou non de « :port ».", id="mssante.E014")


def _patience(config: MssanteConfig, lease: int) -> Iterator[CheckMessage]:
    """A worker that still waits for the reply to its mail must not see another one send it again."""
    longest = config.longest_sending
    if longest > lease:
        yield Error(
            f"OUTBOX_LEASE_SECONDS ({lease} s) est plus court que le plus long envoi MSSanté ({longest:.0f} s).",
            id="mssante.E009",
        )


def _production(config: MssanteConfig) -> Iterator[CheckMessage]:
    if any(_LOOPBACK.fullmatch(host) for host in (config.smtp_host, config.imap_host)):
        yield Error("La messagerie MSSanté désigne un bac à sable local.", id="mssante.E007")
    for number, end in enumerate(config.srv_targets, 1):
        if "." not in end or end == SHARED_DOMAIN:
            yield Error(
                f"MSSANTE_SRV_TARGETS, ligne {number} : cette fin de nom n'est pas celle d'un seul opérateur.",
                id="mssante.E015",
            )
    if config.nil == PLACEHOLDER_NIL:
        yield Error("MSSANTE_NIL n'est pas la référence produit donnée par Convergence.", id="mssante.E008")
    if config.trust_list_url and not config.trust_list_url.startswith("https://"):
        yield Error("MSSANTE_TRUST_LIST_URL doit être une adresse https : rien d'autre ne la signe.", id="mssante.E011")
    if config.crl is None:
        yield Warning("Aucune liste de révocation n'est suivie (MSSANTE_CRL, ECO.1.1.6).", id="mssante.W003")
