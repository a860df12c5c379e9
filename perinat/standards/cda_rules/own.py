"""perinat's own check of a CDA header, for when no rules pack is present; that of a body is `own_body`.

Source: « Structuration minimale » V1.16.8 — order of the header, cardinalities of its mandatory
parts, INS traits beside an INS, identifiers in @root only (DMP), official codes (JDV_J01, J02, J04).
The type and the confidentiality are those that perinat writes. `beside_the_pack` is what the national
rules do not see, so that it runs with them too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from perinat.standards import codes, oids, value_sets, xml
from perinat.standards.cda_rules import sentences
from perinat.standards.cda_rules.findings import Finding, Level
from perinat.standards.cda_rules.own_body import body_findings
from perinat.standards.codes import Code

_NS = {"h": oids.NS_HL7}
# header elements in the order of the schema: (name, minimum, maximum or None)
_HEADER: tuple[tuple[str, int, int | None], ...] = (
    ("realmCode", 1, 1),
    ("typeId", 1, 1),
    ("templateId", 3, None),
    ("id", 1, 1),
    ("code", 1, 1),
    ("title", 1, 1),
    ("effectiveTime", 1, 1),
    ("confidentialityCode", 1, 1),
    ("languageCode", 1, 1),
    ("setId", 1, 1),
    ("versionNumber", 1, 1),
    ("copyTime", 0, 1),
    ("recordTarget", 1, 1),
    ("author", 1, None),
    ("dataEnterer", 0, 1),
    ("informant", 0, None),
    ("custodian", 1, 1),
    ("informationRecipient", 0, None),
    ("legalAuthenticator", 1, 1),
    ("authenticator", 0, None),
    ("participant", 0, None),
    ("inFulfillmentOf", 0, None),
    ("documentationOf", 1, None),
    ("relatedDocument", 0, 1),
    ("authorization", 0, None),
    ("componentOf", 1, 1),
    ("component", 1, 1),
)
_ORDER = {name: rank for rank, (name, _, _) in enumerate(_HEADER)}
# parts inside the header that must be there, without nullFlavor
_REQUIRED = (
    "recordTarget/patientRole/id",
    "recordTarget/patientRole/patient/name/family",
    "recordTarget/patientRole/patient/name/given",
    "recordTarget/patientRole/patient/administrativeGenderCode",
    "recordTarget/patientRole/patient/birthTime",
    "author/time",
    "author/assignedAuthor/id",
    "custodian/assignedCustodian/representedCustodianOrganization/id",
    "legalAuthenticator/time",
    "legalAuthenticator/signatureCode",
    "legalAuthenticator/assignedEntity/id",
    "documentationOf/serviceEvent/effectiveTime/low",
    "documentationOf/serviceEvent/performer/assignedEntity/id",
    "documentationOf/serviceEvent/performer/assignedEntity/representedOrganization/standardIndustryClassCode",
    "componentOf/encompassingEncounter/effectiveTime",
    "componentOf/encompassingEncounter/location/healthCareFacility/code",
)
_INS_TRAITS = (
    "patient/name/family[@qualifier='BR']",
    "patient/name/given[@qualifier='BR']",
    "patient/birthTime",
    "patient/administrativeGenderCode",
    "patient/birthplace/place/addr/county",
)
_INS = re.compile(r"[0-9AB]{15}")  # matricule and key: the form only, the key is checked when the INS is read
_INS_BRANCH = "1.2.250.1.213.1.4."
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+")
_OFFSET = re.compile(r"\d{14}[+-]\d{4}")
_FACILITY = "componentOf/encompassingEncounter/location/healthCareFacility/code"
_PRACTICE = _REQUIRED[13]
_LISTS = (
    ("author/assignedAuthor/code", "JDV_J01_XdsAuthorSpecialty"),
    (_FACILITY, "JDV_J02_XdsHealthcareFacilityTypeCode"),
    (_PRACTICE, "JDV_J04_XdsPracticeSettingCode"),
)


def own_check(cda: bytes) -> tuple[Finding, ...]:
    """Every finding, none when the header holds. Never raises on what a document may contain."""
    try:
        root = xml.parse(cda)
    except xml.XmlError as error:
        return (_finding(error.message_fr, error.detail),)
    if root.tag != f"{{{oids.NS_HL7}}}ClinicalDocument":
        return (_finding("Ce fichier n'est pas un document CDA.", "root element"),)
    return (
        *_header(root),
        *_required(root),
        *_identifiers(root),
        *_codes(root),
        *_traits(root),
        *_body(root),
        *beside_the_pack(root),
    )


def beside_the_pack(root: xml.Element) -> tuple[Finding, ...]:
    """What schematrons let pass: the form of an INS, the version of a model, its mandatory sections, their words."""
    return (*_ins(root), *body_findings(root))


def _finding(message_fr: str, detail: str, where: str = "") -> Finding:
    return Finding("own", Level.ERROR, message_fr, detail, where)


def _find(root: xml.Element, path: str) -> list[xml.Element]:
    return root.findall("/".join(f"h:{step}" for step in path.split("/")), _NS)


def _header(root: xml.Element) -> list[Finding]:
    names = [str(child.tag).rpartition("}")[2] for child in root if isinstance(child.tag, str)]
    out = []
    for name in dict.fromkeys(name for name in names if name not in _ORDER):
        out.append(_finding(f"{sentences.capital(sentences.part(name))} n'a pas de place ici.", f"unknown {name}"))
    ranks = [_ORDER[name] for name in names if name in _ORDER]
    for before, after in zip(ranks, ranks[1:], strict=False):
        if after < before:
            name = _HEADER[after][0]
            out.append(_finding(f"{sentences.capital(sentences.part(name))} n'est pas à sa place.", f"order: {name}"))
            break
    for name, least, most in _HEADER:
        count = sum(1 for node in _find(root, name) if node.get("nullFlavor") is None)
        if count < least:
            out.append(_finding(sentences.absent(name), f"{name}: {count}, at least {least}", f"/{name}"))
        if most is not None and count > most:
            out.append(_finding(sentences.repeated(name), f"{name}: {count}, at most {most}", f"/{name}"))
    return out


def _required(root: xml.Element) -> list[Finding]:
    """Parts of header elements that are present; an absent element is already named."""
    out = []
    for path in _REQUIRED:
        top, name = path.split("/")[0], path.split("/")[-1]
        if _find(root, top) and not any(node.get("nullFlavor") is None for node in _find(root, path)):
            out.append(_finding(sentences.absent(name, path), f"{path} is required", f"/{path}"))
    return out


def _identifiers(root: xml.Element) -> list[Finding]:
    out = []
    for path in ("id", "setId", "relatedDocument/parentDocument/id"):
        for node in _find(root, path):
            value = node.get("root", "")
            if node.get("extension") is not None or len(value) > 64 or not _OID.fullmatch(value):
                message = f"{sentences.subject(path.split('/')[-1], path)} : ce n'est pas un OID seul."
                out.append(_finding(message, f"{path}: @root only, 64 characters at most", f"/{path}"))
    for node in _find(root, "versionNumber"):
        if not re.fullmatch(r"[1-9]\d*", node.get("value", "")):
            out.append(_finding("Le numéro de version n'est pas un entier positif.", "versionNumber/@value"))
    for path in ("effectiveTime", "author/time", "legalAuthenticator/time"):
        for node in _find(root, path):
            if not _OFFSET.fullmatch(node.get("value", "")):
                message = "Une date n'est pas donnée à la seconde avec son décalage horaire."
                out.append(_finding(message, f"{path}/@value", f"/{path}"))
    return out


def _codes(root: xml.Element) -> list[Finding]:
    written = {kind.type.code: kind.type for kind in codes.DOCUMENT_TYPES.values()}
    out = _known(root, "code", lambda code, _: written.get(code))
    out += _known(root, "confidentialityCode", lambda code, _: codes.NORMAL if code == codes.NORMAL.code else None)
    for path, name in _LISTS:
        out += _known(root, path, partial(_official, value_sets.value_set(name)))
    templates = {node.get("root") for node in _find(root, "templateId")}
    for template in (oids.TEMPLATE_HL7_FRANCE, oids.TEMPLATE_CI_SIS):
        if template not in templates:
            out.append(_finding(sentences.absent("templateId"), f"templateId {template}", "/templateId"))
    return out


def _official(listed: value_sets.ValueSet, code: str, system: str) -> Code | None:
    found = listed.find(code, system)
    return found.code if found else None


def _known(root: xml.Element, path: str, find: Callable[[str, str], Code | None]) -> list[Finding]:
    out = []
    for node in _find(root, path):
        code = find(node.get("code", ""), node.get("codeSystem", ""))
        if code is None or node.get("codeSystem") != code.system or not node.get("displayName"):
            message = f"{sentences.subject(path.split('/')[-1], path)} : ce code n'est pas connu."
            out.append(_finding(message, f"{path}: code, codeSystem or displayName", f"/{path}"))
    return out


def _ins(root: xml.Element) -> list[Finding]:
    """The first INS that has not the form of one, or whose authority is none of the branch."""
    for node in _find(root, "recordTarget/patientRole/id"):
        authority = node.get("root", "")
        known = authority in oids.INS_AUTHORITIES
        if known and not _INS.fullmatch(node.get("extension", "")):
            return [_finding("Le matricule INS n'a pas la forme attendue (15 caractères).", "INS: 15 characters")]
        if not known and authority.startswith(_INS_BRANCH):
            return [_finding("L'autorité qui a affecté l'INS n'est pas connue.", "INS: unknown authority")]
    return []


def _traits(root: xml.Element) -> list[Finding]:
    """An INS never goes without the traits that name its owner."""
    for role in _find(root, "recordTarget/patientRole"):
        if not any(node.get("root") in oids.INS_AUTHORITIES for node in _find(role, "id")):
            continue
        missing = [path for path in _INS_TRAITS if not _find(role, path)]
        if missing:
            return [_finding(sentences.INS_TRAITS, f"INS traits: {', '.join(missing)}", "/recordTarget/patientRole")]
    return []


def _body(root: xml.Element) -> list[Finding]:
    if _find(root, "component/structuredBody") or not _find(root, "component"):
        return []
    out = []
    templates = [node.get("root") for node in _find(root, "templateId")]
    if len(templates) != 3 or oids.TEMPLATE_XDS_SD not in templates:
        out.append(_finding(sentences.absent("templateId"), "level 1: exactly three templateId", "/templateId"))
    texts = _find(root, "component/nonXMLBody/text")
    if not texts or any(t.get("representation") != "B64" or not t.get("mediaType") or not t.text for t in texts):
        out.append(_finding(sentences.absent("text"), "nonXMLBody/text: mediaType, B64, content", "/component"))
    return out
