"""Schematron (queryBinding xslt2, includes already expanded) → one XSLT 3 stylesheet.

Expressions are used unchanged, but for the code look-ups of `lookups`. The report is <r> with
<f n="…"/>, how often a rule fired, <a i="number of the assertion" at="path">message</a> for each
failure and <s>code</s> for each pattern that stopped on a dynamic error. Ours, proved against the
pipeline that the national tool uses (same findings, same places).
"""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from perinat.standards import oids
from perinat.standards.cda_rules.contexts import KEY, plan_loops
from perinat.standards.cda_rules.includes import SCH, Element
from perinat.standards.cda_rules.lookups import in_memory
from perinat.standards.cda_rules.schema import Schema, children

XSL = "http://www.w3.org/1999/XSL/Transform"
OWN = "urn:perinat:cda-rules"  # names of our own in the compiled stylesheets
_ERRORS = "http://www.w3.org/2005/xqt-errors"
_WARNING_ROLES = ("warning", "warn", "info", "information", "hint")
_PATH_FUNCTION = """string-join((
    for $e in $n/ancestor-or-self::* return ('/', name($e),
        for $k in count($e/preceding-sibling::*[name(.) = name($e)])[. > 0] return ('[', string($k + 1), ']')),
    if ($n/self::*) then () else if ($n/self::attribute()) then ('/@', name($n))
    else if ($n/self::text()) then '/text()' else if ($n/self::comment()) then '/comment()'
    else if ($n/self::processing-instruction()) then '/processing-instruction()' else '/'), '')"""


class Compiler:
    """One schema, one stylesheet. After `compile`: `asserts` (level, test) by number, `uses_lookups`."""

    def __init__(self, schema: Schema, rewrite: Callable[[str], str]) -> None:
        self.schema = schema
        self.rewrite = rewrite  # for expressions that look into files
        self.asserts: list[tuple[str, str]] = []
        self.uses_lookups = False
        self.lets: dict[str, str] = {}  # outside rules
        self._templates: dict[Element, str] = {}
        namespaces = {**schema.namespaces, "xsl": XSL, "v": OWN}
        attributes = {"version": "3.0", "exclude-result-prefixes": "#all"}
        self.out = etree.Element(f"{{{XSL}}}stylesheet", attributes, nsmap=namespaces)

    def compile(self) -> Element:
        self._add(self.out, "output", method="xml", indent="no").set("omit-xml-declaration", "yes")
        patterns = self.schema.patterns()
        self._global_lets(patterns)
        self._add(self.out, "key", name=KEY, match=f"Q{{{oids.NS_HL7}}}templateId", use="@root")
        loops = plan_loops(self.schema, patterns, self._expression)
        for name, expression in loops.variables:
            self._add(self.out, "variable", name=name, select=expression)
        report = etree.SubElement(self._add(self.out, "template", match="/"), "r")
        for pattern in patterns:
            rules = self.schema.rules(pattern)
            if rules:
                attempt = self._attempt(report)
                for rule in rules:
                    loop = self._add(attempt, "for-each", select=loops.selects[rule])
                    etree.SubElement(self._add(loop, "if", test="position() = 1"), "f", n="{last()}")
                    self._rule_body(loop, rule)
                attempt.append(attempt[0])  # xsl:catch comes last
        function = self._add(self.out, "function", name="v:path")
        self._add(function, "param", name="n")
        self._add(function, "sequence", select=_PATH_FUNCTION)
        if self.uses_lookups:
            self.out.insert(0, etree.Element(f"{{{XSL}}}param", {"name": "vc"}))
        return self.out

    def _attempt(self, report: Element) -> Element:
        """Where a pattern runs. A dynamic error in it is caught: the other patterns run, Saxon prints no value."""
        attempt = self._add(report, "try")
        stopped = etree.SubElement(self._add(attempt, "catch"), "s")
        self._add(stopped, "value-of", select=f"local-name-from-QName($Q{{{_ERRORS}}}code)")
        return attempt

    def _add(self, parent: Element, kind: str, /, **attributes: str) -> Element:
        return etree.SubElement(parent, f"{{{XSL}}}{kind}", attributes)

    def _expression(self, text: str | None) -> str:
        if text is None:
            self.schema.fail("a test, select or value is missing")
        text, replaced = in_memory(self.rewrite(text))
        self.uses_lookups |= replaced
        return text

    def _global_lets(self, patterns: list[Element]) -> None:
        for owner in (self.schema.root, *patterns):
            for let in children(owner, "let"):
                name, value = let.get("name", ""), let.get("value")
                if value is None:
                    self.schema.fail(f"let {name} without value")
                if self.lets.setdefault(name, value) != value:
                    self.schema.fail(f"two definitions of ${name} outside rules")
        for name, value in self.lets.items():
            self._add(self.out, "variable", name=name, select=self._expression(value))

    def _rule_body(
        self, parent: Element, rule: Element, given: frozenset[str] = frozenset(), wanted: frozenset[str] = frozenset()
    ) -> None:
        """let, assert and report of a rule in order, those of the rules it extends in their place.

        `given`, `wanted`: the variables that the rules around this one declare and need.
        """
        elements = children(rule, "let", "assert", "report", "extends")
        for element in elements:
            kind = etree.QName(element).localname
            if kind == "let":
                select = self._expression(element.get("value"))
                self._add(parent, "variable", name=element.get("name", ""), select=select)
            elif kind == "extends":
                base = self.schema.base(element)
                others = [self.schema.names(item) for item in elements if item is not element]
                have = given.union(*(declared for declared, _ in others))
                want = wanted.union(*(needed for _, needed in others))
                declared, needed = self.schema.names(base)
                if declared & want or needed & have or needed - set(self.lets):  # they share variables
                    self._rule_body(parent, base, have, want)
                else:
                    self._add(parent, "call-template", name=self._shared(base))
            else:
                self._assertion(parent, element, kind)

    def _shared(self, rule: Element) -> str:
        """Name of the template that holds the assertions of an abstract rule, for all who extend it."""
        if rule not in self._templates:
            self._templates[rule] = f"v:r{len(self._templates)}"
            template = self._add(self.out, "template", name=self._templates[rule])
            self._add(template, "context-item", use="required").set("as", "node()")
            self._rule_body(template, rule)
        return self._templates[rule]

    def _assertion(self, parent: Element, element: Element, kind: str) -> None:
        test = self._expression(element.get("test"))
        if kind == "assert":
            choose = self._add(parent, "choose")
            self._add(choose, "when", test=test)
            fail = self._add(choose, "otherwise")
        else:
            fail = self._add(parent, "if", test=test)
        role = (element.get("role") or element.get("flag") or "error").lower()
        level = "warning" if role in _WARNING_ROLES else "error"
        node = etree.SubElement(fail, "a", i=str(len(self.asserts)), at="{v:path(.)}")
        self._message(node, element)
        self.asserts.append((level, " ".join((element.get("test") or "").split())))

    def _message(self, parent: Element, element: Element) -> None:
        """The text of an assertion; white space is normalised when the report is read."""
        _append_text(parent, element.text)
        for child in element:
            tag = child.tag if isinstance(child.tag, str) else ""
            kind = etree.QName(child).localname if tag.startswith(f"{{{SCH}}}") else ""
            if kind == "value-of":
                self._add(parent, "value-of", select=self._expression(child.get("select")))
            elif kind == "name":
                self._add(parent, "value-of", select=f"name({self._expression(child.get('path') or '.')})")
            elif kind in ("emph", "dir", "span"):
                self._message(parent, child)
            _append_text(parent, child.tail)


def _append_text(parent: Element, text: str | None) -> None:
    if not text:
        return
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
