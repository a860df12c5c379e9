"""Hostile or broken bytes: refused in French or neutralised; never another error, nothing of the content told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from coordination.cda.builder import build
from coordination.cda.errors import CdaReadError
from coordination.cda.reader import as_json, read, read_whole, summary
from coordination.cda.reading import safe
from coordination.cda.reading.texts import MAX_WORDS
from tests.coordination.cda import samples
from tests.coordination.cda.writing import HL7, attached, document, section

EXAMPLES = sorted((Path(__file__).parents[4] / "shared/ans/examples").glob("*.xml"))
SECRET = "SECRET-42"
XSLT = "http://www.w3.org/1999/XSL/Transform"
SIMPLE = document(section(f"<paragraph>{SECRET}é</paragraph>"))


def refusal(data: bytes, **options: int) -> str:
    with pytest.raises(CdaReadError) as caught:
        read_whole(data, **options)
    assert caught.value.message_fr.endswith(".") and SECRET not in str(caught.value)
    return caught.value.message_fr


@pytest.mark.parametrize(
    "before",
    [
        f'<!DOCTYPE x [<!ENTITY e "{SECRET}">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE ClinicalDocument PUBLIC "-//x" "file:///etc/hostname">',
    ],
)
def test_a_document_type_is_refused(before: str) -> None:
    assert "DOCTYPE" in refusal(document("", before=before))


def test_an_unknown_entity_is_refused() -> None:
    refusal(document(section("&secret;")))


def test_too_large() -> None:
    assert "taille" in refusal(SIMPLE, max_bytes=len(SIMPLE) - 1)
    assert read_whole(SIMPLE, max_bytes=len(SIMPLE)).narrated


@pytest.mark.parametrize("tag", ["component", "section", "list", "table", "entry", "translation", "qualifier"])
def test_too_deep(tag: str) -> None:
    def nested(depth: int) -> bytes:
        return document(f"<{tag}>" * depth + f"</{tag}>" * depth)

    assert refusal(nested(safe.MAX_DEPTH)) == safe.TOO_DEEP
    assert refusal(nested(5_000)) == "Le document XML est illisible."
    read_whole(nested(safe.MAX_DEPTH - 4))


@pytest.mark.parametrize(
    "unit",
    [
        ("<component><section>", "</section></component>"),
        ("<list><item>", "</item></list>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<content>", "</content>"),
    ],
)
def test_as_deep_as_allowed_is_read_even_far_from_the_top_of_the_stack(unit: tuple[str, str]) -> None:
    times = (safe.MAX_DEPTH - 10) // unit[0].count("<")
    inside = unit[0] * times + "x" + unit[1] * times
    data = document(inside if "section" in unit[0] else section(inside))

    def lower(frames: int) -> None:
        if frames:
            return lower(frames - 1)
        found = read_whole(data)
        as_json(found), summary(found)
        return None

    lower(250)


def test_acts_within_acts_are_read_to_the_limit() -> None:
    times = (safe.MAX_DEPTH - 10) // 2
    entry = '<act><entryRelationship typeCode="COMP">' * times + "</entryRelationship></act>" * times
    facts = read_whole(document(section("", entry=entry))).facts
    assert [fact.parent for fact in facts] == [None, *range(1, times)]


def test_a_crowd_of_elements_is_refused_before_the_tree_is_built() -> None:
    started = time.monotonic()
    assert refusal(document("<a/>" * (safe.MAX_TAGS + 1))) == safe.TOO_LARGE
    assert time.monotonic() - started < 2


def test_many_pointers_to_one_long_text_do_not_swell() -> None:
    long = f'<content ID="x">{"mot " * 100_000}</content>'
    acts = "".join('<act><text><reference value="#x"/></text></act>' for _ in range(3_000))
    facts = read_whole(document(section(long, entry=acts))).facts
    assert len(facts[0].text) <= MAX_WORDS and facts[-1].text == ""
    assert sum(len(fact.text) for fact in facts) < 5_000_000


@pytest.mark.parametrize(
    "data",
    [
        SIMPLE.decode().encode("latin-1"),  # declared UTF-8
        SIMPLE.decode().encode("utf-16"),
        SIMPLE.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        SIMPLE.decode().replace("UTF-8", "UTF-16LE").encode("utf-16-le"),
        SIMPLE.decode().replace("UTF-8", "UTF-32").encode("utf-32"),
        SIMPLE.decode().replace("UTF-8", "UTF-7").encode("utf-7"),
        b"+ADw-?xml version=+ACI-1.0+ACI- encoding=+ACI-UTF-7+ACI-?+AD4-",
        SIMPLE.replace(b"UTF-8", b"utf-7"),
        SIMPLE.replace(b"UTF-8", b"IBM037"),
        SIMPLE.replace(b"UTF-8", b"x-inconnu"),
        SIMPLE.decode().encode("utf-8") + b"\xc3",
    ],
)
def test_encodings(data: bytes) -> None:
    refusal(data)
    with pytest.raises(CdaReadError):
        read(data)


@pytest.mark.parametrize(
    "data",
    [
        SIMPLE,
        b"\xef\xbb\xbf" + SIMPLE,
        SIMPLE.replace(b'encoding="UTF-8"', b""),
        SIMPLE.decode().replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        SIMPLE.decode().replace("UTF-8", "windows-1252").encode("cp1252"),
    ],
)
def test_honest_encodings_are_read(data: bytes) -> None:
    assert read_whole(data).sections[0].text == f"{SECRET}é"


@pytest.mark.parametrize("data", [b"", b" ", b"%PDF-1.4", b"PK\x03\x04", b"<html/>", b"<ClinicalDocument/>", b"<a:b/>"])
def test_what_is_not_a_cda(data: bytes) -> None:
    refusal(data)


@pytest.mark.parametrize("broken", ["%%%", "JVBER", "é", "<b>x</b>="])
def test_a_broken_pdf_is_refused_and_another_broken_file_told(broken: str) -> None:
    entry = attached("application/pdf", b"").replace("></value>", f">{broken}</value>")
    assert "PDF" in refusal(document(section("", entry=entry)))
    other = entry.replace("application/pdf", "image/png")
    assert [item.readable for item in read_whole(document(section("", entry=other))).attachments] == [False]


def test_a_self_presenting_document_is_read_and_its_stylesheet_never_run(tmp_path: Path) -> None:
    target = tmp_path / "ran"
    instruction = f'<?xml-stylesheet type="text/xsl" href="file://{target}"?>'
    sheet = (
        f'<xsl:template xmlns:xsl="{XSLT}" match="/"><xsl:value-of select="document(\'file://{target}\')"/>'
        "</xsl:template>"
    )
    plain = read_whole(SIMPLE)
    inside = document(section(f"<paragraph>{SECRET}é</paragraph>"), header=sheet, before=instruction)
    around = document(
        section(f"<paragraph>{SECRET}é</paragraph>"),
        before=instruction,
        around=f'<xsl:stylesheet version="1.0" xmlns:xsl="{XSLT}">{sheet.replace("{", "{{").replace("}", "}}")}{{}}'
        "</xsl:stylesheet>",
    )
    assert read_whole(inside) == read_whole(around) == plain
    assert read(around) == read(SIMPLE)
    assert not target.exists()


def test_a_stylesheet_without_or_with_two_documents_is_not_a_cda() -> None:
    one = f'<ClinicalDocument xmlns="{HL7}"/>'
    for inside in ("", one * 2):
        data = f'<xsl:stylesheet version="1.0" xmlns:xsl="{XSLT}">{inside}</xsl:stylesheet>'.encode()
        assert refusal(data) == safe.NOT_A_CDA


def test_included_files_are_not_fetched() -> None:
    text = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/hostname" parse="text"/>'
    assert read_whole(document(section(text))).sections[0].html == ""


@pytest.mark.parametrize(
    "entry",
    [
        '<observation><value xsi:type="PQ" value="abc" unit=""/></observation>',
        '<observation><value xsi:type="TS" value="99999999"/></observation>',
        '<observation><value xsi:type="x:y:z"/><value/><code/><effectiveTime/></observation>',
        f'<observation><effectiveTime value="{"9" * 6000}"/></observation>',
        "<observation><value xsi:type='IVL_PQ'><low value='1'/><high nullFlavor='PINF'/></value></observation>",
        "<substanceAdministration><consumable/><subject/><participant/><author/></substanceAdministration>",
        "<foreign:act xmlns:foreign='urn:x'><code code='1'/></foreign:act>",
    ],
)
def test_odd_acts_are_read(entry: str) -> None:
    found = read_whole(document(section("", entry=entry), header=f'<versionNumber value="{"1" * 6000}"/>'))
    assert len(found.facts) == 1 and found.header.version is None
    as_json(found)
    summary(found)


def consume(data: bytes) -> None:
    """All that the product does with a document; only CdaReadError may come out."""
    try:
        read(data)
        found = read_whole(data)
    except CdaReadError as error:
        assert error.message_fr.endswith(".")
        return
    as_json(found)
    summary(found)


SEEDS = [build(samples.LETTER, unique_id=samples.UNIQUE_ID, now=samples.NOW)]
SEEDS += [path.read_bytes() for path in EXAMPLES if path.stat().st_size < 80_000]
TRICKS = [
    b"<",
    b">",
    b'"',
    b"&",
    b"\x00",
    b"\xff",
    b"<!--",
    b"]]>",
    b"</section>",
    b"<text>",
    b"9" * 30,
    b"nullFlavor=",
    b"",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_documents_raise_nothing_else(data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(seed) - 1))
        length = data.draw(st.sampled_from([0, 1, 5, 40, 400]))
        seed = seed[:start] + data.draw(st.sampled_from(TRICKS) | st.binary(max_size=6)) + seed[start + length :]
    consume(seed)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_raise_nothing_else(data: bytes) -> None:
    consume(data)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whole_parts_moved_or_renamed_raise_nothing_else(data: st.DataObject) -> None:
    """Well formed, so that the reader itself is reached: attributes emptied, elements renamed or put elsewhere."""
    root = etree.fromstring(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 8))):
        nodes = [node for node in root.iter("{*}*") if node is not root]
        one, other = (data.draw(st.sampled_from(nodes)) for _ in range(2))
        match data.draw(st.integers(0, 3)):
            case 0:
                one.tag = other.tag
            case 1:
                one.attrib.update(other.attrib)
            case 2:
                one.text = data.draw(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=5))
            case _:
                if one not in other.iterancestors() and one is not other:
                    other.append(one)
    consume(etree.tostring(root))
