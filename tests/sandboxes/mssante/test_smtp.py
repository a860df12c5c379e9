"""The submission door, driven by smtplib and by bare sockets: TLS, identity, trust space, DSN."""

from __future__ import annotations

import shutil
import smtplib
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from mssante.sandbox.server import MssanteSandbox
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.sandboxes.mssante import mails
from tests.sandboxes.mssante.conftest import OTHER_STRUCT, STRUCT, Http, b64, tls

Connect = Callable[..., smtplib.SMTP]
RAW = mails.Draft().raw()


def test_nothing_is_taken_before_tls(sandbox: MssanteSandbox) -> None:
    with smtplib.SMTP("localhost", sandbox.smtp_port) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        assert not client.has_extn("auth")
        assert client.docmd("MAIL", "FROM:<a@b.example>")[0] == 530
        assert client.docmd("AUTH", "PLAIN eA==")[0] == 538


def test_extensions_after_tls(smtp: Connect) -> None:
    client = smtp(auth=False)
    for name in ("size", "dsn", "8bitmime", "enhancedstatuscodes", "pipelining"):
        assert client.has_extn(name)
    assert "EXTERNAL" in client.esmtp_features["auth"]
    assert client.docmd("MAIL", f"FROM:<{mails.HOSPITAL}>")[0] == 530
    assert "EXTERNAL" not in smtp(struct=None, auth=False).esmtp_features["auth"]


def test_tls_below_1_2_is_refused(sandbox: MssanteSandbox, pki: Path) -> None:
    context = tls(pki)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    client = smtplib.SMTP("localhost", sandbox.smtp_port)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        client.starttls(context=context)
    client.close()


def test_suites_outside_the_list_are_refused(sandbox: MssanteSandbox, pki: Path) -> None:
    context = tls(pki)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES256-GCM-SHA384")  # no forward secrecy
    client = smtplib.SMTP("localhost", sandbox.smtp_port)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        client.starttls(context=context)
    client.close()


def test_certificate_of_another_authority_is_refused(
    sandbox: MssanteSandbox, pki: Path, tmp_path: Path, admin: Http
) -> None:
    SandboxAuthority(tmp_path / "other").ensure([STRUCT])
    context = tls(pki)
    folder = tmp_path / "other" / "structures" / STRUCT
    context.load_cert_chain(folder / "auth.pem", folder / "auth.key")
    client = smtplib.SMTP("localhost", sandbox.smtp_port)
    with pytest.raises((ssl.SSLError, ConnectionError, smtplib.SMTPServerDisconnected)):
        client.starttls(context=context)
        client.ehlo()
    client.close()
    assert [event["event"] for event in admin.call("GET", "/events")] == ["tls-refused"]


def test_revoked_certificate_is_refused(pki: Path, tmp_path: Path) -> None:
    """`crl.pem` beside ca.pem is enforced."""
    copy = tmp_path / "pki"
    shutil.copytree(pki, copy)
    authority = SandboxAuthority(copy).root()
    revoked = x509.load_pem_x509_certificate((copy / "structures" / STRUCT / "auth.pem").read_bytes())
    now = datetime.now(UTC)
    entry = x509.RevokedCertificateBuilder().serial_number(revoked.serial_number).revocation_date(now).build()
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - timedelta(hours=1))
        .next_update(now + timedelta(days=1))
        .add_revoked_certificate(entry)
        .sign(authority.key, hashes.SHA256())
    )
    (copy / "crl.pem").write_bytes(crl.public_bytes(serialization.Encoding.PEM))
    with MssanteSandbox(tmp_path / "strict", copy) as running:
        client = smtplib.SMTP("localhost", running.smtp_port)
        with pytest.raises((ssl.SSLError, ConnectionError, smtplib.SMTPServerDisconnected)):
            client.starttls(context=tls(copy, STRUCT))
            client.ehlo()
        client.close()
        other = smtplib.SMTP("localhost", running.smtp_port)
        other.starttls(context=tls(copy, OTHER_STRUCT))
        assert other.ehlo()[0] == 250
        other.close()


def test_signature_certificate_opens_nothing(sandbox: MssanteSandbox, pki: Path) -> None:
    with smtplib.SMTP("localhost", sandbox.smtp_port) as client:
        client.starttls(context=tls(pki, STRUCT, kind="sign"))
        client.ehlo()
        assert "EXTERNAL" not in client.esmtp_features["auth"]
        assert client.docmd("AUTH", f"EXTERNAL {b64(mails.HOSPITAL)}")[0] == 501


def test_command_pipelined_behind_starttls_is_refused(sandbox: MssanteSandbox) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.smtp_port)) as raw, raw.makefile("rb") as lines:
        lines.readline()
        raw.sendall(b"STARTTLS\r\nMAIL FROM:<x@y.example>\r\n")
        assert lines.readline().startswith(b"554 5.5.0 sandbox:pipelined-starttls")


def test_external_is_bound_to_the_structure_of_the_certificate(smtp: Connect) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        smtp(struct=OTHER_STRUCT)  # asks for the mailbox of the first structure
    client = smtp(mailbox="")  # no mailbox named: every APP mailbox of the structure
    assert client.mail(mails.HOSPITAL)[0] == 250
    client.rset()
    assert client.mail("cabinet.tilleuls@sages-femmes.mssante.example")[0] == 553
    assert client.mail(mails.MIDWIFE)[0] == 553


def test_password_opens_one_mailbox(smtp: Connect) -> None:
    client = smtp(user=mails.MIDWIFE)
    assert client.mail(mails.HOSPITAL)[0] == 553
    assert client.mail(mails.MIDWIFE)[0] == 250
    with pytest.raises(smtplib.SMTPAuthenticationError):
        smtp(user=mails.HOSPITAL)  # an applicative mailbox has no password


def test_three_wrong_passwords_end_the_session(smtp: Connect) -> None:
    client = smtp(struct=None, auth=False)
    for _ in range(3):
        assert client.docmd("AUTH", "PLAIN " + b64("\0x@y.example\0wrong"))[0] == 535
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()


def test_xoauth2_with_a_token_of_the_administrator(smtp: Connect, admin: Http) -> None:
    admin.call("PUT", "/tokens", {"token": "jeton", "address": mails.MIDWIFE, "seconds": 60})
    answer = b64(f"user={mails.MIDWIFE}\x01auth=Bearer jeton\x01\x01")
    assert smtp(struct=None, auth=False).docmd("AUTH", f"XOAUTH2 {answer}")[0] == 235
    admin.call("POST", "/tick", {"seconds": 61})
    client = smtp(struct=None, auth=False)
    code, challenge = client.docmd("AUTH", f"XOAUTH2 {answer}")
    assert (code, bool(challenge)) == (334, True)
    assert client.docmd("")[0] == 535


def test_certificate_alone_is_an_option(smtp: Connect, admin: Http) -> None:
    assert smtp(auth=False).mail(mails.HOSPITAL)[0] == 530
    admin.call("PUT", "/settings", {"certificate_alone": True})
    assert smtp(auth=False).mail(mails.HOSPITAL)[0] == 250


@pytest.mark.parametrize(
    ("recipient", "code", "status"),
    [
        ("nobody@sages-femmes.mssante.example", 550, "5.1.1"),
        ("odile.charme@sages-femmes.mssante.example", 552, "5.2.2"),
        ("someone@gmail.example", 550, "5.7.1"),
        ("not-an-address", 553, "5.1.3"),
    ],
)
def test_recipients_refused(smtp: Connect, recipient: str, code: int, status: str) -> None:
    client = smtp()
    client.mail(mails.HOSPITAL)
    answer = client.docmd("RCPT", f"TO:<{recipient}>")
    assert answer[0] == code
    assert answer[1].decode().startswith(status)


def test_closed_and_over_quota(smtp: Connect, admin: Http) -> None:
    client = smtp()
    for behaviour, code, status in (
        ("closed", 550, b"5.2.1"),
        ("over_quota", 452, b"4.2.2"),
        ("unknown", 550, b"5.1.1"),
    ):
        admin.call("PUT", f"/mailboxes/{mails.MIDWIFE}", {"behaviour": behaviour})
        client.mail(mails.HOSPITAL)
        answer = client.rcpt(mails.MIDWIFE)
        assert (answer[0], answer[1][:5]) == (code, status)
        client.rset()


def test_sender_outside_the_trust_space(smtp: Connect, admin: Http) -> None:
    admin.call("DELETE", "/domains/maternite.mssante.example")
    code, text = smtp().mail(mails.HOSPITAL)
    assert code == 550
    assert b"trust-space" in text


def test_size_limit(smtp: Connect, admin: Http) -> None:
    admin.call("PUT", "/settings", {"max_bytes": 4000})
    client = smtp()
    assert client.mail(mails.HOSPITAL, ["SIZE=4001"])[0] == 552
    client.mail(mails.HOSPITAL)
    client.rcpt(mails.MIDWIFE)
    code, text = client.data(mails.letter().as_bytes() + b"x" * 70 + (b"\r\n" + b"y" * 70) * 3000)
    assert code == 552
    assert b"MSS/va1.13" in text
    assert client.noop()[0] == 250  # the session goes on


@pytest.mark.parametrize(
    "parameters",
    ["RET=ALL", "ENVID=a+zz", "FOO=1", "SIZE=x", "BODY=BINARYMIME", "RET=FULL RET=HDRS"],
)
def test_bad_mail_parameters(smtp: Connect, parameters: str) -> None:
    assert smtp().docmd("MAIL", f"FROM:<{mails.HOSPITAL}> {parameters}")[0] in (501, 555)


@pytest.mark.parametrize("parameters", ["NOTIFY=NEVER,SUCCESS", "NOTIFY=MAYBE", "ORCPT=rfc822", "X=1"])
def test_bad_rcpt_parameters(smtp: Connect, parameters: str) -> None:
    client = smtp()
    client.mail(mails.HOSPITAL)
    assert client.docmd("RCPT", f"TO:<{mails.MIDWIFE}> {parameters}")[0] in (501, 555)


def test_order_of_commands(smtp: Connect) -> None:
    client = smtp()
    assert client.docmd("RCPT", f"TO:<{mails.MIDWIFE}>")[0] == 503
    assert client.docmd("DATA")[0] == 503
    assert client.docmd("BOGUS")[0] == 500
    client.mail(mails.HOSPITAL)
    assert client.docmd("MAIL", f"FROM:<{mails.HOSPITAL}>")[0] == 503


def test_dots_are_unstuffed(smtp: Connect, admin: Http) -> None:
    mail = mails.letter()
    mail.set_content(".une ligne\n..deux\n.\nfin\n")
    smtp().send_message(mail, mails.HOSPITAL, [mails.MIDWIFE])
    (record,) = admin.call("GET", "/messages")
    raw = admin.call("GET", f"/messages/{record['id']}/raw")
    assert b"\r\n.une ligne\r\n..deux\r\n.\r\nfin\r\n" in raw
    assert raw.startswith(b"Return-Path: <perinat@maternite.mssante.example>\r\nReceived: ")


def test_null_reverse_path_is_for_receipts_only(smtp: Connect) -> None:
    with pytest.raises(smtplib.SMTPDataError, match="null-sender"):
        smtp().sendmail("", [mails.MIDWIFE], RAW)


def test_client_may_send_a_read_receipt(smtp: Connect, admin: Http) -> None:
    notice = (
        b"From: Perinat <perinat@maternite.mssante.example>\r\nTo: " + mails.MIDWIFE.encode() + b"\r\n"
        b"Subject: Lu\r\nDate: Fri, 20 Nov 2026 09:00:00 +0100\r\nMessage-ID: <mdn.1@maternite.mssante.example>\r\n"
        b"X-MSS-NIL: PERINAT000000\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nLu\r\n"
        b"--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        b"Final-Recipient: rfc822;perinat@maternite.mssante.example\r\nOriginal-Message-ID: <a@b.example>\r\n"
        b"Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nx\r\n--b--\r\n"
    )
    smtp().sendmail("", [mails.MIDWIFE], notice)
    assert len(admin.call("GET", "/messages")) == 1
    spoiled = notice.replace(b"; displayed", b"; processed/Error: 902")
    with pytest.raises(smtplib.SMTPDataError, match="mdn-disposition"):
        smtp().sendmail("", [mails.MIDWIFE], spoiled)
    forged = notice.replace(b"From: Perinat <perinat@maternite", b"From: X <autre@maternite")
    with pytest.raises(smtplib.SMTPDataError, match="sender-not-owned"):
        smtp().sendmail("", [mails.MIDWIFE], forged)
