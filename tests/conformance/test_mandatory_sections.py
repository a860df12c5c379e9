"""A document that lost a mandatory section is refused: by our own check, and by the national rules when they look."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml import etree

from coordination.cda.spec.nodes import Section
from coordination.cda.volets import VOLETS
from perinat.standards import cda_rules, oids, xml
from perinat.standards.cda_rules import own_body, own_check
from tests.conformance import run
from tests.conformance.cases import CASES

_HL7 = f"{{{oids.NS_HL7}}}"


def required(sections: tuple[Section, ...], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths (names) of the sections that must stand, the inner ones too."""
    for section in sections:
        if section.required:
            yield (*above, section.name)
            inner = tuple(child for child in section.children if isinstance(child, Section))
            yield from required(inner, (*above, section.name))


EVERY = [(name, path) for name, volet in VOLETS.items() for path in required(volet.sections)]


def found(name: str, path: tuple[str, ...]) -> Section:
    parts: tuple[object, ...] = VOLETS[name].sections
    for step in path:
        section = next(part for part in parts if isinstance(part, Section) and part.name == step)
        parts = section.children
    return section


def without(name: str, path: tuple[str, ...]) -> bytes:
    """The minimal document of the volet, that section taken away with its component."""
    root = xml.parse(run.build_case(VOLETS[name], CASES[name]["minimal"]))
    section = found(name, path)
    roots = list(section.templates)
    nodes = [
        node
        for node in root.iter(f"{_HL7}section")
        if [child.get("root") for child in node.iterchildren(f"{_HL7}templateId")] == roots
        and node.findtext(f"{_HL7}title") == section.title
    ]
    assert len(nodes) == 1
    component = nodes[0].getparent()
    component.getparent().remove(component)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


@pytest.mark.parametrize(("name", "path"), EVERY, ids=[f"{name} {'.'.join(path)}" for name, path in EVERY])
def test_without_a_mandatory_section_the_document_is_refused(name: str, path: tuple[str, ...]) -> None:
    damaged = without(name, path)
    assert any(f"section {codes_of(name, path)} is required" == one.detail for one in own_check(damaged))
    if run.PACK.is_dir():
        report = cda_rules.check(damaged, pack=run.PACK)
        assert report.valid == (not report.errors)
        assert bool(report.errors) != rules_are_silent(name, path)


def codes_of(name: str, path: tuple[str, ...]) -> str:
    """The codes of the sections that lead there, as the check names it."""
    return "/".join(found(name, path[: depth + 1]).code.code for depth in range(len(path)))


@pytest.mark.parametrize("name", VOLETS)
def test_the_check_asks_for_the_mandatory_sections_of_the_volet_and_no_other(name: str) -> None:
    root, version = VOLETS[name].templates[-1]
    asked = [codes_of(name, path) for path in required(VOLETS[name].sections)]
    assert sorted(own_body.MODELS[root].sections) == sorted(asked) and version in own_body.MODELS[root].versions


@pytest.mark.parametrize("name", VOLETS)
def test_every_case_passes_our_own_check(name: str) -> None:
    for given in CASES[name].values():
        assert own_check(run.build_case(VOLETS[name], given)) == ()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('extension="2024.01"', 'extension="2019.01"', "extension is none of"),
        ('extension="2024.01"', 'extension=""', "extension is none of"),
        ('root="1.2.250.1.213.1.4.10" extension="29', 'root="1.2.250.1.213.1.4.10" extension="9', "INS: 15"),
        ('root="1.2.250.1.213.1.4.10"', 'root="1.2.250.1.213.1.4.77"', "INS: unknown authority"),
        ("<text><table", "<text/><table", "section/text says nothing"),
    ],
)
def test_our_own_check_sees_a_damaged_body(before: str, after: str, said: str) -> None:
    made = run.build_case(VOLETS["OBP-SCM"], CASES["OBP-SCM"]["minimal"]).decode()
    assert before in made
    damaged = made.replace(before, after, 1)
    if after.startswith("<text/>"):
        damaged = damaged.replace("</table></text>", "</table>", 1)
    assert any(said in one.detail for one in own_check(damaged.encode()))


def rules_are_silent(name: str, path: tuple[str, ...]) -> bool:
    """The schematrons of OBP 2024.01 ask for no section at all; that of CS8 for none of the newborn's own three.

    What they do not see, perinat's own check does. Should ANS mend them, this must be mended too.
    """
    inner = {("newborn", part) for part in ("first_week", "acts", "treatments")}
    return name.startswith("OBP-") or (name == "CSE-CS8" and path in inner)
