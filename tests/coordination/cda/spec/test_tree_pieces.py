"""Pieces of the kernel seen alone: a small tree, written and read back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from coordination.cda.spec.coded import Listed
from coordination.cda.spec.kinds import Flag, Moment, Words
from coordination.cda.spec.nodes import Anchor, E, Item, Section, Slot, Today
from coordination.cda.spec.reading import Reader
from coordination.cda.spec.references import Base64
from coordination.cda.spec.writing import Writer
from perinat.standards import oids, xml
from perinat.standards.codes import Code

AT = datetime.fromisoformat("2026-11-20T16:30:00+01:00")
SAME = Code("55107-7", oids.LOINC, "Documents")
SEEN = Code("73757-7", oids.LOINC, "Enfant vivant")


def _entry(*parts: Any) -> E:
    code = E("code", code=SEEN.code, codeSystem=SEEN.system)
    return E("entry", E("observation", code, Anchor(), *parts, Slot("value", "", "Valeur", Flag())))


def _section(name: str, root: str, *items: Item) -> Section:
    return Section(name, name, SAME, (root,), items or (Item("seen", "Vu", _entry()),))


def _written(sections: tuple[Section, ...], values: dict[str, Any]) -> str:
    return Writer(unique_id="1.2.3", at=AT).body(sections, values)


def _read(sections: tuple[Section, ...], written: str) -> dict[str, Any]:
    namespaces = f'xmlns="{oids.NS_HL7}" xmlns:xsi="{oids.NS_XSI}"'
    return Reader(xml.parse(written.replace("<structuredBody", f"<structuredBody {namespaces}", 1).encode())).values(
        sections
    )


def test_of_two_sections_of_one_code_the_template_tells() -> None:
    sections = (_section("added", "1.2.37"), _section("referenced", "1.2.55"))
    for values in ({"referenced": {"seen": True}}, {"added": {"seen": False}}):
        assert _read(sections, _written(sections, values)) == values


def test_a_section_of_another_software_without_our_templates_is_read_by_its_code() -> None:
    sections = (_section("added", "1.2.37"), _section("referenced", "1.2.55"))
    written = _written(sections, {"added": {"seen": True}}).replace("1.2.37", "1.2.99")
    assert _read(sections, written) == {"added": {"seen": True}}


def test_an_unknown_time_does_not_hide_the_entry() -> None:
    code = E("code", code=SEEN.code, codeSystem=SEEN.system)
    time = Slot("effectiveTime", "date", "Date", Moment())
    node = E("entry", E("observation", code, Anchor(), time, Slot("value", "is", "Vu", Flag())))
    sections = (_section("added", "1.2.37", Item("seen", "Vu", node)),)
    values = {"added": {"seen": {"date": "2026-11-20T11:20:00+01:00", "is": True}}}
    written = _written(sections, values)
    assert _read(sections, written) == values
    without_offset = written.replace("20261120112000+0100", "20261120112000")
    assert without_offset != written
    assert _read(sections, without_offset) == {"added": {"seen": {"is": True}}}


def test_a_date_given_once_is_written_again_below() -> None:
    measure = Item("seen", "Vu", E("component", *_entry(Today(like="measured_at")).children))
    outer = E("entry", E("organizer", Slot("effectiveTime", "measured_at", "Date", Moment()), measure))
    sections = (_section("measures", "1.2.75", Item("all", "Mesures", outer)),)
    given = _written(sections, {"measures": {"all": {"measured_at": "2026-11-18", "seen": True}}})
    assert given.count('<effectiveTime value="20261118"/>') == 2
    silent = _written(sections, {"measures": {"all": {"seen": True}}})
    assert silent.count('<effectiveTime value="20261120"/>') == 1


def test_a_bare_value_is_never_taken_for_a_date() -> None:
    item = Item("seen", "Vu", E("entry", *_entry(Today()).children))
    written = _written((_section("added", "1.2.37", item),), {"added": {"seen": True}})
    assert '<effectiveTime value="20261120"/>' in written


def test_a_shown_element_is_referred_to_by_the_narrative() -> None:
    media = E("observationMedia", Slot("value", "", "Fichier", Base64()), shown=True)
    sections = (_section("added", "1.2.37", Item("files", "Fichier", E("entry", media), many=True)),)
    values = {"added": {"files": ["JVBERi0xLjQ=", "JVBERi0xLjU="]}}
    written = _written(sections, values)
    root = xml.parse(f'<body xmlns:xsi="{oids.NS_XSI}">{written}</body>'.encode())
    shown = [str(node.get("referencedObject")) for node in root.iter("renderMultiMedia")]
    assert shown == [str(node.get("ID")) for node in root.iter("observationMedia")] and len(set(shown)) == 2
    assert _read(sections, written) == values


def test_an_act_of_another_list_is_not_taken_for_this_one() -> None:
    gesture = Slot("code", "gesture", "Geste", Listed("JDV_GesteReanimationNouveauNe"))
    time = E("effectiveTime", Slot("low", "date", "Date", Moment()))
    vitamin = E("code", code="MED-1174", codeSystem=oids.TA_ASIP)
    items = (
        Item("gestures", "Geste", E("entry", E("procedure", gesture, time)), many=True),
        Item("vitamin_k", "Vitamine K", E("entry", E("procedure", vitamin, time))),
    )
    sections = (_section("acts", "1.2.118", *items),)
    values = {"acts": {"vitamin_k": {"date": "2026-11-18"}}}
    assert _read(sections, _written(sections, values)) == values
    both = {"acts": {"gestures": [{"gesture": "83099006"}], "vitamin_k": {"date": "2026-11-18"}}}
    assert _read(sections, _written(sections, both)) == both


def test_an_entry_that_says_nothing_of_what_is_asked_is_left_out() -> None:
    act = E("entry", E("act", Slot("text", "words", "Texte", Words()), classCode="ACT"))
    fact = E("entry", E("act", E("code", code=SEEN.code, codeSystem=SEEN.system)))
    sections = (_section("acts", "1.2.118", Item("fact", "Fait", fact), Item("act", "Acte", act)),)
    written = _written(sections, {"acts": {"fact": True, "act": {"words": "Dit"}}})
    assert _read(sections, written) == {"acts": {"fact": True, "act": {"words": "Dit"}}}
    assert _read(sections, written.replace("<text>Dit</text>", "")) == {"acts": {"fact": True}}
