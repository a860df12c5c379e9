"""The whole reading, as the core calls it: in this process and in a child."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from coordination.papers import apart, child
from coordination.papers.analysis import Analysis
from coordination.papers.apart import analyse_apart
from coordination.papers.opening import Limits
from coordination.papers.reading import analyse
from coordination.papers.specimen_texts import Kind
from coordination.papers.specimen_variants import joined, scanned
from perinat.standards import datamatrix, oids
from tests.papers_fixtures import LIMITS, NEWBORN, OTHER_MOTHER, claims, make


def read(data: bytes, limits: Limits = LIMITS) -> Analysis:
    return analyse(data, limits=limits, accept_production_ins=False)


def test_a_discharge_letter_needs_no_typing() -> None:
    analysis = read(make(Kind.LLS))
    assert analysis.identity is not None and analysis.identity.family_name == "SPECIMEN"
    assert analysis.type is not None and analysis.type.type_code == "11490-0"
    assert analysis.authors[0].rpps == "89900000129"
    assert analysis.pdf_a and not analysis.warnings and not analysis.blocked and not analysis.refusal
    assert len(analysis.sha256) == 64 and analysis.page_count == 1


def test_a_refusal_is_a_value_not_an_error() -> None:
    for data, code in ((b"", "EMPTY"), (b"hello", "NOT_PDF"), (make()[:9000], "TRUNCATED")):
        analysis = read(data)
        assert analysis.refusal is not None and analysis.refusal.code == code
        assert (analysis.size, analysis.page_count, analysis.identities) == (len(data), 0, ())


@pytest.mark.parametrize(
    "data",
    [
        make(),
        b"",
        make(Kind.MEDICINES, with_qr=True),
        joined([make(), make(person=OTHER_MOTHER)]),
        scanned(make(code="")),
        make(code=datamatrix.write(claims(oid=oids.INS_NIR))),
    ],
    ids=["letter", "refused", "qr", "blocked", "scan", "production"],
)
def test_an_analysis_goes_through_json_unchanged(data: bytes) -> None:
    analysis = read(data)
    assert Analysis.from_json(json.loads(json.dumps(analysis.as_json()))) == analysis


def test_what_a_person_must_do_is_said() -> None:
    assert [warning.code for warning in read(scanned(make(code=""))).warnings] == ["NO_CODE", "NO_TEXT"]
    assert [warning.code for warning in read(make(Kind.CHILD_EXAM, person=NEWBORN)).warnings] == ["NO_CODE"]
    real = read(make(code=datamatrix.write(claims(oid=oids.INS_NIR))))
    assert [warning.code for warning in real.warnings] == ["CODE_PRODUCTION", "NO_CODE"]


def test_a_prescription_with_a_qr_code_is_marked_even_when_scanned() -> None:
    assert read(make(Kind.MEDICINES, with_qr=True)).qr_prescription
    assert read(scanned(make(Kind.MEDICINES, with_qr=True))).qr_prescription
    assert not read(make(Kind.LLS, with_qr=True)).qr_prescription
    assert not read(make(Kind.MEDICINES)).qr_prescription


def test_a_child_process_reads_the_same() -> None:
    data = make()
    assert analyse_apart(data, limits=LIMITS, accept_production_ins=False) == read(data)
    refused = analyse_apart(data, limits=Limits(max_bytes=10), accept_production_ins=False)
    assert refused.refusal is not None and refused.refusal.code == "TOO_HEAVY"


def test_a_reading_that_takes_too_long_is_stopped() -> None:
    analysis = analyse_apart(make(), limits=LIMITS, accept_production_ins=False, seconds=0.02)
    assert analysis.refusal is not None and analysis.refusal.code == "TOO_SLOW"


def test_a_child_that_dies_gives_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a segmentation fault of a C++ library would: here the child cannot even find its module."""
    apart._IDLE.end()  # no child that already found it
    monkeypatch.setattr(apart, "CHILD_MODULE", "coordination.papers.nowhere")
    analysis = analyse_apart(make(), limits=LIMITS, accept_production_ins=False)
    assert analysis.refusal is not None and analysis.refusal.code == "UNREADABLE"


def test_the_child_has_a_bounded_memory() -> None:
    assert child.MAX_MEMORY_BYTES <= 4_000_000_000


def test_several_threads_read_at_once() -> None:
    """PDFium is not thread-safe: without the lock of pdfium.py this crashes the process."""
    papers = [make(kind) for kind in (Kind.LLS, Kind.CRA, Kind.CRH, Kind.CRO)] * 3
    expected = [read(data) for data in papers[:4]] * 3
    with ThreadPoolExecutor(max_workers=6) as pool:
        assert list(pool.map(read, papers)) == expected
