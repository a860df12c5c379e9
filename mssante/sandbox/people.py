"""Mailboxes of the trust space and the simulated people behind them (mssante.md §1.3)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mssante.sandbox.journal import replace_synced

KINDS = {
    "PER": "personnelle",
    "ORG": "organisationnelle",
    "APP": "applicative",
    "CAB": "cabinet",
    "PAT": "usager (Mon espace santé)",
}
BEHAVIOURS = {
    "silent": "ne rend aucun accusé de lecture",
    "reader": "lit le message (MDN « displayed »)",
    "integrator": "intègre le document (MDN « processed » ou « processed/error »)",
    "replier": "répond par un document dans une archive IHE_XDM",
    "answers": "lit, puis répond en quelques mots (Mon espace santé, tant que la conversation est ouverte)",
    "answers_with_files": "lit, puis répond avec deux pièces jointes (de même)",
    "out_of_office": "répond par un message d'absence (RFC 3834)",
    "full": "boîte pleine (552 5.2.2)",
    "over_quota": "boîte momentanément pleine (452 4.2.2)",
    "closed": "boîte fermée (550 5.2.1)",
    "unknown": "adresse inconnue (550 5.1.1)",
    "late_bounce": "accepte, puis rend un avis de non-remise",
    "slow_delivery": "remise retardée (DSN « delayed »), puis effective",
}
REFUSALS = {
    "full": ("552", "5.2.2", "mailbox full"),
    "over_quota": ("452", "4.2.2", "mailbox over quota, try again later"),
    "closed": ("550", "5.2.1", "mailbox disabled"),
    "unknown": ("550", "5.1.1", "mailbox unavailable: unknown user"),
}
ADDRESS = re.compile(r"[a-z0-9][a-z0-9._+'-]{0,63}@[a-z0-9-]+(\.[a-z0-9-]+)+")


class PeopleError(ValueError):
    """What the administrator asks is not a possible mailbox."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox. `legal_struct`: Struct_IdNat (EJ) whose certificate opens an APP mailbox.

    `delay_s`: seconds before the simulated person reacts. `error`: 900..906, what an integrator
    answers (empty: it integrates). `patients`: matricules an integrator knows (empty: everyone).
    `grammar`: writing of the MDN error, "1.1.3" or the older "1.1.2". `smtp_code`: reply of a late
    bounce. `password`: door for ordinary test clients, which MSSanté itself does not
    have. `holders`: RPPS of who may open it with Pro Santé Connect.
    """

    address: str
    kind: str
    owner: str = ""
    password: str = ""
    legal_struct: str = ""
    behaviour: str = "silent"
    delay_s: float = 0.0
    error: str = ""
    grammar: str = "1.1.3"
    patients: tuple[str, ...] = ()
    smtp_code: str = "550 5.2.1"
    holders: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def refusal(self) -> tuple[str, str, str] | None:
        """(SMTP code, enhanced status, text) when the mailbox takes no mail, else None."""
        return REFUSALS.get(self.behaviour)


def make_mailbox(values: dict[str, Any]) -> Mailbox:
    """Mailbox from JSON. Raises PeopleError with a French message."""
    known = set(Mailbox.__dataclass_fields__)
    if unknown := set(values) - known:
        raise PeopleError(f"Champ inconnu : {', '.join(sorted(unknown))}.")
    try:
        lists = {name: tuple(values.get(name, ())) for name in ("patients", "holders")}
        given = dict(values, address=str(values["address"]).lower(), **lists)
        mailbox = Mailbox(**given)
    except (KeyError, TypeError) as error:
        raise PeopleError("Une boîte a au moins une adresse (address) et un type (kind).") from error
    if not ADDRESS.fullmatch(mailbox.address):
        raise PeopleError("L'adresse n'a pas la forme attendue.")
    if mailbox.kind not in KINDS:
        raise PeopleError(f"Le type de boîte est l'un de : {', '.join(KINDS)}.")
    if mailbox.behaviour not in BEHAVIOURS:
        raise PeopleError(f"Le comportement est l'un de : {', '.join(BEHAVIOURS)}.")
    if mailbox.kind == "APP" and not mailbox.legal_struct:
        raise PeopleError("Une boîte applicative porte l'identifiant de sa structure (legal_struct).")
    if not re.fullmatch(r"[45]\d\d [45]\.\d{1,3}\.\d{1,3}", mailbox.smtp_code):
        raise PeopleError("smtp_code a la forme « 550 5.2.1 ».")
    if mailbox.error and not re.fullmatch(r"90[0-6]", mailbox.error):
        raise PeopleError("Le code d'erreur d'intégration va de 900 à 906.")
    return mailbox


class People:
    """All mailboxes, kept in one JSON file."""

    def __init__(self, path: Path, seed: Path) -> None:
        self._path = path
        self._seed = seed
        self._boxes: dict[str, Mailbox] = {}
        self._load(path if path.exists() else seed)

    def _load(self, path: Path) -> None:
        self._boxes = {box.address: box for box in map(make_mailbox, json.loads(path.read_text("utf-8")))}

    def __iter__(self) -> Iterator[Mailbox]:
        return iter(sorted(self._boxes.values(), key=lambda box: box.address))

    def get(self, address: str) -> Mailbox | None:
        return self._boxes.get(address.lower())

    def put(self, values: dict[str, Any]) -> Mailbox:
        """Create or change a mailbox. Address and type are immutable (API MSSanté, annuaire)."""
        mailbox = make_mailbox(values)
        before = self._boxes.get(mailbox.address)
        if before is not None and before.kind != mailbox.kind:
            raise PeopleError("Le type d'une boîte ne change pas après sa création.")
        self._boxes[mailbox.address] = mailbox
        self._save()
        return mailbox

    def change(self, address: str, values: dict[str, Any]) -> Mailbox:
        """Change some fields of a mailbox that exists. Raises PeopleError when it does not."""
        before = self.get(address)
        if before is None:
            raise PeopleError("Cette boîte n'existe pas.")
        return self.put(asdict(replace(before)) | values | {"address": before.address})

    def remove(self, address: str) -> bool:
        found = self._boxes.pop(address.lower(), None) is not None
        self._save()
        return found

    def reset(self) -> None:
        """Back to the fictitious people of the data folder."""
        self._path.unlink(missing_ok=True)
        self._load(self._seed)

    def of_structure(self, legal_struct: str) -> list[Mailbox]:
        """Applicative mailboxes that the certificate of this legal entity opens."""
        return [box for box in self if box.kind == "APP" and box.legal_struct == legal_struct]

    def _save(self) -> None:
        boxes = [asdict(box) for box in self]
        replace_synced(self._path, json.dumps(boxes, ensure_ascii=False, indent=1).encode())
