"""A refusal may come in four shapes, on any call: each is read, its code kept, and nothing of the DMP's text shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from coordination.ports import (
    Action,
    ChannelError,
    PermanentChannelError,
    Reader,
    TemporaryChannelError,
    UncertainChannelError,
)
from dmp_gateway.channel import DmpChannel
from dmp_gateway.consultation import DmpConsultation
from perinat.standards.shared_record import DocumentStatus, RecordDocument
from tests.dmp_gateway import parcels
from tests.dmp_gateway import rough_server as rough
from tests.dmp_gateway.rough_server import OPEN, RoughServer, soap

MOTHER = parcels.parcel().patient
READER = Reader(parcels.sender(), datetime.now(UTC) - timedelta(minutes=1))
DOCUMENT = RecordDocument(
    unique_id="2.25.7",
    entry_uuid="urn:uuid:00000000-0000-4000-8000-000000000007",
    logical_id="urn:uuid:00000000-0000-4000-8000-000000000007",
    status=DocumentStatus.ACTIVE,
    mime_type="text/xml",
    type_code=None,
    class_code=None,
    format_code=None,
    created_at=None,
    service_start=None,
    service_stop=None,
    confidentiality=frozenset({"N"}),
    repository="",
    hash_sha1="",
    size=None,
    title="",
    authors=(),
)
SECRET = "Madame FICTIVE"
OUTPUT = '<r:{0} xmlns:r="urn:x"><output><status>{1}</status><context>{2}</context></output></r:{0}>'
HL7 = (
    '<PRPA_IN201308UV02 xmlns="urn:hl7-org:v3"><acknowledgement typeCode="AE"><acknowledgementDetail>'
    '<code code="{0}"/><text>{1}</text></acknowledgementDetail></acknowledgement></PRPA_IN201308UV02>'
)


def shapes(code: str) -> dict[str, str]:
    return {
        "soap-fault": rough.fault(code, SECRET),
        "registry-error": rough.refused(code, context=SECRET),
        "hl7-acknowledgement": HL7.format(code, SECRET),
        "dmp-status": OUTPUT.format("anyResponse", code, SECRET),
    }


Run = Callable[[RoughServer], object]


def consult(server: RoughServer) -> DmpConsultation:
    config = replace(parcels.config(server.authority.directory, server.base_url), source_id=parcels.SOURCE_ID)
    return DmpConsultation(lambda: config)


READINGS: dict[str, Run] = {
    "TD0.2": lambda s: consult(s).state(READER, MOTHER),
    "TD1.3a": lambda s: consult(s).administrative(READER, MOTHER),
    "TD0.4": lambda s: consult(s).patients(READER, since=READER.signed_in_at),
    "TD1.6": lambda s: consult(s).accesses(READER, MOTHER),
    "TD3.1a": lambda s: consult(s).search(READER, MOTHER),
    "TD3.1a, changes": lambda s: consult(s).changes(READER, MOTHER, since=READER.signed_in_at, held=[]),
    "TD3.2": lambda s: consult(s).retrieve(READER, MOTHER, DOCUMENT),
    "TD3.3a": lambda s: consult(s).mask(READER, MOTHER, DOCUMENT, masked=True),
}
CHANGES: dict[str, Run] = {
    "TD0.3 AJOUT": lambda s: consult(s).authorize(READER, MOTHER, agreed_at=datetime.now(UTC)),
    "TD0.3 SUPPRESSION": lambda s: consult(s).revoke(READER, MOTHER),
    "TD3.3c": lambda s: consult(s).delete(READER, MOTHER, DOCUMENT),
    "TD3.3d": lambda s: consult(s).archive(READER, MOTHER, DOCUMENT, archived=True),
}


def failure(run: Run, server: RoughServer, *script: rough.Behaviour) -> ChannelError:
    server.script = list(script)
    with pytest.raises(ChannelError) as raised:
        run(server)
    assert SECRET not in f"{raised.value} {raised.value.message_fr} {raised.value.detail}"
    assert raised.value.message_fr.endswith(".") and "{" not in raised.value.message_fr
    return raised.value


@pytest.mark.parametrize("shape", shapes(""))
@pytest.mark.parametrize("call", READINGS | CHANGES)
def test_a_known_code_in_any_shape_on_any_consultation(server, call, shape):
    """A code of the table keeps its ruling whatever carries it."""
    error = failure((READINGS | CHANGES)[call], server, soap(shapes("DMPInvalidCertificate")[shape]))
    assert type(error) is PermanentChannelError
    assert (error.code, error.detail) == ("DMPInvalidCertificate", shape)
    assert (
        error.message_fr == "Le DMP refuse le certificat de l'établissement. L'administrateur doit corriger le réglage."
    )
    assert SECRET.encode() in error.raw  # kept for encrypted storage


@pytest.mark.parametrize("shape", shapes(""))
@pytest.mark.parametrize("call", READINGS)
def test_an_unknown_code_in_any_shape(server, call, shape):
    """Kept verbatim; a question to the record is then explained by its state, which says nothing here."""
    error = failure(READINGS[call], server, soap(shapes("A7-1-0042")[shape]), OPEN)
    assert (type(error), error.code) == (PermanentChannelError, "A7-1-0042")


@pytest.mark.parametrize("shape", shapes(""))
@pytest.mark.parametrize("action", [Action.SEND, Action.REPLACE, Action.WITHDRAW])
def test_any_shape_on_any_deposit(server, action, shape):
    """TD2.1a, TD2.1b, TD3.3c, after the questions that come first."""
    new = parcels.document(replaces=parcels.document() if action is Action.REPLACE else None)
    found = soap(rough.found("urn:uuid:00000000-0000-4000-8000-000000000007"))
    first = {Action.SEND: [OPEN], Action.REPLACE: [OPEN, found], Action.WITHDRAW: [found]}[action]
    parcel = parcels.parcel(new, action=action)

    def run(at: RoughServer) -> object:
        config = parcels.config(at.authority.directory, at.base_url)
        channel = DmpChannel(lambda: config)
        return channel.withdraw(parcel) if action is Action.WITHDRAW else channel.submit(parcel)

    error = failure(run, server, *first, soap(shapes("XDSRegistryMetadataError")[shape]))
    assert (type(error), error.code) == (PermanentChannelError, "XDSRegistryMetadataError")


@pytest.mark.parametrize("call", READINGS)
@pytest.mark.parametrize(
    "behaviour",
    [rough.cut, rough.http(500, b"<html/>"), rough.http(200, b"???"), soap(rough.fault("any", party="Receiver"))],
    ids=["cut", "500", "garbled", "receiver fault"],
)
def test_a_question_without_answer_is_temporary(server, call, behaviour):
    error = failure(READINGS[call], server, behaviour)
    assert type(error) is TemporaryChannelError
    assert error.message_fr == "Le DMP ne répond pas. Réessayez dans quelques minutes."
    assert len(server.requests) == 1


@pytest.mark.parametrize("call", CHANGES)
def test_a_change_without_answer_is_uncertain(server, call):
    """Asked again where the registry can tell (it cannot here): never done twice by itself."""
    error = failure(CHANGES[call], server, rough.cut, rough.cut)
    assert type(error) is UncertainChannelError
    assert error.message_fr.startswith("Le DMP n'a pas confirmé l'acte.")
    assert len(server.requests) == (2 if call.startswith("TD3.3") else 1)


@pytest.mark.parametrize(
    ("authorization", "code"),
    [("NON_EXISTE", "AUTHORIZATION_NONE"), ("EXPIRE", "AUTHORIZATION_EXPIRED"), ("VALIDE", "inconnu")],
)
def test_a_refusal_without_a_known_cause_is_explained_by_the_state(server, authorization, code):
    """The official codes are not public: TD0.2 tells why."""
    script = [soap(rough.refused("inconnu")), soap(rough.td02(authorization=authorization))]
    assert failure(READINGS["TD3.1a"], server, *script).code == code
