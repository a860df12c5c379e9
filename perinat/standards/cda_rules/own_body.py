"""perinat's own check of a structured body: known model and version, mandatory sections, no section without words.

Source: the mandatory sections (1..1, 1..*) of the eight models that perinat writes, « Modèles de contenus CDA » and
specifications of the volets; the national schematrons of OBP 2024.01 ask for none of them. A section is known by the
codes that lead to it (LOINC). CDA R2: section/text is what a person reads, and must say something.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from perinat.standards import oids, xml
from perinat.standards.cda_rules import sentences
from perinat.standards.cda_rules.findings import Finding, Level

_HL7 = f"{{{oids.NS_HL7}}}"
_MODELS = "1.2.250.1.213.1.1.1."


@dataclass(frozen=True, slots=True)
class _Model:
    """`versions`: extensions published by ANS; `sections`: codes of the mandatory ones, the outer first."""

    versions: tuple[str, ...]
    sections: tuple[str, ...]


MODELS = {
    f"{_MODELS}29": _Model(("2022.01",), ("33557-0", "42349-1", "42545-4", "10183-2")),  # LDL-SES
    f"{_MODELS}12.1": _Model(  # OBP-SAP
        ("2024.01",),
        ("10162-6", "29762-2", "8716-3", "18717-9", "46240-8", "11450-4", "18610-6", "33557-0"),
    ),
    f"{_MODELS}12.2": _Model(("2024.01",), ("57074-7", "57074-7/29554-3", "57074-7/42545-4", "33557-0")),  # OBP-SNM
    f"{_MODELS}12.3": _Model(  # OBP-SNE
        ("2024.01",), ("57074-7", "57074-7/29554-3", "57074-7/42545-4", "42545-4", "33557-0")
    ),
    f"{_MODELS}12.4": _Model(("2024.01",), ("29554-3", "42545-4", "33557-0")),  # OBP-SCM
    f"{_MODELS}12.5": _Model(  # OBP-SEM
        ("2024.01",), ("29554-3", "29545-1", "29545-1/10195-6", "42545-4", "47420-5", "18776-5", "33557-0")
    ),
    f"{_MODELS}5.1": _Model(  # CSE-CS8
        ("2022.01", "2024.01", "2025.01"),
        (
            *("29762-2", "48768-6", "10162-6", "57078-8", "57074-7", "57074-7/42545-4"),
            *("57075-4", "57075-4/29545-1", "57075-4/29545-1/8716-3", "57075-4/11450-4"),
            *("57075-4/29554-3", "57075-4/18610-6", "11369-6", "18776-5"),
        ),
    ),
    f"{_MODELS}5.4": _Model(("2023.01",), ("8716-3",)),  # CSE-MDE
}


def body_findings(root: xml.Element) -> Iterator[Finding]:
    """What is wrong in component/structuredBody; nothing for a document of level 1."""
    body = root.find(f"{_HL7}component/{_HL7}structuredBody")
    if body is None:
        return
    for node in root.iterchildren(f"{_HL7}templateId"):
        model = MODELS.get(node.get("root", ""))
        if model is None:
            continue
        if node.get("extension", "") not in model.versions:
            yield _error(
                "La version du modèle que le document déclare n'est pas connue.",
                f"templateId {node.get('root')}: extension is none of {', '.join(model.versions)}",
                "/templateId",
            )
        yield from _absent(body, model)
    yield from _without_words(body)


def _absent(body: xml.Element, model: _Model) -> Iterator[Finding]:
    there = set(_paths(body))
    for path in model.sections:
        if path not in there:
            yield _error(
                "Une section obligatoire de ce modèle de document est absente.",
                f"section {path} is required",
                "/component/structuredBody",
            )


def _paths(parent: xml.Element, above: str = "") -> Iterator[str]:
    for section in parent.iterfind(f"{_HL7}component/{_HL7}section"):
        code = section.find(f"{_HL7}code")
        here = code.get("code", "") if code is not None and code.get("codeSystem") == oids.LOINC else ""
        path = f"{above}/{here}" if above else here
        yield path
        yield from _paths(section, path)


def _without_words(body: xml.Element) -> Iterator[Finding]:
    for section in body.iter(f"{_HL7}section"):
        words = section.find(f"{_HL7}text")
        shown = words is not None and any(True for _ in words.iter(f"{_HL7}renderMultiMedia"))
        if words is None or not (shown or "".join(str(piece) for piece in words.itertext()).strip()):
            yield _error(sentences.absent("text"), "section/text says nothing", "/component/structuredBody")


def _error(message_fr: str, detail: str, where: str) -> Finding:
    return Finding("own", Level.ERROR, message_fr, detail, where)
