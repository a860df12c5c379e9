"""The JSON Schema (2020-12) of a case, with French titles, drawn from the same tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coordination.cda.spec.nodes import Branch, Leaf, Member


def of(members: Sequence[Member]) -> dict[str, Any]:
    """Schema of the JSON object of these members."""
    needed = [member.name for member in members if member.required and member.default is None]
    built: dict[str, Any] = {
        "type": "object",
        "properties": {member.name: _of(member) for member in members},
        "additionalProperties": False,
    }
    return built | {"required": needed} if needed else built


def _of(member: Member) -> dict[str, Any]:
    if isinstance(member, Leaf):
        built = {"title": member.label} | _leaf(member)
    elif member.many:
        built = {"title": member.label, "type": "array", "maxItems": member.most, "items": _one(member)}
        if member.required:
            built["minItems"] = 1
    else:
        built = {"title": member.label} | _one(member)
    if isinstance(member, Branch) and member.may_be_empty:
        built["minProperties"] = 0  # {} says something: its section then has words of its own
    proposed = member.default is not None and (isinstance(member, Branch) or member.proposed)
    return built | {"default": member.default} if proposed else built


def _one(branch: Branch) -> dict[str, Any]:
    if not branch.members:
        return {"const": True}
    return _leaf(branch.bare) if branch.bare else of(branch.members)


def _leaf(leaf: Leaf) -> dict[str, Any]:
    if leaf.kind is None:
        return {"type": "string", "minLength": 1, "maxLength": leaf.most}
    return leaf.kind.schema()
