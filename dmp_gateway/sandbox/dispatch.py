"""From a POST to an answer: endpoint table and order of the checks (dmp.md §7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dmp_gateway.sandbox import hl7v3, mtom, registry_answers, rights, soap, vihf, vihf_rules
from dmp_gateway.sandbox.context import Request, World
from dmp_gateway.sandbox.refusals import (
    Hl7Refusal,
    HttpRefusal,
    Refusal,
    RegistryRefusal,
    SoapRefusal,
    StatusRefusal,
)
from dmp_gateway.sandbox.soap import Envelope
from dmp_gateway.sandbox.transactions import accesses, deposit, existence, lookup, retrieve, update
from dmp_gateway.sandbox.transactions.common import Attached, Call

SOAP_TYPE = "application/soap+xml; charset=UTF-8"
ITI_41 = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
ITI_18 = "urn:ihe:iti:2007:RegistryStoredQuery"
ITI_43 = "urn:ihe:iti:2007:RetrieveDocumentSet"
_HABILITATIONS = "urn:si-dmp-habilitations:HabilitationsEndPoint"
_PATIENT_LIST = "urn:si-dmp-patients:PatientSpecificEndPoint:patientList"


@dataclass(frozen=True, slots=True)
class Route:
    """Where an action is served: `endpoint`, `run`, the action of the answer, whether it names a patient."""

    endpoint: str
    run: Callable[[Call], str | Attached]
    response: str
    about_patient: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back, with what the journal keeps of it."""

    status: int
    body: bytes
    transaction: str = ""
    verdict: str = "accepted"
    code: str = ""
    detail: str = ""
    clause: str = ""
    fault: str = ""
    content_type: str = SOAP_TYPE
    relates_to: str = ""


def _absent(endpoint: str, transaction: str) -> Route:
    """A transaction of the DMP that is not simulated: its right is checked, then it says so."""

    def refuse(call: Call) -> str:
        call.transaction = transaction
        rights.check(call.caller, transaction)
        reason = f"Le bac à sable ne simule pas la transaction TD{transaction}."
        raise SoapRefusal("sandbox:NotSimulated", reason, "dmp §1.3", party="Receiver")

    return Route(endpoint, refuse, "")


ROUTES = {
    "urn:hl7-org:v3:PRPA_IN201307UV02": Route("patients", existence.run, existence.RESPONSE),
    ITI_41: Route("repository", deposit.run, deposit.RESPONSE),
    ITI_18: Route("registry", lookup.run, lookup.RESPONSE),
    "urn:ihe:iti:2010:UpdateDocumentSet": Route("registry", update.run, update.RESPONSE),
    ITI_43: Route("repository", retrieve.run, retrieve.RESPONSE),
    "urn:hl7-org:v3:PRPA_IN201305UV02": _absent("patients", "0.5"),
    _PATIENT_LIST: Route("patients", accesses.list_patients, f"{_PATIENT_LIST}Response", about_patient=False),
    f"{_HABILITATIONS}:{accesses.SET}": Route(
        "habilitations", accesses.set_authorization, f"{_HABILITATIONS}:{accesses.SET}Response"
    ),
    f"{_HABILITATIONS}:{accesses.LIST}": Route(
        "habilitations", accesses.list_accesses, f"{_HABILITATIONS}:{accesses.LIST}Response"
    ),
}


def handle(request: Request, world: World) -> Reply:
    """Judge one request. Lets ConnectionCut through (a scripted fault)."""
    try:
        envelope, package = _message(request)
    except HttpRefusal as refusal:
        return _refused(refusal, refusal.status, refusal.detail_fr.encode(), "", "text/plain; charset=UTF-8")
    except SoapRefusal as refusal:
        return _refused(refusal, 500, soap.fault(refusal, relates_to=""), "")
    call: Call | None = None
    try:
        route = _route(request, envelope, package)
        now = datetime.now(UTC)
        signed = vihf.read(envelope.security, trust=world.trust, schemas=world.schemas, now=now)
        caller = vihf_rules.check(
            signed, tls=request.certificate, world=world, now=now, about_patient=route.about_patient
        )
        call = Call(world, route.endpoint, envelope.body, package.parts, package.repeated, caller, now)
        body = route.run(call)
    except SoapRefusal as refusal:
        answer, content_type = _packed(envelope, soap.fault(refusal, relates_to=envelope.message_id))
        transaction, fault = (call.transaction, call.fault) if call else ("", "")
        return _refused(refusal, 500, answer, transaction, content_type, fault=fault)
    except (RegistryRefusal, Hl7Refusal, StatusRefusal) as refusal:
        assert call is not None  # only a transaction raises these
        text = soap.answer(_functional(refusal, envelope), action=route.response, relates_to=envelope.message_id)
        answer, content_type = _packed(envelope, text)
        refused = _refused(refusal, 200, answer, call.transaction, content_type, fault=call.fault)
        return replace(refused, relates_to=envelope.message_id)
    attached = body if isinstance(body, Attached) else Attached(body)
    text = soap.answer(attached.text, action=route.response, relates_to=envelope.message_id)
    answer, content_type = _packed(envelope, text, attached.parts)
    return Reply(
        200, answer, call.transaction, fault=call.fault, content_type=content_type, relates_to=envelope.message_id
    )


def _packed(envelope: Envelope, answer: bytes, parts: Sequence[tuple[str, bytes]] = ()) -> tuple[bytes, str]:
    """The bytes and their Content-Type: ITI-43 always answers in MTOM."""
    return mtom.write(answer, parts) if envelope.action == ITI_43 else (answer, SOAP_TYPE)


def _message(request: Request) -> tuple[Envelope, mtom.Package]:
    """The envelope, alone or at the root of an MTOM package."""
    media, given = mtom.parameters(request.content_type)
    if media == "multipart/related":
        package = mtom.read(request.content_type, request.body)
    elif media == "application/soap+xml":
        package = mtom.Package(request.body, {}, ())
    else:
        raise HttpRefusal(415, "Type de contenu attendu : application/soap+xml (SOAP 1.2).", soap.CLAUSE)
    envelope = soap.read(package.root)
    if given.get("action", envelope.action) != envelope.action:
        reason = "L'action du Content-Type diffère de wsa:Action."
        raise SoapRefusal("wsa:ActionMismatch", reason, soap.CLAUSE)
    return envelope, package


def _route(request: Request, envelope: Envelope, package: mtom.Package) -> Route:
    route = ROUTES.get(envelope.action)
    if route is None or route.endpoint != request.path:
        reason = "The [action] cannot be processed at the receiver"
        raise SoapRefusal("wsa:ActionNotSupported", reason, "dmp §1.1, §1.3 (action et point d'accès)")
    is_mtom = request.content_type.lower().startswith("multipart/")
    if (envelope.action == ITI_41) != is_mtom:
        reason = "ITI-41 se transmet en MTOM, les autres demandes non."
        raise SoapRefusal("sandbox:MtomExpected", reason, mtom.CLAUSE)
    return route


def _functional(refusal: RegistryRefusal | Hl7Refusal | StatusRefusal, envelope: Envelope) -> str:
    if isinstance(refusal, StatusRefusal):
        context = f"{refusal.detail_fr} [{refusal.clause}]"
        return accesses.output(accesses.operation_of(envelope.action), refusal.code, context)
    if isinstance(refusal, Hl7Refusal):
        identifier = envelope.body.find("{urn:hl7-org:v3}id")
        target = ("", "") if identifier is None else (identifier.get("root", ""), identifier.get("extension", ""))
        return hl7v3.refusal(refusal, target)
    if envelope.action == ITI_18:
        return registry_answers.query_failure(refusal.complaints)
    if envelope.action == ITI_43:
        return retrieve.failure(refusal.complaints)
    return registry_answers.failure(refusal.complaints)


def _refused(
    refusal: Refusal, status: int, body: bytes, transaction: str, content_type: str = SOAP_TYPE, *, fault: str = ""
) -> Reply:
    return Reply(
        status,
        body,
        transaction,
        "refused",
        refusal.code,
        refusal.detail_fr,
        refusal.clause,
        fault,
        content_type,
    )
