"""Subjects and file names: accents, long and hyphenated names, the 40 characters (ECO.2.1.3, ECO.2.1.6)."""

from __future__ import annotations

import dataclasses
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mssante import mime, naming
from perinat.standards import codes
from tests.mssante.parcels import MOTHER, config, document, parcel


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hélène", "Helene"),
        ("CŒUR", "COEUR"),
        ("Anaïs-Çelik", "Anais-Celik"),
        ("D’Ærø", "D'AEro"),
        ("Łukasz", "Lukasz"),
        ("李", ""),
    ],
)
def test_ascii_fold(text: str, expected: str) -> None:
    assert naming.ascii_fold(text) == expected


def test_the_label_is_cut_at_forty_characters() -> None:
    assert naming.label("Lettre de liaison à la sortie d'un établissement de soins") == (
        "Lettre de liaison à la sortie d'un établ"
    )
    assert len(naming.label("é" * 60)) == 40
    assert naming.label("e\u0301" * 60) == "é" * 40  # decomposed accents count for one


def test_the_subject_without_accents_is_a_setting() -> None:
    subject = naming.subject(parcel(document(codes.SYNTHESE_EPISODE)), config(subject_accents=False))
    assert subject == "XDM/1.0/DDM+Synthese d'episode de soins LEFEVRE-D'HEROUVILLE Zoe 02/05/1990"


def test_the_prefix_stays_readable_in_the_raw_header_even_before_an_accent() -> None:
    raw = mime.text_header("Subject", naming.subject(parcel(document(codes.SYNTHESE_EPISODE)), config()))
    assert b"XDM/1.0/DDM+Synth" in raw


def test_only_the_first_birth_given_name_is_written() -> None:
    patient = dataclasses.replace(MOTHER, birth_given_names="Marie-Amélie Zoé Jeanne")
    assert " Marie-Amelie 02/05/1990" in naming.subject(parcel(patient=patient), config())


def test_two_documents_of_one_type_have_two_names() -> None:
    names = naming.pdf_names(parcel(document(), document(), document(codes.CR_BIOLOGIE)))
    assert len(set(names)) == 3
    assert names[1].endswith("_Zoe_2.pdf")


def test_a_file_name_holds_no_path_nor_reserved_character() -> None:
    patient = dataclasses.replace(MOTHER, birth_family_name='../..\\a:b*c?"<>|_d')
    (name,) = naming.pdf_names(parcel(patient=patient))
    assert not set('/\\:*?"<>|') & set(name)
    assert name.count("_") == 3


def test_the_day_is_that_of_paris() -> None:
    late = document(service_start=parcel().submission_set.submitted_at.replace(hour=23, minute=30))
    assert naming.pdf_names(parcel(late))[0].startswith("20260317_")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=200))
def test_any_text_comes_back_from_a_header(text: str) -> None:
    value = " ".join(text.split())
    raw = mime.text_header("Subject", value)
    assert all(len(line) <= 78 or b" " not in line.strip() for line in raw.split(b"\r\n"))
    message = message_from_bytes(raw + b"\r\n", policy=policy.default)
    assert " ".join(str(message["Subject"]).split()) == value


@given(st.binary(max_size=60_000))
def test_base64_lines(data: bytes) -> None:
    import base64

    lines = mime.base64_lines(data)
    assert base64.b64decode(lines) == data
    assert lines.endswith(b"\r\n")
    assert max(len(line) for line in lines.split(b"\r\n")) <= 76
    assert b"\r\n\r\n" not in lines


@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 57 * 256 - 1, 57 * 256, 57 * 256 + 1, 57 * 512])
def test_base64_at_the_edges_of_a_block(size: int) -> None:
    import base64

    data = bytes(range(256)) * (size // 256 + 1)
    assert mime.base64_lines(data[:size]).replace(b"\r\n", b"\n") == (base64.encodebytes(data[:size]) or b"\n")
