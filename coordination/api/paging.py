"""One bounded page of a list, in the same envelope everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import EmptyPage, Paginator
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from coordination.api.errors import ParameterError


class Envelope(serializers.Serializer[Any]):
    """What surrounds the rows of a page (the schema describes it with `resultats`)."""

    total = serializers.IntegerField(help_text="Lignes en tout")
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    taille = serializers.IntegerField(help_text="Lignes par page")
    suivante = serializers.CharField(allow_null=True, help_text="Adresse de la page suivante")
    precedente = serializers.CharField(allow_null=True, help_text="Adresse de la page précédente")


def paged(
    request: Request,
    rows: QuerySet[Any] | Sequence[Any],
    given: dict[str, Any],
    show: Callable[[list[Any]], Any],
) -> dict[str, Any]:
    """The page asked by the checked parameters; `show` turns its rows into what is answered."""
    paginator = Paginator(rows, given["taille"])
    try:
        page = paginator.page(given["page"])
    except EmptyPage as error:
        pages = paginator.num_pages
        sentence = f"La dernière page est la page {pages}." if pages > 1 else "Il n'y a qu'une page."
        raise ParameterError({"page": [sentence]}) from error
    return {
        "total": paginator.count,
        "page": page.number,
        "pages": paginator.num_pages,
        "taille": paginator.per_page,
        "suivante": _address(request, page.number + 1) if page.has_next() else None,
        "precedente": _address(request, page.number - 1) if page.has_previous() else None,
        "resultats": show(list(page.object_list)),
    }


def _address(request: Request, number: int) -> str:
    """The same question, another page. The parameters have been checked: codes, ids and dates only."""
    words = request.query_params.copy()
    words["page"] = str(number)
    return f"{request.path}?{words.urlencode()}"
