"""The compiled rules against the reference script, on what perinat writes: whole, and damaged a hundred ways."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from coordination.cda.volets import VOLETS
from perinat.standards import xml
from perinat.standards.cda_rules.lookups import in_memory, lookup_document
from tests.conformance.cases import CASES
from tests.conformance.run import build_case
from tests.standards.test_cda_rules import GOLDEN, PACK, needs_pack, reference, same_as_reference

__all__ = ["reference"]  # a fixture
DAMAGES = 14  # of one document
NS = "{urn:hl7-org:v3}"


def _drop(element: xml.Element, draw: random.Random) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def _double(element: xml.Element, draw: random.Random) -> None:
    element.addnext(xml.parse(xml.to_bytes(element)))


def _bare(element: xml.Element, draw: random.Random) -> None:
    for name in element.attrib:
        del element.attrib[name]


def _other_value(element: xml.Element, draw: random.Random) -> None:
    if element.attrib:
        name = draw.choice(sorted(element.attrib))
        element.set(name, draw.choice(("", "XYZ", "1.2.3", "20261301", element.get(name, "") + "9")))


ACTS: tuple[Callable[[xml.Element, random.Random], None], ...] = (_drop, _double, _bare, _other_value, _other_value)


def _damaged(data: bytes, seed: str) -> Iterator[bytes]:
    """Half of the damages are done to coded elements: these ask the lists of codes."""
    draw = random.Random(seed)
    for turn in range(DAMAGES):
        root = xml.parse(data)
        every = [element for element in root.iter(NS + "*") if element is not root]
        coded = [element for element in every if element.get("code")]
        draw.choice(ACTS)(draw.choice(coded if turn % 2 else every), draw)
        yield xml.to_bytes(root)


@needs_pack
@pytest.mark.parametrize("name", CASES)
def test_same_findings_on_what_perinat_writes(reference: ModuleType, name: str) -> None:
    whole = build_case(VOLETS[name], CASES[name]["maximal"])
    assert same_as_reference(reference, whole).valid
    refused = [not same_as_reference(reference, data).valid for data in _damaged(whole, name)]
    assert any(refused)


@needs_pack
@pytest.mark.parametrize("path", sorted(GOLDEN.glob("cda_*.xml")), ids=lambda path: path.stem)
def test_same_findings_on_damaged_letters(reference: ModuleType, path: Path) -> None:
    for data in _damaged(path.read_bytes(), path.stem):
        same_as_reference(reference, data)


@needs_pack
@pytest.mark.parametrize(
    ("tag", "attribute", "value"),
    [
        ("code", "code", "XXX"),  # the type of document, in an SVS list that stands for an ART-DECOR one
        ("confidentialityCode", "code", "XXX"),
        ("standardIndustryClassCode", "code", "XXX"),
        ("standardIndustryClassCode", "codeSystem", "1.2.3"),
        ("functionCode", "code", "XXX"),
        ("healthCareFacility/code", "code", "XXX"),
        ("healthCareFacility/code", "codeSystem", "1.2.3"),
        ("prefix", "", "Sieur"),
    ],
)
def test_a_code_out_of_its_list_is_found_as_by_the_reference(
    reference: ModuleType, tag: str, attribute: str, value: str
) -> None:
    root = xml.parse(build_case(VOLETS["LDL-SES"], CASES["LDL-SES"]["maximal"]))
    element = root.find(".//" + "/".join(f"{NS}{part}" for part in tag.split("/")))
    assert element is not None
    if attribute:
        element.set(attribute, value)
    else:
        element.text = value
    code_alone = attribute == "codeSystem"  # the published rules look at no system there
    assert same_as_reference(reference, xml.to_bytes(root)).valid is code_alone


def test_what_is_not_one_of_the_known_forms_is_left_alone() -> None:
    other = "@code = doc('include/other.xml')/a/b and . = (doc('elsewhere.xml')/*/x)"
    assert in_memory(other) == (other, False)


@needs_pack
def test_the_codes_of_an_art_decor_list_are_looked_up() -> None:
    listed = "not(. = (doc('include/voc-1.2.250.1.213.1.1.5.467-DYNAMIC.xml')/*/valueSet/conceptList/concept/@code))"
    asked, replaced = in_memory(listed)
    assert replaced and "doc(" not in asked
    keys = xml.parse(lookup_document(PACK / "schematrons", PACK / "jeuxDeValeurs"))
    name = "voc-1.2.250.1.213.1.1.5.467-DYNAMIC.xml"
    kinds = {str(key.get("n"))[:1] for key in keys.iter("k") if name in str(key.get("n"))}
    assert kinds == {"C", "E", "J"}
