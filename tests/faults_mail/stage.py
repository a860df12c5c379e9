"""One ward and its operator: sends, collects, makes time pass, and asks the operator what it holds."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from coordination import channels
from coordination.models import Mailbox, ReceivedMail, Shipment, Stay
from coordination.services import breaker, collection, documents, mail_answers, outbox
from mssante.channel import MssanteChannel
from mssante.sandbox.server import MssanteSandbox
from tests.coordination import world
from tests.coordination.services.letters_in import cda
from tests.faults_mail.scenarios import BOX, NO_RECEIPT, WARD, Scenario
from tests.mssante.archives import archive, with_archive
from tests.mssante.operator import MATERNITY, PEOPLE, READER

MOST = 12  # tries or rounds before something is stuck
MOVING = ("QUEUED", "SENDING", "HELD")


class Stage:
    def __init__(self, sandbox: MssanteSandbox) -> None:
        self.sandbox = sandbox
        self.number = 0
        self.ask("PUT", "/mailboxes", PEOPLE)
        self.ward = world.ward()
        self.ward.maternity.mailbox = MATERNITY
        self.ward.maternity.deposits_in_dmp = False
        self.ward.maternity.save()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.sandbox.admin_url + path, data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def play(self, scenario: Scenario) -> tuple[str, int]:
        """(what is wrong, copies too many)."""
        self.number += 1
        mother = world.mother(order=self.number, ipp=f"M{self.number}")
        stay = world.stay(self.ward, number=f"S{self.number}", mother=mother, newborns=())
        try:
            return {"send": self._send, "receive": self._receive, "answer": self._answer}[scenario.kind](scenario, stay)
        finally:
            self.ask("DELETE", "/faults")
            self.settle()

    # --- Sending ---------------------------------------------------------------------------------

    def _send(self, scenario: Scenario, stay: Stay) -> tuple[str, int]:
        for old in Mailbox.objects.filter(organisation=self.ward.practice):  # of another scenario
            Mailbox.objects.filter(pk=old.pk).update(address=f"{old.pk}@ancien.example", dead_since=timezone.now())
        Mailbox.objects.filter(professional=self.ward.midwife).update(address=scenario.recipient, dead_since=None)
        if scenario.shared:
            Mailbox.objects.create(address=scenario.shared, kind="CAB", organisation=self.ward.practice)
        documents.validate(world.letter(self.ward, stay), by=self.ward.doctor_user)
        shipment = Shipment.objects.get(stay=stay, channel="mssante")
        imap = any(one["point"].startswith("imap.") for one in scenario.faults)
        if not imap:
            self._script(scenario)
        self._deliver(shipment)
        if imap:
            self._script(scenario)
        if scenario.rebuilt:
            self._collect()
            self._rebuild()
        status = self._until(lambda: self._status(shipment), ("DELIVERED", "INTEGRATED", "REJECTED", "FAILED"))
        shipment, status = self._followed(shipment, status)
        problem = self._wrong(scenario, status, shipment) or self._ways(stay)
        if scenario.is_relaunched and not problem:
            self.ask("DELETE", "/faults")
            outbox.retry(Shipment.objects.get(pk=shipment.pk), by=self.ward.doctor_user)
            self._deliver(shipment)
            status = self._until(lambda: self._status(shipment), ("DELIVERED", "REJECTED", "FAILED"))
            problem = "" if status == "DELIVERED" else f"relaunched: {status}"
        box = self._sql(
            "SELECT b.address FROM coordination_mailbox b JOIN coordination_shipment s ON s.mailbox_id = b.id "
            "WHERE s.id = %s",
            shipment.pk,
        )
        return self._judged(scenario, shipment.message_id, box, problem)

    def _followed(self, shipment: Shipment, status: str) -> tuple[Shipment, str]:
        """The steps that follow, each to its end: the last one, and where it is."""
        query = "SELECT id FROM coordination_shipment WHERE fallback_of_id = %s AND status <> 'CANCELLED'"
        while following := self._sql(query, shipment.pk):
            shipment = Shipment.objects.get(pk=following)
            self._deliver(shipment)
            status = self._until(
                lambda one=shipment: self._status(one),  # type: ignore[misc]
                ("DELIVERED", "INTEGRATED", "REJECTED", "FAILED"),
            )
        return shipment, status

    def _ways(self, stay: Stay) -> str:
        """One way lives, and one only."""
        found = self._sql(
            """
            WITH mail AS (SELECT id, status FROM coordination_shipment WHERE stay_id = %s AND channel = 'mssante')
            SELECT (SELECT count(*) FROM mail WHERE status NOT IN ('REJECTED', 'FAILED', 'CANCELLED'))
                 + (SELECT count(*) FROM coordination_paperdelivery p JOIN mail ON mail.id = p.shipment_id
                     WHERE p.status <> 'DROPPED')
                 + (SELECT count(*) FROM coordination_workitem w JOIN mail ON mail.id = w.shipment_id
                     WHERE w.status = 'OPEN' AND w.kind = 'SHIPMENT_REFUSED')
            """,
            stay.pk,
        )
        return "" if found == 1 else f"{found} ways live"

    def _wrong(self, scenario: Scenario, status: str, shipment: Shipment) -> str:
        unmet = [one["point"] for one in self.ask("GET", "/faults") if not one["hits"]]
        if unmet:
            return f"never met: {', '.join(unmet)}"
        wanted = {BOX: ("DELIVERED", "INTEGRATED"), WARD: ("REJECTED", "FAILED"), NO_RECEIPT: ("ACCEPTED",)}[
            scenario.ends
        ]
        if status not in wanted:
            return f"ends {status}"
        line = self._sql(
            "SELECT count(*) FROM coordination_workitem WHERE shipment_id = %s AND status = 'OPEN'", shipment.pk
        )
        return "" if bool(line) == (scenario.ends == WARD) else "no line on the list" if not line else "a line too many"

    def _deliver(self, shipment: Shipment) -> None:
        for _ in range(MOST):
            if self._status(shipment) not in MOVING:
                return
            now = timezone.now()
            breaker.probe_now("mssante", now)
            Shipment.objects.filter(pk=shipment.pk, status="QUEUED").update(due_at=now - timedelta(seconds=1))
            outbox.deliver(shipment.pk)

    # --- Receiving, answering --------------------------------------------------------------------

    def _receive(self, scenario: Scenario, stay: Stay) -> tuple[str, int]:
        unique_id = f"1.2.250.1.999.9.{self.number}"
        raw = with_archive(
            archive(cda(unique_id, ins=stay.mother.ins), unique_id=unique_id), number=self.number, sender=READER,
            headers=f"Return-Path: <{READER}>\r\nDisposition-Notification-To: {READER}\r\n",
        )  # fmt: skip
        if scenario.rebuilt:
            self._inject(raw)
            self._collect()
            self._rebuild()
        self._script(scenario)
        if not scenario.rebuilt:
            self._inject(raw)
        rows = "SELECT count(*) FROM coordination_receiveddocument WHERE unique_id = %s AND status = 'FILED'"
        filed = self._until(lambda: str(self._sql(rows, unique_id)), ("1",))
        unmet = [one["point"] for one in self.ask("GET", "/faults") if not one["hits"]]
        every = self._sql("SELECT count(*) FROM coordination_receiveddocument WHERE unique_id = %s", unique_id)
        problem = f"never met: {unmet}" if unmet else "" if filed == "1" else "not filed"
        return problem, every - 1 if every else 0

    def _answer(self, scenario: Scenario, stay: Stay) -> tuple[str, int]:
        problem, doubled = self._receive(Scenario(scenario.name, kind="receive"), stay)
        if problem or doubled:
            return problem, doubled
        mail = ReceivedMail.objects.order_by("-received_at").first()
        assert mail is not None
        self._script(scenario)
        for _ in range(MOST):
            ReceivedMail.objects.filter(pk=mail.pk, answered_at__isnull=True).update(answer_due_at=timezone.now())
            if mail_answers.send(mail.pk):
                break
        unmet = [one["point"] for one in self.ask("GET", "/faults") if not one["hits"]]
        problem = f"never met: {unmet}" if unmet else ""
        return self._judged(scenario, f"mdn.{mail.pk}@{MATERNITY.partition('@')[2]}", READER, problem)

    # --- What the operator holds -------------------------------------------------------------------

    def _judged(self, scenario: Scenario, message_id: str, box: str, problem: str) -> tuple[str, int]:
        query = urllib.parse.urlencode({"mailbox": box, "message_id": message_id})
        found = self.ask("GET", f"/messages?{query}")
        there = scenario.ends != WARD or scenario.is_relaunched
        if not problem and there and not found:
            problem = "not in the box"
        raws = {self._raw(one["id"]) for one in found}
        if len(raws) > 1:
            problem = problem or "doubled with other bytes"
        doubled = max(len(found) - 1, 0)
        if doubled and not scenario.may_double:
            problem = problem or "doubled where nothing was in doubt"
        return problem, doubled

    def _raw(self, identifier: str) -> bytes:
        """The mail without what the operator wrote above it."""
        with urllib.request.urlopen(f"{self.sandbox.admin_url}/messages/{identifier}/raw", timeout=30) as answer:
            raw: bytes = answer.read()
        return raw[raw.index(b"\r\nFrom: ") if b"\r\nFrom: " in raw[:4000] else 0 :]

    def _inject(self, raw: bytes) -> None:
        self.ask("POST", f"/inject?mailbox={MATERNITY}", raw)

    def _rebuild(self) -> None:
        self.ask("POST", "/uidvalidity", {"address": MATERNITY})

    def _script(self, scenario: Scenario) -> None:
        """What goes wrong, met by a channel that has no open line yet."""
        channel = channels.get("mssante")
        assert isinstance(channel, MssanteChannel)
        channel.close()
        for one in scenario.faults:
            self.ask("POST", "/faults", one)

    def settle(self) -> None:
        while self.ask("POST", "/tick", {"all": True})["done"]:
            pass

    def _collect(self) -> None:
        self.settle()
        collection.collect("mssante")

    def _until(self, read: Callable[[], str], wanted: tuple[str, ...]) -> str:
        for _ in range(MOST):
            if (found := read()) in wanted:
                return found
            self._collect()
        return read()

    def _status(self, shipment: Shipment) -> str:
        return str(self._sql("SELECT status FROM coordination_shipment WHERE id = %s", shipment.pk))

    def _sql(self, query: str, value: object) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(query, [value])
            row = cursor.fetchone()
        return row[0] if row else None
