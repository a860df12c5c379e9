"""What never changes in a tree is written once per process: same elements, in their order, and nothing of a case."""

from __future__ import annotations

from datetime import datetime

import pytest

from coordination.cda.spec.kinds import Words
from coordination.cda.spec.nodes import E, Item, Section, Slot
from coordination.cda.spec.writing import Writer
from coordination.cda.volets import VOLETS
from perinat.standards import oids
from perinat.standards.codes import Code

AT = datetime.fromisoformat("2026-11-20T16:30:00+01:00")
NODE = E(
    "entry",
    E(
        "act",
        E("code", code='a"<&'),
        " Acte  <daté> & signé ",
        E("text", " "),
        Slot("value", "words", "Mots", Words(), inside=(E("qualifier", code="q"), "fin")),
        E("priorityCode", E("translation", code="t")),
        E("note", Slot("value", "note", "Note", Words()), optional=True),
        classCode="ACT",
    ),
)
SECTION = Section("acts", "Actes", Code("1-1", oids.LOINC, "Actes"), ("1.2.3",), (Item("act", "Acte", NODE),))


def _written(words: dict[str, str]) -> str:
    whole = Writer(unique_id="1.2.3", at=AT).body((SECTION,), {"acts": {"act": words}})
    return whole[whole.index("<entry>") : whole.index("</section>")]


def test_fixed_parts_keep_their_place_around_what_the_case_gives() -> None:
    expected = (
        '<entry><act classCode="ACT"><code code="a&quot;&lt;&amp;"/>Acte &lt;daté&gt; &amp; signé<text/>'
        '<value>{}<qualifier code="q"/>fin</value><priorityCode><translation code="t"/></priorityCode>{}</act></entry>'
    )
    assert _written({"words": "un < deux"}) == expected.format("un &lt; deux", "")
    assert _written({"words": "b", "note": "c"}) == expected.format("b", "<note><value>c</value></note>")
    assert _written({"words": "d"}) == expected.format("d", ""), "the former case left something"


@pytest.mark.parametrize("name", VOLETS)
def test_the_members_of_a_volet_are_drawn_once(name: str) -> None:
    assert VOLETS[name].members is VOLETS[name].members
