"""One mail handed over by a client: envelope, DSN parameters, bytes."""

from __future__ import annotations

from dataclasses import dataclass

from mssante.sandbox.lint import Finding


@dataclass(frozen=True, slots=True)
class EnvelopeRecipient:
    """RCPT TO with its DSN parameters (RFC 3461). `notify`: empty when the client gave none."""

    address: str
    notify: frozenset[str] = frozenset()
    original: str = ""  # ORCPT, decoded: "rfc822;address"

    def wants(self, action: str) -> bool:
        """Does the sender want to hear of this outcome? By default: failures and delays only."""
        keyword = {"delivered": "SUCCESS", "failed": "FAILURE", "delayed": "DELAY"}[action]
        return keyword in (self.notify or {"FAILURE", "DELAY"})


@dataclass(frozen=True, slots=True)
class Submission:
    """`sender`: empty for a null reverse-path. `envelope_id`: ENVID, decoded. `raw`: as received."""

    id: str
    sender: str
    recipients: tuple[EnvelopeRecipient, ...]
    raw: bytes
    party: str
    message_id: str
    findings: tuple[Finding, ...] = ()
    envelope_id: str = ""
    return_full: bool = False
