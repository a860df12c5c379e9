"""The table of document types of the reference (clinical.md §5.2) against ours: a missing row is seen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coordination.cda import case
from perinat.standards import codes, oids
from tests.conformance.cases.unstructured import cases

REFERENCE = Path(__file__).parents[3] / "shared/reference/clinical.md"
SYSTEMS = {"L": oids.LOINC, "A": oids.TRE_A05_TYPE_DOCUMENT_COMPL}
# Rows that are not written, each with its reason.
ABSENT = dict.fromkeys(
    ("68814-3", "97694-4", "34895-3", "100967-9", "96163-1"),
    "of the JDV_J07 of 29/06/2026, which is not the one carried; their class was not read in any ASS_X16",
)
_CODE = re.compile(r"\b(?:\d{4,6}-\d|[A-Z]+_DECL|EXPPAT_\d|PRESC-[A-Z]+)(?!\w)")


def rows(text: str) -> list[tuple[set[str], str, str, str]]:
    """(codes, system, class, in the map of the DMP) of each row of the table."""
    table = text.partition("### 5.2")[2].partition("### 5.3")[0]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("|")]
    found = []
    for row in cells[2:]:
        codes_of_row = set(_CODE.findall(row[1])) or set(_CODE.findall(row[0]))
        found.append((codes_of_row, row[2], row[4], row[5]))
    return found


def missing(text: str) -> set[str]:
    named = {code for found, *_ in rows(text) for code in found}
    return named - set(codes.DOCUMENT_TYPES) - set(ABSENT)


@pytest.fixture
def table() -> str:
    if not REFERENCE.is_file():
        pytest.skip("reference notes absent (../shared/reference)")
    return REFERENCE.read_text(encoding="utf-8")


def test_every_row_of_the_reference_is_a_type_of_ours(table: str) -> None:
    assert len(rows(table)) > 25 and all(found for found, *_ in rows(table))
    assert missing(table) == set()


def test_a_new_row_would_be_seen(table: str) -> None:
    line = "| Rythme | 12345-6 | L | Rythme | 10 | y | |\n"
    assert missing(table.replace("| CR opératoire", f"{line}| CR opératoire", 1)) == {"12345-6"}


def test_system_class_and_dmp_are_those_of_the_reference(table: str) -> None:
    for found, system, classes, in_dmp in rows(table):
        for code in found - set(ABSENT):
            kind = codes.DOCUMENT_TYPES[code]
            assert kind.type.system == SYSTEMS[system], code
            assert kind.document_class.code == classes, code
            assert kind.in_dmp == (in_dmp.strip("*") == "y"), code


def test_the_operation_is_the_caesarean_of_the_mother_and_the_letter_is_of_either() -> None:
    newborn = dict(cases(codes.LETTRE_DE_LIAISON_SORTIE))["newborn minimal"]
    assert case.check(codes.LETTRE_DE_LIAISON_SORTIE, newborn) == []
    [problem] = case.check(codes.CR_OPERATOIRE, newborn)
    assert problem.path == "patient"


@pytest.mark.parametrize("kind", codes.DOCUMENT_TYPES.values(), ids=lambda kind: kind.code)
def test_a_type_of_one_of_the_two_refuses_the_other(kind: codes.DocumentType) -> None:
    names = {name for name, _ in cases(kind)}
    if kind.about == codes.ABOUT_EITHER:
        assert len(names) == 4
        return
    other = codes.ABOUT_NEWBORN if kind.about == codes.ABOUT_MOTHER else codes.ABOUT_MOTHER
    either = codes.DocumentType(kind.type, kind.document_class)
    for name, given in cases(either):
        problems = [problem.path for problem in case.check(kind, given)]
        assert bool(problems) == name.startswith(other), (name, problems)
