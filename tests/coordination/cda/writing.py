"""Small CDA documents written by hand, as text: shares nothing with the builder nor with the reader."""

from __future__ import annotations

import base64

HL7 = "urn:hl7-org:v3"


def document(sections: str, *, header: str = "", before: str = "", around: str = "{}") -> bytes:
    """A structured document. `before`: what stands ahead of the root; `around`: what holds the root."""
    root = (
        f'<ClinicalDocument xmlns="{HL7}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xmlns:sdtc="urn:hl7-org:sdtc"><id root="1.2.3"/>{header}'
        f"<component><structuredBody>{sections}</structuredBody></component></ClinicalDocument>"
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}{around.format(root)}'.encode()


def section(text: str, *, title: str = "Section", entry: str = "", inside: str = "") -> str:
    words = f"<text>{text}</text>" if text else ""
    entries = f"<entry>{entry}</entry>" if entry else ""
    return f"<component><section><title>{title}</title>{words}{entries}{inside}</section></component>"


def attached(media_type: str, data: bytes, identifier: str = "FILE-1") -> str:
    encoded = base64.b64encode(data).decode()
    return (
        f'<observationMedia classCode="OBS" moodCode="EVN" ID="{identifier}">'
        f'<value mediaType="{media_type}" representation="B64">{encoded}</value></observationMedia>'
    )
