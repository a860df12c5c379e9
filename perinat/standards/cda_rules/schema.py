"""A schematron schema as the compiler wants it: patterns of the default phase, abstracts resolved.

ISO/IEC 19757-3: abstract patterns are instantiated by plain replacement of their parameters, as the
ISO skeleton does; abstract rules are found by `extends`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import NoReturn

from perinat.standards import oids
from perinat.standards.cda_rules.findings import RulesError
from perinat.standards.cda_rules.includes import SCH, Element

_ATTRIBUTES = ("test", "select", "path", "value")


def children(element: Element, *names: str) -> list[Element]:
    """Schematron children of these local names, in order."""
    tags = {f"{{{SCH}}}{name}" for name in names}
    return [child for child in element if isinstance(child.tag, str) and child.tag in tags]


class Schema:
    """Read-only view of one schema whose includes are already expanded."""

    def __init__(self, root: Element, name: str, warnings: list[str]) -> None:
        self.root, self.name, self.warnings = root, name, warnings
        self.namespaces = {ns.get("prefix", ""): ns.get("uri", "") for ns in root.iter(f"{{{SCH}}}ns")}
        for prefix in ("xs", "xsd"):
            self.namespaces.setdefault(prefix, "http://www.w3.org/2001/XMLSchema")
        self.hl7_prefixes = [prefix for prefix, uri in self.namespaces.items() if uri == oids.NS_HL7]
        self._known: dict[Element, tuple[set[str], set[str]] | None] = {}

    def fail(self, why: str) -> NoReturn:
        raise RulesError(f"{self.name}: {why}")

    def patterns(self) -> list[Element]:
        """The patterns of the default phase, abstract ones instantiated."""
        every = children(self.root, "pattern")
        active = self._active(every)
        return [
            self._instance(pattern, every) if pattern.get("is-a") else pattern
            for pattern in every
            if pattern.get("abstract") != "true" and (active is None or pattern.get("id") in active)
        ]

    def _active(self, every: list[Element]) -> set[str | None] | None:
        phase = self.root.get("defaultPhase")
        if not phase or phase == "#ALL":
            return None
        active = {
            item.get("pattern")
            for element in children(self.root, "phase")
            if element.get("id") == phase
            for item in children(element, "active")
        }
        off = [p.get("id", "?") for p in every if p.get("abstract") != "true" and p.get("id") not in active]
        if off:
            self.warnings.append(f"{self.name}: not in the phase {phase!r}, so never checked: {', '.join(off)}")
        return active

    def _instance(self, pattern: Element, every: list[Element]) -> Element:
        wanted = pattern.get("is-a")
        base = next((p for p in every if p.get("abstract") == "true" and p.get("id") == wanted), None)
        if base is None:
            self.fail(f"no abstract pattern {wanted}")
        parameters = [("$" + p.get("name", ""), p.get("value", "")) for p in children(pattern, "param")]

        def fill(text: str) -> str:
            for name, value in parameters:  # one after the other, as the ISO tool does
                text = text.replace(name, value)
            return text

        new = copy.deepcopy(base)
        del new.attrib["abstract"]
        new.set("id", pattern.get("id", ""))
        for element in new.iter():
            if isinstance(element.tag, str):
                for attribute in ("test", "context", "select", "value"):
                    if attribute in element.attrib:
                        element.set(attribute, fill(element.get(attribute, "")))
                element.text = fill(element.text) if element.text else element.text
            if element.tail and element is not new:
                element.tail = fill(element.tail)
        return new

    def rules(self, pattern: Element) -> list[Element]:
        rules = [rule for rule in children(pattern, "rule") if rule.get("abstract") != "true"]
        if any(rule.get("context") is None for rule in rules):
            self.fail("a rule without context")
        return rules

    def base(self, extends: Element) -> Element:
        """The abstract rule that `extends` names: in its own pattern first, then in the schema."""
        rule = extends.getparent()
        pattern = rule.getparent() if rule is not None else None
        wanted = extends.get("rule")
        for where in (pattern, self.root):
            for candidate in where.iter(f"{{{SCH}}}rule") if where is not None else ():
                if candidate.get("id") == wanted and (where is pattern or candidate.get("abstract") == "true"):
                    return candidate
        self.fail(f"no abstract rule {wanted}")

    def names(self, element: Element) -> tuple[set[str], set[str]]:
        """Variables that an element of a rule (or a rule) declares, and those it needs from outside."""
        known = self._known.get(element)
        if element in self._known and known is None:
            self.fail(f"rule {element.get('id') or element.get('rule')} extends itself")
        if known is None:
            self._known[element] = None  # being computed: seen again, it is a loop
            known = self._known[element] = self._names(element)
        return known

    def _names(self, element: Element) -> tuple[set[str], set[str]]:
        declared: set[str] = set()
        needed: set[str] = set()
        if element.tag == f"{{{SCH}}}extends":
            return self.names(self.base(element))
        if element.tag == f"{{{SCH}}}rule":
            for child in children(element, "let", "assert", "report", "extends"):
                child_declared, child_needed = self.names(child)
                needed |= child_needed - declared
                declared |= child_declared
            return declared, needed
        if element.tag == f"{{{SCH}}}let":
            declared = {element.get("name", "")}
        return declared, _needed(element.iter(f"{{{SCH}}}*"))


def _needed(elements: Iterable[Element]) -> set[str]:
    needed: set[str] = set()
    for element in elements:
        for attribute in _ATTRIBUTES:
            text = element.get(attribute, "")
            bound = set(re.findall(r"\$\s*([\w.:-]+)\s+(?:in\b|:=)", text))  # for, some, every, let
            needed |= set(re.findall(r"\$\s*([\w.:-]+)", text)) - bound
    return needed
