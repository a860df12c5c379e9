"""The indicators: home, one indicator by maternity, and the same cells as a file."""

from __future__ import annotations

import csv

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from coordination import audit
from coordination.models import Role
from coordination.selectors import indicators
from coordination.selectors.indicators_counts import CLOSED_AFTER
from coordination.selectors.indicators_masking import FLOOR
from coordination.selectors.indicators_text import HIDDEN, TOO_FEW
from coordination.views.guard import SignedRequest, page

WORDS = {"too_few": TOO_FEW, "floor": FLOOR, "hidden": HIDDEN, "closing_day": CLOSED_AFTER.days + 1}


@page(Role.CPAM, Role.ARS)
def figures(request: SignedRequest) -> HttpResponse:
    """This month against the last one and the baseline, at sign-in."""
    found = indicators.figures(request.user, timezone.now(), month=request.GET.get("mois", ""))
    return render(request, "coordination/indicators.html", {"page": found, **WORDS})


@page(Role.CPAM, Role.ARS)
def maternities(request: SignedRequest) -> HttpResponse:
    found = indicators.maternities(request.user, timezone.now(), indicator=request.GET.get("indicateur", ""))
    return render(request, "coordination/indicators_maternities.html", {"page": found, **WORDS})


@page(Role.CPAM, Role.ARS)
def export(request: SignedRequest) -> HttpResponse:
    """The cells shown on the pages, for a spreadsheet; the export is audited."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="indicateurs-perinat.csv"'
    csv.writer(response, delimiter=";").writerows(indicators.export(request.user, timezone.now()))
    audit.record("indicators.exported", by=request.user)
    return response
