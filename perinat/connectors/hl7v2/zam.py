"""ZAM^Z01, Z02, Z03: business acknowledgements to the hospital's software (HL7 v2.6, Z messages of CI-SIS).

Source: IG « Transmission de document(s) CDA en HL7v2 » 2.1.2 (ANS), volume 2, « Description des contraintes à appliquer
sur les accusés métiers ». The tables give the coding systems; the official examples have EVN, and name a few otherwise.
"""

from __future__ import annotations

import json
from datetime import datetime

from perinat.connectors.hl7v2 import smtp_codes
from perinat.connectors.hl7v2.er7 import Segment, escape
from perinat.connectors.hl7v2.errors import APPLICATION, CONDITIONS, INTERNAL
from perinat.connectors.hl7v2.times import PARIS
from perinat.standards.pushed import PushedReport, ReportKind

PROFILE = "2.1^CISIS_CDA_HL7_V2"
TABLE = "AckMetierZAM"
YES_NO = "expandedYes-NoIndicator"
OF_DMP, OF_READER = "DMP_ERROR_CODE", "applicationErrorCondition"
LOCAL, OWN = "99PERINAT", "perinat:"  # a refusal of perinat itself, before the DMP was asked
STATUS = {
    ReportKind.DMP: ("Z01", "ACK_RECEPTION_DMP", "Accusé de réception DMP"),
    ReportKind.MAIL: ("Z02", "ACK_RECEPTION_MSS", "Accusé de réception MSSanté"),
    ReportKind.READ: ("Z03", "ACK_LECTURE_MSS", "Accusé de lecture"),
}
WHO = {
    ReportKind.MAIL: ("DESTINATAIRE_MSS", "Destinataire MSSanté"),
    ReportKind.READ: ("LECTEUR_MSS", "Lecteur du courriel MSSanté"),
}
PARTS = ("application", "facility", "our_application", "our_facility", "processing")
MOST = 300  # characters of a token


def token(header: Segment) -> str:
    """What a report will need of the message that it speaks of: MSH-3 to MSH-6 and MSH-11."""
    parts = [header.get(number) for number in (3, 4, 5, 6, 11)]
    text = json.dumps(parts, ensure_ascii=False)
    return text if len(text) <= MOST else ""


def addressed(text: str) -> dict[str, str]:
    """The parts of a token; empty when there is none."""
    return dict(zip(PARTS, json.loads(text), strict=True)) if text else {}


def build(report: PushedReport, *, now: datetime) -> bytes:
    """The message, in UTF-8. MSH-10 is the report's own identifier: the same at each try."""
    event, code, label = STATUS[report.kind]
    lines = [_header(report, event, now), f"EVN||{_stamp(report.at)}"]
    value = f"{'Y' if report.ok else 'N'}^^{YES_NO}"
    lines.append(f"OBX|1|CWE|{code}^{label}^{TABLE}|{escape(report.control_id)}|{value}||||||F")
    if report.kind in WHO:
        who, words = WHO[report.kind]
        address = f"^^X.400^{escape(report.address)}"
        lines.append(f"OBX|2|XTN|{who}^{words}^{TABLE}|{escape(report.recipient)}|{address}||||||F")
    if not report.ok:
        condition = f"{INTERNAL}^{CONDITIONS[INTERNAL]}^messageErrorCondition"
        lines.append(f"ERR|||{condition}|E|{_reason(report)}")
    return ("\r".join(lines) + "\r").encode()


def _header(report: PushedReport, event: str, now: datetime) -> str:
    to = addressed(report.token)
    ours = escape(to["our_application"] or "perinat"), escape(to["our_facility"] or "perinat")
    theirs = escape(to["application"]), escape(to["facility"])
    return (
        f"MSH|^~\\&|{ours[0]}|{ours[1]}|{theirs[0]}|{theirs[1]}|{_stamp(now)}||ZAM^{event}^ZAM_Z01|{report.report_id}"
        f"|{to['processing'] or 'P'}|2.6|||||FRA|UNICODE UTF-8|||{PROFILE}"
    )


def _stamp(moment: datetime) -> str:
    return moment.astimezone(PARIS).strftime("%Y%m%d%H%M%S%z")


def _reason(report: PushedReport) -> str:
    """ERR-5: the code of the DMP, of the SMTP server (their table), or of the reader's software."""
    if report.kind is ReportKind.MAIL:
        code = smtp_codes.basic(report.code)
        return f"{code}^{escape(smtp_codes.LABELS[code])}^{smtp_codes.SYSTEM}"
    if report.kind is ReportKind.READ:
        code = report.code if report.code in APPLICATION else "906"
        return f"{code}^{escape(APPLICATION[code])}^{OF_READER}"
    system = LOCAL if report.code.startswith(OWN) else OF_DMP
    return f"{escape(report.code)}^{escape(report.label)}^{system}"
