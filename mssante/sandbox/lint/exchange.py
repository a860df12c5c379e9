"""Rules of a document mail: archive, documents, MSSanté headers and readable twins, together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mssante.sandbox.lint import archive, cda, metadata
from mssante.sandbox.lint.cda import Cda
from mssante.sandbox.lint.findings import Finding
from mssante.sandbox.lint.headers import PATIENT_DOMAIN
from mssante.sandbox.lint.mail import Mail, Part
from mssante.sandbox.lint.wording import check_subject, pdf_name_fits, pdf_name_is_shaped
from mssante.sandbox.mes import key_is_right
from perinat.standards import xml

_PDF_A = re.compile(rb"pdfaid:part\s*(?:>|=\s*[\"'])\s*1")
_MATRICULE = re.compile(r"\d{6}[0-9AB]\d{8}")


def check(mail: Mail) -> Iterator[Finding]:
    """Everything that a mail which carries, or should carry, an XDM must satisfy."""
    if not mail.archives:
        yield Finding("xdm-missing", "ECO.2.1.1", "Le message annonce un document mais n'a pas de IHE_XDM.zip.")
        yield from _unexpected_headers(mail)
        return
    if len(mail.archives) > 1:
        yield Finding("xdm-several", "ECO.2.1.1", "Le message porte plusieurs archives IHE_XDM.zip.")
    part = mail.archives[0]
    yield from _attachment(part)
    opened = archive.read(part.data)
    yield from opened.findings
    documents: list[Cda] = []
    found: list[Finding] = []
    for files in opened.subsets.values():
        if archive.METADATA in files and (lot := metadata.read(files, found)):
            documents += _documents(lot, found)
    yield from found
    if documents:
        yield from _one_patient(documents)
        yield from check_subject(mail.subject, documents)
        yield from _code_header(mail, documents)
        yield from _ins_header(mail, documents)
        yield from _patient_recipient(mail, documents)
        yield from _twins(mail, documents)
    elif not opened.findings and not found:
        yield Finding("cda-missing", "ECO.2.1.1", "L'archive ne contient aucun CDA.")


def _attachment(part: Part) -> Iterator[Finding]:
    if part.name.upper() != "IHE_XDM.ZIP":
        yield Finding("xdm-name", "ECO.2.1.1", "L'archive ne s'appelle pas IHE_XDM.zip.")
    if part.content_type not in ("application/zip", "application/x-zip-compressed"):
        yield Finding("xdm-type", "IG LPS v1.1.3", "L'archive n'est pas de type application/zip.")


def _unexpected_headers(mail: Mail) -> Iterator[Finding]:
    for name, clause in (("X-MSS-CODECDA", "ECO.2.4.1"), ("X-MSS-INS", "ECO.2.4.2")):
        if mail.values(name):
            yield Finding("header-unexpected", clause, f"L'en-tête {name} est réservé aux messages qui portent un CDA.")


def _documents(lot: metadata.Lot, found: list[Finding]) -> list[Cda]:
    documents: list[Cda] = []
    for entry in lot.entries:
        if entry.data is None or entry.mime_type not in ("text/xml", "application/xml"):
            continue
        try:
            document = cda.read(entry.data)
        except xml.XmlError as error:
            found.append(Finding("cda-xml", "ECO.2.1.1", error.message_fr))
            continue
        documents.append(document)
        found += _agreement(lot, entry, document)
    return documents


def _agreement(lot: metadata.Lot, entry: metadata.Entry, document: Cda) -> Iterator[Finding]:
    """METADATA.XML says of the document what the document says of itself (ECO.2.1.2)."""
    if entry.patient != lot.patient:
        yield Finding("metadata-patients", "ECO.2.1.1", "Le lot et un document ne désignent pas le même patient.")
    if document.ins and not entry.patient.startswith(f"{document.ins}^^^&{document.ins_oid}&ISO^"):
        yield Finding("metadata-ins", "ECO.2.1.2", "patientId n'est pas l'INS du CDA.")
    if not document.ins and any(oid in entry.patient for oid in ("1.2.250.1.213.1.4.",)):
        yield Finding("metadata-ins", "ECO.2.1.2", "patientId porte un INS que le CDA n'a pas.")
    if entry.type_code != document.code:
        yield Finding("metadata-type", metadata.CLAUSE, "typeCode n'est pas le code du CDA.")
    if entry.unique_id != document.unique_id:
        yield Finding("metadata-unique-id", metadata.CLAUSE, "uniqueId n'est pas l'identifiant du CDA.")
    if lot.action not in ("", "C", "D"):
        yield Finding("metadata-action", "IG TRANS v2.1.2", "L'action du lot n'est ni C ni D.")
    if lot.action == "C" and not document.replaces:
        yield Finding("replace-target", "IG TRANS v2.1.2", "Un document de remplacement ne dit pas ce qu'il remplace.")
    if document.ins and not (_MATRICULE.fullmatch(document.ins) and key_is_right(document.ins)):
        yield Finding("ins-key", "INS (clé)", "Le matricule INS du CDA a une forme ou une clé fausse.")
    if document.ins and not document.ins_is_qualified:
        yield Finding("ins-traits", "INS/va1.53", "Un INS est transmis sans ses quatre traits.")


def _one_patient(documents: list[Cda]) -> Iterator[Finding]:
    people = {(document.ins, document.birth_name, document.birth_date, document.sex) for document in documents}
    if len(people) > 1:
        yield Finding("several-patients", "ECO.2.1.1", "Les documents du message concernent plusieurs patients.")


def _code_header(mail: Mail, documents: list[Cda]) -> Iterator[Finding]:
    values = mail.values("X-MSS-CODECDA")
    if not values:
        yield Finding("codecda-missing", "ECO.2.4.1", "L'en-tête X-MSS-CODECDA est absent.")
    elif sorted(code.strip() for code in ",".join(values).split(",")) != sorted(item.code for item in documents):
        yield Finding("codecda-mismatch", "ECO.2.4.1", "X-MSS-CODECDA ne donne pas les codes des CDA.")


def _ins_header(mail: Mail, documents: list[Cda]) -> Iterator[Finding]:
    value = mail.value("X-MSS-INS")
    expected = "O" if all(document.ins_is_qualified for document in documents) else "N"
    if not value:
        yield Finding("ins-missing", "ECO.2.4.2", "L'en-tête X-MSS-INS est absent.")
    elif value not in ("O", "N"):
        yield Finding("ins-value", "ECO.2.4.2", "X-MSS-INS ne vaut ni « O » ni « N ».")
    elif value != expected:
        yield Finding("ins-mismatch", "ECO.2.4.2", "X-MSS-INS ne dit pas ce que le CDA porte.")


def _patient_recipient(mail: Mail, documents: list[Cda]) -> Iterator[Finding]:
    matricules = {
        address.removesuffix(PATIENT_DOMAIN).upper() for address in mail.recipients if address.endswith(PATIENT_DOMAIN)
    }
    if not matricules:
        return
    if any(not document.ins_is_qualified for document in documents):
        yield Finding("patient-ins", "ECO.2.2.6", "Un message vers un usager suppose un INS qualifié.")
    elif matricules != {document.ins for document in documents}:
        yield Finding("patient-address", "ENS v1.3 §2", "Le message part vers la boîte d'un autre usager.")
    if any("INVISIBLE_PATIENT" in document.masks for document in documents):
        yield Finding("patient-mask", "IG TRANS v2.1.2", "Un document non visible du patient lui est envoyé.")


def _twins(mail: Mail, documents: list[Cda]) -> Iterator[Finding]:
    """One PDF/A-1 per CDA, named after it (ECO.2.1.1, 2.1.5, 2.1.6)."""
    if len(mail.pdfs) < len(documents):
        yield Finding("pdf-missing", "ECO.2.1.1", "Il manque le PDF/A-1 d'un document.")
    if len(mail.pdfs) > len(documents):
        yield Finding("pdf-extra", "ECO.2.1.1", "Un PDF joint ne correspond à aucun CDA de l'archive.")
    for pdf in mail.pdfs:
        if not pdf.data.startswith(b"%PDF-1."):
            yield Finding("pdf-format", "ECO.2.1.1", "Un PDF joint n'est pas un PDF 1.x.")
        elif not _PDF_A.search(pdf.data):
            yield Finding("pdf-a", "ECO.2.1.1", "Un PDF joint ne se déclare pas PDF/A-1.")
        if not pdf_name_is_shaped(pdf.name):
            yield Finding("pdf-name", "ECO.2.1.6", "Le nom d'un PDF n'est pas <date>_<type>_<NOM>_<prénom>.pdf.")
        elif not any(pdf_name_fits(pdf.name, document) for document in documents):
            yield Finding("pdf-name-content", "ECO.2.1.6", "Le nom d'un PDF n'est celui d'aucun des documents.")
    attached = [pdf.data for pdf in mail.pdfs]
    for document in documents:
        if document.pdf is not None and attached and document.pdf not in attached:
            yield Finding("pdf-n1", "ECO.2.1.5", "Le PDF joint n'est pas celui que le CDA N1 contient.")
