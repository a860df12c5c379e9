"""Faults scripted through the admin door: what a true DMP does on its bad days.

A fault is consumed by the requests it matches, in the order of the script. Where it acts:

- connection (nothing else is matched): connection_refused, before any handshake;
- arrival (matched by `endpoint` only, the body is not read yet): pause_before_reading, http_500 (or the
  `status` given), cut_before_reading, cut_while_reading;
- before storing: pause_before_storing, soap_fault, busy, refusal (of any `shape`), cut_before_storing — nothing
  is kept;
- before answering, the act being done: pause_before_answering, cut_after_storing, http_after_storing, garbled,
  truncated, cut_multipart, not_xml, empty, wrong_type, other_request, slow, duplicate (answers as if an earlier
  attempt had been received), answer_twice.
"""

from __future__ import annotations

import enum
import random
import threading
from dataclasses import dataclass, field
from typing import Any


class Stage(enum.Enum):
    """When a fault acts."""

    CONNECTION = "connection"
    ARRIVAL = "arrival"
    STORING = "storing"
    ANSWER = "answer"


class Kind(enum.StrEnum):
    CONNECTION_REFUSED = "connection_refused"
    PAUSE_BEFORE_READING = "pause_before_reading"
    HTTP_500 = "http_500"
    CUT_BEFORE_READING = "cut_before_reading"
    CUT_WHILE_READING = "cut_while_reading"
    PAUSE_BEFORE_STORING = "pause_before_storing"
    SOAP_FAULT = "soap_fault"
    BUSY = "busy"
    REFUSAL = "refusal"
    CUT_BEFORE_STORING = "cut_before_storing"
    PAUSE_BEFORE_ANSWERING = "pause_before_answering"
    CUT_AFTER_STORING = "cut_after_storing"
    HTTP_AFTER_STORING = "http_after_storing"
    GARBLED = "garbled"
    TRUNCATED = "truncated"
    CUT_MULTIPART = "cut_multipart"
    NOT_XML = "not_xml"
    EMPTY = "empty"
    WRONG_TYPE = "wrong_type"
    OTHER_REQUEST = "other_request"
    SLOW = "slow"
    DUPLICATE = "duplicate"
    ANSWER_TWICE = "answer_twice"


_STAGES = {
    Kind.CONNECTION_REFUSED: Stage.CONNECTION,
    Kind.PAUSE_BEFORE_READING: Stage.ARRIVAL,
    Kind.HTTP_500: Stage.ARRIVAL,
    Kind.CUT_BEFORE_READING: Stage.ARRIVAL,
    Kind.CUT_WHILE_READING: Stage.ARRIVAL,
    Kind.PAUSE_BEFORE_STORING: Stage.STORING,
    Kind.SOAP_FAULT: Stage.STORING,
    Kind.BUSY: Stage.STORING,
    Kind.REFUSAL: Stage.STORING,
    Kind.CUT_BEFORE_STORING: Stage.STORING,
}


@dataclass(slots=True)
class Fault:
    """One line of the script.

    `endpoint`: patients, registry, repository, habilitations, or empty for all; `transaction`: such as
    2.1a, or empty; `after`: how many matching requests go by first, whatever they meet; `times`: how many are then
    hit, None for all; `rate`: share of them that are hit; `seconds`: longest pause, or time between two blocks of
    bytes when slow.
    `status`: of HTTP; `shape`: soap, registry, hl7 or status, how a refusal is said (dmp.md §4.1); `party`: who is at
    fault in a SOAP fault.
    """

    identifier: str
    kind: Kind
    endpoint: str = ""
    transaction: str = ""
    times: int | None = 1
    rate: float = 1.0
    seconds: float = 30.0
    code: str = ""
    reason: str = ""
    status: int = 500
    shape: str = "soap"
    party: str = "Receiver"
    after: int = 0
    hits: int = 0
    waiting: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def stage(self) -> Stage:
        return _STAGES.get(self.kind, Stage.ANSWER)

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.identifier,
            "kind": self.kind.value,
            "endpoint": self.endpoint,
            "transaction": self.transaction,
            "times": self.times,
            "rate": self.rate,
            "seconds": self.seconds,
            "hits": self.hits,
            "waiting": self.waiting,
        }


class ConnectionCut(Exception):
    """The scripted fault cuts the connection here."""


class FaultPlan:
    """The script. Thread-safe; pauses end by `release`, by `seconds`, or when the sandbox stops."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._random = random.Random(20261121)  # noqa: S311 - a reproducible script, no secret
        self._count = 0
        self._stopped = False

    def add(self, raw: dict[str, Any]) -> Fault:
        """Append one fault. Raises ValueError (French): unknown kind, wrong number."""
        try:
            kind = Kind(str(raw.get("kind", "")))
        except ValueError as error:
            raise ValueError("Panne inconnue : " + ", ".join(Kind)) from error
        times = raw.get("times", 1)
        with self._lock:
            self._count += 1
            fault = Fault(
                str(raw.get("id") or f"fault-{self._count}"),
                kind,
                str(raw.get("endpoint", "")).strip("/"),
                str(raw.get("transaction", "")),
                None if times is None else int(times),
                float(raw.get("rate", 1.0)),
                float(raw.get("seconds", 0.05 if kind is Kind.SLOW else 30.0)),
                str(raw.get("code", "")),
                str(raw.get("reason", "")),
                int(raw.get("status", 500)),
                str(raw.get("shape", "soap")),
                str(raw.get("party", "Receiver")),
                int(raw.get("after", 0)),
            )
            self._faults.append(fault)
        return fault

    def take(self, stage: Stage, *, endpoint: str, transaction: str = "") -> Fault | None:
        """The first fault of this stage that this request meets, None most of the time."""
        if not self._faults:
            return None
        with self._lock:
            met = [fault for fault in self._faults if self._concerns(fault, stage, endpoint, transaction)]
            ready = [fault for fault in met if not fault.after]
            for fault in met:
                fault.after = max(0, fault.after - 1)
            for fault in ready:
                if fault.rate < 1.0 and self._random.random() >= fault.rate:
                    continue
                fault.hits += 1
                return fault
        return None

    @staticmethod
    def _concerns(fault: Fault, stage: Stage, endpoint: str, transaction: str) -> bool:
        if fault.stage is not stage or (fault.times is not None and fault.hits >= fault.times):
            return False
        return fault.endpoint in ("", endpoint) and fault.transaction in ("", transaction)

    def pause(self, fault: Fault) -> None:
        """Block this request until the fault is released."""
        with self._lock:
            fault.waiting += 1
        try:
            if not self._stopped:
                fault.released.wait(fault.seconds)
        finally:
            with self._lock:
                fault.waiting -= 1

    def release(self, identifier: str = "") -> int:
        """Let the paused requests go (of one fault, or of all); how many were waiting."""
        with self._lock:
            chosen = [fault for fault in self._faults if identifier in ("", fault.identifier)]
            waiting = sum(fault.waiting for fault in chosen)
        for fault in chosen:
            fault.released.set()
        return waiting

    def all(self) -> list[dict[str, Any]]:
        with self._lock:
            return [fault.as_dict() for fault in self._faults]

    def clear(self) -> None:
        """Forget the script; what is paused goes on."""
        self.release()
        with self._lock:
            self._faults.clear()

    def stop(self) -> None:
        self._stopped = True
        self.release()
