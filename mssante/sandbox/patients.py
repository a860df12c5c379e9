"""The simulated people of Mon espace santé: what they write back, and how the service words what it does not deliver.

The texts are ours: neither the replies nor the notices of the real service were obtained (mssante.md §5).
"""

from __future__ import annotations

import base64
from email.message import Message

from mssante.sandbox import report
from mssante.sandbox.people import Mailbox

ANSWER = (
    "Bonjour,\r\n\r\nMerci pour votre message. J'ai bien compris. Je peux venir mardi matin.\r\n\r\nBonne journée\r\n"
)
WITH_FILES = "Bonjour,\r\n\r\nVoici l'ordonnance et une photo du carnet de santé.\r\n"
NOTICE_SENDER = "ne-pas-repondre@notification.mssante-bac-a-sable.example"
NOTICE_SUBJECT = "Message non distribué"
CAUSES = {
    "5.2.1": "La messagerie de cette personne est fermée.",
    "5.1.1": "Ce patient est introuvable dans Mon espace santé.",
    "5.1.3": "L'adresse du destinataire est invalide.",
    "5.3.4": "Le message dépasse la taille maximale de 25 Mo.",
}
PHOTO = base64.b64decode(  # a grey pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
ANSWERING = frozenset({"answers", "answers_with_files"})


def answer(box: Mailbox, header: Message, subject: str, to: str, now: str) -> bytes:
    """Her reply to the mail of `header`, whose decoded subject is given."""
    named = str(header.get("Message-ID", ""))
    name = f"{report.encode_subject(box.owner)} " if box.owner else ""
    top = [
        ("Return-Path", f"<{box.address}>"),
        ("From", f"{name}<{box.address}>"),
        ("To", to),
        ("Subject", report.encode_subject(f"Re: {subject}")),
        ("Date", now),
        ("Message-ID", report.message_id("reponse", box.domain)),
        ("In-Reply-To", named),
        ("References", named),
    ]
    if box.behaviour == "answers_with_files":
        files = [("application/pdf", "ordonnance.pdf", PDF), ("image/png", "carnet-de-sante.png", PHOTO)]
        return report.attached(top, [_text(WITH_FILES), *(_file(*one) for one in files)])
    return report.headers([*top, ("MIME-Version", "1.0")]) + _text(ANSWER)


def notice(to: str, status: str, original: bytes, now: str, host: str) -> bytes:
    """« Message non distribué », in words and not as a report; it quotes the header of the mail."""
    message_id = next(
        (line for line in report.header_block(original).split(b"\r\n") if line.lower().startswith(b"message-id:")), b""
    )
    top = [
        ("From", NOTICE_SENDER),
        ("To", to),
        ("Subject", report.encode_subject(NOTICE_SUBJECT)),
        ("Date", now),
        ("Message-ID", report.message_id("avis", host)),
        ("MIME-Version", "1.0"),
    ]
    cause = CAUSES.get(status, "Une erreur est survenue.")
    return report.headers(top) + _text(f"Bonjour,\r\n\r\n{cause}\r\n\r\n{message_id.decode('ascii', 'replace')}\r\n")


def _text(text: str) -> bytes:
    return b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text.encode()


def _file(kind: str, name: str, data: bytes) -> bytes:
    head = (
        f'Content-Type: {kind}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n")
