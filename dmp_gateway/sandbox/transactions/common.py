"""What the transactions share: the admitted call they receive, the outcome they give."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dmp_gateway.sandbox.context import World
from dmp_gateway.sandbox.faults import ConnectionCut, Kind, Stage
from dmp_gateway.sandbox.refusals import Hl7Refusal, RegistryRefusal, SoapRefusal, StatusRefusal
from dmp_gateway.sandbox.schemas import XDS as XDS_XSD
from dmp_gateway.sandbox.vihf_rules import Caller
from perinat.standards.xml import Element

CLAUSE_FAULT = "panne demandée par l'administration du bac à sable"
CLAUSE_SCHEMA = "dmp §1.2 (schémas XDS.b et ebRIM 3.0)"


@dataclass(frozen=True, slots=True)
class Attached:
    """The body of an answer with documents: (Content-ID, bytes), sent as MTOM."""

    text: str
    parts: tuple[tuple[str, bytes], ...] = ()


@dataclass(slots=True)
class Call:
    """A request whose VIHF is admitted. `transaction` is set as soon as it is known."""

    world: World
    endpoint: str
    body: Element
    parts: dict[str, bytes]
    repeated_parts: tuple[str, ...]
    caller: Caller
    now: datetime
    transaction: str = ""
    fault: str = field(default="")

    def check_schema(self) -> None:
        """Raises SoapRefusal when the body breaks its XSD."""
        if broken := self.world.schemas.fault(XDS_XSD, self.body):
            raise SoapRefusal("sandbox:SchemaInvalid", f"Corps non conforme au schéma : {broken}.", CLAUSE_SCHEMA)

    def before_storing(self) -> None:
        """Meet the scripted fault of this moment, if any: nothing has been kept yet."""
        fault = self.world.faults.take(Stage.STORING, endpoint=self.endpoint, transaction=self.transaction)
        if fault is None:
            return
        self.fault = fault.kind.value
        reason = fault.reason or "Panne simulée."
        match fault.kind:
            case Kind.PAUSE_BEFORE_STORING:
                self.world.faults.pause(fault)
            case Kind.CUT_BEFORE_STORING:
                raise ConnectionCut
            case Kind.REFUSAL if fault.shape == "registry":
                raise RegistryRefusal.of(fault.code, reason, CLAUSE_FAULT)
            case Kind.REFUSAL if fault.shape == "hl7":
                raise Hl7Refusal(fault.code, reason, CLAUSE_FAULT)
            case Kind.REFUSAL if fault.shape == "status":
                raise StatusRefusal(fault.code, reason, CLAUSE_FAULT)
            case Kind.REFUSAL:
                raise SoapRefusal(fault.code, reason, CLAUSE_FAULT, party=fault.party)
            case Kind.SOAP_FAULT:
                raise SoapRefusal(fault.code or "sandbox:Fault", reason, CLAUSE_FAULT, party="Receiver")
            case _ if self.endpoint == "patients":
                raise SoapRefusal(fault.code or "sandbox:Busy", reason, CLAUSE_FAULT, party="Receiver")
            case _:
                busy = "XDSRepositoryBusy" if self.endpoint == "repository" else "XDSRegistryBusy"
                raise RegistryRefusal.of(fault.code or busy, reason, CLAUSE_FAULT)
