"""`make faults-dmp`: each fault at each step of a deposit; where the document ends is judged from outside.

A stack of its own, temporary: PostgreSQL, Valkey, the DMP sandbox, one worker. Exit code 0 when nothing is lost and
nothing doubled. `--short`: one scenario of each kind; `--flaw`: a worker broken on purpose (tests/faults/broken.py).
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
import time
from pathlib import Path

from scripts.binaries import MissingServerError
from scripts.console import complain, say, step, stop_on_signals
from scripts.ports import private_ports
from scripts.postgres import ServerStartError
from scripts.processes import Child, start, stop
from scripts.product import ROOT, WORKERS, LaunchError, Product
from scripts.stack import temporary_stack

QUICK = {"DMP_READ_TIMEOUT": "2", "DMP_CONNECT_TIMEOUT": "2"}  # an answer too late comes after four seconds
LONGEST_SECONDS = 60 * 60.0  # a machine six times slower than the one of docs/measurements.md


def start_worker(product: Product, flaw: str) -> Child:
    celery = ["tests.faults.broken", flaw] if flaw else ["celery", "-A", "perinat"]
    options = ["-P", "threads", "-c", "2", "-Q", WORKERS["worker"], "-l", "warning", "--without-gossip"]
    argv = [sys.executable, "-m", *celery, "worker", *options, "--without-mingle", "-n", "faults@perinat"]
    child = start("worker", argv, log=product.logs / "worker.log", env=product.env, cwd=ROOT)
    product.children.append(child)
    return child


def play(product: Product, worker: Child, words: list[str]) -> int:
    """Plays the scenarios in front of the person who waits; gives their verdict. Raises LaunchError."""
    argv = [sys.executable, "-m", "tests.faults.main", "--worker", worker.popen.pid, *words]
    child = start("faults", argv, log=product.logs / "faults.log", foreground=True, env=product.env, cwd=ROOT)
    deadline = time.monotonic() + LONGEST_SECONDS
    try:
        while child.running():
            product.check()
            if time.monotonic() > deadline:
                raise LaunchError(f"Les scénarios n'ont pas fini en {LONGEST_SECONDS / 60:.0f} min.")
            time.sleep(0.1)
    finally:
        stop([child])
    return int(child.popen.returncode)


def run(flaw: str, words: list[str]) -> int:
    with contextlib.ExitStack() as cleanup:
        var = Path(tempfile.mkdtemp(prefix="perinat-faults-"))
        cleanup.callback(shutil.rmtree, var, ignore_errors=True)
        with step("PostgreSQL et Valkey"):
            servers = cleanup.enter_context(temporary_stack(own=True))
        product = Product(var, var / "log", private_ports(), servers)
        product.env |= QUICK | {"LOG_LEVEL": "WARNING", "UNDO_SECONDS": "0", "MSSANTE_MAILBOXES": ""}
        cleanup.callback(product.stop)
        with step("Certificats, base, établissements et comptes"):
            product.prepare()
        with step("DMP de bac à sable et processus de travail"):
            product.start_dmp()
            worker = start_worker(product, flaw)
        return play(product, worker, words)


def main() -> int:
    stop_on_signals()
    parser = argparse.ArgumentParser(description="Les pannes du DMP, à chaque étape d'un dépôt.")
    parser.add_argument("--short", action="store_true", help="un scénario de chaque sorte")
    parser.add_argument("--only", default="", help="les scénarios dont le nom contient ceci")
    parser.add_argument("--flaw", default="", help="produit cassé exprès (tests/faults/broken.py)")
    options = parser.parse_args()
    words = ["--short"] if options.short else []
    try:
        return run(options.flaw, [*words, "--only", options.only])
    except KeyboardInterrupt:
        say("\nInterrompu ; rien n'en reste.")
        return 130
    except (LaunchError, MissingServerError, ServerStartError) as error:
        complain(f"\n{error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
