"""Documents: what they are and how far they are. Never their bytes: those open on the page, which records it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from coordination.access import READERS
from coordination.api import answers, parameters
from coordination.api.base import ApiView, Request, Response, user_of
from coordination.api.described import described
from coordination.api.paging import paged
from coordination.models import Document, DocumentVersion, Reading, User
from coordination.selectors import reading_view
from coordination.selectors.versions import in_force


class Documents(ApiView):
    roles = READERS

    @described(
        "documents", "Documents visibles, sans leur contenu", answers.DocumentPage, parameters.DocumentParameters
    )
    def get(self, request: Request) -> Response:
        given = parameters.read(parameters.DocumentParameters, request)
        return Response(paged(request, _filtered(user_of(request), given), given, _lines))


class OneDocument(ApiView):
    roles = READERS

    @described("document", "Un document : versions, validation, lectures", answers.DocumentAnswer)
    def get(self, request: Request, document_id: UUID) -> Response:
        parameters.read(parameters.NoParameters, request)
        row = reading_view.document_for(user_of(request), document_id)
        shown = reading_view.page(user_of(request), row) if row is not None else None
        if row is None or shown is None:
            raise Http404
        page, _ = shown
        return Response(answers.DocumentAnswer(_document(row, page)).data)


def _filtered(user: User, given: dict[str, Any]) -> QuerySet[Any]:
    """Newest first. A carer is told of the versions that can no longer be undone, the others of all."""
    final = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    settled = Q() if user.is_hospital else Q(versions__validated_at__lte=final) | Q(author_id=user.professional_id)
    me: Any = user.professional_id  # None finds nothing
    hers = Q() if user.is_hospital else Q(validated_at__lte=final) | Q(document__author_id=me)
    newest = DocumentVersion.objects.filter(hers, document=OuterRef("pk")).order_by("-validated_at", "-number")
    mine = Reading.objects.filter(version__document=OuterRef("pk"), professional_id=me)
    rows: QuerySet[Any] = (
        Document.objects.visible_to(user)
        .select_related("person", "stay", "organisation")
        .annotate(
            shown_version=Subquery(newest.values("number")[:1]),
            shown_validated_at=Max("versions__validated_at", filter=settled),
            read_at=Subquery(in_force(mine).order_by("at").values("at")[:1]),
        )
    )
    wanted = {"sejour": "stay_id", "type": "type_code", "statut": "status"}
    rows = rows.filter(**{column: given[name] for name, column in wanted.items() if name in given})
    return rows.order_by("-created_at", "pk")


def _lines(rows: list[Any]) -> Any:
    for row in rows:
        row.subject = _subject(row)
    return answers.DocumentLine(rows, many=True).data


def _subject(document: Document) -> dict[str, Any]:
    person = document.person
    return {"pk": person.pk, "display_name": person.display_name, "is_newborn": document.is_about_newborn}


def _document(row: Document, page: reading_view.DocumentPage) -> dict[str, Any]:
    return {
        "id": row.pk,
        "sejour": row.stay_id,
        "type": row.type_code,
        "titre": page.title,
        "personne": _subject(row),
        "statut": row.status,
        "statut_libelle": row.get_status_display(),
        "emetteur": page.sender,
        "auteur": page.author,
        "valide_par": page.validated_by,
        "valide_le": page.validated_at,
        "version": page.version,
        "versions": page.versions,
        "lectures": page.readings,
    }
