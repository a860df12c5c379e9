"""The XML of a structured body → the case it says, by the same tree that writes it.

An element is recognised by what is fixed in the tree: its tag, its <code>, the codes of what it
encloses, the list that its value belongs to. Templates and identifiers are not looked at: software
differs there. What another software wrote and the tree does not name is left to the generic reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from coordination.cda.spec.checking import paragraphs
from coordination.cda.spec.kinds import UnreadableValueError, squeeze
from coordination.cda.spec.nodes import E, Item, Narrated, Part, Prose, Section, Sign, Slot, is_bare, is_fact
from perinat.standards import oids, xml

_HL7 = f"{{{oids.NS_HL7}}}"
_XSI_TYPE = f"{{{oids.NS_XSI}}}type"
_BLOCKS = frozenset(f"{_HL7}{tag}" for tag in ("paragraph", "br", "tr", "item", "caption"))
_TRANSLATION = f"{_HL7}translation"
_TELLING = ("code", "value")  # a time, a route or a dose that cannot be read is unknown: the entry is what it is
_STATEMENTS = ("act", "encounter", "observation", "procedure", "substanceAdministration", "supply")
_CHOSEN = ("classCode", "moodCode", "typeCode")  # fixed attributes that recognise an element
Values = dict[str, Any]


class Reader:
    """Reads one document's body."""

    def __init__(self, body: xml.Element) -> None:
        self._body = body
        self._ids: Mapping[str, xml.Element] | None = None

    def values(self, sections: tuple[Section, ...]) -> Values:
        """The case of these sections; what is absent or unknown is left out."""
        return self._sections(self._body, sections)

    def _sections(self, parent: xml.Element, sections: tuple[Section, ...]) -> Values:
        found: Values = {}
        used: set[xml.Element] = set()
        last = {section.templates[-1] for section in sections}
        for section in sections:
            others = last - {section.templates[-1]}
            node = next((one for one in _nested(parent) if one not in used and _is(one, section, others)), None)
            if node is None:
                continue
            used.add(node)
            value = self._section(node, section)
            if value not in ({}, None) or (section.otherwise and value == {}):
                found[section.name] = value
        return found

    def _section(self, node: xml.Element, section: Section) -> Any:
        values: Values = {}
        used: set[xml.Element] = set()
        for child in sorted(section.parts, key=_last_when_any):  # what a fixed code tells, before what takes any entry
            if isinstance(child, Item):
                values.update(self._item(child, node, used))
            elif isinstance(child, E):
                values.update(self._inner(child, node, used) or {})
            elif isinstance(child, Prose):
                words = _narrative(node.find(f"{_HL7}text"))
                if words:
                    values[child.name] = words
        inner = tuple(child for child in section.children if isinstance(child, Section))
        values.update(self._sections(node, inner))
        return values.get("") if is_bare(section) else values

    def _item(self, item: Item, parent: xml.Element, used: set[xml.Element]) -> Values:
        read: list[Any] = []
        for element in parent.iterchildren(f"{_HL7}{item.node.tag}"):
            if element in used:
                continue
            values = self._fit(item.node, element)
            if values is None or not (values or is_fact(item)) or (is_bare(item) and "" not in values):
                continue
            used.add(element)
            read.append(values[""] if is_bare(item) else values or True)
            if not item.many:
                break
        if not read:
            return {}
        return {item.name: read if item.many else read[0]}

    def _fit(self, node: E, element: xml.Element) -> Values | None:
        """The values of `element` when it is what `node` describes, else None."""
        fixed = ((name, node.attributes[name]) for name in _CHOSEN if name in node.attributes)
        if any(element.get(name, value) != value for name, value in fixed):
            return None
        if _fixed_code(node) and not _same_code(node, element):
            return None
        values: Values = {}
        if node.negation:
            if node.negation.fixed and element.get("negationInd") == "true":
                return None  # an absent problem, an act not done: the contrary of what this item says
            values.update({} if node.negation.fixed else _sign(node.negation, element))
        used: set[xml.Element] = set()
        for child in node.children:
            found = self._child(child, element, used)
            if found is None:
                return None
            values.update(found)
        return values

    def _child(self, part: Part, parent: xml.Element, used: set[xml.Element]) -> Values | None:
        match part:
            case Item():
                return self._item(part, parent, used)
            case Slot():
                return self._slot(part, parent, used)
            case Narrated():
                return self._narrated(part, parent, used)
            case E():
                return self._inner(part, parent, used)
            case _:
                return {}

    def _inner(self, node: E, parent: xml.Element, used: set[xml.Element]) -> Values | None:
        if not _tells(node):
            return {}
        refused = False
        for element in parent.iterchildren(f"{_HL7}{node.tag}"):
            if element in used or not _same_type(node.attributes, element):
                continue
            found = self._fit(node, element)
            if found is not None:
                used.add(element)
                return found
            refused = refused or _is_told_apart(node)
        if node.lenient and parent.find(f"{_HL7}{node.tag}") is None:
            return {}
        return None if (refused or _recognises(node)) and not node.optional else {}

    def _slot(self, slot: Slot, parent: xml.Element, used: set[xml.Element]) -> Values | None:
        """None when a code or a value of another kind stands there: it is another entry."""
        wrong, mute = False, None
        for element in parent.iterchildren(f"{_HL7}{slot.tag}"):
            if element in used or not _same_type(slot.attributes, element):
                continue
            try:
                values: Values | None = self._enclosed(slot, element, {slot.name: slot.kind.read(element)})
            except UnreadableValueError:
                if slot.tag not in _TELLING or _says_nothing(element):
                    mute = element if mute is None else mute
                    continue
                values = None
            if values is not None:
                used.add(element)
                return values
            wrong = True
        if wrong or mute is None:
            return None if wrong else {}
        return self._enclosed(slot, mute, {})

    def _enclosed(self, slot: Slot, element: xml.Element, values: Values) -> Values | None:
        """With the values of what the slot encloses; None when one of these tells another entry."""
        for part in slot.inside:
            found = self._child(part, element, set())
            if found is None:
                return None
            values.update(found)
        return values

    def _narrated(self, part: Narrated, parent: xml.Element, used: set[xml.Element]) -> Values:
        for element in parent.iterchildren(f"{_HL7}{part.tag}"):
            if element in used:
                continue
            reference = element.find(f"{_HL7}reference")
            words = (
                _narrative(self._by_id(str(reference.get("value", ""))))
                if reference is not None
                else _narrative(element)
            )
            if words:
                used.add(element)
                return {part.name: words}
        return {}

    def _by_id(self, reference: str) -> xml.Element | None:
        if self._ids is None:
            self._ids = {str(node.get("ID")): node for node in self._body.iter() if node.get("ID")}
        return self._ids.get(reference.removeprefix("#"))


def _last_when_any(part: E | Item | Section | Prose) -> bool:
    node = part.node if isinstance(part, Item) else part
    return isinstance(node, E) and not _recognises(node)


def _nested(parent: xml.Element) -> Iterator[xml.Element]:
    for component in parent.iterchildren(f"{_HL7}component"):
        yield from component.iterchildren(f"{_HL7}section")


def _is(node: xml.Element, section: Section, others: set[str]) -> bool:
    """Same code, and its own template when one is declared; `others`: those of the sections beside it."""
    code = node.find(f"{_HL7}code")
    if code is None or (code.get("code"), code.get("codeSystem")) != (section.code.code, section.code.system):
        return False
    roots = {child.get("root") for child in node.iterchildren(f"{_HL7}templateId")}
    return section.templates[-1] in roots or not roots & ({*section.templates} | others)


@cache
def _is_told_apart(node: E) -> bool:
    """An act or a finding without a fixed code: its own code or value tells whether it is this one."""
    slots = (child for child in node.children if isinstance(child, Slot))
    return node.tag in _STATEMENTS and any(slot.tag in _TELLING for slot in slots)


def _says_nothing(element: xml.Element) -> bool:
    """A null value, or an element that bears none: no code, value nor words, in it or in its bounds."""
    if element.get("nullFlavor") is not None:
        return True
    told = (node.get(name) for node in (element, *element) if node.tag != _TRANSLATION for name in _TELLING)
    return not any(told) and not (element.text or "").strip()


def _sign(sign: Sign, element: xml.Element) -> Values:
    return {sign.name: element.get("negationInd", "false") != "true"}


def _same_type(attributes: Mapping[str, str], element: xml.Element) -> bool:
    """An xsi:type of the tree holds, when the element bears one."""
    wanted = attributes.get("xsi_type")
    return wanted is None or str(element.get(_XSI_TYPE, wanted)).rpartition(":")[2] == wanted


@cache
def _fixed_code(node: E) -> bool:
    return "code" in node.attributes and "codeSystem" in node.attributes


def _same_code(node: E, element: xml.Element) -> bool:
    return all(element.get(name) == node.attributes[name] for name in ("code", "codeSystem"))


@cache
def _recognises(node: E) -> bool:
    """Whether a fixed code stands in the element, or in one that it must enclose."""
    return _fixed_code(node) or any(_needed(child) for child in node.children)


def _needed(part: Part) -> bool:
    if isinstance(part, Slot):
        return any(_needed(inner) for inner in part.inside)
    return isinstance(part, E) and not part.optional and _recognises(part)


def _signed(node: E) -> bool:
    return node.negation is not None and not node.negation.fixed


@cache
def _tells(node: E) -> bool:
    """Whether reading the element is of any use: it recognises its parent, or holds a value."""
    if node.tag in ("templateId", "statusCode"):
        return False
    holds = any(
        isinstance(child, Slot | Item | Narrated) or (isinstance(child, E) and _tells(child)) for child in node.children
    )
    return holds or _signed(node) or _recognises(node)


def _narrative(element: xml.Element | None) -> str:
    """The words of a piece of narrative, one line per paragraph."""
    if element is None:
        return ""
    pieces: list[str] = []
    _collect(element, pieces)
    return paragraphs("".join(pieces))


def _collect(element: xml.Element, pieces: list[str]) -> None:
    block = element.tag in _BLOCKS
    if block:
        pieces.append("\n")
    pieces.append(_spaced(element.text))
    for child in element:
        if isinstance(child.tag, str):
            _collect(child, pieces)
        pieces.append(_spaced(child.tail))
    if block:
        pieces.append("\n")


def _spaced(words: str | None) -> str:
    """White space of the source is one space; only elements make lines."""
    if not words:
        return ""
    kept = squeeze(words)
    before = " " if words[:1].isspace() else ""
    after = " " if words[-1:].isspace() and kept else ""
    return f"{before}{kept}{after}"
