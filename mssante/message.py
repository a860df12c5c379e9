"""One mail per patient and recipient, composed as bytes (Référentiel socle #2 §2 and §3).

The same parcel always gives the same bytes: Message-ID, Date, boundary and archive dates come from
it, so that a resend is recognised as the same mail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime

from coordination.ports import DocumentSize, Parcel, PermanentChannelError
from mssante import body, mime, naming, xdm
from mssante.conf import MssanteConfig
from perinat.standards import codes, confidentiality
from perinat.standards.patient_box import is_patient, matricule_of
from perinat.standards.xds import SourcePatient

PATIENT_MAX_BYTES = 25 * 1000 * 1000  # whole mail towards Mon espace santé
ARCHIVE_NAME = "IHE_XDM.zip"
# What stands around the documents, rounded up: README.TXT, INDEX.HTM and the head of METADATA.XML; the entry of each
# document and its place in the zip; headers and text of the mail; headers of one part.
_ARCHIVE_FRAME, _DOCUMENT_FRAME, _MAIL_FRAME, _PART = 16 * 1024, 12 * 1024, 8 * 1024, 1024
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MESSAGE_ID = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")  # printable ASCII without angle brackets


@dataclass(frozen=True, slots=True)
class Mail:
    """An envelope and its content, as it goes on the wire: it ends with CRLF, and no line of it is a dot alone."""

    sender: str
    recipient: str
    envelope_id: str
    content: bytes
    wants_dsn: bool = True


def compose(parcel: Parcel, config: MssanteConfig) -> Mail:
    """Build the mail of a parcel. Raises PermanentChannelError: a rule of MSSanté forbids it."""
    sender, recipient = address_of(parcel.sender.mailbox), address_of(parcel.recipient.address)
    _check(parcel, recipient)
    headers, text = _headers(parcel, sender, recipient, config), mime.text_part(body.text(parcel))
    if not parcel.documents:
        return Mail(sender, recipient, str(parcel.shipment_id), headers + b"MIME-Version: 1.0\r\n" + text)
    boundary = f"=_perinat_{parcel.shipment_id.hex}"
    parts = [text]
    parts.append(mime.attachment("application/zip", ARCHIVE_NAME, xdm.archive(parcel, config)))
    for name, document in zip(naming.pdf_names(parcel), parcel.documents, strict=True):
        parts.append(mime.attachment("application/pdf", name, document.pdf_a))
    delimiter = f"--{boundary}\r\n".encode()
    content = b"".join(
        [
            headers,
            f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="{boundary}"\r\n\r\n'.encode(),
            *(delimiter + part for part in parts),
            f"--{boundary}--\r\n".encode(),
        ]
    )
    _check_size(len(content), recipient, config)
    return Mail(sender, recipient, str(parcel.shipment_id), content)


def size_of(documents: Sequence[DocumentSize]) -> int:
    """At least the bytes of the mail that carries these documents: `compose` never makes a heavier one."""
    archive = _ARCHIVE_FRAME + sum(document.cda + _DOCUMENT_FRAME for document in documents)
    return _MAIL_FRAME + mime.encoded_size(archive) + sum(mime.encoded_size(one.pdf_a) + _PART for one in documents)


def _headers(parcel: Parcel, sender: str, recipient: str, config: MssanteConfig) -> bytes:
    lines = [
        mime.address_header("From", naming.one_line(parcel.sender.name), sender),
        mime.address_header("To", naming.one_line(parcel.recipient.name), recipient),
        mime.text_header("Subject", _subject(parcel, config)),
        f"Date: {format_datetime(parcel.submission_set.submitted_at)}\r\n".encode(),
        f"Message-ID: <{_message_id(parcel.message_id)}>\r\n".encode(),
    ]
    if parcel.previous_message_id:
        previous = _message_id(parcel.previous_message_id)
        lines.append(f"In-Reply-To: <{previous}>\r\nReferences: <{previous}>\r\n".encode())
    if (people := config.reply_to.get(sender.lower())) and not is_patient(recipient):
        lines.append(mime.address_header("Reply-To", "", address_of(people)))  # ECO.2.2.5: of an applicative box
    if config.request_receipts:
        lines.append(mime.address_header("Disposition-Notification-To", "", sender))
    lines.append(f"X-MSS-NIL: {config.nil}\r\n".encode())
    if parcel.documents:  # both are absent from a mail that carries no CDA (ECO.2.4.1, 2.4.2)
        type_codes = ",".join(document.entry.type_code.code for document in parcel.documents)
        lines.append(mime.text_header("X-MSS-CODECDA", type_codes))
        lines.append(b"X-MSS-INS: O\r\n" if has_qualified_ins(parcel.patient) else b"X-MSS-INS: N\r\n")
    if is_patient(recipient) and (_closes(parcel) or not config.patient_may_answer):
        lines.append(b"X-MSS-MES: FIN\r\n")
    return b"".join(lines)


def _subject(parcel: Parcel, config: MssanteConfig) -> str:
    """That of the archive when there is one (ECO.2.1.3), else that of the letter."""
    if parcel.documents or parcel.letter is None:
        return naming.subject(parcel, config)
    return naming.one_line(parcel.letter.subject)


def _closes(parcel: Parcel) -> bool:
    return parcel.letter is not None and parcel.letter.closes


def has_qualified_ins(patient: SourcePatient) -> bool:
    """Matricule, OID and the four traits are there (ECO.2.4.2)."""
    return patient.ins is not None and bool(
        patient.birth_family_name and patient.birth_given_names and patient.sex in ("F", "M")
    )


def _check(parcel: Parcel, recipient: str) -> None:
    if not parcel.documents and parcel.letter is None:
        raise PermanentChannelError("EMPTY", "L'envoi ne contient aucun document.")
    if any(not document.pdf_a for document in parcel.documents):
        raise PermanentChannelError("PDF_TWIN", "La copie PDF d'un document manque : l'envoi n'est pas possible.")
    if is_patient(recipient):
        _check_patient(parcel, recipient)
    elif parcel.letter is not None:
        raise PermanentChannelError(
            "LETTER", "Ce message est écrit à la personne elle-même : il ne part que vers elle."
        )


def _check_patient(parcel: Parcel, recipient: str) -> None:
    """Her own qualified INS, key included (ECO.2.2.6), and nothing that she must not see."""
    # A minor is written to at their own address: comparing with this patient's INS covers it too.
    ins = parcel.patient.ins
    if ins is None or matricule_of(recipient) != ins.matricule:
        raise PermanentChannelError(
            "PATIENT_ADDRESS", "L'adresse Mon espace santé ne correspond pas à l'INS qualifiée du patient."
        )
    masks = {mask for document in parcel.documents for mask in document.entry.confidentiality}
    if codes.INVISIBLE_PATIENT in masks:
        raise PermanentChannelError(
            "INVISIBLE_PATIENT", "Un document non visible par le patient ne peut pas lui être envoyé."
        )
    minor = confidentiality.is_minor(parcel.patient.birth_date, on=parcel.submission_set.submitted_at.date())
    if minor and codes.INVISIBLE_REPRESENTANTS_LEGAUX in masks:
        raise PermanentChannelError(
            "INVISIBLE_REPRESENTANTS",
            "Un document caché aux représentants légaux ne part pas vers Mon espace santé, qu'ils peuvent lire.",
        )


def _check_size(size: int, recipient: str, config: MssanteConfig) -> None:
    limit = min(config.max_bytes, PATIENT_MAX_BYTES) if is_patient(recipient) else config.max_bytes
    if size > limit:
        raise PermanentChannelError("SIZE", _too_large_fr(size, limit), f"{size} > {limit}")


def _too_large_fr(size: int, limit: int) -> str:
    megabytes = f"{size / 1e6:.1f} Mo", f"{limit / 1e6:.1f} Mo"
    return "L'envoi pèse {} ; la messagerie admet {}.".format(*(m.replace(".", ",") for m in megabytes))


def address_of(value: str) -> str:
    """An address in ASCII. Raises PermanentChannelError: it is none."""
    local, _, domain = value.strip().rpartition("@")
    try:
        address = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        address = ""
    if not _ADDRESS.fullmatch(address):
        raise PermanentChannelError("ADDRESS", "L'adresse MSSanté n'a pas la forme attendue.")
    return address


def _message_id(value: str) -> str:
    if not _MESSAGE_ID.fullmatch(value):
        raise PermanentChannelError("MESSAGE_ID", "L'identifiant du message n'a pas la forme attendue.")
    return value
