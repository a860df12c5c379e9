"""What INSi refuses, and what it answers. Codes that the CNAM does not publish start with « sandbox: »."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

from perinat.connectors.insi.sandbox.people import NAME, People
from perinat.standards import xml
from perinat.standards.xml import Element

SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
WSA = "{http://www.w3.org/2005/08/addressing}"
LPS = "{urn:siram:lps:ctxlps}"
BAM = "{urn:siram:bam:ctxbam}"
ASKED = "{http://www.cnamts.fr/INSiRecSans}"
ACTION = "urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvecTraitsIdentite"
LEVELS = ("INSI-AUTO", "INSI-MANU")
IDAM = "PERINAT-BAC-A-SABLE"
COG = re.compile(r"(?:\d{2}|2[AB])\d{3}", re.ASCII)
ORDER = ("NomNaissance", "Prenom", "Sexe", "DateNaissance", "LieuNaissance")
MAX_BYTES = 64 * 1024


class RefusedError(Exception):
    """A fault: the code of siram:Erreur and its text."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


def check_name(name: str | None) -> None:
    """The access level is the name of the certificate. Raises RefusedError."""
    if name is not None and name not in LEVELS:
        raise RefusedError("desir_560", "Niveau d'accès insuffisant")


def asked(data: bytes, content_type: str) -> dict[str, Any]:
    """The traits of a question. Raises RefusedError."""
    if not content_type.startswith("application/soap+xml"):
        raise RefusedError("sandbox:content_type", "SOAP 1.2 attendu : application/soap+xml")
    try:
        root = xml.parse(data, max_bytes=MAX_BYTES)
    except xml.XmlError as error:
        raise RefusedError("sandbox:xml", error.message_fr) from error
    if root.tag != f"{SOAP}Envelope":
        raise RefusedError("sandbox:soap", "Enveloppe SOAP 1.2 attendue")
    _check_header(root)
    body = root.findall(f"{SOAP}Body/*")
    if [one.tag for one in body] != [f"{ASKED}RECSANSVITALE"]:
        raise RefusedError("sandbox:body", "Un seul RECSANSVITALE attendu")
    return _traits(body[0])


def _check_header(root: Element) -> None:
    if root.findtext(f"{SOAP}Header/{WSA}Action") != ACTION:
        raise RefusedError("sandbox:action", "wsa:Action absente ou inconnue")
    if not _is_uuid((root.findtext(f"{SOAP}Header/{WSA}MessageID") or "").removeprefix("uuid:")):
        raise RefusedError("sandbox:message_id", "wsa:MessageID « uuid:… » attendu")
    for prefix, name, version in ((LPS, "ContexteLPS", "01_00"), (BAM, "ContexteBAM", "01_02")):
        context = root.find(f"{SOAP}Header/{prefix}{name}")
        if context is None or context.get("Version") != version:
            raise RefusedError("sandbox:context", f"{name} {version} attendu")
        if not all(context.findtext(f"{prefix}{one}") for one in ("Id", "Temps", "Emetteur")):
            raise RefusedError("sandbox:context", f"{name} : Id, Temps et Emetteur attendus")
    software = f"{SOAP}Header/{LPS}ContexteLPS/{LPS}LPS/{LPS}"
    if root.findtext(f"{software}IDAM") != IDAM:
        raise RefusedError("desir_550", "IDAM inconnu")
    if not _is_uuid(root.findtext(f"{software}Instance") or ""):
        raise RefusedError("sandbox:context", "LPS : Instance est un UUID")
    if not (root.findtext(f"{software}Nom") or "").startswith("urn:lps:"):
        raise RefusedError("sandbox:context", "LPS : Nom « urn:lps:… » attendu")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _traits(body: Element) -> dict[str, Any]:
    fields = [(str(one.tag).removeprefix(ASKED), one.text or "") for one in body]
    ranks = [ORDER.index(name) if name in ORDER else -1 for name, _ in fields]
    alone = [name for name, _ in fields if name != "Prenom"]
    if -1 in ranks or ranks != sorted(ranks) or len(alone) != len(set(alone)):
        raise RefusedError("sandbox:schema", "Champs inconnus, répétés ou en désordre")
    values = dict(fields)
    given = [text for name, text in fields if name == "Prenom"]
    if any(not NAME.fullmatch(text) for text in (values.get("NomNaissance", ""), *given)):
        raise RefusedError("sandbox:traits", "Noms : capitales A-Z, espace, tiret, apostrophe")
    if values.get("Sexe") not in ("F", "M"):
        raise RefusedError("sandbox:traits", "Sexe : F ou M")
    place = values.get("LieuNaissance", "")
    if place and not COG.fullmatch(place):
        raise RefusedError("sandbox:traits", "LieuNaissance : code officiel géographique")
    try:
        birth = date.fromisoformat(values.get("DateNaissance", ""))
    except ValueError as error:
        raise RefusedError("sandbox:traits", "DateNaissance : AAAA-MM-JJ") from error
    return {
        "family": values["NomNaissance"], "given": given, "sex": values["Sexe"], "birth_date": birth.isoformat(),
        "cog": place,
    }  # fmt: skip


def found(people: People, traits: dict[str, Any]) -> tuple[str, dict[str, str] | None]:
    """CodeCR, and the identity when there is one. No list is ever given for several."""
    rows = people.matching(traits)
    if len(rows) == 1:
        return "00", rows[0]
    return ("02" if rows else "01"), None
