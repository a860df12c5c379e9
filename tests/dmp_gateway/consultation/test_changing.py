"""Masks, visibility, status (TD3.3), and calls that fail."""

from __future__ import annotations

import pytest

from coordination.ports import (
    RecordAct,
    TemporaryChannelError,
    UncertainChannelError,
)
from dmp_gateway import consultation
from perinat.standards import codes
from perinat.standards.shared_record import DocumentStatus
from tests.dmp_gateway import parcels
from tests.dmp_gateway.consultation.people import (
    DOCTOR,
    MIDWIFE,
    MOTHER,
    only,
    refusal,
)


def test_mask_and_unmask(source, deposit):
    (document,) = deposit()
    source.mask(MIDWIFE, MOTHER, only(source), masked=True)
    masked = only(source)
    assert masked.confidentiality == {"N", "MASQUE_PS"}
    assert source.retrieve(MIDWIFE, MOTHER, masked) == document.cda
    source.mask(MIDWIFE, MOTHER, masked, masked=False)
    assert only(source).confidentiality == {"N"}


def test_an_old_description_is_not_changed(source, deposit):
    deposit()
    seen = only(source)
    source.mask(MIDWIFE, MOTHER, seen, masked=True)
    error = refusal(lambda: source.mask(MIDWIFE, MOTHER, seen, masked=True))
    assert error.code == "XDSMetadataVersionError" and "liste des documents est à relire" in error.message_fr


@pytest.mark.parametrize("mask", consultation.REVEALED)
def test_reveal_has_no_way_back(source, deposit, mask):
    deposit(parcels.document(masks=(codes.MASKS[mask],)))
    assert RecordAct.REVEAL in source.rights_on(MIDWIFE, only(source))
    source.reveal(MIDWIFE, MOTHER, only(source), mask=mask)
    assert only(source).confidentiality == {"N"}
    assert RecordAct.REVEAL not in source.rights_on(MIDWIFE, only(source))
    with pytest.raises(ValueError, match="MASQUE_PS"):
        source.reveal(MIDWIFE, MOTHER, only(source), mask="MASQUE_PS")


def test_hidden_from_the_patient_is_not_masked_too(source, deposit, admin):
    deposit(parcels.document(masks=(codes.INVISIBLE_PATIENT,)))
    seen = only(source)
    before = len(admin.transactions())
    assert refusal(lambda: source.mask(MIDWIFE, MOTHER, seen, masked=True)).code == "MASKS_EXCLUSIVE"
    assert len(admin.transactions()) == before


def test_archive_and_back(source, deposit):
    deposit()
    source.archive(MIDWIFE, MOTHER, only(source), archived=True)
    assert source.search(MIDWIFE, MOTHER) == ()
    assert only(source).status is DocumentStatus.ARCHIVED
    source.archive(MIDWIFE, MOTHER, only(source), archived=False)
    assert only(source).status is DocumentStatus.ACTIVE


def test_only_the_author_deletes(source, deposit):
    deposit()
    error = refusal(lambda: source.delete(DOCTOR, MOTHER, only(source)))
    assert error.code == "LocalPolicyRestrictionError"
    source.delete(MIDWIFE, MOTHER, only(source))
    assert source.search(MIDWIFE, MOTHER, archived=True) == ()


def test_a_change_whose_answer_is_lost_is_looked_at(source, deposit, admin):
    deposit()
    seen = only(source)
    admin.fault("cut_after_storing", transaction="3.3d")
    source.archive(MIDWIFE, MOTHER, seen, archived=True)
    assert only(source).status is DocumentStatus.ARCHIVED


def test_a_change_that_was_not_made_is_said(source, deposit, admin):
    deposit()
    seen = only(source)
    admin.fault("cut_before_storing", transaction="3.3d")
    error = refusal(lambda: source.archive(MIDWIFE, MOTHER, seen, archived=True), UncertainChannelError)
    assert "La liste des documents est à relire." in error.message_fr


@pytest.mark.parametrize("kind", ["garbled", "truncated", "cut_after_storing", "http_500", "busy"])
def test_a_reading_that_fails_can_be_made_again(source, deposit, admin, kind):
    deposit()
    admin.fault(kind, endpoint="registry")
    error = refusal(lambda: source.search(MIDWIFE, MOTHER), TemporaryChannelError)
    assert error.message_fr.endswith("Réessayez dans quelques minutes.")
    assert len(source.search(MIDWIFE, MOTHER)) == 1


def test_a_document_that_arrives_garbled_is_asked_again(source, deposit, admin):
    (document,) = deposit()
    seen = only(source)
    admin.fault("truncated", endpoint="repository")
    refusal(lambda: source.retrieve(MIDWIFE, MOTHER, seen), TemporaryChannelError)
    assert source.retrieve(MIDWIFE, MOTHER, seen) == document.cda
