"""Metadata of one document or of the lot's signature: cardinalities, types, codes (dmp.md §3.2 to §3.4)."""

from __future__ import annotations

from collections.abc import Callable

from dmp_gateway.sandbox import grammar, value_sets
from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox.complaints import Complaints
from dmp_gateway.sandbox.registry_objects import Classified, RegistryObject
from perinat.standards import oids

CLAUSE = "dmp §3.2 (DocumentEntry)"
CLAUSE_CODES = "dmp §3.4 (jeux de valeurs)"
CLAUSE_SIGNATURE = "dmp §1.5 (Signature01)"
METADATA = "XDSRegistryMetadataError"
REPOSITORY_METADATA = "XDSRepositoryMetadataError"
_SLOTS = frozenset(
    (
        "languageCode",
        "creationTime",
        "serviceStartTime",
        "serviceStopTime",
        "legalAuthenticator",
        "sourcePatientId",
        "sourcePatientInfo",
        "hash",
        "size",
        "repositoryUniqueId",
        "urn:ihe:iti:xds:2013:referenceIdList",
    )
)
_CODES = (
    (ro.DE_CLASS, "class", "classCode"),
    (ro.DE_TYPE, "type", "typeCode"),
    (ro.DE_FORMAT, "format", "formatCode"),
    (ro.DE_FACILITY, "facility", "healthcareFacilityTypeCode"),
    (ro.DE_PRACTICE, "practice", "practiceSettingCode"),
)
_PID = {"PID-3", "PID-5", "PID-7", "PID-8", "PID-11", "PID-13", "PID-14", "PID-15", "PID-16", "PID-18", "PID-21"}
MASKS = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")

Wrong = Callable[[str], None]


def check_document(entry: RegistryObject, found: Complaints) -> None:
    """Everything on a DocumentEntry that can be said without its bytes."""

    def wrong(reason: str) -> None:
        found.add(METADATA, reason, at=entry.identifier, clause=CLAUSE)

    def miscoded(reason: str) -> None:
        found.add(METADATA, reason, at=entry.identifier, clause=CLAUSE_CODES)

    if entry.mime_type not in ("text/xml", "application/xslt+xml"):
        wrong("mimeType d'un document CDA : text/xml.")
    if entry.slot("languageCode") != "fr-FR":
        wrong("languageCode manque ou n'est pas fr-FR.")
    if not entry.title or len(entry.title) > 128:
        wrong("Le titre manque ou dépasse 128 caractères.")
    if grammar.utc_instant(entry.slot("creationTime")) is None:
        wrong("creationTime n'est pas un instant UTC AAAAMMJJHHMMSS.")
    _service_times(entry, wrong)
    if set(entry.slots) - _SLOTS:
        wrong("Le document porte un Slot inconnu.")
    _common(entry, wrong)
    _source_patient(entry, wrong)
    for scheme, value_set, name in _CODES:
        values = entry.classified(scheme)
        if len(values) != 1:
            wrong(f"{name} : une valeur et une seule.")
        for value in values:
            if not value_sets.has(value_set, value.code, value.system):
                miscoded(f"{name} hors du jeu de valeurs.")
            if not value.label:
                wrong(f"{name} sans libellé.")
    _confidentiality(entry, wrong, miscoded)
    _class_of_type(entry, miscoded)
    for event in entry.classified(ro.DE_EVENT):
        if not event.code or not grammar.is_oid(event.system):
            wrong("eventCodeList sans code ou sans système de codage.")


def _service_times(entry: RegistryObject, wrong: Wrong) -> None:
    start, stop = entry.slot("serviceStartTime"), entry.slot("serviceStopTime")
    if not start.isdigit() or len(start) not in (8, 12, 14):
        wrong("serviceStartTime manque ou n'est pas un instant UTC.")
    if "serviceStopTime" in entry.slots and (not stop.isdigit() or len(stop) not in (8, 12, 14) or stop < start):
        wrong("serviceStopTime n'est pas un instant UTC postérieur au début.")


def _common(entry: RegistryObject, wrong: Wrong) -> None:
    """What a document and the signature share: identifiers, authors, legalAuthenticator."""
    if entry.object_type != ro.DOCUMENT:
        wrong("objectType n'est pas celui d'un DocumentEntry stable.")
    if entry.repeated_slots:
        wrong("Un Slot est répété.")
    if entry.slot("repositoryUniqueId") not in ("", oids.DMP_REPOSITORY):
        wrong("repositoryUniqueId est attribué par le DMP.")
    check_external(entry, ro.DE_PATIENT, "XDSDocumentEntry.patientId", wrong)
    check_external(entry, ro.DE_UNIQUE, "XDSDocumentEntry.uniqueId", wrong)
    if not grammar.is_oid(entry.external(ro.DE_UNIQUE)):
        wrong("uniqueId n'est pas un OID de 64 caractères au plus (sans extension).")
    legal = entry.slots.get("legalAuthenticator", [])
    if len(legal) != 1 or grammar.xcn_fault(legal[0]):
        wrong("legalAuthenticator : " + (grammar.xcn_fault(legal[0]) if legal else "absent") + ".")
    authors = entry.classified(ro.DE_AUTHOR)
    if not authors:
        wrong("Le document n'a pas d'auteur.")
    for author in authors:
        check_author(author, wrong)
    if set(entry.targets) - {entry.identifier}:
        wrong("Une classification ou un identifiant ne désigne pas l'objet qui le porte.")


def check_external(item: RegistryObject, scheme: str, label: str, wrong: Wrong) -> None:
    """One ExternalIdentifier of `scheme`, with the name that IHE gives it."""
    identified = item.identified(scheme)
    if len(identified) != 1 or not identified[0].value:
        wrong(f"{label} : une valeur et une seule.")
    elif identified[0].label != label:
        wrong(f"{label} : Name de l'ExternalIdentifier absent ou faux.")


def check_author(author: Classified, wrong: Wrong) -> None:
    """authorPerson 1 (XCN), authorInstitution 0..1 (XON), authorSpecialty 0..1, authorRole 0..*."""
    persons = author.slots.get("authorPerson", [])
    if len(persons) != 1:
        wrong("authorPerson : une valeur et une seule.")
    for person in persons:
        if reason := grammar.xcn_fault(person):
            wrong(f"authorPerson : {reason}.")
    institutions = author.slots.get("authorInstitution", [])
    if len(institutions) > 1:
        wrong("authorInstitution : une valeur au plus.")
    for institution in institutions:
        if reason := grammar.xon_fault(institution):
            wrong(f"authorInstitution : {reason}.")
    specialties = author.slots.get("authorSpecialty", [])
    if len(specialties) > 1:
        wrong("authorSpecialty : une valeur au plus.")
    for specialty in specialties:
        parts = specialty.split("^")
        if len(parts) != 3 or not value_sets.has("author_specialty", parts[0], parts[2]):
            wrong("authorSpecialty hors du jeu de valeurs ou mal écrite (code^libellé^système).")
    if set(author.slots) - {"authorPerson", "authorInstitution", "authorSpecialty", "authorRole"}:
        wrong("Une classification d'auteur porte un Slot inconnu.")


def _source_patient(entry: RegistryObject, wrong: Wrong) -> None:
    source = entry.slots.get("sourcePatientId", [])
    written = grammar.cx(source[0]) if len(source) == 1 else None
    if written is None or written.kind not in ("PI", "NH"):
        wrong("sourcePatientId manque ou n'est pas un CX de type PI ou NH.")
    fields = [line.partition("|") for line in entry.slots.get("sourcePatientInfo", [])]
    names = [name for name, _, _ in fields]
    if "PID-5" not in names:
        wrong("sourcePatientInfo sans PID-5.")
    if set(names) - _PID or any(names.count(name) > 1 for name in _PID - {"PID-5"}):
        wrong("sourcePatientInfo porte un champ inconnu ou répété.")
    for name, _, value in fields:
        if name == "PID-7" and not (value.isdigit() and len(value) in (8, 14)):
            wrong("sourcePatientInfo : PID-7 n'est pas une date AAAAMMJJ.")
        if name == "PID-8" and value not in ("F", "M", "U", "O", "A", "N"):
            wrong("sourcePatientInfo : PID-8 inconnu.")
        if name == "PID-5" and len(value.split("^")) < 7:
            wrong("sourcePatientInfo : PID-5 n'est pas un nom XPN typé.")


def check_confidentiality(entry: RegistryObject, found: Complaints) -> None:
    """The codes of a description that ITI-57 brings."""

    def wrong(reason: str) -> None:
        found.add(METADATA, reason, at=entry.identifier, clause=CLAUSE)

    _confidentiality(entry, wrong, wrong)


def _confidentiality(entry: RegistryObject, wrong: Wrong, miscoded: Wrong) -> None:
    values = entry.classified(ro.DE_CONFIDENTIALITY)
    codes = [value.code for value in values]
    if not 1 <= len(values) <= 4 or len(set(codes)) != len(codes):
        wrong("confidentialityCode : de une à quatre valeurs distinctes.")
    if codes[:1] != ["N"]:
        wrong("confidentialityCode : N manque ou n'est pas en premier.")
    if not all(value_sets.has("confidentiality", value.code, value.system) for value in values):
        miscoded("confidentialityCode hors du jeu de valeurs.")


def _class_of_type(entry: RegistryObject, miscoded: Wrong) -> None:
    types, classes = entry.classified(ro.DE_TYPE), entry.classified(ro.DE_CLASS)
    if len(types) != 1 or len(classes) != 1:
        return
    expected = value_sets.class_of_type(types[0].code)
    if expected and classes[0].code != expected:
        miscoded(f"classCode ne correspond pas au typeCode (table ASS_X16 : {expected}).")


def check_signature(entry: RegistryObject, found: Complaints) -> None:
    """Metadata of the XAdES of the lot (dmp.md §1.5)."""

    def wrong(reason: str) -> None:
        found.add(METADATA, reason, at=entry.identifier, clause=CLAUSE_SIGNATURE)

    expected = (
        (ro.DE_CLASS, ro.SIGNATURE_CLASS, "URN"),
        (ro.DE_TYPE, "E1762", "ASTM"),
        (ro.DE_FORMAT, ro.SIGNATURE_FORMAT, "URN"),
        (ro.DE_EVENT, "1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12"),
    )
    for scheme, code, system in expected:
        if [(value.code, value.system) for value in entry.classified(scheme)] != [(code, system)]:
            wrong(f"Métadonnées de la signature : {code} ({system}) attendu.")
    if entry.mime_type != "text/xml" or entry.slot("languageCode") != "art" or entry.title != "Source":
        wrong("Métadonnées de la signature : text/xml, art, titre Source attendus.")
    masks = {value.code for value in entry.classified(ro.DE_CONFIDENTIALITY)}
    if masks != {"N", "MASQUE_PS", "INVISIBLE_PATIENT"}:
        wrong("La signature porte N, MASQUE_PS et INVISIBLE_PATIENT.")
    for scheme, value_set, name in _CODES[3:]:
        values = entry.classified(scheme)
        if len(values) != 1 or not value_sets.has(value_set, values[0].code, values[0].system):
            wrong(f"{name} de la signature manque ou est hors du jeu de valeurs.")
    if grammar.utc_instant(entry.slot("creationTime")) is None:
        wrong("creationTime n'est pas un instant UTC AAAAMMJJHHMMSS.")
    _common(entry, wrong)
