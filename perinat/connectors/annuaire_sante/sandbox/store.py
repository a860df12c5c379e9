"""What the sandbox publishes, in memory: rows of data/annuaire.json, changed by its administration."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from perinat.connectors.annuaire_sante.sandbox.shapes import MAKERS, Row

DEFAULT = Path(__file__).parent / "data" / "annuaire.json"
LONG_AGO = "2026-01-05T01:00:00Z"


class StoreError(ValueError):
    """The row cannot be published; the sentence is in French."""


class Store:
    """Rows by kind and id. Thread-safe."""

    def __init__(self, file: Path = DEFAULT) -> None:
        self._file, self._lock = file, threading.Lock()
        self._rows: dict[str, dict[str, Row]] = {}
        self.reset()

    def reset(self) -> None:
        """As at the start."""
        with self._lock:
            self._rows = {kind: {} for kind in MAKERS}
            for kind, rows in json.loads(self._file.read_text(encoding="utf-8")).items():
                for row in rows:
                    self._check(kind, row)
                    self._rows[kind][row["id"]] = {"updated": LONG_AGO, **row}

    def put(self, kind: str, row: Row) -> None:
        """Publish or change a row: the fields given replace those known, its date becomes now. Raises StoreError."""
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        with self._lock:
            if kind not in self._rows:
                raise StoreError(f"« kind » vaut {', '.join(MAKERS)}.")
            whole = {**self._rows[kind].get(str(row.get("id")), {}), **row, "updated": now}
            self._check(kind, whole)
            self._rows[kind][whole["id"]] = whole

    def remove(self, kind: str, key: str) -> None:
        """Publish it no longer: the API does not say that a resource left, it is only absent."""
        with self._lock:
            self._rows.get(kind, {}).pop(key, None)

    def rows(self, kind: str) -> list[Row]:
        with self._lock:
            return sorted(self._rows[kind].values(), key=lambda row: str(row["id"]))

    def counts(self) -> dict[str, int]:
        return {kind: len(rows) for kind, rows in self._rows.items()}

    @staticmethod
    def _check(kind: str, row: dict[str, Any]) -> None:
        """Fictitious only: RPPS 899…, FINESS 99…, addresses under .example."""
        if not row.get("id"):
            raise StoreError("« id » manque.")
        if kind == "Practitioner" and not str(row.get("rpps")).startswith("899"):
            raise StoreError("Seuls des RPPS fictifs (899…) sont publiés ici.")
        if kind == "Organization" and row.get("finess") and not str(row["finess"]).startswith("99"):
            raise StoreError("Seuls des FINESS fictifs (99…) sont publiés ici.")
        if any(not str(box.get("address")).endswith(".example") for box in row.get("mailboxes", [])):
            raise StoreError("Seules des adresses en .example sont publiées ici.")
        try:
            MAKERS[kind]({"updated": LONG_AGO, **row})
        except KeyError as error:
            raise StoreError(f"Il manque {error} à {kind}.") from error
