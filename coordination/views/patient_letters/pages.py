"""« Écrire à la mère »: one conversation, what closes it, and her wishes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from coordination import access, audit
from coordination.models import Newborn, PatientLetter, Person, Stay
from coordination.papers.patient_letters import Audience
from coordination.selectors import patient_boxes, patient_inbox, patient_letters
from coordination.selectors.identity import PersonCard, mother_card, newborn_card
from coordination.services import patient_boxes as boxes
from coordination.services import patient_letters as letters
from coordination.views.guard import SignedRequest, act, page

CORRESPONDENTS = tuple(sorted(access.CORRESPONDENTS))
WISHES = {
    "opposer": (boxes.oppose, "L’opposition est enregistrée. Plus rien ne part vers Mon espace santé."),
    "lever": (boxes.lift_opposition, "L’opposition est retirée. Vous pouvez écrire de nouveau."),
    "opposer-pro": (boxes.oppose_between_carers, "L’opposition est enregistrée. Plus rien ne part par MSSanté."),
    "lever-pro": (
        boxes.lift_opposition_between_carers,
        "L’opposition est retirée. Les papiers qui attendaient partent.",
    ),
    "rouverte": (boxes.reopen, "C’est noté. Vous pouvez écrire de nouveau."),
}


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Who is written to: a person of a stay that this reader may see."""

    stay: Stay
    person: Person
    audience: Audience
    card: PersonCard


def correspondent(request: SignedRequest, stay_id: UUID, person_id: UUID) -> Correspondent:
    rows = Stay.objects.visible_to(request.user).select_related("mother", "maternity", "physician")
    stay = get_object_or_404(rows, pk=stay_id)
    found = patient_letters.audience_of(stay, person_id, apart=request.user.is_hospital)
    if found is None:
        raise Http404
    return Correspondent(stay, *found, card_of(stay, *found))


def card_of(stay: Stay, person: Person, audience: Audience) -> PersonCard:
    if audience is Audience.MOTHER:
        return mother_card(person, stay)
    several = stay.newborns.count() > 1
    return newborn_card(Newborn.objects.select_related("person").get(person=person), several=several)


def answer_url(stay: Stay, person: Person, reply_id: UUID) -> str:
    """The page that answers this message of hers."""
    template = "answer" if person.pk == stay.mother_id else "call-back"
    return f"{reverse('patient_write', args=[stay.pk, person.pk])}?modele={template}&reponse={reply_id}"


@page(*CORRESPONDENTS)
def conversation(request: SignedRequest, stay_id: UUID, person_id: UUID) -> HttpResponse:
    """What was said, where each message is, and what may be written next."""
    to = correspondent(request, stay_id, person_id)
    closed = patient_letters.closed_for(request.user, to.stay, to.person)
    shown = request.user.is_hospital or closed != patient_letters.NOT_INFORMED
    if shown:
        audit.record("patient_messages.opened", by=request.user, subject=to.person)
    exchanges = patient_inbox.conversation(to.stay, to.person, request.user) if shown else []
    waiting = [one for one in exchanges if one.waits]
    others = [person for person, _ in patient_letters.people(to.stay) if person.pk != to.person.pk]
    context = {
        "to": to,
        "closed": closed,
        "choices": [] if closed else patient_letters.choices(to.stay, to.person, to.audience, request.user),
        "waiting": [(one, "" if closed else answer_url(to.stay, to.person, one.id)) for one in waiting],
        "exchanges": [one for one in exchanges if not one.waits],
        "messaging": patient_boxes.messaging_of(to.person) if shown else None,
        "ended_at": patient_letters.last_closing(to.person, request.user.organisation),
        "others": patient_inbox.cards(to.stay, others),
        "is_mother": to.audience is Audience.MOTHER,
    }
    return render(request, "coordination/patient_messages.html", context)


@act(*CORRESPONDENTS)
def wish(request: SignedRequest, stay_id: UUID, person_id: UUID) -> HttpResponse:
    """Her oppositions, recorded or withdrawn in one activation; her box, open again."""
    to = correspondent(request, stay_id, person_id)
    known = WISHES.get(request.POST.get("souhait", ""))
    if known is None or patient_letters.closed_for(request.user, to.stay, to.person) == patient_letters.NOT_INFORMED:
        raise Http404
    record, done = known
    record(to.person, by=request.user)
    messages.success(request, done)
    return redirect("patient_messages", to.stay.pk, to.person.pk)


@act(*CORRESPONDENTS)
def retry(request: SignedRequest, letter_id: UUID) -> HttpResponse:
    """The same message again, after what stopped it is over."""
    rows = PatientLetter.objects.visible_to(request.user).select_related("shipment", "stay", "person")
    letter = get_object_or_404(rows, pk=letter_id)
    letters.retry(letter, by=request.user)
    messages.success(request, "Le message repart.")
    return redirect("patient_messages", letter.stay_id, letter.person_id)
