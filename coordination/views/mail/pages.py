"""« Courrier reçu »: the queue of a ward or of a practice, one document beside the record, one act to file it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from coordination import access, audit, blobs
from coordination.cda import reader
from coordination.cda.errors import CdaReadError
from coordination.cda.reader import Attachment
from coordination.models import Person, ReceivedDocument, Stay
from coordination.papers.apart import analyse_apart
from coordination.selectors import attached, mail_list, mail_view, opened_boxes
from coordination.selectors.attached import File
from coordination.services import deposits, mail_filing, mail_reading
from coordination.views.guard import SignedRequest, act, back, page
from coordination.views.hospital.papers import inline_pdf
from coordination.views.town.narratives import Narrative, attached_file, download, of_document

READERS = tuple(sorted(access.READERS))
LONGEST_SEARCH = 60
DISCARDS = (
    "Cette personne n'est pas suivie ici",
    "Document sans objet pour le suivi",
    "Document illisible ou incomplet",
    "Double d'un document déjà classé",
    "Autre (à préciser)",
)


def _document(request: SignedRequest, received_id: UUID) -> ReceivedDocument:
    rows = ReceivedDocument.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("mail", "blob", "twin", "person", "stay", "organisation"), pk=received_id
    )


@page(*READERS)
def inbox(request: SignedRequest) -> HttpResponse:
    """What waits for a person, the results that cannot wait first; or the list that she asks for, by a POST."""
    choice = mail_list.Wanted.of(request.POST)
    context: dict[str, Any] = {
        "choice": choice,
        "choices": mail_list.choices(request.user),
        "replies": mail_view.replies_waiting(request.user),
    }
    context["boxes"] = opened_boxes.shown(request.user)
    if choice.is_asked:
        context["found"] = mail_list.listing(request.user, choice)
    else:
        context["inbox"] = mail_view.inbox(request.user)
    return render(request, "coordination/mail_inbox.html", context)


@page(*READERS)
def document(request: SignedRequest, received_id: UUID) -> HttpResponse:
    """One document: its question and the comparison on one side, what it says on the other."""
    found = _document(request, received_id)
    audit.record(mail_view.OPENED, by=request.user, subject=found)
    searched = request.POST.get("recherche", "")[:LONGEST_SEARCH]
    likely = mail_view.likely(found, request.user)
    known = found.person if likely or found.status != "TO_SORT" else None
    context = {
        "document": found,
        "row": mail_view.row(found),
        "likely": likely,
        "traits": mail_view.traits(found, known),
        "compared": known,
        "searched": searched,
        "found": mail_view.found(found, request.user, searched),
        "pdf": bool(_pdf(found)),
        "narrative": _narrative(found),
        "files": _files(found),
        "reasons": DISCARDS,
    }
    return render(request, "coordination/mail_document.html", context)


@page(*READERS)
def pdf(request: SignedRequest, received_id: UUID) -> HttpResponse:
    """Its readable PDF in the page, once our own reader has looked at it; anything else is only ever downloaded."""
    found = _document(request, received_id)
    audit.record(mail_view.OPENED, by=request.user, subject=found)
    data = _pdf(found)
    accepts = settings.IDENTITY_ACCEPTS_PRODUCTION
    if data and analyse_apart(data, limits=deposits.limits(), accept_production_ins=accepts).refusal is None:
        return inline_pdf(data)
    response = HttpResponse(data or blobs.read(found.blob), content_type="application/octet-stream")
    response["Content-Disposition"] = 'attachment; filename="document-recu.bin"'
    return response


@page(*READERS)
def joined(request: SignedRequest, received_id: UUID, rank: int) -> HttpResponse:
    """A file inside the document, or the file itself: only ever downloaded."""
    found = _document(request, received_id)
    audit.record(mail_view.OPENED, by=request.user, subject=found)
    data = blobs.read(found.blob)
    if "xml" in found.media_type:
        return attached_file(data, rank, max_bytes=mail_reading.MAX_BYTES)
    return download(attached.name_of(Attachment(1, "body", found.media_type, b"")), data)


def _pdf(document: ReceivedDocument) -> bytes:
    """That inside the document, else the one that came beside it, else the file itself."""
    data = blobs.read(document.blob)
    if "xml" in document.media_type:
        try:
            inside = reader.read(data, max_bytes=mail_reading.MAX_BYTES).pdf
        except CdaReadError:
            inside = b""
        return inside or (blobs.read(document.twin) if document.twin else b"")
    return data if data.startswith(b"%PDF") else b""


def _narrative(document: ReceivedDocument) -> Narrative | None:
    if "xml" not in document.media_type:
        return None
    try:
        whole = reader.read_whole(blobs.read(document.blob), max_bytes=mail_reading.MAX_BYTES)
    except CdaReadError:
        return None
    shown = of_document(whole, lambda rank: _joined(document, rank))
    return shown if whole.narrated or (shown and shown.files) else None


def _files(document: ReceivedDocument) -> tuple[File, ...]:
    """What came without any CDA around it, a picture or a text, drawn in the same way."""
    if "xml" in document.media_type or document.media_type in ("message/rfc822", attached.PDF):
        return ()
    one = Attachment(1, "body", document.media_type, blobs.read(document.blob))
    return attached.files([one], b"", lambda rank: _joined(document, rank))


def _joined(document: ReceivedDocument, rank: int) -> str:
    return reverse("mail_attached", args=[document.pk, rank])


@act(*READERS)
def file(request: SignedRequest, received_id: UUID) -> HttpResponse:
    """« C'est elle »: one activation."""
    found = _document(request, received_id)
    person_id, _, stay_id = request.POST.get("personne", "").partition(":")
    if not person_id or not stay_id:
        messages.error(request, "Choisissez la personne du document.")
        return back(request, "mail_inbox")
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=person_id)
    stay = get_object_or_404(Stay.objects.visible_to(request.user), pk=stay_id)
    mail_filing.file(found, person=person, stay=stay, by=request.user)
    messages.success(request, "Le document est classé dans le dossier.")
    return redirect("mail_inbox")


@act(*READERS)
def discard(request: SignedRequest, received_id: UUID) -> HttpResponse:
    """It concerns nobody here; its sender is told when he asked."""
    found = _document(request, received_id)
    reason, more = request.POST.get("motif", ""), request.POST.get("precision", "").strip()
    if reason not in DISCARDS or (reason == DISCARDS[-1] and not more):
        messages.error(request, "Indiquez le motif. Le document n'est pas écarté.")
        return redirect("mail_document", found.pk)
    mail_filing.discard(found, by=request.user, reason=f"{reason} {more}".strip()[:200])
    messages.info(request, "Le document est écarté. Il reste conservé.")
    return redirect("mail_inbox")


@act(*READERS)
def reopen(request: SignedRequest, received_id: UUID) -> HttpResponse:
    """Filed at the wrong place, or put aside by mistake."""
    found = _document(request, received_id)
    mail_filing.reopen(found, by=request.user)
    return redirect("mail_document", found.pk)


@page(*READERS)
def original(request: SignedRequest, received_id: UUID) -> HttpResponse:
    """The mail as it came, to be kept or shown to who has to understand it: only ever downloaded."""
    found = _document(request, received_id)
    if found.status == "DELETED":
        raise Http404
    audit.record("received.mail_downloaded", by=request.user, subject=found)
    response = HttpResponse(blobs.read(found.mail.raw), content_type="application/octet-stream")
    response["Content-Disposition"] = 'attachment; filename="message-recu.eml"'
    return response
