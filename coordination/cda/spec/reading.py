"""The XML of a structured body → the case it says, by the same tree that writes it.

An element is recognised by what is fixed in the tree: its tag, its <code>, the codes of what it
encloses, the list that its value belongs to. Templates and identifiers are not looked at: software
differs there. What another software wrote and the tree does not name is left to the generic reader, and
counted (`Reader.left`): a partial reading is never shown as the whole.

What is said of somebody else, denied or cancelled is never read as a fact of the patient: an act whose
<subject> the tree does not name, an act aborted, cancelled or nullified, and one whose negationInd is true
without a Sign in the tree. One kind of element keeps its negationInd unheard: the plain observation that asks a
fixed question and answers it by its value (« nombre de fœtus : 1 »). Denying the answer has no meaning there, and
the official examples CSE-CS8 and OBP-SAP bear it beside values that stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from coordination.cda.spec.checking import paragraphs
from coordination.cda.spec.kinds import Words
from coordination.cda.spec.lexical import UnreadableValueError, squeeze
from coordination.cda.spec.nodes import (
    E,
    Item,
    Narrated,
    Part,
    Prose,
    Section,
    Slot,
    is_bare,
    is_fact,
)
from coordination.cda.spec.recognising import (
    CHOSEN,
    HL7,
    TELLING,
    TRANSLATION,
    fixed_code,
    is_contrary,
    is_section,
    is_told_apart,
    last_when_any,
    recognises,
    same_code,
    same_type,
    says_nothing,
    sections_in,
    sign_of,
    speaks,
    tells,
    unread,
)
from perinat.standards import xml

_BLOCKS = frozenset(f"{HL7}{tag}" for tag in ("paragraph", "br", "tr", "item", "caption"))
Values = dict[str, Any]


class Reader:
    """Reads one document's body."""

    def __init__(self, body: xml.Element) -> None:
        self._body = body
        self._ids: Mapping[str, xml.Element] | None = None
        self._missed: list[xml.Element] = []  # members of the lists being read that nothing took
        self.left: dict[str, int] = {}

    def values(self, sections: tuple[Section, ...]) -> Values:
        """The case of these sections; what is absent or unknown is left out.

        `left` then says, by section (« newborn.acts »), how many entries were not read.
        """
        self.left = {}
        return self._sections(self._body, sections, "")

    def _sections(self, parent: xml.Element, sections: tuple[Section, ...], within: str) -> Values:
        found: Values = {}
        used: set[xml.Element] = set()
        last = {section.templates[-1] for section in sections}
        for section in sections:
            others = last - {section.templates[-1]}
            alike = (one for one in sections_in(parent) if one not in used and is_section(one, section, others))
            node = next((one for one in alike if self._is_about(section, one)), None)
            if node is None:
                continue
            used.add(node)
            value = self._section(node, section, within + section.name)
            if value not in ({}, None) or (section.otherwise and value == {}):
                found[section.name] = value
        for node in sections_in(parent):  # of somebody else, or there twice
            section_of = next((one for one in sections if is_section(node, one, last - {one.templates[-1]})), None)
            if section_of is not None and node not in used:
                self._leave(within + section_of.name, max(1, sum(map(speaks, node.iter(f"{HL7}entry")))))
        return found

    def _is_about(self, section: Section, node: xml.Element) -> bool:
        """Whether the section is about whom the tree says: the patient, unless `before` names somebody."""
        said = node.find(f"{HL7}subject")
        return said is None or any(
            self._fit(part, said) is not None for part in section.before if part.tag == "subject"
        )

    def _leave(self, path: str, count: int) -> None:
        if count:
            self.left[path] = self.left.get(path, 0) + count

    def _section(self, node: xml.Element, section: Section, path: str) -> Any:
        values: Values = {}
        used: set[xml.Element] = set()
        for child in sorted(section.parts, key=last_when_any):  # what a fixed code tells, before what takes any entry
            if isinstance(child, Item):
                values.update(self._item(child, node, used))
            elif isinstance(child, E):
                before, taken = len(self._missed), set(used)
                found = self._inner(child, node, taken) or {}
                values.update(found)
                if found or len(self._missed) > before:  # else it holds nothing that the tree names
                    used |= taken
            elif isinstance(child, Prose):
                words = _narrative(node.find(f"{HL7}text"))
                if words:
                    values[child.name] = words
        if any(isinstance(child, Item | E) for child in section.children):
            entries = (one for one in node.iterchildren(f"{HL7}entry") if one not in used and speaks(one))
            self._leave(path, len(self._missed) + sum(1 for _ in entries))
        self._missed.clear()
        inner = tuple(child for child in section.children if isinstance(child, Section))
        values.update(self._sections(node, inner, f"{path}."))
        return values.get("") if is_bare(section) else values

    def _item(self, item: Item, parent: xml.Element, used: set[xml.Element]) -> Values:
        read: list[Any] = []
        for element in parent.iterchildren(f"{HL7}{item.node.tag}"):
            if element in used:
                continue
            before = len(self._missed)
            values = self._fit(item.node, element)
            if values is None or not (values or is_fact(item)) or (is_bare(item) and "" not in values):
                del self._missed[before:]
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
        fixed = ((name, node.attributes[name]) for name in CHOSEN if name in node.attributes)
        if any(element.get(name, value) != value for name, value in fixed):
            return None
        if (fixed_code(node) and not same_code(node, element)) or is_contrary(node, element):
            return None
        values = {} if node.negation is None or node.negation.fixed else sign_of(node.negation, element)
        used: set[xml.Element] = set()
        before = len(self._missed)
        for child in node.children:
            found = self._child(child, element, used)
            if found is None:
                del self._missed[before:]
                return None
            values.update(found)
        values.update(self._names(node, element, values))
        self._missed += unread(node, element, used)
        return values

    def _names(self, node: E, element: xml.Element, values: Values) -> Values:
        """A name that is not written is that of its code: of any system, and in its own words."""
        found: Values = {}
        slots = [child for child in node.children if isinstance(child, Slot)]
        for slot in slots:
            if slot.tag != "name" or slot.name in values or not isinstance(slot.kind, Words):
                continue
            if any(other.tag == "code" for other in slots):
                words = squeeze(self._words_of(element.find(f"{HL7}code")))[: slot.kind.most].strip()
                found |= {slot.name: words} if words and not slot.kind.problem(words, date.min) else {}
        return found

    def _words_of(self, code: xml.Element | None) -> str:
        """displayName, or the original text, or the displayName of a translation."""
        if code is None:
            return ""
        original = code.find(f"{HL7}originalText")
        reference = original.find(f"{HL7}reference") if original is not None else None
        told = original if reference is None else self._by_id(str(reference.get("value", "")))
        others = (str(other.get("displayName", "")) for other in code.iterchildren(TRANSLATION))
        return next(filter(str.strip, (str(code.get("displayName", "")), _narrative(told), *others)), "")

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
        if not tells(node):
            return {}
        refused = False
        for element in parent.iterchildren(f"{HL7}{node.tag}"):
            if element in used or not same_type(node.attributes, element):
                continue
            found = self._fit(node, element)
            if found is not None:
                used.add(element)
                return found
            refused = refused or is_told_apart(node) or is_contrary(node, element)
        if node.lenient and parent.find(f"{HL7}{node.tag}") is None:
            return {}
        return None if (refused or recognises(node)) and not node.optional else {}

    def _slot(self, slot: Slot, parent: xml.Element, used: set[xml.Element]) -> Values | None:
        """None when a code or a value of another kind stands where one is required: it is another entry.

        One that is optional hides nothing else when it cannot be read: it is left out.
        """
        wrong, mute = False, None
        for element in parent.iterchildren(f"{HL7}{slot.tag}"):
            if element in used or not same_type(slot.attributes, element):
                continue
            try:
                values: Values | None = self._enclosed(slot, element, {slot.name: slot.kind.read(element)})
            except UnreadableValueError:
                if not slot.required or slot.tag not in TELLING or says_nothing(element):
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
        for element in parent.iterchildren(f"{HL7}{part.tag}"):
            if element in used:
                continue
            reference = element.find(f"{HL7}reference")
            words = (
                _narrative(self._by_id(str(reference.get("value", ""))))
                if reference is not None
                else _narrative(element)
            )
            said = part.among.of(words) if part.among else words
            if said:
                used.add(element)
                return {part.name: said}
        return {}

    def _by_id(self, reference: str) -> xml.Element | None:
        if self._ids is None:
            self._ids = {str(node.get("ID")): node for node in self._body.iter() if node.get("ID")}
        return self._ids.get(reference.removeprefix("#"))


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
