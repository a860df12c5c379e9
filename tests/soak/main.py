"""The soak itself, on what `scripts.soak` prepared: feed, look at the worker twice, judge. Exit code: the verdict."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import django
import psutil
import requests

from tests.soak import reader
from tests.soak.reader import Verdict

WARM = 40  # deposits after which every thread of the worker has its connections


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

    admin, folder = settings.DMP_SANDBOX_ADMIN_URL, Path(settings.VAR_DIR) / "sandbox" / "dmp"
    place, began = feed.ward(admin), time.monotonic()
    first_thousand = min(1000, options.count // 2)
    marks = []
    for name, count in (
        ("démarrage", WARM),
        ("premier millier", first_thousand - WARM),
        ("fin", options.count - first_thousand),
    ):
        feed.feed(place, count, alive)
        marks.append(reader.read(options.worker))
        print(f"{name} : {marks[-1].text} ; {time.monotonic() - began:.0f} s", flush=True)
    start, thousand, end = marks
    verdict = Verdict(
        deposits=options.count,
        rss_growth=reader.growth(thousand, end),
        fds_delta=end.fds - start.fds,
        connections=requests.get(f"{admin}/status", timeout=30).json()["connections"],
        threads=options.threads,
        lost=reader.lost(settings.DATABASE_URL, folder),
    )
    print(verdict.line, flush=True)
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
