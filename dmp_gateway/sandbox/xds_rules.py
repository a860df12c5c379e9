"""Metadata of a lot: structure, SubmissionSet, one patient, one caller (dmp.md §1.5, §3.2, §7 (6))."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_gateway.sandbox import entry_rules, grammar, value_sets
from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox.complaints import Complaints
from dmp_gateway.sandbox.refusals import RegistryRefusal
from dmp_gateway.sandbox.registry_objects import Lot, RegistryObject
from dmp_gateway.sandbox.vihf_rules import Caller

CLAUSE = "dmp §1.5 (structure du lot)"
CLAUSE_SET = "dmp §3.2 (SubmissionSet)"
CLAUSE_PATIENT = "dmp §3.2, §7 (un patient par lot, resource-id = patientId)"
CLAUSE_AUTHOR = "dmp §1.9 (authorInstitution et Identifiant_Structure)"
METADATA = "XDSRegistryMetadataError"
_SET_SLOTS = {"submissionTime", "homeCommunityId", "intendedRecipient"}


@dataclass(frozen=True, slots=True)
class Submission:
    """A lot whose metadata is good. `replaces`: id of a new document → entryUUID it replaces."""

    package: RegistryObject
    documents: tuple[RegistryObject, ...]
    signature: RegistryObject
    replaces: dict[str, str]

    @property
    def unique_id(self) -> str:
        return self.package.external(ro.SS_UNIQUE)


def check_deposit(lot: Lot, caller: Caller) -> Submission:
    """The rules of ITI-41. Raises RegistryRefusal with all that is wrong."""
    found = Complaints(CLAUSE)
    package = only_package(lot)
    documents, signatures = lot.documents, lot.signatures
    if not documents:
        found.add(METADATA, "Le lot ne contient aucun document.")
    if len(signatures) != 1:
        found.add(METADATA, "Le lot contient une signature et une seule.")
    found.stop()
    signature = signatures[0]
    _identifiers(lot, found)
    replaces = _associations(lot, package, signature, found)
    check_submission_set(package, found)
    for document in documents:
        entry_rules.check_document(document, found)
    entry_rules.check_signature(signature, found)
    found.stop()
    check_patient(package, [*documents, signature], caller)
    check_author(package, documents, caller)
    return Submission(package, tuple(documents), signature, replaces)


def only_package(lot: Lot) -> RegistryObject:
    """The SubmissionSet of a lot. Raises RegistryRefusal: none, several, or not classified as such."""
    if len(lot.packages) != 1 or list(lot.classified_sets) != [lot.packages[0].identifier]:
        raise RegistryRefusal.of(METADATA, "Le lot contient un SubmissionSet classé et un seul.", CLAUSE)
    if lot.strangers:
        raise RegistryRefusal.of(METADATA, "Le lot contient un objet ebRIM étranger à XDS.", CLAUSE)
    return lot.packages[0]


def _identifiers(lot: Lot, found: Complaints) -> None:
    names = [item.identifier for item in (*lot.packages, *lot.extrinsics)]
    if "" in names or len(set(names)) != len(names):
        found.add(METADATA, "Un identifiant d'objet manque ou est répété dans le lot.")
    uniques = [item.external(ro.DE_UNIQUE) for item in lot.extrinsics]
    if len(set(uniques)) != len(uniques):
        found.add("XDSRepositoryDuplicateUniqueIdInMessage", "Un uniqueId est répété dans le lot.")


def _associations(lot: Lot, package: RegistryObject, signature: RegistryObject, found: Complaints) -> dict[str, str]:
    known = {item.identifier for item in lot.extrinsics}
    members = [link for link in lot.links(ro.HAS_MEMBER) if link.source == package.identifier]
    targets = [link.target for link in members]
    if sorted(targets) != sorted(known) or len(members) != len(lot.links(ro.HAS_MEMBER)):
        found.add(METADATA, "Les associations HasMember ne relient pas le lot à chacun de ses objets, une fois.")
    if any(link.slots.get("SubmissionSetStatus") != ["Original"] for link in members):
        found.add(METADATA, "SubmissionSetStatus=Original manque sur une association HasMember.")
    signs = lot.links(ro.SIGNS)
    if [(link.source, link.target) for link in signs] != [(signature.identifier, package.identifier)]:
        found.add(METADATA, "L'association signs ne relie pas la signature au lot.")
    replaces: dict[str, str] = {}
    for link in lot.links(ro.RPLC):
        if link.source not in known or link.source == signature.identifier or link.source in replaces:
            found.add(METADATA, "L'association RPLC ne part pas d'un document du lot.")
        elif not link.target.startswith("urn:uuid:"):
            found.add("UnresolvedReferenceException", "La cible de RPLC n'est pas un entryUUID.", at=link.source)
        replaces[link.source] = link.target
    if len(set(replaces.values())) != len(replaces):
        found.add(METADATA, "Un document est remplacé deux fois dans le lot.")
    others = {link.kind for link in lot.associations} - {ro.HAS_MEMBER, ro.SIGNS, ro.RPLC}
    if others:
        found.add(METADATA, "Type d'association non admis dans un dépôt.")
    return replaces


def check_submission_set(package: RegistryObject, found: Complaints) -> None:
    """Cardinalities and types of the SubmissionSet (also in ITI-57)."""
    at = package.identifier

    def wrong(reason: str) -> None:
        found.add(METADATA, reason, at=at, clause=CLAUSE_SET)

    for scheme, name in (
        (ro.SS_PATIENT, "patientId"),
        (ro.SS_SOURCE, "sourceId"),
        (ro.SS_UNIQUE, "uniqueId"),
    ):
        entry_rules.check_external(package, scheme, f"XDSSubmissionSet.{name}", wrong)
    for scheme, name in ((ro.SS_SOURCE, "sourceId"), (ro.SS_UNIQUE, "uniqueId")):
        if not grammar.is_oid(package.external(scheme)):
            wrong(f"{name} du lot n'est pas un OID de 64 caractères au plus.")
    if grammar.utc_instant(package.slot("submissionTime")) is None:
        wrong("submissionTime n'est pas un instant UTC AAAAMMJJHHMMSS.")
    if set(package.slots) - _SET_SLOTS:
        wrong("Le SubmissionSet porte un Slot inconnu.")
    if len(package.classified(ro.SS_AUTHOR)) != 1:
        wrong("Le SubmissionSet a un auteur et un seul.")
    for author in package.classified(ro.SS_AUTHOR):
        entry_rules.check_author(author, wrong)
    contents = package.classified(ro.SS_CONTENT_TYPE)
    if len(contents) != 1 or not value_sets.has("content_type", contents[0].code, contents[0].system):
        wrong("contentTypeCode manque ou n'est pas dans le jeu de valeurs.")
    if set(package.targets) - {at}:
        wrong("Une classification ou un identifiant ne désigne pas l'objet qui le porte.")


def check_patient(package: RegistryObject, extrinsics: list[RegistryObject], caller: Caller) -> None:
    """One patient in the lot, the one that the VIHF names. Raises RegistryRefusal."""
    written = {package.external(ro.SS_PATIENT), *(item.external(ro.DE_PATIENT) for item in extrinsics)}
    patients = {grammar.cx(value) for value in written}
    if None in patients or not all(patient.is_national for patient in patients if patient):
        raise RegistryRefusal.of(METADATA, "patientId n'est pas un INS au format CX.", CLAUSE_PATIENT)
    if len(patients) != 1:
        raise RegistryRefusal.of("XDSPatientIdDoesNotMatch", "Le lot nomme plusieurs patients.", CLAUSE_PATIENT)
    if patients != {caller.patient}:
        reason = "patientId diffère du resource-id du VIHF."
        raise RegistryRefusal.of("XDSPatientIdDoesNotMatch", reason, CLAUSE_PATIENT)


def check_author(package: RegistryObject, documents: list[RegistryObject], caller: Caller) -> None:
    """An authorInstitution of the lot is the structure of the VIHF. Raises RegistryRefusal."""
    authors = [*package.classified(ro.SS_AUTHOR)]
    for document in documents:
        authors += document.classified(ro.DE_AUTHOR)
    written = [value for author in authors for value in author.slots.get("authorInstitution", [])]
    if caller.structure not in {grammar.xon_identifier(value) for value in written}:
        raise RegistryRefusal.of(
            "sandbox:AuthorInstitutionMismatch",
            "Aucun AuthorInstitution ne correspond à l'utilisateur du VIHF",
            CLAUSE_AUTHOR,
        )
