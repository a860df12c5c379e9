"""The judge: it imports no service, and believes the files and the journal of the sandbox, and SQL of its own."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.faults.scenarios import DMP, NOBODY, WARD

SHIPMENT = """
SELECT s.action, s.status, s.tries, s.functional, s.last_message, s.in_doubt, array_agg(v.unique_id),
       (SELECT w.message FROM coordination_workitem w WHERE w.shipment_id = s.id AND w.status = 'OPEN')
  FROM coordination_shipment s
  JOIN coordination_shipment_versions sv ON sv.shipment_id = s.id
  JOIN coordination_documentversion v ON v.id = sv.documentversion_id
 WHERE s.id = %s GROUP BY s.id
"""
OPEN_SINCE = "SELECT opened_at FROM coordination_channelbreaker WHERE channel = 'dmp'"
MOVING = ("QUEUED", "SENDING", "HELD")


@dataclass(frozen=True, slots=True)
class Sending:
    """A shipment as the database has it; `line`: the sentence of the open line on the list of its ward."""

    action: str
    status: str
    tries: int
    functional: bool
    message: str
    in_doubt: bool
    documents: tuple[str, ...]
    line: str

    @property
    def is_settled(self) -> bool:
        return self.status not in MOVING


class Reader:
    """`store`: folder of the DMP sandbox; `admin`: its administration door."""

    def __init__(self, database_url: str, store: Path, admin: str) -> None:
        self._connection = psycopg.connect(database_url, autocommit=True)
        self._store, self._admin = store, admin

    def sending(self, shipment: str) -> Sending:
        row = self._connection.execute(SHIPMENT, [shipment]).fetchone()
        assert row is not None, shipment
        return Sending(*row[:6], tuple(row[6]), row[7] or "")

    def is_open(self) -> bool:
        """Whether the breaker of the DMP is open."""
        row = self._connection.execute(OPEN_SINCE).fetchone()
        return row is not None and row[0] is not None

    def copies(self) -> Counter[str]:
        """uniqueId → how many times the sandbox registered it, its bytes being there."""
        ids = [line["unique_id"] for line in self._journal("documents")]
        return Counter(i for i in ids if (self._store / "documents" / f"{i}.xml").is_file())

    def deletions(self) -> Counter[str]:
        """uniqueId → how many times the sandbox moved it to Deleted."""
        names = {line["entry_uuid"]: line["unique_id"] for line in self._journal("documents")}
        changes = [line for line in self._journal("changes") if line["status"].endswith(":Deleted")]
        return Counter(names[line["entry_uuid"]] for line in changes)

    def _journal(self, name: str) -> list[dict[str, Any]]:
        path = self._store / f"{name}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def last_request(self) -> int:
        latest = self._requests(1)
        return int(latest[0]["sequence"]) if latest else 0

    def sent_again(self, since: int) -> int:
        """Deposits of a lot that was there already: somebody sent without asking.

        A deletion may be sent again: the DMP answers references only, which do not tell what is deleted.
        """
        again = [one for one in self._requests(200) if one["code"] == "XDSDuplicateUniqueIdInRegistry"]
        return sum(
            one["sequence"] > since and one["transaction"].startswith("2.1") and not one["fault"] for one in again
        )

    def _requests(self, limit: int) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self._admin}/requests?limit={limit}", timeout=30) as answer:
            found: list[dict[str, Any]] = json.loads(answer.read())
            return found

    def complaint(self, sending: Sending, ends: str, sentence: str) -> str:
        """What is wrong with this end; empty when it is the right one."""
        found = self.deletions() if sending.action == "WITHDRAW" else self.copies()
        there = [found[one] for one in sending.documents]
        told = f"{sending.action} {sending.status}, done in the DMP {there}, « {sending.line or sending.message} »"
        right = False
        if ends == DMP:
            right = sending.status == "ACCEPTED" and set(there) == {1} and not sending.line
        elif ends == WARD and sending.status in ("REJECTED", "FAILED") and not sending.functional:
            right = sentence in sending.line and (set(there) == {0} or sending.in_doubt)
        elif ends == NOBODY and sending.status == "REJECTED" and sending.functional and not sending.line:
            right = sentence in sending.message and set(there) == {0}
        return "" if right else told
