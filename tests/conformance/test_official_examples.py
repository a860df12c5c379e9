"""Every element of the official example of each volet is one that some case of ours writes, or is listed with why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination.cda.spec.nodes import E, Item, Part, Prose, Section
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import Volet
from perinat.standards import oids, xml
from tests.conformance.cases import CASES
from tests.conformance.run import build_case

EXAMPLES = Path(__file__).parents[3] / "shared/ans/examples"
HL7 = f"{{{oids.NS_HL7}}}"
ACTS = frozenset(
    ("act", "encounter", "observation", "observationMedia", "organizer", "procedure", "section")
    + ("substanceAdministration", "supply")
)
NARRATIVE = frozenset(("text", "originalText", "reference", "title", "templateId", "id"))
_ONCE = "the mother's birth date is said once, of the section of her pregnancies"
_MOMENT = "a moment is written as the value of its effectiveTime, not as the bound of an interval"
# What an example has and no case of ours: (volet, end of the path) → why.
ABSENT = {
    ("OBP-SAP", "organizer[118215003]/component/sequenceNumber"): "the child's rank stands on its own component",
    ("OBP-SAP", "section[11450-4]/entry/act/subject/relatedSubject/subject"): "a foetus has no identity yet",
    ("OBP-SAP", "section[11450-4]/entry/act/subject/relatedSubject/subject/name/family"): "the same",
    ("OBP-SAP", "section[11450-4]/entry/act/subject/relatedSubject/subject/name/given"): "the same",
    ("OBP-SAP", "section[18610-6]/entry/substanceAdministration"): "ours has the code DRUG, as in LDL-SES",
    ("OBP-SCM", "procedure/effectiveTime/low"): _MOMENT,
    ("CSE-CS8", "procedure[MED-1304]/effectiveTime/low"): _MOMENT,
    ("CSE-CS8", "procedure[MED-174]/effectiveTime/low"): _MOMENT,
    ("CSE-CS8", "participantRole/addr/streetAddressLine"): "an address is written in parts",
    ("CSE-CS8", "subject/relatedSubject/subject/birthTime"): _ONCE,
}


def named(element: xml.Element, known: frozenset[str]) -> str:
    """The tag; with its code for an act, when the tree fixes that code (an act chosen in a list has any)."""
    tag = str(element.tag).rpartition("}")[2]
    code = element.find(f"{HL7}code") if tag in ACTS else None
    found = str(code.get("code", "")) if code is not None else ""
    return f"{tag}[{found}]" if found in known else tag


def paths(element: xml.Element, known: frozenset[str], before: str = "") -> Iterator[str]:
    for child in element:
        if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] in NARRATIVE:
            continue
        here = f"{before}/{named(child, known)}".removeprefix("/")
        yield here
        yield from paths(child, known, here)


def fixed(*parts: Part | Section | Prose) -> Iterator[str]:
    """The codes that the tree writes as they stand."""
    for part in parts:
        if isinstance(part, E):
            if part.tag == "code" and "code" in part.attributes:
                yield part.attributes["code"]
            yield from fixed(*part.children)
        elif isinstance(part, Item):
            yield from fixed(part.node)
        elif isinstance(part, Section):
            yield part.code.code
            yield from fixed(*part.parts)


def body(root: xml.Element) -> xml.Element:
    found = root.find(f"{HL7}component/{HL7}structuredBody")
    assert found is not None
    return found


def missing(volet: Volet, example: xml.Element) -> set[str]:
    ours = [body(xml.parse(build_case(volet, given))) for given in CASES[volet.name].values()]
    known = frozenset(fixed(*volet.sections))
    written = {path for one in ours for path in paths(one, known)}
    listed = tuple(end for name, end in ABSENT if name == volet.name)
    lost = {path for path in paths(example, known) if path not in written}
    begun = {path for path in lost if path.rpartition("/")[0] not in lost}
    return {path for path in begun if not path.endswith(listed)}


def example_of(volet: Volet) -> xml.Element:
    if not EXAMPLES.is_dir():
        pytest.skip("official examples absent (../shared/ans/examples)")
    (found,) = EXAMPLES.glob(f"{volet.name}_{volet.version}.xml")
    return body(xml.parse(found.read_bytes()))


@pytest.mark.parametrize("volet", VOLETS.values(), ids=VOLETS)
def test_every_element_of_the_example_is_written_by_a_case(volet: Volet) -> None:
    assert missing(volet, example_of(volet)) == set()


def test_an_element_that_nobody_writes_would_be_seen() -> None:
    volet = VOLETS["OBP-SCM"]
    example = example_of(volet)
    procedure = next(example.iter(f"{HL7}procedure"))
    procedure.append(procedure.makeelement(f"{HL7}specimen", {}))
    assert {path.rpartition("/")[2] for path in missing(volet, example)} == {"specimen"}
