"""Each official example, against an oracle that reads the file by XPath and shares no code with the reader."""

from __future__ import annotations

import base64
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from coordination.cda.reader import WholeDocument, as_json, read, read_whole
from coordination.cda.reading.datatypes import Value

EXAMPLES = Path(__file__).parents[4] / "shared/ans/examples"
NS = {"h": "urn:hl7-org:v3", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
PATHS = sorted(EXAMPLES.glob("*.xml"))
ACTS = (
    *("observation", "procedure", "substanceAdministration", "encounter", "act", "organizer", "supply"),
    *("observationMedia",),
)
each = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
pytestmark = pytest.mark.skipif(not PATHS, reason="official CDA examples absent (../shared/ans)")


@lru_cache(maxsize=1)
def both(path: Path) -> tuple[Any, WholeDocument]:
    return etree.parse(path).getroot(), read_whole(path.read_bytes())


def find(node: Any, query: str) -> list[Any]:
    return list(node.xpath(query, namespaces=NS))


def words(text: str) -> str:
    return " ".join(text.split())


def said(node: Any, query: str) -> str:
    return words(node.xpath(f"string({query})", namespaces=NS))


def acts_of(root: Any) -> list[Any]:
    """Every act under an entry of the body, in the order of the file."""
    return [node for node in find(root, "//h:entry//*") if etree.QName(node).localname in ACTS]


@each
def test_header(path: Path) -> None:
    root, document = both(path)
    header, context = document.header, document.context
    assert header == read(path.read_bytes())
    assert header.unique_id.split("^")[0] == said(root, "h:id/@root")
    assert (header.type.code, header.type.system) == (said(root, "h:code/@code"), said(root, "h:code/@codeSystem"))
    assert header.title == said(root, "h:title")
    stamp = said(root, "h:effectiveTime/@value")
    assert context.effective_time.iso == (
        f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[8:10]}:{stamp[10:12]}:{stamp[12:14]}{stamp[14:17]}:{stamp[17:]}"
    )
    assert context.confidentiality.code == said(root, "h:confidentialityCode/@code")
    assert [item.root for item in context.templates] == find(root, "h:templateId/@root")
    assert [item.kind for item in context.related] == find(root, "h:relatedDocument/@typeCode")


@each
def test_patient(path: Path) -> None:
    root, document = both(path)
    patient = document.context.patient
    role = find(root, "h:recordTarget/h:patientRole")[0]
    assert [(item.root, item.extension) for item in patient.ids] == [
        (node.get("root"), node.get("extension") or "") for node in find(role, "h:id")
    ]
    name = patient.names[0]
    assert name.of("family", "BR") == said(role, "h:patient/h:name/h:family[@qualifier='BR']")
    assert name.of("given", "BR") == said(role, "h:patient/h:name/h:given[@qualifier='BR']")
    assert patient.birth.raw == said(role, "h:patient/h:birthTime/@value")
    assert patient.sex.code == said(role, "h:patient/h:administrativeGenderCode/@code")
    assert [item.value for item in patient.telecoms] == [node.get("value", "") for node in find(role, "h:telecom")]
    assert [item.postal_code for item in patient.addresses] == [
        said(node, "h:postalCode") for node in find(role, "h:addr")
    ]
    assert [party.name.of("family") for party in patient.guardians] == [
        said(node, "h:guardianPerson/h:name/h:family[1]") for node in find(role, "h:patient/h:guardian")
    ]


@each
def test_everybody(path: Path) -> None:
    root, document = both(path)
    context = document.context
    for found, query, holder in (
        (context.authors, "h:author", "h:assignedAuthor"),
        (context.legal_authenticators, "h:legalAuthenticator", "h:assignedEntity"),
        (context.informants, "h:informant", "*[self::h:relatedEntity or self::h:assignedEntity]"),
        (context.recipients, "h:informationRecipient", "h:intendedRecipient"),
        (context.participants, "h:participant", "h:associatedEntity"),
        (
            tuple(party for event in context.events for party in event.performers),
            "h:documentationOf/h:serviceEvent/h:performer",
            "h:assignedEntity",
        ),
    ):
        nodes = find(root, query)
        assert len(found) == len(nodes)
        for party, node in zip(found, nodes, strict=True):
            assert [item.extension for item in party.ids] == [
                i.get("extension") or "" for i in find(node, f"{holder}/h:id")
            ]
            assert (party.code.code if party.code else "") == said(node, f"{holder}/h:code/@code")
            family = said(node, f"({holder}//h:name/h:family)[1]")
            assert (party.name.of("family") if party.name else "") == family
            assert (party.organization.name if party.organization else "") == said(
                node, f"{holder}/*[self::h:representedOrganization or self::h:scopingOrganization "
                "or self::h:receivedOrganization]/h:name"
            )  # fmt: skip
    assert context.custodian.name == said(root, "h:custodian//h:name")
    assert [event.code.code if event.code else "" for event in context.events] == [
        said(node, "h:code/@code") for node in find(root, "h:documentationOf/h:serviceEvent")
    ]
    assert context.encounter.place_code.code == said(root, "h:componentOf//h:healthCareFacility/h:code/@code")


@each
def test_sections(path: Path) -> None:
    root, document = both(path)
    sections, nodes = list(document.walk()), find(root, "//h:section")
    assert [(s.code.code, s.title, s.level) for s in sections] == [
        (said(n, "h:code/@code"), said(n, "h:title"), len(find(n, "ancestor::h:section")) + 1) for n in nodes
    ]
    assert [s.number for s in sections] == list(range(1, len(nodes) + 1))
    assert [[item.root for item in s.templates] for s in sections] == [find(n, "h:templateId/@root") for n in nodes]
    for section, node in zip(sections, nodes, strict=True):
        assert "".join(section.text.split()) == "".join(said(node, "h:text").split())
        assert bool(section.html) == bool(said(node, "h:text") or find(node, "h:text//h:renderMultiMedia"))


@each
def test_each_section_has_its_own_acts(path: Path) -> None:
    root, document = both(path)
    for section, node in zip(document.walk(), find(root, "//h:section"), strict=True):
        own = [etree.QName(n).localname for n in find(node, "h:entry//*") if etree.QName(n).localname in ACTS]
        assert [fact.kind for fact in section.facts] == own


@each
def test_coded_acts(path: Path) -> None:
    root, document = both(path)
    facts, nodes = document.facts, acts_of(root)
    assert len(facts) == len(nodes)
    numbers = {node: number for number, node in enumerate(nodes, start=1)}
    for fact, node in zip(facts, nodes, strict=True):
        above = [n for n in node.iterancestors() if n in numbers]
        assert (fact.number, fact.parent) == (numbers[node], numbers[above[0]] if above else None)
        assert (fact.code.code if fact.code else "") == said(node, "h:code/@code")
        assert [q.value.code if q.value else "" for q in (fact.code.qualifiers if fact.code else ())] == [
            said(n, "h:value/@code") for n in find(node, "h:code/h:qualifier")
        ]
        assert fact.negated == (node.get("negationInd") == "true")
        assert (fact.mood, fact.status) == (node.get("moodCode") or "", said(node, "h:statusCode/@code"))
        assert fact.relation == (
            said(node, "../@typeCode") or ("component" if "component" in node.getparent().tag else "")
        )
        moments = "@value | h:low/@value | h:high/@value"
        assert sorted(m.raw for t in fact.times for m in (t.at, t.low, t.high) if m and m.raw) == sorted(
            str(raw) for n in find(node, "h:effectiveTime") for raw in find(n, moments)
        )
        lots = find(node, "h:consumable//h:lotNumberText")
        assert (fact.product.lot if fact.product else "") == (words(lots[0].text or "") if lots else "")


def literal(value: Value) -> tuple[str, str, str, str]:
    code = value.code.code if value.code else ""
    written = value.moment.raw if value.moment else value.value
    return value.type, code, written, value.unit


@each
def test_values(path: Path) -> None:
    root, document = both(path)
    for fact, node in zip(document.facts, acts_of(root), strict=True):
        expected = [
            (said(n, "@xsi:type"), said(n, "@code"), said(n, "@value"), said(n, "@unit")) for n in find(node, "h:value")
        ]
        assert [literal(value) for value in fact.values] == expected
        for value, written in zip(fact.values, find(node, "h:value"), strict=True):
            if value.type == "ST":
                assert value.text == words(written.text or "")
            if value.type == "BL":
                assert value.boolean is (written.get("value") == "true")


@each
def test_references_into_the_narrative(path: Path) -> None:
    root, document = both(path)
    anchors = {node.get("ID"): "".join(said(node, ".").split()) for node in find(root, "//*[@ID]")[::-1]}
    for fact, node in zip(document.facts, acts_of(root), strict=True):
        reference = said(node, "h:text/h:reference/@value")
        if reference and not said(node, "h:text"):
            assert "".join(fact.text.split()) == anchors.get(reference.removeprefix("#"), "")
            assert fact.text_reference == reference


@each
def test_subjects(path: Path) -> None:
    root, document = both(path)
    query = "(ancestor-or-self::*[h:subject/h:relatedSubject])[last()]/h:subject/h:relatedSubject/h:code/@code"
    assert [fact.subject for fact in document.facts] == [said(node, query) for node in acts_of(root)]


@each
def test_files(path: Path) -> None:
    root, document = both(path)
    nodes = find(root, "//*[@representation='B64']")
    assert [item.data for item in document.attachments] == [
        base64.b64decode(said(n, ".").replace(" ", "")) for n in nodes
    ]
    assert [item.media_type for item in document.attachments] == [n.get("mediaType") for n in nodes]


@each
def test_json_is_deterministic_and_plain(path: Path) -> None:
    data = path.read_bytes()
    first, second = as_json(read_whole(data)), as_json(read_whole(data))
    assert first == second and list(first) == ["header", "context", "sections", "attachments"]


def test_the_oracle_sees_every_kind_of_act() -> None:
    """Were the examples to change, this says that a comparison above lost its object."""
    kinds = Counter(fact.kind for path in PATHS for fact in both(path)[1].facts)
    types = Counter(value.type for path in PATHS for fact in both(path)[1].facts for value in fact.values)
    assert set(ACTS) <= set(kinds) and {"CD", "CE", "PQ", "INT", "BL", "ST", "TS"} <= set(types)
    assert {"CHILD", "MTH", "FTH"} & {fact.subject for path in PATHS for fact in both(path)[1].facts}
