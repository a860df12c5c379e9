"""Searching and reading (TD3.1a, 3.2), and what arrived since the last time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from coordination.ports import (
    Action,
)
from dmp_gateway import consultation
from perinat.standards import codes
from perinat.standards.shared_record import DocumentStatus, HeldDocument
from tests.dmp_gateway import parcels
from tests.dmp_gateway.consultation.people import (
    DOCTOR,
    LONG_AGO,
    MIDWIFE,
    MOTHER,
    held,
    only,
    reader,
    refusal,
)


def test_search_describes_what_was_deposited(source, deposit):
    first, second = deposit(parcels.document(), parcels.document(codes.ORDONNANCE_PRODUITS))
    found = {document.unique_id: document for document in source.search(MIDWIFE, MOTHER)}
    assert set(found) == {first.unique_id, second.unique_id}
    letter = found[first.unique_id]
    assert letter.title == first.entry.title and letter.type_code == first.entry.type_code
    assert (letter.hash_sha1, letter.size) == (first.entry.hash_sha1, first.entry.size)
    assert letter.service_start == first.entry.service_start
    assert letter.status is DocumentStatus.ACTIVE and letter.logical_id == letter.entry_uuid
    assert letter.authors[0].ps_idnat == parcels.MIDWIFE.ps_idnat
    assert "ESSAI" not in repr(letter) and "title" not in repr(letter)


def test_the_first_search_looks_two_years_back(source, deposit, monkeypatch):
    deposit()
    assert len(source.search(MIDWIFE, MOTHER)) == 1
    monkeypatch.setattr(consultation, "_now", lambda: datetime(2029, 1, 1, tzinfo=UTC))
    assert source.search(MIDWIFE, MOTHER) == ()
    assert len(source.search(MIDWIFE, MOTHER, since=LONG_AGO)) == 1


def test_retrieve_gives_the_bytes(source, deposit):
    (document,) = deposit()
    assert source.retrieve(MIDWIFE, MOTHER, only(source)) == document.cda


@pytest.mark.parametrize("change", [{"hash_sha1": "0" * 40}, {"size": 3}])
def test_other_bytes_are_not_shown(source, deposit, change):
    deposit()
    error = refusal(lambda: source.retrieve(MIDWIFE, MOTHER, replace(only(source), **change)))
    assert error.code == "DOCUMENT_ALTERED" and "n'est pas affiché" in error.message_fr


def test_an_unknown_document_is_said(source, deposit):
    deposit()
    error = refusal(lambda: source.retrieve(MIDWIFE, MOTHER, replace(only(source), unique_id="2.25.1")))
    assert error.code == "XDSDocumentUniqueIdError"


def test_a_masked_document_is_its_author_s_and_the_treating_doctor_s(source, deposit):
    deposit(parcels.document(masks=(codes.MASQUE_PS,)))
    assert len(source.search(MIDWIFE, MOTHER)) == 1
    assert source.search(DOCTOR, MOTHER) == ()
    source.authorize(DOCTOR, MOTHER, agreed_at=datetime.now(UTC), treating=True)
    assert len(source.search(DOCTOR, MOTHER)) == 1


def test_secret_connection_shows_only_what_is_hidden_from_the_representatives(source, deposit):
    deposit()
    (hidden,) = deposit(parcels.document(codes.ORDONNANCE_PRODUITS, masks=(codes.INVISIBLE_REPRESENTANTS_LEGAUX,)))
    assert [d.unique_id for d in source.search(reader(secret=True), MOTHER)] == [hidden.unique_id]


def test_incremental_search(source, deposit):
    (old,) = deposit()
    known = only(source)
    assert source.changes(MIDWIFE, MOTHER, since=LONG_AGO, held=[]).new == (known,)
    nothing = source.changes(MIDWIFE, MOTHER, since=LONG_AGO, held=held(known))
    assert (nothing.new, nothing.redescribed, nothing.replaced) == ((), (), {})
    (new,) = deposit(parcels.document(replaces=old), action=Action.REPLACE)
    found = source.changes(MIDWIFE, MOTHER, since=LONG_AGO, held=held(known))
    assert [d.unique_id for d in found.new] == [new.unique_id]
    assert found.replaced == {known.entry_uuid: found.new[0].entry_uuid}
    assert found.until < datetime.now(UTC)


def test_incremental_search_tells_a_mask_from_a_new_document(source, deposit):
    deposit()
    known = only(source)
    source.mask(MIDWIFE, MOTHER, known, masked=True)
    found = source.changes(MIDWIFE, MOTHER, since=LONG_AGO, held=held(known))
    assert found.new == ()
    (again,) = found.redescribed
    assert again.logical_id == known.logical_id and again.entry_uuid != known.entry_uuid
    assert "MASQUE_PS" in again.confidentiality


def test_a_document_that_came_by_another_channel_is_not_new(source, deposit):
    (document,) = deposit()
    found = source.changes(MIDWIFE, MOTHER, since=LONG_AGO, held=[HeldDocument(document.unique_id)])
    assert found.new == () and [d.unique_id for d in found.redescribed] == [document.unique_id]


def test_more_documents_than_one_request_takes(source, deposit):
    for _ in range(3):
        deposit(*(parcels.document(codes.ORDONNANCE_PRODUITS) for _ in range(8)))
    assert len(source.changes(MIDWIFE, MOTHER, since=LONG_AGO, held=[]).new) == 24


def test_lots_before_the_date_are_not_asked_again(source, deposit):
    deposit()
    assert source.changes(MIDWIFE, MOTHER, since=datetime(2026, 6, 1, tzinfo=UTC), held=[]).new == ()
