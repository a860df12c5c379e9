"""What patients write back: the list, one message with its files, and the two acts that close it."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from coordination import audit, blobs
from coordination.models import PatientReply, Person, Stay
from coordination.papers.apart import analyse_apart
from coordination.selectors import mail_matching, patient_inbox, patient_letters
from coordination.selectors.tray import candidate
from coordination.services import deposits, patient_replies
from coordination.views.guard import SignedRequest, act, back, page
from coordination.views.hospital.papers import inline_pdf
from coordination.views.patient_letters.pages import CORRESPONDENTS, answer_url

LONGEST_SEARCH = 60


def _found(request: SignedRequest, reply_id: UUID) -> PatientReply:
    return get_object_or_404(patient_inbox.replies_of(request.user), pk=reply_id)


@page(*CORRESPONDENTS)
def inbox(request: SignedRequest) -> HttpResponse:
    """What waits for somebody first, then the conversations."""
    return render(request, "coordination/patient_inbox.html", {"inbox": patient_inbox.inbox(request.user)})


@page(*CORRESPONDENTS)
def reply(request: SignedRequest, reply_id: UUID) -> HttpResponse:
    """One message: who writes, what she says, its files; whose it is when nobody knows."""
    found = _found(request, reply_id)
    audit.record("patient_reply.opened", by=request.user, subject=found)
    searched = request.POST.get("recherche", "")[:LONGEST_SEARCH]
    people = mail_matching.search(found.organisation, searched) if found.person is None else []
    visible = set(
        Person.objects.visible_to(request.user).filter(pk__in=[one.pk for one, _ in people]).values_list("pk")
    )
    context = {
        "reply": found,
        "told": patient_inbox.of_reply(found),
        "sender": patient_inbox.sender_of(found),
        "answer_url": _answer_url(request, found),
        "searched": searched,
        "found": [candidate(person, stay) for person, stay in people if (person.pk,) in visible],
    }
    return render(request, "coordination/patient_reply.html", context)


def _answer_url(request: SignedRequest, found: PatientReply) -> str:
    """Where she is answered, when she may be written to: with a word of ours to the mother, a call back for a child."""
    if found.person is None or found.stay is None or patient_letters.closed_for(request.user, found.stay, found.person):
        return ""
    return answer_url(found.stay, found.person, found.pk)


@act(*CORRESPONDENTS)
def handled(request: SignedRequest, reply_id: UUID) -> HttpResponse:
    """« Traité »: one activation."""
    patient_replies.handle(_found(request, reply_id), by=request.user)
    messages.success(request, "Le message est marqué traité.")
    return back(request, "patient_inbox")


@act(*CORRESPONDENTS)
def attach(request: SignedRequest, reply_id: UUID) -> HttpResponse:
    """« C'est elle »: one activation, once somebody has compared."""
    found = _found(request, reply_id)
    person_id, _, stay_id = request.POST.get("personne", "").partition(":")
    if not person_id or not stay_id:
        messages.error(request, "Choisissez la personne qui écrit. Rien n'est rattaché.")
        return redirect("patient_reply", found.pk)
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=person_id)
    stay = get_object_or_404(Stay.objects.visible_to(request.user), pk=stay_id)
    patient_replies.attach(found, person=person, stay=stay, by=request.user)
    messages.success(request, "Le message est rattaché à sa conversation.")
    return redirect("patient_reply", found.pk)


@page(*CORRESPONDENTS)
def file(request: SignedRequest, reply_id: UUID, number: int) -> HttpResponse:
    """A PDF that our own reader has looked at is shown; anything else is only ever downloaded."""
    found = _found(request, reply_id)
    kept = get_object_or_404(found.files.select_related("blob"), rank=min(number, 32767))
    audit.record("patient_reply.file_opened", by=request.user, subject=found, rank=kept.rank)
    data = blobs.read(kept.blob)
    if data.startswith(b"%PDF"):
        analysis = analyse_apart(
            data, limits=deposits.limits(), accept_production_ins=settings.IDENTITY_ACCEPTS_PRODUCTION
        )
        if analysis.refusal is None:
            return inline_pdf(data)
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = 'attachment; filename="piece-jointe.bin"'
    return response
