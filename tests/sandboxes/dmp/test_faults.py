"""Scripted faults: what is kept, what the client sees, and how a pause is released."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from dmp_gateway.sandbox.faults import Kind
from dmp_gateway.sandbox.server import DmpSandbox
from perinat.connectors.igc_sante.sandbox import spoiled
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.igc_sante.sandbox.spoiled import Flaw
from tests.sandboxes.dmp.base import EJ
from tests.sandboxes.dmp.conftest import Caller, make_caller
from tests.sandboxes.dmp.content import Document
from tests.sandboxes.dmp.messages import Lot
from tests.sandboxes.dmp.plain_client import Answer, admin

CUT = (ConnectionError, http.client.HTTPException, ssl.SSLError)


def deposit_and_lose(caller: Caller) -> None:
    with pytest.raises(CUT):
        caller.deposit(Lot((Document(),)))
    caller.client.close()


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("cut_before_reading", 0),
        ("cut_while_reading", 0),
        ("cut_before_storing", 0),
        ("cut_after_storing", 1),
        ("truncated", 1),
    ],
)
def test_a_cut_connection(caller: Caller, kind: str, kept: int) -> None:
    caller.fault(kind, endpoint="repository")
    deposit_and_lose(caller)
    assert len(caller.stored()) == kept
    assert caller.deposit(Lot((Document(),))).success


@pytest.mark.parametrize(
    ("kind", "status", "code", "kept"),
    [
        ("http_500", 500, None, 0),
        ("soap_fault", 500, "sandbox:Fault", 0),
        ("busy", 200, "XDSRepositoryBusy", 0),
        ("duplicate", 200, "XDSDuplicateUniqueIdInRegistry", 1),
    ],
)
def test_a_wrong_answer(caller: Caller, kind: str, status: int, code: str | None, kept: int) -> None:
    caller.fault(kind)
    answer = caller.deposit(Lot((Document(),)))
    assert answer.status == status
    if code is not None:
        assert answer.codes == [code]
    assert len(caller.stored()) == kept


def test_a_garbled_answer_is_no_xml(caller: Caller) -> None:
    caller.fault("garbled")
    answer = caller.deposit(Lot((Document(),)))
    assert answer.status == 200
    with pytest.raises(SyntaxError):
        assert answer.tree is None
    assert len(caller.stored()) == 1


def test_an_answer_sent_twice_disturbs_the_next_request(caller: Caller) -> None:
    caller.fault("answer_twice")
    first = caller.exists()
    connection = caller.client.connection
    assert first.status == 200
    assert connection.sock is not None
    assert connection.sock.recv(12) == b"HTTP/1.1 200"


def test_a_slow_answer_comes_whole(caller: Caller) -> None:
    caller.fault("slow", seconds=0.005)
    started = time.perf_counter()
    assert caller.deposit(Lot((Document(),))).success
    assert time.perf_counter() - started > 0.03


@pytest.mark.parametrize(
    ("kind", "kept_meanwhile"),
    [("pause_before_reading", 0), ("pause_before_storing", 0), ("pause_before_answering", 1)],
)
def test_a_pause_lasts_until_released(caller: Caller, kind: str, kept_meanwhile: int) -> None:
    caller.fault(kind, id="attente", endpoint="repository")
    answers: list[Answer] = []
    sending = threading.Thread(target=lambda: answers.append(caller.deposit(Lot((Document(),)))))
    sending.start()
    wait_for_pause(caller.admin_url)
    assert len(caller.stored()) == kept_meanwhile
    assert answers == []
    assert admin(f"{caller.admin_url}/faults/release/attente", "POST") == {"released": 1}
    sending.join(10)
    assert answers[0].success
    assert len(caller.stored()) == 1


def test_a_paused_deposit_does_not_hold_the_others(
    caller: Caller, sandbox: DmpSandbox, authority: SandboxAuthority
) -> None:
    caller.fault("pause_before_storing", times=1)
    sending = threading.Thread(target=caller.deposit, args=(Lot((Document(),)),))
    sending.start()
    wait_for_pause(caller.admin_url)
    second = make_caller(sandbox, authority, EJ)
    assert second.deposit(Lot((Document(),))).success
    second.client.close()
    admin(f"{caller.admin_url}/faults", "DELETE")
    sending.join(10)
    assert len(caller.stored()) == 2


def wait_for_pause(url: str) -> None:
    for _ in range(500):
        if any(fault["waiting"] for fault in admin(f"{url}/faults")):
            return
        time.sleep(0.01)
    raise AssertionError("no request met the pause")


def test_a_fault_hits_the_requests_it_names(caller: Caller) -> None:
    caller.fault("soap_fault", endpoint="repository", transaction="2.1b", code="soap:Essai", reason="Essai.")
    assert caller.exists().codes == []
    first = Document()
    assert caller.deposit(Lot((first,))).success
    answer = caller.deposit(Lot((first.next_version(),), replaces=caller.entry_uuid(first)))
    assert answer.codes == ["soap:Essai"]
    assert caller.deposit(Lot((Document(),))).success


def test_a_fault_hits_as_often_as_said(caller: Caller) -> None:
    caller.fault("busy", times=2)
    assert [caller.deposit(Lot((Document(),))).success for _ in range(3)] == [False, False, True]
    caller.fault("busy", times=None, rate=0.5)
    outcomes = {caller.deposit(Lot((Document(),))).success for _ in range(20)}
    assert outcomes == {True, False}
    assert admin(f"{caller.admin_url}/faults")[0]["hits"] == 2


@pytest.mark.parametrize("shape", ["soap", "registry", "hl7", "status"])
def test_a_refusal_in_any_of_the_four_shapes(caller: Caller, shape: str) -> None:
    caller.fault("refusal", shape=shape, code="A7-1-0042", party="Sender")
    answer = caller.deposit(Lot((Document(),)))
    assert b"A7-1-0042" in answer.body
    assert answer.status == (500 if shape == "soap" else 200)
    assert caller.stored() == []


@pytest.mark.parametrize("status", [403, 500])
def test_any_http_status_before_and_after_storing(caller: Caller, status: int) -> None:
    caller.fault("http_500", status=status)
    assert caller.deposit(Lot((Document(),))).status == status
    assert caller.stored() == []
    caller.fault("http_after_storing", status=status)
    assert caller.deposit(Lot((Document(),))).status == status
    assert len(caller.stored()) == 1


@pytest.mark.parametrize(
    ("kind", "content_type", "wrong"),
    [
        ("not_xml", "text/html", b"<html>"),
        ("empty", "application/soap+xml", b""),
        ("wrong_type", "application/octet-stream", b"Success"),
        ("other_request", "application/soap+xml", b"urn:uuid:00000000-0000-4000-8000-000000000000"),
        ("cut_multipart", "multipart/related", b"--b"),
    ],
)
def test_a_wrong_body_once_the_act_is_done(caller: Caller, kind: str, content_type: str, wrong: bytes) -> None:
    caller.fault(kind)
    answer = caller.deposit(Lot((Document(),)))
    assert answer.status == 200 and answer.content_type.startswith(content_type)
    assert wrong in answer.body and (wrong or not answer.body)
    assert len(caller.stored()) == 1


def test_a_connection_refused_before_any_handshake(caller: Caller) -> None:
    caller.client.close()
    caller.fault("connection_refused")
    deposit_and_lose(caller)
    assert caller.stored() == []
    assert caller.deposit(Lot((Document(),))).success


def test_busy_speaks_the_language_of_each_endpoint(caller: Caller) -> None:
    caller.fault("busy", times=None)
    assert caller.exists().codes == ["sandbox:Busy"]
    assert caller.find("2.25.1").codes == ["XDSRegistryBusy"]


def test_the_journal_names_the_fault(caller: Caller) -> None:
    caller.fault("cut_after_storing")
    deposit_and_lose(caller)
    last = caller.last_request()
    assert (last["fault"], last["verdict"]) == ("cut_after_storing", "accepted")


@pytest.mark.parametrize("wrong", [{"kind": "inconnue"}, {}, {"kind": "busy", "times": "deux"}])
def test_a_wrong_script_is_refused(sandbox: DmpSandbox, wrong: dict[str, Any]) -> None:
    with pytest.raises(OSError, match="400"):
        admin(f"{sandbox.admin_url}/faults", "PUT", wrong)


def test_every_kind_of_fault_has_a_test() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in Kind if f'"{kind.value}"' not in source] == []


def test_a_fault_lets_the_requests_before_it_go(caller: Caller) -> None:
    """Those that another fault hits are counted too."""
    caller.fault("soap_fault", code="soap:Premiere")
    caller.fault("soap_fault", code="soap:Troisieme", after=2)
    assert [caller.exists().codes for _ in range(4)] == [["soap:Premiere"], [], ["soap:Troisieme"], []]


def test_a_renewed_certificate_is_shown_at_the_next_connection(
    sandbox: DmpSandbox, authority: SandboxAuthority
) -> None:
    files = [authority.server_pem, authority.server_key]
    kept = [(path, path.read_bytes()) for path in files]
    try:
        for bad in spoiled.issue_server(authority, Flaw.EXPIRED):
            (authority.directory / bad.name).write_bytes(bad.read_bytes())
        stranger = make_caller(sandbox, authority, EJ)
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            stranger.exists()
    finally:
        for path, data in kept:
            path.write_bytes(data)
    again = make_caller(sandbox, authority, EJ)
    assert again.exists().status == 200
    again.client.close()
