"""SOAP 1.2 envelopes of the DMP and the reading of its answers (dmp.md §1.2, §4.1).

Requests carry the four WS-Addressing 2005/08 headers and the VIHF in wsse:Security, nothing else.
Refusals come in four shapes (SOAP fault, RegistryErrorList, HL7 acknowledgement, DMP status); any
of them may answer any call, so all four are looked for every time.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from xml.sax.saxutils import escape

from dmp_gateway import mtom
from perinat.standards import xml
from perinat.standards.oids import NS_HL7
from perinat.standards.xml import Element, XmlError

NS_SOAP = "http://www.w3.org/2003/05/soap-envelope"
NS_WSA = "http://www.w3.org/2005/08/addressing"
NS_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
NS_RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
NS_QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
STATUS_SUCCESS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
SEVERITY_WARNING = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Warning"
_NS = {"s": NS_SOAP, "a": NS_WSA, "rs": NS_RS, "q": NS_QUERY, "h": NS_HL7}


class GarbledAnswerError(ValueError):
    """The bytes that came back are no answer to our request: nothing is known of what was done."""


class Shape(enum.StrEnum):
    """In which of the four ways a refusal was said."""

    FAULT = "soap-fault"
    REGISTRY = "registry-error"
    ACKNOWLEDGEMENT = "hl7-acknowledgement"
    STATUS = "dmp-status"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error as the DMP said it: `code` verbatim, `text` free and possibly personal.

    `receiver`: a SOAP fault by which the DMP says that the trouble is its own.
    """

    shape: Shape
    code: str
    text: str
    receiver: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A well-formed answer: the child of soap:Body, the attached parts, the bytes as received."""

    body: Element
    parts: dict[str, bytes]
    raw: bytes
    refusals: tuple[Refusal, ...]


def envelope(body: str, assertion: bytes, *, action: str, to: str, message_id: str) -> bytes:
    """One request. `assertion` and `body` are pasted as they are: a signed tree is serialised once."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soap:Envelope xmlns:soap="{NS_SOAP}" xmlns:wsa="{NS_WSA}"><soap:Header>'
        f'<wsa:Action soap:mustUnderstand="true">{escape(action)}</wsa:Action>'
        f"<wsa:MessageID>{escape(message_id)}</wsa:MessageID>"
        f'<wsa:ReplyTo soap:mustUnderstand="true"><wsa:Address>{NS_WSA}/anonymous</wsa:Address></wsa:ReplyTo>'
        f"<wsa:To>{escape(to)}</wsa:To>"
        f'<wsse:Security xmlns:wsse="{NS_WSSE}">'
    )
    tail = f"</wsse:Security></soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    return head.encode() + assertion + tail.encode()


def read(content_type: str, data: bytes, *, message_id: str) -> Answer:
    """Read an answer, plain or MTOM. Raises GarbledAnswerError: no envelope, or the answer to another request."""
    root = data
    parts: dict[str, bytes] = {}
    try:
        if content_type.lower().lstrip().startswith("multipart/"):
            root, parts = mtom.parse(content_type, data)
        tree = xml.parse(root)
    except (mtom.MtomError, XmlError) as error:
        raise GarbledAnswerError("neither XML nor MTOM") from error
    bodies = tree.findall("s:Body/*", _NS)
    if tree.tag != f"{{{NS_SOAP}}}Envelope" or len(bodies) != 1:
        raise GarbledAnswerError("not a SOAP 1.2 envelope with one body")
    related = tree.findtext("s:Header/a:RelatesTo", "", _NS).strip()
    if related and related != message_id:
        raise GarbledAnswerError("RelatesTo names another request")
    return Answer(bodies[0], parts, data, tuple(_refusals(bodies[0])))


def _refusals(body: Element) -> list[Refusal]:
    return [*_fault(body), *_registry_errors(body), *_acknowledgements(body), *_statuses(body)]


def _fault(body: Element) -> list[Refusal]:
    if body.tag != f"{{{NS_SOAP}}}Fault":
        return []
    values = [body.find(path, _NS) for path in ("s:Code/s:Subcode/s:Value", "s:Code/s:Value")]
    codes = [_fault_code(value) for value in values if value is not None] or [""]
    text = body.findtext("s:Reason/s:Text", "", _NS)
    return [Refusal(Shape.FAULT, codes[0], text, receiver=codes[-1] == "Receiver")]


def _fault_code(value: Element) -> str:
    """The code without a prefix that only names SOAP or WS-Addressing; any other prefix is part of it."""
    text = (value.text or "").strip()
    prefix, colon, name = text.rpartition(":")
    return name if colon and value.nsmap.get(prefix) in (NS_SOAP, NS_WSA) else text


def _registry_errors(body: Element) -> list[Refusal]:
    responses = [e for e in body.iter(f"{{{NS_RS}}}RegistryResponse", f"{{{NS_QUERY}}}AdhocQueryResponse")]
    errors = [e for e in body.iter(f"{{{NS_RS}}}RegistryError") if e.get("severity") != SEVERITY_WARNING]
    found = [
        Refusal(Shape.REGISTRY, e.get("errorCode", "").strip(), f"{e.get('codeContext', '')} {e.text or ''}")
        for e in errors
    ]
    failed = [r.get("status", "") for r in responses if r.get("status") != STATUS_SUCCESS]
    return found or [Refusal(Shape.REGISTRY, status.rpartition(":")[2], "") for status in failed]


def _acknowledgements(body: Element) -> list[Refusal]:
    found = []
    response = _code(body.find(".//h:queryAck/h:queryResponseCode", _NS))
    if response == "NF":  # an answer about the patient, whatever the acknowledgement
        return []
    for ack in body.findall("h:acknowledgement", _NS):
        kind = ack.get("typeCode") or _code(ack.find("h:typeCode", _NS))
        if kind in ("AA", "CA") and response not in ("AE", "QE"):
            continue
        details = ack.findall("h:acknowledgementDetail", _NS)
        found += [
            Refusal(Shape.ACKNOWLEDGEMENT, _code(d.find("h:code", _NS)) or kind, d.findtext("h:text", "", _NS))
            for d in details
        ] or [Refusal(Shape.ACKNOWLEDGEMENT, kind, "")]
    return found


def _code(element: Element | None) -> str:
    return "" if element is None else element.get("code", "")


def _statuses(body: Element) -> list[Refusal]:
    return [
        Refusal(Shape.STATUS, status.text.strip(), output.findtext("{*}context", ""))
        for output in body.iter("{*}output")
        for status in output.findall("{*}status")
        if status.text and status.text.strip() != "DMPOk"
    ]
