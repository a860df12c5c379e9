"""A paper that the hospital's software wants in Mon espace santé (DESTMSSANTEPAT): sent once validated (ADR 0024).

The message is the one that a person would have chosen, with the words of CORPSMAIL_PATIENT when there is room for them.
What closes her box, hides the paper or lacks is told to the ward, and nothing leaves. Words that no message takes are
told to it too, and the paper leaves without them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from coordination import blobs
from coordination.models import Document, Shipment, User, WorkItemKind
from coordination.papers.patient_letters import LONGEST_ADDITION, Audience
from coordination.selectors import patient_letters as book
from coordination.selectors.patient_letters import NOTHING_FOR_A_CHILD, LetterRefusedError
from coordination.services import patient_letters, worklist
from coordination.services.patient_letters import Asked

TEMPLATE = "documents"
WISH = uuid.UUID("6f0c3c52-6f55-4d0e-9f0a-0d3b8f1d3f25")
TOLD = (
    "Le dossier patient informatisé demande d'envoyer « {title} » à Mon espace santé. Rien n'est parti : {why} "
    "Écrivez-lui depuis la page du séjour s'il y a lieu."
)

WITHOUT = (
    "Le dossier patient informatisé joint un texte à « {title} » pour Mon espace santé. {why} Le papier part sans ce "
    "texte : écrivez un message depuis la page du séjour s'il y a lieu."
)
TOO_LONG = f"Il dépasse {LONGEST_ADDITION} caractères."


def follow(documents: Iterable[Document], *, by: User, delay: int = 0) -> None:
    """After their validation, in its transaction; `delay`: seconds to undo."""
    for document in documents:
        if document.wishes.get("patient"):
            _send(document, by, delay)


def _send(document: Document, by: User, delay: int) -> None:
    try:
        with transaction.atomic():
            found = book.audience_of(document.stay, document.person_id)
            refusal = book.refusal_of(document, document.person)
            if found is None or refusal:
                raise LetterRefusedError(f"ce papier est {refusal}." if refusal else "son destinataire n'est pas sûr.")
            person, audience = found
            words, why = _words(document, audience)
            letter = patient_letters.send(
                Asked(
                    key=uuid.uuid5(WISH, str(document.pk)),
                    stay=document.stay,
                    person=person,
                    audience=audience,
                    template=TEMPLATE,
                    addition=words,
                    closes=bool(document.wishes.get("closes")),
                    papers=[document],
                ),
                by=by,
            )
            leaves = timezone.now() + timedelta(seconds=delay)
            Shipment.objects.filter(letter=letter).update(due_at=leaves)
            if why:
                _tell(document, WITHOUT.format(title=document.title, why=why))
    except LetterRefusedError as error:
        _tell(document, TOLD.format(title=document.title, why=error.message_fr))


def _tell(document: Document, message: str) -> None:
    worklist.open_item(
        WorkItemKind.INTAKE_REFUSED,
        key=f"{document.pk}:patient",
        organisation=document.organisation,
        stay=document.stay,
        message=message,
    )


def _words(document: Document, audience: Audience) -> tuple[str, str]:
    """CORPSMAIL_PATIENT, when it fits whole in what may be added to the message; else empty, and why."""
    words = document.words if document.words_id else None
    text = str(json.loads(blobs.read(words)).get("to_patient", "")) if words else ""
    if text and audience is not Audience.MOTHER:
        return "", NOTHING_FOR_A_CHILD
    return (text, "") if len(text) <= LONGEST_ADDITION else ("", TOO_LONG)
