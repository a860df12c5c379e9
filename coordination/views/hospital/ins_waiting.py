"""« En attente d'INS »: the list of who waits, and one page per person where it is settled."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from coordination.models import HOSPITAL_ROLES, InsStatus, Person, QuestionAnswer, Stay
from coordination.selectors import ins_waiting
from coordination.services import identities, ins_alerts, ins_answers, ins_questions
from coordination.services.identities import IdentityRefusedError
from coordination.views.guard import SignedRequest, act, page

NOTHING = "Plus rien n’attend l’INS de cette personne."
LEAVES = "L’identité est qualifiée. Les documents qui l’attendaient partent d’eux-mêmes dans la minute. Rien à faire."
VERIFIED = "L’identité est vérifiée. Ses documents partiront d’eux-mêmes au DMP dès que son INS sera trouvée."
ASKED = "La question part dans la minute. La réponse s’affichera ici."
ALREADY = "Une question est déjà en route, ou n’est plus utile."
TAKEN = "Les traits du téléservice sont repris. Il reste à vérifier l’identité sur une pièce."
KEPT = "Nos traits sont gardés. perinat redemandera aux jours prévus."


@page(*HOSPITAL_ROLES)
def waiting(request: SignedRequest) -> HttpResponse:
    return render(request, "coordination/ins_waiting.html", {"lines": ins_waiting.lines(request.user)})


@page(*HOSPITAL_ROLES)
def case(request: SignedRequest, person_id: UUID) -> HttpResponse:
    person = _person(request, person_id)
    line = ins_waiting.one(request.user, person.pk)
    if line is None:
        messages.info(request, NOTHING)
        return redirect("ins_waiting")
    return render(request, "coordination/ins_case.html", {"line": line})


@act(*HOSPITAL_ROLES)
def ask(request: SignedRequest, person_id: UUID) -> HttpResponse:
    """« Demander maintenant »."""
    person = _person(request, person_id)
    line = ins_waiting.one(request.user, person.pk)
    stay = get_object_or_404(Stay.objects.visible_to(request.user), pk=line.stay_id) if line else None
    if stay is not None and ins_questions.ask_now(person, stay, by=request.user, now=timezone.now()):
        messages.success(request, ASKED)
    else:
        messages.info(request, ALREADY)
    return _back(person)


@act(*HOSPITAL_ROLES)
def verify(request: SignedRequest, person_id: UUID) -> HttpResponse:
    """Her traits were compared with a document of high confidence: which one is audited, its content is not kept."""
    person = _person(request, person_id)
    line = ins_waiting.one(request.user, person.pk)
    evidence = request.POST.get("piece", "")
    if line is None or not line.can_verify:
        messages.info(request, ALREADY if line else NOTHING)
    elif evidence not in dict(line.evidence):
        messages.error(request, "Choisissez la pièce que vous avez vue. Rien n’a été enregistré.")
    elif identities.verify(person, evidence=evidence, by=request.user) == InsStatus.QUAL:
        ins_alerts.settle(person.pk, by=request.user)
        messages.success(request, LEAVES)
    else:
        messages.success(request, VERIFIED)
    return _back(person)


@act(*HOSPITAL_ROLES)
def decide(request: SignedRequest, person_id: UUID) -> HttpResponse:
    """Two identities side by side: the same person (the traits of INSi are taken), or not (ours are kept)."""
    person = _person(request, person_id)
    question = person.identity_questions.filter(answer=QuestionAnswer.DIFFERENT, decided_at__isnull=True).first()
    if question is None:
        raise IdentityRefusedError(ins_answers.MEANWHILE)
    if request.POST.get("choix") == "reprendre":
        ins_answers.adopt(question, by=request.user)
        messages.success(request, TAKEN)
    else:
        ins_answers.keep(question, by=request.user)
        messages.success(request, KEPT)
    return _back(person)


def _person(request: SignedRequest, person_id: UUID) -> Person:
    return get_object_or_404(Person.objects.visible_to(request.user), pk=person_id)


def _back(person: Person) -> HttpResponseRedirect:
    return redirect("ins_case", person.pk)
