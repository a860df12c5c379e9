"""OBP-SAP and CSE-CS8: rules that can fail, what their header asks for, and no words about the mother."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from coordination.cda import builder, case, frozen
from coordination.cda.errors import CdaContentError
from coordination.cda.spec.kinds import Words
from coordination.cda.spec.nodes import Branch, Leaf, Member
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import case_problems
from coordination.cda.volets.read import body_of
from perinat.standards import oids, xml
from tests.conformance.cases import CASES
from tests.conformance.cases.people import midwife

HL7 = f"{{{oids.NS_HL7}}}"
DAY = date(2026, 11, 20)


def _case(volet: str, name: str) -> dict[str, Any]:
    return copy.deepcopy(CASES[volet][name])


def _built(volet: str, given: dict[str, Any]) -> bytes:
    at = datetime.fromisoformat(given["document"]["created_at"])
    return builder.build(case.content(VOLETS[volet], given), unique_id=given["document"]["unique_id"], now=at)


def _paths(volet: str, body: dict[str, Any]) -> list[str]:
    return [problem.path.removeprefix("body.") for problem in case_problems(VOLETS[volet], body, on=DAY)]


SAP: list[tuple[str, str, dict[str, Any]]] = [
    ("vital_signs.measures.bmi", "vital_signs", {"measures": {"weight": 61.5, "height": 168, "bmi": 28}}),
    ("pregnancies.previous", "pregnancies", {"previous": 1}),
    ("problems", "problems", {"no_foetal_problem": True}),
    (
        "problems.maternal[2]",
        "problems",
        {"maternal": [{"problem": {"code": "O42.0", "label": "Rupture, moins de 24 h"}}]},
    ),
    ("treatments", "treatments", {"none": True}),
    ("allergies", "allergies", {"none": True}),
]


@pytest.mark.parametrize(("path", "section", "change"), SAP, ids=[path for path, _, _ in SAP])
def test_an_antepartum_summary_agrees_with_itself(path: str, section: str, change: dict[str, Any]) -> None:
    body = _case("OBP-SAP", "maximal")["body"]
    assert _paths("OBP-SAP", body) == []
    if "maternal" in change:
        change = {"maternal": [*body["problems"]["maternal"], *change["maternal"]]}
    assert _paths("OBP-SAP", body | {section: body[section] | change}) == [path]


@pytest.mark.parametrize(
    "name", ["number", "gestational_age", "perineum", "postpartum_haemorrhage", "living_children", "pathology"]
)
def test_a_pregnancy_without_a_birth_holds_all_that_the_rules_ask(name: str) -> None:
    body = _case("OBP-SAP", "maximal")["body"]
    del body["pregnancies"]["earlier"][0][name]
    assert _paths("OBP-SAP", body) == [f"pregnancies.earlier[0].{name}"]


def test_two_children_of_a_pregnancy_have_their_own_rank() -> None:
    body = _case("OBP-SAP", "maximal")["body"]
    body["pregnancies"]["earlier"][2]["children"][1]["rank"] = 1
    assert _paths("OBP-SAP", body) == ["pregnancies.earlier[2].children"]


def test_the_five_named_problems_always_stand() -> None:
    given = _case("OBP-SAP", "minimal")
    written = _built("OBP-SAP", given).decode()
    for code in ("O46", "O47.0", "O42", "N39.0", "O23"):
        before = written[: written.index(f'code="{code}"')]
        assert 'negationInd="true"' in before[before.rindex("<observation") :]


CS8: list[tuple[str, tuple[str, ...], Any]] = [
    ("labour.events.caesarean_reason", ("labour", "events", "caesarean_reason"), "MED-210"),
    ("labour.events.labour_onset", ("labour", "events", "labour_onset"), "11466000"),
    ("pregnancies.parity", ("pregnancies", "parity"), 2),
    ("newborn.acts.hearing.result", ("newborn", "acts", "hearing"), {"done": True}),
    ("newborn.acts.hearing.result", ("newborn", "acts", "hearing"), {"done": False, "result": "MED-178"}),
    (
        "newborn.first_week.other.comment",
        ("newborn", "first_week", "other"),
        {"present": False, "comment": "Hypoglycémie."},
    ),
]


@pytest.mark.parametrize(("path", "where", "value"), CS8)
def test_a_certificate_agrees_with_itself(path: str, where: tuple[str, ...], value: Any) -> None:
    body = _case("CSE-CS8", "minimal")["body"]
    assert _paths("CSE-CS8", body) == []
    inside = body
    for name in where[:-1]:
        inside = inside[name]
    inside[where[-1]] = value
    assert _paths("CSE-CS8", body) == [path]


def _leaves(members: tuple[Member, ...], path: str = "") -> Iterator[tuple[str, Leaf]]:
    for member in members:
        here = f"{path}.{member.name}".strip(".")
        if isinstance(member, Branch):
            yield from _leaves(member.members, here)
        else:
            yield here, member


def test_the_certificate_has_words_about_the_child_and_about_places_only() -> None:
    written = {
        path for path, leaf in _leaves(VOLETS["CSE-CS8"].members) if leaf.kind is None or isinstance(leaf.kind, Words)
    }
    assert written == {
        "coverage.items.insurer",
        "coverage.items.holder_family_name",
        "coverage.items.holder_given_name",
        "newborn.first_week.other.comment",
        "newborn.transfer.destination.name",
        "plan.pmi.comment",
        "vaccinations.bcg.lot",
        "vaccinations.hepatitis_b.lot",
    }


def _subjects(root: xml.Element, relation: str) -> list[xml.Element]:
    found = root.iterfind(f".//{HL7}relatedSubject")
    return [one for one in found if one.find(f"{HL7}code").get("code") == relation]  # type: ignore[union-attr]


def test_the_parents_are_who_the_header_says() -> None:
    """Name, address and telephone of each parent, wherever the body is about one; a father not named is nobody."""
    whole = xml.parse(_built("CSE-CS8", _case("CSE-CS8", "maximal")))
    for relation, family in (("MTH", "ACACIA-ÇELEBI"), ("FTH", "N'GUYÊN-ŒILLET")):
        told = _subjects(whole, relation)
        assert len(told) >= 3
        for one in told:
            assert one.findtext(f"{HL7}subject/{HL7}name/{HL7}family") == family
            assert one.findtext(f"{HL7}addr/{HL7}city") == "Valombre"
            assert one.find(f"{HL7}telecom").get("value") == "tel:0600000001"  # type: ignore[union-attr]
    given = _case("CSE-CS8", "maximal")
    given["informants"] = given["informants"][:1]
    fathers = _subjects(xml.parse(_built("CSE-CS8", given)), "FTH")
    assert fathers and not any(one.find(f"{HL7}subject") is not None for one in fathers)


def test_another_pathology_of_the_pregnancy_is_chosen_never_typed() -> None:
    """O99: its comment is a sentence of the CIM-10; words of somebody else's document are not read into a case."""
    body = _case("CSE-CS8", "maximal")["body"]
    for what in ("Dépression connue de son médecin", "O99.9", {"code": "O99.0"}):
        body["pregnancies"]["other_pathology"] = {"present": True, "what": what}
        assert _paths("CSE-CS8", body) == ["pregnancies.other_pathology.what"]
    for present in (False, "unknown"):
        body["pregnancies"]["other_pathology"] = {"present": present, "what": "O99.0"}
        assert _paths("CSE-CS8", body) == ["pregnancies.other_pathology.what"]
    written = _built("CSE-CS8", _case("CSE-CS8", "maximal"))
    known = "Anémie compliquant la grossesse, l&apos;accouchement et la puerpéralité"
    data = written.decode().replace("&#39;", "'").replace("&apos;", "'")
    assert known.replace("&apos;", "'") in data
    others = data.replace(known.replace("&apos;", "'"), "Mots de quelqu'un").encode()
    read = body_of(xml.parse(others))
    assert read is not None and read[1]["pregnancies"]["other_pathology"] == {"present": True}


def test_the_mother_is_an_informant_though_nobody_says_so() -> None:
    given = _case("CSE-CS8", "minimal")
    assert "informants" not in given
    root = xml.parse(_built("CSE-CS8", given))
    relations = [node.get("code") for node in root.iterfind(f"{HL7}informant/{HL7}relatedEntity/{HL7}code")]
    assert relations == ["MTH"]
    told = xml.parse(_built("CSE-CS8", _case("CSE-CS8", "maximal")))
    relations = [node.get("code") for node in told.iterfind(f"{HL7}informant/{HL7}relatedEntity/{HL7}code")]
    assert relations == ["MTH", "FTH"]


@pytest.mark.parametrize("volet", ["OBP-SAP", "CSE-CS8"])
def test_a_midwife_does_not_perform_the_act(volet: str) -> None:
    given = _case(volet, "minimal") | {"author": midwife()}
    with pytest.raises(CdaContentError) as caught:
        _built(volet, given)
    assert [words for words in caught.value.missing if words.startswith("le médecin qui a réalisé l'acte")]


def test_the_places_and_the_correspondent_that_a_certificate_needs() -> None:
    given = _case("CSE-CS8", "minimal")
    del given["patient"]["address"]["postal_code"]
    del given["author"]["organization"]["address"]
    given["participants"] = [one for one in given["participants"] if one["role"] != "correspondent"]
    with pytest.raises(CdaContentError) as caught:
        _built("CSE-CS8", given)
    assert caught.value.missing == (
        "le code postal de l'adresse de l'enfant",
        "le code postal de la structure du médecin qui a réalisé l'examen",
        "un correspondant (le médecin qui suivra l'enfant)",
    )


def test_the_performer_and_the_informants_survive_the_seal() -> None:
    given = CASES["CSE-CS8"]["maximal"] | {"performer": CASES["CSE-CS8"]["minimal"]["author"]}
    content = case.content(VOLETS["CSE-CS8"], given)
    sealed = json.loads(json.dumps(frozen.freeze(content)))
    again = frozen.thaw(
        sealed,
        ins=content.patient.ins,
        guardian_ins=content.patient.guardian.ins if content.patient.guardian else None,
        version=content.version,
        replaces_unique_id=content.replaces_unique_id,
        pdf=b"",
        body=content.body,
    )
    assert (again.performer, again.informants) == (content.performer, content.informants)
    assert again.performer and len(again.informants) == 2


def test_the_list_of_allergies_of_an_antepartum_summary_goes_on() -> None:
    written = _built("OBP-SAP", _case("OBP-SAP", "maximal")).decode()
    listed = written[written.index("1.2.250.1.213.1.1.3.40") :]
    assert listed.index('<statusCode code="active"/><effectiveTime><low nullFlavor="UNK"/>') < listed.index("<entryRel")
