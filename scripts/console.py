"""What the person who typed `make` reads while it works, and the signals that stop a launcher."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

from scripts.processes import die_with_parent

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def say(sentence: str = "") -> None:
    print(sentence, flush=True)


@contextlib.contextmanager
def step(label: str) -> Iterator[None]:
    """« → label… fait (0,6 s) »: the beginning is shown at once, the end when it has ended."""
    print(f"→ {label}… ", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print("arrêté", flush=True)
        raise
    print(f"fait ({time.monotonic() - started:.1f} s)".replace(".", ","), flush=True)


def _interrupt(*_: int | FrameType | None) -> NoReturn:
    for number in STOPPING:  # the second Ctrl-C of an impatient hand must not break the stopping in order
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def stop_on_signals() -> None:
    """Ctrl-C, SIGTERM and a closed terminal become one KeyboardInterrupt; the death of `make` becomes SIGTERM."""
    for number in STOPPING:
        signal.signal(number, _interrupt)
    if "MAKELEVEL" in os.environ:
        die_with_parent(os.getppid(), signal.SIGTERM)


def complain(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
