"""Mon espace santé, driven by smtplib and imaplib: who reads, who answers, who is closed or was never created."""

from __future__ import annotations

import imaplib
import smtplib
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandboxes.mssante import mails
from tests.sandboxes.mssante.conftest import Http, received
from tests.sandboxes.mssante.test_receipts import tick

Connect = Callable[..., smtplib.SMTP]
Open = Callable[..., imaplib.IMAP4]
ALIX = "290047864610160@patient.mssante.fr"
IRIS = "288127864610291@patient.mssante.fr"
CLOSED = "295037864610388@patient.mssante.fr"
NEVER = "291057864610523@patient.mssante.fr"
WRONG_KEY = "291057864610500@patient.mssante.fr"


def write(smtp: Connect, to: str, **headers: str) -> None:
    asked = {"Disposition_Notification_To": mails.HOSPITAL} | headers
    smtp().sendmail(
        mails.HOSPITAL, [to], mails.letter(to=to, **asked).as_bytes(), ["RET=HDRS"], ["NOTIFY=SUCCESS,FAILURE"]
    )


def kinds(found: list[Any]) -> list[str]:
    return sorted(str(mail.get_param("report-type")) if mail.is_multipart() else "reply" for mail in found)


def test_she_reads_then_answers(smtp: Connect, imap: Open, admin: Http) -> None:
    write(smtp, ALIX)
    tick(admin)
    found = received(imap())
    assert kinds(found) == ["delivery-status", "disposition-notification", "reply"]
    reply = next(mail for mail in found if not mail.is_multipart())
    assert reply["From"].endswith(f"<{ALIX}>") and reply["In-Reply-To"] and "mardi matin" in reply.get_content()


def test_once_closed_she_reads_and_cannot_answer(smtp: Connect, imap: Open, admin: Http) -> None:
    write(smtp, ALIX, X_MSS_MES="FIN")
    tick(admin)
    assert kinds(received(imap())) == ["delivery-status", "disposition-notification"]


def test_she_answers_with_files(smtp: Connect, imap: Open, admin: Http) -> None:
    write(smtp, IRIS)
    tick(admin)
    reply = next(mail for mail in received(imap()) if mail.get_content_type() == "multipart/mixed")
    files = {part.get_filename(): part.get_content() for part in reply.iter_attachments()}
    assert set(files) == {"ordonnance.pdf", "carnet-de-sante.png"} and files["ordonnance.pdf"].startswith(b"%PDF")


@pytest.mark.parametrize(("to", "status"), [(CLOSED, "5.2.1"), (NEVER, "5.1.1"), (WRONG_KEY, "5.1.3")])
@pytest.mark.parametrize("in_words", [False, True])
def test_what_is_not_delivered_says_why(
    smtp: Connect, imap: Open, admin: Http, to: str, status: str, in_words: bool
) -> None:
    admin.call("PUT", "/settings", {"patient_notices_in_words": in_words})
    write(smtp, to)
    tick(admin)
    (told,) = received(imap())
    if in_words:
        assert told["Subject"] == "Message non distribué" and "Message-ID:" in told.get_content()
    else:
        assert status in str(told)


def test_the_linter_names_a_wrong_key_and_company(admin: Http) -> None:
    raw = mails.letter(to=WRONG_KEY).as_bytes()
    found = admin.call("POST", f"/lint?from={mails.HOSPITAL}&to={WRONG_KEY},{mails.MIDWIFE}", raw)
    assert {"patient-key", "patient-among-others"} <= {one["rule"] for one in found}
