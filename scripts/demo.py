"""`make demo`: everything on this machine, a demonstration week, one sign-in per role; stays until Ctrl-C.

Second start: the data is kept. RESET=1: it starts over. Nothing outlives this process, even killed.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from scripts.binaries import MissingServerError
from scripts.console import complain, say, step, stop_on_signals
from scripts.ports import usual_ports
from scripts.postgres import ServerStartError
from scripts.processes import rotate
from scripts.product import ROOT, LaunchError, Product
from scripts.stack import forget, stack

# Everything that a run leaves in VAR_DIR, logs excepted.
DATA = ("stack", "sandbox", "pki", "blobs", "keys", "mail", "static", "beat", "week-played")


def var_folder() -> Path:
    return Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()


@contextlib.contextmanager
def alone(var: Path) -> Iterator[None]:
    """Two launchers on the same data would break it: the second says so and leaves."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LaunchError(f"La démonstration tourne déjà ({_note(lock)}). Arrêtez-la d'abord par Ctrl-C.") from None
        lock.truncate(0)
        lock.write(f"processus {os.getpid()}")
        lock.flush()
        yield


def _note(lock: IO[str]) -> str:
    lock.seek(0)
    return lock.read()


def start_over(var: Path) -> None:
    """Removes the data of the demonstration, and nothing else."""
    forget(var / "stack")
    for name in DATA:
        target = var / name
        shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)


def begin(var: Path) -> None:
    """Empty data when that is asked, or when the start before was cut in the middle of the week."""
    if os.environ.get("RESET") == "1":
        with step("Effacement des données précédentes"):
            start_over(var)
        if os.environ.get("DATABASE_URL"):
            say("La base indiquée par DATABASE_URL n'est pas effacée.")
    elif (var / "stack").exists() and not (var / "week-played").exists():
        say("Le démarrage précédent n'était pas allé au bout : on repart de zéro.")
        start_over(var)


def launch(product: Product, var: Path) -> None:
    """From an empty or a kept folder to pages that answer; says the address and the sign-ins."""
    with step("Certificats, base, établissements et comptes"):
        sign_ins = product.prepare()
    with step("Bacs à sable"):
        product.start_channels()
        product.start_services()
    with step("Pages et tâches de fond"):
        product.start_worker()
        address = product.start_web()
    played = var / "week-played"
    if not played.exists():
        say("→ Semaine de démonstration :")
        if product.play_week():
            raise LaunchError(f"La semaine de démonstration n'est pas allée au bout (journaux : {product.logs}).")
        played.touch()
    say(f"\nperinat est prêt : {address}\n\n{sign_ins}\n")
    say(f"Journaux : {product.logs}")
    say("Ctrl-C pour tout arrêter ; les données sont gardées (RESET=1 pour repartir de zéro).")


def run(exit_when_ready: bool) -> int:
    var = var_folder()
    with contextlib.ExitStack() as cleanup:
        cleanup.enter_context(alone(var))
        rotate(var / "log")
        begin(var)
        ports = usual_ports(say)
        with step("PostgreSQL et Valkey"):
            servers = cleanup.enter_context(stack(var / "stack", log_folder=var / "log"))
        product = Product(var, var / "log", ports, servers)
        cleanup.callback(product.stop)
        launch(product, var)
        while not exit_when_ready:
            time.sleep(1)
            product.check()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Lance perinat et sa semaine de démonstration.")
    parser.add_argument("--exit-when-ready", action="store_true", help="s'arrête dès que tout répond")
    options = parser.parse_args()
    stop_on_signals()
    try:
        return run(options.exit_when_ready)
    except KeyboardInterrupt:
        say("\nTout est arrêté. Les données sont gardées pour la prochaine fois.")
        return 0
    except (LaunchError, MissingServerError, ServerStartError) as error:
        complain(f"\n{error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
