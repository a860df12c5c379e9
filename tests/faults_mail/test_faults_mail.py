"""`make faults-mssante` in short; and the judge sees a product that is broken on purpose."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.faults_mail import scenarios

ROOT = Path(__file__).resolve().parents[2]
BROKEN = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "perinat.settings.test"
import django
django.setup()
from tests.faults_mail import main
{flaw}
sys.argv = ["main", "--only", {only!r}]
sys.exit(main.main())
"""


def run(*argv: str) -> tuple[int, str, str]:
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    done = subprocess.run(
        [sys.executable, *argv], cwd=ROOT, env=env, capture_output=True, text=True, timeout=900, check=False
    )
    return done.returncode, (done.stdout.strip().splitlines() or [""])[-1], done.stdout + done.stderr


def broken(flaw: str, only: str) -> tuple[int, str, str]:
    script = BROKEN.format(flaw=flaw, only=only)
    return run("-m", "scripts.stack", "run", "--", sys.executable, "-c", script)


def test_one_scenario_of_each_kind_loses_nothing() -> None:
    code, last, printed = run("-m", "scripts.faults_mssante", "--short")
    assert code == 0, printed
    assert re.fullmatch(rf"faults: scenarios={len(scenarios.SHORT)} lost=0 duplicated=\d", last), printed
    assert len(scenarios.SHORT) == len(scenarios.SHORT_NAMES)


def test_a_mail_acknowledged_before_it_is_kept_is_seen_as_lost() -> None:
    flaw = "from coordination.services import collection\ncollection._store = lambda incoming: None"
    code, last, printed = broken(flaw, "another UIDVALIDITY, receive")
    assert (code, last) == (1, "faults: scenarios=1 lost=1 duplicated=0"), printed


def test_a_second_message_id_is_seen() -> None:
    """Sent again as another mail: its recipient would see two."""
    flaw = (
        "import itertools\nfrom mssante import message\nnumber = itertools.count()\nusual = message._message_id\n"
        "message._message_id = lambda value: f'{next(number)}.{usual(value)}'"
    )
    code, last, printed = broken(flaw, "smtp answer, cut")
    assert code == 1 and "lost=1" in last, printed


def test_names_are_all_different() -> None:
    names = [one.name for one in scenarios.WHOLE]
    assert len(set(names)) == len(names)


def test_a_product_that_takes_no_next_step_is_seen() -> None:
    """Nobody is told and nothing else leaves: the scenario sees that no way lives."""
    flaw = "from coordination.services import fallback\nfallback.follow = lambda shipment, message_fr: None"
    code, last, printed = broken(flaw, "box closed, then the practice")
    assert code == 1 and "lost=1" in last, printed
