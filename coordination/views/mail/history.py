"""« Historique des transmissions »: what passed through the mailboxes, searched and exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from coordination import audit
from coordination.models import HOSPITAL_ROLES, Role
from coordination.selectors import transmissions
from coordination.selectors.transmissions import Line, Wanted
from coordination.views.administration.room import show
from coordination.views.guard import SignedRequest, act, page

READERS = (*sorted(HOSPITAL_ROLES), Role.ADMINISTRATOR)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute
HEADS = ("Date", "Nature", "Action", "Site", "Auteur", "Avec", "Demande", "Réponse", "Échec")


def _require_reader(request: SignedRequest) -> None:
    """In a ward, its head."""
    if request.user.is_hospital and not request.user.is_ward_head:
        raise PermissionDenied


@page(*READERS)
def history(request: SignedRequest) -> HttpResponse:
    """The last ones; a POST asks for others: an address of a correspondent is never in ours."""
    _require_reader(request)
    wanted = Wanted.of(request.POST)
    found = list(islice(transmissions.lines(request.user, wanted), transmissions.SHOWN + 1))
    context: dict[str, Any] = {
        "wanted": wanted,
        "lines": found[: transmissions.SHOWN],
        "more": len(found) > transmissions.SHOWN,
        "sites": transmissions.sites(request.user),
        "kinds": transmissions.KINDS,
        "results": transmissions.RESULTS,
        "horizon": transmissions.horizon(timezone.localdate()),
    }
    if request.user.role == Role.ADMINISTRATOR:
        return show(request, "coordination/admin_transmissions.html", context)
    return render(request, "coordination/transmissions.html", context)


@act(*READERS)
def export(request: SignedRequest) -> HttpResponse:
    """The same lines, all of them, as a file for a spreadsheet; that it left is written."""
    _require_reader(request)
    wanted = Wanted.of(request.POST)
    audit.record("transmissions.exported", by=request.user, since=str(wanted.since), until=str(wanted.until))
    response = HttpResponse("".join(_rows(request, wanted)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="transmissions-mssante.csv"'
    return response


def _rows(request: SignedRequest, wanted: Wanted) -> Iterator[str]:
    tells_who = request.user.role != Role.ADMINISTRATOR
    yield "\ufeff" + _row((*HEADS, "Personne") if tells_who else HEADS)
    for line in transmissions.lines(request.user, wanted):
        yield _row((*_cells(line), line.about) if tells_who else _cells(line))


def _cells(line: Line) -> tuple[str, ...]:
    at = f"{timezone.localtime(line.at):%d/%m/%Y %H:%M:%S}"
    said = (line.kind, line.action, line.site, line.author, line.with_whom, line.asked, line.answer)
    return (at, *said, "oui" if line.failed else "non")


def _row(cells: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return buffer.getvalue()
