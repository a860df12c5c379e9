"""« Remplacer »: the new file and its reason, then the look at it, then the confirmation."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from coordination.models import HOSPITAL_ROLES, Deposit, Document
from coordination.selectors import replacement_view
from coordination.services import replacements
from coordination.services.documents import WRITTEN_HERE
from coordination.views.guard import REFUSALS, SignedRequest, act, back, page, sentences
from coordination.views.hospital.reason_form import ReasonForm
from coordination.views.hospital.uploads import refusal_of

GONE = "Le papier est remplacé. Voyez sur le séjour ce qui part, à qui."
DISCARDED = "La nouvelle version est écartée. Le papier envoyé reste en vigueur, rien ne part."
REOPENED = "La correction est rouverte : rien de ce qui est écrit n'est perdu. Le papier envoyé reste en vigueur."
ASKED = "La nouvelle version attend la validation de {}. L'ancienne reste en vigueur d'ici là."


class ReplacementForm(ReasonForm):
    """The file, why, and the ward's own words (they stay in the ward)."""

    papier = forms.FileField(
        label="Nouveau fichier (PDF)", widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"})
    )
    field_order = ("papier", "motif", "precision")

    def clean_papier(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["papier"]
        sentence = refusal_of(file)
        if sentence:
            raise forms.ValidationError(sentence)
        return file


def document_of(request: SignedRequest, document_id: UUID) -> Document:
    rows = Document.objects.visible_to(request.user).select_related(
        "person", "stay__mother", "organisation", "legal_authenticator"
    )
    return get_object_or_404(rows, pk=document_id)


def deposit_of(request: SignedRequest, deposit_id: UUID) -> Deposit:
    """A new version proposed by this ward."""
    rows = Deposit.objects.visible_to(request.user).filter(replaces__isnull=False)
    return get_object_or_404(
        rows.select_related(
            "replaces__document__person",
            "replaces__document__stay__mother",
            "replaces__document__legal_authenticator",
            "person",
            "stay__mother",
            "asked_by",
            "organisation",
            "blob",
            "readable",
        ),
        pk=deposit_id,
    )


@page(*HOSPITAL_ROLES)
def choose(request: SignedRequest, document_id: UUID) -> HttpResponse:
    """The form; nothing typed is lost when it is refused (a browser always forgets the file itself)."""
    document = document_of(request, document_id)
    if document.volet:
        messages.info(request, WRITTEN_HERE)
        return redirect("stay", document.stay_id)
    waiting = replacements.asked(document)
    if waiting is not None:
        return redirect("replacement", waiting.pk)
    sent = request.method == "POST"
    form = ReplacementForm(request.POST if sent else None, request.FILES if sent else None)
    problems: list[str] = []
    if sent and form.is_valid():
        file, values = form.cleaned_data["papier"], form.cleaned_data
        try:
            made = replacements.propose(
                document,
                name=file.name or "papier.pdf",
                data=file.read(),
                by=request.user,
                reason=values["motif"],
                comment=values["precision"],
            )
        except REFUSALS as refusal:
            problems = sentences(refusal)
        else:
            return redirect("replacement", made.pk)
    context = {
        "form": form,
        "problems": problems,
        "subject": replacement_view.subject(document, request.user),
        "max_megabytes": settings.DEPOSIT_MAX_BYTES // (1024 * 1024),
    }
    return render(request, "coordination/replacement_form.html", context)


def _context(request: SignedRequest, deposit: Deposit) -> dict[str, object]:
    if deposit.replaces is None:
        raise Http404
    return {
        "subject": replacement_view.subject(deposit.replaces.document, request.user),
        "preview": replacement_view.preview(deposit, request.user),
    }


@page(*HOSPITAL_ROLES)
def look(request: SignedRequest, deposit_id: UUID) -> HttpResponse:
    """The new file as it will leave, beside what it replaces, and the one act that remains."""
    return render(request, "coordination/replacement.html", _context(request, deposit_of(request, deposit_id)))


@page(*HOSPITAL_ROLES, poll=True)
def state(request: SignedRequest, deposit_id: UUID) -> HttpResponse:
    """The part of that page which changes while the file is being read."""
    return render(request, "coordination/_replacement.html", _context(request, deposit_of(request, deposit_id)))


@act(*HOSPITAL_ROLES)
def confirm(request: SignedRequest, deposit_id: UUID) -> HttpResponse:
    """Replace, or ask for the signature; sign, when it was asked of this very person. Refused: the same page again."""
    deposit = deposit_of(request, deposit_id)
    try:
        gone = _confirmed(request, deposit)
    except REFUSALS as refusal:
        for sentence in sentences(refusal):
            messages.error(request, sentence)
        return redirect("replacement", deposit.pk)
    if gone:
        messages.success(request, GONE)
    elif deposit.replaces is not None:
        messages.success(request, ASKED.format(deposit.replaces.document.legal_authenticator))
    return back(request, "discharge_list")


def _confirmed(request: SignedRequest, deposit: Deposit) -> bool:
    """Whether the new version left; False: it waits for its signature."""
    seen = request.POST.get("vu") == str(deposit.pk)
    if deposit.asked_at is not None:
        replacements.sign(deposit, by=request.user, seen=seen)
        return True
    checked = request.POST.get("verifie") == "1"
    return replacements.confirm(deposit, by=request.user, checked=checked, seen=seen) is not None


@act(*HOSPITAL_ROLES)
def discard(request: SignedRequest, deposit_id: UUID) -> HttpResponse:
    """Put the new version aside: the paper in force stays as it is. One written on a screen is open again."""
    deposit = deposit_of(request, deposit_id)
    replacements.discard(deposit, by=request.user)
    messages.info(request, REOPENED if deposit.body_id else DISCARDED)
    return back(request, "discharge_list")
