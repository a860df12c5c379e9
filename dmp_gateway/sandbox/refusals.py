"""How a check says no: which answer the DMP gives, with which code, and the clause it rests on.

Four shapes (dmp.md §4.1): SOAP fault, XDS RegistryResponse, HL7 v3 acknowledgement, DMP status; and
plain HTTP for what is not even SOAP. Official codes are used where they are known; ours begin with `sandbox:`.
"""

from __future__ import annotations

from dataclasses import dataclass


class Refusal(Exception):
    """Base. `code` is what the caller reads, `clause` the rule, `detail_fr` one sentence."""

    def __init__(self, code: str, detail_fr: str, clause: str) -> None:
        super().__init__(f"{code}: {detail_fr}")
        self.code = code
        self.detail_fr = detail_fr
        self.clause = clause


class HttpRefusal(Refusal):
    """Not SOAP 1.2 at all: answered by an HTTP status."""

    def __init__(self, status: int, detail_fr: str, clause: str) -> None:
        super().__init__(f"HTTP {status}", detail_fr, clause)
        self.status = status


class SoapRefusal(Refusal):
    """SOAP 1.2 fault. `code` is the subcode as a prefixed name (soap:, wsa: or sandbox:).

    `party`: Sender, Receiver, VersionMismatch or MustUnderstand.
    """

    def __init__(self, code: str, detail_fr: str, clause: str, *, party: str = "Sender") -> None:
        super().__init__(code, detail_fr, clause)
        self.party = party


@dataclass(frozen=True, slots=True)
class Complaint:
    """One RegistryError: `code` (IHE or sandbox:), French `context`, `clause`, `location` in the lot."""

    code: str
    context: str
    clause: str
    location: str = ""
    severity: str = "Error"


class RegistryRefusal(Refusal):
    """RegistryResponse Failure with every complaint of the step that stopped."""

    def __init__(self, complaints: list[Complaint]) -> None:
        first = complaints[0]
        super().__init__(first.code, first.context, first.clause)
        self.complaints = complaints

    @classmethod
    def of(cls, code: str, context: str, clause: str, location: str = "") -> RegistryRefusal:
        return cls([Complaint(code, context, clause, location)])


class StatusRefusal(Refusal):
    """A status of the DMP's own messages other than DMPOk, with its context (TD0.3, TD0.4, TD1.6)."""


class Hl7Refusal(Refusal):
    """HL7 v3 acknowledgement AE with one acknowledgementDetail."""
