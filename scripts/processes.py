"""Children that die with their parent: started with a death signal, stopped in order, logged to a file.

On Linux the kernel itself sends the death signal (`PR_SET_PDEATHSIG`), so `kill -9` of the launcher
leaves nothing behind. Elsewhere children are only stopped by a launcher that ends normally.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 8.0

# Loaded once here: between fork and exec nothing may import.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent: int, number: int) -> None:
    """To be called in the child: asks the kernel for signal `number` when the process `parent` ends."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # the parent went away before the request
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Child:
    """One running process of the launcher, leader of its own session."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path
    stop_signal: int

    def running(self) -> bool:
        return self.popen.poll() is None

    def tail(self, lines: int = 12) -> str:
        """The last lines of its log."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def start(
    name: str,
    argv: Sequence[object],
    *,
    log: Path,
    printed: Path | None = None,
    foreground: bool = False,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stop_signal: int = signal.SIGTERM,
    uid: int | None = None,
) -> Child:
    """Starts one child; its output goes to `log`, its standard output to `printed` when that is given.

    `argv`: words and paths. `foreground`: both outputs go to the terminal instead.

    To be called from the main thread, which owns the death signal.
    `uid`: the unprivileged user (and group) to run as; asked by Popen before the death signal is set,
    because changing user clears that signal.
    """
    parent = os.getpid()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output, (printed or log).open("ab") as standard_output:
        popen = subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=None if foreground else standard_output,
            stderr=None if foreground else output,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,  # Ctrl-C goes to the launcher only, which stops its children in order
            preexec_fn=lambda: die_with_parent(parent, stop_signal),
            user=uid,
            group=uid,
            extra_groups=[] if uid is not None else None,
        )
    return Child(name, popen, log, stop_signal)


def rotate(logs: Path) -> None:
    """Keeps the logs of the run before under another name."""
    logs.mkdir(parents=True, exist_ok=True)
    for log in logs.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))


def stop(children: Iterable[Child], seconds: float = STOP_SECONDS) -> None:
    """Asks all of them to stop, together; whoever is still there after `seconds` is killed with its session."""
    asked = list(children)
    for child in asked:
        if child.running():
            child.popen.send_signal(child.stop_signal)
    deadline = time.monotonic() + seconds
    for child in asked:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.popen.wait(max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.popen.pid, signal.SIGKILL)
        child.popen.wait()
