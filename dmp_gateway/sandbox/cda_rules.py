"""Rules on the documents themselves: header, national rules, agreement with the metadata (dmp.md §5, §7 (8))."""

from __future__ import annotations

from dmp_gateway.sandbox import cda_header, grammar, value_sets
from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox.cda_header import CdaHeader
from dmp_gateway.sandbox.complaints import Complaints
from dmp_gateway.sandbox.national_rules import CLAUSE as CLAUSE_NATIONAL
from dmp_gateway.sandbox.national_rules import NationalRules
from dmp_gateway.sandbox.registry_objects import RegistryObject
from perinat.standards import oids
from perinat.standards.xml import Element

CLAUSE = "dmp §5 (Structuration minimale V1.16.8)"
CLAUSE_MATCH = "dmp §3.2 (en-tête CDA et métadonnées)"
INVALID = "InvalidDocumentContent"
MISMATCH = "sandbox:MetadataMismatch"


def check(entry: RegistryObject, data: bytes, tree: Element, national: NationalRules) -> CdaHeader:
    """`data` and its `tree` against the rules and against its metadata `entry`. Raises RegistryRefusal."""
    found = Complaints(CLAUSE)
    if tree.tag != f"{{{oids.NS_HL7}}}ClinicalDocument":
        found.add(INVALID, "Le document n'est pas un ClinicalDocument.", at=entry.identifier)
        found.stop()
    header = cda_header.read(tree)
    _header(header, entry, found)
    found.stop()
    for message in national.check(data)[:10]:
        found.add(INVALID, message, at=entry.identifier, clause=CLAUSE_NATIONAL)
    found.stop()
    for name, same in _agreement(header, entry).items():
        if not same:
            found.add(MISMATCH, f"{name} diffère de l'en-tête du CDA.", at=entry.identifier, clause=CLAUSE_MATCH)
    found.stop()
    return header


def _header(header: CdaHeader, entry: RegistryObject, found: Complaints) -> None:
    def wrong(reason: str) -> None:
        found.add(INVALID, reason, at=entry.identifier)

    roots = {root for root, _ in header.templates}
    if not {oids.TEMPLATE_HL7_FRANCE, oids.TEMPLATE_CI_SIS} <= roots:
        wrong("templateId de HL7 France ou du CI-SIS absent.")
    for name, (root, extension) in (("id", header.identifier), ("setId", header.set_identifier)):
        if not grammar.is_oid(root) or extension:
            wrong(f"{name} : un OID dans root et pas d'extension (DMP).")
    if not header.version.isdigit() or int(header.version) < 1:
        wrong("versionNumber manque ou n'est pas un entier positif.")
    if len(header.created) != 14:
        wrong("effectiveTime manque ou n'a pas de décalage horaire.")
    if not header.patient_ids:
        wrong("Le document ne nomme aucun patient.")


def _agreement(header: CdaHeader, entry: RegistryObject) -> dict[str, bool]:
    """Attribute of the metadata → does it agree with the header?"""
    patient = grammar.cx(entry.external(ro.DE_PATIENT))
    source = grammar.cx(entry.slot("sourcePatientId"))
    authors = [author.slots for author in entry.classified(ro.DE_AUTHOR)]
    persons = {grammar.xcn(slots["authorPerson"][0]).identifier for slots in authors}
    institutions = {grammar.xon_identifier(value) for slots in authors for value in slots.get("authorInstitution", [])}
    legal = grammar.xcn(entry.slot("legalAuthenticator")).identifier
    pid = dict(line.partition("|")[::2] for line in entry.slots.get("sourcePatientInfo", []))
    return {
        "uniqueId": header.identifier == (entry.external(ro.DE_UNIQUE), ""),
        "title": header.title == " ".join(entry.title.split()),
        "typeCode": header.code == _coded(entry, ro.DE_TYPE),
        "creationTime": header.created == entry.slot("creationTime"),
        "languageCode": header.language == entry.slot("languageCode"),
        "confidentialityCode": header.confidentiality == _coded(entry, ro.DE_CONFIDENTIALITY),
        "patientId": patient is not None and header.patient_ids[0] == (patient.oid, patient.identifier),
        "sourcePatientId": source is not None and (source.oid, source.identifier) in header.patient_ids,
        "sourcePatientInfo": pid.get("PID-7", header.birth_date)[:8] == header.birth_date
        and pid.get("PID-8", header.sex) == header.sex,
        "authorPerson": persons <= {extension for _, extension in header.author_ids},
        "authorInstitution": institutions <= {extension for _, extension in header.author_structures},
        "legalAuthenticator": header.legal_id == (oids.PS_IDNAT, legal),
        "serviceStartTime": header.service_start == entry.slot("serviceStartTime"),
        "serviceStopTime": entry.slot("serviceStopTime") in ("", header.service_stop),
        "healthcareFacilityTypeCode": header.facility == _coded(entry, ro.DE_FACILITY),
        "practiceSettingCode": header.practice == _coded(entry, ro.DE_PRACTICE),
        "formatCode": _format(header) in ("", _coded(entry, ro.DE_FORMAT)[0]),
    }


def _coded(entry: RegistryObject, scheme: str) -> tuple[str, str]:
    values = entry.classified(scheme)
    return (values[0].code, values[0].system) if values else ("", "")


def _format(header: CdaHeader) -> str:
    """formatCode that the document calls for: by media type (level 1) or by model (ASS-A12, ASS-A11)."""
    if header.media_type:
        return value_sets.format_of_media(header.media_type)
    for root, _ in header.templates:
        if expected := value_sets.format_of_template(root):
            return expected
    return ""
