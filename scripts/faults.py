"""`make faults-dmp`: each fault at each step of a deposit; where the document ends is judged from outside.

A stack of its own, temporary: PostgreSQL, Valkey, the DMP sandbox, one worker. Exit code 0 when nothing is lost and
nothing doubled. `--short`: one scenario of each kind; `--flaw`: a worker broken on purpose (tests/faults/broken.py).
"""

from __future__ import annotations

import argparse
import sys

from scripts.console import step
from scripts.processes import Child, start
from scripts.product import ROOT, WORKERS, Product
from scripts.temporary import in_front, temporary_product, told

QUICK = {"DMP_READ_TIMEOUT": "2", "DMP_CONNECT_TIMEOUT": "2"}  # an answer too late comes after four seconds
ENV = {"LOG_LEVEL": "WARNING", "UNDO_SECONDS": "0", "MSSANTE_MAILBOXES": ""}
LONGEST_MINUTES = 60.0  # a machine six times slower than the one of docs/measurements.md


def start_worker(product: Product, flaw: str) -> Child:
    """Without the clock: the scenarios say when time passes."""
    celery = ["tests.faults.broken", flaw] if flaw else ["celery", "-A", "perinat"]
    options = ["-P", "threads", "-c", "2", "-Q", WORKERS["worker"], "-l", "warning", "--without-gossip"]
    argv = [sys.executable, "-m", *celery, "worker", *options, "--without-mingle", "-n", "faults@perinat"]
    child = start("worker", argv, log=product.logs / "worker.log", env=product.env, cwd=ROOT)
    product.children.append(child)
    return child


def run(flaw: str, words: list[str]) -> int:
    with temporary_product("faults", QUICK | ENV, keeps_logs=False) as product:
        with step("DMP de bac à sable et processus de travail"):
            product.start_dmp()
            worker = start_worker(product, flaw)
        argv = ["tests.faults.main", "--worker", worker.popen.pid, *words]
        return in_front(product, "faults", argv, minutes=LONGEST_MINUTES)


def main() -> int:
    parser = argparse.ArgumentParser(description="Les pannes du DMP, à chaque étape d'un dépôt.")
    parser.add_argument("--short", action="store_true", help="un scénario de chaque sorte")
    parser.add_argument("--only", default="", help="les scénarios dont le nom contient ceci")
    parser.add_argument("--flaw", default="", help="produit cassé exprès (tests/faults/broken.py)")
    options = parser.parse_args()
    words = ["--short"] if options.short else []
    return told(lambda: run(options.flaw, [*words, "--only", options.only]))


if __name__ == "__main__":
    sys.exit(main())
