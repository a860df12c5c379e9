"""The child process of apart.py: one question on standard input, one answer on standard output.

Question: a line of JSON, then the bytes of the file. Answer: a line of JSON, then bytes.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from datetime import date
from typing import Any

MAX_MEMORY_BYTES = 3_000_000_000


def main() -> int:
    question, _, data = sys.stdin.buffer.read().partition(b"\n")
    options = json.loads(question)
    _bound(float(options["seconds"]))
    # Imported under the limits: the libraries too must fit in them.
    answer, made = _analyse(options, data) if options["task"] == "analyse" else _convert(options, data)
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + made)
    sys.stdout.buffer.flush()
    return 0


def _bound(seconds: float) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    cpu = int(seconds) + 5  # were the parent to die, the child still ends
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the document


def _analyse(options: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    from coordination.papers.opening import Limits
    from coordination.papers.reading import analyse

    limits = Limits(**options["limits"])
    return analyse(data, limits=limits, accept_production_ins=options["accept_production_ins"]).as_json(), b""


def _convert(options: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    from coordination.papers.convert import ConversionError, ConversionPolicy, to_pdf_a
    from coordination.papers.opening import Paper

    rules = options["policy"]
    policy = ConversionPolicy(**{**rules, "since": date.fromisoformat(rules["since"])})
    try:
        made = to_pdf_a(Paper(data, **options["paper"]), qr_prescription=options["qr_prescription"], policy=policy)
    except ConversionError as error:
        return {"error_fr": error.message_fr}, b""
    answer = {
        "method": made.method,
        "conforms": made.conforms,
        "warnings": [asdict(notice) for notice in made.warnings],
    }
    return answer, b"" if made.method == "unchanged" else made.pdf_a


if __name__ == "__main__":
    sys.exit(main())
