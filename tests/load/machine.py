"""What the processes of the run have cost, by family, and how busy the machine is."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable

import psutil

FAMILIES = {"postgres": "postgres", "valkey-server": "broker", "redis-server": "broker"}


def load_average() -> str:
    """One minute, before the run adds to it."""
    return f"{os.getloadavg()[0]:.1f}"


def _spent(process: psutil.Process, *, ended_too: bool) -> float:
    times = process.cpu_times()
    ended = times.children_user + times.children_system if ended_too else 0.0
    return float(times.user + times.system + ended)


class Meter:
    """CPU seconds of families of processes: those given by pid, this one, and the servers of the launcher."""

    def __init__(self, families: dict[str, Iterable[int]]) -> None:
        self._members: dict[str, list[psutil.Process]] = defaultdict(list)
        for family, pids in families.items():
            for pid in pids:
                self._members[family].append(psutil.Process(pid))
        self._members["bench"].append(psutil.Process())
        for process in psutil.Process(os.getppid()).children():
            family = FAMILIES.get(process.name())
            if family:
                self._members[family].append(process)

    def read(self) -> dict[str, float]:
        """Seconds since each family began, its living and its ended children included."""
        return {family: sum(map(self._tree, members)) for family, members in self._members.items()}

    def _tree(self, process: psutil.Process) -> float:
        if process.pid == os.getpid():  # its children are families of their own
            return _spent(process, ended_too=False)
        living = 0.0
        for child in process.children(recursive=True):
            try:
                living += _spent(child, ended_too=True)
            except psutil.NoSuchProcess:
                continue  # counted by its parent from now on
        return _spent(process, ended_too=True) + living


def per_document(before: dict[str, float], after: dict[str, float], documents: int) -> dict[str, float]:
    """Milliseconds of CPU by family for one document, or one request."""
    return {family: (after[family] - before[family]) * 1e3 / documents for family in before}
