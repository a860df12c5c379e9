"""Administration, files for an outside reader, restart, and the web mail page."""

from __future__ import annotations

import hashlib
import http.client
import json
import smtplib
from collections.abc import Callable
from pathlib import Path

import pytest

from mssante.sandbox.server import MssanteSandbox
from tests.sandboxes.mssante import mails
from tests.sandboxes.mssante.conftest import STRUCT, Http, tls, wait_for

Connect = Callable[..., smtplib.SMTP]
NEW = {"address": "Boite.Neuve@nouveau.mssante.example", "kind": "PER", "password": "x", "behaviour": "reader"}


def submit(sandbox: MssanteSandbox, pki: Path, raw: bytes, options: tuple[str, ...] = ()) -> None:
    with smtplib.SMTP("localhost", sandbox.smtp_port) as client:
        client.starttls(context=tls(pki, STRUCT))
        client.ehlo()
        client.auth("EXTERNAL", lambda challenge=None: mails.HOSPITAL)
        client.sendmail(mails.HOSPITAL, [mails.MIDWIFE], raw, (), options)


def test_mailboxes(admin: Http) -> None:
    made = admin.call("PUT", "/mailboxes", NEW)
    assert made["address"] == "boite.neuve@nouveau.mssante.example"
    assert {"domain": "nouveau.mssante.example", "hosted": True} in admin.call("GET", "/domains")
    assert admin.call("PUT", "/mailboxes/boite.neuve@nouveau.mssante.example", {"delay_s": 3})["delay_s"] == 3
    assert admin.call("GET", "/mailboxes/boite.neuve@nouveau.mssante.example")["behaviour"] == "reader"
    assert admin.call("DELETE", "/mailboxes/boite.neuve@nouveau.mssante.example") == {"removed": True}
    assert admin.status("GET", "/mailboxes/boite.neuve@nouveau.mssante.example") == 404


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "XXX"},
        {"kind": "APP"},
        {"behaviour": "sleepy"},
        {"address": "../../etc@x.example"},
        {"error": "999"},
        {"smtp_code": "250"},
        {"colour": "blue"},
    ],
)
def test_impossible_mailboxes(admin: Http, change: dict[str, str]) -> None:
    assert admin.status("PUT", "/mailboxes", NEW | change) == 422


def test_type_of_a_mailbox_is_immutable(admin: Http) -> None:
    assert admin.status("PUT", f"/mailboxes/{mails.MIDWIFE}", {"kind": "ORG"}) == 422


def test_white_list_has_the_official_form(admin: Http) -> None:
    text = admin.call("GET", "/listeblanchemssante.xml").decode()
    assert 'xmlns="https://listeblanche.mssante.fr/schema"' in text
    assert "<Domaine><Nom>patient.mssante.fr</Nom></Domaine>" in text


def test_wrong_requests(admin: Http, sandbox: MssanteSandbox) -> None:
    assert admin.status("GET", "/nothing") == 404
    assert admin.status("PUT", "/settings", {"lint": "maybe"}) == 422
    assert admin.status("PUT", "/settings", {"max_bytes": "big"}) == 422
    assert admin.status("PUT", "/settings", b"{") == 400
    assert admin.status("PUT", "/tokens", {}) == 422
    assert admin.status("GET", "/messages/unknown/raw") == 404
    assert admin.status("POST", "/uidvalidity", {"address": mails.MIDWIFE, "folder": "None"}) == 404
    stranger = http.client.HTTPConnection("127.0.0.1", int(sandbox.admin_url.rpartition(":")[2]))
    stranger.request("GET", "/messages", headers={"Host": "attacker.example"})
    assert stranger.getresponse().status == 421
    stranger.close()


def test_messages_lint_and_indicators(smtp: Connect, admin: Http) -> None:
    raw = mails.Draft().raw()
    smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], raw)
    (record,) = admin.call("GET", f"/messages?mailbox={mails.MIDWIFE}&message_id=essai.1@maternite.mssante.example")
    assert admin.call("GET", f"/messages/{record['id']}/raw").endswith(raw)
    (submission,) = admin.call("GET", "/submissions")
    assert submission["sender"] == mails.HOSPITAL
    assert submission["stored_in"] == [mails.MIDWIFE]
    assert admin.call("GET", "/indicators") == {"PERINAT000000": 1}
    (finding,) = admin.call("POST", f"/lint?from={mails.HOSPITAL}", raw.replace(b"X-MSS-NIL", b"X-OTHER"))
    assert finding["clause"] == "ECO.2.4.3"
    assert admin.call("POST", "/reset", {}) == {"reset": True}
    assert admin.call("GET", "/messages") == admin.call("GET", "/submissions") == []


def test_page(smtp: Connect, admin: Http) -> None:
    smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], mails.Draft().raw())
    with pytest.raises(smtplib.SMTPDataError):
        smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], mails.Draft().with_headers(X_MSS_NIL=None).raw())
    home = admin.call("GET", "/").decode()
    assert '<html lang="fr">' in home
    assert "Opérateur MSSanté fictif" in home
    assert "CORSE-ETE" in admin.call("GET", f"/box/{mails.MIDWIFE}").decode()
    (record,) = admin.call("GET", "/messages")
    shown = admin.call("GET", f"/mail/{record['id']}").decode()
    assert "IHE_XDM.zip" in shown
    assert "Voici le compte rendu" in shown
    assert "ECO.2.4.3" in admin.call("GET", "/refus").decode()


def test_page_escapes(admin: Http) -> None:
    mail = mails.letter(Subject="<script>alert(1)</script>")
    admin.call("POST", f"/inject?mailbox={mails.MIDWIFE}", mail.as_bytes())
    assert "<script" not in admin.call("GET", f"/box/{mails.MIDWIFE}").decode()


def test_outside_reader_finds_exact_bytes(smtp: Connect, tmp_path: Path) -> None:
    raw = mails.Draft().raw()
    smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], raw)
    folder = tmp_path / "operator" / "mailboxes" / mails.MIDWIFE / "INBOX"
    lines = [json.loads(line) for line in (folder / "messages.jsonl").read_text().splitlines()]
    (record,) = (line for line in lines if line["event"] == "added")
    data = (folder / record["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == record["sha256"]
    assert data.endswith(raw)


def test_restart_keeps_everything(tmp_path: Path, pki: Path) -> None:
    directory = tmp_path / "operator"
    with MssanteSandbox(directory, pki, automatic=False) as first:
        admin = Http(first.admin_url)
        admin.call("PUT", f"/mailboxes/{mails.MIDWIFE}", {"behaviour": "silent"})
        submit(first, pki, mails.Draft().raw(), ("NOTIFY=SUCCESS",))
        assert len(admin.call("GET", "/agenda")) == 1
    journal = directory / "mailboxes" / mails.MIDWIFE / "INBOX" / "messages.jsonl"
    with journal.open("ab") as torn:
        torn.write(b'{"event": "added", "uid"')
    with MssanteSandbox(directory, pki, automatic=True) as second:
        admin = Http(second.admin_url)
        assert admin.call("GET", f"/mailboxes/{mails.MIDWIFE}")["behaviour"] == "silent"
        assert len(admin.call("GET", f"/messages?mailbox={mails.MIDWIFE}")) == 1
        wait_for(lambda: admin.call("GET", f"/messages?mailbox={mails.HOSPITAL}"))
    assert journal.read_bytes().endswith(b"}\n")


def test_port_already_taken(sandbox: MssanteSandbox, pki: Path, tmp_path: Path) -> None:
    second = MssanteSandbox(tmp_path / "second", pki, sandbox.smtp_port)
    with pytest.raises(OSError, match="in use"):
        second.start()
