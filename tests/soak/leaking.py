"""A worker that keeps some bytes of each deposit, so that the measure can be seen to see it.

`leaking BYTES worker …` (arguments of celery).
"""

from __future__ import annotations

import sys
from typing import Any

from celery import signals

from perinat.celery import app

_kept: list[bytes] = []


def keep(sender: Any = None, **_: Any) -> None:
    """After each deposit."""
    if sender.name == "coordination.deliver":
        _kept.append(b"\xff" * int(sys.argv[1]))


if __name__ == "__main__":
    signals.task_postrun.connect(keep)
    app.start(argv=sys.argv[2:])
