"""The soak itself, on what `scripts.soak` prepared: feed, read the worker at rest, judge. Exit code: the verdict."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import django
import psutil
import requests

from tests.soak import reader
from tests.soak.reader import Reading, Verdict

WARM = 40  # deposits after which every thread of the worker has its connections
READINGS = 10  # in each thousand, at equal distances


def shares(count: int) -> list[list[int]]:
    """For each thousand (or each half, of less than two), how many deposits come before each of its readings."""
    parts = max(2, round(count / 1000)) * READINGS
    sizes = [count * (part + 1) // parts - count * part // parts for part in range(parts)]
    return [sizes[start : start + READINGS] for start in range(0, parts, READINGS)]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--worker", type=int, required=True, help="pid")
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    django.setup()
    from django.conf import settings

    from tests.soak import feed

    def alive() -> None:
        if not psutil.pid_exists(options.worker):
            raise SystemExit("Le processus de travail s'est arrêté.")

    def after(deposits: int) -> Reading:
        """All of them acknowledged, nothing under way."""
        feed.feed(place, deposits, alive)
        return reader.read(options.worker)

    admin, folder = settings.DMP_SANDBOX_ADMIN_URL, Path(settings.VAR_DIR) / "sandbox" / "dmp"
    place, began = feed.ward(admin), time.monotonic()
    start = after(WARM)
    print(f"démarrage : {start.text}", flush=True)
    thousands = []
    for number, sizes in enumerate(shares(options.count - WARM), start=1):
        thousands.append([after(size) for size in sizes])
        print(f"{reader.told(number, thousands[-1])} ; {time.monotonic() - began:.0f} s", flush=True)
    verdict = Verdict(
        deposits=options.count,
        rss_growth=reader.growth(thousands[0], thousands[-1]),
        fds_delta=reader.descriptors(thousands[-1]) - reader.descriptors(thousands[0]),
        connections=requests.get(f"{admin}/status", timeout=30).json()["connections"],
        threads=options.threads,
        lost=reader.lost(settings.DATABASE_URL, folder),
    )
    print(verdict.line, flush=True)
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
