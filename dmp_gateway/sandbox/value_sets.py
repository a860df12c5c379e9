"""Membership of codes in the value sets of the DMP, from data/value_sets.json and data/documents.json."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def read(name: str) -> Any:
    """One JSON file of data/."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def _sets() -> dict[str, dict[str, frozenset[str]]]:
    raw = read("value_sets.json")
    return {
        name: {system: frozenset(codes) for system, codes in systems.items()}
        for name, systems in raw.items()
        if name != "about"
    }


@cache
def _documents() -> dict[str, dict[str, str]]:
    raw = read("documents.json")
    return {name: table for name, table in raw.items() if name != "about"}


def has(value_set: str, code: str, system: str) -> bool:
    """`code` of the code system `system` (bare OID) belongs to `value_set`."""
    return code in _sets()[value_set].get(system, frozenset())


def class_of_type(type_code: str) -> str:
    """classCode that ASS_X16 gives to a typeCode, empty when the table does not say."""
    return _documents()["class_of_type"].get(type_code, "")


def format_of_template(root: str) -> str:
    """formatCode of a CDA model, empty when the table does not say."""
    return _documents()["format_of_template"].get(root, "")


def format_of_media(media_type: str) -> str:
    """formatCode of an unstructured body by media type (ASS-A12), empty when unknown."""
    return _documents()["format_of_media"].get(media_type, "")
