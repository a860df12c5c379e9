"""Correspondents who send documents: a reply with an archive, a letter ordered by the administrator."""

from __future__ import annotations

import base64
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from mssante import contents
from tests.sandboxes.mssante import mails
from tests.sandboxes.mssante.conftest import Http, received

Connect = Callable[..., smtplib.SMTP]
Open = Callable[..., Any]
CDA = mails.Doc(label="CR d'examens & suites", family="CORSE", given="FIGATELLIX").cda().replace(b"& ", b"&amp; ")


def letter(to: str = mails.HOSPITAL, *documents: bytes, **more: str) -> dict[str, Any]:
    encoded = [base64.b64encode(one).decode() for one in documents or (CDA,)]
    return {"from": mails.MIDWIFE, "to": to, "body": "Bonjour,\nvoici.", "documents": encoded} | more


def only(client: Any) -> EmailMessage:
    (mail,) = [one for one in received(client) if "IHE_XDM.zip" in [part.get_filename() for part in one.walk()]]
    return mail


def breaches(admin: Http) -> list[Any]:
    """What the linter says of the documents that came to the hospital, byte for byte."""
    stored = admin.call("GET", f"/messages?mailbox={mails.HOSPITAL}")
    raws = [admin.call("GET", f"/messages/{one['id']}/raw") for one in stored]
    (raw,) = [raw for raw in raws if b"IHE_XDM.zip" in raw and b"multipart/report" not in raw]
    return list(admin.call("POST", f"/lint?from={mails.MIDWIFE}&to={mails.HOSPITAL}", raw))


def test_a_correspondent_replies_with_an_archive(smtp: Connect, imap: Open, admin: Http) -> None:
    admin.call("PUT", f"/mailboxes/{mails.MIDWIFE}", {"behaviour": "replier"})
    draft = mails.Draft()
    smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], draft.raw())
    admin.call("POST", "/tick", {"all": True})
    mail = only(imap())
    assert str(mail["In-Reply-To"]) == draft.message_id and str(mail["Disposition-Notification-To"]) == mails.MIDWIFE
    assert breaches(admin) == [], "its own linter would take it"
    found = contents.read(mail.as_bytes())
    assert found is not None and not found.refusal_fr and len(found.documents) == len(found.attachments) == 1
    sent = draft.docs[0]
    assert found.documents[0].unique_id != sent.unique_id and sent.ins.encode() in found.documents[0].data


def test_a_replier_never_answers_a_receipt_nor_words(smtp: Connect, imap: Open, admin: Http) -> None:
    admin.call("PUT", f"/mailboxes/{mails.MIDWIFE}", {"behaviour": "replier"})
    smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], mails.letter().as_bytes())
    admin.call("POST", "/tick", {"all": True})
    assert not [mail for mail in received(imap()) if "IHE_XDM.zip" in str(mail)]


def test_a_letter_ordered_by_the_administrator(imap: Open, admin: Http) -> None:
    admin.call("POST", "/write", letter())
    mail = only(imap())
    assert str(mail["Subject"]) == "XDM/1.0/DDM+CR d'examens & suites CORSE FIGATELLIX 12/10/1988"
    assert breaches(admin) == []


def test_several_documents_of_one_person(imap: Open, admin: Http) -> None:
    other = mails.Doc(
        name="DOC0002.XML", unique_id="2.25.102", family="CORSE", code="11502-2", label="CR biologie"
    ).cda()
    admin.call("POST", "/write", letter(mails.HOSPITAL, CDA, other))
    mail = only(imap())
    assert "2 documents" in str(mail["Subject"]) and breaches(admin) == []
    found = contents.read(mail.as_bytes())
    assert found is not None and [one.data for one in found.documents] == [CDA, other]


@pytest.mark.parametrize("documents", [["%%%"], [base64.b64encode(b"<a/>").decode()], 3])
def test_what_is_no_cda_is_refused(admin: Http, documents: object) -> None:
    assert admin.status("POST", "/write", letter() | {"documents": documents}) == 400


def test_the_small_web_mail_looks_inside_the_archive(admin: Http) -> None:
    id = admin.call("POST", "/write", letter())["id"]
    shown = admin.call("GET", f"/mail/{id}").decode()
    assert "SUBSET01/DOC0001.XML : CR d&#x27;examens &amp; suites, CORSE FIGATELLIX" in shown
    assert "SUBSET01/METADATA.XML (" in shown
    broken = b"Subject: x\r\nContent-Type: application/zip; name=IHE_XDM.zip\r\n\r\nPK<script>"
    id = admin.call("POST", f"/inject?mailbox={mails.HOSPITAL}", broken)["id"]
    assert "pas une archive ZIP lisible" in admin.call("GET", f"/mail/{id}").decode()
