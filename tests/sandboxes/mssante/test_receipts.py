"""DSN, MDN, absence and late bounce, read with imaplib and the email parser of the standard library."""

from __future__ import annotations

import imaplib
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from tests.sandboxes.mssante import mails
from tests.sandboxes.mssante.conftest import Http, received, wait_for

Connect = Callable[..., smtplib.SMTP]
Open = Callable[..., imaplib.IMAP4]
ASKED = {"Disposition-Notification-To": mails.HOSPITAL}
ALL = ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{mails.MIDWIFE}"]


def send(
    smtp: Connect,
    draft: mails.Draft | None = None,
    *,
    to: str = mails.MIDWIFE,
    rcpt: list[str] | None = None,
    mail: tuple[str, ...] = ("RET=HDRS", "ENVID=envoi+2B1"),
) -> None:
    chosen = (draft or mails.Draft()).but(to=to)
    raw = chosen.with_headers(**{"Disposition_Notification_To": mails.HOSPITAL}).raw()
    smtp().sendmail(mails.HOSPITAL, [to], raw, list(mail), ALL[:1] if rcpt is None else rcpt)


def behave(admin: Http, behaviour: str, address: str = mails.MIDWIFE, **more: Any) -> None:
    admin.call("PUT", f"/mailboxes/{address}", {"behaviour": behaviour, "delay_s": 0} | more)


def tick(admin: Http) -> None:
    admin.call("POST", "/tick", {"all": True})


def status_fields(mail: EmailMessage) -> tuple[EmailMessage, EmailMessage]:
    """Per-message and per-recipient blocks of a DSN."""
    parts = list(mail.iter_parts())
    assert mail.get_content_type() == "multipart/report"
    assert parts[1].get_content_type() == "message/delivery-status"
    first, second = parts[1].get_payload()
    return first, second


def disposition(mail: EmailMessage) -> EmailMessage:
    parts = list(mail.iter_parts())
    assert [part.get_content_type() for part in parts] == [
        "text/plain",
        "message/disposition-notification",
        "message/rfc822",
    ]
    return parts[1].get_payload()[0]  # type: ignore[no-any-return]


def test_dsn_of_a_delivery(smtp: Connect, imap: Open, admin: Http) -> None:
    behave(admin, "silent")
    send(smtp, rcpt=ALL)
    tick(admin)
    (mail,) = received(imap())
    first, second = status_fields(mail)
    assert mail["Return-Path"] == "<>"
    assert first["Original-Envelope-Id"] == "envoi+1"
    assert first["Reporting-MTA"].startswith("dns;")
    assert second["Original-Recipient"] == f"rfc822;{mails.MIDWIFE}"
    assert (second["Action"], second["Status"]) == ("delivered", "2.1.5")
    returned = list(mail.iter_parts())[2]
    assert returned.get_content_type() == "text/rfc822-headers"
    assert "essai.1@maternite.mssante.example" in returned.get_content()


def test_dsn_with_the_whole_mail(smtp: Connect, imap: Open, admin: Http) -> None:
    behave(admin, "silent")
    send(smtp, mail=("RET=FULL",))
    tick(admin)
    (mail,) = received(imap())
    original = list(mail.iter_parts())[2].get_payload()[0]
    assert {part.get_filename() for part in original.iter_attachments()} == {"IHE_XDM.zip", mails.Doc().pdf_name}


@pytest.mark.parametrize("options", [[], ["NOTIFY=FAILURE"], ["NOTIFY=NEVER"]])
def test_no_success_dsn_unless_asked(smtp: Connect, imap: Open, admin: Http, options: list[str]) -> None:
    behave(admin, "silent")
    send(smtp, rcpt=options)
    tick(admin)
    assert received(imap()) == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("nobody@medecins.mssante.example", "5.1.1"),
        ("ferme@medecins.mssante.example", "5.2.1"),
        ("tardif@pmi.mssante.example", "5.2.1"),
        ("126117864600163@patient.mssante.fr", "5.2.1"),
        ("279035121518989x@patient.mssante.fr", "5.1.3"),
        ("279035121518900@patient.mssante.fr", "5.1.3"),
    ],
)
def test_bounces_after_acceptance(smtp: Connect, imap: Open, admin: Http, address: str, status: str) -> None:
    letter = mails.letter(to=address)
    smtp().sendmail(mails.HOSPITAL, [address], letter.as_bytes())
    tick(admin)
    (mail,) = received(imap())
    _, second = status_fields(mail)
    assert (second["Action"], second["Status"]) == ("failed", status)
    assert second["Final-Recipient"] == f"rfc822; {address}"
    assert mail["Subject"] == "Undelivered Mail Returned to Sender"
    assert "Message non distribué" in list(mail.iter_parts())[0].get_content()
    assert admin.call("GET", f"/messages?mailbox={address}") == []


def test_bounce_is_silent_when_never_asked(smtp: Connect, imap: Open, admin: Http) -> None:
    letter = mails.letter(to="ferme@medecins.mssante.example").as_bytes()
    smtp().sendmail(mails.HOSPITAL, ["ferme@medecins.mssante.example"], letter, [], ["NOTIFY=NEVER"])
    tick(admin)
    assert received(imap()) == []


def test_slow_delivery(smtp: Connect, imap: Open, admin: Http) -> None:
    address = "lent@pmi.mssante.example"
    behave(admin, "slow_delivery", address, delay_s=60)
    send(smtp, to=address, rcpt=ALL[:1])
    assert admin.call("POST", "/tick", {})["done"] == 1
    assert admin.call("GET", f"/messages?mailbox={address}") == []
    assert admin.call("POST", "/tick", {"seconds": 61})["done"] == 2
    assert [status_fields(mail)[1]["Action"] for mail in received(imap())] == ["delayed", "delivered"]
    assert len(admin.call("GET", f"/messages?mailbox={address}")) == 1


def test_reader(smtp: Connect, imap: Open, admin: Http) -> None:
    behave(admin, "reader", delay_s=30)
    send(smtp, rcpt=["NOTIFY=NEVER"])
    assert admin.call("POST", "/tick", {"seconds": 29})["done"] == 0
    assert admin.call("POST", "/tick", {"seconds": 2})["done"] == 1
    (mail,) = received(imap())
    fields = disposition(mail)
    assert fields["Disposition"] == "manual-action/MDN-sent-manually; displayed"
    assert fields["Original-Message-ID"] == "<essai.1@maternite.mssante.example>"
    assert fields["Final-Recipient"] == f"rfc822;{mails.MIDWIFE}"


def test_reader_who_was_not_asked(smtp: Connect, imap: Open, admin: Http) -> None:
    behave(admin, "reader")
    smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], mails.Draft().raw())
    tick(admin)
    assert received(imap()) == []


def test_integrator(smtp: Connect, imap: Open, admin: Http) -> None:
    behave(admin, "integrator")
    send(smtp, rcpt=["NOTIFY=NEVER"])
    tick(admin)
    (mail,) = received(imap())
    fields = disposition(mail)
    assert fields["Disposition"] == "automatic-action/MDN-sent-automatically; processed"
    assert fields["Error"] is None
    assert mail["Subject"] == mails.Draft().subject


@pytest.mark.parametrize("grammar", ["1.1.3", "1.1.2"])
def test_integrator_that_refuses(smtp: Connect, imap: Open, admin: Http, grammar: str) -> None:
    behave(admin, "integrator", error="902", grammar=grammar)
    send(smtp, rcpt=["NOTIFY=NEVER"])
    tick(admin)
    (mail,) = received(imap())
    assert mail["Subject"] == f"[KO Intégration système !][902] {mails.Draft().subject}"
    fields = disposition(mail)
    error = "902^Identifiant de patient inconnu^applicationErrorCondition| E^Error^errorSeverity"
    kind = "automatic-action/MDN-sent-automatically; processed"
    if grammar == "1.1.3":
        assert (fields["Disposition"], fields["Error"]) == (f"{kind}/error", error)
    else:
        assert (fields["Disposition"], fields["Error"]) == (f"{kind}/Error: {error}", None)


@pytest.mark.parametrize(
    ("doc", "error"),
    [(mails.Doc(), ""), (mails.Doc(ins=""), "903"), (mails.Doc(ins="126117864600163"), "902")],
)
def test_integrator_knows_its_patients(smtp: Connect, imap: Open, admin: Http, doc: mails.Doc, error: str) -> None:
    behave(admin, "integrator", patients=[mails.INS])
    send(smtp, mails.Draft(docs=(doc,)), rcpt=["NOTIFY=NEVER"])
    tick(admin)
    (mail,) = received(imap())
    assert (disposition(mail)["Error"] or "")[:3] == error


def test_integration_failure_without_receipt_asked(smtp: Connect, imap: Open, admin: Http) -> None:
    """« Courriel standard »: text and the original, when no MDN may leave (IG LPS v1.1.3)."""
    behave(admin, "integrator", error="904")
    smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], mails.Draft().raw())
    tick(admin)
    (mail,) = received(imap())
    assert mail.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "message/rfc822"]
    assert mail["Subject"].startswith("[KO Intégration système !][904] XDM/1.0/DDM+")


def test_out_of_office(smtp: Connect, imap: Open, admin: Http) -> None:
    behave(admin, "out_of_office")
    send(smtp, rcpt=["NOTIFY=NEVER"])
    tick(admin)
    (mail,) = received(imap())
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"] == mail["References"] == "<essai.1@maternite.mssante.example>"
    automatic = mails.letter(Auto_Submitted="auto-generated").as_bytes()
    smtp().sendmail(mails.HOSPITAL, [mails.MIDWIFE], automatic)
    tick(admin)
    assert len(received(imap())) == 1


def kinds(mail: list[EmailMessage]) -> list[str]:
    return [str(item.get_param("report-type")) for item in mail]


def test_receipt_faults(smtp: Connect, imap: Open, admin: Http) -> None:
    behave(admin, "reader")
    dsn, mdn = "delivery-status", "disposition-notification"
    for action, expected in (("drop", []), ("duplicate", [dsn, dsn, mdn, mdn]), ("mdn_first", [mdn, dsn])):
        admin.call("POST", "/reset", {})
        admin.call("POST", "/faults", {"point": "receipt", "action": action, "match": {"recipient": mails.MIDWIFE}})
        send(smtp)
        tick(admin)
        found = kinds(received(imap()))
        assert (sorted(found) if action == "duplicate" else found) == expected


def test_receipts_leave_by_themselves(smtp: Connect, imap: Open, admin: Http) -> None:
    admin.call("PUT", "/settings", {"automatic": True})
    behave(admin, "reader", delay_s=0.05)
    send(smtp)
    client = imap()
    wait_for(lambda: len(received(client)) == 2)


def test_mon_espace_sante_conversation(smtp: Connect, admin: Http) -> None:
    patient = f"{mails.INS}@patient.mssante.fr"
    answer = {"from": patient, "to": mails.HOSPITAL, "subject": "Merci", "body": "Bonjour"}
    assert admin.status("POST", "/write", answer) == 409
    client = smtp()
    client.sendmail(mails.HOSPITAL, [patient], mails.letter(to=patient).as_bytes())
    tick(admin)
    assert admin.status("POST", "/write", answer) == 200
    client.sendmail(mails.HOSPITAL, [patient], mails.letter(to=patient, X_MSS_MES="FIN").as_bytes())
    tick(admin)
    assert admin.status("POST", "/write", answer) == 409
    secretary = "secretariat@maternite.mssante.example"
    client.sendmail(mails.HOSPITAL, [patient], mails.letter(to=patient, Reply_To=secretary).as_bytes())
    tick(admin)
    assert admin.status("POST", "/write", answer) == 409
    assert admin.status("POST", "/write", answer | {"to": secretary}) == 200
