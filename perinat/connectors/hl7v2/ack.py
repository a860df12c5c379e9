"""ACK and NACK: MSH, MSA, ERR (HL7 v2.6 §2.9; codes of the CI-SIS guides, docs/interop/hl7v2.md)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from perinat.connectors.hl7v2.er7 import Segment, escape
from perinat.connectors.hl7v2.errors import APPLICATION, CONDITIONS
from perinat.connectors.hl7v2.times import PARIS
from perinat.standards.pushed import IntakeRefusal

SELF = ("perinat", "perinat")


def build(header: Segment | None, refusal: IntakeRefusal | None, warnings: Sequence[str] = ()) -> bytes:
    """The answer to the message of this header (None: it had none that could be read), in UTF-8.

    AA: taken and integrated, with `warnings`. AE: refused, a person must act. AR: not now, send it again.
    """
    code = "AA" if refusal is None else ("AR" if refusal.again else "AE")
    lines = [_header(header), f"MSA|{code}|{escape(header.get(10)) if header else ''}"]
    if refusal is not None:
        lines.append(_error(refusal))
    else:
        lines += [f"ERR|||0^{CONDITIONS['0']}^messageErrorCondition|W||||{escape(text)}" for text in warnings]
    return ("\r".join(lines) + "\r").encode()


def _header(header: Segment | None) -> str:
    def of(number: int) -> str:
        return escape(header.get(number)) if header else ""

    event = escape(header.get(9, 2)) if header else ""
    kind = f"ACK^{event}^ACK" if event else "ACK"
    now = datetime.now(PARIS).strftime("%Y%m%d%H%M%S")
    ours = of(5) or SELF[0], of(6) or SELF[1]
    version = of(12) or "2.6"
    processing = of(11) or "P"
    return (
        f"MSH|^~\\&|{ours[0]}|{ours[1]}|{of(3)}|{of(4)}|{now}||{kind}|{uuid.uuid4().hex[:20]}|{processing}|{version}"
        "|||||FRA|UNICODE UTF-8"
    )


def _error(refusal: IntakeRefusal) -> str:
    condition = f"{refusal.condition}^{CONDITIONS[refusal.condition]}^messageErrorCondition"
    application = ""
    if refusal.condition == "207" and refusal.application:
        application = f"{refusal.application}^{escape(APPLICATION[refusal.application])}^applicationErrorCode"
    return f"ERR||{refusal.place}|{condition}|E|{application}|||{escape(refusal.message_fr)}"
