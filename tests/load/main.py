"""The measures, one after the other, on the stack that `scripts.bench` prepared. Exit code: the verdict."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import django

from tests.load import machine
from tests.load.goals import Result, exit_code, goal, ms


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--logs", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", default=[])
    options = parser.parse_args()
    django.setup()
    results = []
    for names, measure in MEASURES.items():
        if not options.only or set(names) & set(options.only):
            for result in measure(options.logs, options.rounds):
                print(result.line, flush=True)
                results.append(result)
    return exit_code(results)


def sending(logs: Path, rounds: int) -> Iterator[Result]:
    """P1."""
    from django.conf import settings
    from django.db import connection

    from tests.load import pipeline, steps, world
    from tests.load.receivers import receivers

    before, place, data = machine.load_average(), world.place(), world.pdf()
    with receivers(Path(settings.PKI_DIR), dmp_port=pipeline.dmp_port(), smtp_port=settings.MSSANTE_SMTP_PORT) as sinks:
        by_step = steps.cpu(place, data)
        connection.cursor().execute("VACUUM ANALYZE")
        sent = pipeline.measure(place, data, sinks, logs, rounds=rounds)
    mine, floor = sent.rounds.medians()
    words = {
        "docs_s": f"{mine:.1f}",
        "limit_docs_s": f"{floor:.1f}",
        "rounds": str(rounds),
        "rules": "national" if settings.ANS_PACK else "own",
        "load": before,
        "cpu_ms": ms(by_step),
        "limit_cpu_ms": ms(_medians(sent.steps)),
        "process_cpu_ms": ms(_medians(sent.families)),
    }
    yield Result(goal("P1"), sent.rounds.ratio, words)


def pages(logs: Path, rounds: int) -> Iterator[Result]:
    """P6 and P7."""
    from tests.load import pages

    for name, measured in zip(("P6", "P7"), pages.measure(logs, rounds=rounds), strict=True):
        mine, floor = measured.rounds.medians()
        words = {
            "req_s": f"{mine:.0f}",
            "floor_req_s": f"{floor:.0f}",
            "p99_ms": f"{statistics.median(measured.p99):.1f}",
            "floor_p99_ms": f"{statistics.median(measured.floor_p99):.1f}",
            "c": "8",
            "rounds": str(rounds),
            "process_cpu_ms": ms(_medians(measured.cpu)),
            "floor_process_cpu_ms": ms(_medians(measured.floor_cpu)),
            "load": machine.load_average(),
        }
        yield Result(goal(name), measured.rounds.ratio, words)


def primitives(_: Path, rounds: int) -> Iterator[Result]:
    """P8, P9 and P12."""
    from tests.load import primitives, structured, world

    paper = world.sealed()
    for name, compared in (
        ("P8", primitives.assertion(paper, rounds=rounds)),
        ("P9", primitives.cda(paper, rounds=rounds)),
    ):
        mine, floor = compared.medians()
        words = {"ms": f"{mine:.3f}", "floor_ms": f"{floor:.3f}", "load": machine.load_average()}
        yield Result(goal(name), compared.ratio, words)
    yield primitives.validation(paper, rounds=rounds)
    for told in (structured.examples(rounds=rounds), *structured.measure(rounds=rounds)):
        if isinstance(told, Result):
            yield told
        else:
            print(told, flush=True)


def mails(_: Path, rounds: int) -> Iterator[Result]:
    """P10 and P10-SMTP."""
    from tests.load import mailing

    for name, measured in zip(("P10", "P10-SMTP"), mailing.measure(rounds=rounds), strict=True):
        mine, floor = measured.medians()
        words = {"mails_s": f"{mine:.1f}", "floor_mails_s": f"{floor:.1f}", "load": machine.load_average()}
        words["of"] = "cpu" if name == "P10" else "wall"
        yield Result(goal(name), measured.ratio, words | {"rounds": str(rounds)})


def _medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    """The median of each part over the rounds."""
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


MEASURES: dict[tuple[str, ...], Callable[[Path, int], Iterator[Result]]] = {
    ("P1",): sending,
    ("P6", "P7"): pages,
    ("P8", "P9", "P12"): primitives,
    ("P10", "P10-SMTP"): mails,
}

if __name__ == "__main__":
    sys.exit(main())
