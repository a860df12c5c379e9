"""Mails with documents that the simulated correspondents send: an IHE_XDM archive and the readable copies beside it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from email.utils import encode_rfc2231

from mssante.sandbox import mdn, report, xdm
from mssante.sandbox.clock import Clock
from mssante.sandbox.lint import archive as archives
from mssante.sandbox.lint import cda
from mssante.sandbox.lint.cda import Cda
from mssante.sandbox.lint.mail import Mail
from mssante.sandbox.lint.wording import LABEL_LENGTH, PREFIX, fold
from mssante.sandbox.people import Mailbox
from perinat.standards import oids, xml

_NS = f"{{{oids.NS_HL7}}}"
ANSWER_FR = "Bonjour,\r\n\r\nVoici mon retour sur cette personne.\r\n"


@dataclass(frozen=True, slots=True)
class Letter:
    """`documents`: CDA of one person. `answers`: Message-ID of the mail that it answers, if any."""

    author: Mailbox
    to: str
    text: str
    documents: tuple[bytes, ...]
    answers: str = ""


def compose(letter: Letter, clock: Clock) -> bytes:
    """The mail, asking what became of it. Raises xml.XmlError: one of the documents is no CDA."""
    read = [(data, cda.read(data)) for data in letter.documents]
    named = {f"DOC{number:04d}.XML": one for number, one in enumerate(read, 1)}
    parts = [
        _text(letter.text),
        _file("application/zip", "IHE_XDM.zip", xdm.archive(named, f"{clock.now():%Y%m%d%H%M%S}")),
    ]
    parts += [_file("application/pdf", _pdf_name(header), header.pdf) for _, header in read if header.pdf]
    return report.attached(_headers(letter, [header for _, header in read], clock), parts)


def _headers(letter: Letter, headers: list[Cda], clock: Clock) -> list[tuple[str, str]]:
    author, first = letter.author, headers[0]
    label = first.label[:LABEL_LENGTH].rstrip() if len(headers) == 1 else f"{len(headers)} documents"
    name, given = fold(first.birth_name).upper(), fold(first.given_names[0]) if first.given_names else ""
    born = f"{first.birth_date[6:8]}/{first.birth_date[4:6]}/{first.birth_date[:4]}"
    owner = f"{report.encode_subject(author.owner)} " if author.owner else ""
    return [
        ("Return-Path", f"<{author.address}>"),
        ("From", f"{owner}<{author.address}>"),
        ("To", letter.to),
        ("Subject", report.encode_subject(f"{PREFIX}{label} {name} {given} {born}")),
        ("Date", clock.rfc5322()),
        ("Message-ID", report.message_id("courrier", author.domain)),
        ("In-Reply-To", letter.answers),
        ("References", letter.answers),
        ("Disposition-Notification-To", author.address),
        ("X-MSS-NIL", mdn.NIL),
        ("X-MSS-CODECDA", ",".join(header.code for header in headers)),
        ("X-MSS-INS", "O" if all(header.ins_is_qualified for header in headers) else "N"),
    ]


def _pdf_name(header: Cda) -> str:
    label = header.label[:LABEL_LENGTH].rstrip().replace("/", " ").replace("_", " ")
    given = fold(header.given_names[0]) if header.given_names else ""
    return f"{header.service_start}_{label}_{fold(header.birth_name).upper()}_{given}.pdf"


def _text(text: str) -> bytes:
    return b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text.encode()


def _file(content_type: str, name: str, data: bytes) -> bytes:
    shown = f'filename="{name}"' if name.isascii() else f"filename*={encode_rfc2231(name, 'UTF-8')}"
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n"
    body = base64.encodebytes(data).replace(b"\n", b"\r\n")
    return f"{head}Content-Disposition: attachment; {shown}\r\n\r\n".encode() + body


def documents_of(raw: bytes) -> list[bytes]:
    """The CDA of the archive of a mail, in the order of their names."""
    found: list[bytes] = []
    for part in Mail(raw, "", []).archives[:1]:
        for files in archives.read(part.data).subsets.values():
            found += [data for _, data in sorted(files.items()) if b"<ClinicalDocument" in data]
    return found


def answer_to(data: bytes, author: str) -> bytes:
    """A document of this correspondent about the same person: another identity, another title, another author."""
    root = xml.parse(data)
    for name in ("id", "setId"):
        if (node := root.find(f"{_NS}{name}")) is not None:
            node.attrib.clear()
            node.set("root", xdm.new_oid())
    for node in root.findall(f"{_NS}relatedDocument"):
        root.remove(node)
    if (version := root.find(f"{_NS}versionNumber")) is not None:
        version.set("value", "1")
    if (title := root.find(f"{_NS}title")) is not None:
        title.text = f"Retour du correspondant : {title.text or ''}"[:128]
    for family in root.findall(f"{_NS}author/{_NS}assignedAuthor/{_NS}assignedPerson/{_NS}name/{_NS}family")[:1]:
        family.text = author
    return xml.to_bytes(root)
