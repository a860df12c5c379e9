"""INS Datamatrix text: every legal order and separator is read; each fault has its sentence."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from random import Random

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from perinat.standards import datamatrix, oids
from perinat.standards.datamatrix import GS, Claims, DatamatrixError
from perinat.standards.identifiers import Ins, ins_key

HEADER = "IS010000000000000000000000"
ZOE = Claims(
    Ins("275126322074974", oids.INS_NIR_TEST), "ZOE", "ADRUN", "F", date(1975, 12, 31), "63220"
)  # published test identity of the CNDA

NAMES = st.from_regex(r"[A-Z']([A-Z' -]{0,98}[A-Z'])?", fullmatch=True)
INS = st.builds(
    lambda number, oid: Ins(number + ins_key(number), oid),
    st.from_regex(r"[1-478][0-9]{4}([0-9]{2}|2[AB])[0-9]{6}", fullmatch=True),
    st.sampled_from(sorted(oids.INS_AUTHORITIES)),
)
CLAIMS = st.builds(
    Claims,
    INS,
    NAMES,
    NAMES,
    st.sampled_from("MF"),
    st.dates(date(1000, 1, 1)),
    st.from_regex(r"([0-9]{2}|2[AB])[0-9]{3}", fullmatch=True) | st.just(""),
)


def parts(claims: Claims) -> list[str]:
    """The fields without any separator, as S1…S7 strings."""
    fields = [
        f"S1{claims.ins.matricule}",
        f"S2{claims.ins.oid}",
        f"S3{claims.given_names}",
        f"S4{claims.family_name}",
        f"S5{claims.sex}",
        f"S6{claims.birth_date.strftime('%d-%m-')}{claims.birth_date.year:04d}",
    ]
    return fields + ([f"S7{claims.birth_place_cog}"] if claims.birth_place_cog else [])


@given(CLAIMS)
def test_round_trip(claims: Claims) -> None:
    assert datamatrix.read(datamatrix.write(claims)) == claims


@given(CLAIMS, st.randoms(use_true_random=False), st.sampled_from([GS, "<GS>", " ", "", "\n"]))
def test_any_order_any_separator(claims: Claims, random: Random, separator: str) -> None:
    fields = parts(claims)
    random.shuffle(fields)
    assert datamatrix.read(HEADER + separator.join(fields)) == claims


@given(st.text(max_size=80))
def test_garbage_never_breaks_the_reader(text: str) -> None:
    for candidate in (text, HEADER + text, datamatrix.write(ZOE) + text):
        try:
            datamatrix.read(candidate)
        except DatamatrixError as error:
            assert error.message_fr.endswith(".")


def test_separators_written_as_the_format_says() -> None:
    test_oid = datamatrix.write(ZOE)
    assert test_oid == (f"{HEADER}S1275126322074974S21.2.250.1.213.1.4.10S3ZOE{GS}S4ADRUN{GS}S5FS631-12-1975S763220")
    production = datamatrix.write(replace(ZOE, ins=Ins(ZOE.ins.matricule, oids.INS_NIR)))
    assert f"S21.2.250.1.213.1.4.8{GS}S3ZOE" in production
    full = datamatrix.write(replace(ZOE, given_names="A" * 100))
    assert "A" * 100 + "S4ADRUN" in full


@pytest.mark.parametrize(
    ("body", "given_names", "family_name"),
    [
        (
            "S21.2.250.1.213.1.4.8 S3FIRST NAMETEST S5MS618-06-1985S713201S4LASTNAMETEST",
            "FIRST NAMETEST",
            "LASTNAMETEST",
        ),
        ("S21.2.250.1.213.1.4.8<GS>S3JULES<GS>S4D'ARMAS<GS>S5MS618-06-1985", "JULES", "D'ARMAS"),
        ("S21.2.250.1.213.1.4.10S3JULESS4GS-SS5MS618-06-1985S799352\r\n", "JULES", "GS-S"),
    ],
)
def test_texts_of_real_scanners(body: str, given_names: str, family_name: str) -> None:
    number = "1850699352001"
    claims = datamatrix.read(f"]d2{HEADER}S1{number}{ins_key(number)}{body}")
    assert (claims.given_names, claims.family_name) == (given_names, family_name)
    assert (claims.sex, claims.birth_date) == ("M", date(1985, 6, 18))
    assert claims.is_production is (".4.8" in body)


GOOD = datamatrix.write(ZOE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "n'est pas un datamatrix INS"),
        ("https://example.org", "n'est pas un datamatrix INS"),
        (GOOD + " " * 600 + "S", "trop long"),
        (GOOD.replace("IS01", "IS02"), "version"),
        (GOOD.replace("IS0100", "IS010"), "en-tête du datamatrix INS est incomplet"),
        (GOOD.replace("S1275126322074974", "S1275126322074975"), "clé du matricule INS est fausse"),
        (GOOD.replace("S1275126322074974", "S127512632207497"), "15 caractères"),
        (GOOD.replace("1.4.10", "1.4.13"), "autorité d'affectation de l'INS est inconnue"),
        (GOOD.replace("S5F", "S5I"), "le sexe"),
        (GOOD.replace("31-12-1975", "31-02-1975"), "date de naissance du datamatrix INS n'existe pas"),
        (GOOD.replace("31-12-1975", "1975-12-31"), "date de naissance (JJ-MM-AAAA)"),
        (GOOD.replace("S763220", "S7632"), "le lieu de naissance"),
        (GOOD.replace("S763220", "S7ABCDE"), "le lieu de naissance"),
        (GOOD.replace("S763220", "S7٦3220"), "le lieu de naissance"),
        (GOOD.replace("S3ZOE", "S3Zoé"), "les prénoms de naissance"),
        (GOOD.replace("S4ADRUN", "S4ADRUN-"), "le nom de naissance"),
        (GOOD.replace("S4ADRUN", "S4" + "A" * 101), "le nom de naissance"),
        (GOOD + "S5F", "deux fois le sexe"),
        (GOOD + "S8X", "champ inconnu"),
        (GOOD + "?", "champ inconnu"),
        (HEADER, "le matricule INS, l'autorité d'affectation, les prénoms"),
        (GOOD.replace(f"S4ADRUN{GS}", ""), "Il manque au datamatrix INS : le nom de naissance."),
    ],
)
def test_each_fault_has_its_sentence(text: str, message: str) -> None:
    with pytest.raises(DatamatrixError) as caught:
        datamatrix.read(text)
    assert message in caught.value.message_fr
    assert not re.search(r"ZOE|ADRUN|\d{4}", caught.value.message_fr)


@pytest.mark.parametrize(
    "claims",
    [
        replace(ZOE, sex="I"),
        replace(ZOE, given_names="Zoé"),
        replace(ZOE, family_name=""),
        replace(ZOE, family_name="A" * 101),
        replace(ZOE, birth_place_cog="Paris"),
        replace(ZOE, given_names=" ZOE"),
    ],
)
def test_what_a_datamatrix_cannot_carry(claims: Claims) -> None:
    with pytest.raises(DatamatrixError):
        datamatrix.write(claims)


def test_through_a_drawn_code() -> None:
    barcode = zxingcpp.create_barcode(GOOD, zxingcpp.BarcodeFormat.DataMatrix)
    (seen,) = zxingcpp.read_barcodes(barcode.to_image(scale=4))
    assert datamatrix.read(seen.bytes.decode("ascii")) == ZOE
