"""The side that acts: tells the sandbox what goes wrong, validates papers, and is the clock of the worker."""

from __future__ import annotations

import json
import shutil
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from coordination import blobs, doorbell
from coordination.models import Document, ReplacementReason, Shipment, Stay
from coordination.ports import Action
from coordination.services import documents, outbox, routing
from perinat.connectors.igc_sante.sandbox import spoiled
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.faults.reader import Reader
from tests.faults.scenarios import REPLACED, Scenario
from tests.load import world
from tests.soak import feed

PATIENCE = 90.0
LIMITS = {"document_bytes": 5 * 1024 * 1024}


class StuckError(RuntimeError):
    """A sending never reached an end."""


class Stage:
    """One ward, one mother for each scenario, and the way to make time pass."""

    def __init__(self, admin: str, reader: Reader, alive: Callable[[], None]) -> None:
        self.admin, self.reader, self.alive = admin, reader, alive
        self.place = feed.ward(admin, mothers=1)
        self.pdf = feed.paper()
        self.folder = Path(settings.PKI_DIR)

    def call(self, method: str, path: str, payload: Any = None) -> Any:
        body = json.dumps(payload).encode() if payload is not None else None
        request = urllib.request.Request(f"{self.admin}/{path}", body, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def set(self, scenario: Scenario) -> list[UUID]:
        """Make it go wrong, then validate the papers of a new mother; gives their shipments."""
        mother = world.stay_of("PANNES")
        feed.register(self.admin, [mother], scenario.state)
        self.call("PUT", "limits", LIMITS | scenario.limits)
        self.call("DELETE", "faults")
        first = self._send(mother, 1)[0] if scenario.follows else None
        if first is not None:
            self.settle(first)
        if scenario.faults:
            self.call("PUT", "faults", list(scenario.faults))
        if scenario.certificates:
            self._spoil(*scenario.certificates.split())
        if scenario.server:
            self._spoil_server(scenario.server)
        if first is None:
            return self._send(mother, scenario.papers)
        return self._replace(first) if scenario.follows == REPLACED else self._take_back(first)

    def mend(self) -> list[str]:
        """Take the causes away; gives the kinds of the faults that nobody met, those without end excepted."""
        met = self.call("GET", "faults")
        self.call("DELETE", "faults")
        self.call("PUT", "limits", LIMITS)
        for kept, place in ((self._kept / "ours", self._certificates), (self._kept / "server", self.folder)):
            if kept.is_dir():
                shutil.copytree(kept, place, copy_function=shutil.copyfile, dirs_exist_ok=True)
                shutil.rmtree(kept)
        return [one["kind"] for one in met if not one["hits"] and one["times"] is not None]

    def _send(self, mother: Stay, count: int) -> list[UUID]:
        mine = world.Place(self.place.site, self.place.doctor, self.place.account, (mother,))
        papers = mine.drafts(count, self.pdf)
        for paper in papers:
            documents.freeze_and_seal(paper, by=self.place.account)
        return [shipment.pk for shipment in routing.dispatch(papers, by=self.place.account)]

    def _replace(self, first: UUID) -> list[UUID]:
        """The next version of what this shipment deposited."""
        paper = Document.objects.get(versions__shipments=first)
        file = blobs.store(feed.paper(f"Lettre corrigée {first}"), media_type="application/pdf")
        reason = ReplacementReason.WRONG_DATUM
        version = documents.replace(paper, by=self.place.account, original=file, readable=file, reason=reason)
        return list(version.shipments.values_list("pk", flat=True))

    def _take_back(self, first: UUID) -> list[UUID]:
        """The withdrawal of what this shipment deposited."""
        paper = Document.objects.get(versions__shipments=first)
        documents.withdraw(paper, by=self.place.account, reason="autre patiente")
        recalls = Shipment.objects.filter(versions__document=paper, action=Action.WITHDRAW)
        return list(recalls.values_list("pk", flat=True))

    @property
    def _kept(self) -> Path:
        """The good certificates, while bad ones stand in their place."""
        return self.folder / "kept"

    @property
    def _certificates(self) -> Path:
        return self.folder / "structures" / self.place.site.legal_struct_idnat

    def _spoil(self, pair: str, flaw: str) -> None:
        """Put a certificate that must be refused in the place of the good one."""
        shutil.copytree(self._certificates, self._kept / "ours")
        authority = SandboxAuthority(self.folder)
        bad = spoiled.issue(authority, self.place.site.legal_struct_idnat, spoiled.Flaw(flaw))
        pem, key = (bad.auth_pem, bad.auth_key) if pair == "auth" else (bad.sign_pem, bad.sign_key)
        shutil.copyfile(pem, self._certificates / f"{pair}.pem")
        shutil.copyfile(key, self._certificates / f"{pair}.key")

    def _spoil_server(self, flaw: str) -> None:
        """The same for the certificate that the DMP shows: it reads it again at the next connection."""
        kept = self._kept / "server"
        kept.mkdir(parents=True)
        for bad in spoiled.issue_server(SandboxAuthority(self.folder), spoiled.Flaw(flaw)):
            shutil.copyfile(self.folder / bad.name, kept / bad.name)
            shutil.copyfile(bad, self.folder / bad.name)

    def settle(self, shipment: UUID) -> None:
        """Until it is accepted or with a person; whatever waits for its hour is rung for at once."""
        ends, rung = time.monotonic() + PATIENCE, -1
        while not (seen := self.reader.sending(str(shipment))).is_settled:
            self.alive()
            if time.monotonic() > ends:
                raise StuckError(f"never settled: {seen.status} after {seen.tries} tries")
            if seen.status == "QUEUED" and seen.tries > rung:
                rung = seen.tries
                if seen.tries:
                    self.ring(shipment)
            time.sleep(0.02)

    def ring(self, shipment: UUID) -> None:
        """Its hour has come."""
        Shipment.objects.filter(pk=shipment, status="QUEUED").update(due_at=timezone.now())
        doorbell._send(routing.DELIVER, [shipment], 0, "dmp")

    def relaunch(self, shipment: UUID) -> None:
        """Somebody presses « Relancer »."""
        outbox.retry(Shipment.objects.get(pk=shipment), by=self.place.account)
