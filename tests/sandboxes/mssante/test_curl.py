"""The same doors with curl, a client that shares nothing with Python."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mssante.sandbox.server import MssanteSandbox
from tests.sandboxes.mssante import mails
from tests.sandboxes.mssante.conftest import STRUCT, Http

CURL = shutil.which("curl")
pytestmark = pytest.mark.skipif(CURL is None, reason="curl is not installed")


def curl(pki: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [str(CURL), "-sS", "--max-time", "20", "--ssl-reqd", "--cacert", str(pki / "ca.pem"), *arguments]
    return subprocess.run(command, capture_output=True, timeout=30)


def as_hospital(pki: Path) -> list[str]:
    folder = pki / "structures" / STRUCT
    return ["--cert", str(folder / "auth.pem"), "--key", str(folder / "auth.key"), "--login-options", "AUTH=EXTERNAL"]


def test_send_by_certificate_then_read_by_password(
    sandbox: MssanteSandbox, pki: Path, tmp_path: Path, admin: Http
) -> None:
    mail = tmp_path / "mail.eml"
    raw = mails.Draft().raw()
    mail.write_bytes(raw)
    sent = curl(
        pki,
        *as_hospital(pki),
        *("--user", f"{mails.HOSPITAL}:", "--mail-from", mails.HOSPITAL, "--mail-rcpt", mails.MIDWIFE),
        *("--upload-file", str(mail), f"smtp://localhost:{sandbox.smtp_port}/client.example"),
    )
    assert sent.returncode == 0, sent.stderr
    read = curl(pki, "--user", f"{mails.MIDWIFE}:bac-a-sable", f"imap://localhost:{sandbox.imap_port}/INBOX;UID=1")
    assert read.returncode == 0, read.stderr
    assert read.stdout.endswith(raw)
    found = curl(
        pki,
        *("--user", f"{mails.MIDWIFE}:bac-a-sable", f"imap://localhost:{sandbox.imap_port}/INBOX"),
        *("--request", "SEARCH SUBJECT CORSE"),
    )
    assert found.stdout == b"* SEARCH 1\r\n"


def test_refused_mail_fails(sandbox: MssanteSandbox, pki: Path, tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(mails.Draft().with_headers(X_MSS_INS="N").raw())
    sent = curl(
        pki,
        *("-v", *as_hospital(pki)),
        *("--user", f"{mails.HOSPITAL}:", "--mail-from", mails.HOSPITAL, "--mail-rcpt", mails.MIDWIFE),
        *("--upload-file", str(mail), f"smtp://localhost:{sandbox.smtp_port}/client.example"),
    )
    assert sent.returncode != 0
    assert b"554 5.7.1 sandbox:ins-mismatch [ECO.2.4.2]" in sent.stderr


def test_imap_by_certificate(sandbox: MssanteSandbox, pki: Path, admin: Http) -> None:
    admin.call("POST", f"/inject?mailbox={mails.HOSPITAL}", mails.letter().as_bytes())
    read = curl(
        pki, *as_hospital(pki), "--user", f"{mails.HOSPITAL}:", f"imap://localhost:{sandbox.imap_port}/INBOX;UID=1"
    )
    assert read.returncode == 0, read.stderr
    assert b"X-MSS-NIL: PERINAT000000" in read.stdout
