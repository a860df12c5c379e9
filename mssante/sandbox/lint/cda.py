"""What the linter needs to know of a CDA document (Structuration minimale, header only)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from perinat.standards import oids, xml

_NS = f"{{{oids.NS_HL7}}}"
PATIENT = f"{_NS}recordTarget/{_NS}patientRole"
ENTITY = f"{PATIENT}/{_NS}patient"


@dataclass(frozen=True, slots=True)
class Cda:
    """Header facts of one document; empty strings for what is absent. Dates: AAAAMMJJ."""

    unique_id: str
    code: str
    label: str
    ins: str
    ins_oid: str
    birth_name: str
    given_names: tuple[str, ...]
    birth_date: str
    sex: str
    service_start: str
    replaces: tuple[str, ...]
    masks: frozenset[str]
    pdf: bytes | None

    @property
    def ins_is_qualified(self) -> bool:
        """Matricule, OID and the four strict traits (ECO.2.4.2)."""
        traits = (self.birth_name, self.given_names, self.birth_date, self.sex)
        return bool(self.ins and self.ins_oid) and all(traits)


def read(data: bytes) -> Cda:
    """Raises xml.XmlError: not XML that perinat accepts, or not a ClinicalDocument."""
    root = xml.parse(data)
    if root.tag != f"{_NS}ClinicalDocument":
        raise xml.XmlError("Le document n'est pas un CDA.")
    code = root.find(f"{_NS}code")
    ins = next((node for node in root.findall(f"{PATIENT}/{_NS}id") if node.get("root") in oids.INS_AUTHORITIES), None)
    return Cda(
        unique_id=_oid(root.find(f"{_NS}id")),
        code=_attribute(code, "code"),
        label=_attribute(code, "displayName"),
        ins=_attribute(ins, "extension"),
        ins_oid=_attribute(ins, "root"),
        birth_name=_birth_name(root),
        given_names=_given_names(root),
        birth_date=_attribute(root.find(f"{ENTITY}/{_NS}birthTime"), "value")[:8],
        sex=_attribute(root.find(f"{ENTITY}/{_NS}administrativeGenderCode"), "code"),
        service_start=_attribute(
            root.find(f"{_NS}documentationOf/{_NS}serviceEvent/{_NS}effectiveTime/{_NS}low"), "value"
        )[:8],
        replaces=tuple(
            _oid(node.find(f"{_NS}parentDocument/{_NS}id"))
            for node in root.findall(f"{_NS}relatedDocument[@typeCode='RPLC']")
        ),
        masks=frozenset(_attribute(node, "code") for node in root.findall(f"{_NS}confidentialityCode")),
        pdf=_encapsulated(root),
    )


def _attribute(node: xml.Element | None, name: str) -> str:
    return (node.get(name) or "").strip() if node is not None else ""


def _oid(node: xml.Element | None) -> str:
    extension = _attribute(node, "extension")
    return _attribute(node, "root") + (f"^{extension}" if extension else "")


def _birth_name(root: xml.Element) -> str:
    families = root.findall(f"{ENTITY}/{_NS}name/{_NS}family")
    return next(((node.text or "").strip() for node in families if node.get("qualifier") == "BR"), "")


def _given_names(root: xml.Element) -> tuple[str, ...]:
    """First birth given name (qualifier BR), else the list of given names; the first one first."""
    nodes = root.findall(f"{ENTITY}/{_NS}name/{_NS}given")
    first = [(node.text or "").strip() for node in nodes if node.get("qualifier") == "BR"]
    plain = [(node.text or "").strip() for node in nodes if not node.get("qualifier")]
    return tuple(text for text in (*first, *(name.split(" ")[0] for name in plain if name), *plain) if text)


def _encapsulated(root: xml.Element) -> bytes | None:
    """The PDF of an unstructured body (N1), None for a structured one."""
    text = root.find(f"{_NS}component/{_NS}nonXMLBody/{_NS}text")
    if text is None or text.get("mediaType") != "application/pdf":
        return None
    try:
        return base64.b64decode("".join((text.text or "").split()), validate=True)
    except binascii.Error:
        return b""
