"""Receipts written by hand, byte for byte, as operators and software send them."""

from __future__ import annotations

MESSAGE_ID = "6f2d2c53@perinat.example"
RECIPIENT = "camille.durand@sage-femme.mssante.fr"
TOP = (
    "From: Mail Delivery System <MAILER-DAEMON@operateur.mssante.fr>\n"
    "To: maternite@hopital-fictif.mssante.fr\n"
    "Date: Mon, 16 Mar 2026 09:05:00 +0100\n"
    "Message-ID: <r1@operateur.mssante.fr>\n"
    "MIME-Version: 1.0\n"
)
RETURNED_HEADERS = (
    "Content-Type: text/rfc822-headers\n\n"
    "From: maternite@hopital-fictif.mssante.fr\n"
    f"Message-ID: <{MESSAGE_ID}>\n"
    "Subject: XDM/1.0/DDM+CR\n"
)
RETURNED_MAIL = (
    "Content-Type: message/rfc822\n\n"
    "From: maternite@hopital-fictif.mssante.fr\n"
    f"Message-ID: <{MESSAGE_ID}>\n"
    "Subject: XDM/1.0/DDM+CR\n"
    "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nBonjour\n"
)


def _mail(*lines: str) -> bytes:
    return "".join(lines).replace("\n", "\r\n").encode()


def report(kind: str, *parts: str, top: str = TOP) -> bytes:
    """A multipart/report of the given report-type."""
    head = f'Content-Type: multipart/report; report-type={kind}; boundary="b"\n\n'
    return _mail(top, head, *(f"--b\n{part}\n" for part in parts), "--b--\n")


def dsn(
    action: str,
    status: str,
    diagnostic: str = "",
    *,
    envelope: str = "",
    returned: str = RETURNED_HEADERS,
    original: str = f"rfc822;{RECIPIENT}",
    final: str = f"rfc822; {RECIPIENT}",
) -> bytes:
    """RFC 3464."""
    message = "Reporting-MTA: dns; operateur.mssante.fr\n" + (f"Original-Envelope-Id: {envelope}\n" if envelope else "")
    person = (f"Original-Recipient: {original}\n" if original else "") + f"Final-Recipient: {final}\n"
    person += f"Action: {action}\nStatus: {status}\n" + (f"Diagnostic-Code: smtp; {diagnostic}\n" if diagnostic else "")
    parts = ["Content-Type: text/plain; charset=utf-8\n\nAvis\n"]
    parts.append(f"Content-Type: message/delivery-status\n\n{message}\n{person}\n")
    return report("delivery-status", *parts, *([returned] if returned else []))


def mdn(
    disposition: str,
    error: str = "",
    *,
    original_id: str = f"<{MESSAGE_ID}>",
    returned: str = RETURNED_MAIL,
) -> bytes:
    """RFC 8098, with the fields of the IG « Transmission au LPS » v1.1.3."""
    fields = (
        "Reporting-UA: lps.exemple; LPS fictif\n"
        f"Original-Recipient: rfc822;{RECIPIENT}\n"
        f"Final-Recipient: rfc822;{RECIPIENT}\n"
        + (f"Original-Message-ID: {original_id}\n" if original_id else "")
        + f"Disposition: {disposition}\n"
        + (f"Error: {error}\n" if error else "")
    )
    parts = ["Content-Type: text/plain; charset=utf-8\n\nAccusé\n"]
    parts.append(f"Content-Type: message/disposition-notification\n\n{fields}\n")
    return report("disposition-notification", *parts, *([returned] if returned else []))


def plain(subject: str, *headers: str, sender: str = RECIPIENT, body: str = "Bonjour") -> bytes:
    """An ordinary mail; `headers` are whole lines without their end."""
    lines = "".join(f"{header}\n" for header in headers)
    return _mail(
        f"From: Camille DURAND <{sender}>\nTo: maternite@hopital-fictif.mssante.fr\n",
        f"Subject: {subject}\nDate: Mon, 16 Mar 2026 09:05:00 +0100\nMessage-ID: <p1@x.fr>\n",
        f"{lines}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}\n",
    )


def standard_ko() -> bytes:
    """« Courriel standard »: the integration error told without an MDN."""
    return _mail(
        f"From: {RECIPIENT}\nTo: maternite@hopital-fictif.mssante.fr\n",
        "Subject: =?utf-8?q?=5BKO_Int=C3=A9gration_syst=C3=A8me_!=5D=5B904=5D_XDM/1=2E0/DDM+CR?=\n",
        'Date: Mon, 16 Mar 2026 09:05:00 +0100\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n',
        "--b\nContent-Type: text/plain; charset=utf-8\n\n904 INS\n",
        f"--b\n{RETURNED_MAIL}\n--b--\n",
    )
