"""A bounded load generator: threads that each keep one connection and ask the same page again and again."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Load:
    """Requests made, how many a second, and the latency, in milliseconds, that 99 % of them stay under."""

    count: int
    rate: float
    p99_ms: float


class BadAnswerError(RuntimeError):
    """The page measured is not the page expected."""


Check = Callable[[int, bytes], bool]


def ask(port: int, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """One request on a connection of its own."""
    link = http.client.HTTPConnection(HOST, port, timeout=30)
    try:
        link.request("GET", path, headers=headers)
        answer = link.getresponse()
        return answer.status, answer.read()
    finally:
        link.close()


def load(
    port: int, path: str, *, seconds: float, check: Check, headers: dict[str, str] | None = None, threads: int = 8
) -> Load:
    """Ask `path` for `seconds` from `threads` connections at once. Raises BadAnswerError."""
    started = threading.Barrier(threads + 1)
    latencies: list[list[float]] = [[] for _ in range(threads)]
    wrong: list[int] = []

    def one(mine: list[float]) -> None:
        link = http.client.HTTPConnection(HOST, port, timeout=30)
        started.wait()
        until = time.perf_counter() + seconds
        while (began := time.perf_counter()) < until and not wrong:
            link.request("GET", path, headers=headers or {})
            answer = link.getresponse()
            body = answer.read()
            mine.append(time.perf_counter() - began)
            if not check(answer.status, body):
                wrong.append(answer.status)
        link.close()

    running = [threading.Thread(target=one, args=(mine,), daemon=True) for mine in latencies]
    for thread in running:
        thread.start()
    started.wait()
    began = time.perf_counter()
    for thread in running:
        thread.join(seconds + 60)
    elapsed = time.perf_counter() - began
    if wrong:
        raise BadAnswerError(f"{path} answered {wrong[0]}, or another page")
    every = sorted(value for mine in latencies for value in mine)
    if not every:
        raise BadAnswerError(f"{path} did not answer")
    return Load(len(every), len(every) / elapsed, every[int(len(every) * 0.99)] * 1e3)
