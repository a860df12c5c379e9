"""The child process of apart.py: questions on standard input, answers on standard output, one at a time.

Question and answer are two frames: JSON, then bytes (of the file, of its PDF/A copy, of the picture of a page).
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from datetime import date
from typing import IO, Any

MAX_MEMORY_BYTES = 3_000_000_000
MAX_CPU_SECONDS = 900


def read_frames(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """Two byte strings announced by a line of two lengths. Raises EOFError when the other side is gone."""
    lengths = stream.readline().split()
    if len(lengths) != 2:
        raise EOFError("no frame")
    first, second = (stream.read(int(length)) for length in lengths)
    if len(second) != int(lengths[1]):
        raise EOFError("frame cut")
    return first, second


def write_frames(stream: IO[bytes], first: bytes, second: bytes) -> None:
    stream.write(b"%d %d\n" % (len(first), len(second)))
    stream.write(first)
    stream.write(second)
    stream.flush()


def main() -> int:
    _bound()
    while True:
        try:
            question, data = read_frames(sys.stdin.buffer)
        except EOFError:
            return 0  # the parent is gone
        options = json.loads(question)
        # Imported under the limits: the libraries too must fit in them.
        answer, made = _TASKS[options["task"]](options, data)
        write_frames(sys.stdout.buffer, json.dumps(answer).encode(), made)


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))  # were the parent to die, it ends
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


def _draw(options: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    from coordination.papers.drawing import MOST_PAGES, webp
    from coordination.papers.pdfium import RenderError, open_pages

    try:
        with open_pages(data) as pages:
            count = min(pages.count, MOST_PAGES)
            return {"pages": count}, webp(pages, options["page"]) if 1 <= options["page"] <= count else b""
    except RenderError:
        return {"pages": 0}, b""


def _picture(options: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    from coordination.papers.pictures import webp

    frames, drawn = webp(data, options["media_type"], options["frame"])
    return {"frames": frames}, drawn


_TASKS = {"analyse": _analyse, "convert": _convert, "draw": _draw, "picture": _picture}

if __name__ == "__main__":
    sys.exit(main())
