"""Who sees which row: the one place. Every queryset's `visible_to(user)` reads it.

Each rule answers with a Q on its own model; whoever is not named sees nothing. Referents (CPAM, ARS)
and administrators see no row about a person at all: only counted indicators and settings.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from coordination.lifecycles import DocumentStatus
from perinat.standards import codes

if TYPE_CHECKING:
    from coordination.models.users import User

NOTHING = Q(pk__in=[])


def _rows(name: str) -> models.QuerySet[Any]:
    return apps.get_model("coordination", name)._default_manager.all()


def _is_coordinator(user: User) -> bool:
    """Of a CPTS: without one, « cpts = nothing » would open the mothers who live outside every territory."""
    return user.role == "COORDINATOR" and user.organisation_id is not None


def _stays(user: User) -> Q:
    """The ward sees its stays; a carer those she follows; a coordinator those to place in her CPTS."""
    if user.is_hospital:
        return Q(maternity_id=user.organisation_id)
    if user.is_town_carer and user.professional_id:
        mine = _rows("CareTeamMember").filter(professional_id=user.professional_id, ended_at__isnull=True)
        return Q(pk__in=mine.values("stay_id"))
    if _is_coordinator(user):
        return Q(pk__in=_rows("Handover").filter(cpts_id=user.organisation_id).values("stay_id"))
    return NOTHING


def _through_stay(user: User) -> Q:
    return Q(stay__in=_rows("Stay").filter(_stays(user)).values("pk"))


def _persons(user: User) -> Q:
    stays = _rows("Stay").filter(_stays(user))
    newborns = _rows("Newborn").filter(stay__in=stays.values("pk"), link_ended_at__isnull=True)
    return Q(pk__in=stays.values("mother_id")) | Q(pk__in=newborns.values("person_id"))


# Papers of a carer: her own, and what she is sent. Two branches, each through an index: as one OR of subqueries,
# PostgreSQL reads every version there is at each opening.
PAPERS_OF_A_CARER = """
SELECT own.id FROM coordination_document own WHERE own.author_id = %s
UNION ALL
SELECT paper.id FROM coordination_careteammember me
  JOIN coordination_document paper ON paper.stay_id = me.stay_id
 WHERE me.professional_id = %s AND me.ended_at IS NULL AND me.informed_at IS NOT NULL
   AND paper.status IN (%s, %s)
   AND NOT paper.masks ? %s
   AND EXISTS (SELECT FROM coordination_documentversion v WHERE v.document_id = paper.id AND v.validated_at <= %s)
   AND NOT EXISTS (SELECT FROM coordination_newborn apart
                    WHERE apart.person_id = paper.person_id AND apart.link_ended_at IS NOT NULL)
"""


def _documents(user: User) -> Q:
    """The ward sees the papers it made. A carer sees, once they can no longer be undone, the validated

    papers of the stays she follows after the mother was informed, and always her own. The papers of a
    child whose link to the mother ended are not the mother's carers' any more.
    """
    if user.is_hospital:
        return Q(organisation_id=user.organisation_id)
    if not (user.is_town_carer and user.professional_id):
        return NOTHING
    me, final = user.professional_id, timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    shown = (DocumentStatus.VALIDATED, DocumentStatus.REPLACED)
    return Q(pk__in=RawSQL(PAPERS_OF_A_CARER, (me, me, *shown, codes.MASQUE_PS.code, final)))


def _deposits(user: User) -> Q:
    return Q(organisation_id=user.organisation_id) if user.is_hospital else NOTHING


def _received(user: User) -> Q:
    """Mail of the site's own box: its staff. In a practice, what waits is everybody's, what is filed her carers'.

    What came into a personal box is its holder's alone; filed, she sees it for as long as she sees the stay.
    """
    here = Q(organisation_id=user.organisation_id, holder__isnull=True)
    followed = _through_stay(user)
    hers = Q(holder_id=user.professional_id) & (Q(stay__isnull=True) | Q(status="TO_SORT") | followed)
    if user.organisation_id and user.is_hospital:
        return here | hers if user.professional_id else here
    if user.organisation_id and user.is_town_carer and user.professional_id:
        return here & (Q(status="TO_SORT") | followed) | hers
    return NOTHING


def _letters(user: User) -> Q:
    """What a site wrote to its patients: its staff; in a practice, those who follow the mother."""
    here = Q(organisation_id=user.organisation_id)
    if user.organisation_id and user.is_hospital:
        return here
    if user.organisation_id and user.role == "MIDWIFE" and user.professional_id:
        return here & _through_stay(user)
    return NOTHING


def _replies(user: User) -> Q:
    """What patients wrote back. In a practice, the one that nobody has recognised is everybody's to look at."""
    nobodys = Q(organisation_id=user.organisation_id, person__isnull=True)
    if user.organisation_id and user.role == "MIDWIFE" and user.professional_id:
        return _letters(user) | nobodys
    return _letters(user)


def _shipments(user: User) -> Q:
    """The ward sees its sendings; a carer those of her own papers, not those of the colleagues of her practice."""
    if user.is_hospital:
        return Q(organisation_id=user.organisation_id)
    if user.is_town_carer and user.professional_id:
        own = _rows("Shipment").filter(versions__document__author_id=user.professional_id)
        return Q(pk__in=own.values("pk"))
    return NOTHING


def _handovers(user: User) -> Q:
    """A midwife sees the relay that is hers; a PMI professional that of the mothers she takes over."""
    if user.is_hospital:
        return Q(stay__maternity_id=user.organisation_id)
    if _is_coordinator(user):
        return Q(cpts_id=user.organisation_id)
    if user.is_town_carer and user.professional_id:
        pmi = _rows("CareTeamMember").filter(professional_id=user.professional_id, ended_at__isnull=True, role="PMI")
        return (Q(midwife_id=user.professional_id) & _through_stay(user)) | Q(stay__in=pmi.values("stay_id"))
    return NOTHING


def _offers(user: User) -> Q:
    if _is_coordinator(user):
        return Q(handover__cpts_id=user.organisation_id)
    if user.is_town_carer and user.professional_id:
        return Q(midwife_id=user.professional_id)
    return NOTHING


def _work_items(user: User) -> Q:
    if not user.organisation_id or not (user.is_hospital or _is_coordinator(user)):
        return NOTHING
    mine = Q(organisation_id=user.organisation_id)
    return mine if user.is_ward_head else mine & Q(for_ward_head=False)


def _drafts(user: User) -> Q:
    """What is being written is the ward's alone, for those who care: it is nobody's paper yet."""
    return _through_stay(user) if user.role in ("HOSPITAL_MIDWIFE", "HOSPITAL_DOCTOR") else NOTHING


def _encounters(user: User) -> Q:
    if user.is_town_carer and user.professional_id:
        return Q(professional_id=user.professional_id)
    return NOTHING


def _notices(user: User) -> Q:
    return Q(professional_id=user.professional_id) if user.professional_id else NOTHING


def _papers_to_give(user: User) -> Q:
    return Q(organisation_id=user.organisation_id) if user.is_hospital else NOTHING


def _codes(user: User) -> Q:
    """The code that she typed first, while it lives. The ward goes through the paper: it never sees a code again."""
    if not (user.is_town_carer and user.professional_id):
        return NOTHING
    return Q(used_by_id=user.professional_id, revoked_at__isnull=True, expires_at__gt=timezone.now())


def _record_queries(user: User) -> Q:
    """What she asked herself of the shared record of a mother she follows, or of her child while they are together."""
    stays = _rows("Stay").filter(_stays(user))
    together = Q(person__newborn__link_ended_at__isnull=True)  # of a mother too
    return Q(user_id=user.pk) & (Q(stay__isnull=True) | Q(stay__in=stays.values("pk")) & together)


RULES: dict[str, Callable[[User], Q]] = {
    "Person": _persons,
    "Stay": _stays,
    "Deposit": _deposits,
    "Document": _documents,
    "Draft": _drafts,
    "ReceivedDocument": _received,
    "PatientLetter": _letters,
    "PatientReply": _replies,
    "Shipment": _shipments,
    "Handover": _handovers,
    "Offer": _offers,
    "WorkItem": _work_items,
    "Encounter": _encounters,
    "Notice": _notices,
    "RecordQuery": _record_queries,
    "PaperDelivery": _papers_to_give,
    "PaperCode": _codes,
}


class VisibleQuerySet(models.QuerySet[Any]):
    """A queryset that knows its readers."""

    def visible_to(self, user: Any) -> Self:
        """Rows this user may see; nothing for an anonymous or inactive one."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        return self.filter(RULES[self.model.__name__](user))
