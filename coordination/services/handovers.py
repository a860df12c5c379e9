"""Step 8: from « no midwife » to SEEN. Only a visit with its date is success."""

from __future__ import annotations

import contextlib
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from coordination import audit, deadlines
from coordination.lifecycles import HandoverStatus, OfferStatus, WorkItemStatus
from coordination.models import (
    CareRole,
    CareTeamMember,
    Handover,
    Offer,
    Organisation,
    OrganisationKind,
    Professional,
    Stay,
    User,
    WorkItem,
    WorkItemKind,
)
from coordination.services import claim_rules, notices, routing, transitions, worklist

_H, _O = HandoverStatus, OfferStatus
OPEN = (_H.TO_PLACE, _H.ASKED, _H.ACCEPTED, _H.SCHEDULED, _H.MISSED, _H.ESCALATED)
NOTICE_OFFER = "Une demande de suivi à domicile vous attend."
NOTICE_MOTHER = "Un nouveau suivi vous est confié."
REPLACED = "une autre sage-femme suit cette mère"


def cpts_of(commune_cog: str) -> Organisation | None:
    """The CPTS whose territory holds this commune (COG code)."""
    if not commune_cog:
        return None
    return Organisation.objects.filter(kind=OrganisationKind.CPTS, communes__contains=commune_cog).first()


def open_for(stay: Stay, *, by: User) -> Handover:
    """The mother's relay: ACCEPTED when she declared a midwife, TO_PLACE otherwise. Idempotent."""
    existing = Handover.objects.filter(stay=stay, person=stay.mother).first()
    chosen = CareTeamMember.objects.filter(stay=stay, role=CareRole.MIDWIFE, ended_at__isnull=True).first()
    if existing is not None:
        reset_clock(stay)
        existing.refresh_from_db()
        _follow_the_commune(existing, stay, by)
        if chosen is not None and existing.status in (_H.TO_PLACE, _H.ASKED):
            _give_to(existing, chosen.professional, by)
        return existing
    now = timezone.now()
    handover = Handover(
        stay=stay,
        person=stay.mother,
        cpts=cpts_of(stay.destination_cog),
        midwife=chosen.professional if chosen else None,
        status=_H.ACCEPTED if chosen else _H.TO_PLACE,
        opened_at=now,
        accepted_at=now if chosen else None,
        visit_due_at=_due(stay),
    )
    handover.save(force_insert=True)
    transitions.created(handover, by=by)
    if chosen:
        notices.tell(chosen.professional_id, text=NOTICE_MOTHER, path="/mes-visites/")
    else:
        _ask_the_cpts(handover)
    return handover


def _follow_the_commune(handover: Handover, stay: Stay, by: User) -> None:
    """The mother will be elsewhere: the CPTS of that commune looks for her midwife, as long as she has none."""
    cpts = cpts_of(stay.destination_cog)
    if handover.status not in (_H.TO_PLACE, _H.ASKED) or handover.cpts == cpts:
        return
    Handover.objects.filter(pk=handover.pk).update(cpts=cpts)
    handover.cpts, handover.stay = cpts, stay
    worklist.close_items(WorkItemKind.TO_PLACE, key=str(handover.pk), by=by, reason="commune de sortie modifiée")
    _ask_the_cpts(handover)
    audit.record("handover.moved", by=by, subject=handover, cpts=str(cpts.pk) if cpts else "")


def _give_to(handover: Handover, midwife: Professional, by: User) -> None:
    """The maternity says who follows this mother: the relay and the papers are hers."""
    _place(handover, midwife, by, reason="sage-femme déclarée par la maternité")
    notices.tell(midwife.pk, text=NOTICE_MOTHER, path="/mes-visites/")
    routing.bring_up_to_date(handover.stay, midwife, by=by)


@transaction.atomic
def declare(stay: Stay, midwife: Professional, *, by: User) -> None:
    """The maternity names another midwife (already of the care team): whoever followed this mother no longer does.

    Nothing changes for the relay once the mother was seen, or when the follow-up was closed.
    """
    handover = Handover.objects.select_for_update(no_key=True, of=("self",)).filter(stay=stay, person=stay.mother)
    current = handover.select_related("stay").first()
    if current is None:
        return
    _end_others(current, midwife, by)
    if current.status not in OPEN or current.midwife_id == midwife.pk:
        return
    if current.status in (_H.ACCEPTED, _H.SCHEDULED, _H.MISSED):
        transitions.move(
            current, _H.TO_PLACE, reason=REPLACED, by=by, midwife=None, accepted_at=None, scheduled_for=None
        )
    _give_to(current, midwife, by)


def _due(stay: Stay) -> datetime | None:
    leaves = stay.leaves_at
    return deadlines.first_visit_due(leaves, early=stay.is_early) if leaves else None


def _ask_the_cpts(handover: Handover) -> None:
    owner = handover.cpts or handover.stay.maternity
    where = handover.stay.destination_city or "commune inconnue"
    worklist.open_item(
        WorkItemKind.TO_PLACE,
        key=str(handover.pk),
        organisation=owner,
        stay=handover.stay,
        due_at=handover.visit_due_at,
        message=f"Une mère sortira sans sage-femme ({where}). Proposez ce suivi à une sage-femme.",
    )


def reset_clock(stay: Stay) -> None:
    """The discharge moved: the deadline of the first visit follows it."""
    Handover.objects.filter(stay=stay, status__in=OPEN).update(visit_due_at=_due(stay))


@transaction.atomic
def ask(handover: Handover, midwife: Professional, *, by: User) -> Offer:
    """Ask one midwife: commune, due date and needs only. Raises StaleStateError when it was placed meanwhile."""
    now = timezone.now()
    _lock(handover.pk)
    handover.refresh_from_db()
    if handover.status not in (_H.TO_PLACE, _H.ASKED, _H.ESCALATED):
        raise transitions.StaleStateError(f"handover {handover.pk}")
    existing = Offer.objects.filter(handover=handover, midwife=midwife, status=_O.SENT).first()
    if existing is not None:
        return existing
    for earlier in handover.offers.filter(status=_O.ACCEPTED):  # the follow-up in difficulty: one yes at a time
        transitions.move(earlier, _O.WITHDRAWN, by=by, reason="une autre sage-femme est demandée")
    offer = Offer(
        handover=handover, midwife=midwife, sent_by=by, sent_at=now, expires_at=now + deadlines.OFFER_EXPIRES.delay
    )
    offer.save(force_insert=True)
    transitions.created(offer, by=by)
    if handover.status in (_H.TO_PLACE, _H.ESCALATED):
        transitions.move(handover, _H.ASKED, by=by)
    notices.tell(midwife.pk, text=NOTICE_OFFER, path="/mes-visites/")
    audit.record("offer.sent", by=by, subject=offer)
    return offer


@transaction.atomic
def accept(offer: Offer, *, by: User) -> None:
    """First yes wins: the other requests are withdrawn, the whole pack goes to her, the record opens."""
    handover = (
        Handover.objects.select_for_update(no_key=True, of=("self",)).select_related("stay").get(pk=offer.handover_id)
    )
    now = timezone.now()
    transitions.move(offer, _O.ACCEPTED, by=by, answered_at=now)
    transitions.move(handover, _H.ACCEPTED, by=by, midwife=offer.midwife, accepted_at=now)
    for other in handover.offers.filter(status=_O.SENT).exclude(pk=offer.pk):
        transitions.move(other, _O.WITHDRAWN, reason="une autre sage-femme a accepté", answered_at=now)
    _end_others(handover, offer.midwife, by)
    _join(handover, offer.midwife, by)
    worklist.close_items(WorkItemKind.TO_PLACE, key=str(handover.pk), by=by, reason="placée")
    routing.bring_up_to_date(handover.stay, offer.midwife, by=by)


def _lock(handover_id: UUID) -> Handover:
    """The row of the relay, before those of its requests: two answers at once are taken one after the other."""
    return Handover.objects.select_for_update(no_key=True, of=("self",)).select_related("stay").get(pk=handover_id)


def _join(handover: Handover, midwife: Professional, by: User, role: CareRole = CareRole.MIDWIFE) -> None:
    """Her access starts with her acceptance; the mother was informed when she asked to be placed."""
    CareTeamMember.objects.get_or_create(
        stay=handover.stay,
        professional=midwife,
        role=role,
        ended_at=None,
        defaults={"chosen_at": timezone.now(), "informed_at": timezone.now(), "declared_by": by},
    )


@transaction.atomic
def decline(offer: Offer, *, by: User, reason: str) -> None:
    """She cannot: the mother is to place again when nobody else is asked."""
    _lock(offer.handover_id)
    transitions.move(offer, _O.DECLINED, by=by, reason=reason, answered_at=timezone.now(), decline_reason=reason)
    _back_to_place(offer.handover, reason="demande déclinée")


def _back_to_place(handover: Handover, *, reason: str) -> None:
    handover.refresh_from_db()
    if handover.status == _H.ASKED and not handover.offers.filter(status=_O.SENT).exists():
        transitions.move(handover, _H.TO_PLACE, reason=reason)
        _ask_the_cpts(handover)


def expire_offers(now: datetime) -> int:
    """Requests without an answer in time are closed; the mother is to place again."""
    expired = 0
    for offer in Offer.objects.filter(status=_O.SENT, expires_at__lte=now).select_related("handover__stay"):
        with contextlib.suppress(transitions.StaleStateError), transaction.atomic():  # answered meanwhile
            _lock(offer.handover_id)
            transitions.move(offer, _O.EXPIRED, reason="sans réponse", answered_at=now)
            _back_to_place(offer.handover, reason="demande sans réponse")
            expired += 1
    return expired


@transaction.atomic
def claim(stay: Stay, *, professional: Professional, by: User) -> Handover:
    """A midwife says « this mother is mine » (the mother chose her): joins the care team and the relay.

    Raises claim_rules.ClaimNotOpenError: the follow-up is over, hers was ended, or another midwife follows this mother.
    """
    handover = (
        Handover.objects.select_for_update(no_key=True, of=("self",))
        .select_related("stay")
        .get(stay=stay, person=stay.mother)
    )
    claim_rules.require_open_to(handover, professional)
    if handover.status in (_H.TO_PLACE, _H.ASKED, _H.ESCALATED):
        _place(handover, professional, by, reason="suivi déclaré par la sage-femme")
    _join(handover, professional, by)
    routing.bring_up_to_date(stay, professional, by=by)
    audit.record("handover.claimed", by=by, subject=handover)
    return handover


def _place(handover: Handover, midwife: Professional, by: User, *, reason: str) -> None:
    """She follows this mother, without any request: those of the others are withdrawn."""
    now = timezone.now()
    transitions.move(handover, _H.ACCEPTED, by=by, midwife=midwife, accepted_at=now)
    for offer in handover.offers.filter(status__in=[_O.SENT, _O.ACCEPTED]):
        if offer.status == _O.SENT or offer.midwife_id != midwife.pk:
            transitions.move(offer, _O.WITHDRAWN, reason=reason, answered_at=offer.answered_at or now)
    _end_others(handover, midwife, by)
    worklist.close_items(WorkItemKind.TO_PLACE, key=str(handover.pk), by=by, reason="placée")


@transaction.atomic
def schedule(handover: Handover, *, at: datetime, by: User) -> None:
    """The date of the first visit is known."""
    transitions.move(handover, _H.SCHEDULED, by=by, scheduled_for=at)


@transaction.atomic
def seen(handover: Handover, *, at: datetime, by: User) -> None:
    """The mother was seen: the only success. Whoever saw her follows her when nobody did (PMI after an escalation)."""
    transitions.move(handover, _H.SEEN, by=by, seen_at=at, midwife_id=handover.midwife_id or by.professional_id)
    worklist.close_items(WorkItemKind.VISIT_OVERDUE, key=str(handover.pk), by=by, reason="vue")


@transaction.atomic
def missed(handover: Handover, *, reason: str, by: User) -> None:
    """The visit could not be done: its reason stays in the event, the clock goes on until a new date."""
    transitions.move(handover, _H.MISSED, reason=reason, by=by)


@transaction.atomic
def escalate(handover: Handover, *, reason: str, by: User, pmi: Professional | None = None) -> None:
    """In difficulty, for a named reason: open requests are withdrawn, the clock goes on.

    `pmi`: the PMI professional who takes over; the caller vouches that the mother was informed and agreed.
    Raises ValueError without a reason, ForbiddenTransitionError or StaleStateError.
    """
    _require_reason(reason)
    transitions.move(handover, _H.ESCALATED, reason=reason, by=by)
    _withdraw_requests(handover, reason="suivi en difficulté", by=by)
    if pmi is not None:
        _join(handover, pmi, by, role=CareRole.PMI)
        routing.bring_up_to_date(handover.stay, pmi, by=by)
        notices.tell(pmi.pk, text=NOTICE_MOTHER, path="/mes-visites/")
    audit.record("handover.escalated", by=by, subject=handover, pmi=str(pmi.pk) if pmi else "")


@transaction.atomic
def close(handover: Handover, *, reason: str, by: User) -> None:
    """Ended by a named person for a named reason, without a visit known here. Her midwife's access ends.

    Raises ValueError without a reason, ForbiddenTransitionError or StaleStateError.
    """
    _require_reason(reason)
    transitions.move(handover, _H.CLOSED, reason=reason, by=by, closed_by=by, closed_reason=reason)
    _end(handover, reason="suivi clos", by=by)
    audit.record("handover.closed", by=by, subject=handover)


@transaction.atomic
def declined_by_mother(handover: Handover, *, reason: str, by: User) -> None:
    """The mother refuses the follow-up: nobody is asked any more; she may be placed again if she changes her mind.

    Raises ValueError without a reason, ForbiddenTransitionError or StaleStateError.
    """
    _require_reason(reason)
    transitions.move(handover, _H.DECLINED_BY_MOTHER, reason=reason, by=by)
    _end(handover, reason="refus de la mère", by=by)
    audit.record("handover.declined_by_mother", by=by, subject=handover)


@transaction.atomic
def place_again(handover: Handover, *, reason: str, by: User) -> None:
    """Her midwife cannot any more, or the mother changed her mind: somebody else is to be found.

    Raises ValueError without a reason, ForbiddenTransitionError or StaleStateError.
    """
    _require_reason(reason)
    transitions.move(handover, _H.TO_PLACE, reason=reason, by=by, midwife=None, accepted_at=None, scheduled_for=None)
    _withdraw_requests(handover, reason=reason, by=by)
    _end_others(handover, None, by)
    _ask_the_cpts(handover)
    audit.record("handover.to_place_again", by=by, subject=handover)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ValueError("a reason is required")


def _withdraw_requests(handover: Handover, *, reason: str, by: User) -> None:
    for offer in handover.offers.filter(status__in=[_O.SENT, _O.ACCEPTED]):
        if offer.status == _O.ACCEPTED and handover.midwife_id == offer.midwife_id:
            continue  # she still follows the mother
        transitions.move(offer, _O.WITHDRAWN, reason=reason, by=by, answered_at=offer.answered_at or timezone.now())


def _end(handover: Handover, *, reason: str, by: User) -> None:
    """Nothing is asked of anybody any more: requests, lines on lists, the midwife's access."""
    _withdraw_requests(handover, reason=reason, by=by)
    for kind in (WorkItemKind.TO_PLACE, WorkItemKind.VISIT_OVERDUE):
        worklist.close_items(kind, key=str(handover.pk), by=by, reason=reason)
    _end_others(handover, None, by)


def _end_others(handover: Handover, keep: Professional | None, by: User) -> None:
    """The end of a follow-up closes the record to its midwife, and what has not left for her never leaves."""
    lines = CareTeamMember.objects.filter(stay=handover.stay, role=CareRole.MIDWIFE, ended_at__isnull=True)
    others = lines.exclude(professional=keep) if keep else lines
    for line in others.select_related("professional"):
        CareTeamMember.objects.filter(pk=line.pk).update(ended_at=timezone.now())
        audit.record(claim_rules.ENDED, by=by, subject=handover.stay, professional=str(line.professional_id))
        routing.stop_sending_to(handover.stay, line.professional, by=by, reason="elle ne suit plus cette mère")


def watch(now: datetime) -> int:
    """First visits past their deadline become tasks of the CPTS (or of the ward outside any CPTS)."""
    opened = 0
    key = Concat(Value(f"{WorkItemKind.VISIT_OVERDUE}:"), Cast(OuterRef("pk"), CharField()))
    listed = WorkItem.objects.filter(status=WorkItemStatus.OPEN, key=key)
    late = Handover.objects.filter(status__in=OPEN, visit_due_at__lte=now, stay__discharged_at__isnull=False)
    for handover in late.exclude(Exists(listed)).select_related("stay__maternity", "cpts"):
        item = worklist.open_item(
            WorkItemKind.VISIT_OVERDUE,
            key=str(handover.pk),
            organisation=handover.cpts or handover.stay.maternity,
            stay=handover.stay,
            due_at=handover.visit_due_at,
            message="La première visite n'est pas confirmée dans son délai. Appelez la sage-femme ou placez la mère.",
        )
        opened += item is not None
    return opened
