"""What the API answers to a question, and what it refuses, each refusal an OperationOutcome.

Parameters of the resource pages of the API v2 documentation (ansforge/annuaire-sante-fhir-documentation, 30/06/2026).
Where the diagnostics of the real server are not known, they start with « sandbox: ».
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import parse_qsl

from perinat.connectors.annuaire_sante.sandbox.shapes import MAKERS, Row
from perinat.connectors.annuaire_sante.sandbox.store import Store

KEY_HEADER = "esante-api-key"
DEFAULT_COUNT = 50
MAX_COUNT = 1000
COMMON = {"_id", "_lastUpdated", "_count", "active"}
ALLOWED = {
    "Organization": COMMON | {"address-postalcode", "address-city", "identifier", "name", "mailbox-mss", "_revinclude"},
    "PractitionerRole": COMMON | {"organization", "practitioner", "mailbox-mss"},
    "Practitioner": COMMON | {"identifier", "family", "given", "qualification-code", "mailbox-mss"},
}
_LAST_UPDATED = re.compile(r"(ge|gt)(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2}))")


class RefusedError(Exception):
    """A question the server does not answer: status and diagnostics of the OperationOutcome."""

    def __init__(self, status: int, diagnostics: str, code: str = "processing") -> None:
        super().__init__(diagnostics)
        self.status, self.diagnostics, self.code = status, diagnostics, code


def outcome(error: RefusedError) -> Row:
    issue = {"severity": "error", "code": error.code, "diagnostics": error.diagnostics}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def answer(store: Store, kind: str, query: str) -> tuple[list[Row], int]:
    """All the resources of this question, those included last, and how many to a page. Raises RefusedError."""
    if kind not in ALLOWED:
        raise RefusedError(404, f'HAPI-0302: Unknown resource type "{kind}"', "not-found")
    asked = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    names = {name.partition(":")[0] for name, _ in asked}
    if unknown := sorted(names - ALLOWED[kind]):
        known = ", ".join(sorted(ALLOWED[kind]))
        text = f'HAPI-0524: Unknown search parameter "{unknown[0]}" for resource type "{kind}". Valid: [{known}]'
        raise RefusedError(400, text)
    found = store.rows(kind)
    for name, value in asked:
        found = [row for row in found if _matches(kind, row, name, value)]
    resources = [MAKERS[kind](row) for row in found]
    for name, value in asked:
        if name == "_revinclude":
            resources += _included(store, value, {row["id"] for row in found})
    return resources, _count(dict(asked).get("_count"))


def _included(store: Store, value: str, places: set[str]) -> list[Row]:
    """Inactive practices say no place any more: they cannot be reached by their organisation."""
    if value != "PractitionerRole:organization":
        raise RefusedError(400, f"sandbox: _revinclude={value} n'est pas servi ici")
    rows = [row for row in store.rows("PractitionerRole") if row.get("active", True) and row["place"] in places]
    return [MAKERS["PractitionerRole"](row) for row in rows]


def _count(value: str | None) -> int:
    if value is None:
        return DEFAULT_COUNT
    if not value.isdigit() or int(value) < 1:
        raise RefusedError(400, "sandbox: _count doit être un entier positif")
    return min(int(value), MAX_COUNT)


def _matches(kind: str, row: Row, name: str, value: str) -> bool:
    active = row.get("active", True)
    match name:
        case "_count" | "_revinclude":
            return True
        case "_id":
            return row["id"] in value.split(",")
        case "_lastUpdated":
            return _later(str(row["updated"]), value)
        case "active":
            return active is (value == "true")
        case "address-postalcode":  # FHIR string search: starts with
            return bool(active) and any(str(row["postal_code"]).startswith(one) for one in value.split(","))
        case "qualification-code":
            codes = [one.rpartition("|")[2] for one in value.split(",")]
            return row["profession"] in codes
        case "organization" | "practitioner":
            field = "place" if name == "organization" else "person"
            return bool(active) and row[field] in [one.rpartition("/")[2] for one in value.split(",")]
        case "mailbox-mss:contains":
            boxes = [box["address"] for box in row.get("mailboxes", []) if not box.get("ordinary")]
            return any(value.lower() in box for box in boxes)
        case "identifier":
            return value.rpartition("|")[2] in (row.get("rpps"), row.get("finess"))
        case "name" | "family" | "given" | "address-city":
            field = {"address-city": "city"}.get(name, name)
            return str(row.get(field, "")).lower().startswith(value.lower())
    raise RefusedError(400, f"sandbox: {name} n'est pas servi pour {kind}")


def _later(updated: str, value: str) -> bool:
    found = _LAST_UPDATED.fullmatch(value)
    if not found:
        raise RefusedError(400, f"HAPI-1882: Invalid date/time format: {value}")
    limit, at = datetime.fromisoformat(found.group(2)), datetime.fromisoformat(updated)
    return at >= limit if found.group(1) == "ge" else at > limit
