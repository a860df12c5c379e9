"""The paths of problems (« body.acts.acts[0].act ») in a case: what stands there, and the case without it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_ROOT = "body"


def _steps(path: str) -> list[str | int]:
    """Names and ranks, after the root."""
    found = [int(rank) if rank else name for name, rank in _STEP.findall(path)]
    return found[1:] if found[:1] == [_ROOT] else found


def value_at(body: Any, path: str) -> Any:
    """What the case says there; None when it says nothing."""
    for step in _steps(path):
        body = _inside(body, step)
    return body


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else None
    return value.get(step) if isinstance(value, Mapping) else None


def without(body: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The case without what stands at these paths; a line of a list becomes None, the others keep their rank."""
    kept: Any = dict(body)
    for path in paths:
        kept = _without(kept, _steps(path))
    return dict(kept or {})


def _without(value: Any, steps: list[str | int]) -> Any:
    if not steps:
        return None
    step, *rest = steps
    inner = _inside(value, step)
    if inner is None:
        return value
    if isinstance(step, int):
        return [*value[:step], _without(inner, rest), *value[step + 1 :]]
    left = {name: one for name, one in value.items() if name != step}
    return {**left, step: _without(inner, rest)} if rest else left
