"""The operator's clock: real time, that the administrator may push forward."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime


class Clock:
    """`ahead_s`: seconds by which POST /tick has pushed the clock forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def timestamp(self) -> float:
        return time.time() + self.ahead_s

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def iso(self) -> str:
        return self.now().isoformat(timespec="milliseconds")

    def rfc5322(self) -> str:
        return format_datetime(self.now())
