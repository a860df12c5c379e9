"""`make soak`: ten thousand deposits through one worker process, and what they leave behind in it.

A stack of its own, temporary: PostgreSQL, Valkey, the DMP sandbox, one worker, the clock. ARGS="--deposits 2000"
shortens it. Exit code 0 when memory, descriptors, connections and documents are as they must be.
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
from scripts.processes import rotate, start, stop
from scripts.product import ROOT, LaunchError, Product
from scripts.stack import temporary_stack

DEPOSITS, LEAST = 10_000, 200
THREADS = 2  # those that Product gives to a worker


def measure(product: Product, deposits: int) -> int:
    """Feeds the worker in front of the person who waits; gives the verdict. Raises LaunchError."""
    worker = next(child for child in product.children if child.name == "worker")
    argv = [sys.executable, "-m", "tests.soak.main", "--count", deposits, "--worker", worker.popen.pid]
    child = start(
        "soak",
        [*argv, "--threads", THREADS],
        log=product.logs / "soak.log",
        foreground=True,
        env=product.env,
        cwd=ROOT,
    )
    try:
        while child.running():
            product.check()
            time.sleep(0.2)
    finally:
        stop([child])
    return int(child.popen.returncode)


def run(deposits: int, logs: Path) -> int:
    with contextlib.ExitStack() as cleanup:
        rotate(logs)
        var = Path(tempfile.mkdtemp(prefix="perinat-soak-"))
        cleanup.callback(shutil.rmtree, var, ignore_errors=True)
        with step("PostgreSQL et Valkey"):
            servers = cleanup.enter_context(temporary_stack(own=True))
        product = Product(var, logs, private_ports(), servers)
        product.env |= {"LOG_LEVEL": "WARNING", "UNDO_SECONDS": "0"}
        product.env |= {"ANNUAIRE_BASE_URL": "", "RECEIPTS_SECONDS": "3600", "MSSANTE_MAILBOXES": ""}  # only the DMP
        cleanup.callback(product.stop)
        with step("Certificats, base, établissements et comptes"):
            product.prepare()
        with step("DMP de bac à sable, un processus de travail et l'horloge"):
            product.start_dmp()
            product.start_worker("worker")
        say(f"{deposits} dépôts…")
        return measure(product, deposits)


def main() -> int:
    stop_on_signals()
    parser = argparse.ArgumentParser(description="Dix mille dépôts dans le DMP par un seul processus de travail.")
    parser.add_argument("--deposits", type=int, default=DEPOSITS)
    options = parser.parse_args()
    if options.deposits < LEAST:
        parser.error(f"au moins {LEAST} dépôts")
    try:
        return run(options.deposits, ROOT / "var" / "log" / "soak")
    except KeyboardInterrupt:
        say("\nInterrompu ; rien n'en reste.")
        return 130
    except (LaunchError, MissingServerError, ServerStartError) as error:
        complain(f"\n{error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
