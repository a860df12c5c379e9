"""ORU^R01 (2.5) and MDM T02, T10, T04 (2.6) → one document, what is asked of it, for whom.

Sources: IG « Transmission de document(s) CDA en HL7v2 » 2.1.2 and « Transmission au LPS… » 1.1.2.
"""

from __future__ import annotations

import base64
import binascii
import re

from perinat.connectors.hl7v2 import metadata, people
from perinat.connectors.hl7v2.er7 import Message, Segment, require
from perinat.connectors.hl7v2.errors import EVENT, SEGMENT, TYPE, VALUE, Hl7RefusedError
from perinat.standards.identifiers import IdentifierError, Rpps
from perinat.standards.pushed import Act, PushedDocument

# OBX-11 of the document, and ORC-1, for each act; the event of an MDM
ACTS = {"F": (Act.NEW, "NW", "T02"), "C": (Act.REPLACE, "RO", "T10"), "D": (Act.DELETE, "CA", "T04")}
OF_PATIENTS = "@patient.mssante.fr"
_SPACES = re.compile(rb"\s+")


def read(message: Message) -> PushedDocument:
    """Raises Hl7RefusedError: incoherent action, no document or several, base64 broken, metadata unreadable."""
    observations = [one for one in message.segments if one.name == "OBX"]
    carrying = [one for one in observations if one.get(2) == "ED" and not _is_of_mail(one)]
    if len(carrying) != 1:
        raise Hl7RefusedError("Le message ne porte pas un document, et un seul.", SEGMENT, "OBX^1^5")
    visit, txa = message.first("PV1"), message.first("TXA")
    document, recipients = carrying[0], _recipients(message)
    told = metadata.read(message.segments)
    return PushedDocument(
        act=_act(message, document),
        person=people.person(message.need("PID"), needs_ipp=False),
        stay_number=visit.get(19)[:40] if visit else "",
        type_code=require(message.need("OBR").get(4), "Le type du document (OBR-4)", "OBR^1^4"),
        data=_data(document),
        unique_id=_identifier(txa, 12),
        replaces=_identifier(txa, 13),
        masks=told.masks,
        recipients=recipients,
        wishes=told.wishes,
        wants_report=told.wants_report,
        wants_reading=told.wants_reading,
    )


def warnings(message: Message) -> list[str]:
    """What the rules of MSSanté do not allow together in this message (CI-SIS)."""
    to_professionals = any(not address.endswith(OF_PATIENTS) for *_, address in _recipients(message))
    return metadata.read(message.segments).warnings(has_recipients=to_professionals)


def limits(message: Message) -> list[str]:
    """What is asked by the rules, and will not be done."""
    return metadata.read(message.segments).limits


def _is_of_mail(observation: Segment) -> bool:
    """The text of the mail: CORPSMAIL_*, or OBX|2 of the LPS guide, whose OBX-3.2 is the subject."""
    return observation.get(3) in metadata.BODIES or (
        observation.get(1) != "1" and not observation.get(5, 3).upper().startswith(("XML", "PDF"))
    )


def _act(message: Message, document: Segment) -> Act:
    """OBX-11, ORC-1 and the event say the same, else the message is refused (CI-SIS « règles de gestion »)."""
    event, order = message.header.get(9, 2), message.need("ORC").get(1)
    status = document.get(11) or next((key for key, (_, code, _e) in ACTS.items() if code == order), "")
    if status not in ACTS:
        raise Hl7RefusedError("L'action demandée sur le document n'est pas connue.", VALUE, "OBX^1^11")
    act, expected_order, expected_event = ACTS[status]
    if event not in ("R01", expected_event):
        known = any(event == one for _, _, one in ACTS.values())
        raise Hl7RefusedError(
            "L'événement et l'action demandée se contredisent." if known else "Cet événement n'est pas pris en charge.",
            VALUE if known else EVENT,
            "MSH^1^9",
        )
    if order != expected_order:
        raise Hl7RefusedError("ORC-1 et l'action demandée se contredisent.", VALUE, "ORC^1^1")
    return act


def _data(document: Segment) -> bytes:
    repetition = document.raw(5)
    if document.part(repetition, 4).lower() != "base64":
        raise Hl7RefusedError("Le document n'est pas en base64 (OBX-5.4).", VALUE, "OBX^1^5")
    try:
        text = _SPACES.sub(b"", document.part(repetition, 5).encode("ascii"))
        text += b"=" * (-len(text) % 4)  # several official examples have none
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Hl7RefusedError("Le base64 du document est abîmé.", TYPE, "OBX^1^5") from error
    if not data:
        raise Hl7RefusedError("Le document est vide.", TYPE, "OBX^1^5")
    return data


def _identifier(txa: Segment | None, number: int) -> str:
    """TXA-12, 13 (EI): with an extension, 1 is the extension and 3 the root; without, 1 is the root alone."""
    if txa is None or not txa.get(number):
        return ""
    value, root = txa.get(number, 1), txa.get(number, 3)
    return f"{root}^{value}" if root else value


def _recipients(message: Message) -> tuple[tuple[str, str, str], ...]:
    """Every PRT whose role is RCT: (name, RPPS, address); one without a person or an address is left out."""
    found = []
    for one in message.segments:
        if one.name != "PRT" or one.get(4) != "RCT":
            continue
        name = " ".join(part for part in (one.get(5, 2), one.get(5, 3)) if part) or one.get(8)
        address = one.get(15, 4) or one.get(16, 4)  # one example of the guide is shifted
        if name or address:
            found.append((name[:120], _rpps(one.get(5)), address[:254]))
    return tuple(found)


def _rpps(idnat: str) -> str:
    try:
        return Rpps(idnat[1:]).number if idnat.startswith("8") and len(idnat) == 12 else ""
    except IdentifierError:
        return ""
