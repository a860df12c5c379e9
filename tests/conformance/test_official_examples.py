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
    ("OBP-SAP", "section[18610-6]/entry/substanceAdministration"): "ours has the code DRUG, as in LDL-SES",
    ("OBP-SCM", "procedure/effectiveTime/low"): _MOMENT,
    ("CSE-CS8", "procedure[MED-1304]/effectiveTime/low"): _MOMENT,
    ("CSE-CS8", "procedure[MED-174]/effectiveTime/low"): _MOMENT,
    ("CSE-CS8", "participantRole/addr/streetAddressLine"): "an address is written in parts",
    ("CSE-CS8", "subject/relatedSubject/subject/birthTime"): _ONCE,
}
_MEDICINE = "a medicine chosen by who wrote the example"
_FINDING = "a diagnosis chosen by who wrote the example"
_PERSON = "the speciality of the people of the example"
_PLACE = "the kind of place chosen by who wrote the example"
# Codes that an example has and no case of ours, all of them choices: (volet, element of, element, code) → why.
CHOSEN = {
    ("LDL-SES", "assignedAuthor", "code", "G15_10/SM27"): _PERSON,
    ("LDL-SES", "code", "translation", "N05AH02"): _MEDICINE,
    ("LDL-SES", "manufacturedMaterial", "code", "60019927"): _MEDICINE,
    ("LDL-SES", "manufacturedMaterial", "code", "62552920"): _MEDICINE,
    ("LDL-SES", "observation", "value", "107724000"): _FINDING,
    ("LDL-SES", "observation", "value", "385651009"): _FINDING,
    ("LDL-SES", "procedure", "code", "ECQH010"): "an act chosen by who wrote the example",
    ("OBP-SAP", "assignedEntity", "code", "G15_10/SM20"): _PERSON,
    ("OBP-SAP", "manufacturedMaterial", "code", "63564053"): _MEDICINE,
    ("OBP-SAP", "manufacturedMaterial", "code", "66871876"): _MEDICINE,
    ("OBP-SAP", "observation", "value", "E11"): _FINDING,
    (
        "OBP-SAP",
        "observation",
        "value",
        "L50.0",
    ): "a finding, its codeSystem cut short (2.16.840.1.113883.6)",
    ("OBP-SAP", "observation", "value", "O24.0"): _FINDING,
    ("OBP-SAP", "observation", "value", "Q42.3"): _FINDING,
    ("OBP-SAP", "playingEntity", "code", "N02BE01"): _MEDICINE,
    ("OBP-SNM", "observation", "value", "O70.0"): _FINDING,
    ("OBP-SNE", "participantRole", "code", "SA04"): _PLACE,
    ("OBP-SNE", "playingEntity", "code", "ORG-141"): _PLACE,
    ("OBP-SCM", "observation", "value", "O10.4"): _FINDING,
    ("OBP-SCM", "observation", "value", "O71.3"): _FINDING,
    ("OBP-SEM", "observation", "value", "P15.8"): _FINDING,
    ("OBP-SEM", "observation", "value", "P59.3"): _FINDING,
    ("OBP-SEM", "observation", "value", "Q89.8"): _FINDING,
    ("OBP-SEM", "participantRole", "code", "SA04"): _PLACE,
    ("CSE-CS8", "observation", "value", "2603003"): _FINDING,
    ("CSE-CS8", "observation", "value", "50697003"): _FINDING,
    ("CSE-CS8", "observation", "value", "GEN-092.01.08"): _FINDING,
    ("CSE-CS8", "participantRole", "code", "SA43"): _PLACE,
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


def ours(volet: Volet) -> list[xml.Element]:
    return [body(xml.parse(build_case(volet, given))) for given in CASES[volet.name].values()]


def not_written(volet: Volet, example: xml.Element) -> set[str]:
    """The paths of the example that no case of ours has; of a whole branch, its beginning."""
    known = frozenset(fixed(*volet.sections))
    written = {path for one in ours(volet) for path in paths(one, known)}
    lost = {path for path in paths(example, known) if path not in written}
    return {path for path in lost if path.rpartition("/")[0] not in lost}


def missing(volet: Volet, example: xml.Element) -> set[str]:
    listed = tuple(end for name, end in ABSENT if name == volet.name)
    return {path for path in not_written(volet, example) if not path.endswith(listed)}


def codes(root: xml.Element) -> Iterator[tuple[str, str, str, str]]:
    """(element of, element, code, codeSystem) of everything coded; a narrative has no code."""
    for element in root.iter("{*}*"):
        around = element.getparent()
        if element.get("code") and around is not None:
            tags = (str(one.tag).rpartition("}")[2] for one in (around, element))
            yield (*tags, str(element.get("code")), str(element.get("codeSystem", "")))  # type: ignore[misc]


def codes_not_written(volet: Volet, example: xml.Element) -> set[tuple[str, str, str, str]]:
    return set(codes(example)) - {found for one in ours(volet) for found in codes(one)}


def example_of(volet: Volet) -> xml.Element:
    if not EXAMPLES.is_dir():
        pytest.skip("official examples absent (../shared/ans/examples)")
    (found,) = EXAMPLES.glob(f"{volet.name}_{volet.version}.xml")
    return body(xml.parse(found.read_bytes()))


@pytest.mark.parametrize("volet", VOLETS.values(), ids=VOLETS)
def test_every_element_of_the_example_is_written_by_a_case(volet: Volet) -> None:
    assert missing(volet, example_of(volet)) == set()


@pytest.mark.parametrize("volet", VOLETS.values(), ids=VOLETS)
def test_every_code_of_the_example_is_written_by_a_case_or_is_a_choice(volet: Volet) -> None:
    lost = {(volet.name, *one[:3]) for one in codes_not_written(volet, example_of(volet))}
    assert lost == {one for one in CHOSEN if one[0] == volet.name}


@pytest.mark.parametrize(("name", "end"), ABSENT)
def test_what_is_listed_as_absent_still_is(name: str, end: str) -> None:
    assert any(path.endswith(end) for path in not_written(VOLETS[name], example_of(VOLETS[name])))


def test_a_line_that_is_no_longer_true_would_be_seen() -> None:
    volet = VOLETS["OBP-SCM"]
    example = example_of(volet)
    for low in list(example.iter(f"{HL7}low")):
        low.getparent().remove(low)
    assert not any(path.endswith("procedure/effectiveTime/low") for path in not_written(volet, example))


def test_a_code_that_nobody_writes_would_be_seen() -> None:
    volet = VOLETS["OBP-SCM"]
    example = example_of(volet)
    section = next(one for one in example.iter(f"{HL7}code") if one.getparent().tag == f"{HL7}section")
    section.set("codeSystem", "1.2.3")
    found = codes_not_written(volet, example)
    assert {one for one in found if one[3] == "1.2.3"} == {("section", "code", section.get("code"), "1.2.3")}


def test_an_element_that_nobody_writes_would_be_seen() -> None:
    volet = VOLETS["OBP-SCM"]
    example = example_of(volet)
    procedure = next(example.iter(f"{HL7}procedure"))
    procedure.append(procedure.makeelement(f"{HL7}specimen", {}))
    assert {path.rpartition("/")[2] for path in missing(volet, example)} == {"specimen"}
