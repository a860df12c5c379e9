"""Small pieces of XML as text: escaped, never pretty, always the same bytes for the same values.

Text building rather than a tree: a CDA header is a fixed sequence of some sixty elements, and the
tree would have to be serialised again around a base64 body a hundred times its size.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from perinat.standards.codes import Code

PARIS = ZoneInfo("Europe/Paris")
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile('[&<>"\n\r\t]')
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_HOUSE = re.compile(r"(\d+(?: ?(?:bis|ter|quater|[A-Fa-f])\b)?),? +(\S.*)")


def text(value: str) -> str:
    """Element content; runs of white space become one space."""
    return escape(" ".join(value.split()))


def attribute(value: str) -> str:
    """Attribute value, to be put between double quotes: its line breaks and tabs are kept."""
    return _SPECIAL.sub(_escape, value)


def _escape(found: re.Match[str]) -> str:
    return _ESCAPED[found[0]]


def instant(value: datetime) -> str:
    """HL7 TS, local time of Paris with offset, to the second (Structuration minimale §3.2)."""
    return value.astimezone(PARIS).strftime("%Y%m%d%H%M%S%z")


def day(value: date) -> str:
    """HL7 TS to the day."""
    return value.strftime("%Y%m%d")


def code(tag: str, value: Code) -> str:
    """CE element with the nomenclature's own display name."""
    return (
        f'<{tag} code="{attribute(value.code)}" displayName="{attribute(value.label)}"'
        f' codeSystem="{attribute(value.system)}"/>'
    )


def identifier(root: str, extension: str = "", tag: str = "id") -> str:
    """II element: `root` OID, `extension` omitted when empty (the DMP wants document ids root only)."""
    end = f' extension="{attribute(extension)}"' if extension else ""
    return f'<{tag} root="{attribute(root)}"{end}/>'


def address(line: str, postal_code: str, city: str) -> str:
    """AD in components (no streetAddressLine: the child certificates refuse it), or nullFlavor UNK."""
    if not (line or postal_code or city):
        return '<addr nullFlavor="UNK"/>'
    house = _HOUSE.fullmatch(" ".join(line.split()))
    parts = (
        ("houseNumber", house[1] if house else ""),
        ("streetName", house[2] if house else line),
        ("postalCode", postal_code),
        ("city", city),
    )
    return f"<addr>{''.join(f'<{tag}>{text(value)}</{tag}>' for tag, value in parts if value)}</addr>"


def telecom(phone: str, use: str) -> str:
    """TEL `tel:` URI with digits and a leading + only, or nullFlavor UNK. `use`: H or WP."""
    digits = re.sub(r"[^\d+]", "", phone)
    if not digits:
        return '<telecom nullFlavor="UNK"/>'
    return f'<telecom value="tel:{digits}" use="{use}"/>'
