"""`make faults-mssante`: each fault of the operator at each step of a mail, sent, received or answered.

A PostgreSQL of its own, temporary; the fictitious operator on real sockets. Exit code 0 when nothing is lost, and
nothing is doubled but what no client can avoid (tests/faults_mail/scenarios.py says where, and the run how many).
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

from scripts.binaries import MissingServerError
from scripts.console import complain, say, step, stop_on_signals
from scripts.postgres import ServerStartError
from scripts.product import ROOT
from scripts.stack import temporary_stack


def main() -> int:
    stop_on_signals()
    try:
        with contextlib.ExitStack() as cleanup:
            with step("PostgreSQL et Valkey"):
                servers = cleanup.enter_context(temporary_stack(own=True))
            argv = [sys.executable, "-m", "tests.faults_mail.main", *sys.argv[1:]]
            return subprocess.run(argv, cwd=ROOT, env=os.environ | servers, check=False).returncode
    except KeyboardInterrupt:
        say("\nInterrompu ; rien n'en reste.")
        return 130
    except (MissingServerError, ServerStartError) as error:
        complain(f"\n{error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
