"""Who the sandbox knows, and since when: test identities of the CNDA and of ANS, fictitious, under the test OIDs."""

from __future__ import annotations

import json
import re
import threading
from datetime import date
from pathlib import Path
from typing import Any

from perinat.standards import oids

DEFAULT = Path(__file__).parent / "data" / "people.json"
MATRICULE = re.compile(r"([1-478]\d{5}[0-9AB]\d{6})(\d{2})", re.ASCII)
NAME = re.compile(r"[A-Z']+(?:(?:-{1,2}|[' ])[A-Z]+)*", re.ASCII)
FIELDS = ("family", "given", "sex", "birth_date", "cog", "matricule", "oid")


class PersonError(ValueError):
    """This person cannot be published; the sentence is in French."""


def key_of(number: str) -> str:
    """97 − N mod 97; the letter of Corsica counts as 0, minus one or two millions."""
    taken = {"A": 1_000_000, "B": 2_000_000}.get(number[6], 0)
    value = int(number[:6] + ("0" if taken else number[6]) + number[7:]) - taken
    return f"{97 - value % 97:02d}"


class People:
    """Rows {family, given, sex, birth_date, cog, matricule, oid, known_from}. Thread-safe.

    `today`: the day of the sandbox, set by its administration; who is « known from » a later day is not found yet.
    """

    def __init__(self, file: Path = DEFAULT) -> None:
        self._file, self._lock = file, threading.Lock()
        self._rows: list[dict[str, str]] = []
        self.today: date | None = None
        self.reset()

    def reset(self) -> None:
        """As at the start."""
        rows = json.loads(self._file.read_text(encoding="utf-8"))
        for row in rows:
            check(row)
        with self._lock:
            self._rows, self.today = rows, None

    def add(self, row: dict[str, str]) -> None:
        """One more; the same matricule replaces. Raises PersonError."""
        check(row)
        with self._lock:
            self._rows = [one for one in self._rows if one["matricule"] != row["matricule"]] + [row]

    def matching(self, asked: dict[str, Any]) -> list[dict[str, str]]:
        """Those who have all the traits asked about, known by now."""
        today = (self.today or date.today()).isoformat()
        with self._lock:
            return [row for row in self._rows if row.get("known_from", "") <= today and _is(row, asked)]


def _is(row: dict[str, str], asked: dict[str, Any]) -> bool:
    given = row["given"].split(" ")
    return (
        (row["family"], row["sex"], row["birth_date"]) == (asked["family"], asked["sex"], asked["birth_date"])
        and all(name in given for name in asked["given"])
        and asked["cog"] in ("", row["cog"])
    )


def check(row: dict[str, str]) -> None:
    """Raises PersonError: only well-formed fictitious identities are published."""
    if any(not isinstance(row.get(name), str) for name in FIELDS):
        raise PersonError(f"Une identité a ces champs : {', '.join(FIELDS)}.")
    if row["oid"] not in oids.INS_TEST:
        raise PersonError("Seuls les OID de test et de démonstration sont publiés ici.")
    found = MATRICULE.fullmatch(row["matricule"])
    if not found or key_of(found.group(1)) != found.group(2):
        raise PersonError("Le matricule n'a pas la forme d'une INS, ou sa clé est fausse.")
    if not NAME.fullmatch(row["family"]) or not NAME.fullmatch(row["given"]) or row["sex"] not in ("F", "M"):
        raise PersonError("Noms en capitales sans accent ; sexe F ou M.")
    date.fromisoformat(row["birth_date"])
    date.fromisoformat(row.get("known_from", "2000-01-01"))
