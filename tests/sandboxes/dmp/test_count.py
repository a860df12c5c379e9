"""How many refusals are tested: the number that the package says, and far above the sixty that issue 4 asks."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import tests.sandboxes.dmp as package

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
WANTED = 60


# What issue 4 names, each with one of the refusals that answer it.
NAMED = {
    "WS-A header missing": "envelope.py::test_each_addressing_header_is_required[MessageID]",
    "wrong SOAP version": "envelope.py::test_envelopes_refused[SOAP 1.1]",
    "unsigned VIHF": "hostile.py::test_an_unsigned_assertion",
    "tampered VIHF": "vihf.py::test_a_vihf_changed_after_signing_is_refused[>Ada MARTIN<->Eve MARTIN<]",
    "expired certificate, TLS": "envelope.py::test_a_spoiled_tls_certificate_is_refused[expired]",
    "expired certificate, signature": "vihf.py::test_spoiled_signature_certificates_are_refused[expired]",
    "wrong KeyUsage": "vihf.py::test_spoiled_signature_certificates_are_refused[wrong_usage]",
    "structure that does not match": "vihf.py::test_vihf_and_connection_carry_the_same_legal_entity",
    "missing speciality": "vihf.py::test_a_doctor_without_speciality_reads_the_official_sentence",
    "patient mismatch": "lot.py::test_the_patient_of_the_lot_is_the_one_of_the_vihf",
    "hash mismatch": "lot.py::test_document_metadata[hash]",
    "size mismatch": "lot.py::test_document_metadata[size]",
    "missing MIME part": "hostile.py::test_a_missing_part[Document01@essai]",
    "extra MIME part": "lot.py::test_an_extra_part_is_refused",
    "XOP href that points nowhere": "lot.py::test_mtom_integrity[include to nowhere]",
    "unknown code": "lot.py::test_document_metadata[speciality]",
    "two patients in a lot": "lot.py::test_a_lot_names_one_patient",
    "RPLC on a deprecated document": "versions.py::test_replacing_twice",
    "uniqueId reused with other bytes": "versions.py::test_an_identifier_hides_no_other_bytes",
    "XML bomb": "hostile.py::test_xml_bombs[billion laughs]",
    "100 MB body": "hostile.py::test_100_mb_are_not_taken_into_memory",
}


@pytest.fixture(scope="module")
def refusals() -> list[str]:
    """Each bad request, as pytest names it."""
    files = sorted(str(path) for path in HERE.glob("test_refused_*.py"))
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return re.findall(r"^tests/sandboxes/dmp/test_refused_(\w+\.py::.+)$", told, re.MULTILINE)


def test_the_number_of_refusals(refusals: list[str]) -> None:
    said = re.search(r"^(\d+) bad requests", package.__doc__ or "", re.MULTILINE)
    assert said is not None
    assert len(refusals) == int(said[1]) > WANTED


def test_each_refusal_that_the_issue_names(refusals: list[str]) -> None:
    assert {what: one for what, one in NAMED.items() if one not in refusals} == {}


def test_the_suite_shares_no_code_with_the_gateway() -> None:
    """Imports of dmp_gateway are of the sandbox alone; nothing of the standards that the client uses."""
    for path in HERE.glob("*.py"):
        imported = re.findall(
            r"^from (dmp_gateway|perinat|coordination)([\w.]*) import", path.read_text(), re.MULTILINE
        )
        for root, rest in imported:
            assert root == "dmp_gateway" and rest.startswith(".sandbox") or ".igc_sante.sandbox" in rest, path.name
