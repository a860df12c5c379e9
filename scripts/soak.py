"""`make soak`: ten thousand deposits through one worker process, and what they leave behind in it.

A stack of its own, temporary: PostgreSQL, Valkey, the DMP sandbox, one worker, the clock. ARGS="--deposits 2000"
shortens it; `--leak 8000`: a worker broken on purpose, that keeps so many bytes of each deposit
(tests/soak/leaking.py). Exit code 0 when memory, descriptors, connections and documents are as they must be.
"""

from __future__ import annotations

import argparse
import sys

from scripts.console import say, step
from scripts.temporary import in_front, temporary_product, told

DEPOSITS, LEAST = 10_000, 200
THREADS = 2  # those that Product gives to a worker
SECONDS_A_DEPOSIT = 1.0  # ten times what it takes on the machine of docs/measurements.md
ENV = {"LOG_LEVEL": "WARNING", "UNDO_SECONDS": "0"}
ONLY_THE_DMP = {"ANNUAIRE_BASE_URL": "", "RECEIPTS_SECONDS": "3600", "MSSANTE_MAILBOXES": ""}


def run(deposits: int, leak: int) -> int:
    with temporary_product("soak", ENV | ONLY_THE_DMP) as product:
        with step("DMP de bac à sable, un processus de travail et l'horloge"):
            product.start_dmp()
            product.start_worker("worker", program=("tests.soak.leaking", leak) if leak else ())
        worker = next(child for child in product.children if child.name == "worker")
        say(f"{deposits} dépôts…")
        words = ["--count", deposits, "--worker", worker.popen.pid, "--threads", THREADS]
        return in_front(product, "soak", ["tests.soak.main", *words], minutes=5 + deposits * SECONDS_A_DEPOSIT / 60)


def main() -> int:
    parser = argparse.ArgumentParser(description="Dix mille dépôts dans le DMP par un seul processus de travail.")
    parser.add_argument("--deposits", type=int, default=DEPOSITS)
    parser.add_argument("--leak", type=int, default=0, help="octets gardés à chaque dépôt, exprès")
    options = parser.parse_args()
    if options.deposits < LEAST:
        parser.error(f"au moins {LEAST} dépôts")
    return told(lambda: run(options.deposits, options.leak))


if __name__ == "__main__":
    sys.exit(main())
