"""The look-out for codes that no national rule checks finds a false one, and none in the official examples."""

from __future__ import annotations

import pytest

from perinat.standards import oids
from tests.conformance import known_codes
from tests.conformance.known_codes import EXAMPLES, needs_known_codes, unknown_codes, unseen_codes

pytestmark = needs_known_codes
LETTER = "LDL-SES_2022.01.xml"


@pytest.fixture(scope="module")
def letter() -> bytes:
    return (EXAMPLES / LETTER).read_bytes()


def test_the_official_examples_have_no_unknown_code() -> None:
    found = {path.name: unknown_codes(path.read_bytes()) for path in EXAMPLES.glob("*.xml")}
    assert len(found) == 10 and not any(found.values())


@pytest.mark.parametrize(
    ("right", "wrong", "pair"),
    [
        (b'code="42545-4"', b'code="42545-5"', ("42545-5", oids.LOINC)),
        (b'code="107724000"', b'code="107724001"', ("107724001", oids.SNOMED_CT)),
        (b'code="MED-142"', b'code="MED-9142"', ("MED-9142", oids.TA_ASIP)),
    ],
    ids=["LOINC", "SNOMED CT", "TA_ASIP"],
)
def test_a_false_code_is_found(letter: bytes, right: bytes, wrong: bytes, pair: tuple[str, str]) -> None:
    assert right in letter
    assert unknown_codes(letter.replace(right, wrong)) == [pair]
    assert unseen_codes(letter.replace(right, wrong)) == [pair]


def test_a_right_code_under_another_system_is_found(letter: bytes) -> None:
    swapped = letter.replace(oids.TA_ASIP.encode(), oids.LOINC.encode())
    assert ("MED-142", oids.LOINC) in unknown_codes(swapped)


def test_a_false_code_of_a_system_that_the_rules_look_up_is_theirs(letter: bytes) -> None:
    system = sorted(oid for oid in known_codes.systems_of_the_rules() if oid.startswith("2.16.840.1.113883.6.3"))[0]
    swapped = letter.replace(oids.TA_ASIP.encode(), system.encode())
    assert unknown_codes(swapped) and not [pair for pair in unseen_codes(swapped) if pair[1] == system]


def test_known_codes_come_from_each_source() -> None:
    for source in (known_codes._of_value_sets, known_codes._of_trees, known_codes._of_examples):
        pairs = set(source())
        assert len(pairs) > 100 and pairs <= known_codes.known_codes()
    assert ("ORG-070", oids.TA_ASIP) in set(known_codes._of_trees())
