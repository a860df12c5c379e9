"""What a hospital's software pushes in (port `Intake`): kept, understood, applied whole or not at all, and answered.

Each message is one transaction: its row, what it changes and its answer. What is refused changes nothing, stays
encrypted, and opens a line for the ward. The place of a broad `except`: one message, whatever is wrong with it, is
answered, and the flow goes on.
"""

from __future__ import annotations

import hashlib
import logging

from django.conf import settings
from django.db import OperationalError, transaction

from coordination import audit, blobs
from coordination.models import IntakeMessage, IntakeOutcome, User, WorkItemKind
from coordination.services import pushed_documents, pushed_movements, worklist
from coordination.services.pushed_refusals import PushRefusedError
from perinat.standards.pushed import IntakeRefusal, Pushed, PushedMovement

logger = logging.getLogger(__name__)

DONE = (IntakeOutcome.TAKEN, IntakeOutcome.IGNORED)
NO_ACCOUNT = IntakeRefusal("Le compte au nom duquel perinat reçoit ces messages n'est pas prêt. Réessayez.", again=True)
UNAVAILABLE = IntakeRefusal("perinat ne peut pas enregistrer ce message pour le moment. Renvoyez-le.", again=True)
UNFORESEEN = IntakeRefusal("Ce message met perinat en erreur. Il est gardé ; rien n'a été enregistré de son contenu.")
SAME_ID = IntakeRefusal("Un autre message de cet émetteur a déjà cet identifiant (MSH-10).", place="MSH^1^10")
PRODUCTION_INS = IntakeRefusal(
    "Ce message porte une INS réelle, et cette installation n'accepte que des INS de test.", place="PID^1^3"
)


def receive(message: Pushed) -> IntakeRefusal | None:
    """None: taken, and committed. The same message (sender, id, bytes) is given the same answer, nothing is redone.

    But a refusal is judged again when a person brings the message `anew`, in the ward that was told of it.
    """
    try:
        user = User.objects.select_related("organisation").filter(username=message.account, is_active=True).first()
        if user is None or not user.is_hospital or user.organisation is None:
            logger.error("intake.no_account kind=%s", message.kind)
            return NO_ACCOUNT
        with transaction.atomic():
            return _take(message, user)
    except Exception as error:  # the database is away: the sender keeps its message and sends it again
        logger.error("intake.unavailable cause=%s", type(error).__name__)
        return UNAVAILABLE


def _take(message: Pushed, user: User) -> IntakeRefusal | None:
    row, created = _row(message, user)
    anew = message.anew and row.outcome == IntakeOutcome.REFUSED and row.organisation_id == user.organisation_id
    if not created and row.outcome != IntakeOutcome.POSTPONED and not anew:
        return IntakeRefusal(**row.refusal) if row.refusal else None
    refusal = _refusal_of(message, row, user)
    if refusal is not None:
        return _refused(row, refusal, message, user)
    if row.outcome == IntakeOutcome.IGNORED:
        row.ipp = row.stay_number = ""
        row.raw = None
    elif row.raw is None:
        row.raw = blobs.store(message.raw, media_type="application/hl7-v2")
    row.refusal = None
    row.save()
    worklist.close_items(WorkItemKind.INTAKE_REFUSED, key=str(row.pk), by=user, reason="message pris en compte")
    audit.record("intake.taken", by=user, subject=row, kind=message.kind, outcome=str(row.outcome))
    return None


def _row(message: Pushed, user: User) -> tuple[IntakeMessage, bool]:
    """The row of this message, held: two connections that send it at once wait for each other here."""
    assert user.organisation is not None
    content = message.content
    told = None if isinstance(content, IntakeRefusal) else content
    row, created = IntakeMessage.objects.get_or_create(
        sender=message.sender,
        control_id=message.control_id,
        digest=hashlib.sha256(message.raw).hexdigest(),
        defaults={
            "organisation": user.organisation,
            "kind": message.kind,
            "said_at": message.at,
            "outcome": IntakeOutcome.POSTPONED,
            "fact": str(content.fact) if isinstance(content, PushedMovement) else "",
            "ipp": told.person.ipp if told and told.person else "",
            "token": message.token[:300],
            "stay_number": told.stay_number if told else "",
        },
    )
    return (row, True) if created else (IntakeMessage.objects.select_for_update().get(pk=row.pk), False)


def _refusal_of(message: Pushed, row: IntakeMessage, user: User) -> IntakeRefusal | None:
    """Apply the message, and set the outcome of its row; or say why nothing of it was applied."""
    content = message.content
    if isinstance(content, IntakeRefusal):
        return content
    others = IntakeMessage.objects.filter(sender=row.sender, control_id=row.control_id, outcome__in=DONE)
    if others.exclude(pk=row.pk).exists():
        return SAME_ID
    ins = content.person.ins if content.person else None
    if ins is not None and ins.is_production and not settings.IDENTITY_ACCEPTS_PRODUCTION:
        return PRODUCTION_INS
    try:
        with transaction.atomic():
            if isinstance(content, PushedMovement):
                row.outcome = pushed_movements.apply(content, row, by=user)
            else:
                pushed_documents.apply(content, row, by=user)
                row.outcome = IntakeOutcome.TAKEN
    except PushRefusedError as error:
        return error.refusal
    except OperationalError:
        raise
    except Exception as error:  # a message that nobody foresaw is kept for a person, and does not stop the next ones
        logger.error("intake.unforeseen message=%s cause=%s", row.pk, type(error).__name__)
        return UNFORESEEN
    return None


def _refused(row: IntakeMessage, refusal: IntakeRefusal, message: Pushed, user: User) -> IntakeRefusal:
    assert user.organisation is not None
    told, row.refusal = row.refusal, {name: getattr(refusal, name) for name in IntakeRefusal.__dataclass_fields__}
    row.outcome = IntakeOutcome.POSTPONED if refusal.again else IntakeOutcome.REFUSED
    row.unique_id, row.deposit = "", None
    row.raw = row.raw or blobs.store(message.raw, media_type="application/hl7-v2")
    row.save()
    whose = f"séjour {row.stay_number}" if row.stay_number else f"IPP {row.ipp}" if row.ipp else "patient non lu"
    what = message.kind.replace("^", " ") or "illisible"
    worklist.open_item(
        WorkItemKind.INTAKE_REFUSED,
        key=str(row.pk),
        organisation=user.organisation,
        message=f"Message {what} du dossier patient informatisé ({whose}) non pris en compte. {refusal.message_fr}",
    )
    if told != row.refusal:  # a file that waits is asked in each round
        audit.record(
            "intake.refused", by=user, subject=row, condition=refusal.condition, application=refusal.application
        )
    return refusal
