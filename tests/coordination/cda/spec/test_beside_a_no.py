"""Of an act not done, of a finding that is absent, nothing is told but why; a group of lines says no « Oui »."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from coordination.cda.entries.basics import coded, comment, entry, procedure, when
from coordination.cda.entries.vaccinations import vaccination
from coordination.cda.spec.checking import normal, problems
from coordination.cda.spec.coded import Listed
from coordination.cda.spec.kinds import Flag, Moment, Words
from coordination.cda.spec.nodes import Anchor, E, Item, Section, Sign, Slot, members
from coordination.cda.spec.writing import Writer
from perinat.standards import oids
from perinat.standards.codes import Code

TODAY = date(2026, 11, 20)
AT = datetime.fromisoformat("2026-11-20T16:30:00+01:00")
CODE = Code("MED-1304", oids.TA_ASIP, "Dépistage de la surdité")
BCG = vaccination("bcg", "BCG", Code("J07AN", oids.ATC, "vaccins de la tuberculose"))
LOT = {"product": {"code": "6", "label": "BCG"}, "lot": "A1", "rank": 1}
RESULT = E("observation", Slot("value", "result", "Résultat", Words(xsi="ST")))
HEARING = Item(
    "hearing",
    "Surdité",
    entry(
        procedure(
            coded(CODE),
            E("entryRelationship", RESULT, optional=True),
            comment(),
            negation=Sign(required=True),
            time=when(),
        )
    ),
)


def told(item: Item, values: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in problems(members(item.node), values, path="it", on=TODAY)]


@pytest.mark.parametrize("name", list(LOT))
def test_a_vaccine_not_given_has_no_lot(name: str) -> None:
    assert told(BCG, {"done": True, "date": "2026-11-20"} | LOT) == []
    assert told(BCG, {"done": False}) == []
    label = {"product": "Spécialité", "lot": "Lot", "rank": "Rang"}[name]
    assert told(BCG, {"done": False, name: LOT[name]}) == [
        f"it.{name} : « {label} » ne se donne pas quand « Réalisé » est non"
    ]


def test_an_act_not_done_has_neither_date_nor_result_but_may_say_why() -> None:
    whole = {"done": True, "date": "2026-11-20", "result": "Normal", "comment": "Fait à J2"}
    assert told(HEARING, whole) == []
    assert told(HEARING, whole | {"done": False}) == [
        "it.date : « Date » ne se donne pas quand « Réalisé » est non",
        "it.result : « Résultat » ne se donne pas quand « Réalisé » est non",
    ]
    assert told(HEARING, {"done": False, "comment": "Refus des parents"}) == []


def test_the_answer_of_an_act_within_denies_itself_alone() -> None:
    """An infection without antibiotic is an infection: OBP-SEM."""
    treated = E("substanceAdministration", negation=Sign("antibiotic", "Antibiotique", required=True))
    found = Slot("value", "problem", "Infection", Flag())
    date_of = Slot("effectiveTime", "date", "Date", Moment())
    item = Item("one", "Une", entry(E("observation", date_of, found, E("entryRelationship", treated))))
    assert told(item, {"date": "2026-11-20", "problem": True, "antibiotic": False}) == []


def test_what_the_norm_writes_beside_a_no_may_stand() -> None:
    """« Non traité » beside no hypertension: CSE-CS8. The default is what is written anyway."""
    treatment = Slot("value", "treatment", "Traitement", Listed("JDV_Traite_NonTraite"), default="MED-1156")
    item = Item("bp", "HTA", entry(E("observation", treatment, negation=Sign("present", "Présente", required=True))))
    settled = normal(members(item.node), {"present": False})
    assert settled == {"present": False, "treatment": "MED-1156"} and told(item, settled) == []
    assert len(told(item, {"present": False, "treatment": "MED-1155"})) == 1


def test_a_group_of_lines_says_nothing_of_its_own() -> None:
    weight = Item("weight", "Poids", E("component", E("observation", Anchor(), Slot("value", "", "Poids", Words()))))
    fact = Item("seen", "Vu", E("component", E("act", Anchor())))
    group = Item("measures", "Mesures", E("entry", E("organizer", Anchor(), weight, fact)))
    tree = Section("signs", "Signes", Code("8716-3", oids.LOINC, "Signes"), ("1.2",), (group,))
    values = {"signs": {"measures": {"weight": "60 kg", "seen": True}}}
    written = Writer(unique_id="1.2.3", at=AT).body((tree,), values)
    assert '<tr><td><content ID="n1">Mesures</content></td><td></td></tr>' in written
    assert '<td>– Vu</td><td><content ID="n3">Oui</content></td>' in written
    assert written.count(">Oui<") == 1 and '<reference value="#n1"/>' in written
