"""One entry of a section → the values that it says, by the pieces of the tree that may describe it (see `reading`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from coordination.cda.spec.kinds import Words
from coordination.cda.spec.lexical import UnreadableValueError, squeeze
from coordination.cda.spec.narratives import narrative
from coordination.cda.spec.nodes import E, Item, Narrated, Part, Slot, is_bare, is_fact
from coordination.cda.spec.recognising import (
    CHOSEN,
    HL7,
    TELLING,
    TRANSLATION,
    fixed_code,
    is_contrary,
    is_told_apart,
    recognises,
    same_code,
    same_type,
    says_nothing,
    sign_of,
    tells,
    unread,
)
from perinat.standards import xml

Values = dict[str, Any]


class EntryReader:
    """Reads the entries of one document's body."""

    def __init__(self, body: xml.Element) -> None:
        self._body = body
        self._ids: Mapping[str, xml.Element] | None = None
        self._missed: list[xml.Element] = []  # members of the lists being read that nothing took

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
        return next(filter(str.strip, (str(code.get("displayName", "")), narrative(told), *others)), "")

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
                narrative(self._by_id(str(reference.get("value", "")))) if reference is not None else narrative(element)
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
