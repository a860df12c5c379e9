"""What the administrator may change while the operator runs; kept in settings.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from mssante.sandbox.journal import replace_synced

LINT_MODES = ("strict", "report", "off")


class SettingsError(ValueError):
    """A setting that does not exist, or a value it cannot have."""


@dataclass(slots=True)
class Settings:
    """`lint`: strict (refuse at DATA), report (keep the findings), off (do not look: load runs).

    `automatic`: receipts leave when they are due; otherwise only at POST /tick. `max_bytes`: whole
    mail (MSS/va1.13); `patient_max_bytes`: Mon espace santé, 25 MB. `patient_notices_in_words`: what it does
    not deliver comes back as a mail « Message non distribué », not as a report. `dsn_delay_s`: seconds before
    a DSN. `certificate_alone`: SMTP accepts a client certificate without AUTH. `known_nils`: products
    declared to this operator (empty: any well-formed X-MSS-NIL). `idle_s`: silence before closing. `sync`:
    each mail waits for the disk (off for load runs: the process may still crash, not the machine).
    `psc_introspection`: address where the fictitious Pro Santé Connect says whose a token is; `psc_client`,
    `psc_secret`: how this operator signs in there.
    """

    lint: str = "strict"
    automatic: bool = True
    max_bytes: int = 20 * 1024 * 1024
    patient_max_bytes: int = 25 * 1000 * 1000
    patient_notices_in_words: bool = False
    dsn_delay_s: float = 0.0
    certificate_alone: bool = False
    known_nils: tuple[str, ...] = ()
    idle_s: float = 300.0
    sync: bool = True
    psc_introspection: str = ""
    psc_client: str = "operateur-mssante"
    psc_secret: str = "bac-a-sable-operateur-mssante-0001"
    hostname: str = "smtp.mssante-bac-a-sable.example"

    def update(self, values: dict[str, Any]) -> None:
        """Change the given settings, all or none. Raises SettingsError."""
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        clean: dict[str, Any] = {}
        for name, value in values.items():
            if name not in kinds:
                raise SettingsError(f"Réglage inconnu : {name}.")
            kind = kinds[name]
            given = tuple(value) if kind is tuple and isinstance(value, list) else value
            given = float(given) if kind is float and type(given) is int else given
            if type(given) is not kind:
                raise SettingsError(f"Valeur impossible pour {name}.")
            clean[name] = given
        if clean.get("lint", self.lint) not in LINT_MODES:
            raise SettingsError(f"lint vaut l'un de : {', '.join(LINT_MODES)}.")
        for name, value in clean.items():
            setattr(self, name, value)

    def load(self, path: Path) -> None:
        if path.exists():
            self.update(json.loads(path.read_text("utf-8")))

    def save(self, path: Path) -> None:
        replace_synced(path, json.dumps(asdict(self), ensure_ascii=False, indent=1).encode())

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
