"""What is still to happen: receipts, readings, late bounces. Survives a restart."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mssante.sandbox.clock import Clock
from mssante.sandbox.journal import Disk, Journal


@dataclass(order=True, slots=True)
class Job:
    """`kind` names the handler; `data` is its JSON argument. `due`: POSIX seconds."""

    due: float
    number: int
    kind: str = field(compare=False)
    data: dict[str, Any] = field(compare=False)


Handler = Callable[[Job], Awaitable[None]]


class Agenda:
    def __init__(self, path: Path, clock: Clock, disk: Disk) -> None:
        self._clock = clock
        self._disk = disk
        self._path = path
        self._heap: list[Job] = []
        self._wake = asyncio.Event()
        self.running = asyncio.Lock()
        self._journal = Journal(path, disk)
        self._recover()

    def _recover(self) -> None:
        waiting: dict[int, Job] = {}
        for record in self._journal:
            if "done" in record:
                waiting.pop(record["done"], None)
            else:
                waiting[record["number"]] = Job(**record)
        self._heap = list(waiting.values())
        heapq.heapify(self._heap)
        self._numbers = itertools.count(max(waiting, default=0) + 1)
        self.clear(keep=self._heap)

    def clear(self, keep: list[Job] | None = None) -> None:
        """Start the file again with `keep` only (nothing: forget every job)."""
        self._journal.close()
        self._path.unlink()
        self._journal = Journal(self._path, self._disk)
        self._heap = list(keep or [])
        self._journal.append(*map(_record, self._heap))

    def __len__(self) -> int:
        return len(self._heap)

    def to_json(self) -> list[dict[str, Any]]:
        return [_record(job) for job in sorted(self._heap)]

    def add(self, kind: str, *, after_s: float = 0.0, **data: Any) -> None:
        job = Job(self._clock.timestamp() + after_s, next(self._numbers), kind, data)
        self._journal.append(_record(job), sync=False)
        heapq.heappush(self._heap, job)
        self._wake.set()

    async def run_due(self, handlers: dict[str, Handler], *, everything: bool = False) -> int:
        """Do what is due now (or `everything` that waits, in order); how many jobs were done.

        With `everything`, jobs added on the way wait for the next call only if they are not due.
        """
        done = 0
        horizon = max((job.due for job in self._heap), default=0.0) if everything else 0.0
        async with self.running:
            while self._heap and self._heap[0].due <= max(horizon, self._clock.timestamp()):
                job = heapq.heappop(self._heap)
                await handlers[job.kind](job)
                self._journal.append({"done": job.number}, sync=False)
                done += 1
        return done

    async def run_forever(self, handlers: dict[str, Handler], enabled: Callable[[], bool]) -> None:
        """Do each job when it is due, as long as `enabled()`."""
        while True:
            self._wake.clear()
            if enabled():
                await self.run_due(handlers)
            pause = self._heap[0].due - self._clock.timestamp() if self._heap and enabled() else None
            try:
                async with asyncio.timeout(pause if pause is None else max(pause, 0.001)):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def wake(self) -> None:
        """Look again: the clock or the settings changed."""
        self._wake.set()

    def close(self) -> None:
        self._journal.close()


def _record(job: Job) -> dict[str, Any]:
    return {"due": job.due, "number": job.number, "kind": job.kind, "data": job.data}
