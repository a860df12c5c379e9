"""Runs the XSD and the schematrons of one pack on documents. Not thread-safe: `service` holds the lock.

SaxonC expands entities: it only ever sees text re-serialised from a tree that the safe parser of
`perinat.standards.xml` accepted. Compiled stylesheets stay in memory for the life of the engine
(about 120 MB with the five generic ones).
"""

from __future__ import annotations

import time
from typing import Any, cast

from lxml import etree
from saxonche import PySaxonApiError, PySaxonProcessor

from perinat.standards import oids, xml
from perinat.standards.cda_rules import sentences
from perinat.standards.cda_rules.findings import Finding, Level, RuleReport, RulesError
from perinat.standards.cda_rules.includes import pack_parser
from perinat.standards.cda_rules.own import beside_the_pack
from perinat.standards.cda_rules.pack import GENERIC, Compiled, Pack
from perinat.standards.cda_rules.volets import Choice, choose

_ATTACHMENT_KEPT = 64  # characters; a multiple of four
_STOPPED = "Une règle nationale n'a pas pu aller à son terme : le document est trop abîmé pour être contrôlé."
_ROOT = f"{{{oids.NS_HL7}}}ClinicalDocument"


class Engine:
    """One Saxon processor and the stylesheets of one pack."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._processor = PySaxonProcessor(license=False)
        self._xslt = self._processor.new_xslt30_processor()
        self._sheets: dict[str, tuple[Any, Compiled]] = {}
        self._codes: Any = None
        self._xsd: etree.XMLSchema | None = None

    def check(self, cda: bytes, *, ours: bool = False) -> RuleReport:
        """Every finding of every step, in the order of the national tool; `ours`: then perinat's own, on that tree."""
        try:
            root = xml.parse(cda)
        except xml.XmlError as error:
            return _unreadable(error.message_fr, error.detail)
        if root.tag != _ROOT:
            inner = root.find(f".//{_ROOT}")  # self-presenting document: only its CDA is checked
            if inner is None:
                return _unreadable("Ce fichier n'est pas un document CDA.", "no hl7:ClinicalDocument element")
            inner.tail = None
            root = etree.fromstring(etree.tostring(inner), pack_parser())
        own = beside_the_pack(root) if ours else ()
        return self._run(root, choose(root, self.pack.schematrons), own)

    def _run(self, root: xml.Element, choice: Choice, own: tuple[Finding, ...]) -> RuleReport:
        fired: dict[str, int] = {}
        ms: dict[str, float] = {}
        notes = [choice.note] if choice.note else []
        findings = [choice.warning] if choice.warning else []
        start = time.perf_counter()
        findings += self._xsd_findings(root)
        ms["xsd"] = _since(start)
        start = time.perf_counter()
        _shorten_attachments(root)
        node = self._processor.parse_xml(xml_text=etree.tostring(root, encoding="unicode"))
        ms["parse"] = _since(start)
        for step, name in (GENERIC | {"volet": choice.schematron}).items():
            if not name:
                continue
            executable, compiled = self._sheet(name)  # compiling is not counted in the time of a document
            start = time.perf_counter()
            found, fired[step] = _apply(step, executable, node, compiled)
            ms[step] = _since(start)
            findings += found
            notes += [warning for warning in compiled.warnings if warning not in notes]
        findings += own
        errors = tuple(item for item in findings if item.level is Level.ERROR)
        warnings = tuple(item for item in findings if item.level is Level.WARNING)
        return RuleReport(
            valid=not errors and any(fired.values()),  # silence of every rule is no proof
            errors=errors,
            warnings=warnings,
            fired=fired,
            ms=ms,
            kind=choice.kind,
            volet=choice.volet,
            schematron=choice.schematron,
            notes=tuple(notes),
        )

    def _xsd_findings(self, root: xml.Element) -> list[Finding]:
        if self._xsd is None:
            self._xsd = etree.XMLSchema(etree.parse(str(self.pack.xsd), pack_parser()))
        if self._xsd.validate(root.getroottree()):
            return []
        return [
            Finding(
                "xsd",
                Level.ERROR,
                sentences.for_xsd(entry.message, _place(root, entry.path)),
                entry.message.replace(f"{{{oids.NS_HL7}}}", ""),
                f"line {entry.line}",
            )
            for entry in cast(Any, self._xsd.error_log)  # iterable, but not for its stubs
        ]

    def _sheet(self, name: str) -> tuple[Any, Compiled]:
        if name not in self._sheets:
            compiled = self.pack.compiled(name)
            try:
                executable = self._xslt.compile_stylesheet(stylesheet_file=str(compiled.path))
            except PySaxonApiError as error:
                raise RulesError(f"{name}: {error}") from error
            if compiled.uses_lookups:
                executable.set_parameter("vc", self._lookups())
            self._sheets[name] = executable, compiled
        return self._sheets[name]

    def _lookups(self) -> Any:
        if self._codes is None:
            xpath = self._processor.new_xpath_processor()
            xpath.declare_namespace("map", "http://www.w3.org/2005/xpath-functions/map")
            xpath.set_context(xdm_item=self._processor.parse_xml(xml_file_name=str(self.pack.lookups())))
            self._codes = xpath.evaluate(
                "map:merge((/vc/k/map:entry(string(@n), true()), /vc/v/map:entry(string(@n), .)))"
            )
        return self._codes


def _shorten_attachments(root: xml.Element) -> None:
    """Base64 bodies, seen by the XSD, mean nothing to the schematrons: keep a valid beginning of each."""
    for element in root.iter(f"{{{oids.NS_HL7}}}text", f"{{{oids.NS_HL7}}}value"):
        if element.get("representation") == "B64" and element.text and not len(element):
            element.text = element.text[:_ATTACHMENT_KEPT]


def _apply(step: str, executable: Any, node: Any, compiled: Compiled) -> tuple[list[Finding], int]:
    """Findings and rules fired. A pattern that stops on the document makes it invalid, never unchecked."""
    try:
        report = executable.transform_to_string(xdm_node=node)
    except PySaxonApiError as error:  # outside every pattern: the rules are at fault, not the document
        raise RulesError(f"{compiled.path.name}: the stylesheet stopped") from error
    if not report:
        raise RulesError(f"{compiled.path.name}: empty report")
    findings, fired = [], 0
    for element in etree.fromstring(str(report).encode(), pack_parser()):
        if element.tag == "f":
            fired += int(element.get("n", "0"))
            continue
        text, where = " ".join((element.text or "").split()), element.get("at", "")
        if element.tag == "s":
            findings.append(Finding(step, Level.ERROR, _STOPPED, f"dynamic error {text}"))
            continue
        level, test = compiled.asserts[int(element.get("i", "0"))]
        findings.append(Finding(step, Level(level), sentences.for_rule(step, text, where), text, where, test))
    return findings, fired


def _unreadable(message_fr: str, detail: str) -> RuleReport:
    return RuleReport(False, (Finding("xml", Level.ERROR, message_fr, detail),), ())


def _place(root: xml.Element, path: str | None) -> str:
    """Element names from the root to what libxml2 calls /*/*[3]."""
    found = cast(list[Any], root.getroottree().xpath(path)) if path else []
    if not found or not isinstance(found[0], etree._Element):
        return ""
    names = [etree.QName(element).localname for element in (found[0], *found[0].iterancestors())]
    return "/".join(reversed(names))


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1e3
