"""`make soak` in short, on real processes: a worker that leaks is seen, and nothing else is wrong with it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.soak.reader import RSS_GROWTH_MAX

ROOT = Path(__file__).resolve().parents[2]
LEAK = 3_000_000  # bytes a deposit: in proportion, what 10 kB are to ten thousand of them


def test_a_worker_that_keeps_memory_goes_over_the_bound() -> None:
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    argv = [sys.executable, "-m", "scripts.soak", "--deposits", "200", "--leak", str(LEAK)]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=600, check=False)
    line = (
        r"^soak: deposits=200 rss_growth=([\d.-]+)% fds_delta=-?\d connections=\d+ lost=0$"  # so short: still warming
    )
    found = re.search(line, done.stdout, re.M)
    assert found, done.stdout + done.stderr
    assert float(found[1]) > RSS_GROWTH_MAX
    assert done.returncode == 1
