"""The measures, one after the other, on the stack that `scripts.bench` prepared. Exit code: the verdict."""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

import django

from tests.load import machine
from tests.load.goals import Result, exit_code, goal, ms
from tests.load.receivers import receivers


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--logs", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    django.setup()
    return _run(options.logs, options.rounds)


def _run(logs: Path, rounds: int) -> int:
    from django.conf import settings
    from django.db import connection

    from coordination import blobs
    from coordination.models import Shipment
    from tests.load import pages, pipeline, primitives, steps, world

    rules = "national" if settings.ANS_PACK else "own"
    if rules == "own":
        print("bench: no national pack (../shared/ans/pack): perinat's own short check stands for it", flush=True)
    place, results = world.place(), []

    def tell(result: Result) -> None:
        results.append(result)
        print(result.line, flush=True)

    smtp, dmp = settings.MSSANTE_SMTP_PORT, int(settings.DMP_BASE_URL.split(":")[2].partition("/")[0])
    with receivers(Path(settings.PKI_DIR), dmp_port=dmp, smtp_port=smtp) as sinks:
        before = machine.load_average()
        by_step = steps.cpu(place)
        connection.cursor().execute("VACUUM ANALYZE")
        sent = pipeline.measure(place, sinks, logs, rounds=rounds)
    mine, floor = sent.rounds.medians()
    tell(
        Result(
            goal("P1"),
            sent.rounds.ratio,
            {
                "docs_s": f"{mine:.1f}",
                "limit_docs_s": f"{floor:.1f}",
                "rounds": str(rounds),
                "rules": rules,
                "load": before,
                "cpu_ms": ms(by_step),
                "limit_cpu_ms": ms(_median(sent.steps)),
                "process_cpu_ms": ms(_median(sent.families)),
            },
        )
    )
    for name, measured in zip(("P6", "P7"), pages.measure(logs, rounds=rounds), strict=True):
        mine, floor = measured.rounds.medians()
        words = {
            "req_s": f"{mine:.0f}",
            "floor_req_s": f"{floor:.0f}",
            "p99_ms": f"{statistics.median(measured.p99):.1f}",
            "c": "8",
            "rounds": str(rounds),
            "load": machine.load_average(),
        }
        tell(Result(goal(name), measured.rounds.ratio, words))
    shipment = Shipment.objects.filter(channel="dmp").latest("created_at")
    paper = shipment.versions.select_related("document").get().document
    for name, compared in (
        ("P8", primitives.assertion(shipment, rounds=rounds)),
        ("P9", primitives.cda(paper, rounds=rounds)),
    ):
        mine, floor = compared.medians()
        tell(Result(goal(name), compared.ratio, {"ms": f"{mine:.3f}", "floor_ms": f"{floor:.3f}"}))
    cda = paper.current_version.cda
    assert cda is not None
    checked = primitives.validation(blobs.read(cda))
    print(f"bench: P12 ms={checked:.1f} rules={rules} (warm check of one document; no ratio in one run)", flush=True)
    return exit_code(results)


def _median(rounds: list[dict[str, float]]) -> dict[str, float]:
    """The median of each part over the rounds."""
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


if __name__ == "__main__":
    sys.exit(main())
