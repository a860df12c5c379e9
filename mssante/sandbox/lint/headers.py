"""Rules of every mail: RFC 5322 and the MSSanté headers (Référentiel socle #2, §2 and §3.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import getaddresses, parsedate_to_datetime

from mssante.sandbox.lint.findings import Finding, warning
from mssante.sandbox.lint.mail import Mail, addresses
from mssante.sandbox.mes import address_fault

PATIENT_DOMAIN = "@patient.mssante.fr"
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")
_NIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}")
SINGLE = ("From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "X-MSS-NIL", "X-MSS-MES")


def check(mail: Mail, known_nils: frozenset[str]) -> Iterator[Finding]:
    yield from _syntax(mail)
    yield from _identification(mail)
    yield from _origin(mail)
    yield from _product(mail, known_nils)
    yield from _patients(mail)


def _syntax(mail: Mail) -> Iterator[Finding]:
    between = mail.raw.replace(b"\r\n", b"")  # a regular expression costs 60 times more on a mail of some MB
    if b"\r" in between or b"\n" in between:
        yield Finding("bare-line-end", "RFC 5321 §2.3.8", "Une fin de ligne n'est pas CR LF.")
    if any(byte > 127 for line in mail.message.raw_items() for byte in line[1].encode("utf-8", "surrogateescape")):
        yield Finding("raw-header", "RFC 2047", "Un en-tête porte des caractères hors ASCII non encodés.")
    if any(len(line) > 998 for line in mail.raw.splitlines()):
        yield Finding("line-length", "RFC 5322 §2.1.1", "Une ligne dépasse 998 octets.")
    for name in SINGLE:
        if len(mail.values(name)) > 1:
            yield Finding("repeated-header", "RFC 5322 §3.6", f"L'en-tête {name} est présent plusieurs fois.")
    for part in mail.parts:
        if "=?" in part.raw_name:
            yield Finding(
                "filename-encoding",
                "RFC 2231 (IG LPS v1.1.3)",
                "Un nom de fichier est encodé en RFC 2047 au lieu de RFC 2231.",
            )


def _identification(mail: Mail) -> Iterator[Finding]:
    message_id = mail.value("Message-ID")
    if not message_id:
        yield Finding("message-id-missing", "ECO.2.2.1", "Le Message-ID est absent.")
    elif not _MESSAGE_ID.fullmatch(message_id):
        yield Finding("message-id-syntax", "ECO.2.2.1", "Le Message-ID n'a pas la forme de la RFC 5322.")
    try:
        parsedate_to_datetime(mail.value("Date"))
    except ValueError:
        yield Finding("date", "RFC 5322 §3.6.1", "La date du message est absente ou illisible.")
    if mail.value("In-Reply-To") and not mail.value("References"):
        yield Finding("references", "ECO.2.2.2", "Une réponse porte In-Reply-To sans References.")


def _origin(mail: Mail) -> Iterator[Finding]:
    senders = getaddresses(mail.values("From"))
    if len(senders) != 1 or not senders[0][1]:
        yield Finding("from", "RFC 5322 §3.6.2", "L'en-tête From ne porte pas une adresse et une seule.")
        return
    name, address = senders[0]
    if mail.mail_from and address.lower() != mail.mail_from:
        yield Finding("from-envelope", "RFC 5322 §3.6.2", "From n'est pas la boîte qui envoie (MAIL FROM).")
    if not name.strip():
        yield warning("from-name", "ECO.2.2.7", "L'adresse From n'a pas de libellé parlant.")
    wanted = addresses(mail.values("Disposition-Notification-To"))
    if wanted and mail.mail_from and wanted != [mail.mail_from]:
        yield warning(
            "mdn-address",
            "RFC 8098 §2.1",
            "L'accusé de lecture est demandé vers une autre adresse que l'expéditeur : il ne partira pas seul.",
        )
    if not addresses(mail.values("To") + mail.values("Cc")):
        yield Finding("no-recipient", "RFC 5322 §3.6.3", "Aucun destinataire n'est nommé dans To ou Cc.")


def _product(mail: Mail, known_nils: frozenset[str]) -> Iterator[Finding]:
    nil = mail.value("X-MSS-NIL")
    if not nil:
        yield Finding("nil-missing", "ECO.2.4.3", "L'en-tête X-MSS-NIL est absent : tout message le porte.")
    elif not _NIL.fullmatch(nil):
        yield Finding("nil-syntax", "ECO.2.4.3", "L'en-tête X-MSS-NIL n'est pas une référence produit.")
    elif known_nils and nil not in known_nils:
        yield Finding("nil-unknown", "ECO.2.4.3", "La référence produit de X-MSS-NIL n'est pas déclarée.")


def _patients(mail: Mail) -> Iterator[Finding]:
    patients = [address for address in mail.recipients if address.endswith(PATIENT_DOMAIN)]
    end = mail.values("X-MSS-MES")
    if end and end[0].strip() != "FIN":
        yield Finding("mes-value", "ECO.2.2.8", "X-MSS-MES ne vaut pas « FIN ».")
    if end and not patients:
        yield Finding("mes-unexpected", "ECO.2.2.8", "X-MSS-MES est réservé aux messages vers un usager.")
    for address in patients:
        if fault := address_fault(address.removesuffix(PATIENT_DOMAIN)):
            yield warning("patient-key", "ECO.2.2.6", f"L'adresse d'un usager n'est pas un matricule : {fault}.")
    if patients and len(patients) < len(mail.recipients):
        yield warning("patient-among-others", "ECO.2.1.1", "Un usager et un professionnel reçoivent le même message.")
    if len(patients) > 1:
        yield Finding("several-patients", "ECO.2.1.1", "Le message est adressé à plusieurs usagers.")
