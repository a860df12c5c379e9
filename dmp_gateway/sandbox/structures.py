"""Structures known to the DMP: sites (EG) and the legal entity (EJ) whose certificate they use."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dmp_gateway.sandbox import grammar
from dmp_gateway.sandbox.files import write_atomic


@dataclass(frozen=True, slots=True)
class Structure:
    """`struct_idnat` of a site or entity, `legal` the Struct_IdNat of its legal entity."""

    struct_idnat: str
    legal: str
    name: str = ""
    active: bool = True


class Structures:
    """A table kept in structures.json. A legal entity is known by its certificate unless registered inactive."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._rows: dict[str, Structure] = {}
        if path.exists():
            for raw in json.loads(path.read_text(encoding="utf-8")):
                row = Structure(**raw)
                self._rows[row.struct_idnat] = row

    def register(self, raw: dict[str, Any]) -> Structure:
        """Add or change one. Raises ValueError (French): wrong identifier."""
        row = Structure(
            str(raw.get("struct_idnat", "")),
            str(raw.get("legal") or raw.get("struct_idnat", "")),
            str(raw.get("name", "")),
            bool(raw.get("active", True)),
        )
        if not grammar.is_struct_idnat(row.struct_idnat) or not grammar.is_struct_idnat(row.legal):
            raise ValueError("Identifiant de structure invalide.")
        with self._lock:
            self._rows[row.struct_idnat] = row
            self._save()
        return row

    def remove(self, struct_idnat: str) -> bool:
        with self._lock:
            found = self._rows.pop(struct_idnat, None) is not None
            self._save()
        return found

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
            self._save()

    def all(self) -> list[dict[str, Any]]:
        return [asdict(row) for row in self._rows.values()]

    def legal_entity(self, struct_idnat: str, certified: frozenset[str]) -> str:
        """EJ of a structure, empty when it is unknown or inactive. `certified`: OU of the certificate."""
        row = self._rows.get(struct_idnat)
        if row is not None:
            return row.legal if row.active else ""
        return struct_idnat if struct_idnat in certified else ""

    def _save(self) -> None:
        text = json.dumps(self.all(), ensure_ascii=False, indent=1)
        write_atomic(self._path, text.encode("utf-8"))
