"""`make bench`: what perinat costs beside the plainest program that does the same, one line per goal.

A stack of its own, temporary; everything on loopback, bounded in number and in time; ends by itself. Exit
code 0 when every goal is reached, 1 otherwise (docs/adr/0013). The logs stay in var/log/bench.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from scripts.console import say
from scripts.temporary import in_front, temporary_product, told

LONGEST_MINUTES = 15.0  # a machine five times slower than the one of docs/measurements.md


def run(words: list[str]) -> int:
    began = time.monotonic()
    say(f"Machine : {os.cpu_count()} processeurs, charge {os.getloadavg()[0]:.1f} avant de commencer.")
    with temporary_product("bench", {"UNDO_SECONDS": "0", "LOG_LEVEL": "WARNING"}) as product:
        argv = ["tests.load.main", "--logs", product.logs, *words]
        verdict = in_front(product, "bench", argv, minutes=LONGEST_MINUTES)
    say(f"Mesures faites en {time.monotonic() - began:.0f} s.")
    return verdict


def main() -> int:
    parser = argparse.ArgumentParser(description="Mesure perinat à côté du programme le plus simple.")
    parser.add_argument("--rounds", type=int, default=5, help="tours alternés (3 sur une machine lente)")
    parser.add_argument("--only", nargs="+", default=[], help="ces buts seulement (le verdict est alors un échec)")
    options = parser.parse_args()
    words = ["--rounds", str(options.rounds), *(["--only", *options.only] if options.only else [])]
    return told(lambda: run(words))


if __name__ == "__main__":
    sys.exit(main())
