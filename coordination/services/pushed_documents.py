"""Documents pushed by the hospital's software: filed among the papers of the right stay, where the ward sends them.

Nothing leaves by itself: the paper is read and waits in the tray as one that a person dropped. What was already sent is
replaced through `replacements` (a person confirms) and is never withdrawn by a machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings
from django.utils import timezone

from coordination.cda import reader
from coordination.cda.errors import CdaReadError
from coordination.cda.reader import ReadPatient
from coordination.lifecycles import DepositStatus
from coordination.models import (
    Deposit,
    IntakeMessage,
    IntakeOutcome,
    Person,
    ReplacementReason,
    Stay,
    User,
    WorkItemKind,
)
from coordination.papers.analysis import Identity
from coordination.selectors import matching
from coordination.services import (
    deposits,
    documents,
    identities,
    pushed_files,
    pushed_wishes,
    replacements,
    transitions,
    worklist,
)
from coordination.services.deposits import DepositRefusedError
from coordination.services.documents import DocumentRefusedError
from coordination.services.pushed_movements import person_of
from coordination.services.pushed_refusals import (
    NO_INS,
    NOT_ALLOWED,
    NOT_LATEST,
    OTHER_IDENTITY,
    UNKNOWN_PERSON,
    missing,
    refused,
)
from perinat.standards import codes
from perinat.standards.identifiers import IdentifierError
from perinat.standards.pushed import Act, PushedDocument, PushedPerson

OF_PATIENTS = "@patient.mssante.fr"
COMMENT = "Nouvelle version reçue du dossier patient informatisé"
DIFFERENT = "L'identité du document et celle du message ou du dossier diffèrent."


def apply(document: PushedDocument, row: IntakeMessage, *, by: User) -> None:
    """Raises PushRefusedError: nothing is written."""
    opened = _opened(document)
    row.unique_id, row.replaced_id = opened.unique_id[:200], opened.replaces[:200]
    row.wants_report, row.wants_reading = document.wants_report, document.wants_reading
    if document.act is Act.DELETE:
        _delete(row, by)
        return
    if document.person is None:
        person, stay = pushed_files.whose(opened.patient, row.organisation)
        if opened.replaces:
            document = replace(document, act=Act.REPLACE)
        document = replace(document, type_code=document.type_code or opened.type_code)
    else:
        person = _person(document.person, row)
        stay = _stay(document, person, row)
    if person is not None:
        document = replace(document, masks=tuple(documents.masks_for(document.masks, person)))
    try:
        if person is not None:
            documents.check_masks(document.masks, person)
        file = _keep if document.act is Act.NEW else _replace
        row.deposit = file(document, opened.pdf, person, stay, row, by)
    except (DocumentRefusedError, DepositRefusedError) as error:
        raise refused(error.message_fr) from error
    if stay is not None:
        _tell_of_recipients(document, stay, row)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a document holds: its readable PDF, its own id, the one it replaces; whose it says it is, if it is a CDA."""

    pdf: bytes
    unique_id: str
    replaces: str
    patient: ReadPatient | None = None
    type_code: str = ""


def _opened(document: PushedDocument) -> _Opened:
    """A PDF as it is, or that of a CDA (inside it, else beside it) whose patient is the one of the message."""
    if document.data.startswith(b"%PDF"):
        return _Opened(document.data, document.unique_id, document.replaces)
    try:
        read = reader.read(document.data, max_bytes=settings.DEPOSIT_MAX_BYTES)
    except CdaReadError as error:
        raise refused("Le document n'est ni un PDF ni un CDA lisible.", place="OBX^1^5") from error
    if document.person is not None:
        _require_same_patient(document.person, read.patient)
    pdf = read.pdf or document.pdf
    if not pdf and document.act is not Act.DELETE:
        raise refused("Ce document structuré ne contient pas de PDF : perinat ne sait pas le classer.", place="OBX^1^5")
    unique_id, replaces = read.unique_id or document.unique_id, read.replaces or document.replaces
    return _Opened(pdf, unique_id, replaces, read.patient, read.type.code if read.type else "")


def _require_same_patient(told: PushedPerson, written: ReadPatient) -> None:
    if told.ins is not None and written.ins is None:
        raise refused("Le document ne porte pas l'INS que donne le message.", NO_INS, "OBX^1^5")
    other = told.ins is not None and told.ins != written.ins
    other = other or (written.birth_date is not None and written.birth_date != told.birth_date)
    try:
        name = identities.normalise_name(told.birth_family_name)
        other = other or (
            bool(written.birth_family_name) and identities.normalise_name(written.birth_family_name) != name
        )
    except IdentifierError as error:
        raise refused(error.message_fr, OTHER_IDENTITY, "PID^1^5") from error
    if other:
        raise refused(DIFFERENT, OTHER_IDENTITY, "PID^1^3")


def _person(told: PushedPerson, row: IntakeMessage) -> Person:
    """By her IPP in the site, else by her INS; the strict traits have to be equal."""
    person = person_of(told.ipp, row.organisation)
    if person is None and told.ins is not None:
        person = Person.objects.filter(ins_matricule=told.ins.matricule, ins_oid=told.ins.oid).first()
    if person is None:
        raise refused("Identifiant de patient inconnu.", UNKNOWN_PERSON, "PID^1^3")
    known = (person.ins_matricule, person.ins_oid)
    same_ins = told.ins is None or not person.ins_matricule or known == (told.ins.matricule, told.ins.oid)
    try:
        identity = Identity(
            "", "", identities.normalise_name(told.birth_family_name),
            identities.normalise_name(told.birth_given_names), told.sex, told.birth_date,
        )  # fmt: skip
    except IdentifierError as error:
        raise refused(error.message_fr, OTHER_IDENTITY, "PID^1^5") from error
    if not same_ins or not matching.same_traits(identity, person):
        raise refused(DIFFERENT, OTHER_IDENTITY, "PID^1^3")
    return person


def _stay(document: PushedDocument, person: Person, row: IntakeMessage) -> Stay:
    """The stay of PV1-19; without a number (a mail received, PV1-2 = N), the last one of this person here."""
    stays = Stay.objects.filter(maternity=row.organisation)
    theirs = stays.filter(mother=person) | stays.filter(newborns__person=person, newborns__link_ended_at__isnull=True)
    if not document.stay_number:
        found = theirs.distinct().order_by("-admitted_at").first()
        if found is None:
            raise refused("Cette personne n'a pas de séjour ici.", UNKNOWN_PERSON, "PID^1^3")
        return found
    found = theirs.distinct().filter(number=document.stay_number).first()
    about_child = person.pk in set(theirs.filter(newborns__person=person).values_list("newborns__person", flat=True))
    if found is None and about_child:  # the child's own number is not kept
        found = theirs.distinct().order_by("-admitted_at").first()
    if found is None and stays.filter(number=document.stay_number).exists():
        raise refused("Ce séjour est celui d'une autre personne.", OTHER_IDENTITY, "PV1^1^19")
    if found is None:
        raise refused("Ce séjour n'est pas encore connu ici.", UNKNOWN_PERSON, "PV1^1^19", again=True)
    return found


def _keep(
    document: PushedDocument, pdf: bytes, person: Person | None, stay: Stay | None, row: IntakeMessage, by: User
) -> Deposit:
    if row.unique_id and _previous(row.unique_id, row) is not None:
        raise refused("Ce document est déjà reçu : une nouvelle version se transmet comme un remplacement.")
    kind = codes.DOCUMENT_TYPES.get(document.type_code)
    name = document.name or f"{kind.type.label if kind else 'Document'} (dossier patient informatisé).pdf"
    known = {
        "type_code": kind.code if kind else "",
        "masks": list(document.masks),
        **pushed_wishes.kept(document.wishes),
    }
    return deposits.keep(name, pdf, by=by, stay=stay, person=person, **known)


def _previous(unique_id: str, row: IntakeMessage) -> IntakeMessage | None:
    """The message that brought this document, whose paper is in perinat."""
    taken = IntakeMessage.objects.filter(
        organisation=row.organisation, unique_id=unique_id, outcome=IntakeOutcome.TAKEN, deposit__isnull=False
    )
    return taken.select_related("deposit__document").order_by("-received_at").first()


def _target(unique_id: str, row: IntakeMessage) -> Deposit:
    """The paper to replace or to delete: known, sent by the same software, and not replaced since."""
    previous = _previous(unique_id, row)
    if previous is None or previous.deposit is None:
        raise refused("Le document visé n'a pas été reçu de ce logiciel.", place="TXA^1^13")
    if previous.sender != row.sender:
        raise refused("Seul le logiciel qui a transmis ce document le remplace ou le supprime.", NOT_ALLOWED)
    newer = IntakeMessage.objects.filter(
        organisation=row.organisation, replaced_id=unique_id, outcome=IntakeOutcome.TAKEN, deposit__isnull=False
    )
    if newer.exists():
        raise refused("Une version plus récente de ce document est déjà reçue.", NOT_LATEST)
    return previous.deposit


def _replace(
    document: PushedDocument, pdf: bytes, person: Person | None, stay: Stay | None, row: IntakeMessage, by: User
) -> Deposit:
    if not row.replaced_id:
        raise missing("L'identifiant du document remplacé manque.", "TXA^1^13")
    former = _target(row.replaced_id, row)
    if former.person_id is not None and person is not None and former.person_id != person.pk:
        raise refused(DIFFERENT, OTHER_IDENTITY, "PID^1^3")
    if former.status == DepositStatus.FILED and former.document is not None:
        if set(document.masks) != set(former.document.masks):
            raise refused("La visibilité d'un papier déjà envoyé se change à l'écran, par une personne.")
        proposed = replacements.propose(
            former.document, name=former.file_name, data=pdf, by=by, reason=ReplacementReason.OTHER, comment=COMMENT
        )
        proposed.words = pushed_wishes.kept(document.wishes)["words"]
        proposed.save(update_fields=["words"])
        return proposed
    if former.status in deposits.PENDING:
        transitions.move(former, DepositStatus.DISCARDED, by=by, reason="remplacé par l'émetteur")
    return _keep(document, pdf, person, stay, row, by)


def _delete(row: IntakeMessage, by: User) -> None:
    former = _target(row.unique_id, row)
    if former.status == DepositStatus.FILED:
        raise refused("Ce papier est déjà classé ou envoyé : une personne du service le retire, avec son motif.")
    if former.status in deposits.PENDING:
        transitions.move(former, DepositStatus.DISCARDED, by=by, reason="supprimé par l'émetteur")


def _tell_of_recipients(document: PushedDocument, stay: Stay, row: IntakeMessage) -> None:
    """Recipients of PRT whom the mother did not choose: a line for the ward, no sending."""
    team = stay.care_team.filter(ended_at__isnull=True, informed_at__lte=timezone.now())
    known = set(team.values_list("professional__rpps", flat=True))
    others = [
        name or address
        for name, rpps, address in document.recipients
        if not address.endswith(OF_PATIENTS) and (not rpps or rpps not in known)
    ]
    if others:
        worklist.open_item(
            WorkItemKind.INTAKE_REFUSED,
            key=f"{row.pk}:recipients",
            organisation=row.organisation,
            stay=stay,
            message="Le dossier patient informatisé demande d'envoyer un papier à : "
            f"{', '.join(others)}. perinat n'écrit qu'aux professionnels que la mère a choisis et dont elle est "
            "informée : déclarez-les sur le séjour s'il y a lieu.",
        )
