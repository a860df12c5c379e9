"""The narrative as HTML: only what the list allows, well formed, accessible; nothing hostile comes through."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from coordination.cda.reader import WholeDocument, read_whole
from tests.coordination.cda.writing import attached, document, section

EXAMPLES = Path(__file__).parents[4] / "shared/ans/examples"
ALLOWED = {
    **dict.fromkeys(["p", "div", "span", "ul", "ol", "li", "b", "i", "u", "em", "sub", "sup", "del", "ins"], {"id"}),
    **dict.fromkeys(["thead", "tbody", "tfoot", "tr", "br"], set()),
    "table": {"id", "class"},
    "caption": {"class"},
    "td": {"id", "colspan", "rowspan"},
    "th": {"id", "colspan", "rowspan", "scope"},
    "a": {"id", "href"},
}
ALLOWED["span"] = {"id", "class"}
ALLOWED["div"] = {"id", "class", "role", "tabindex", "aria-label"}
VOID = {"br"}


class Checker(HTMLParser):
    """Reads HTML as a browser splits it; keeps what is not allowed and what is not closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name not in ALLOWED.get(tag, set()):
                self.wrong.append(f"{tag}@{name}")
            if name == "href" and not re.fullmatch(r"#cda-\d+", value or ""):
                self.wrong.append(f"href={value}")
            if name == "class" and not re.fullmatch(r"(p-cda-[a-z]+|visually-hidden)", value or ""):
                self.wrong.append(f"class={value}")
            if name == "id":
                self.ids.append(value or "")
        if tag not in ALLOWED:
            self.wrong.append(tag)
        if tag == "table" and "p" in self.open:
            self.wrong.append("table in p")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append("comment")

    handle_decl = handle_pi = unknown_decl = handle_comment


def check(found: WholeDocument) -> None:
    """Fails on anything outside the list, on a tag left open and on an id written twice."""
    checker = Checker()
    for part in found.walk():
        checker.feed(part.html)
        etree.fromstring(f"<x>{part.html.replace('<br>', '<br/>')}</x>")
    checker.close()
    assert (checker.wrong, checker.open) == ([], [])
    assert len(checker.ids) == len(set(checker.ids))


def html(text: str, **others: str) -> str:
    found = read_whole(document(section(text, **others)))
    check(found)
    return found.sections[0].html


def test_the_checker_can_fail() -> None:
    for bad in ("<script>", '<p onclick="x">', '<a href="https://x">', '<img src="x">', '<p style="x">', "<p><table>"):
        checker = Checker()
        checker.feed(bad)
        assert checker.wrong


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="official CDA examples absent (../shared/ans)")
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_official_examples(path: Path) -> None:
    found = read_whole(path.read_bytes())
    check(found)
    tables = [
        table
        for part in found.walk()
        for table in etree.fromstring(f"<x>{part.html}</x>".replace("<br>", "<br/>")).iter("table")
    ]
    for table in tables:
        assert table[0].tag == "caption" and table[0].text
        assert all(cell.get("scope") in ("col", "row") for cell in table.iter("th"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mots nus", "<p>Mots nus</p>"),
        ("<paragraph>A &lt;b&gt; &amp; C</paragraph>", "<p>A &lt;b&gt; &amp; C</p>"),
        ("<paragraph>un<br/>deux</paragraph>", "<p>un<br>deux</p>"),
        ('<content styleCode="Bold">gras</content>', "<p><b>gras</b></p>"),
        ('<content styleCode="BoldItalics xRed">x</content>', "<p><i><b>x</b></i></p>"),
        ('<content revised="delete">faux</content>', "<p><del>faux</del></p>"),
        ("H<sub>2</sub>O, m<sup>2</sup>", "<p>H<sub>2</sub>O, m<sup>2</sup></p>"),
        ("<list><item>a</item><item>b</item></list>", "<ul><li>a</li><li>b</li></ul>"),
        ('<list listType="ordered"><item>a</item></list>', "<ol><li>a</li></ol>"),
        ("<list><caption>Titre</caption></list>", '<div><span class="p-cda-caption">Titre</span> </div>'),
        ("<paragraph>avant<list><item>a</item></list></paragraph>", "<div>avant<ul><li>a</li></ul></div>"),
        ("<content>a<table><tr><td>b</td></tr></table></content>", None),
        ("<!-- caché -->vu<?xsl rien?>aussi", "<p>vuaussi</p>"),
        ("<inconnu>mots gardés</inconnu>", "<p>mots gardés</p>"),
    ],
)
def test_elements(text: str, expected: str | None) -> None:
    assert expected in (None, html(text))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
        '<content onclick="alert(1)" style="background:url(//x)">mot</content>',
        '<paragraph styleCode="Bold&quot; onload=&quot;alert(1)">mot</paragraph>',
        '<content ID="a&quot; onclick=&quot;alert(1)">mot</content>'
        '<linkHtml href="#a&quot; onclick=&quot;alert(1)">x</linkHtml>',
        '<linkHtml href="javascript:alert(1)">mot</linkHtml>',
        '<linkHtml href="JaVaScRiPt:alert(1)"/>',
        '<linkHtml href="https://alert(1).example/">mot</linkHtml>',
        '<linkHtml href="#absent">mot</linkHtml>',
        '<img src="https://example.org/alert(1)"/><image xlink="alert(1)"/>',
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><text>alert(1)</text></svg>',
        "<table><script>alert(1)</script><tr><td onmouseover='alert(1)'>mot<style>alert(1)</style></td></tr></table>",
        "<table><tr><td colspan='9&quot; onclick=&quot;alert(1)'>mot</td></tr></table>",
        '<renderMultiMedia referencedObject="alert(1)"/>',
        "<iframe src='alert(1)'>alert(1)</iframe><object data='alert(1)'/>",
    ],
)
def test_what_is_hostile_is_neutralised(text: str) -> None:
    assert "alert(1)" not in html(text)


def test_markup_written_as_words_stays_words() -> None:
    written = html("<![CDATA[<script>alert(1)</script>]]> &lt;img src=x onerror=alert(1)&gt;", title="&lt;b&gt;")
    assert written == "<p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt;</p>"
    caption = html("<table><tr><td>1</td></tr></table>", title='&lt;script&gt; "x"')
    assert 'aria-label="&lt;script&gt; &quot;x&quot;"' in caption


def test_marks_that_turn_the_order_of_words_are_removed() -> None:
    assert html("dose \u202e5 \u2066mg") == "<p>dose 5 mg</p>"


def test_a_table_is_accessible() -> None:
    written = html(
        "<table border='1'><tbody><tr><th>Poids</th><td colspan='2'>3 kg</td></tr></tbody>"
        "<thead><tr><td>Mesure</td><th/></tr></thead><caption>Mesures</caption></table>"
    )
    assert written == (
        '<div class="p-cda-scroll" role="group" tabindex="0" aria-label="Mesures"><table class="p-cda-table">'
        '<caption>Mesures</caption><thead><tr><th scope="col">Mesure</th><td></td></tr></thead>'
        '<tbody><tr><th scope="row">Poids</th><td colspan="2">3 kg</td></tr></tbody></table></div>'
    )


def test_tables_without_a_caption_are_named_by_the_section() -> None:
    written = html("<table><tr><td>1</td></tr></table>" * 2, title="Examens")
    assert '<caption class="visually-hidden">Examens</caption>' in written
    assert '<caption class="visually-hidden">Examens, tableau 2</caption>' in written


def test_words_outside_of_any_cell_are_kept_before_the_table() -> None:
    written = html("<table>note<tr>ici<td>1</td></tr><paragraph>là</paragraph></table>")
    assert written.startswith("<p>note là ici</p><div")


def test_a_second_caption_is_not_lost() -> None:
    written = html("<table><caption>un</caption><caption>deux</caption><tr><td>1</td></tr></table>")
    assert written.startswith("<p>deux</p>") and "<caption>un</caption>" in written


@pytest.mark.parametrize(("rows", "span"), [("0", 1), ("-3", 1), ("99999", 100), ("x", 1), ("²", 1)])
def test_spans_are_bounded(rows: str, span: int) -> None:
    written = html(f"<table><tr><td rowspan='{rows}'>1</td></tr></table>")
    assert (f'rowspan="{span}"' in written) == (span > 1)


def test_links_inside_the_document_work_once_over_all_sections() -> None:
    data = document(
        section('<content ID="x y">cible</content>')
        + section('<linkHtml href="#x y">voir</linkHtml><footnoteRef IDREF="n"/><footnote ID="n">note</footnote>')
        + section('<content ID="x y">encore</content>')
    )
    found = read_whole(data)
    check(found)
    first, second, third = (part.html for part in found.walk())
    assert first == '<p><span id="cda-1">cible</span></p>'
    assert (
        '<a href="#cda-1">voir</a><a href="#cda-2">note</a><span id="cda-2" class="p-cda-note">[note]</span>' in second
    )
    assert third == "<p>encore</p>"


def test_a_file_is_told_in_words() -> None:
    text = '<renderMultiMedia referencedObject="F"><caption>Tracé</caption></renderMultiMedia>'
    assert "[Pièce jointe : image (Tracé)]" in html(text, entry=attached("image/png", b"x", "F"))
    assert "[Pièce jointe absente du document (Tracé)]" in html(text)


NAMES = (
    *("paragraph", "list", "item", "caption", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "content", "br"),
    *("sub", "sup", "linkHtml", "renderMultiMedia", "footnote", "footnoteRef", "col", "script", "style", "inconnu"),
)
VALUES = st.sampled_from(["Bold", "#a", "a", "javascript:x", '"><script>', "2", "ordered", "delete"])
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["ID", "href", "IDREF", "styleCode", "colspan", "onclick", "listType", "revised", "style"]), VALUES
)
WORDS = st.sampled_from(["mot", "<b>", "&", '"', " ", "\u202e", ""])


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> etree._Element:
    node = etree.Element(f"{{urn:hl7-org:v3}}{draw(st.sampled_from(NAMES))}", draw(ATTRIBUTES))
    node.tail = draw(WORDS)
    if etree.QName(node).localname in ("br", "footnoteRef", "col"):
        return node
    node.text = draw(WORDS)
    for _ in range(draw(st.integers(0, 3)) if depth else 0):
        node.append(draw(trees(depth=depth - 1)))
    return node


@settings(max_examples=80, deadline=None)
@given(st.lists(trees(), max_size=3))
def test_any_narrative_gives_only_what_is_allowed(parts: list[etree._Element]) -> None:
    found = read_whole(document(section("".join(etree.tostring(part, encoding="unicode") for part in parts))))
    check(found)
    written = "".join(part.html for part in found.walk())
    assert re.sub("<[^>]*>", " ", written).count("mot") == found.sections[0].text.count("mot")  # none lost, none twice
