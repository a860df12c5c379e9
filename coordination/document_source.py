"""The shared record where documents are read, found by dotted path in settings, one per process."""

from __future__ import annotations

import functools

from django.conf import settings
from django.utils.module_loading import import_string

from coordination.ports import DocumentSource


@functools.lru_cache(maxsize=2)
def _load(dotted_path: str) -> DocumentSource:
    source: DocumentSource = import_string(dotted_path)()
    return source


def get() -> DocumentSource | None:
    """None: this installation consults nothing."""
    return _load(settings.DOCUMENT_SOURCE) if settings.DOCUMENT_SOURCE else None
