"""Walks and safe readings over pikepdf objects, shared by the checks of a file."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pikepdf import Array, Dictionary, Name, Object, Stream

MAX_DEPTH = 60


def containers(root: object, depth: int = 0) -> Iterator[Object]:
    """The dictionaries, streams and arrays written inside `root`, itself included, references not followed.

    Raises ValueError beyond MAX_DEPTH levels (only hostile files nest so deep).
    """
    if depth > MAX_DEPTH:
        raise ValueError("objects nested too deep")
    if isinstance(root, Stream | Dictionary):
        yield root
        children: list[object] = [value for _, value in root.items()]
    elif isinstance(root, Array):
        yield root
        children = list(root)
    else:
        return
    for child in children:
        if isinstance(child, Stream | Dictionary | Array) and not child.is_indirect:
            yield from containers(child, depth + 1)


def name_of(value: object) -> str:
    """« Image » for /Image; empty for anything that is not a name."""
    return str(value)[1:] if isinstance(value, Name) else ""


def names_of(value: object) -> list[str]:
    """The names of a name or of an array of names (filters, blend modes)."""
    if isinstance(value, Array):
        return [name_of(item) for item in value]
    return [name_of(value)] if isinstance(value, Name) else []


def number_of(value: object) -> float | None:
    """The value of a number object; None for anything else (booleans included)."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return float(value)


def sub(value: object, key: str) -> object:
    """`value[key]` when `value` is a dictionary or a stream that has it, else None."""
    if isinstance(value, Dictionary | Stream) and key in value:
        found: object = value[key]
        return found
    return None
