"""`make lint`: every check of the code, all of them even when one fails, one line each at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from scripts.stack import temporary_stack

CHECKS = (
    ("style", ["ruff", "check", "--output-format", "concise", "."]),
    ("mise en forme", ["ruff", "format", "--check", "--output-format", "concise", "."]),
    ("types", ["mypy"]),
    ("règles d'import", ["lint-imports", "--no-cache"]),
    ("migrations", ["python", "manage.py", "makemigrations", "--check", "--dry-run", "--skip-checks"]),
)


def main() -> int:
    failed = []
    with temporary_stack() as servers:
        env = os.environ | servers
        for label, argv in CHECKS:
            started = time.monotonic()
            done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
            seconds = f"{time.monotonic() - started:.1f} s".replace(".", ",")
            print(f"{'✓' if done.returncode == 0 else '✗'} {label} ({seconds})", flush=True)
            if done.returncode:
                failed.append(label)
                print(done.stdout + done.stderr, flush=True)
    print("À reprendre : " + ", ".join(failed) if failed else "Rien à reprendre.", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
