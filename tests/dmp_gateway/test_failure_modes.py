"""What goes wrong between perinat and the DMP, and which of the three failures the core is told.

Temporary: surely not received. Uncertain: perhaps received. Permanent: a person must act.
"""

from __future__ import annotations

import socket
import time
from dataclasses import replace

import pytest

from coordination.ports import (
    Action,
    PermanentChannelError,
    TemporaryChannelError,
    UncertainChannelError,
)
from dmp_gateway.channel import DmpChannel
from perinat.connectors.igc_sante.sandbox import spoiled
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.igc_sante.sandbox.spoiled import Flaw
from perinat.standards import codes
from tests.dmp_gateway import parcels
from tests.dmp_gateway import rough_server as rough
from tests.dmp_gateway.rough_server import OPEN, channel, fails, soap

# --- Not received: try again ------------------------------------------------------------------


def test_connection_refused_is_temporary(authority):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    config = parcels.config(authority.directory, f"https://127.0.0.1:{port}/services")
    with pytest.raises(TemporaryChannelError) as raised:
        DmpChannel(lambda: config).submit(parcels.parcel())
    assert raised.value.code == "UNREACHABLE"


def test_a_handshake_that_never_ends_is_temporary(authority):
    """Accepted by the system, served by nobody: nothing of the request was sent."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        config = parcels.config(authority.directory, f"https://127.0.0.1:{mute.getsockname()[1]}/services")
        quick = replace(config, connect_timeout=0.3, read_timeout=0.3)
        with pytest.raises(TemporaryChannelError):
            DmpChannel(lambda: quick).submit(parcels.parcel())


@pytest.mark.parametrize(
    "behaviour",
    [rough.cut, rough.http(500, b"<html/>"), rough.http(200, b"???"), soap(rough.registered())],
    ids=["cut", "500", "garbled", "other answer"],
)
def test_a_question_that_fails_is_temporary_whatever_the_failure(server, behaviour):
    """TD0.2 only asks: nothing has been deposited."""
    fails(TemporaryChannelError, server, behaviour)
    assert len(server.requests) == 1


def test_dmp_busy_is_temporary(server):
    error = fails(TemporaryChannelError, server, OPEN, soap(rough.refused("XDSRepositoryBusy")))
    assert error.code == "XDSRepositoryBusy"


# --- Perhaps received: ask before resending -----------------------------------------------------


def slow(exchange: rough.Exchange) -> bool:
    time.sleep(0.8)
    return False


def trickle(exchange: rough.Exchange) -> bool:
    """An answer that never ends, byte after byte, each in time."""
    exchange.wire.sendall(b"HTTP/1.1 200 X\r\nContent-Type: application/soap+xml\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(30):
        exchange.wire.sendall(b" ")
        time.sleep(0.1)
    return False


def truncated(exchange: rough.Exchange) -> bool:
    exchange.wire.sendall(b"HTTP/1.1 200 X\r\nContent-Type: application/soap+xml\r\nContent-Length: 999\r\n\r\n<s:Env")
    return False


def for_another_request(exchange: rough.Exchange) -> bool:
    return rough.http(200, rough.envelope(rough.registered(), "urn:uuid:other"))(exchange)


def endless(exchange: rough.Exchange) -> bool:
    """An answer without end, as fast as it goes."""
    exchange.wire.sendall(b"HTTP/1.1 200 X\r\nContent-Type: application/soap+xml\r\n\r\n")
    for _ in range(40):
        exchange.wire.sendall(b" " * 1_000_000)
    return False


def chunked(exchange: rough.Exchange) -> bool:
    """The right answer, in chunks as application servers send it."""
    body = rough.envelope(rough.registered(), exchange.message_id)
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:40], body[40:]))
    head = b"HTTP/1.1 200 X\r\nContent-Type: application/soap+xml\r\nTransfer-Encoding: chunked\r\n\r\n"
    exchange.wire.sendall(head + pieces + b"0\r\n\r\n")
    return True


def test_a_chunked_answer_is_read(server):
    server.script = [OPEN, chunked, OPEN, chunked]
    shared = channel(server)
    assert [shared.submit(parcels.parcel()).code for _ in range(2)] == ["Success", "Success"]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (endless, "UNKNOWN_OUTCOME"),
        (rough.cut, "UNKNOWN_OUTCOME"),
        (slow, "UNKNOWN_OUTCOME"),
        (trickle, "UNKNOWN_OUTCOME"),
        (truncated, "UNKNOWN_OUTCOME"),
        (rough.http(500, b"<html>panne</html>", "text/html"), "HTTP_500"),
        (rough.http(503, b""), "HTTP_503"),
        (rough.http(200, b"<html/>", "text/html"), "HTTP_200"),
        (rough.http(200, b"--b\r\n", "multipart/related; boundary=b"), "HTTP_200"),
        (rough.http(200, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "HTTP_200"),
        (for_another_request, "HTTP_200"),
        (soap(rough.found()), "GARBLED_ANSWER"),
        (soap(rough.refused("XDSRepositoryError")), "XDSRepositoryError"),
        (soap(rough.fault("dmp:Panne", party="Receiver"), status=500), "dmp:Panne"),
    ],
    ids=[
        "endless",
        "cut",
        "slow",
        "trickle",
        "truncated",
        "500",
        "503",
        "html",
        "mtom",
        "doctype",
        "other",
        "kind",
        "xds",
        "fault",
    ],
)
def test_a_deposit_without_a_clear_answer_is_uncertain(server, behaviour, code):
    begun = time.monotonic()
    error = fails(UncertainChannelError, server, OPEN, behaviour, read_timeout=0.5)
    assert error.code == code
    assert time.monotonic() - begun < 2
    assert len(server.requests) == 2


def test_nothing_is_sent_again_by_itself(server):
    fails(UncertainChannelError, server, OPEN, rough.cut)
    time.sleep(0.1)
    assert [exchange.path for exchange in server.requests] == ["/services/patients", "/services/repository"]


def test_a_deletion_without_answer_is_uncertain(server):
    server.script = [soap(rough.found("urn:uuid:1")), rough.cut]
    with pytest.raises(UncertainChannelError):
        channel(server).withdraw(parcels.parcel(action=Action.WITHDRAW))


# --- A person must act -----------------------------------------------------------------------


def test_fault_in_a_500_is_read_not_guessed(server):
    reason = "VIHF - Not a valid signature certificate"
    error = fails(
        PermanentChannelError, server, OPEN, soap(rough.fault("soap:DMPInvalidCertificate", reason), status=500)
    )
    assert error.code == "DMPInvalidCertificate"
    assert error.message_fr.startswith("Le DMP refuse le certificat de l'établissement.")
    assert error.raw and b"DMPInvalidCertificate" in error.raw
    assert not error.functional


def test_an_unknown_code_keeps_its_name(server):
    error = fails(PermanentChannelError, server, OPEN, soap(rough.refused("DMPXyz42")))
    assert error.code == "DMPXyz42"


def test_the_gravest_of_several_errors_decides(server):
    answer = rough.refused("XDSRepositoryBusy", "InvalidDocumentContent")
    assert fails(PermanentChannelError, server, OPEN, soap(answer)).code == "InvalidDocumentContent"


def test_known_texts_speak_when_codes_do_not(server):
    answer = rough.refused("DMPXyz42", context="Structure introuvable ou Inactive")
    error = fails(PermanentChannelError, server, OPEN, soap(answer))
    assert "ne reconnaît pas l'établissement" in error.message_fr


def test_an_error_never_shows_what_the_dmp_wrote(server):
    answer = rough.refused("XDSUnknownPatientId", context="FICTIVE JEANNE 291037864600137")
    error = fails(PermanentChannelError, server, OPEN, soap(answer))
    for text in (str(error), error.detail, error.message_fr):
        assert "FICTIVE" not in text and "2910378" not in text


@pytest.mark.parametrize(("status", "code"), [(403, "HTTP_403"), (413, "HTTP_413"), (302, "HTTP_302")])
def test_refused_at_the_door(server, status, code):
    assert fails(PermanentChannelError, server, OPEN, rough.http(status, b"non", "text/html")).code == code


def test_too_many_requests_is_temporary(server):
    fails(TemporaryChannelError, server, OPEN, rough.http(429, b"", "text/html"))


@pytest.mark.parametrize(
    ("answer", "code", "sentence"),
    [
        (rough.td02("NF"), "NF", "Il n'y a pas de DMP à ce nom. Rien à faire côté DMP."),
        (
            rough.td02(authorization="INTERDIT"),
            "INTERDIT",
            "L'accès de l'établissement au DMP est refusé par la patiente. Rien à faire côté DMP.",
        ),
        (
            rough.td02(
                patient='<statusCode code="terminated"/><subjectOf><administrativeObservation>'
                '<value code="FERMETURE_DEMANDE_PATIENT"/></administrativeObservation></subjectOf>'
            ),
            "FERMETURE_DEMANDE_PATIENT",
            "Le DMP est fermé à la demande de la patiente. Rien à faire côté DMP.",
        ),
        (
            rough.td02(patient='<statusCode code="terminated"/>'),
            "DMPClosed",
            "Le DMP est fermé. Rien à faire côté DMP.",
        ),
        (rough.fault("soap:DMPClosed"), "DMPClosed", "Le DMP est fermé. Rien à faire côté DMP."),
    ],
    ids=["none", "opposition", "closed by her", "closed", "fault"],
)
def test_answers_about_the_patient_are_functional(server, answer, code, sentence):
    error = fails(PermanentChannelError, server, soap(answer))
    assert (error.functional, error.code, error.message_fr) == (True, code, sentence)
    assert len(server.requests) == 1


def test_a_child_is_spoken_of_by_its_representatives(server):
    closed = rough.td02(
        patient="<subjectOf><administrativeObservation>"
        '<value code="FERMETURE_DEMANDE_PATIENT"/></administrativeObservation></subjectOf>'
    )
    newborn = parcels.parcel(patient=parcels.NEWBORN)
    error = fails(PermanentChannelError, server, soap(closed), parcel=newborn)
    assert error.message_fr == "Le DMP est fermé à la demande des représentants légaux. Rien à faire côté DMP."


@pytest.mark.parametrize("authorization", ["VALIDE", "NON_EXISTE", "EXPIRE"])
def test_feeding_needs_no_authorisation(server, authorization):
    server.script = [soap(rough.td02(authorization=authorization)), soap(rough.registered())]
    assert channel(server).submit(parcels.parcel()).code == "Success"


def test_hl7_and_dmp_status_refusals_are_read_too(server):
    refused = (
        '<PRPA_IN201308UV02 xmlns="urn:hl7-org:v3"><acknowledgement typeCode="AE"><acknowledgementDetail>'
        '<code code="DMPZzz"/><text>Erreur</text></acknowledgementDetail></acknowledgement></PRPA_IN201308UV02>'
    )
    assert fails(PermanentChannelError, server, soap(refused)).code == "DMPZzz"
    status = '<o:r xmlns:o="urn:si-dmp"><output><status>DMPClosed</status><context>x</context></output></o:r>'
    assert fails(PermanentChannelError, server, soap(status)).functional


# --- Refused by perinat before any call ----------------------------------------------------------


def test_what_perinat_can_see_is_never_sent(server):
    both = parcels.parcel(parcels.document(masks=(codes.MASQUE_PS, codes.INVISIBLE_PATIENT)))
    assert fails(PermanentChannelError, server, parcel=both).code == "MASKS_EXCLUSIVE"
    assert fails(PermanentChannelError, server, max_bytes=1000).code == "TOO_LARGE"
    unqualified = replace(parcels.MOTHER, ins=None)
    assert fails(PermanentChannelError, server, parcel=parcels.parcel(patient=unqualified)).code == "INS_MISSING"
    true_ins = replace(parcels.MOTHER, ins=replace(parcels.MOTHER.ins, oid="1.2.250.1.213.1.4.8"))
    assert fails(PermanentChannelError, server, parcel=parcels.parcel(patient=true_ins)).code == "INS_NOT_ALLOWED"
    doctor = parcels.parcel(sent_by=parcels.sender(parcels.MIDWIFE, "10"))
    assert fails(PermanentChannelError, server, parcel=doctor).code == "SPECIALTY_MISSING"
    strange = parcels.parcel(sent_by=replace(parcels.sender(), legal_struct_idnat="../../etc"))
    assert fails(PermanentChannelError, server, parcel=strange).code == "CERTIFICATE_UNUSABLE"
    broken = replace(parcels.document(), cda=b"%PDF-1.4")
    assert fails(PermanentChannelError, server, OPEN, parcel=parcels.parcel(broken)).code == "DOCUMENT_UNFIT"
    assert len(server.requests) == 1


# --- Certificates ----------------------------------------------------------------------------


@pytest.mark.parametrize("flaw", [Flaw.EXPIRED, Flaw.OTHER_AUTHORITY, Flaw.WRONG_USAGE])
def test_a_certificate_refused_by_the_server_is_permanent(server, authority, tmp_path, flaw):
    """The handshake fails: nothing was received, and trying again would not help."""
    good = authority.structure(parcels.EJ)
    bad = spoiled.issue(authority, parcels.EJ, flaw)
    folder = tmp_path / "structures" / parcels.EJ
    folder.mkdir(parents=True)
    for source, name in [(bad.auth_pem, "auth.pem"), (bad.auth_key, "auth.key")]:
        (folder / name).write_bytes(source.read_bytes())
    for source, name in [(good.sign_pem, "sign.pem"), (good.sign_key, "sign.key")]:
        (folder / name).write_bytes(source.read_bytes())
    (tmp_path / "ca.pem").write_bytes(authority.ca_pem.read_bytes())
    error = fails(PermanentChannelError, server, OPEN, pki_dir=tmp_path)
    assert error.code == "CERTIFICATE_REFUSED"
    assert server.requests == []


@pytest.mark.parametrize("flaw", [Flaw.EXPIRED, Flaw.WRONG_USAGE])
def test_a_signing_certificate_that_cannot_serve_is_seen_before_any_call(server, authority, tmp_path, flaw):
    bad = spoiled.issue(authority, parcels.EJ, flaw)
    folder = tmp_path / "structures" / parcels.EJ
    folder.mkdir(parents=True)
    (folder / "sign.pem").write_bytes(bad.sign_pem.read_bytes())
    (folder / "sign.key").write_bytes(bad.sign_key.read_bytes())
    assert fails(PermanentChannelError, server, pki_dir=tmp_path).code == "CERTIFICATE_UNUSABLE"
    assert server.requests == []


def test_an_absent_certificate_is_seen_before_any_call(server, tmp_path):
    assert fails(PermanentChannelError, server, pki_dir=tmp_path).code == "CERTIFICATE_UNUSABLE"
    assert server.requests == []


def test_a_server_that_is_not_the_dmp_gets_nothing(server, tmp_path):
    stranger = SandboxAuthority(tmp_path)
    stranger.ensure([parcels.EJ])
    error = fails(PermanentChannelError, server, pki_dir=tmp_path)
    assert error.code == "SERVER_NOT_TRUSTED"
    assert server.requests == []
