"""What every hand-written message shares: fictitious people and structures, and breaking on purpose."""

from __future__ import annotations

import uuid

EJ = "1990000127"  # legal entity, whose certificates are used
EG = "1990000135"  # its maternity site
OTHER_EJ = "1990000143"
MOTHER = "290019999900113^^^&1.2.250.1.213.1.4.10&ISO^NH"
CLOSED = "287099999900887^^^&1.2.250.1.213.1.4.10&ISO^NH"
NO_DMP = "292089999900919^^^&1.2.250.1.213.1.4.10&ISO^NH"
OPPOSED = "289029999900673^^^&1.2.250.1.213.1.4.10&ISO^NH"
BLOCKED = "291119999900523^^^&1.2.250.1.213.1.4.10&ISO^NH"
EXPIRED = "295049999900407^^^&1.2.250.1.213.1.4.10&ISO^NH"
NEVER_AUTHORISED = "288079999900311^^^&1.2.250.1.213.1.4.10&ISO^NH"
MIDWIFE = "899700000013"  # 8 + RPPS
SOURCE = "1.2.250.1.999.1.1"
XSS = "urn:oasis:names:tc:ebxml-regrep:"
Edits = tuple[tuple[str, str], ...]


def edited(text: str, edit: Edits) -> str:
    for old, new in edit:
        assert old in text, f"nothing to edit: {old}"
        text = text.replace(old, new)
    return text


def new_oid() -> str:
    return f"2.25.{uuid.uuid4().int}"
