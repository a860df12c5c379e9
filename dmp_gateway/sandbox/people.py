"""The people of the test base: fictitious identities, each with the state of its DMP (dmp.md §1.10).

An INS that is not registered has no DMP. Only the test domains (OID .10 and .11) are admitted: a
real identity has no place here.
"""

from __future__ import annotations

import enum
import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dmp_gateway.sandbox import grammar, value_sets
from dmp_gateway.sandbox.files import write_atomic
from perinat.standards import oids


class State(enum.StrEnum):
    """State of the DMP of a person, seen from the structure that asks."""

    OK = "OK"  # open, authorisation VALIDE
    NO_AUTHORIZATION = "NO_AUTHORIZATION"  # open, never authorised: feeding needs no authorisation
    EXPIRED = "EXPIRED"  # open, authorisation expired
    BLOCKED = "BLOCKED"  # open, structure blocked by the person
    OPPOSED = "OPPOSED"  # open, person opposed to being fed by the structure
    EMERGENCY_OPPOSED = "EMERGENCY_OPPOSED"  # open, opposed to emergency access only
    CLOSED = "CLOSED"  # closed by the person
    NONE = "NONE"  # never created


@dataclass(frozen=True, slots=True)
class Person:
    """`birth_date` AAAAMMJJ; `sex` F, M or U; names as on the birth certificate; `attached` to an ENS."""

    matricule: str
    oid: str
    state: State
    birth_name: str = ""
    given_names: str = ""
    sex: str = "U"
    birth_date: str = ""
    note: str = ""
    attached: bool = True


class People:
    """A table kept in people.json, first filled with data/personas.json."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._rows: dict[tuple[str, str], Person] = {}
        if path.exists():
            self._load(json.loads(path.read_text(encoding="utf-8")))
        else:
            self.reset()

    def _load(self, rows: list[dict[str, Any]]) -> None:
        for raw in rows:
            person = _person(raw)
            self._rows[person.matricule, person.oid] = person

    def reset(self) -> None:
        """Back to the personas of data/personas.json."""
        with self._lock:
            self._rows.clear()
            self._load(value_sets.read("personas.json"))
            self._save()

    def register(self, raws: list[dict[str, Any]]) -> list[Person]:
        """Add or change people, all or none. Raises ValueError (French): INS or state not admitted."""
        people = [_person(raw) for raw in raws]
        with self._lock:
            for person in people:
                self._rows[person.matricule, person.oid] = person
            self._save()
        return people

    def remove(self, matricule: str, oid: str) -> bool:
        with self._lock:
            found = self._rows.pop((matricule, oid), None) is not None
            self._save()
        return found

    def all(self) -> list[dict[str, Any]]:
        return [asdict(person) for person in self._rows.values()]

    def find(self, matricule: str, oid: str) -> Person | None:
        return self._rows.get((matricule, oid))

    def _save(self) -> None:
        text = "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in self.all()) + "\n]\n"
        write_atomic(self._path, text.encode("utf-8"))


def _person(raw: dict[str, Any]) -> Person:
    matricule, oid = str(raw.get("matricule", "")), str(raw.get("oid", oids.INS_NIR_TEST))
    if oid not in oids.INS_TEST:
        raise ValueError("Seuls les INS de test (OID .10 et .11) sont admis.")
    if not grammar.is_ins(matricule):
        raise ValueError("Matricule INS invalide (forme ou clé).")
    try:
        state = State(str(raw.get("state", State.OK)))
    except ValueError as error:
        raise ValueError("État de DMP inconnu.") from error
    fields = ("birth_name", "given_names", "sex", "birth_date", "note")
    texts = {name: str(raw[name]) for name in fields if name in raw}
    return Person(matricule, oid, state, **texts, attached=bool(raw.get("attached", True)))
