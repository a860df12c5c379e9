"""Every problem of a case at once, each with its path, in French."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from coordination.cda import case
from coordination.cda.volets import VOLETS
from tests.conformance.cases import CASES

LETTER = VOLETS["LDL-SES"]


def letter(name: str = "maximal") -> dict[str, Any]:
    return deepcopy(CASES["LDL-SES"][name])


def told(given: Any) -> dict[str, str]:
    return {problem.path: problem.message_fr for problem in case.check(LETTER, given)}


def test_every_problem_is_told_at_once_with_its_path() -> None:
    given = letter()
    body = given["body"]
    body["synthesis"]["exit_mode"]["mode"] = "999"
    body["synthesis"]["transfusion"] = "non"
    body["synthesis"]["unheard_of"] = 1
    body["discharge_treatments"]["items"][1]["dose"] = {"value": 0, "unit": "mg"}
    body["discharge_treatments"]["items"][2]["start"] = "hier"
    body["follow_up"]["encounters"][0]["performer"] = {"given_name": "Zoé"}
    body["devices"]["items"] = "aucun"
    body["allergies"]["items"][1]["agent"] = "  "
    del body["reason"]
    given["patient"]["sex"] = "X"
    del given["author"]
    assert set(told(given)) == {
        "author",
        "patient.sex",
        "body.reason",
        "body.synthesis.exit_mode.mode",
        "body.synthesis.transfusion",
        "body.synthesis.unheard_of",
        "body.discharge_treatments.items[1].dose",
        "body.discharge_treatments.items[2].start",
        "body.follow_up.encounters[0].performer.family_name",
        "body.devices.items",
        "body.allergies.items[1].agent",
    }


def test_the_words_are_french_and_name_the_datum() -> None:
    given = letter()
    del given["body"]["reason"]
    given["body"]["synthesis"]["transfusion"] = "non"
    given["body"]["stopped_treatments"]["items"] = []
    given["body"]["devices"]["items"][0]["category"] = {"code": "J01"}
    assert told(given) == {
        "body.reason": "« Motif de l'hospitalisation » est obligatoire",
        "body.synthesis.transfusion": "« Transfusion de produits sanguins » : true ou false est attendu",
        "body.stopped_treatments.items": "« Traitement arrêté » : une liste non vide est attendue",
        "body.devices.items[0].category": "« Catégorie » : le code EMDN et son libellé sont attendus",
    }


@pytest.mark.parametrize(
    ("place", "value", "path", "message"),
    [
        (
            "discharge_treatments",
            {"items": [{"name": "Fer"}], "none": True},
            "body.discharge_treatments",
            "les traitements à la sortie sont attendus, ou none : true s'il n'y en a pas ; l'un des deux",
        ),
        (
            "allergies",
            {"items": [], "none": True, "more": 1},
            "body.allergies.more",
            "cette rubrique n'existe pas ici",
        ),
        (
            "discharge_treatments",
            {"items": [{"name": "Fer", "start": "2026-11-20", "end": "2026-11-19"}]},
            "body.discharge_treatments.items[0].end",
            "la fin précède le début",
        ),
        (
            "follow_up",
            {"encounters": [{"who": "Sage-femme"}]},
            "body.follow_up.encounters[0]",
            "une date ou une priorité est attendue",
        ),
        ("follow_up", {"acts": [], "requests": []}, "body.follow_up", "cette rubrique est vide"),
        (
            "devices",
            {"none": False},
            "body.devices.none",
            "« Aucun dispositif médical » : seul true est attendu, ou rien",
        ),
    ],
)
def test_what_the_letter_refuses(place: str, value: Any, path: str, message: str) -> None:
    given = letter("minimal")
    given["body"][place] = value
    assert told(given) == {path: message}


def test_body_header_and_their_disagreement_are_told_together() -> None:
    """A wrong gestational age hides neither the postal code that the model asks for, nor a date before the birth."""
    given = deepcopy(CASES["CSE-CS8"]["minimal"])
    del given["patient"]["address"]["postal_code"]
    given["body"]["labour"]["events"]["gestational_age"] = 99
    given["body"]["vaccinations"]["bcg"] = {"done": True, "date": "2026-11-01"}
    found = {problem.path: problem.message_fr for problem in case.check(VOLETS["CSE-CS8"], given)}
    assert found.pop("body.labour.events.gestational_age").endswith("le nombre doit être entre 20 et 45")
    assert found == {
        "patient.address.postal_code": "il manque le code postal de l'adresse de l'enfant",
        "body.vaccinations.bcg.date": "cette date précède la naissance de l'enfant",
    }


@pytest.mark.parametrize("body", [[], None, "texte", {"synthesis": []}])
def test_a_body_of_another_shape_is_told_beside_the_header(body: Any) -> None:
    given = letter("minimal")
    given["body"] = body
    given["document"]["replaces"] = given["document"]["unique_id"]
    found = told(given)
    assert found["document.replaces"] == "le document ne peut pas se remplacer lui-même"
    assert [path for path in found if path.startswith("body")]


def test_what_is_no_object_has_no_path() -> None:
    assert [str(problem) for problem in case.check(LETTER, [])] == ["un objet JSON est attendu"]


def test_an_exit_before_the_entry() -> None:
    given = letter("minimal")
    given["body"]["synthesis"]["exit_mode"]["date"] = "2026-11-16T10:00:00+01:00"
    assert told(given) == {"body.synthesis.exit_mode.date": "la sortie précède l'entrée"}
    given["body"]["synthesis"]["exit_mode"]["date"] = "2026-11-17T10:00:00+01:00"
    given["encounter"]["end"] = "2026-11-17T10:00:00+01:00"
    assert told(given) == {}


def test_an_empty_section_tells_what_it_must_hold() -> None:
    given = letter()
    given["body"]["synthesis"] = {}
    found = told(given)
    assert "body.synthesis" not in found and "cette rubrique est vide" not in found.values()
    assert found["body.synthesis.transfusion"] == "« Transfusion de produits sanguins » est obligatoire"


@pytest.mark.parametrize("name", ["DUPONT Zoé", "2840578006048", "A", "", "x" * 41, "\ud800"])
def test_an_unknown_name_is_not_said_again(name: str) -> None:
    given = letter()
    given["body"]["devices"] = {"none": True, name: 1}
    assert told(given) == {"body.devices.rubrique n° 2": "cette rubrique n'existe pas ici"}


def test_a_list_has_an_end() -> None:
    given = letter("minimal")
    given["body"]["discharge_treatments"] = {"items": [{"name": "Fer"}] * 200}
    assert told(given) == {}
    given["body"]["discharge_treatments"]["items"].append({"name": "Fer"})
    [(path, message)] = told(given).items()
    assert path == "body.discharge_treatments.items" and message.endswith(" : 200 lignes au plus")
    listed = case.schema(LETTER)["properties"]["body"]["properties"]["discharge_treatments"]["properties"]["items"]
    assert listed["maxItems"] == 200


@pytest.mark.parametrize("given", [None, [], "{}", 3])
def test_what_is_no_case_is_told_in_one_line(given: Any) -> None:
    assert told(given) == {"": "un objet JSON est attendu"}
