"""Requests that fail at the door: TLS, HTTP, SOAP, WS-Addressing, endpoint (dmp.md §1.2, §7 (1))."""

from __future__ import annotations

import http.client
import ssl

import pytest

from dmp_gateway.sandbox.server import DmpSandbox
from perinat.connectors.igc_sante.sandbox import spoiled
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.igc_sante.sandbox.spoiled import Flaw
from tests.sandboxes.dmp import messages
from tests.sandboxes.dmp.base import EJ, Edits
from tests.sandboxes.dmp.conftest import Caller
from tests.sandboxes.dmp.content import Document
from tests.sandboxes.dmp.messages import EXISTENCE, Lot, envelope, existence
from tests.sandboxes.dmp.plain_client import PlainClient, multipart, tls_context

TLS_REFUSED = (ssl.SSLError, ConnectionError, http.client.HTTPException)


def test_a_client_without_certificate_is_refused(sandbox: DmpSandbox, authority: SandboxAuthority) -> None:
    client = PlainClient(sandbox.base_url, tls_context(authority.ca_pem, None, None))
    with pytest.raises(TLS_REFUSED):
        client.post("/patients", b"")
    client.close()


@pytest.mark.parametrize("flaw", [Flaw.EXPIRED, Flaw.NOT_YET_VALID, Flaw.OTHER_AUTHORITY, Flaw.WRONG_USAGE])
def test_a_spoiled_tls_certificate_is_refused(sandbox: DmpSandbox, authority: SandboxAuthority, flaw: Flaw) -> None:
    files = spoiled.issue(authority, EJ, flaw)
    client = PlainClient(sandbox.base_url, tls_context(authority.ca_pem, files.auth_pem, files.auth_key))
    with pytest.raises(TLS_REFUSED):
        client.post("/patients", b"")
    client.close()


def test_the_signature_certificate_does_not_open_a_connection(
    sandbox: DmpSandbox, authority: SandboxAuthority, caller: Caller
) -> None:
    files = authority.structure(EJ)
    client = PlainClient(sandbox.base_url, tls_context(authority.ca_pem, files.sign_pem, files.sign_key))
    answer = client.post("/patients", envelope(EXISTENCE, caller.vihf(), existence()))
    client.close()
    assert answer.codes == ["soap:DMPInvalidCertificate"]


def test_only_tls_1_2_is_spoken(sandbox: DmpSandbox, authority: SandboxAuthority, caller: Caller) -> None:
    caller.exists()
    socket = caller.client.connection.sock
    assert isinstance(socket, ssl.SSLSocket)
    assert socket.version() == "TLSv1.2"


@pytest.mark.parametrize("header", ["Action", "MessageID", "ReplyTo", "To"])
def test_each_addressing_header_is_required(caller: Caller, header: str) -> None:
    body = envelope(EXISTENCE, caller.vihf(), existence(), edit=((f"a:{header}", f"a:Other{header}"),))
    answer = caller.client.post("/patients", body)
    assert answer.codes == ["wsa:MessageAddressingHeaderRequired"]
    assert "A required header representing a Message Addressing Property is not present" in answer.reasons


ENVELOPES: list[tuple[str, Edits, str]] = [
    ("message id that is no uuid", (("<a:MessageID>urn:uuid:", "<a:MessageID>id:"),), "wsa:InvalidAddressingHeader"),
    ("reply elsewhere", (("addressing/anonymous", "addressing/none"),), "wsa:InvalidAddressingHeader"),
    ("header twice", (("<a:To/>", "<a:To/><a:To/>"),), "wsa:InvalidAddressingHeader"),
    ("unknown action", (("PRPA_IN201307UV02</a:Action>", "PRPA_IN999999UV02</a:Action>"),), "wsa:ActionNotSupported"),
    ("two bodies", (("</s:Body>", "<other/></s:Body>"),), "sandbox:BodyInvalid"),
    (
        "SOAP 1.1",
        (("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/"),),
        "sandbox:Soap12Required",
    ),
]


@pytest.mark.parametrize(("edit", "code"), [case[1:] for case in ENVELOPES], ids=[case[0] for case in ENVELOPES])
def test_envelopes_refused(caller: Caller, edit: Edits, code: str) -> None:
    body = envelope(EXISTENCE, caller.vihf(), existence(), edit=edit)
    assert caller.client.post("/patients", body).codes == [code]


def test_an_action_belongs_to_its_endpoint(caller: Caller) -> None:
    answer = caller.client.post("/registry", envelope(EXISTENCE, caller.vihf(), existence()))
    assert answer.codes == ["wsa:ActionNotSupported"]


def test_text_xml_is_not_soap_12(caller: Caller) -> None:
    answer = caller.client.post("/patients", envelope(EXISTENCE, caller.vihf(), existence()), "text/xml")
    assert answer.status == 415


def test_action_of_the_content_type_must_agree(caller: Caller) -> None:
    body = envelope(EXISTENCE, caller.vihf(), existence())
    answer = caller.client.post("/patients", body, 'application/soap+xml; action="urn:other"')
    assert answer.codes == ["wsa:ActionMismatch"]


@pytest.mark.parametrize("attack", [b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", b"<x", b""])
def test_unsafe_or_broken_xml_is_refused(caller: Caller, attack: bytes) -> None:
    assert caller.client.post("/patients", attack).status == 400


def test_a_body_above_the_bound_is_not_read(caller: Caller, sandbox: DmpSandbox) -> None:
    """The answer 413 is read, or lost to the reset that follows it when the client is still sending."""
    sandbox.limit(request_bytes=1000)
    try:
        status = caller.client.post("/repository", b"x" * 2_000_000).status
    except TLS_REFUSED:
        status = 413
    assert status == 413
    assert caller.last_request()["code"] == "HTTP 413"


def test_a_deposit_is_mtom(caller: Caller) -> None:
    body, _ = Lot((Document(),)).message(caller.vihf(), caller.signer)
    root = body.split(b"\r\n\r\n", 1)[1].split(b"\r\n--uuid")[0]
    assert caller.client.post("/repository", root).codes == ["sandbox:MtomExpected"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"type": "text/xml"}, 415),
        ({"start-info": "text/xml"}, 415),
        ({"boundary": ""}, 400),
        ({"boundary": "another"}, 400),
        ({"start": "<nowhere@essai>"}, 400),
    ],
)
def test_malformed_multipart_is_refused(caller: Caller, changes: dict[str, str], status: int) -> None:
    body, content_type = multipart(envelope(messages.DEPOSIT, caller.vihf(), "<x/>"), [], **changes)
    assert caller.client.post("/repository", body, content_type).status == status


def test_a_truncated_multipart_is_refused(caller: Caller) -> None:
    body, content_type = Lot((Document(),)).message(caller.vihf(), caller.signer)
    assert caller.client.post("/repository", body[:-60], content_type).status == 400
