"""Every code the DMP is known to answer, in ONE table: what it means for the shipment, and for a person.

Sources: dmp.md §4.2 (DMP codes seen in public material), §4.3 (IHE ITI TF-3 §4.2.4), §4.4
(classification). The official list (SEL-MP-037 annex A7-1) is not public: an unknown code is kept
verbatim and ruled by the shape that carried it.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from coordination.ports import (
    ChannelError,
    PermanentChannelError,
    PreviousAbsentError,
    TemporaryChannelError,
    UncertainChannelError,
)
from dmp_gateway.soap import Refusal
from perinat.standards.xds import SourcePatient


class Nature(enum.IntEnum):
    """What a refusal means, the gravest first when an answer holds several."""

    PERMANENT = 1  # a person must act
    FUNCTIONAL = 2  # a normal answer about the patient
    UNCERTAIN = 3  # perhaps done: ask before resending
    TEMPORARY = 4  # surely not done: try again
    ALREADY_THERE = 5  # says that it holds what we send: to be confirmed by TD3.1b
    NOTHING_TO_REPLACE = 6  # surely not done: the version to replace is not there


@dataclass(frozen=True, slots=True)
class Ruling:
    """`fact_fr` says what happened ({by} and {of} name the holder), `next_fr` what happens next."""

    nature: Nature
    fact_fr: str
    next_fr: str


_P, _F, _U, _T, _A = Nature.PERMANENT, Nature.FUNCTIONAL, Nature.UNCERTAIN, Nature.TEMPORARY, Nature.ALREADY_THERE
_N = Nature.NOTHING_TO_REPLACE
_NOTHING = "Rien à faire côté DMP."
_RETRY = "L'envoi est refait automatiquement."
_CHECK = "perinat vérifie s'il est arrivé avant tout nouvel envoi."
_ADMIN = "L'administrateur doit corriger le réglage, puis relancer l'envoi."
_DOCUMENT = "Le document est à corriger, puis à envoyer de nouveau."
_SUPPORT = "L'administrateur doit examiner la réponse, puis relancer l'envoi."
_IDENTITY = "L'identité est à vérifier avant tout nouvel envoi."

_BUSY = Ruling(_T, "Le DMP est momentanément occupé.", _RETRY)
_METADATA = Ruling(_P, "Le DMP refuse la description du document.", _SUPPORT)
_INTERNAL = Ruling(_U, "Le DMP a rencontré une erreur pendant l'envoi.", _CHECK)
_INCOMPLETE = Ruling(_P, "Le DMP signale un document absent ou en double dans l'envoi.", _SUPPORT)
_CONTENT = Ruling(_P, "Le DMP refuse le contenu du document.", _DOCUMENT)
_PATIENT = Ruling(_P, "Le DMP ne reconnaît pas l'identité de l'envoi.", _IDENTITY)
_OTHER_CONTENT = Ruling(
    _P, "Le DMP contient déjà un document différent sous le même identifiant.", "Une nouvelle version est à établir."
)
_QUERY = Ruling(_P, "Le DMP refuse la recherche du document.", _SUPPORT)
_UPDATE = Ruling(_P, "Le DMP refuse de retirer le document.", _SUPPORT)
_REPLACEMENT = Ruling(_P, "Le DMP refuse de remplacer la version précédente.", _SUPPORT)
_CERTIFICATE = Ruling(_P, "Le DMP refuse le certificat de l'établissement.", _ADMIN)
_STRUCTURE = Ruling(_P, "Le DMP ne reconnaît pas l'établissement.", _ADMIN)
_ENVELOPE = Ruling(_P, "Le DMP refuse la forme de la demande.", _SUPPORT)

TABLE: dict[str, Ruling] = {
    # About the patient: TD0.2 (dmp.md §1.4) and the faults that say the same
    "NF": Ruling(_F, "Il n'y a pas de DMP à ce nom.", _NOTHING),
    "INTERDIT": Ruling(_F, "L'accès de l'établissement au DMP est refusé {by}.", _NOTHING),
    "FERMETURE_DEMANDE_PATIENT": Ruling(_F, "Le DMP est fermé à la demande {of}.", _NOTHING),
    "DMPClosed": Ruling(_F, "Le DMP est fermé.", _NOTHING),
    # Configuration
    "DMPInvalidCertificate": _CERTIFICATE,
    "CERTIFICATE_REFUSED": _CERTIFICATE,
    "SERVER_NOT_TRUSTED": Ruling(_P, "Le serveur joint n'est pas reconnu comme étant le DMP.", _ADMIN),
    "CERTIFICATE_UNUSABLE": Ruling(_P, "Le certificat de l'établissement ne peut pas servir.", _ADMIN),
    "CONFIGURATION": Ruling(_P, "Le réglage de la passerelle DMP est incomplet.", _ADMIN),
    "MessageAddressingHeaderRequired": _ENVELOPE,
    # ITI-41
    "XDSMissingDocument": _INCOMPLETE,
    "XDSMissingDocumentMetadata": _INCOMPLETE,
    "XDSRegistryDuplicateUniqueIdInMessage": _INCOMPLETE,
    "XDSRepositoryDuplicateUniqueIdInMessage": _INCOMPLETE,
    "XDSRepositoryMetadataError": _METADATA,
    "XDSRegistryMetadataError": _METADATA,
    "UnresolvedReferenceException": _METADATA,
    "InvalidDocumentContent": _CONTENT,
    "XDSUnknownPatientId": _PATIENT,
    "XDSPatientIdDoesNotMatch": _PATIENT,
    "XDSResultNotSinglePatient": _PATIENT,
    "XDSPatientIDReconciliationError": _PATIENT,
    "XDSNonIdenticalHash": _OTHER_CONTENT,
    "XDSNonIdenticalSize": _OTHER_CONTENT,
    "XDSDuplicateUniqueIdInRegistry": Ruling(_A, "Le DMP annonce avoir déjà reçu cet envoi.", _CHECK),
    # On a replacement sent twice, the first one has made the old version obsolete
    "XDSRegistryDeprecatedDocumentError": Ruling(_A, "La version à remplacer est déjà remplacée dans le DMP.", _CHECK),
    "XDSReplaceFailed": _REPLACEMENT,
    "XDSRegistryBusy": _BUSY,
    "XDSRepositoryBusy": _BUSY,
    "XDSRegistryOutOfResources": _BUSY,
    "XDSRepositoryOutOfResources": _BUSY,
    "XDSRegistryNotAvailable": _BUSY,
    "XDSRegistryError": _INTERNAL,
    "XDSRepositoryError": _INTERNAL,
    # ITI-18
    "XDSUnknownStoredQuery": _QUERY,
    "XDSStoredQueryMissingParam": _QUERY,
    "XDSStoredQueryParamNumber": _QUERY,
    "XDSTooManyResults": _QUERY,
    # ITI-57
    "XDSMetadataUpdateError": _UPDATE,
    "XDSMetadataUpdateOperationError": _UPDATE,
    "XDSMetadataVersionError": _UPDATE,
    "XDSMetadataIdentifierError": _UPDATE,
    "XDSObjectTypeError": _UPDATE,
    "XDSInvalidRequestException": _ENVELOPE,
    "UnmodifiableMetadataError": _UPDATE,
    "LocalPolicyRestrictionError": Ruling(
        _P, "Le DMP réserve cet acte à l'établissement qui a déposé le document.", _SUPPORT
    ),
    # Said by perinat itself, before or after the exchange
    "INS_MISSING": Ruling(
        _P,
        "L'INS n'est pas qualifiée : le dépôt au DMP n'est pas permis.",
        "L'INS est à qualifier avant tout nouvel envoi.",
    ),
    "INS_NOT_ALLOWED": Ruling(_P, "Une INS réelle ne peut pas être employée sur cette installation.", _ADMIN),
    "TOO_LARGE": Ruling(_P, "Les documents dépassent la taille que le DMP admet.", "Ils sont à envoyer séparément."),
    "MASKS_EXCLUSIVE": Ruling(
        _P, "Un document ne peut pas être caché à la fois à la patiente et aux professionnels.", _DOCUMENT
    ),
    "SPECIALTY_MISSING": Ruling(
        _P, "La spécialité du médecin ou du pharmacien manque.", "Elle est à compléter dans sa fiche."
    ),
    "PREVIOUS_ABSENT": Ruling(
        _N, "La version à remplacer n'est pas dans le DMP.", "Le document est envoyé comme un nouveau document."
    ),
    "DOCUMENT_UNFIT": Ruling(_P, "Le document ou sa description ne peut pas être écrit pour le DMP.", _DOCUMENT),
    "UNREACHABLE": Ruling(_T, "Le DMP ne répond pas.", _RETRY),
    "UNKNOWN_OUTCOME": Ruling(_U, "Le DMP n'a pas confirmé l'envoi.", _CHECK),
    "GARBLED_ANSWER": Ruling(_U, "La réponse du DMP est illisible.", _CHECK),
}

# Refusals known by their text alone (dmp.md §4.2). Compared without case.
TEXTS: tuple[tuple[str, Ruling], ...] = (
    ("structure introuvable ou inactive", _STRUCTURE),
    ("ps et structure non liés", _STRUCTURE),
    ("erreur d'authentification de la personne morale", _STRUCTURE),
    ("aucun authorinstitution ne correspond", _STRUCTURE),
    ("aucune spécialité dans le vihf", TABLE["SPECIALTY_MISSING"]),
    ("not a valid signature certificate", _CERTIFICATE),
)
_UNKNOWN = Ruling(_P, "Le DMP refuse la demande.", _SUPPORT)
REFUSED_AT_THE_DOOR = Ruling(_P, "Le serveur du DMP refuse la demande avant de la lire.", _ADMIN)
_CHILD_YEARS = 12  # below, the holder is the newborn of the stay and its representatives decide


def ruling(refusal: Refusal) -> Ruling:
    """The ruling of one refusal: by its code, else by its text, else by its shape."""
    if refusal.code in TABLE:
        return TABLE[refusal.code]
    text = refusal.text.lower()
    known = next((found for fragment, found in TEXTS if fragment in text), None)
    if known:
        return known
    return _INTERNAL if refusal.receiver else _UNKNOWN


def gravest(refusals: Sequence[Refusal]) -> tuple[Refusal, Ruling]:
    """The refusal that decides when an answer holds several, with its ruling."""
    return min(((refusal, ruling(refusal)) for refusal in refusals), key=lambda pair: pair[1].nature)


@dataclass(frozen=True, slots=True)
class Holder:
    """How a sentence names the holder of the DMP."""

    by: str = "par son titulaire"
    of: str = "de son titulaire"


def holder(patient: SourcePatient, today: date) -> Holder:
    """Mother, father or, below twelve, a child by its representatives."""
    if (today - patient.birth_date).days / 365.25 < _CHILD_YEARS:
        return Holder("par ses représentants légaux", "des représentants légaux")
    return Holder("par le patient", "du patient") if patient.sex == "M" else Holder("par la patiente", "de la patiente")


def error(
    code: str, found: Ruling | None = None, *, detail: str = "", raw: bytes = b"", who: Holder | None = None
) -> ChannelError:
    """The port error of a code of the table (or of `found`, for a code of the DMP that it does not hold)."""
    rule = found or TABLE[code]
    words = who or Holder()
    said = f"{rule.fact_fr.format(by=words.by, of=words.of)} {rule.next_fr}"
    match rule.nature:
        case Nature.TEMPORARY:
            return TemporaryChannelError(code, said, detail, raw)
        case Nature.UNCERTAIN | Nature.ALREADY_THERE:
            return UncertainChannelError(code, said, detail, raw)
        case Nature.PERMANENT | Nature.FUNCTIONAL:
            return PermanentChannelError(code, said, detail, raw, functional=rule.nature is Nature.FUNCTIONAL)
        case Nature.NOTHING_TO_REPLACE:
            return PreviousAbsentError(code, said, detail, raw)


def as_temporary(failure: ChannelError) -> TemporaryChannelError:
    """A call that only asks has failed: nothing was deposited by it, it can be made again."""
    rule = TABLE["UNREACHABLE"]
    return TemporaryChannelError(failure.code, f"{rule.fact_fr} {rule.next_fr}", failure.detail, failure.raw)


def contradicted(refusal: ChannelError) -> PermanentChannelError:
    """The DMP says that the lot is already there, and does not find it: a person must look."""
    said = f"{TABLE[refusal.code].fact_fr} Les documents de cet envoi n'y figurent pas. {_SUPPORT}"
    return PermanentChannelError(refusal.code, said, refusal.detail, refusal.raw)
