"""« INS à compléter »: the lines of the ward about an identity that INSi alone cannot settle.

One open line per person and reason; each closes by itself when nothing of hers waits any more.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from coordination.lifecycles import WorkItemStatus
from coordination.models import InsStatus, Person, QuestionAnswer, Stay, User, WorkItem, WorkItemKind
from coordination.selectors import ins_held
from coordination.services import ins_calendar, worklist

_KIND = WorkItemKind.INS_TO_COMPLETE
OVER, TO_VERIFY = "OVER", "TO_VERIFY"
SENTENCES: dict[str, str] = {
    OVER: "Les questions automatiques au téléservice INSi sont terminées sans réponse : ses documents attendent "
    "toujours pour le DMP. Vérifiez ses traits avec l'identitovigilance, demandez de nouveau, ou saisissez l'INS.",
    TO_VERIFY: "Son INS est trouvée par le téléservice. Il reste à vérifier son identité sur une pièce : ses "
    "documents partiront alors d'eux-mêmes au DMP.",
    QuestionAnswer.DIFFERENT: "Le téléservice INSi a répondu avec d'autres traits que les nôtres. Comparez-les : "
    "rien n'a été changé.",
    QuestionAnswer.SEVERAL: "Le téléservice INSi connaît plusieurs identités possibles. Complétez ses prénoms ou son "
    "lieu de naissance ; perinat redemandera.",
    QuestionAnswer.REFUSED: "Le téléservice INSi ne peut pas être interrogé avec ces traits. Corrigez-les (sexe, "
    "noms, date de naissance) ; perinat redemandera.",
    QuestionAnswer.TAKEN: "Le téléservice INSi a rendu un matricule déjà porté par une autre identité de perinat. "
    "Rien n'a été changé : voyez avec l'identitovigilance si ces deux dossiers sont ceux d'une même personne.",
}


def tell(person: Person, stay: Stay, why: str) -> None:
    """Open the line of this reason on the list of the ward of the stay, when it has one to say."""
    if why in SENTENCES:
        worklist.open_item(
            _KIND, key=f"{person.pk}:{why}", organisation=stay.maternity, stay=stay, message=SENTENCES[why]
        )


def settle(person_id: UUID, *, by: User | None = None, reason: str = "identité complétée") -> None:
    """Close every line about this person."""
    mine = WorkItem.objects.filter(kind=_KIND, status=WorkItemStatus.OPEN, key__startswith=f"{_KIND}:{person_id}:")
    for key in mine.values_list("key", flat=True):
        worklist.close_items(_KIND, key=key.removeprefix(f"{_KIND}:"), by=by, reason=reason)


def watch(now: datetime) -> int:
    """The lines that no answer opened: calendars that are over, identities to verify. Returns how many people.

    The lines of people for whom nothing waits any more close.
    """
    waiting = ins_held.waiting()
    over = ins_held.askable().filter(ins_calendar.is_over(now))
    to_verify = waiting.filter(ins_status=InsStatus.RECUP)
    found = [(one, OVER) for one in over] + [(one, TO_VERIFY) for one in to_verify]
    for person, why in found:
        oldest = ins_held.held().filter(person=person).select_related("stay__maternity").order_by("created_at")
        shipment = oldest.first()
        if shipment is not None:
            tell(person, shipment.stay, why)
    still = {str(pk) for pk in waiting.values_list("pk", flat=True)}
    open_keys = WorkItem.objects.filter(kind=_KIND, status=WorkItemStatus.OPEN).values_list("key", flat=True)
    for identifier in {key.split(":")[1] for key in open_keys} - still:
        settle(UUID(identifier), reason="plus rien n'attend")
    return len(found)
