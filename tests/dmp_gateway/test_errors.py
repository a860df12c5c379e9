"""The table of codes: every sentence is whole, every code of the reference has its ruling."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from coordination.ports import PermanentChannelError, TemporaryChannelError, UncertainChannelError
from dmp_gateway import errors
from dmp_gateway.errors import Actor, Holder, Nature
from dmp_gateway.soap import Refusal, Shape
from perinat.standards.xds import SourcePatient

TODAY = date(2026, 3, 16)


def person(born: date, sex: str) -> SourcePatient:
    return SourcePatient("FICTIVE", "ESSAI", born, sex, "1", "1.2.3")


@pytest.mark.parametrize("code", errors.TABLE)
def test_every_sentence_is_whole(code):
    raised = errors.error(code)
    assert raised.code == code
    assert raised.message_fr[0].isupper() and raised.message_fr.endswith(".")
    assert "{" not in raised.message_fr and "  " not in raised.message_fr
    assert "’" not in raised.message_fr and "MSS" not in raised.message_fr


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("XDSRegistryBusy", TemporaryChannelError),
        ("XDSRegistryNotAvailable", TemporaryChannelError),
        ("XDSRepositoryOutOfResources", TemporaryChannelError),
        ("XDSRegistryError", UncertainChannelError),
        ("XDSRegistryMetadataError", PermanentChannelError),
        ("DMPInvalidCertificate", PermanentChannelError),
        ("NF", PermanentChannelError),
    ],
)
def test_nature_decides_the_error(code, kind):
    assert type(errors.error(code)) is kind


def test_only_answers_about_the_patient_are_functional():
    functional = {code for code, rule in errors.TABLE.items() if rule.nature is Nature.FUNCTIONAL}
    closed = {"NF", "INTERDIT", "FERMETURE_DEMANDE_PATIENT", "DMPClosed"}
    assert functional == closed | {"AUTHORIZATION_NONE", "AUTHORIZATION_EXPIRED"}
    assert all(errors.error(code).functional == (code in functional) for code in errors.TABLE if _permanent(code))


def _permanent(code: str) -> bool:
    return isinstance(errors.error(code), PermanentChannelError)


@pytest.mark.parametrize(
    ("born", "sex", "holder"),
    [
        (date(1991, 3, 14), "F", Holder("par la patiente", "de la patiente")),
        (date(2010, 3, 14), "F", Holder("par la patiente", "de la patiente")),
        (date(1991, 3, 14), "M", Holder("par le patient", "du patient")),
        (date(2026, 3, 11), "F", Holder("par ses représentants légaux", "des représentants légaux")),
    ],
)
def test_the_holder_is_named_as_she_is(born, sex, holder):
    assert errors.holder(person(born, sex), TODAY) == holder


@pytest.mark.parametrize(
    ("refusal", "nature"),
    [
        (Refusal(Shape.REGISTRY, "sandbox:Anything", ""), Nature.PERMANENT),
        (Refusal(Shape.FAULT, "Receiver", "", receiver=True), Nature.UNCERTAIN),
        (Refusal(Shape.FAULT, "any:Trouble", "", receiver=True), Nature.UNCERTAIN),
        (Refusal(Shape.FAULT, "DMPInvalidCertificate", "", receiver=True), Nature.PERMANENT),
        (Refusal(Shape.FAULT, "Sender", ""), Nature.PERMANENT),
        (Refusal(Shape.ACKNOWLEDGEMENT, "AE", ""), Nature.PERMANENT),
        (Refusal(Shape.REGISTRY, "", ""), Nature.PERMANENT),
    ],
)
def test_an_unknown_code_is_ruled_by_its_shape(refusal, nature):
    assert errors.ruling(refusal).nature is nature


def test_ihe_codes_of_the_reference_are_all_there():
    """ITI-41, 18 and 57 codes (dmp.md §4.3)."""
    wanted = (
        "XDSMissingDocument XDSMissingDocumentMetadata XDSRepositoryMetadataError XDSRegistryMetadataError "
        "XDSRegistryDuplicateUniqueIdInMessage XDSRepositoryDuplicateUniqueIdInMessage "
        "XDSDuplicateUniqueIdInRegistry XDSNonIdenticalHash XDSNonIdenticalSize XDSUnknownPatientId "
        "XDSPatientIdDoesNotMatch XDSRegistryDeprecatedDocumentError XDSReplaceFailed UnresolvedReferenceException "
        "InvalidDocumentContent XDSRegistryBusy XDSRepositoryBusy XDSRegistryOutOfResources "
        "XDSRepositoryOutOfResources XDSRegistryError XDSRepositoryError XDSRegistryNotAvailable "
        "XDSUnknownStoredQuery XDSStoredQueryMissingParam XDSStoredQueryParamNumber XDSTooManyResults "
        "XDSResultNotSinglePatient XDSMetadataUpdateError XDSMetadataUpdateOperationError XDSMetadataVersionError "
        "XDSPatientIDReconciliationError XDSMetadataIdentifierError XDSObjectTypeError XDSInvalidRequestException "
        "UnmodifiableMetadataError LocalPolicyRestrictionError"
    )
    assert set(wanted.split()) <= set(errors.TABLE)


def test_every_ruling_says_who_must_act():
    """What mends itself asks for nobody; a person is named wherever one must act."""
    for code, rule in errors.TABLE.items():
        nobody = rule.next.actor is Actor.NOBODY
        if rule.nature in (Nature.TEMPORARY, Nature.UNCERTAIN, Nature.ALREADY_THERE, Nature.NOTHING_TO_REPLACE):
            assert nobody, code
        elif rule.nature is Nature.PERMANENT:
            assert not nobody, code
    admin = {code for code, rule in errors.TABLE.items() if rule.next.actor is Actor.ADMIN}
    assert all("dministrateur" in errors.error(code).message_fr or code == "SPECIALTY_MISSING" for code in admin)


def test_the_conformance_page_shows_the_table():
    """docs/interop/dmp.md: every code, its nature and who acts, as they are here."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "interop" / "dmp.md").read_text(encoding="utf-8")
    for code, rule in errors.TABLE.items():
        assert f"| `{code}` | {rule.nature.name} | {rule.next.actor.name} |" in page, code


def test_iti_43_codes_are_there():
    assert {"XDSDocumentUniqueIdError", "XDSUnknownRepositoryId"} <= set(errors.TABLE)
