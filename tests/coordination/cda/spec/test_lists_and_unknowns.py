"""A list entry without a name of its own; what cannot be read hides nothing; what leads is told first."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from coordination.cda.spec.amounts import Lines, Span
from coordination.cda.spec.checking import problems
from coordination.cda.spec.coded import Terminology
from coordination.cda.spec.nodes import Anchor, E, Item, Section, Slot, members
from coordination.cda.spec.reading import Reader
from coordination.cda.spec.writing import Writer
from perinat.standards import oids, xml
from perinat.standards.codes import Code

AT = datetime.fromisoformat("2026-11-20T16:30:00+01:00")
CODE = E("code", code="X", codeSystem=oids.TA_ASIP)
ATC = Terminology((("2.16.840.1.113883.6.73", "ATC"),), xsi="")
CIP = Terminology((("1.2.250.1.213.2.3.2", "CIP"),), xsi="")


def section(*children: Any) -> Section:
    return Section("list", "Liste", Code("48765-2", oids.LOINC, "Liste"), ("1.2.3",), children)


def written(tree: Section, values: dict[str, Any]) -> str:
    return Writer(unique_id="1.2.3", at=AT).body((tree,), {"list": values})


def read(tree: Section, body: str) -> Any:
    spaces = f'<structuredBody xmlns="{oids.NS_HL7}" xmlns:xsi="{oids.NS_XSI}"'
    return Reader(xml.parse(body.replace("<structuredBody", spaces, 1).encode())).values((tree,)).get("list")


def gathered() -> Section:
    one = E("entryRelationship", E("observation", CODE, Anchor(), Slot("value", "", "Mots", Lines())))
    return section(E("entry", E("act", Item("items", "Une", one, many=True)), optional=True))


def test_one_entry_gathers_the_items_of_a_list() -> None:
    body = written(gathered(), {"items": ["un", "deux\ntrois"]})
    assert (body.count("<act>"), body.count("<observation>")) == (1, 2)
    assert "deux<br/>trois" in body
    assert read(gathered(), body) == {"items": ["un", "deux\ntrois"]}


def test_an_empty_list_says_nothing() -> None:
    given = members(*gathered().children)
    found = [str(problem) for problem in problems(given, {"items": []}, path="list", on=date(2026, 11, 20))]
    assert found == ["list : cette rubrique est vide"]


def medicine() -> Section:
    code = Slot(
        "code",
        "cis",
        "CIS",
        Terminology((("1.2.250.1.213.2.3.1", "CIS"),), xsi=""),
        absent="UNK",
        inside=(Anchor("originalText"), Slot("translation", "cip", "CIP", CIP), Slot("translation", "atc", "ATC", ATC)),
        silent=True,
    )
    dose = Slot("doseQuantity", "dose", "Dose", Span())
    name = Slot("name", "name", "Médicament", Lines(xsi=""), leads=True)
    return section(Item("items", "Traitement", E("entry", E("material", CODE, dose, code, name)), many=True))


ONE = {
    "name": "FER 80 mg",
    "dose": {"value": 1, "unit": "{tbl}"},
    "atc": {"code": "B03AA07", "label": "sulfate ferreux"},
}


def test_codes_under_a_null_code_are_read_by_their_system() -> None:
    body = written(medicine(), {"items": [ONE]})
    assert '<code nullFlavor="UNK"><originalText>' in body
    assert "Médicament : FER 80 mg ; Dose : 1 comprimé ; ATC" in body
    assert read(medicine(), body) == {"items": [ONE]}


def test_a_dose_that_cannot_be_read_does_not_hide_the_treatment() -> None:
    body = written(medicine(), {"items": [ONE]}).replace('<low value="1"', '<low value="un"')
    assert read(medicine(), body) == {"items": [{name: ONE[name] for name in ("name", "atc")}]}


def test_an_optional_code_of_another_system_is_left_out() -> None:
    body = written(medicine(), {"items": [ONE]}).replace(
        '<code nullFlavor="UNK">', f'<code code="1" codeSystem="{oids.LOINC}">'
    )
    assert read(medicine(), body) == {"items": [ONE]}


def test_a_required_code_of_another_system_is_another_entry() -> None:
    asked = Slot("code", "cis", "CIS", Terminology((("1.2.250.1.213.2.3.1", "CIS"),), xsi=""), required=True)
    tree = section(
        Item("items", "Traitement", E("entry", E("act", asked, Slot("name", "name", "Nom", Lines()))), many=True)
    )
    body = written(tree, {"items": [{"cis": {"code": "6", "label": "Fer"}, "name": "Fer"}]})
    assert read(tree, body) == {"items": [{"cis": {"code": "6", "label": "Fer"}, "name": "Fer"}]}
    assert read(tree, body.replace("1.2.250.1.213.2.3.1", oids.LOINC)) is None
