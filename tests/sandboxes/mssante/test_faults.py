"""Scripted faults of the submission door: what the client sees, what the disk holds."""

from __future__ import annotations

import json
import smtplib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mssante.sandbox.server import MssanteSandbox
from tests.sandboxes.mssante import mails
from tests.sandboxes.mssante.conftest import Http, wait_for

Connect = Callable[..., smtplib.SMTP]
RAW = mails.Draft().raw()
INBOX = Path("operator/mailboxes") / mails.MIDWIFE / "INBOX/messages.jsonl"


def added(tmp_path: Path) -> list[str]:
    """Message-IDs in the recipient's folder, read as an outside reader would."""
    path = tmp_path / INBOX
    lines = path.read_text().splitlines() if path.exists() else []
    return [record["message_id"] for record in map(json.loads, lines) if record["event"] == "added"]


def send(client: smtplib.SMTP) -> None:
    client.sendmail(mails.HOSPITAL, [mails.MIDWIFE], RAW)


def test_pause_before_the_banner(sandbox: MssanteSandbox, admin: Http) -> None:
    admin.call("POST", "/faults", {"id": "b", "point": "smtp.banner", "action": "pause"})
    opened: list[smtplib.SMTP] = []
    client = threading.Thread(target=lambda: opened.append(smtplib.SMTP("localhost", sandbox.smtp_port)))
    client.start()
    wait_for(lambda: admin.call("GET", "/faults")[0]["waiting"] == 1)
    assert opened == []
    assert admin.call("POST", "/faults/b/release") == {"released": True}
    client.join()
    opened[0].quit()


@pytest.mark.parametrize(
    ("point", "stored"), [("smtp.rcpt", 0), ("smtp.data", 0), ("smtp.store", 0), ("smtp.answer", 1)]
)
def test_pause_until_released(smtp: Connect, admin: Http, tmp_path: Path, point: str, stored: int) -> None:
    fault = {"id": "p", "point": point, "action": "pause", "match": {"sender": mails.HOSPITAL}}
    admin.call("PUT", "/faults", [fault])
    client = smtp()
    sending = threading.Thread(target=send, args=[client])
    sending.start()
    wait_for(lambda: admin.call("GET", "/faults")[0]["waiting"] == 1)
    assert len(added(tmp_path)) == stored
    admin.call("POST", "/faults/p/release")
    sending.join()
    assert added(tmp_path) == ["<essai.1@maternite.mssante.example>"]


@pytest.mark.parametrize(("point", "stored"), [("smtp.store", 0), ("smtp.answer", 1)])
def test_cut_after_data(smtp: Connect, admin: Http, tmp_path: Path, point: str, stored: int) -> None:
    match = {"message_id": "essai.1@maternite.mssante.example"}
    admin.call("POST", "/faults", {"point": point, "action": "cut", "match": match})
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp())
    assert len(added(tmp_path)) == stored
    send(smtp())  # struck once only
    assert len(added(tmp_path)) == stored + 1


@pytest.mark.parametrize(
    ("point", "text"),
    [
        ("smtp.banner", "421 4.3.2 maintenance"),
        ("smtp.mail", "451 4.3.0 plus tard"),
        ("smtp.rcpt", "450 4.2.0 liste grise"),
        ("smtp.store", "451 4.3.0 disque plein"),
        ("smtp.answer", "451 4.3.0 menteur"),
    ],
)
def test_temporary_replies(smtp: Connect, admin: Http, tmp_path: Path, point: str, text: str) -> None:
    admin.call("POST", "/faults", {"point": point, "action": "reply", "text": text})
    with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)) as refusal:
        send(smtp())
    assert text[:3] in str(refusal.value)
    assert len(added(tmp_path)) == (point == "smtp.answer")


def test_421_ends_the_session(smtp: Connect, admin: Http) -> None:
    client = smtp()
    admin.call("POST", "/faults", {"point": "smtp.noop", "action": "reply", "text": "421 4.3.2 bye"})
    assert client.noop()[0] == 421
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()


def test_garbled_and_slow(smtp: Connect, admin: Http, tmp_path: Path) -> None:
    admin.call("POST", "/faults", {"point": "smtp.answer", "action": "garble"})
    with pytest.raises((smtplib.SMTPException, ValueError)):
        send(smtp())
    assert len(added(tmp_path)) == 1
    admin.call("POST", "/faults", {"point": "smtp.answer", "action": "slow", "seconds": 0.3})
    client = smtp()
    assert client.sock is not None
    client.sock.settimeout(0.1)
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        send(client)
    assert len(added(tmp_path)) == 2


def test_faults_of_others_do_not_strike(smtp: Connect, admin: Http) -> None:
    admin.call("POST", "/faults", {"point": "smtp.rcpt", "action": "cut", "match": {"recipient": "x@y.example"}})
    send(smtp())
    assert admin.call("GET", "/faults")[0]["hits"] == 0
    assert admin.call("DELETE", "/faults") == []


@pytest.mark.parametrize(
    "fault",
    [{"point": "moon", "action": "cut"}, {"point": "smtp.rcpt", "action": "drop"}, {"point": "receipt", "colour": 1}],
)
def test_wrong_script_is_refused(admin: Http, fault: dict[str, object]) -> None:
    assert admin.status("POST", "/faults", fault) == 422
