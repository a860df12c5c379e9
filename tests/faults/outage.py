"""The DMP does not answer anybody any more: the breaker opens, and everything leaves by itself when it comes back."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.utils import timezone

from coordination.models import Shipment
from coordination.services import breaker
from tests.faults.reader import Reader
from tests.faults.scenarios import DMP, Scenario
from tests.faults.stage import PATIENCE, Stage, StuckError

NAME = "outage: the breaker opens, then all leaves"
DOWN = Scenario(NAME, ({"kind": "cut_before_reading", "times": None},))
LETTERS = 6


def play(stage: Stage, reader: Reader) -> str:
    """What is wrong; empty when it went as it must."""
    sent = [shipment for _ in range(LETTERS) for shipment in stage.set(DOWN)]
    try:
        _until("the breaker open", reader.is_open, lambda: [stage.ring(one) for one in sent])
        stage.mend()
        breaker.probe_now("dmp", timezone.now())
        _until("the breaker closed", lambda: not reader.is_open(), lambda: [stage.ring(one) for one in sent])
        for shipment in sent:
            stage.ring(shipment)  # one that was never tried is rung for by nobody else: this harness has no clock
            stage.settle(shipment)
    except StuckError as error:
        stage.mend()
        return str(error)
    tries = Shipment.objects.filter(pk__in=sent).values_list("tries", "excused")
    if any(tried - excused > 4 for tried, excused in tries):
        return f"tries held against the letters: {list(tries)}"
    found = (reader.complaint(reader.sending(str(one)), DMP, "") for one in sent)
    return next(filter(None, found), "")


def _until(what: str, ready: Callable[[], bool], meanwhile: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > ends:
            raise StuckError(f"never came: {what}")
        meanwhile()
        time.sleep(0.3)
