"""Which professions do not read which documents of a DMP: the matrix of habilitations, as dated data.

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


def barred(type_code: str, class_code: str) -> tuple[str, ...]:
    """The professions that surely may not read this type of document in a DMP, in French.

    From the lines that were checked alone: who may read it is told by class (« selon les droits de leur profession »),
    never by a list that nobody compared with the annex.
    """
    return tuple(
        str(one["label"])
        for one in _matrix()["professions"]
        if one["checked"] and (type_code in one["except_types"] or class_code in one["except_classes"])
    )
