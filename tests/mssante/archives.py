"""IHE_XDM archives written by hand, with one flaw each, and the mails around them."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
LCM = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
TYPE, UNIQUE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983", "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
PATIENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
STABLE = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"


def zipped(members: Mapping[str, bytes], *, deflated: bool = False) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as package:
        for name, data in members.items():
            package.writestr(name, data)
    return buffer.getvalue()


def slot(name: str, value: object) -> str:
    return f'<Slot name="{name}"><ValueList><Value>{value}</Value></ValueList></Slot>'


def entry(data: bytes, *, uri: str = "DOC0001.XML", unique_id: str = "1.2.250.1.999.9.1", action: str = "",
          digest: str | None = None, size: int | None = None, patient: str = "") -> str:  # fmt: skip
    """One ExtrinsicObject; `digest` and `size` say something else than the truth."""
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest() if digest is None else digest
    slots = slot("URI", uri) + slot("hash", sha1) + slot("size", len(data) if size is None else size)
    slots += slot("action", action) if action else ""
    of_patient = f'<ExternalIdentifier identificationScheme="{PATIENT}" value="{patient}"/>' if patient else ""
    return (
        f'<ExtrinsicObject id="D{uri}" mimeType="text/xml" objectType="{STABLE}">{slots}'
        f'<Name><LocalizedString value="Lettre"/></Name>'
        f'<Classification classificationScheme="{TYPE}" nodeRepresentation="34112-3">'
        f"{slot('codingScheme', '2.16.840.1.113883.6.1')}</Classification>{of_patient}"
        f'<ExternalIdentifier identificationScheme="{UNIQUE}" value="{unique_id}"/></ExtrinsicObject>'
    )


def metadata(*entries: str) -> bytes:
    inside = f'<RegistryObjectList xmlns="{RIM}">{"".join(entries)}</RegistryObjectList>'
    return f'<SubmitObjectsRequest xmlns="{LCM}">{inside}</SubmitObjectsRequest>'.encode()


def archive(*documents: bytes, folder: str = "IHE_XDM/SUBSET01", extra: Mapping[str, bytes] | None = None,
            deflated: bool = False, **said: object) -> bytes:  # fmt: skip
    """`said`: what `entry` says of each document."""
    names = [f"DOC{number:04d}.XML" for number in range(1, len(documents) + 1)]
    numbered = zip(names, documents, strict=True)
    entries = [
        entry(data, **({"uri": name, "unique_id": f"1.2.250.1.999.9.{name[3:7]}"} | said))  # type: ignore[arg-type]
        for name, data in numbered
    ]
    members = {"README.TXT": b"perinat", f"{folder}/METADATA.XML": metadata(*entries)}
    members |= {f"{folder}/{name}": data for name, data in zip(names, documents, strict=True)}
    return zipped(members | dict(extra or {}), deflated=deflated)


def attached(content_type: str, name: str, data: bytes) -> bytes:
    head = f'Content-Type: {content_type}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
    return f'{head}Content-Disposition: attachment; filename="{name}"\r\n\r\n'.encode() + base64.encodebytes(data)


def mail(*parts: bytes, subject: str = "XDM/1.0/DDM+Lettre ACACIA Louise", sender: str = "ville@essai.mssante.example",
         headers: str = "", number: int = 1, edge: str = "b") -> bytes:  # fmt: skip
    """`edge`: boundary of its parts, its own when the mail forwards another one."""
    top = (
        f"From: Cabinet d'essai <{sender}>\r\nTo: perinat@essai.mssante.example\r\nSubject: {subject}\r\n"
        f"Date: Mon, 16 Mar 2026 09:05:00 +0100\r\nMessage-ID: <m{number}@essai.mssante.example>\r\n{headers}"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{edge}"\r\n\r\n'
        f"--{edge}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBonjour, voici les documents.\r\n"
    ).encode()
    line = f"--{edge}".encode()
    return top + b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"


def forwarding(raw: bytes, *more: bytes, subject: str = "TR", sender: str = "ville@essai.mssante.example") -> bytes:
    """A colleague sends this mail on, as an attachment."""
    edge = hashlib.sha256(raw).hexdigest()[:12]
    return mail(b"Content-Type: message/rfc822\r\n\r\n" + raw, *more, subject=subject, sender=sender, edge=edge)


def with_archive(data: bytes, *more: bytes, **said: object) -> bytes:
    return mail(attached("application/zip", "IHE_XDM.zip", data), *more, **said)  # type: ignore[arg-type]
