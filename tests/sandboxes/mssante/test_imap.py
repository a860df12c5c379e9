"""The IMAP door with imaplib and imap-tools: every command a collecting client needs."""

from __future__ import annotations

import imaplib
import smtplib
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from imap_tools import AND, MailBoxStartTls, MailMessageFlags

from mssante.sandbox.server import MssanteSandbox
from tests.sandboxes.mssante import mails
from tests.sandboxes.mssante.conftest import STRUCT, Http, tls

Open = Callable[..., imaplib.IMAP4]
BOX = mails.HOSPITAL


@pytest.fixture
def three(admin: Http) -> None:
    """Three mails in the hospital's INBOX."""
    for number in (1, 2, 3):
        mail = mails.letter(
            sender=mails.MIDWIFE, to=BOX, Message_ID=f"<m{number}@x.example>", Subject=f"Suivi n° {number}"
        )
        admin.call("POST", f"/inject?mailbox={BOX}", mail.as_bytes())


def test_nothing_before_tls(sandbox: MssanteSandbox) -> None:
    client = imaplib.IMAP4("localhost", sandbox.imap_port)
    assert {"STARTTLS", "LOGINDISABLED"} <= set(client.capabilities)
    with pytest.raises(imaplib.IMAP4.error, match="PRIVACYREQUIRED"):
        client.login(mails.MIDWIFE, "bac-a-sable")
    client.logout()


def test_identities(sandbox: MssanteSandbox, pki: Path, imap: Open, admin: Http) -> None:
    assert imap().state == imap(mails.MIDWIFE).state == "AUTH"
    for struct, attempt in (
        (STRUCT, lambda client: client.authenticate("EXTERNAL", lambda _: mails.MIDWIFE.encode())),
        (None, lambda client: client.authenticate("EXTERNAL", lambda _: BOX.encode())),
        (None, lambda client: client.login(mails.MIDWIFE, "faux")),
        (None, lambda client: client.authenticate("XOAUTH2", lambda _: b"user=x\x01auth=Bearer y\x01\x01")),
    ):
        client = imaplib.IMAP4("localhost", sandbox.imap_port)
        client.starttls(tls(pki, struct))
        with pytest.raises(imaplib.IMAP4.error):
            attempt(client)
        client.shutdown()
    plain = imaplib.IMAP4("localhost", sandbox.imap_port)
    plain.starttls(tls(pki))
    plain.authenticate("PLAIN", lambda _: f"\0{mails.MIDWIFE}\0bac-a-sable".encode())
    plain.logout()
    admin.call("PUT", "/tokens", {"token": "jeton", "address": mails.MIDWIFE})
    token = imaplib.IMAP4("localhost", sandbox.imap_port)
    token.starttls(tls(pki))
    token.authenticate("XOAUTH2", lambda _: f"user={mails.MIDWIFE}\x01auth=Bearer jeton\x01\x01".encode())
    token.logout()


@pytest.mark.usefixtures("three")
def test_select_search_fetch(imap: Open, admin: Http) -> None:
    client = imap()
    assert client.select() == ("OK", [b"3"])
    assert client.response("UIDNEXT")[1] == [b"4"]
    assert int(client.response("UIDVALIDITY")[1][0]) > 0
    assert client.uid("search", "ALL")[1] == [b"1 2 3"]
    assert client.uid("search", "UID", "2:*")[1] == [b"2 3"]
    assert client.uid("search", "HEADER", "Message-ID", "<m2@x.example>")[1] == [b"2"]
    assert client.uid("search", "UNSEEN", "FROM", mails.MIDWIFE, "NOT", "UID", "1")[1] == [b"2 3"]
    assert client.uid("search", "OR", "UID", "1", "(UID 3 UNSEEN)")[1] == [b"1 3"]
    assert client.uid("search", "SINCE", "01-Jan-2000", "LARGER", "10", "SENTON", "20-Nov-2026")[1] == [b"1 2 3"]
    client.literal = "Suivi n° 3".encode()
    assert client.uid("search", "CHARSET", "UTF-8", "SUBJECT")[1] == [b"3"]
    _, data = client.uid("fetch", "2", "(FLAGS RFC822.SIZE INTERNALDATE BODY.PEEK[])")
    (record,) = admin.call("GET", "/messages?message_id=m2@x.example")
    raw = admin.call("GET", f"/messages/{record['id']}/raw")
    assert data[0][1] == raw
    assert f"RFC822.SIZE {len(raw)}".encode() in data[0][0]
    assert imaplib.Internaldate2tuple(data[0][0]) is not None
    assert client.uid("search", "UNSEEN")[1] == [b"1 2 3"]  # PEEK marks nothing
    client.uid("fetch", "2", "(BODY[])")
    assert client.uid("search", "UNSEEN")[1] == [b"1 3"]
    assert client.fetch("1", "(BODY.PEEK[HEADER.FIELDS (SUBJECT X-MSS-NIL)])")[1][0][1].startswith(b"Subject: ")
    assert client.fetch("1", "(BODY.PEEK[]<0.10>)")[1][0][1] == raw[:10]
    assert b"ENVELOPE (" in client.fetch("1", "(ENVELOPE BODYSTRUCTURE)")[1][0]


@pytest.mark.usefixtures("three")
def test_flags_expunge_copy_move(imap: Open) -> None:
    client = imap()
    assert client.create("INBOX")[0] == client.create("../ailleurs")[0] == "NO"
    client.create("Archives/2026")
    assert b'"Archives/2026"' in b" ".join(client.list()[1])
    client.select()
    client.uid("store", "1", "+FLAGS.SILENT", r"(\Seen Traite)")
    assert client.uid("search", "KEYWORD", "Traite")[1] == [b"1"]
    assert client.uid("copy", "1:2", "Archives/2026")[0] == "OK"
    assert client.uid("move", "3", "Archives/2026")[0] == "OK"
    assert client.uid("search", "ALL")[1] == [b"1 2"]
    client.uid("store", "1", "+FLAGS", r"(\Deleted)")
    assert client.expunge()[1][-1] == b"1"
    assert client.status("Archives/2026", "(MESSAGES UIDNEXT UNSEEN)")[1] == [
        b'"Archives/2026" (MESSAGES 3 UIDNEXT 4 UNSEEN 2)'
    ]
    assert client.uid("copy", "2", "Inconnu")[0] == "NO"
    client.uid("store", "2", "+FLAGS", r"(\Deleted)")
    client.close()
    assert client.select()[1] == [b"0"]
    assert client.rename("Archives/2026", "Anciens")[0] == "OK"
    assert client.delete("Anciens")[0] == "OK"
    assert client.delete("INBOX")[0] == "NO"


def test_examine_writes_nothing(imap: Open, three: None) -> None:
    client = imap()
    client.select(readonly=True)
    assert client.uid("store", "1", "+FLAGS", r"(\Seen)")[0] == "NO"
    client.uid("fetch", "1", "(BODY[])")
    assert client.uid("search", "SEEN")[1] == [b""]


def test_append_and_news_in_another_session(imap: Open) -> None:
    reader, writer = imap(), imap()
    reader.select()
    raw = mails.letter().as_bytes()
    _, answer = writer.append("INBOX", r"(\Seen)", imaplib.Time2Internaldate(1_790_000_000), raw)
    assert b"APPENDUID" in answer[0]
    reader.noop()
    assert reader.response("EXISTS")[1][-1] == b"1"
    assert b"21-Sep-2026" in reader.uid("fetch", "1", "(INTERNALDATE)")[1][0]
    assert writer.append("Inconnu", None, None, raw)[0] == "NO"


@pytest.mark.usefixtures("three")
def test_uid_validity_change(imap: Open, admin: Http) -> None:
    client = imap()
    client.select()
    before = int(client.response("UIDVALIDITY")[1][0])
    client.uid("store", "1", "+FLAGS", r"(\Deleted)")
    client.expunge()
    admin.call("POST", "/uidvalidity", {"address": BOX})
    with pytest.raises(imaplib.IMAP4.abort):
        client.noop()
    client = imap()
    client.select()
    assert int(client.response("UIDVALIDITY")[1][0]) > before
    assert client.uid("search", "HEADER", "Message-ID", "m2@x.example")[1] == [b"1"]  # renumbered


def test_idle(sandbox: MssanteSandbox, pki: Path, admin: Http) -> None:
    with MailBoxStartTls("localhost", sandbox.imap_port, ssl_context=tls(pki)).login(
        mails.MIDWIFE, "bac-a-sable"
    ) as box:
        inject = threading.Timer(
            0.1, lambda: admin.call("POST", f"/inject?mailbox={mails.MIDWIFE}", mails.letter().as_bytes())
        )
        inject.start()
        assert any(b"EXISTS" in line for line in box.idle.wait(timeout=5))
        inject.join()


def test_imap_tools_as_a_collector(sandbox: MssanteSandbox, pki: Path, admin: Http) -> None:
    draft = mails.Draft()
    admin.call("POST", f"/inject?mailbox={mails.MIDWIFE}", draft.raw())
    with MailBoxStartTls("localhost", sandbox.imap_port, ssl_context=tls(pki)).login(
        mails.MIDWIFE, "bac-a-sable"
    ) as box:
        (mail,) = box.fetch(AND(seen=False, date_gte=date(2000, 1, 1)), mark_seen=False)
        assert mail.subject == draft.subject
        assert [attachment.filename for attachment in mail.attachments] == ["IHE_XDM.zip", mails.Doc().pdf_name]
        assert mail.uid is not None
        box.flag(mail.uid, MailMessageFlags.SEEN, True)
        box.folder.create("Traites")
        box.move(mail.uid, "Traites")
        assert box.uids() == []
        box.folder.set("Traites")
        assert len(box.uids()) == 1
        assert {folder.name for folder in box.folder.list()} == {"INBOX", "Traites"}


def test_parts_of_a_mail(imap: Open, admin: Http) -> None:
    draft = mails.Draft()
    admin.call("POST", f"/inject?mailbox={BOX}", draft.raw())
    client = imap()
    client.select()
    text = client.fetch("1", "(BODY.PEEK[1])")[1][0][1]
    assert b"Voici le compte rendu" in text
    assert b"application/zip" in client.fetch("1", "(BODY.PEEK[2.MIME])")[1][0][1]
    structure = b"".join(client.fetch("1", "(BODYSTRUCTURE)")[1][0])
    assert "20261118_CR hospitalier (séjour)_CORSE-ETE_FIGATELLIX.pdf".encode() in structure
    assert b'"APPLICATION" "PDF"' in structure
    assert client.fetch("1", "(BODY.PEEK[9])")[1][0][1] == b""


def test_malformed_commands(imap: Open) -> None:
    client = imap()
    for command in ("FETCH 1 (BODY[", "FETCH x FLAGS", "STORE 1", 'LIST "', "UID NOTHING", "SEARCH FOO"):
        client.select()
        client.send(f"t1 {command}\r\n".encode())
        while not (line := client.readline()).startswith(b"t1 "):
            assert line.startswith(b"* ")
        assert line.startswith(b"t1 BAD"), command


def test_faults_on_imap(sandbox: MssanteSandbox, imap: Open, admin: Http) -> None:
    admin.call(
        "POST", "/faults", {"point": "imap.select", "action": "reply", "text": "{tag} NO [UNAVAILABLE] plus tard"}
    )
    client = imap()
    assert client.select()[0] == "NO"
    assert client.select()[0] == "OK"
    admin.call("POST", "/faults", {"point": "imap.search", "action": "cut"})
    with pytest.raises(imaplib.IMAP4.abort):
        client.uid("search", "ALL")
    admin.call("POST", "/faults", {"point": "imap.banner", "action": "garble"})
    with pytest.raises(imaplib.IMAP4.error):
        imaplib.IMAP4("localhost", sandbox.imap_port)


def test_idle_sessions_do_not_block_smtp(imap: Open, smtp: Callable[..., smtplib.SMTP]) -> None:
    client = imap(mails.MIDWIFE)
    client.select()
    client.send(b"i1 IDLE\r\n")
    assert client.readline().startswith(b"+ ")
    smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], mails.Draft().raw())
    assert client.readline() == b"* 1 EXISTS\r\n"
    client.send(b"DONE\r\n")
    while not client.readline().startswith(b"i1 OK"):
        continue


def test_folder_removed_under_a_session(imap: Open, three: None, admin: Http) -> None:
    first, second = imap(), imap()
    first.create("Tri")
    first.select("Tri")
    second.delete("Tri")
    with pytest.raises(imaplib.IMAP4.abort):
        first.append("Tri", None, None, mails.letter().as_bytes())  # type: ignore[arg-type]
    second.select()
    admin.call("POST", "/reset", {})
    with pytest.raises(imaplib.IMAP4.abort):
        second.uid("store", "1", "+FLAGS", r"(\Seen)")
    fresh = imap()
    assert fresh.select() == ("OK", [b"0"])
