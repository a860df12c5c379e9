"""An HL7 message that came in a file: what the MLLP server would have made of it (FOLDER_READERS)."""

from __future__ import annotations

from perinat.connectors.hl7v2 import conf, reception
from perinat.connectors.hl7v2.mllp import END, START
from perinat.standards.pushed import Pushed


def pushed(data: bytes, account: str) -> Pushed:
    """One message, framed or not, in the name of the account of its folder. Never raises on its content.

    Known by the same sender and the same MSH-10 as on the line: a message that came by both ways is taken once.
    """
    message = data.removeprefix(START).removesuffix(END)
    understood, content = reception.understand(message, strict=conf.load().strict_rules)
    return reception.told(understood, content, message, account)
