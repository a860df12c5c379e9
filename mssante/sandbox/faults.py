"""Scripted faults: what goes wrong, where on the wire, for which mail, how many times.

Points: `smtp.banner`, `smtp.<verb>` (ehlo, starttls, auth, mail, rcpt, data, quit…), `smtp.store`
(mail received, nothing stored), `smtp.answer` (stored, reply not sent), `imap.banner`,
`imap.<command>`, and `receipt` for what comes back later.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any

from mssante.sandbox.wire import CutError

WIRE_ACTIONS = {
    "pause": "attend d'être libéré (POST /faults/<id>/release) ou `seconds`",
    "slow": "attend `seconds`, puis continue",
    "cut": "coupe la connexion",
    "reply": "répond `text` au lieu de traiter (par exemple « 421 4.3.2 … », « 451 4.3.0 … »)",
    "garble": "répond des octets sans forme, puis coupe",
}
RECEIPT_ACTIONS = {
    "drop": "aucun accusé",
    "duplicate": "chaque accusé en double",
    "mdn_first": "le MDN avant le DSN",
}
GARBAGE = b"\x00\xff\xfe%%% sandbox \x80\x81\r\n"


class FaultError(ValueError):
    """The script of the fault is wrong."""


@dataclass(slots=True)
class Fault:
    """One scripted fault. `times`: how often it still strikes. `match`: all given keys must be equal.

    Keys of `match`: sender, recipient, message_id (points smtp.store, smtp.answer, receipt), mailbox
    (IMAP). `waiting`: sessions held by a pause right now; `hits`: how often it struck.
    """

    id: str
    point: str
    action: str
    text: str = ""
    seconds: float = 0.0
    times: int = 1
    match: dict[str, str] = field(default_factory=dict)
    hits: int = 0
    waiting: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def applies(self, point: str, context: dict[str, str]) -> bool:
        if self.point != point or self.times <= 0:
            return False
        return all(_bare(context.get(key, "")) == _bare(value) for key, value in self.match.items())

    def to_json(self) -> dict[str, Any]:
        names = ("id", "point", "action", "text", "seconds", "times", "match", "hits", "waiting")
        return {name: getattr(self, name) for name in names}


def _bare(value: str) -> str:
    """An address or a Message-ID, for comparison."""
    return value.strip("<> ").lower()


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._numbers = itertools.count(1)

    def add(self, values: dict[str, Any]) -> Fault:
        """Script one fault from JSON (point, action, text, seconds, times, match)."""
        allowed = {"id", "point", "action", "text", "seconds", "times", "match"}
        if unknown := set(values) - allowed:
            raise FaultError(f"Champ inconnu : {', '.join(sorted(unknown))}.")
        point, action = str(values.get("point", "")), str(values.get("action", ""))
        actions = RECEIPT_ACTIONS if point == "receipt" else WIRE_ACTIONS
        if point != "receipt" and not point.startswith(("smtp.", "imap.")):
            raise FaultError("Le point est « smtp.… », « imap.… » ou « receipt ».")
        if action not in actions:
            raise FaultError(f"L'action est l'une de : {', '.join(actions)}.")
        fault = Fault(
            id=str(values.get("id") or next(self._numbers)),
            point=point,
            action=action,
            text=str(values.get("text", "451 4.3.0 sandbox: scripted fault")),
            seconds=float(values.get("seconds", 60.0 if action == "pause" else 0.0)),
            times=int(values.get("times", 1)),
            match={str(key): str(value) for key, value in dict(values.get("match", {})).items()},
        )
        self._faults.append(fault)
        return fault

    def to_json(self) -> list[dict[str, Any]]:
        return [fault.to_json() for fault in self._faults]

    def clear(self) -> None:
        """Forget every fault and let go whoever waits."""
        for fault in self._faults:
            fault.times = 0
            fault.released.set()
        self._faults.clear()

    def release(self, fault_id: str) -> bool:
        found = [fault for fault in self._faults if fault.id == fault_id]
        for fault in found:
            fault.released.set()
        return bool(found)

    def _strike(self, point: str, context: dict[str, str]) -> Fault | None:
        for fault in self._faults:
            if fault.applies(point, context):
                fault.times -= 1
                fault.hits += 1
                return fault
        return None

    async def at(self, point: str, **context: str) -> bytes | None:
        """Suffer the fault scripted at this point. Bytes: to be sent instead of the normal handling.

        Raises CutError to end the connection.
        """
        if not self._faults:
            return None
        fault = self._strike(point, context)
        if fault is None:
            return None
        if fault.action == "pause":
            await self._hold(fault)
        elif fault.action == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault.action == "cut":
            raise CutError
        elif fault.action == "reply":
            return fault.text.encode() + b"\r\n"
        elif fault.action == "garble":
            return GARBAGE
        return None

    async def _hold(self, fault: Fault) -> None:
        fault.waiting += 1
        try:
            async with asyncio.timeout(fault.seconds):
                await fault.released.wait()
        except TimeoutError:
            return
        finally:
            fault.waiting -= 1

    def receipt(self, **context: str) -> str:
        """What happens to the receipts of a mail: "", "drop", "duplicate" or "mdn_first"."""
        fault = self._strike("receipt", context)
        return fault.action if fault else ""
