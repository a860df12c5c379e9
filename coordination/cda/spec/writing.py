"""A volet's tree and a case → the XML of the structured body, with its narrative.

Text building, like the header: what never changes in the tree (templates, codes, opening tags, labels) is built
once per process. Identifiers are UUIDs drawn from the document's unique id and their rank: same content, same
bytes. Call `checking.problems` before: nothing here decides.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from coordination.cda import markup
from coordination.cda.markup import day, text
from coordination.cda.spec.checking import paragraphs
from coordination.cda.spec.fixed import attributes_of, fixed_words, opening_of, pieces_of, static_of, templates
from coordination.cda.spec.lexical import write_ts
from coordination.cda.spec.nodes import (
    Anchor,
    E,
    Ident,
    Item,
    Known,
    Narrated,
    Part,
    Prose,
    Section,
    Sign,
    Slot,
    Today,
    is_bare,
)

_SEVERAL = "Voir les rubriques ci-dessous."


@dataclass(slots=True)
class _Line:
    """One line of the narrative: the words of an Item, the anchor of its entry, the lines of its inner Items."""

    label: str
    anchor: str
    depth: int
    said: list[str] = field(default_factory=list)


class Writer:
    """Writes one body. `unique_id`: of the document; `at`: aware, gives the document's day.

    `relatives`: (relation, what) → XML, for each `Known` of the tree.
    """

    def __init__(
        self, *, unique_id: str, at: datetime, relatives: Mapping[tuple[str, str], str] = MappingProxyType({})
    ) -> None:
        self._relatives = relatives
        self._space = uuid.uuid5(uuid.NAMESPACE_OID, unique_id)
        self._day = day(at.astimezone(markup.PARIS).date())
        self._idents = 0
        self._anchors = 0
        self._lines: list[_Line] = []
        self._open: list[_Line] = []
        self._given: list[Mapping[str, Any]] = []  # the values of the items being written, the outer ones first

    def body(self, sections: tuple[Section, ...], values: Mapping[str, Any]) -> str:
        """structuredBody with these sections; a section without a value in the case is not written."""
        inner = "".join(
            self._component(section, values[section.name]) for section in sections if section.name in values
        )
        return f"<structuredBody>{inner}</structuredBody>"

    def _component(self, section: Section, value: Any) -> str:
        values = _object(section, value)
        outer, self._lines = self._lines, []
        before = "".join(self._part(part, values) for part in section.before)
        pieces, subsections, prose = [], [], ""
        for child in section.children:
            if isinstance(child, Prose):
                prose = _paragraphs(values.get(child.name, ""))
            elif isinstance(child, Section):
                if child.name in values:
                    subsections.append(self._component(child, values[child.name]))
            else:
                pieces.append(self._part(child, values))
        otherwise = _SEVERAL if subsections else section.otherwise
        narrative = prose + self._table() or (f"<paragraph>{text(otherwise)}</paragraph>" if otherwise else "")
        self._lines = outer
        return (
            f"<component><section>{templates(section.templates)}{self._ident()}{markup.code('code', section.code)}"
            f"<title>{text(section.title)}</title><text>{narrative}</text>{before}"
            f"{''.join(pieces)}{''.join(subsections)}</section></component>"
        )

    def _table(self) -> str:
        if not self._lines:
            return ""
        rows = "".join(
            _row(line, is_group=following is not None and following.depth > line.depth)
            for line, following in zip(self._lines, [*self._lines[1:], None], strict=True)
        )
        return f'<table border="0"><tbody>{rows}</tbody></table>'

    def _item(self, item: Item, values: Mapping[str, Any]) -> str:
        value = values.get(item.name, item.default)
        if value is None:
            return ""
        return "".join(self._one(item, one) for one in (value if item.many else (value,)))

    def _one(self, item: Item, value: Any) -> str:
        self._anchors += 1
        line = _Line(item.label, f"n{self._anchors}", len(self._open))
        self._lines.append(line)
        self._open.append(line)
        values = _object(item, value)
        self._given.append(values)
        written = self._element(item.node, values)
        self._given.pop()
        self._open.pop()
        return written

    def _part(self, part: Part, values: Mapping[str, Any]) -> str:
        match part:
            case E():
                return static_of(part) or self._element(part, values)
            case Slot():
                return self._slot(part, values)
            case Item():
                return self._item(part, values)
            case Ident():
                return self._ident()
            case Anchor():
                return f'<{part.tag}><reference value="#{self._open[-1].anchor}"/></{part.tag}>'
            case Today():
                return f'<{part.tag} value="{self._today(part)}"/>'
            case Narrated():
                return self._narrated(part, values)
            case Known():
                return self._relatives.get((part.relation, part.what), "")
            case Sign() | str():  # an attribute of its element; fixed text, which stands in `pieces_of`
                return ""

    def _element(self, node: E, values: Mapping[str, Any]) -> str:
        if node.optional and not _has_value(node, values):
            return ""
        sign = self._sign(node.negation, values) if node.negation else ""
        opening = f"{opening_of(node)}{sign}{self._shown() if node.shown else ''}"
        inner = self._inner(node, values)
        return f"{opening}>{inner}</{node.tag}>" if inner else f"{opening}/>"

    def _inner(self, node: E | Slot, values: Mapping[str, Any]) -> str:
        return "".join([part if isinstance(part, str) else self._part(part, values) for part in pieces_of(node)])

    def _shown(self) -> str:
        self._anchors += 1
        anchor = f"n{self._anchors}"
        self._open[-1].said.append(f'<renderMultiMedia referencedObject="{anchor}"/>')
        return f' ID="{anchor}"'

    def _today(self, part: Today) -> str:
        given = (values[part.like] for values in reversed(self._given) if part.like and part.like in values)
        date = next(given, None)
        return write_ts(date) if date else self._day

    def _sign(self, sign: Sign, values: Mapping[str, Any]) -> str:
        if sign.fixed:
            return ' negationInd="false"'
        done = values.get(sign.name, sign.default)
        if sign.name in values or not done:
            self._say("" if sign.name == "" else sign.label, "Oui" if done else "Non")
        return f' negationInd="{"false" if done else "true"}"'

    def _slot(self, slot: Slot, values: Mapping[str, Any]) -> str:
        value = values.get(slot.name, slot.default)
        if value is None:
            return self._without(slot, values) if slot.absent else ""
        said = slot.kind.say(value)
        if said and not slot.silent:
            self._say(slot.label if slot.name else "", said, first=slot.leads)
        attributes, inner = slot.kind.body(value)
        inner += self._inner(slot, values)
        opening = f"{opening_of(slot)}{attributes}"
        return f"{opening}>{inner}</{slot.tag}>" if inner else f"{opening}/>"

    def _without(self, slot: Slot, values: Mapping[str, Any]) -> str:
        inner = self._inner(slot, values)
        opening = f'<{slot.tag}{attributes_of(slot.attributes)} nullFlavor="{slot.absent}"'
        return f"{opening}>{inner}</{slot.tag}>" if inner else f"{opening}/>"

    def _narrated(self, part: Narrated, values: Mapping[str, Any]) -> str:
        words = values.get(part.name)
        if words is None:
            return ""
        if part.among:
            words = part.among.say(words)
        self._anchors += 1
        anchor = f"n{self._anchors}"
        inner = "<br/>".join(text(line) for line in paragraphs(words).split("\n"))
        label = f"{fixed_words(part.label)} : " if part.name else ""
        self._open[-1].said.append(f'{label}<content ID="{anchor}">{inner}</content>')
        return f'<{part.tag}{attributes_of(part.attributes)}><reference value="#{anchor}"/></{part.tag}>'

    def _say(self, label: str, words: str, *, first: bool = False) -> None:
        if not self._open:  # a value of the section itself (its subject) makes a line of its own
            self._anchors += 1
            self._lines.append(_Line(label, f"n{self._anchors}", 0, [text(words)]))
        else:
            told = "<br/>".join(text(line) for line in words.split("\n"))
            said = self._open[-1].said
            said.insert(0 if first else len(said), f"{fixed_words(label)} : {told}" if label else told)

    def _ident(self) -> str:
        self._idents += 1
        return f'<id root="{uuid.uuid5(self._space, str(self._idents))}"/>'


def _row(line: _Line, *, is_group: bool) -> str:
    """A fact without words is « Oui »; a group without words says nothing of its own: its lines follow."""
    label = f"{'– ' * line.depth}{fixed_words(line.label)}"
    if is_group and not line.said:
        return f'<tr><td><content ID="{line.anchor}">{label}</content></td><td></td></tr>'
    said = " ; ".join(line.said) or "Oui"
    return f'<tr><td>{label}</td><td><content ID="{line.anchor}">{said}</content></td></tr>'


def _object(branch: Item | Section, value: Any) -> Mapping[str, Any]:
    """The slots' values by name: a bare value stands under the empty name, `true` holds nothing."""
    if isinstance(value, Mapping) and not is_bare(branch):
        return value
    return {} if value is True and not is_bare(branch) else {"": value}


def _paragraphs(words: str) -> str:
    return "".join(f"<paragraph>{text(line)}</paragraph>" for line in paragraphs(words).split("\n")) if words else ""


def _has_value(node: E, values: Mapping[str, Any]) -> bool:
    """Whether a slot, words or an item somewhere inside has its value in the case."""
    for child in node.children:
        match child:
            case E():
                if _has_value(child, values):
                    return True
            case Slot() | Item():
                if values.get(child.name, child.default) is not None:
                    return True
            case Narrated():
                if child.name in values:
                    return True
            case _:
                continue
    return False
