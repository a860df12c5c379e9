"""`make bench`: what perinat costs beside the plainest program that does the same, one line per goal.

A stack of its own, temporary; everything on loopback, bounded in number and in time; ends by itself. Exit
code 0 when every goal is reached, 1 otherwise (docs/adr/0013). The logs stay in var/log/bench.
"""

from __future__ import annotations

import argparse
import contextlib
import os
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

LONGEST_SECONDS = 15 * 60.0  # a machine five times slower than the one of docs/measurements.md


def measure(product: Product, words: list[str]) -> int:
    """Runs the measures in front of the person who waits; gives their verdict. Raises LaunchError: too long."""
    argv = [sys.executable, "-m", "tests.load.main", "--logs", product.logs, *words]
    child = start("bench", argv, log=product.logs / "bench.log", foreground=True, env=product.env, cwd=ROOT)
    deadline = time.monotonic() + LONGEST_SECONDS
    try:
        while child.running():
            if time.monotonic() > deadline:
                raise LaunchError(f"Les mesures n'ont pas fini en {LONGEST_SECONDS / 60:.0f} min.")
            time.sleep(0.2)
    finally:
        stop([child])
    return int(child.popen.returncode)


def run(words: list[str]) -> int:
    logs = ROOT / "var" / "log" / "bench"
    began = time.monotonic()
    say(f"Machine : {os.cpu_count()} processeurs, charge {os.getloadavg()[0]:.1f} avant de commencer.")
    with contextlib.ExitStack() as cleanup:
        rotate(logs)
        var = Path(tempfile.mkdtemp(prefix="perinat-bench-"))
        cleanup.callback(shutil.rmtree, var, ignore_errors=True)
        with step("PostgreSQL et Valkey"):
            servers = cleanup.enter_context(temporary_stack(own=True))
        product = Product(var, logs, private_ports(), servers)
        product.env |= {"UNDO_SECONDS": "0", "LOG_LEVEL": "WARNING"}
        cleanup.callback(product.stop)
        with step("Certificats, base, établissements et comptes"):
            product.prepare()
        verdict = measure(product, words)
    say(f"Mesures faites en {time.monotonic() - began:.0f} s.")
    return verdict


def main() -> int:
    parser = argparse.ArgumentParser(description="Mesure perinat à côté du programme le plus simple.")
    parser.add_argument("--rounds", type=int, default=5, help="tours alternés (3 sur une machine lente)")
    parser.add_argument("--only", nargs="+", default=[], help="ces buts seulement (le verdict est alors un échec)")
    options = parser.parse_args()
    words = ["--rounds", str(options.rounds), *(["--only", *options.only] if options.only else [])]
    stop_on_signals()
    try:
        return run(words)
    except KeyboardInterrupt:
        say("\nLes mesures sont interrompues ; rien n'en reste.")
        return 130
    except (LaunchError, MissingServerError, ServerStartError) as error:
        complain(f"\n{error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
