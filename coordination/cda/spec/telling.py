"""A case as a person reads it: headings and lines, for a PDF or a page. Same words as the narrative of the CDA."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from coordination.cda.spec.nodes import Branch, Leaf, Section, members

Rows = list[tuple[str, str]]


def sections(tree: Sequence[Section], values: Mapping[str, Any], *, within: str = "") -> Iterator[tuple[str, Rows]]:
    """(heading, lines) of each section that has something to say, subsections after their own section."""
    for section in tree:
        if section.name not in values:
            continue
        heading = f"{within} – {section.title}" if within else section.title
        own = tuple(child for child in section.parts if not isinstance(child, Section))
        inner = tuple(child for child in section.children if isinstance(child, Section))
        value = values[section.name]
        told = value if isinstance(value, Mapping) else {"": value}
        rows = list(lines(members(*own), told))
        if rows or (section.otherwise and not told):
            yield heading, rows or [("", section.otherwise)]
        yield from sections(inner, told, within=heading)


def lines(of: Sequence[Leaf | Branch], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(label, words); an empty label is a whole paragraph."""
    for member in of:
        if member.name not in values:
            continue
        value = values[member.name]
        if isinstance(member, Leaf):
            yield ("" if member.kind is None and not member.name else member.label), say(member, value)
            continue
        for one in value if member.many else (value,):
            yield from _branch(member, one)


def _branch(branch: Branch, value: Any) -> Iterator[tuple[str, str]]:
    if not branch.members:
        yield branch.label, "Oui"
    elif branch.bare:
        yield branch.label, say(branch.bare, value)
    elif all(isinstance(member, Leaf) for member in branch.members):
        told = (f"{label} : {words}" for label, words in lines(branch.members, value) if words)
        yield branch.label, " ; ".join(told)
    else:
        yield branch.label, ""
        yield from ((f"– {label}", words) for label, words in lines(branch.members, value))


def say(leaf: Leaf, value: Any) -> str:
    """The words of one value; empty for what only machines read."""
    return str(value) if leaf.kind is None else leaf.kind.say(value)
