"""Codes looked up in memory instead of in files.

As published, each run parses the value sets and terminologies that it meets (up to several MB) and
scans them for each code. Some forms of expression are replaced by a look-up in one map, `$vc`, whose
keys say which question they answer (value: true):

    J|file|code|system  C|file|code  E|file|code+system   a concept of a value set
    T|oid  T|oid|code  U|unit                             a terminology, a code of it, a unit
    V|file                                                (value: the ART-DECOR value set itself)

An expression that does not match exactly is left alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from lxml import etree

from perinat.standards.cda_rules.findings import RulesError
from perinat.standards.cda_rules.includes import ABSENT, pack_parser

_VAR = r"(\$[\w.-]+)"
_ART_DECOR = r"doc\('include/(voc-[\w.-]+\.xml)'\)"
_CODES = (  # every code of one value set: of an ART-DECOR file, of an SVS file
    rf"(?:{_ART_DECOR}/\*/valueSet/conceptList/concept/@code"
    r"|doc\('(?:[^']*/)?jeuxDeValeurs/([\w.-]+\.xml)'\)/\*/\*/\*/\*:Concept/@code)"
)
_AMONG = re.compile(rf"\. = \({_CODES}(?:, {_CODES})?\)")
_FORMS = (
    (
        re.compile(rf"document\(\s*{_VAR}\s*\)//svs:Concept\[@code\s*=\s*{_VAR}\s+and\s+@codeSystem\s*=\s*{_VAR}\]"),
        r"$vc(concat('J|', replace(\1, '^.*/', ''), '|', \2, '|', \3))",
    ),
    (
        re.compile(
            rf"doc-available\(concat\({_VAR}, {_VAR},'\.rdf'\)\) and not\(exists\(doc\(concat\(\1, \2,'\.rdf'\) \)"
            rf"//skos:notation\[text\(\)= string\({_VAR}\)\]\)\)"
        ),
        r"$vc(concat('T|', \2)) and not($vc(concat('T|', \2, '|', string(\3))))",
    ),
    (
        re.compile(
            rf"doc\(concat\({_VAR}, '2\.16\.840\.1\.113883\.6\.8\.xml'\) \)//code\[text\(\)= string\({_VAR}\) \]"
        ),
        r"$vc(concat('U|', string(\2)))",
    ),
    (
        re.compile(
            rf"concat\(@code, @codeSystem\) = {_ART_DECOR}//valueSet\[1\]/conceptList/concept"
            r"/concat\(@code, @codeSystem\)"
        ),
        r"exists($vc(concat('E|\1|', @code, @codeSystem)))",
    ),
    (
        re.compile(rf"{_ART_DECOR}//valueSet\[1\]\[conceptList/concept\[@code = {_VAR}\]\[@codeSystem = {_VAR}\]\]"),
        r"$vc(concat('J|\1|', \2, '|', \3))",
    ),
    (re.compile(_ART_DECOR), r"$vc('V|\1')"),
)
_VOC = re.compile(r"doc\('([^']*voc-([0-9.]+)-DYNAMIC\.xml)'\)/\*/valueSet/conceptList/concept/@code")


def in_memory(expression: str) -> tuple[str, bool]:
    """The expression with its look-ups replaced, and whether any was."""
    if "doc" not in expression:
        return expression, False
    expression, replaced = _AMONG.subn(_among, expression)
    for form, to in _FORMS:
        expression, n = form.subn(to, expression)
        replaced += n
    return expression, bool(replaced)


def _among(found: re.Match[str]) -> str:
    """« . = (codes of one list, or of two) » as look-ups."""
    return "(" + " or ".join(f"exists($vc(concat('C|{name}|', .)))" for name in found.groups() if name) + ")"


class AbsentFiles:
    """Stands in for files that rules look codes up in and that the pack does not have.

    A value set that does not exist becomes an empty one (every code then fails, as with the national
    tool); an ART-DECOR voc-<oid>-DYNAMIC.xml that does not exist is taken from jeuxDeValeurs/, where
    the same value set is stored in SVS form under the same OID.
    """

    def __init__(self, value_sets: Path, cache: Path, source: Path, warnings: list[str]) -> None:
        self.value_sets, self.cache, self.source, self.warnings = value_sets, cache, source, warnings
        self._by_oid: dict[str, Path] | None = None

    def rewrite(self, expression: str) -> str:
        if ABSENT in expression:
            expression = self._empty_set(expression)
        for match in _VOC.finditer(expression):
            if not (self.source.parent / match[1]).exists():
                expression = expression.replace(match[0], self._stand_in(match[1], match[2]))
        return expression

    def _empty_set(self, expression: str) -> str:
        match = re.search(re.escape(ABSENT) + r"([^']*)", expression)
        name = match[1] if match else ""
        empty = self.cache / f"ABSENT-{name}"
        empty.write_text("<absent/>")
        return expression.replace(ABSENT + name, empty.as_uri())

    def _stand_in(self, href: str, oid: str) -> str:
        if self._by_oid is None:
            self._by_oid = _value_sets_by_oid(self.value_sets)
        path = self._by_oid.get(oid)
        if path is None:
            raise RulesError(f"{self.source.name}: {href} does not exist, nor its value set")
        warning = f"{self.source.name}: {href} does not exist: {path.name}, of the same OID, used"
        if warning not in self.warnings:
            self.warnings.append(warning)
        return f"doc('{os.path.relpath(path, self.source.parent)}')/*/*/*/*:Concept/@code"


def _value_sets_by_oid(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*.xml")):
        root = _parse_or_none(path)
        if root is not None:
            found.update((item.get("id", ""), path) for item in root.iter("{urn:ihe:iti:svs:2008}ValueSet"))
    return found


def _parse_or_none(path: Path) -> etree._Element | None:
    try:
        return etree.parse(str(path), pack_parser()).getroot()
    except etree.XMLSyntaxError:  # three published value sets are empty files
        return None


def lookup_document(schematrons: Path, value_sets: Path) -> bytes:
    """The document that compiled stylesheets look codes up in."""
    out = etree.Element("vc")
    keys: dict[str, None] = {}
    for path in sorted(value_sets.glob("*.xml")):
        root = _parse_or_none(path)
        if root is not None:
            for concept in root.iter("{urn:ihe:iti:svs:2008}Concept"):
                keys[f"J|{path.name}|{concept.get('code')}|{concept.get('codeSystem')}"] = None
            codes = root.xpath("/*/*/*/*[local-name() = 'Concept']/@code")
            keys.update((f"C|{path.name}|{code}", None) for code in cast(list[str], codes))
    terminologies = schematrons / "profils/terminologies/terminologie"
    for path in sorted(terminologies.glob("*.rdf")):
        keys[f"T|{path.stem}"] = None
        notations = etree.parse(str(path), pack_parser()).iter("{http://www.w3.org/2004/02/skos/core#}notation")
        keys.update((f"T|{path.stem}|{text}", None) for node in notations for text in _own_texts(node))
    units = etree.parse(str(terminologies / "2.16.840.1.113883.6.8.xml"), pack_parser())
    keys.update((f"U|{text}", None) for node in units.iter("code") for text in _own_texts(node))
    art_decor = sorted((schematrons / "profils/structurationMinimale/include").glob("voc-*.xml"))
    for path in art_decor:
        root = etree.parse(str(path), pack_parser()).getroot()
        keys.update(_art_decor_keys(path.name, root))
        etree.SubElement(out, "v", n=f"V|{path.name}").append(root)
    for key in keys:
        etree.SubElement(out, "k", n=key)
    return etree.tostring(out, encoding="UTF-8")


def _art_decor_keys(name: str, root: etree._Element) -> Iterator[tuple[str, None]]:
    """Of the three questions that rules ask an ART-DECOR list; « valueSet[1] » as they write it."""
    for code in cast(list[str], root.xpath("/*/valueSet/conceptList/concept/@code")):
        yield f"C|{name}|{code}", None
    for concept in cast(list[etree._Element], root.xpath("//valueSet[1]/conceptList/concept")):
        yield f"E|{name}|{concept.get('code', '')}{concept.get('codeSystem', '')}", None
        if "code" in concept.attrib and "codeSystem" in concept.attrib:
            yield f"J|{name}|{concept.get('code')}|{concept.get('codeSystem')}", None


def _own_texts(node: etree._Element) -> list[str]:
    """The text nodes directly under `node`, as XPath text() gives them."""
    return [text for text in (node.text, *(child.tail for child in node)) if text]
