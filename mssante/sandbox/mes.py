"""Messagerie of Mon espace santé: addresses, right to answer, end of a conversation (mssante.md §5).

The wording of its bounces was not obtained: the texts here are ours, the causes are theirs
(messaging closed, patient not found, invalid address).
"""

from __future__ import annotations

import json
import re
from email.message import Message
from email.utils import getaddresses
from pathlib import Path

from mssante.sandbox.journal import replace_synced

_LOCAL = re.compile(r"[0-9]{6}[0-9ab][0-9]{8}", re.IGNORECASE)
CLOSING_SUBJECT = "[FIN]"


def key_is_right(matricule: str) -> bool:
    """Key of a NIR/NIA of 15 characters: 97 - (N mod 97), Corsica 2A as 19 and 2B as 18."""
    number = matricule[:13].upper()
    if number[5:7] == "2A":
        number = number[:5] + "19" + number[7:]
    elif number[5:7] == "2B":
        number = number[:5] + "18" + number[7:]
    return number.isdigit() and 97 - int(number) % 97 == int(matricule[13:])


def address_fault(local_part: str) -> str:
    """Why `<local_part>@patient.mssante.fr` cannot be an address; empty when it can."""
    if not _LOCAL.fullmatch(local_part):
        return "invalid address: 15 characters expected"
    return "" if key_is_right(local_part) else "invalid address: wrong matricule key"


class Conversations:
    """Whom each patient may answer. Kept in one JSON file: patient → professional addresses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.open: dict[str, list[str]] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def note(self, patient: str, sender: str, header: Message, subject: str) -> None:
        """A professional's mail reached `patient`: opens, or closes, the right to answer.

        Reply-To replaces the sending mailbox among the contacts (ENS §9). `X-MSS-MES: FIN` on the
        last mail, or a subject that is exactly `[FIN]`, takes the right away (ENS §7).
        """
        replies = [address.lower() for _, address in getaddresses(header.get_all("Reply-To", [])) if address]
        contacts = replies or [sender.lower()]
        allowed = [address for address in self.open.get(patient, []) if address not in contacts]
        closing = str(header.get("X-MSS-MES", "")).strip() == "FIN" or subject == CLOSING_SUBJECT
        self.open[patient] = allowed if closing else [*allowed, *contacts]
        self._save()

    def may_write(self, patient: str, professional: str) -> bool:
        return professional.lower() in self.open.get(patient, [])

    def reset(self) -> None:
        self.open = {}
        self._save()

    def _save(self) -> None:
        replace_synced(self._path, json.dumps(self.open, indent=1).encode())
