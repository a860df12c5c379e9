"""Where a hospital's software wants its document to go: a wish closes a way, and never opens one."""

from __future__ import annotations

import json
from typing import Any

from coordination import blobs
from perinat.standards.pushed import Wishes

CLEAR = ("dmp", "professionals", "patient")
WORDS = ("to_professionals", "to_patient")


def kept(wishes: Wishes) -> dict[str, Any]:
    """The fields of a Deposit: what the sender says, and nothing for what it does not say; its words are encrypted."""
    said = {name: getattr(wishes, name) for name in CLEAR if getattr(wishes, name) is not None}
    if wishes.closes:
        said["closes"] = True
    words = {name: getattr(wishes, name) for name in WORDS if getattr(wishes, name)}
    data = json.dumps(words, ensure_ascii=False).encode()
    return {"wishes": said, "words": blobs.store(data, media_type="application/json") if words else None}
