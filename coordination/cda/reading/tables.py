"""A narrative table as rows of cells, however its parts are ordered or nested in the input."""

from __future__ import annotations

from dataclasses import dataclass

from coordination.cda.reading import nodes
from coordination.cda.reading.texts import plain
from perinat.standards import xml

MOST_SPAN = 100
Cell = tuple[xml.Element, str, int, int]  # element, scope ("" for td), columns, rows
_GROUPS = ("thead", "tbody", "tfoot")


@dataclass(frozen=True, slots=True)
class Grid:
    """`groups`: (thead | tbody | tfoot, rows) in the order HTML wants; `loose`: words that stand in no cell."""

    caption: xml.Element | None
    groups: tuple[tuple[str, tuple[tuple[Cell, ...], ...]], ...]
    loose: tuple[str, ...]


def read_grid(node: xml.Element) -> Grid:
    """`node`: a table, or a group, a row or a cell that stands alone."""
    kind = nodes.name(node)
    if kind in ("td", "th"):
        return Grid(None, (("tbody", ((_cell(node, "row"),),)),), ())
    if kind == "tr":
        rows = _rows([node], "tbody")
        return Grid(None, (("tbody", rows),) if rows else (), _loose(node, ("td", "th")))
    if kind in _GROUPS:
        rows = _rows([node], kind)
        return Grid(None, ((kind, rows),) if rows else (), _loose_of_group(node))
    groups: list[tuple[str, tuple[tuple[Cell, ...], ...]]] = []
    bare: list[xml.Element] = []
    for child in nodes.children(node):
        name = nodes.name(child)
        if name in _GROUPS:
            groups.append((name, _rows([child], name)))
        elif name == "tr":
            bare.append(child)
    if bare:
        groups.append(("tbody", _rows(bare, "tbody")))
    groups = [group for group in groups if group[1]]
    order = {"thead": 0, "tbody": 1, "tfoot": 2}
    first_head = next((group for group in groups if group[0] == "thead"), None)
    others = [("tbody" if group[0] == "thead" else group[0], group[1]) for group in groups if group is not first_head]
    kept = ([first_head] if first_head else []) + sorted(others, key=lambda group: order[group[0]])
    return Grid(nodes.first(node, "{*}caption"), tuple(kept), _loose_of_table(node))


def _rows(holders: list[xml.Element], group: str) -> tuple[tuple[Cell, ...], ...]:
    """Rows of a group (or bare rows). In a head every cell with words names its column; elsewhere a header its row."""
    found = []
    for holder in holders:
        for row in [holder] if nodes.name(holder) == "tr" else list(holder.iterchildren("{*}tr")):
            cells = list(row.iterchildren("{*}th", "{*}td"))
            heads = group == "thead" or (len(cells) > 1 and all(nodes.name(cell) == "th" for cell in cells))
            if cells:
                found.append(tuple(_cell(cell, "col" if heads else "row", group) for cell in cells))
    return tuple(found)


def _cell(node: xml.Element, scope: str, group: str = "tbody") -> Cell:
    """A header without words names nothing: it is written as an ordinary cell."""
    named = (group == "thead" or nodes.name(node) == "th") and bool(plain(node))
    return node, scope if named else "", _span(node, "colspan"), _span(node, "rowspan")


def _span(node: xml.Element, name: str) -> int:
    return max(1, min(nodes.integer(nodes.attribute(node, name)) or 1, MOST_SPAN))


def _loose_of_table(node: xml.Element) -> tuple[str, ...]:
    """Words between the cells of a whole table: HTML has no place for them there. A second caption is one of them."""
    kept = _loose(node, (*_GROUPS, "tr", "caption", "col", "colgroup"))
    kept += tuple(plain(item) for item in nodes.every(node, "{*}caption")[1:])
    for child in nodes.children(node):
        if nodes.name(child) in _GROUPS:
            kept += _loose_of_group(child)
        elif nodes.name(child) == "tr":
            kept += _loose(child, ("td", "th"))
    return kept


def _loose_of_group(node: xml.Element) -> tuple[str, ...]:
    kept = _loose(node, ("tr", "col", "colgroup"))
    for row in node.iterchildren("{*}tr"):
        kept += _loose(row, ("td", "th"))
    return kept


def _loose(node: xml.Element, expected: tuple[str, ...]) -> tuple[str, ...]:
    words = [node.text or ""]
    for child in node:
        if isinstance(child.tag, str) and nodes.name(child) not in expected:
            words.append(plain(child))
        words.append(child.tail or "")
    return tuple(word for word in words if word.strip())
