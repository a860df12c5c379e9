"""The values of a document as plain JSON data: dates ISO 8601, files by their size and digest, nothing empty."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from coordination.cda.reading.bodies import Attachment
from coordination.cda.reading.document import WholeDocument
from coordination.cda.reading.facts import Fact
from perinat.standards.identifiers import Ins


def as_json(document: WholeDocument) -> dict[str, Any]:
    """Deterministic: the same bytes always give the same data, in the same order. Absent things are left out.

    A file is told by its media type, its size and its SHA-256: its bytes are not in it.
    """
    header = _plain(document.header)
    for key in ("body", "pdf"):
        header.pop(key, None)
    return {
        "header": header,
        "context": _plain(document.context),
        "sections": _plain(document.sections),
        "attachments": _plain(document.attachments),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Ins):
        return {"matricule": value.matricule, "oid": value.oid}
    if isinstance(value, Attachment):
        told = {"number": value.number, "origin": value.origin, "media_type": value.media_type}
        return told | {
            "element_id": value.element_id,
            "readable": value.readable,
            "size": len(value.data),
            "sha256": value.sha256,
        }
    if is_dataclass(value):
        pairs = ((field.name, _plain(getattr(value, field.name))) for field in fields(value))
        told = {name: item for name, item in pairs if not _empty(item)}
        # False is told where it may be taken for an absence: the act was not denied.
        return told if not isinstance(value, Fact) or value.negated else told | {"negated": False}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _empty(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {}, b"")
