"""A document is about the right person, and its body says what its header says."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

import pytest

from coordination.cda import builder, case
from coordination.cda.errors import CdaContentError
from coordination.cda.volets import VOLETS
from tests.conformance import run
from tests.conformance.cases import CASES
from tests.conformance.cases.people import doctor, midwife, mother, newborn

CHILD = [name for name, volet in VOLETS.items() if volet.about_child]
MOTHER = [name for name in VOLETS if name not in CHILD]


def _wrong(volet: str, changes: dict[str, Any], name: str = "minimal") -> tuple[str, ...]:
    """What is said against the case once these dotted members are set; None removes one."""
    given = copy.deepcopy(CASES[volet][name])
    for path, value in changes.items():
        *steps, last = path.split(".")
        node = given
        for step in steps:
            node = node.setdefault(step, {})
        node[last] = value
        if value is None:
            del node[last]
    found = case.check(VOLETS[volet], given)
    if found:
        return tuple(str(problem) for problem in found)
    at = datetime.fromisoformat(given["document"]["created_at"])
    try:
        builder.build(case.content(VOLETS[volet], given), unique_id=given["document"]["unique_id"], now=at)
    except CdaContentError as error:
        return (*error.wrong, *error.missing)
    return ()


@pytest.mark.parametrize("volet", MOTHER)
@pytest.mark.parametrize("mark", ["guardian", "born_at", "birth_order"])
def test_a_mother_s_document_is_not_about_a_child(volet: str, mark: str) -> None:
    assert _wrong(volet, {}) == ()
    value = newborn(birth_order=2)[mark]
    changes = {f"patient.{mark}": value}
    if mark == "born_at":
        changes["patient.birth_date"] = "2026-11-18"
    assert "patient : ce document est celui de la mère, et l'en-tête désigne un enfant" in _wrong(volet, changes)


@pytest.mark.parametrize("volet", CHILD)
def test_a_child_s_document_is_not_about_a_mother(volet: str) -> None:
    found = _wrong(volet, {"patient": mother()})
    assert "patient.guardian : il manque la mère, représentante de l'enfant" in found
    young = "patient.birth_date : ce document est celui d'un enfant plus jeune que la personne que désigne l'en-tête"
    assert young in found
    old = newborn(birth_date="2020-01-05" if volet == "CSE-MDE" else "2026-09-01")
    del old["born_at"]
    assert young in _wrong(volet, {"patient": old})


def test_the_birth_is_that_of_the_child_of_the_header() -> None:
    birth = "body.labour.events.birth_rank"
    assert [one.split(" : ")[0] for one in _wrong("OBP-SNE", {f"{birth}.rank": 2})] == [f"{birth}.rank"]
    other = _wrong("OBP-SNE", {f"{birth}.born_at": "2026-11-18T04:13:00+01:00"})
    assert [one.split(" : ")[0] for one in other] == [f"{birth}.born_at"]
    assert _wrong("OBP-SNE", {f"{birth}.born_at": "2026-11-18T03:12:00Z"}) == ()  # the same instant
    assert _wrong("OBP-SNE", {f"{birth}.born_at": "2026-11-17"}) != ()


DATES = [
    ("OBP-SCM", "body.events.exit.date", "2026-11-28", "trop loin"),
    ("OBP-SCM", "body.events.exit.date", "2026-11-18", "la sortie n'est pas celle"),
    ("OBP-SEM", "body.acts.guthrie", {"done": True, "date": "2026-11-21"}, "suit le document"),
    ("OBP-SEM", "body.acts.guthrie", {"done": True, "date": "2026-11-17"}, "précède la naissance"),
    ("OBP-SEM", "body.events.exit.date", "2026-11-18T03:00:00+01:00", "précède la naissance"),
    ("OBP-SNE", "body.events.exit.date", "2026-11-26", "cette sortie est en dehors"),
    ("OBP-SNM", "body.labour.events.exit.date", "2026-11-15", "cette sortie est en dehors"),
    ("OBP-SNM", "body.labour.acts.labour_onset", {"mode": "84457005", "date": "2026-11-21"}, "suit le document"),
    ("CSE-CS8", "body.vaccinations.bcg", {"done": True, "date": "2026-11-01"}, "précède la naissance"),
    ("CSE-CS8", "body.pregnancies.mother_birth_date", "2027-01-01", "suit le document"),
    ("LDL-SES", "body.synthesis.entry_mode.date", "2026-11-14", "l'entrée n'est pas celle"),
    ("LDL-SES", "body.synthesis.exit_mode.date", "2026-11-22", "la sortie n'est pas celle"),
    ("OBP-SAP", "body.pregnancies.last_period", "2027-02-11", "suit le document"),
]


@pytest.mark.parametrize(("volet", "path", "value", "said"), DATES)
def test_a_date_that_cannot_be_is_refused_with_its_path(volet: str, path: str, value: Any, said: str) -> None:
    [found] = _wrong(volet, {path: value})
    assert found.startswith(path) and said in found


def test_what_is_foreseen_may_stand_after_the_document() -> None:
    assert _wrong("LDL-SES", {"body.follow_up": {"requests": [{"what": "Hémogramme", "date": "2027-03-01"}]}}) == ()
    assert _wrong("OBP-SNM", {"body.requests": {"biology": {"requested": True, "before": "2027-03-01"}}}) == ()
    assert _wrong("OBP-SCM", {"body.events.exit.date": "2026-11-21"}) == ()  # written the day before


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ("mdro_found", "BLSE."),
        ("transfusion_accidents", "Frissons."),
        ("blood_derivative_events", "Aucun."),
    ],
)
def test_a_letter_tells_no_consequence_of_what_did_not_happen(told: str, value: str) -> None:
    [found] = _wrong("LDL-SES", {f"body.synthesis.{told}": value})
    assert found.startswith(f"body.synthesis.{told} : ")


def test_a_child_born_dead_has_no_apgar_and_does_not_leave_with_the_mother() -> None:
    found = _wrong("OBP-SNE", {"body.labour.events.alive": False}, "normal")
    measures = "body.newborn.exam.vital_signs.measures"
    expected = [*(f"{measures}.apgar_{minutes}" for minutes in (1, 5, 10)), "body.events.exit.mode"]
    assert [one.split(" : ")[0] for one in found] == expected


def test_the_day_since_when_a_professional_follows_is_not_dropped() -> None:
    found = _wrong(
        "OBP-SCM", {"participants": [CASES["OBP-SCM"]["minimal"]["participants"][1] | {"since": "2026-11-17"}]}
    )
    assert found == ("participants[0].since : une date et heure avec son fuseau est attendue",)


def test_a_vaccine_given_without_its_lot_has_an_unknown_lot() -> None:
    given = copy.deepcopy(CASES["OBP-SEM"]["minimal"])
    given["body"]["vaccinations"] = {"bcg": {"done": True, "date": "2026-11-20"}}
    assert '<lotNumberText nullFlavor="UNK"/>' in run.build_case(VOLETS["OBP-SEM"], given).decode()


def test_the_screenings_of_a_newborn_say_which_they_are() -> None:
    written = run.build_case(VOLETS["OBP-SEM"], CASES["OBP-SEM"]["maximal"]).decode()
    for code in ("398171003", "GEN-092.04.01"):
        assert f'<qualifier><name code="{code}"' in written


def test_the_physician_answers_for_the_discharge_letter() -> None:
    assert _wrong("LDL-SES", {"legal_authenticator": midwife()}) == (
        "legal_authenticator.specialty : il manque "
        "le médecin responsable de la lettre de liaison (une autre profession est indiquée)",
    )
    assert _wrong("LDL-SES", {"author": midwife(), "legal_authenticator": doctor()}) == ()
