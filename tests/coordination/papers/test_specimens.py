"""The fictitious papers are marked as such, hold no real identity, and can be made again exactly."""

from __future__ import annotations

import pytest

from coordination.papers import pdfa
from coordination.papers.pdfium import open_pages
from coordination.papers.specimen_texts import SECTIONS, TITLES, TYPE_CODES, Kind
from coordination.papers.specimen_variants import scanned, without_pdf_a
from perinat.standards.codes import DOCUMENT_TYPES
from tests.papers_fixtures import NEWBORN, make


@pytest.mark.parametrize("kind", list(Kind))
def test_each_specimen_is_marked_and_is_pdf_a(kind: Kind) -> None:
    data = make(kind)
    assert pdfa.check(data) == []
    with open_pages(data) as pages:
        text = pages.text(1)
    assert "SPÉCIMEN" in text and "{" not in text
    assert make(kind) == data


def test_values_can_be_changed() -> None:
    with open_pages(make(Kind.CRA, values={"poids": "2 940 g"})) as pages:
        assert "2 940 g" in pages.text(1) and "3 320 g" not in pages.text(1)


def test_a_newborn_without_ins_has_neither_matricule_nor_code() -> None:
    with open_pages(make(Kind.CHILD_EXAM, person=NEWBORN)) as pages:
        assert "Matricule" not in pages.text(1) and "INS à scanner" not in pages.text(1)


def test_the_tables_are_complete() -> None:
    assert set(SECTIONS) == set(TITLES) == set(TYPE_CODES) == set(Kind)
    assert set(TYPE_CODES.values()) <= set(DOCUMENT_TYPES)


def test_variants_are_what_they_say() -> None:
    data = make()
    assert scanned(data, seed=4) == scanned(data, seed=4) != scanned(data, seed=5)
    with open_pages(scanned(data)) as pages:
        assert pages.text(1).strip() == ""
    assert without_pdf_a(data).startswith(b"%PDF-1.7") and pdfa.check(without_pdf_a(data)) != []
