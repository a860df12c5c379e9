"""P1: from the validation of a document to its deposit acknowledged and its mail accepted, beside the limit.

Product: this process validates (freezes, builds and seals the CDA, queues), as a web process does; two Celery
processes deliver what the doorbell rings for, rules checked. Floor: `limit`. Same receivers, same PostgreSQL.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from coordination.cda import builder
from coordination.lifecycles import ShipmentStatus
from coordination.models import Document, Shipment
from coordination.selectors import contents
from coordination.services import documents
from perinat.standards.cda_rules.pack import Pack, default_cache
from scripts.processes import Child, start, stop
from tests.load import limit, machine, world
from tests.load.goals import Rounds
from tests.load.receivers import Receivers

ROOT = Path(__file__).resolve().parent.parent.parent
STRUCTURE = "1997800016"
SENT, LIMIT_SENT, WARM = 100, 200, 16
PATIENCE = 90.0


class StuckError(RuntimeError):
    """What was sent has not arrived, or was refused: there is nothing to measure."""


@dataclass
class Measured:
    """Rates of each round in documents/s; CPU of one document by family of processes, by step of the limit."""

    product: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    families: list[dict[str, float]] = field(default_factory=list)
    steps: list[dict[str, float]] = field(default_factory=list)

    @property
    def rounds(self) -> Rounds:
        return Rounds(self.product, self.floor)


@contextlib.contextmanager
def workers(logs: Path) -> Iterator[Child]:
    """Two prefork processes, started as in production."""
    env = os.environ | {"LOG_LEVEL": "INFO"}  # as in production
    argv = [sys.executable, "-m", "celery", "-A", "perinat", "worker", "-P", "prefork", "-c", "2", "-l", "info"]
    child = start("worker", [*argv, "-n", "bench@perinat"], log=logs / "worker.log", env=env, cwd=ROOT)
    try:
        yield child
    finally:
        stop([child])


def measure(place: world.Place, data: bytes, sinks: Receivers, logs: Path, *, rounds: int) -> Measured:
    """Alternate limit and product, `rounds` times, on papers whose PDF is `data`. Raises StuckError."""
    measured = Measured()
    plain = limit.start(_setting(place, data))
    try:
        with workers(logs) as celery:
            meter = machine.Meter({"workers": [celery.popen.pid], "receivers": sinks.pids})
            _send(place.drafts(WARM, data), place, sinks, celery)
            for _ in range(rounds):
                _round(measured, plain, place.drafts(SENT, data), place, sinks, celery, meter)
    finally:
        plain.stop()
    return measured


def _round(
    measured: Measured,
    plain: limit.Limit,
    papers: list[Document],
    place: world.Place,
    sinks: Receivers,
    celery: Child,
    meter: machine.Meter,
) -> None:
    expected = sinks.deposits + LIMIT_SENT, sinks.mails + LIMIT_SENT
    rate, steps = plain.run(LIMIT_SENT)
    if (sinks.deposits, sinks.mails) != expected:
        raise StuckError(f"the receivers saw {sinks.deposits} deposits and {sinks.mails} mails, not {expected}")
    measured.floor.append(rate)
    measured.steps.append(steps)
    before = meter.read()
    measured.product.append(_send(papers, place, sinks, celery))
    measured.families.append(machine.per_document(before, meter.read(), len(papers)))


def _send(papers: list[Document], place: world.Place, sinks: Receivers, celery: Child) -> float:
    """Documents per second from the first validation to the last acknowledgement recorded."""
    already = Shipment.objects.filter(status=ShipmentStatus.ACCEPTED).count()
    wanted = sinks.deposits + len(papers), sinks.mails + len(papers)
    began = time.perf_counter()
    for paper in papers:
        documents.validate(paper, by=place.account)
    _until(lambda: (sinks.deposits, sinks.mails) >= wanted, began, celery)
    _until(lambda: _accepted() - already >= 2 * len(papers), began, celery)
    elapsed = time.perf_counter() - began
    if (sinks.deposits, sinks.mails) != wanted:
        raise StuckError(f"sent {wanted}, received {sinks.deposits} deposits and {sinks.mails} mails")
    return len(papers) / elapsed


def _accepted() -> int:
    return Shipment.objects.filter(status=ShipmentStatus.ACCEPTED).count()


def _until(done: object, began: float, celery: Child) -> None:
    while not done():  # type: ignore[operator]
        if not celery.running() or time.perf_counter() - began > PATIENCE:
            states = Shipment.objects.exclude(status=ShipmentStatus.ACCEPTED).values_list("status", "last_code")
            raise StuckError(f"not all sent: {sorted(set(states))}\n{celery.tail()}")
        time.sleep(0.005)


def _setting(place: world.Place, data: bytes) -> limit.Setting:
    """The limit sends a CDA of the product's own size: the same header around the same PDF."""
    recipient = place.stays[0].care_team.select_related("professional").get().professional.mailboxes.get().address
    pack = Path(settings.ANS_PACK) if settings.ANS_PACK else None
    return limit.Setting(
        database=settings.DATABASE_URL,
        pki=Path(settings.PKI_DIR),
        structure=STRUCTURE,
        folder=Path(settings.VAR_DIR) / "limit",
        dmp_port=dmp_port(),
        smtp_port=settings.MSSANTE_SMTP_PORT,
        xsd=str(Pack(pack, default_cache()).xsd) if pack else "",
        template=_template(place),
        pdf=data,
        sender=place.site.mailbox,
        recipient=recipient,
    )


def dmp_port() -> int:
    """Where the product believes the DMP to be: the receiver listens there."""
    return urlsplit(settings.DMP_BASE_URL).port or 443


def _template(place: world.Place) -> tuple[bytes, bytes]:
    """What stands before and after the body of a CDA made by the product."""
    paper = place.drafts(1, world.pdf())[0]
    documents.freeze_and_seal(paper, by=place.account)
    version = paper.current_version
    mark = b"%PDF-mark"
    content = contents.frozen_content(version, pdf=mark)
    made = builder.build(content, unique_id=version.unique_id, now=version.sealed_at)
    head, _, tail = made.partition(limit.messages.base64.b64encode(mark))
    return head, tail
