"""What every test has: a closed network (plugin), a real database and queue (plugin), and a clock to hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

PARIS = ZoneInfo("Europe/Paris")
# An ordinary Monday morning, far from a change of hour and from a public holiday.
MONDAY_MORNING = datetime(2026, 3, 16, 9, 0, tzinfo=PARIS)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still on a Monday at nine in Paris; `clock.shift(seconds)` and `clock.move_to(when)` move it."""
    with time_machine.travel(MONDAY_MORNING, tick=False) as traveller:
        yield traveller
