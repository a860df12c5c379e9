"""What never changes in a tree, as XML: written once per process. Nothing of a case comes here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from coordination.cda import markup
from coordination.cda.markup import attribute, text
from coordination.cda.spec.nodes import E, Part, Slot


@cache
def templates(roots: tuple[str, ...]) -> str:
    return "".join(markup.identifier(root, tag="templateId") for root in roots)


def attributes_of(attributes: Mapping[str, str]) -> str:
    return "".join(f' {name.replace("_", ":", 1)}="{attribute(value)}"' for name, value in attributes.items())


@cache
def fixed_words(words: str) -> str:
    """Words of the tree (a label): their number has an end, unlike those of cases."""
    return text(words)


@cache
def opening_of(node: E | Slot) -> str:
    """The opening tag, up to the attributes that depend on the case."""
    of_kind = node.kind.xsi if isinstance(node, Slot) and node.tag == "value" else ""
    xsi = f' xsi:type="{of_kind}"' if of_kind else ""
    return f"<{node.tag}{xsi}{attributes_of(node.attributes)}"


@cache
def pieces_of(node: E | Slot) -> tuple[Part, ...]:
    """What the element encloses: neighbours that never change are one text, of XML."""
    pieces: list[Part] = []
    for part in map(_settled, node.children if isinstance(node, E) else node.inside):
        if isinstance(part, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += part
        else:
            pieces.append(part)
    return tuple(pieces)


def _settled(part: Part) -> Part:
    """Its XML when it never changes, else the part itself."""
    if isinstance(part, str):
        return text(part)
    return (static_of(part) or part) if isinstance(part, E) else part


@cache
def static_of(node: E) -> str:
    """The XML of an element without any slot, identifier or anchor inside; empty otherwise."""
    pieces = [piece for piece in pieces_of(node) if isinstance(piece, str)]
    if node.negation or node.shown or len(pieces) < len(pieces_of(node)):
        return ""
    inner = "".join(pieces)
    return f"{opening_of(node)}>{inner}</{node.tag}>" if inner else f"{opening_of(node)}/>"
