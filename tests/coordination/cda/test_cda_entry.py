"""DocumentEntry: same facts as the CDA header, hash and size of the sealed bytes."""

from __future__ import annotations

import hashlib

import pytest

from coordination.cda.builder import build
from coordination.cda.entry import document_entry
from coordination.cda.errors import CdaContentError
from coordination.cda.reader import read
from perinat.standards import codes
from tests.coordination.cda import samples

CDA = build(samples.LETTER, unique_id=samples.UNIQUE_ID, now=samples.NOW)
ENTRY = document_entry(samples.LETTER, unique_id=samples.UNIQUE_ID, cda=CDA, now=samples.NOW)


def test_entry_says_what_the_header_says() -> None:
    header = read(CDA)
    assert (ENTRY.unique_id, ENTRY.title) == (header.unique_id, header.title)
    assert (ENTRY.type_code, ENTRY.created_at) == (header.type, header.created_at)
    assert (ENTRY.service_start, ENTRY.service_stop) == (header.service_start, header.service_stop)
    assert ENTRY.patient.ins == header.patient.ins
    assert (ENTRY.author.ps_idnat, ENTRY.author.specialty) == (header.author.idnat, header.author.specialty)
    assert ENTRY.author.institution.struct_idnat == header.author.organization_idnat
    assert ENTRY.legal_authenticator.ps_idnat == header.legal_authenticator.idnat


def test_hash_and_size_are_of_the_sealed_bytes() -> None:
    assert ENTRY.hash_sha1 == hashlib.sha1(CDA).hexdigest()
    assert ENTRY.size == len(CDA)
    other = document_entry(samples.LETTER, unique_id=samples.UNIQUE_ID, cda=CDA + b" ", now=samples.NOW)
    assert (other.hash_sha1, other.size) != (ENTRY.hash_sha1, ENTRY.size)


def test_class_format_and_confidentiality() -> None:
    assert ENTRY.class_code == codes.CLASS_REPORT
    assert ENTRY.format_code == codes.FORMAT_PDF_N1
    assert ENTRY.mime_type == "text/xml"
    assert ENTRY.confidentiality == (codes.NORMAL,)
    masked = document_entry(
        samples.LETTER, unique_id=samples.UNIQUE_ID, cda=CDA, now=samples.NOW, masks=(codes.MASQUE_PS,)
    )
    assert masked.confidentiality == (codes.NORMAL, codes.MASQUE_PS)


def test_two_masks_that_leave_nobody_make_no_metadata() -> None:
    with pytest.raises(CdaContentError) as refused:
        document_entry(
            samples.LETTER, unique_id=samples.UNIQUE_ID, cda=CDA, now=samples.NOW,
            masks=(codes.MASQUE_PS, codes.INVISIBLE_PATIENT),
        )  # fmt: skip
    assert "plus personne ne pourrait le lire" in refused.value.message_fr


def test_event_code_only_when_the_act_has_one() -> None:
    assert [code.code for code in ENTRY.event_codes] == ["MED-1176"]
    cda = build(samples.PRESCRIPTION, unique_id=samples.UNIQUE_ID, now=samples.NOW)
    entry = document_entry(samples.PRESCRIPTION, unique_id=samples.UNIQUE_ID, cda=cda, now=samples.NOW)
    assert (entry.event_codes, entry.service_stop) == ((), None)
