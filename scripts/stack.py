"""PostgreSQL and Valkey for the length of a command, from the wheels of the `embedded` group.

    python -m scripts.stack run [--keep FOLDER] -- CMD …

Whatever is given by DATABASE_URL or REDIS_URL is used as it is, and nothing is started in its place.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.binaries import MissingServerError
from scripts.postgres import DATABASE, USER, ServerStartError, start_postgres
from scripts.processes import Child, die_with_parent, stop
from scripts.unprivileged import NOBODY, shelter
from scripts.valkey import start_valkey

LONGEST_SOCKET_FOLDER = 80  # a unix socket path has 107 bytes, the server adds its own name


@contextlib.contextmanager
def stack(
    root: Path, *, durable: bool = True, log_folder: Path | None = None, own: bool = False
) -> Iterator[dict[str, str]]:
    """Starts what the environment does not give (`own`: whatever it gives); yields the variables to add to it.

    `root` keeps the data between two runs when `durable`. Raises MissingServerError or ServerStartError,
    whose sentences are in French.
    """
    root = root.resolve()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    logs = log_folder or root / "log"
    logs.mkdir(parents=True, exist_ok=True)
    given: dict[str, str] = {}
    children: list[Child] = []
    with contextlib.ExitStack() as cleanup:
        sockets = _socket_folder(root)
        cleanup.callback(shutil.rmtree, sockets, ignore_errors=True)
        cleanup.callback(lambda: stop(reversed(children), seconds=20))
        if own or not os.environ.get("DATABASE_URL"):
            children.append(start_postgres(root, sockets, logs / "postgres.log", durable=durable))
            given["DATABASE_URL"] = f"postgresql://{USER}@/{DATABASE}?host={sockets}"
        if own or not os.environ.get("REDIS_URL"):
            children.append(start_valkey(root / "valkey", sockets / "v", logs / "valkey.log", durable=durable))
            given["REDIS_URL"] = f"redis+socket://{sockets / 'v'}"
        yield given


@contextlib.contextmanager
def temporary_stack(*, own: bool = False) -> Iterator[dict[str, str]]:
    """The same, volatile and fast, in a folder that disappears at the end."""
    folder = Path(tempfile.mkdtemp(prefix="perinat-stack-"))
    folder.chmod(0o755)  # `nobody` may have to go through it; what it holds is closed
    try:
        with stack(folder, durable=False, own=own) as given:
            yield given
    finally:
        forget(folder)


def forget(root: Path) -> None:
    """Removes the data of a stack, wherever it had to be put. It must be stopped."""
    for folder in (root.resolve(), shelter(root.resolve())):
        shutil.rmtree(folder, ignore_errors=True)


def _socket_folder(root: Path) -> Path:
    """A short, closed folder that is always the same for one checkout."""
    name = f"perinat-{os.getuid()}-{hashlib.sha256(os.fsencode(root)).hexdigest()[:10]}"
    base = Path(tempfile.gettempdir())
    folder = (base if len(os.fsencode(base / name)) <= LONGEST_SOCKET_FOLDER else Path("/tmp")) / name
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), *([NOBODY] if os.geteuid() == 0 else [])}:
        raise ServerStartError(f"Le dossier {folder} appartient à quelqu'un d'autre ; supprimez-le, puis relancez.")
    folder.chmod(0o700)
    return folder


def _run(argv: list[str], given: dict[str, str]) -> int:
    """Runs the command in the foreground; Ctrl-C reaches it directly, SIGTERM is passed on."""
    parent = os.getpid()
    command = subprocess.Popen(argv, env=os.environ | given, preexec_fn=lambda: die_with_parent(parent, signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: command.terminate())
    return command.wait()


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """What stands before and after the first `--`."""
    cut = words.index("--") if "--" in words else len(words)
    return words[:cut], words[cut + 1 :]


def main() -> int:
    parser = argparse.ArgumentParser(description="PostgreSQL et Valkey le temps d'une commande.")
    parser.add_argument("action", choices=["run"])
    parser.add_argument("--keep", type=Path, help="dossier où garder les données (sans : elles sont jetées)")
    own, argv = _split(sys.argv[1:])
    options = parser.parse_args(own)
    if not argv:
        parser.error("il manque la commande, après --")
    try:
        with stack(options.keep) if options.keep else temporary_stack() as given:
            return _run(argv, given)
    except (MissingServerError, ServerStartError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
