"""Who may open whose DMP: one line for each act (TD0.3), the last one decides. authorizations.jsonl."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dmp_gateway.sandbox.files import append

ACTIONS = ("AJOUT", "SUPPRESSION", "INTERDICTION")  # the last one is the patient's, by the admin door
TREATING_DOCTOR = "MEDECIN_TRAITANT"


@dataclass(frozen=True, slots=True)
class Authorization:
    """`patient`: matricule^OID; `holder`: PS_IdNat or Struct_IdNat; `name` hers; `role`: MEDECIN_TRAITANT or empty."""

    at: str
    patient: str
    holder: str
    name: str
    action: str
    role: str = ""


class Authorizations:
    """Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._rows: dict[tuple[str, str], Authorization] = {}
        if path.exists():
            raw = path.read_bytes()
            for line in raw[: raw.rfind(b"\n") + 1].splitlines():  # a line cut by a crash is left out
                row = Authorization(**json.loads(line))
                self._rows[row.patient, row.holder] = row

    def set(self, patient: str, holder: str, name: str, action: str, role: str = "") -> Authorization:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        row = Authorization(at, patient, holder, name, action, role)
        with self._lock:
            append(self._path, (json.dumps(asdict(row), ensure_ascii=False) + "\n").encode())
            self._rows[patient, holder] = row
        return row

    def register(self, raw: dict[str, Any]) -> Authorization:
        """From the admin door. Raises ValueError (French): unknown action."""
        action = str(raw.get("action", ""))
        if action not in ACTIONS:
            raise ValueError("Action inconnue : " + ", ".join(ACTIONS))
        texts = [str(raw.get(name, "")) for name in ("patient", "holder", "name")]
        return self.set(texts[0], texts[1], texts[2], action, str(raw.get("role", "")))

    def find(self, patient: str, holder: str) -> Authorization | None:
        return self._rows.get((patient, holder))

    def of_patient(self, patient: str) -> list[Authorization]:
        return [row for row in list(self._rows.values()) if row.patient == patient]

    def of_holder(self, holder: str) -> list[Authorization]:
        return [row for row in list(self._rows.values()) if row.holder == holder]

    def all(self) -> list[dict[str, Any]]:
        return [asdict(row) for row in list(self._rows.values())]

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
            self._path.unlink(missing_ok=True)
