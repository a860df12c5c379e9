"""By which document an identity is verified (RNIV): the list, as dated data.

`data/identity_evidence.json` says its source and when it was read (docs/interop/ins.md).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "identity_evidence.json"


@cache
def _lists() -> dict[str, Any]:
    lists: dict[str, Any] = json.loads(DATA.read_text())
    return lists


def evidence(*, newborn: bool) -> dict[str, str]:
    """Code → French words, in the order of the screen. A newborn: its birth, with the document of a parent, first."""
    return {str(one["code"]): str(one["label"]) for one in _lists()["child" if newborn else "adult"]}


def said() -> tuple[str, str]:
    """Where the list comes from, and the day it was read (AAAA-MM-JJ)."""
    lists = _lists()
    return str(lists["source"]), str(lists["read_on"])
