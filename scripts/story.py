"""`make story`: the whole way, from the discharge to the reading, on a stack of its own; ends by itself.

Nothing of the demonstration's data is touched: database, sandboxes, ports and files are temporary. The
logs of the last story stay in var/log/story.
"""

from __future__ import annotations

import sys

from scripts.console import say, step
from scripts.temporary import temporary_product, told

ENV = {
    "UNDO_SECONDS": "1",  # nobody is there to change her mind
    "ANNUAIRE_BASE_URL": "",  # nobody is looked up
    "RECEIPTS_SECONDS": "1",  # answers come at once
}


def run() -> int:
    with temporary_product("story", ENV) as product:
        with step("Bacs à sable et tâches de fond"):
            product.start_worker()  # it waits for work while the sandboxes begin to listen
            product.start_channels()
        say()
        return product.play_week("--story")


if __name__ == "__main__":
    sys.exit(told(run))
