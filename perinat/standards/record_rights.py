"""Which professions read which documents of a DMP: the matrix of habilitations, as dated data.

`data/record_rights.json` says its source, when it was read, and which lines were checked (docs/interop/dmp.md).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "record_rights.json"


@cache
def _matrix() -> dict[str, Any]:
    matrix: dict[str, Any] = json.loads(DATA.read_text())
    return matrix


def professions(type_code: str, class_code: str) -> tuple[str, ...]:
    """The professions that may read this type of document, when authorised on the DMP, in French."""
    return tuple(
        str(one["label"])
        for one in _matrix()["professions"]
        if type_code not in one["except_types"] and class_code not in one["except_classes"]
    )
