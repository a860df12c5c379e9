"""One PostgreSQL server of our own: no TCP, a unix socket in a closed folder, data in a folder of the checkout."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg

from scripts.binaries import postgres_folder
from scripts.processes import Child, start
from scripts.unprivileged import Identity, data_folder, hand_over, identity, programs

USER = "perinat"
DATABASE = "perinat"
START_SECONDS = 60.0
# A test database may be lost: nothing waits for the disk.
VOLATILE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
# Error messages of the server may quote a row: they stay short, without the statement.
DISCREET = ("log_error_verbosity=terse", "log_min_error_statement=panic")


class ServerStartError(RuntimeError):
    """A server did not start; the sentence is in French and ends with its last words."""


def start_postgres(root: Path, socket_folder: Path, log: Path, *, durable: bool) -> Child:
    """Creates the data folder if needed, starts the server and waits for the database `perinat`."""
    who = identity()
    folder = data_folder(root, who)
    tools = programs(postgres_folder(), who)
    data = folder / "pg"
    _prepare(data, tools, who, durable=durable, log=log)
    hand_over(socket_folder, who)
    _forget_stale_lock(data)
    options = [f"unix_socket_directories={socket_folder}", "listen_addresses=", *DISCREET]
    argv = [*who.prefix, tools / "postgres", "-D", data]
    for option in [*options, *(() if durable else VOLATILE)]:
        argv += ["-c", option]
    # SIGINT asks for the fast shutdown: sessions are ended, the data is written.
    child = start("postgres", argv, log=log, cwd=folder, stop_signal=signal.SIGINT, uid=who.uid)
    _wait(child, socket_folder)
    return child


def _prepare(data: Path, tools: Path, who: Identity, *, durable: bool, log: Path) -> None:
    version = _major(tools)
    marker = data / "PG_VERSION"
    if marker.exists():
        made_by = marker.read_text(encoding="ascii").strip()
        if made_by != str(version):
            raise ServerStartError(
                f"Les données ont été créées par PostgreSQL {made_by}, et cette machine a PostgreSQL {version}."
                " Relancez avec RESET=1 pour repartir de données neuves."
            )
        return
    locale = ["--locale=C"]
    if version >= 17:  # same order and same case rules on every machine
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    argv: list[str | Path] = [
        tools / "initdb",
        "-D",
        data,
        "-U",
        USER,
        "--auth=trust",
        "--encoding=UTF8",
        "--no-instructions",
        *locale,
    ]
    if not durable:
        argv.append("--no-sync")
    hand_over(data.parent, who)
    made = subprocess.run(
        [*who.prefix, *map(str, argv)],
        cwd=data.parent,
        capture_output=True,
        text=True,
        check=False,
        user=who.uid,
        group=who.uid,
    )
    log.write_text(made.stdout + made.stderr, encoding="utf-8")
    if made.returncode:
        raise ServerStartError(f"La base n'a pas pu être créée (journal : {log}).\n{made.stderr.strip()}")


def _major(tools: Path) -> int:
    answer = subprocess.run([tools / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(answer.split()[2].split(".")[0])


def _forget_stale_lock(data: Path) -> None:
    """A killed server leaves its pid; another program may bear that number now, and PostgreSQL would give up."""
    lock = data / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int(lock.read_text(encoding="utf-8").splitlines()[0])
        if not _is_postgres(pid):
            lock.unlink()


def _is_postgres(pid: int) -> bool:
    try:
        return Path(os.readlink(f"/proc/{pid}/exe")).name.startswith("postgres")
    except FileNotFoundError:
        return not Path("/proc/self").exists()  # no /proc here: believe the lock
    except OSError:
        return True


def _wait(child: Child, socket_folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with psycopg.connect(host=str(socket_folder), user=USER, dbname="postgres", autocommit=True) as session:
                if not session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                    session.execute(f"CREATE DATABASE {DATABASE}")
                return
        except psycopg.OperationalError:
            if not child.running() or time.monotonic() > deadline:
                raise ServerStartError(f"PostgreSQL n'a pas démarré (journal : {child.log}).\n{child.tail()}") from None
            time.sleep(0.02)
