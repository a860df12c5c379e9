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

from typing import Any

from coordination.cda.spec.entry_reading import EntryReader, Values
from coordination.cda.spec.narratives import narrative
from coordination.cda.spec.nodes import E, Item, Prose, Section, is_bare
from coordination.cda.spec.recognising import HL7, is_section, last_when_any, sections_in, speaks
from perinat.standards import xml


class Reader(EntryReader):
    """Reads one document's body."""

    def __init__(self, body: xml.Element) -> None:
        super().__init__(body)
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
                words = narrative(node.find(f"{HL7}text"))
                if words:
                    values[child.name] = words
        if any(isinstance(child, Item | E) for child in section.children):
            entries = (one for one in node.iterchildren(f"{HL7}entry") if one not in used and speaks(one))
            self._leave(path, len(self._missed) + sum(1 for _ in entries))
        self._missed.clear()
        inner = tuple(child for child in section.children if isinstance(child, Section))
        values.update(self._sections(node, inner, f"{path}."))
        return values.get("") if is_bare(section) else values
