"""Settings of the gateway as one value. The only file here that reads `django.conf.settings`.

What the public sources leave unverified is a setting, never a constant: see docs/interop/mssante.md.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from coordination.ports import BoxKeeper

HAND_OVER_STEPS = 6  # timeouts that the hand-over of one mail may last in all: ten megabytes pass in three minutes


class Sasl(enum.StrEnum):
    """How a session is bound to a mailbox once TLS has shown the certificate (operator-specific)."""

    AUTO = "auto"  # EXTERNAL when the server offers it
    EXTERNAL = "external"  # EXTERNAL, refused when not offered
    NONE = "none"  # the certificate alone opens the session (SMTP only: IMAP must name the mailbox)


@dataclass(frozen=True, slots=True)
class MssanteConfig:
    """`mailboxes`: address → Struct_IdNat of the legal entity whose ORG_AUTH_CLI opens it.

    `reply_to`: one of these → the mailbox of people where professionals answer; without it they answer here.

    `smtp_host`, `imap_host`: empty, the SRV records of the domain say where the operator is (`places.py`).
    """

    pki_dir: Path
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8587
    imap_host: str = "127.0.0.1"
    imap_port: int = 8143
    timeout: float = 30.0  # seconds, on each network operation but the next
    data_timeout: float = 600.0  # seconds, for the reply to the final dot (RFC 5321 §4.5.3.2.6)
    nil: str = "PERINAT000000"
    max_bytes: int = 10 * 1024 * 1024  # whole mail, as sent
    collect_max_bytes: int = 30 * 1024 * 1024  # whole mail, as read; above, only its headers are fetched
    mailboxes: dict[str, str] = field(default_factory=dict)
    reply_to: dict[str, str] = field(default_factory=dict)
    sasl: Sasl = Sasl.AUTO
    request_receipts: bool = True  # DSN and Disposition-Notification-To
    subject_accents: bool = True  # accents in the <libellé> of the subject (open point)
    subject_mentions: bool = True  # « [Annule et remplace] » after XDM/1.0/DDM+ (placement inferred)
    patient_may_answer: bool = True  # False: X-MSS-MES: FIN on mails to Mon espace santé
    action_slot: str = "action"  # slot of the XDM action C/D; exact name not obtained (open point)
    processed_folder: str = "Traites"  # IMAP folder of acknowledged mails; empty: they stay, marked \\Seen
    srv_submission: str = "_submission._tcp"  # names asked in DNS: RFC 6186, not confirmed for MSSanté
    srv_imap: str = "_imap._tcp"
    srv_targets: tuple[str, ...] = ()  # ends of names, besides the mailbox's domain, where DNS may say that it is
    dns: str = ""  # address or address:port of a resolver; empty: those of the machine
    trust_list: Path | None = None  # listeblanchemssante.xml kept on disk by the operator
    trust_list_url: str = ""  # where the white list is fetched again; empty: somebody else refreshes the file
    crl_url: str = ""
    crl: Path | None = None  # PEM list of revoked certificates of the server's authority
    mes_bounces: Path | None = None  # how Mon espace santé words what it does not deliver (data/mes_bounces.toml)
    software_name: str = "perinat"
    software_version: str = "0.1"
    software_editor: str = "perinat"

    @property
    def hand_over_timeout(self) -> float:
        """Seconds for all that comes before the final dot: connections, TLS, envelope, content."""
        return HAND_OVER_STEPS * self.timeout

    @property
    def longest_sending(self) -> float:
        """Seconds: the hand-over, one operation begun at its last instant, the final reply, a reset after it."""
        return self.hand_over_timeout + self.data_timeout + 2 * self.timeout

    @property
    def trust_anchor(self) -> Path:
        return self.pki_dir / "ca.pem"


def _ends(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(end for name in names if (end := name.strip().strip(".").lower()))


def box_keeper() -> BoxKeeper | None:
    """What gives the boxes that people open themselves, named by MSSANTE_BOXES; None when no box is opened so."""
    from django.conf import settings
    from django.utils.module_loading import import_string

    path = getattr(settings, "MSSANTE_BOXES", "")
    return cast(BoxKeeper, import_string(path)()) if path else None


def from_settings() -> MssanteConfig:
    """Read the settings of the process. Raises ValueError: MSSANTE_SASL unknown."""
    from django.conf import settings

    def optional(name: str) -> Path | None:
        value = getattr(settings, name, "")
        return Path(value) if value else None

    return MssanteConfig(
        pki_dir=Path(settings.PKI_DIR),
        smtp_host=settings.MSSANTE_SMTP_HOST,
        smtp_port=settings.MSSANTE_SMTP_PORT,
        imap_host=settings.MSSANTE_IMAP_HOST,
        imap_port=settings.MSSANTE_IMAP_PORT,
        timeout=settings.MSSANTE_TIMEOUT,
        data_timeout=settings.MSSANTE_DATA_TIMEOUT,
        nil=settings.MSSANTE_NIL,
        max_bytes=settings.MSSANTE_MAX_BYTES,
        collect_max_bytes=getattr(settings, "MSSANTE_COLLECT_MAX_BYTES", 30 * 1024 * 1024),
        mailboxes={address.lower(): idnat for address, idnat in settings.MSSANTE_MAILBOXES.items()},
        reply_to={address.lower(): box for address, box in getattr(settings, "MSSANTE_REPLY_TO", {}).items()},
        sasl=Sasl(getattr(settings, "MSSANTE_SASL", Sasl.AUTO)),
        request_receipts=getattr(settings, "MSSANTE_REQUEST_RECEIPTS", True),
        subject_accents=getattr(settings, "MSSANTE_SUBJECT_ACCENTS", True),
        subject_mentions=getattr(settings, "MSSANTE_SUBJECT_MENTIONS", True),
        patient_may_answer=getattr(settings, "MSSANTE_PATIENT_MAY_ANSWER", True),
        action_slot=getattr(settings, "MSSANTE_ACTION_SLOT", "action"),
        processed_folder=getattr(settings, "MSSANTE_PROCESSED_FOLDER", "Traites"),
        srv_submission=getattr(settings, "MSSANTE_SRV_SUBMISSION", "_submission._tcp"),
        srv_imap=getattr(settings, "MSSANTE_SRV_IMAP", "_imap._tcp"),
        srv_targets=_ends(getattr(settings, "MSSANTE_SRV_TARGETS", [])),
        dns=getattr(settings, "MSSANTE_DNS", ""),
        trust_list=optional("MSSANTE_TRUST_LIST"),
        trust_list_url=getattr(settings, "MSSANTE_TRUST_LIST_URL", ""),
        crl_url=getattr(settings, "MSSANTE_CRL_URL", ""),
        crl=optional("MSSANTE_CRL"),
        mes_bounces=optional("MSSANTE_MES_BOUNCES"),
        software_name=getattr(settings, "DMP_LPS_NAME", "perinat"),
        software_version=getattr(settings, "DMP_LPS_VERSION", "0.1"),
    )
