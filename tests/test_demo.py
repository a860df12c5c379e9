"""`make demo` with its real processes: stays until Ctrl-C, leaves nothing when killed, keeps its data."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.test_launcher import DEAD_SECONDS, alive, family, gone, name, python

READY = re.compile(r"perinat est prêt : (http://127\.0\.0\.1:\d+)")


class Demo:
    """One launcher on a folder of its own; the week counts as played, another test plays it."""

    def __init__(self, var: Path, *words: str, **env: str) -> None:
        var.mkdir(exist_ok=True)
        (var / "week-played").touch()
        self.output = var / "terminal"
        self.run: subprocess.Popen[str] = python("-m", "scripts.demo", *words, VAR_DIR=str(var), **env)

    def wait_ready(self) -> str:
        """Its address, once everything answers."""
        assert self.run.stdout
        said: list[str] = []
        for line in self.run.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                found = READY.search("".join(said))
                assert found, said
                return found.group(1)
        raise AssertionError("".join(said))

    def end(self) -> None:
        if self.run.poll() is None:
            self.run.kill()
        self.run.communicate()


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    started: list[Demo] = []
    yield started
    for demo in started:
        demo.end()


def commands_of(members: list[psutil.Process]) -> str:
    said = []
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            said.append(" ".join(member.cmdline()))
    return "\n".join(said)


def test_it_answers_dies_whole_when_killed_and_finds_its_data_again(tmp_path: Path, demos: list[Demo]) -> None:
    var = tmp_path / "var"
    first = Demo(var)
    demos.append(first)
    address = first.wait_ready()
    with urllib.request.urlopen(address, timeout=10) as page:
        assert page.status == 200
    members = family(first.run.pid)
    commands = commands_of(members)
    for part in ("postgres", "valkey-server", "gunicorn", "worker", "beat", "dmp_sandbox", "mssante_sandbox"):
        assert part in commands
    authority = (var / "pki" / "ca.pem").read_bytes()

    second = Demo(var)  # beside the first: refused, and the first goes on
    demos.append(second)
    assert "La démonstration tourne déjà (processus" in second.run.communicate(timeout=60)[0]
    assert second.run.returncode == 1 and first.run.poll() is None

    first.run.kill()
    first.run.wait()
    assert gone(members) == []

    third = Demo(var, "--exit-when-ready")
    demos.append(third)
    output = third.run.communicate(timeout=120)[0]
    assert third.run.returncode == 0 and READY.search(output), output
    assert (var / "pki" / "ca.pem").read_bytes() == authority


def test_ctrl_c_stops_everything_calmly_and_reset_starts_over(tmp_path: Path, demos: list[Demo]) -> None:
    var = tmp_path / "var"
    (var / "blobs").mkdir(parents=True)
    (var / "blobs" / "old").touch()
    (var / "mine.txt").touch()
    demo = Demo(var, RESET="1", LOG_LEVEL="WARNING")
    demos.append(demo)
    deadline = time.monotonic() + 60
    while not (members := [m for m in family(demo.run.pid) if "postgres" in name(m)]):
        assert time.monotonic() < deadline and demo.run.poll() is None
        time.sleep(0.05)
    members = family(demo.run.pid)
    demo.run.send_signal(signal.SIGINT)
    said = demo.run.communicate(timeout=DEAD_SECONDS)[0]
    assert demo.run.returncode == 0, said
    assert "Tout est arrêté." in said
    assert alive(members) == []
    assert not (var / "blobs" / "old").exists()  # started over
    assert (var / "mine.txt").exists()  # not ours to remove
