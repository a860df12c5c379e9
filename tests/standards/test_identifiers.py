"""INS, RPPS, FINESS and OIDs: what is right passes, one wrong character does not."""

from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn

from perinat.standards import oids
from perinat.standards.identifiers import (
    Finess,
    IdentifierError,
    Ins,
    Rpps,
    check_oid,
    ins_key,
    oid_from_uuid,
)

NUMBERS = st.from_regex(r"[1-478][0-9]{4}([0-9]{2}|2[AB])[0-9]{6}", fullmatch=True)
DIGITS = st.text("0123456789")


# Keys of the published test identities of the CNDA and of ANS, worked out by hand in the reference.
@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("2751263220749", "74"),
        ("297022A020778", "78"),
        ("160012B020777", "13"),
        ("180032B020401", "23"),
        ("2360663220836", "56"),
        ("1090763220888", "35"),
        ("2790351215189", "89"),
    ],
)
def test_published_keys(number: str, key: str) -> None:
    assert ins_key(number) == key
    assert Ins(number + key, oids.INS_NIR_TEST).cx == f"{number}{key}^^^&1.2.250.1.213.1.4.10&ISO^NH"


@given(NUMBERS)
def test_key_has_two_digits_between_01_and_97(number: str) -> None:
    key = ins_key(number)
    assert re.fullmatch(r"\d\d", key) and 1 <= int(key) <= 97
    assert Ins(number + key, oids.INS_NIR).matricule == number + key


@given(NUMBERS, st.integers(1, 96))
def test_a_wrong_key_is_refused(number: str, shift: int) -> None:
    wrong = (int(ins_key(number)) - 1 + shift) % 97 + 1
    with pytest.raises(IdentifierError, match="clé du matricule"):
        Ins(f"{number}{wrong:02d}", oids.INS_NIR_TEST)


@given(NUMBERS, st.integers(0, 12), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_seen(number: str, position: int, digit: str) -> None:
    assume(number[position] != digit and not (position in (5, 6) and number[6] in "AB"))
    changed = number[:position] + digit + number[position + 1 :]
    with pytest.raises(IdentifierError):
        Ins(changed + ins_key(number), oids.INS_NIR_TEST)


@pytest.mark.parametrize(
    "matricule",
    [
        "",
        "27903512151898",
        "2790351215189890",
        "579035121518989",
        "27903512151898x",
        "297022a02077878",
        "297023A02077878",
        " 279035121518989",
        "279035121518989\n",
        "٢79035121518989",
        "2٧9035121518989",
    ],
)
def test_forms_that_are_not_a_matricule(matricule: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        Ins(matricule, oids.INS_NIR_TEST)
    assert not re.search(r"\d{3}", caught.value.message_fr)


@pytest.mark.parametrize("oid", ["", "1.2.250.1.213.1.4.2", "1.2.250.1.213.1.4.13", "1.2.250.1.213.1.4.100"])
def test_a_matricule_needs_an_ins_authority(oid: str) -> None:
    with pytest.raises(IdentifierError, match="autorité d'affectation"):
        Ins("279035121518989", oid)


@pytest.mark.parametrize("oid", sorted(oids.INS_AUTHORITIES))
def test_production_is_told_from_test(oid: str) -> None:
    assert Ins("279035121518989", oid).is_production is (oid[-2:] in (".8", ".9"))


@given(st.text("0123456789", min_size=10, max_size=10))
def test_rpps(stem: str) -> None:
    right = stem + luhn.calc_check_digit(stem)
    assert Rpps(right).ps_idnat == f"8{right}"
    wrong = stem + str((int(right[-1]) + 1) % 10)
    with pytest.raises(IdentifierError, match="clé du numéro RPPS"):
        Rpps(wrong)


@given(st.text("0123456789", min_size=8, max_size=8))
def test_finess(stem: str) -> None:
    right = stem + luhn.calc_check_digit(stem)
    assert Finess(right).struct_idnat == f"1{right}"
    wrong = stem + str((int(right[-1]) + 1) % 10)
    with pytest.raises(IdentifierError, match="clé du numéro FINESS"):
        Finess(wrong)


def test_public_finess_keys() -> None:
    for number in ("770816478", "590064036", "950047225"):
        assert Finess(number).number == number


def test_corsican_finess_reads_the_letter_as_zero() -> None:
    key = luhn.calc_check_digit("20000001")
    assert Finess(f"2A000001{key}").struct_idnat == f"12A000001{key}"


@given(DIGITS.filter(lambda text: len(text) != 11))
def test_rpps_has_eleven_digits(text: str) -> None:
    with pytest.raises(IdentifierError, match="11 chiffres"):
        Rpps(text)


@pytest.mark.parametrize(
    "value", ["", "1", "1.02", "3.1", "1..2", "1.2.", "1.2a", "1.1٢", "urn:oid:1.2", "2.25." + "9" * 60]
)
def test_what_is_not_an_oid(value: str) -> None:
    with pytest.raises(IdentifierError):
        check_oid(value)


@given(st.uuids())
def test_oid_of_a_uuid(value: uuid.UUID) -> None:
    oid = oid_from_uuid(value)
    assert check_oid(oid) == oid and len(oid) <= 44
    assert uuid.UUID(int=int(oid.removeprefix("2.25."))) == value
