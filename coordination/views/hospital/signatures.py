"""« À valider »: the papers that wait for her name; one activation for one or for all."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import Deposit, Document, Role
from coordination.selectors import discharge_list, ins_waiting, signatures
from coordination.services import confidentiality, documents, replacements
from coordination.views.guard import REFUSALS, SignedRequest, act, back, page, sentences
from coordination.views.hospital.confidentiality import asked
from coordination.views.hospital.replacements import deposit_of

SIGNATORIES = (Role.HOSPITAL_MIDWIFE, Role.HOSPITAL_DOCTOR)


@page(*SIGNATORIES)
def to_validate(request: SignedRequest) -> HttpResponse:
    context = {
        "papers": signatures.waiting_for(request.user),
        "others": signatures.waiting_for_others(request.user),
        "upcoming": discharge_list.upcoming(request.user),
        "tasks": discharge_list.tasks(request.user) if request.user.is_ward_head else [],
        "ins_waiting": ins_waiting.count(request.user),
    }
    return render(request, "coordination/to_validate.html", context)


@act(*SIGNATORIES)
def validate(request: SignedRequest) -> HttpResponse:
    """Validate the papers ticked, each on its own: one that is refused does not hold the others."""
    papers = Document.objects.visible_to(request.user).filter(
        pk__in=request.POST.getlist("papiers"), status=DocumentStatus.TO_VALIDATE
    )
    done, seen = 0, request.POST.getlist("vu")
    for paper in papers.select_related("legal_authenticator", "stay__maternity", "organisation", "person", "author"):
        try:
            choices = asked(request, paper.pk)
            if choices is not None:
                confidentiality.choose(paper, choices, by=request.user)
            documents.validate(paper, by=request.user, seen=str(paper.pk) in seen)
            done += 1
        except REFUSALS as refusal:
            for sentence in sentences(refusal):
                messages.error(request, f"« {paper.title} » : {sentence}")
    for waiting in Deposit.objects.visible_to(request.user).filter(
        pk__in=request.POST.getlist("remplacements"), status=DepositStatus.READY, asked_at__isnull=False
    ):
        replacement = deposit_of(request, waiting.pk)
        try:
            replacements.sign(replacement, by=request.user, seen=str(replacement.pk) in seen)
            done += 1
        except REFUSALS as refusal:
            for sentence in sentences(refusal):
                messages.error(request, f"« {replacement.file_name} » : {sentence}")
    if done:
        messages.success(request, f"{done} papier{'s validés, ils partent' if done > 1 else ' validé, il part'}.")
    elif not papers and not request.POST.getlist("remplacements"):
        messages.info(request, "Aucun papier n'était coché, ou ils viennent d'être validés.")
    return back(request, "to_validate")
