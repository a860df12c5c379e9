"""The bytes of WS_INS2 « rechercherInsAvecTraitsIdentite »: the question, and what its answer says.

SOAP 1.2, WSDL « ICIR » of the CNAM, read through a published client (docs/interop/ins.md). Traits stand in the body
only; no error raised here repeats one.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree

from perinat.connectors.insi.conf import InsiConfig
from perinat.standards import xml
from perinat.standards.identifiers import IdentifierError, Ins
from perinat.standards.national_identity import IdentityTraits

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
LPS = "urn:siram:lps:ctxlps"
BAM = "urn:siram:bam:ctxbam"
ASKED = "http://www.cnamts.fr/INSiRecSans"
ANSWERED = "http://www.cnamts.fr/INSiResultat"
ACTION = "urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvecTraitsIdentite"
FOUND, NONE, SEVERAL = "00", "01", "02"
NAMES = {"soap": SOAP, "wsa": WSA, "ctxlps": LPS, "ctxbam": BAM, "sans": ASKED}
INSTANCE = str(uuid.uuid4())  # of this process


class AnswerError(Exception):
    """What came back is no answer; `code` says why, never a trait."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """CodeCR, and the identity when it is 00."""

    code: str
    ins: Ins | None = None
    traits: IdentityTraits | None = None


def question(traits: IdentityTraits, given_names: Sequence[str], *, with_place: bool, config: InsiConfig) -> bytes:
    """The envelope that asks about these traits under these given names."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap=NAMES)
    header = etree.SubElement(envelope, f"{{{SOAP}}}Header")
    _text(header, WSA, "Action", ACTION)
    _text(header, WSA, "MessageID", f"uuid:{uuid.uuid4()}")
    lps = etree.SubElement(header, f"{{{LPS}}}ContexteLPS", Nature="CTXLPS", Version="01_00")
    _identified(lps, LPS, now)
    software = etree.SubElement(lps, f"{{{LPS}}}LPS")
    _text(software, LPS, "IDAM", config.idam).set("R", "4")
    _text(software, LPS, "Version", config.lps_name.partition(":")[2])
    _text(software, LPS, "Instance", INSTANCE)
    _text(software, LPS, "Nom", f"urn:lps:{config.lps_name}")
    bam = etree.SubElement(header, f"{{{BAM}}}ContexteBAM", Nature="CTXBAM", Version="01_02")
    _identified(bam, BAM, now)
    etree.SubElement(bam, f"{{{BAM}}}COUVERTURE")
    body = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{ASKED}}}RECSANSVITALE")
    _text(body, ASKED, "NomNaissance", traits.birth_family_name)
    for name in given_names:
        _text(body, ASKED, "Prenom", name)
    _text(body, ASKED, "Sexe", traits.sex)
    _text(body, ASKED, "DateNaissance", traits.birth_date.isoformat())
    if with_place and traits.birth_place_cog:
        _text(body, ASKED, "LieuNaissance", traits.birth_place_cog)
    return xml.to_bytes(envelope)


def _identified(context: etree._Element, namespace: str, now: str) -> None:
    _text(context, namespace, "Id", str(uuid.uuid4()))
    _text(context, namespace, "Temps", now)
    _text(context, namespace, "Emetteur", "perinat")


def _text(parent: etree._Element, namespace: str, name: str, value: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    element.text = value
    return element


def read(data: bytes) -> Answer:
    """The answer of WS_INS2. Raises AnswerError: a fault of the service (its own code), or nothing that can be read."""
    try:
        root = xml.parse(data)
    except xml.XmlError as error:
        raise AnswerError("insi:not_xml") from error
    for element in root.iter("{*}Erreur"):  # siram:Erreur in the Detail of a fault
        raise AnswerError(f"siram:{element.get('code', '')}"[:80])
    results = list(root.iter(f"{{{ANSWERED}}}RESULTAT"))
    if len(results) != 1:
        raise AnswerError("insi:no_result")
    code = _of(results[0], "CR", "CodeCR")
    if code in (NONE, SEVERAL):
        return Answer(code)
    if code != FOUND:
        raise AnswerError(f"insi:cr_{code}"[:80])
    return _identity(results[0])


def _identity(result: etree._Element) -> Answer:
    number = _of(result, "INDIVIDU", "INSACTIF", "IdIndividu", "NumIdentifiant")
    key = _of(result, "INDIVIDU", "INSACTIF", "IdIndividu", "Cle")
    try:
        ins = Ins(f"{number}{key}", _of(result, "INDIVIDU", "INSACTIF", "OID"))
        traits = IdentityTraits(
            birth_family_name=_of(result, "INDIVIDU", "TIQ", "NomNaissance"),
            birth_given_names=_of(result, "INDIVIDU", "TIQ", "ListePrenom"),
            sex=_of(result, "INDIVIDU", "TIQ", "Sexe"),
            birth_date=date.fromisoformat(_of(result, "INDIVIDU", "TIQ", "DateNaissance")),
            birth_place_cog=_of(result, "INDIVIDU", "TIQ", "LieuNaissance"),
        )
    except IdentifierError as error:
        raise AnswerError("insi:bad_ins") from error
    except ValueError as error:  # a lunar date: no calendar has it
        raise AnswerError("insi:bad_date") from error
    if not traits.birth_family_name or not traits.birth_given_names or traits.sex not in ("F", "M"):
        raise AnswerError("insi:no_traits")
    return Answer(FOUND, ins, traits)


def _of(element: etree._Element, *path: str) -> str:
    found = element.find("/".join(f"{{{ANSWERED}}}{name}" for name in path))
    return (found.text or "").strip() if found is not None else ""
