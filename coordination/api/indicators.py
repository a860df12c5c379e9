"""Indicators: the cells that the referents' pages show, after the hiding of small numbers, and no other."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from coordination import audit
from coordination.access import REFERENTS
from coordination.api import answers, parameters
from coordination.api.base import ApiView, Request, Response, user_of
from coordination.api.described import described
from coordination.api.paging import paged
from coordination.models import User
from coordination.selectors import indicators
from coordination.selectors.indicators_text import DEFINITIONS, TOO_FEW

HIDING = f"Une cellule absente est masquée. {TOO_FEW}, ou recalculables."
KEYS = {words.label: key for key, words in DEFINITIONS.items()}


class Indicators(ApiView):
    roles = REFERENTS

    @described("indicateurs", "Cellules montrées des mois clos", answers.CellPage, parameters.IndicatorParameters)
    def get(self, request: Request) -> Response:
        """Audited as the file of the same cells is."""
        given = parameters.read(parameters.IndicatorParameters, request)
        user = user_of(request)
        cells = [cell for cell in _cells(user) if _is_wanted(cell, given)]
        answer = paged(request, cells, given, lambda page: answers.CellAnswer(page, many=True).data)
        audit.record("indicators.exported", by=user, via="api")
        return Response({"masquage": HIDING, **answer})


def _cells(user: User) -> list[dict[str, Any]]:
    """Newest month first, then places and indicators in the order of the page."""
    lines = list(indicators.export(user, timezone.now()))[1:]
    cells = [_cell(*line) for line in lines]
    return sorted(cells, key=lambda cell: str(cell["mois"]), reverse=True)


def _cell(month: str, place: str, label: str, numerator: str, denominator: str, _: str) -> dict[str, Any]:
    return {
        "mois": month,
        "lieu": place,
        "indicateur": KEYS[label],
        "libelle": label,
        "numerateur": int(numerator),
        "denominateur": int(denominator),
        "pourcentage": round(100 * int(numerator) / int(denominator), 1),
    }


def _is_wanted(cell: dict[str, Any], given: dict[str, Any]) -> bool:
    return all(cell[name] == given[name] for name in ("mois", "indicateur") if name in given)
