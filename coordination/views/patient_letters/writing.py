"""Choosing the words, reading what she will read, sending: nothing leaves before the last of the three."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from coordination.models import PatientReply
from coordination.papers.patient_letters import LONGEST_ADDITION, Audience
from coordination.selectors import patient_boxes, patient_inbox, patient_letters
from coordination.selectors.patient_letters import LetterRefusedError
from coordination.services import patient_letters as letters
from coordination.services.patient_letters import Asked
from coordination.views.guard import SignedRequest, page
from coordination.views.patient_letters.pages import CORRESPONDENTS, Correspondent, correspondent

SENT = "Le message part. Vous verrez ici quand il est remis, puis lu."


@page(*CORRESPONDENTS)
def write(request: SignedRequest, stay_id: UUID, person_id: UUID) -> HttpResponse:
    """GET: the words of a template; POST « voir »: the whole message; POST « envoyer »: it leaves."""
    to = correspondent(request, stay_id, person_id)
    closed = patient_letters.closed_for(request.user, to.stay, to.person)
    if closed:
        return redirect("patient_messages", to.stay.pk, to.person.pk)
    said = request.POST if request.method == "POST" else request.GET
    reply = _reply(request, to, said.get("reponse", ""))
    typed = _typed(said)
    try:
        return _done(request, to, reply, typed)
    except LetterRefusedError as refusal:
        return _form(request, to, reply, typed, refusal.message_fr)


def _done(request: SignedRequest, to: Correspondent, reply: PatientReply | None, typed: dict[str, Any]) -> HttpResponse:
    """Raises LetterRefusedError."""
    papers = patient_letters.chosen_papers(to.stay, to.person, request.user, typed["papers"])
    act = request.POST.get("acte", "")
    if act == "envoyer":
        letters.send(_asked(to, reply, typed, papers), by=request.user)
        messages.success(request, SENT)
        return redirect("patient_messages", to.stay.pk, to.person.pk)
    if act != "voir":
        return _form(request, to, reply, typed)
    template, written = patient_letters.compose(
        to.stay,
        to.person,
        to.audience,
        request.user,
        template=typed["template"],
        addition=typed["addition"],
        closes=typed["closes"],
        joined=len(papers),
        answering=reply is not None,
    )
    context = _context(to, reply, typed) | {
        "template": template,
        "written": written,
        "papers": papers,
        "key": uuid.uuid4(),
        "check": patient_boxes.identity_check(to.person),
        "closes": typed["closes"] or template.closes,
        "may_answer": patient_letters.may_answer(closes=typed["closes"] or template.closes),
        "minor": to.audience is Audience.MOTHER and patient_boxes.reads_with_parents(to.person),
        "sender": request.user.organisation,
    }
    return render(request, "coordination/patient_preview.html", context)


def _asked(to: Correspondent, reply: PatientReply | None, typed: dict[str, Any], papers: Any) -> Asked:
    return Asked(
        key=typed["key"],
        stay=to.stay,
        person=to.person,
        audience=to.audience,
        template=typed["template"],
        addition=typed["addition"],
        closes=typed["closes"],
        papers=papers,
        answers=reply,
        confirmed=typed["confirmed"],
    )


def _typed(said: Any) -> dict[str, Any]:
    try:
        key = uuid.UUID(said.get("cle", ""))
    except ValueError:
        key = uuid.uuid4()
    return {
        "template": said.get("modele", "")[:30],
        "addition": said.get("ajout", "").replace("\r\n", "\n").strip(),
        "closes": said.get("repondre", "") == "non",
        "papers": said.getlist("papiers"),
        "confirmed": said.get("confirme", "") == "oui",
        "key": key,
    }


def _reply(request: SignedRequest, to: Correspondent, asked: str) -> PatientReply | None:
    """The message of hers that this one answers, when it is one of this conversation."""
    try:
        wanted = uuid.UUID(asked)
    except ValueError:
        return None
    return patient_inbox.replies_of(request.user).filter(pk=wanted, stay=to.stay, person=to.person).first()


def _context(to: Correspondent, reply: PatientReply | None, typed: dict[str, Any]) -> dict[str, Any]:
    return {
        "to": to,
        "typed": typed,
        "reply": reply,
        "longest": LONGEST_ADDITION,
        "may_add": to.audience is Audience.MOTHER,
        "is_mother": to.audience is Audience.MOTHER,
        "answers_open": patient_letters.may_answer(closes=False),
    }


def _form(
    request: SignedRequest, to: Correspondent, reply: PatientReply | None, typed: dict[str, Any], problem: str = ""
) -> HttpResponse:
    choices = patient_letters.choices(to.stay, to.person, to.audience, request.user, answering=reply is not None)
    chosen = next((one for one in choices if one.key == typed["template"] and not one.missing), None)
    if chosen is None:
        messages.error(request, problem or patient_letters.UNKNOWN)
        return redirect("patient_messages", to.stay.pk, to.person.pk)
    _, written = patient_letters.compose(
        to.stay,
        to.person,
        to.audience,
        request.user,
        template=chosen.key,
        addition="…" if chosen.key == "answer" else "",
        closes=typed["closes"],
        answering=reply is not None,
    )
    context = _context(to, reply, typed) | {
        "chosen": chosen,
        "written": written,
        "problem": problem,
        "told": patient_inbox.of_reply(reply) if reply else None,
        "joinable": patient_letters.joinable(to.stay, to.person, request.user),
    }
    return render(request, "coordination/patient_write.html", context)
