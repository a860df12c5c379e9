"""`make story`: the whole way, from the discharge to the reading, on a stack of its own; ends by itself.

Nothing of the demonstration's data is touched: database, sandboxes, ports and files are temporary. The
logs of the last story stay in var/log/story.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

from scripts.binaries import MissingServerError
from scripts.console import complain, say, step, stop_on_signals
from scripts.ports import private_ports
from scripts.postgres import ServerStartError
from scripts.processes import rotate
from scripts.product import ROOT, LaunchError, Product
from scripts.stack import temporary_stack


def run() -> int:
    logs = ROOT / "var" / "log" / "story"
    with contextlib.ExitStack() as cleanup:
        rotate(logs)
        var = Path(tempfile.mkdtemp(prefix="perinat-story-"))
        cleanup.callback(shutil.rmtree, var, ignore_errors=True)
        with step("PostgreSQL et Valkey"):
            servers = cleanup.enter_context(temporary_stack(own=True))
        product = Product(var, logs, private_ports(), servers)
        product.env["UNDO_SECONDS"] = "1"  # nobody is there to change her mind
        product.env |= {"ANNUAIRE_BASE_URL": "", "RECEIPTS_SECONDS": "1"}  # nobody is looked up; answers come at once
        cleanup.callback(product.stop)
        with step("Certificats, base, établissements et comptes"):
            product.prepare()
        with step("Bacs à sable et tâches de fond"):
            product.start_worker()  # it waits for work while the sandboxes begin to listen
            product.start_channels()
        say()
        return product.play_week("--story")


def main() -> int:
    stop_on_signals()
    try:
        return run()
    except KeyboardInterrupt:
        say("\nL'histoire est interrompue ; rien n'en reste.")
        return 130
    except (LaunchError, MissingServerError, ServerStartError) as error:
        complain(f"\n{error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
