"""The scenarios, one after the other, on what `scripts.faults` prepared: one line for each, then the count."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import django
import psutil

from tests.faults import scenarios
from tests.faults.reader import Reader
from tests.faults.scenarios import DMP, Scenario


@dataclass
class Count:
    """What the whole run found."""

    scenarios: int = 0
    lost: int = 0
    duplicated: int = 0

    @property
    def line(self) -> str:
        return f"faults: scenarios={self.scenarios} lost={self.lost} duplicated={self.duplicated}"

    @property
    def is_clean(self) -> bool:
        return self.scenarios > 0 and not self.lost and not self.duplicated


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", type=int, required=True, help="pid")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", default="", help="scénarios dont le nom contient ceci")
    options = parser.parse_args()
    django.setup()
    from django.conf import settings

    from tests.faults import outage
    from tests.faults.stage import Stage

    def alive() -> None:
        if not psutil.pid_exists(options.worker):
            raise SystemExit("Le processus de travail s'est arrêté.")

    admin = settings.DMP_SANDBOX_ADMIN_URL
    reader = Reader(settings.DATABASE_URL, Path(settings.VAR_DIR) / "sandbox" / "dmp", admin)
    stage, count = Stage(admin, reader, alive), Count()
    for scenario in scenarios.SHORT if options.short else scenarios.WHOLE:
        if options.only in scenario.name:
            _play(scenario, stage, reader, count)
    if options.only in outage.NAME:
        _tell(outage.NAME, outage.play(stage, reader), 0, count)
    print(count.line, flush=True)
    return 0 if count.is_clean else 1


def _play(scenario: Scenario, stage: object, reader: Reader, count: Count) -> None:
    from tests.faults.stage import Stage, StuckError

    assert isinstance(stage, Stage)
    since, problem = reader.last_request(), ""
    sent = stage.set(scenario)
    try:
        for shipment in sent:
            stage.settle(shipment)
            problem = problem or reader.complaint(reader.sending(str(shipment)), scenario.ends, scenario.sentence)
        unmet = stage.mend()
        if unmet and not problem:
            problem = f"never met: {', '.join(unmet)}"
        for shipment in sent if scenario.is_relaunched and not problem else []:
            stage.relaunch(shipment)
            stage.settle(shipment)
            after = reader.complaint(reader.sending(str(shipment)), DMP, "")
            problem = after and f"relaunched: {after}"
    except StuckError as error:
        problem = str(error)
        stage.mend()
    _tell(scenario.name, problem, reader.sent_again(since), count)


def _tell(name: str, problem: str, again: int, count: Count) -> None:
    """`again`: deposits made a second time without asking."""
    count.scenarios += 1
    count.lost += bool(problem)
    count.duplicated += again
    verdict = problem or ("sent again without asking" if again else "")
    print(f"{'FAUX' if verdict else 'ok':5}{name}{' : ' + verdict if verdict else ''}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
