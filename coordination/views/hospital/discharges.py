"""« Sorties du jour »: the secretary's home. The tray and the list refresh themselves while things move."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from coordination.models import HOSPITAL_ROLES
from coordination.selectors import discharge_list as lines
from coordination.selectors import ins_waiting
from coordination.selectors.tray import tray
from coordination.views.guard import SignedRequest, page
from coordination.views.hospital import sending
from perinat.standards import codes


def _by_class() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The types that a secretary may choose, under the name of their class: (class, ((code, label), …))."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for code, kind in codes.DOCUMENT_TYPES.items():
        grouped.setdefault(kind.document_class.label, []).append((code, kind.type.label))
    return tuple((label, tuple(types)) for label, types in grouped.items())


DOCUMENT_TYPES = _by_class()


def dropzone() -> dict[str, Any]:
    """What the dropzone says of the limits."""
    return {"max_files": settings.DEPOSIT_MAX_FILES, "max_megabytes": settings.DEPOSIT_MAX_BYTES // (1024 * 1024)}


def list_context(request: SignedRequest) -> dict[str, Any]:
    found = lines.discharges(request.user)
    return {"lines": found, "moving": any(line.is_moving for line in found)}


def tray_context(request: SignedRequest) -> dict[str, Any]:
    return {"tray": tray(request.user), "types": DOCUMENT_TYPES}


@page(*HOSPITAL_ROLES)
def discharge_list(request: SignedRequest) -> HttpResponse:
    context = {
        **list_context(request),
        **tray_context(request),
        **dropzone(),
        "tasks": lines.tasks(request.user),
        "undoable": sending.undoable(request),
        "ins_waiting": ins_waiting.count(request.user),
    }
    return render(request, "coordination/discharge_list.html", context)


@page(*HOSPITAL_ROLES, poll=True)
def tray_fragment(request: SignedRequest) -> HttpResponse:
    """The tray alone, asked every two seconds while papers are being read."""
    return render(request, "coordination/_tray.html", tray_context(request))


@page(*HOSPITAL_ROLES, poll=True)
def lines_fragment(request: SignedRequest) -> HttpResponse:
    """The list alone, asked while papers are leaving."""
    return render(request, "coordination/_discharge_lines.html", list_context(request))
