"""SOAP 1.2 and WS-Addressing 2005/08 as the DMP asks them (dmp.md §1.2): reading and answering."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from dmp_gateway.sandbox.refusals import HttpRefusal, SoapRefusal
from perinat.standards import xml
from perinat.standards.xml import Element

SOAP = "http://www.w3.org/2003/05/soap-envelope"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
ANONYMOUS = f"{WSA}/anonymous"
SANDBOX_NS = "urn:perinat:sandbox:dmp"
CLAUSE = "dmp §1.2 (SOAP 1.2, WS-Addressing)"
MISSING = "A required header representing a Message Addressing Property is not present"
_MESSAGE_ID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A SOAP request: `action`, `message_id`, the `security` header and the only child of the body."""

    action: str
    message_id: str
    security: Element | None
    body: Element


def read(data: bytes) -> Envelope:
    """Read an envelope and its four WS-Addressing headers. Raises SoapRefusal or HttpRefusal."""
    try:
        root = xml.parse(data)
    except xml.XmlError as error:
        raise HttpRefusal(400, error.message_fr, CLAUSE) from error
    if root.tag == f"{{{SOAP11}}}Envelope":
        raise SoapRefusal(
            "sandbox:Soap12Required", "Le message n'est pas en SOAP 1.2.", CLAUSE, party="VersionMismatch"
        )
    if root.tag != f"{{{SOAP}}}Envelope":
        raise HttpRefusal(400, "Le message n'est pas une enveloppe SOAP.", CLAUSE)
    header, body = root.find(f"{{{SOAP}}}Header"), root.find(f"{{{SOAP}}}Body")
    if header is None or body is None:
        raise SoapRefusal("wsa:MessageAddressingHeaderRequired", MISSING, CLAUSE)
    children = [child for child in body if isinstance(child.tag, str)]
    if len(children) != 1:
        raise SoapRefusal("sandbox:BodyInvalid", "Le corps SOAP contient un élément et un seul.", CLAUSE)
    action, message_id = _addressing(header)
    securities = header.findall(f"{{{WSSE}}}Security")
    if len(securities) > 1:
        raise SoapRefusal("sandbox:VihfInvalid", "L'en-tête contient plusieurs éléments Security.", CLAUSE)
    return Envelope(action, message_id, securities[0] if securities else None, children[0])


def _addressing(header: Element) -> tuple[str, str]:
    found: dict[str, Element] = {}
    for name in ("MessageID", "To", "ReplyTo", "Action"):
        elements = header.findall(f"{{{WSA}}}{name}")
        if not elements:
            raise SoapRefusal("wsa:MessageAddressingHeaderRequired", MISSING, CLAUSE)
        if len(elements) > 1:
            raise SoapRefusal("wsa:InvalidAddressingHeader", f"En-tête {name} présent deux fois.", CLAUSE)
        found[name] = elements[0]
    if (found["ReplyTo"].findtext(f"{{{WSA}}}Address") or "").strip() != ANONYMOUS:
        raise SoapRefusal("wsa:InvalidAddressingHeader", "ReplyTo n'est pas l'adresse anonyme.", CLAUSE)
    message_id = (found["MessageID"].text or "").strip()
    if not _MESSAGE_ID.fullmatch(message_id):
        raise SoapRefusal("wsa:InvalidAddressingHeader", "MessageID n'est pas un urn:uuid.", CLAUSE)
    return (found["Action"].text or "").strip(), message_id


def answer(body: str, *, action: str, relates_to: str) -> bytes:
    """An envelope around `body` (XML text) with the four response headers."""
    relates = f"<wsa:RelatesTo>{escape(relates_to)}</wsa:RelatesTo>" if relates_to else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:wsa="{WSA}"><soap:Header>'
        f"<wsa:Action>{escape(action)}</wsa:Action>"
        f"<wsa:MessageID>urn:uuid:{uuid.uuid4()}</wsa:MessageID>"
        f"<wsa:To>{ANONYMOUS}</wsa:To>{relates}"
        f"</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def fault(refusal: SoapRefusal, *, relates_to: str) -> bytes:
    """A SOAP 1.2 fault: Code soap:<party>, Subcode = the code, Reason in French (dmp.md §4.1)."""
    detail = f"<sandbox:Clause xmlns:sandbox={quoteattr(SANDBOX_NS)}>{escape(refusal.clause)}</sandbox:Clause>"
    body = (
        f'<soap:Fault xmlns:sandbox="{SANDBOX_NS}"><soap:Code><soap:Value>soap:{refusal.party}</soap:Value>'
        f"<soap:Subcode><soap:Value>{escape(refusal.code)}</soap:Value></soap:Subcode></soap:Code>"
        f'<soap:Reason><soap:Text xml:lang="fr">{escape(refusal.detail_fr)}</soap:Text></soap:Reason>'
        f"<soap:Detail>{detail}</soap:Detail></soap:Fault>"
    )
    return answer(body, action=f"{WSA}/soap/fault", relates_to=relates_to)
