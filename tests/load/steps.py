"""Where the milliseconds of the product go: one document after the other in this process, CPU of each step."""

from __future__ import annotations

import contextlib
import functools
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from coordination import channels
from coordination.lifecycles import ShipmentStatus
from coordination.models import Document, Shipment
from coordination.selectors import parcels
from coordination.services import documents, outbox, sealing
from tests.load import world
from tests.load.pipeline import StuckError

COUNT, WARM = 30, 4


@contextlib.contextmanager
def _stopwatch() -> Iterator[dict[str, float]]:
    """Milliseconds of CPU by step, while the functions of the steps are watched."""
    spent: dict[str, float] = defaultdict(float)

    def watched(name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(act)
        def timed(*args: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return act(*args, **named)
            finally:
                spent[name] += (time.process_time() - began) * 1e3

        return timed

    steps = [
        ("validate", documents, "validate"),
        ("claim", outbox, "claim"),
        ("load", parcels, "load"),
        ("rules", sealing, "check_before_leaving"),
        ("parcel", parcels, "parcel"),
        ("dmp", channels.get("dmp"), "submit"),
        ("mail", channels.get("mssante"), "submit"),
        ("record", outbox, "record"),
    ]
    with contextlib.ExitStack() as patches:
        for name, owner, attribute in steps:
            spent[name] = 0.0
            patches.enter_context(mock.patch.object(owner, attribute, watched(name, getattr(owner, attribute))))
        yield spent


def cpu(place: world.Place, data: bytes) -> dict[str, float]:
    """Milliseconds of CPU of each step for one document, without Celery. Raises StuckError."""
    _deliver(place.drafts(WARM, data), place)
    papers = place.drafts(COUNT, data)
    with _stopwatch() as spent:
        _deliver(papers, place)
    return {name: value / COUNT for name, value in spent.items()}


def _deliver(papers: list[Document], place: world.Place) -> None:
    for paper in papers:
        with mock.patch("coordination.doorbell._send"):  # nobody else may take them
            documents.validate(paper, by=place.account)
        for shipment in Shipment.objects.filter(versions__document=paper):
            if outbox.deliver(shipment.pk) != ShipmentStatus.ACCEPTED:
                raise StuckError("a shipment of the benchmark was refused")
