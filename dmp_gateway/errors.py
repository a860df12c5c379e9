"""Every code the DMP is known to answer, in ONE table: what it means, what is done next, who must act.

The same code is told in two ways: to the ward whose document is sent by a worker (`Use.DEPOSIT`), and to
the person who reads or changes a record in front of her screen.

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


class Actor(enum.StrEnum):
    """Who must act."""

    NOBODY = "NOBODY"  # it mends itself, or nothing is to be done
    AUTHOR = "AUTHOR"  # who wrote the document
    READER = "READER"  # who is in front of the screen
    IDENTITY = "IDENTITY"  # identity vigilance
    ADMIN = "ADMIN"


class Use(enum.Enum):
    """What the call was for: it decides the words, and what « unknown outcome » means."""

    DEPOSIT = "deposit"
    READING = "reading"  # asks only: it can always be made again
    UPDATE = "update"  # changes something, for a person who waits


@dataclass(frozen=True, slots=True)
class Next:
    """What happens next and who acts. `reader_fr`: the same for a person who reads a record."""

    actor: Actor
    deposit_fr: str
    reader_fr: str

    def words(self, use: Use) -> str:
        return self.deposit_fr if use is Use.DEPOSIT else self.reader_fr


@dataclass(frozen=True, slots=True)
class Ruling:
    """`fact_fr` says what happened, `next` what is done next; {by} and {of} name the holder in both."""

    nature: Nature
    fact_fr: str
    next: Next


_P, _F, _U, _T, _A = Nature.PERMANENT, Nature.FUNCTIONAL, Nature.UNCERTAIN, Nature.TEMPORARY, Nature.ALREADY_THERE
_N = Nature.NOTHING_TO_REPLACE
_LATER = "Réessayez dans quelques minutes."
_ASKED = "L'administrateur doit examiner la réponse du DMP."
_NOTHING = Next(Actor.NOBODY, "Rien à faire côté DMP.", "Rien à faire côté DMP.")
_RETRY = Next(Actor.NOBODY, "L'envoi est refait automatiquement.", _LATER)
_CHECK = Next(Actor.NOBODY, "perinat vérifie s'il est arrivé avant tout nouvel envoi.", _LATER)
_ADMIN = Next(
    Actor.ADMIN,
    "L'administrateur doit corriger le réglage, puis relancer l'envoi.",
    "L'administrateur doit corriger le réglage.",
)
_DOCUMENT = Next(Actor.AUTHOR, "Le document est à corriger, puis à envoyer de nouveau.", _ASKED)
_SUPPORT = Next(Actor.ADMIN, "L'administrateur doit examiner la réponse, puis relancer l'envoi.", _ASKED)
_IDENTITY = Next(
    Actor.IDENTITY,
    "L'identité est à vérifier avant tout nouvel envoi.",
    "L'identité est à vérifier.",
)


def _act(actor: Actor, said_fr: str) -> Next:
    """The same words for everyone."""
    return Next(actor, said_fr, said_fr)


_REOPEN = _act(Actor.READER, "La liste des documents est à relire.")


_BUSY = Ruling(_T, "Le DMP est momentanément occupé.", _RETRY)
_METADATA = Ruling(_P, "Le DMP refuse la description du document.", _SUPPORT)
_INTERNAL = Ruling(_U, "Le DMP a rencontré une erreur.", _CHECK)
_INCOMPLETE = Ruling(_P, "Le DMP signale un document absent ou en double dans l'envoi.", _SUPPORT)
_CONTENT = Ruling(_P, "Le DMP refuse le contenu du document.", _DOCUMENT)
_PATIENT = Ruling(_P, "Le DMP ne reconnaît pas l'identité de l'envoi.", _IDENTITY)
_OTHER_CONTENT = Ruling(
    _P,
    "Le DMP contient déjà un document différent sous le même identifiant.",
    _act(Actor.AUTHOR, "Une nouvelle version est à établir."),
)
_QUERY = Ruling(_P, "Le DMP refuse la recherche du document.", _SUPPORT)
_UPDATE = Ruling(_P, "Le DMP refuse cet acte sur le document.", _SUPPORT)
_REPLACEMENT = Ruling(_P, "Le DMP refuse de remplacer la version précédente.", _SUPPORT)
_GONE = Ruling(_P, "Le DMP ne retrouve pas ce document.", _REOPEN)
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
    # ITI-43
    "XDSDocumentUniqueIdError": _GONE,
    "XDSUnknownRepositoryId": _GONE,
    # ITI-57
    "XDSMetadataUpdateError": _UPDATE,
    "XDSMetadataUpdateOperationError": _UPDATE,
    "XDSMetadataVersionError": Ruling(
        _P, "La description du document a changé dans le DMP depuis la dernière lecture.", _REOPEN
    ),
    "XDSMetadataIdentifierError": _UPDATE,
    "XDSObjectTypeError": _UPDATE,
    "XDSInvalidRequestException": _ENVELOPE,
    "UnmodifiableMetadataError": _UPDATE,
    "LocalPolicyRestrictionError": Ruling(
        _P, "Le DMP réserve cet acte à l'auteur du document ou à son établissement.", _SUPPORT
    ),
    # Said by perinat itself, before or after the exchange
    "INS_MISSING": Ruling(
        _P,
        "L'INS n'est pas qualifiée : le DMP ne peut pas être employé.",
        Next(
            Actor.IDENTITY,
            "L'INS est à qualifier avant tout nouvel envoi.",
            "L'INS est à qualifier avant d'ouvrir le DMP.",
        ),
    ),
    "INS_NOT_ALLOWED": Ruling(_P, "Une INS réelle ne peut pas être employée sur cette installation.", _ADMIN),
    "TOO_LARGE": Ruling(
        _P,
        "Les documents dépassent la taille que le DMP admet.",
        _act(Actor.AUTHOR, "Ils sont à envoyer séparément."),
    ),
    "MASKS_EXCLUSIVE": Ruling(
        _P, "Un document ne peut pas être caché à la fois à la patiente et aux professionnels.", _DOCUMENT
    ),
    "SECRET_NOT_HIDDEN": Ruling(
        _P, "En connexion secrète, un document est invisible aux représentants légaux.", _DOCUMENT
    ),
    "SPECIALTY_MISSING": Ruling(
        _P,
        "La spécialité du médecin ou du pharmacien manque.",
        _act(Actor.ADMIN, "Elle est à compléter dans sa fiche."),
    ),
    "PREVIOUS_ABSENT": Ruling(
        _N,
        "La version à remplacer n'est pas dans le DMP.",
        _act(Actor.NOBODY, "Le document est envoyé comme un nouveau document."),
    ),
    "RIGHT_DENIED": Ruling(
        _P,
        "Ce mode de connexion au DMP ne permet pas cet acte.",
        _act(Actor.READER, "Rien n'a été demandé au DMP."),
    ),
    "AGREEMENT_MISSING": Ruling(
        _P,
        "L'accord {of} n'a pas été donné à l'instant.",
        _act(Actor.READER, "L'accord est à recueillir, puis à déclarer aussitôt."),
    ),
    "AUTHORIZATION_NONE": Ruling(
        _F,
        "Vous n'avez pas d'autorisation d'accès à ce DMP.",
        _act(Actor.READER, "L'accord {of} est à recueillir, puis à déclarer."),
    ),
    "AUTHORIZATION_EXPIRED": Ruling(
        _F,
        "Votre autorisation d'accès à ce DMP a expiré.",
        _act(Actor.READER, "L'accord {of} est à recueillir, puis à déclarer."),
    ),
    "DOCUMENT_ALTERED": Ruling(
        _P,
        "Le document reçu n'est pas celui que le DMP décrit : il n'est pas affiché.",
        _act(Actor.ADMIN, _ASKED),
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
    code: str,
    found: Ruling | None = None,
    *,
    detail: str = "",
    raw: bytes = b"",
    who: Holder | None = None,
    use: Use = Use.DEPOSIT,
) -> ChannelError:
    """The port error of a code of the table (or of `found`, for a code of the DMP that it does not hold)."""
    rule = found or TABLE[code]
    if use is not Use.DEPOSIT and rule.nature is Nature.UNCERTAIN:
        return _without_answer(code, rule, use, detail, raw)
    said = _said(rule, use, who or Holder())
    match rule.nature:
        case Nature.TEMPORARY:
            return TemporaryChannelError(code, said, detail, raw, of_channel=True)
        case Nature.UNCERTAIN | Nature.ALREADY_THERE:
            return UncertainChannelError(code, said, detail, raw, of_channel=rule.nature is Nature.UNCERTAIN)
        case Nature.PERMANENT | Nature.FUNCTIONAL:
            return PermanentChannelError(code, said, detail, raw, functional=rule.nature is Nature.FUNCTIONAL)
        case Nature.NOTHING_TO_REPLACE:
            return PreviousAbsentError(code, said, detail, raw)


def _said(rule: Ruling, use: Use, who: Holder) -> str:
    return f"{rule.fact_fr} {rule.next.words(use)}".format(by=who.by, of=who.of)


def _without_answer(code: str, rule: Ruling, use: Use, detail: str, raw: bytes) -> ChannelError:
    """No clear answer to a person: a question is asked again, an act is looked at before it is made again."""
    if use is Use.READING:
        return TemporaryChannelError(code, f"Le DMP ne répond pas. {_LATER}", detail, raw)
    said = f"Le DMP n'a pas confirmé l'acte. {_REOPEN.reader_fr}"
    return UncertainChannelError(code, said, detail, raw)


def reworded(failure: ChannelError, use: Use, who: Holder) -> ChannelError:
    """The failure of a transport, told for another use."""
    if use is Use.DEPOSIT or failure.code not in TABLE:
        return failure
    return error(failure.code, detail=failure.detail, raw=failure.raw, who=who, use=use)


def as_temporary(failure: ChannelError) -> TemporaryChannelError:
    """A call that only asks has failed: nothing was deposited by it, it can be made again."""
    said = _said(TABLE["UNREACHABLE"], Use.DEPOSIT, Holder())
    return TemporaryChannelError(failure.code, said, failure.detail, failure.raw, of_channel=True)


def contradicted(refusal: ChannelError) -> PermanentChannelError:
    """The DMP says that the lot is already there, and does not find it: a person must look."""
    said = f"{TABLE[refusal.code].fact_fr} Les documents de cet envoi n'y figurent pas. {_SUPPORT.deposit_fr}"
    return PermanentChannelError(refusal.code, said, refusal.detail, refusal.raw)
