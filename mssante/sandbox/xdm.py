"""An IHE_XDM archive as a simulated correspondent writes one: one submission set, its CDA documents, ebRIM 3.0.

Layout: IHE ITI TF-2 §3.32; identifiers: IHE ITI TF-3 §4.2.3. Only what a receiver needs is filled in.
"""

from __future__ import annotations

import hashlib
import io
import uuid
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from mssante.sandbox.lint import metadata
from mssante.sandbox.lint.cda import Cda
from perinat.standards import oids

README = "Emetteur : correspondant fictif du bac à sable.\r\nDocuments à ouvrir dans un logiciel de soins.\r\n"
INDEX = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><body><a href="README.TXT">Voir le fichier README.TXT</a></body></html>'
)
_SET = "SubmissionSet01"
_HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
_STABLE = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
_SOURCE = "1.2.250.1.999.2"


def new_oid() -> str:
    return f"2.25.{uuid.uuid4().int}"


def archive(documents: Mapping[str, tuple[bytes, Cda]], now: str) -> bytes:
    """`documents`: file name → (bytes, what its header says). `now`: AAAAMMJJHHMMSS."""
    files = {"README.TXT": README.encode(), "INDEX.HTM": INDEX.encode()}
    files["IHE_XDM/SUBSET01/METADATA.XML"] = _metadata(documents, now)
    files |= {f"IHE_XDM/SUBSET01/{name}": data for name, (data, _) in documents.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return buffer.getvalue()


def _metadata(documents: Mapping[str, tuple[bytes, Cda]], now: str) -> bytes:
    first = next(iter(documents.values()))[1]
    identifiers = ((metadata.SET_PATIENT, _cx(first)), (metadata.SET_SOURCE, _SOURCE), (metadata.SET_UNIQUE, new_oid()))
    package = "".join(_identifier(scheme, value) for scheme, value in identifiers)
    entries = "".join(_entry(name, data, header, now) for name, (data, header) in documents.items())
    members = "".join(
        f'<Association id="M{name}" associationType="{_HAS_MEMBER}" sourceObject="{_SET}" targetObject="D{name}"/>'
        for name in documents
    )
    node = f'<Classification id="N" classifiedObject="{_SET}" classificationNode="{metadata.SET_NODE}"/>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<SubmitObjectsRequest xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0">'
        '<RegistryObjectList xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">'
        f'<RegistryPackage id="{_SET}">{package}</RegistryPackage>{node}{entries}{members}'
        "</RegistryObjectList></SubmitObjectsRequest>"
    ).encode()


def _entry(name: str, data: bytes, header: Cda, now: str) -> str:
    said = {
        "creationTime": now,
        "languageCode": "fr-FR",
        "serviceStartTime": header.service_start or now[:8],
        "sourcePatientId": _cx(header),
        "hash": hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        "size": str(len(data)),
        "URI": name,
    }
    slots = "".join(_slot(key, value) for key, value in said.items())
    title = f"<Name><LocalizedString value={quoteattr(header.label)}/></Name>"
    classes = "".join(
        f'<Classification id="C{name}{kind}" classificationScheme="{scheme}" classifiedObject="D{name}" '
        f'nodeRepresentation="{header.code if kind == "typeCode" else "INCONNU"}">'
        f"{_slot('codingScheme', oids.LOINC)}</Classification>"
        for kind, scheme in metadata.DOC_CLASSES.items()
        if kind != "author"
    )
    author = f'<Classification id="C{name}author" classificationScheme="{metadata.DOC_CLASSES["author"]}" '
    author += f'classifiedObject="D{name}" nodeRepresentation="">{_slot("authorPerson", "^CORRESPONDANT^Fictif")}'
    identifiers = _identifier(metadata.DOC_PATIENT, _cx(header)) + _identifier(metadata.DOC_UNIQUE, header.unique_id)
    return (
        f'<ExtrinsicObject id="D{name}" mimeType="text/xml" objectType="{_STABLE}">'
        f"{slots}{title}{author}</Classification>{classes}{identifiers}</ExtrinsicObject>"
    )


def _cx(header: Cda) -> str:
    if not header.ins:
        return f"INCONNU^^^&{_SOURCE}&ISO^PI"
    return f"{header.ins}^^^&{header.ins_oid}&ISO^NH"


def _slot(name: str, value: str) -> str:
    return f'<Slot name="{name}"><ValueList><Value>{escape(value)}</Value></ValueList></Slot>'


def _identifier(scheme: str, value: str) -> str:
    return f'<ExternalIdentifier id="X{uuid.uuid4()}" identificationScheme="{scheme}" value={quoteattr(value)}/>'
