"""The same work in a process of its own: a hostile file can neither crash, hang nor exhaust the worker.

PDFium and qpdf are C++ reading unknown bytes. The child (child.py) has a bounded time and memory,
and speaks only through its standard streams. It costs about a third of a second to start.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from typing import Any

from coordination.papers.analysis import Analysis, Notice
from coordination.papers.convert import FAILED_FR, ConversionError, ConversionPolicy, Converted
from coordination.papers.opening import Limits, Paper, unreadable
from coordination.papers.reading import MAX_SECONDS, too_slow

CHILD_MODULE = "coordination.papers.child"


class _ChildError(Exception):
    """The child died or answered nothing usable."""


def analyse_apart(
    data: bytes, *, limits: Limits, accept_production_ins: bool, seconds: float = MAX_SECONDS
) -> Analysis:
    """`analyse` in a child process: a crash gives the refusal UNREADABLE, a too long reading TOO_SLOW."""
    options = {"limits": asdict(limits), "accept_production_ins": accept_production_ins}
    try:
        answer, _ = _ask("analyse", options, data, seconds)
    except subprocess.TimeoutExpired:
        return Analysis(hashlib.sha256(data).hexdigest(), len(data), refusal=too_slow().notice)
    except _ChildError:
        return Analysis(hashlib.sha256(data).hexdigest(), len(data), refusal=unreadable().notice)
    return Analysis.from_json(answer)


def to_pdf_a_apart(
    paper: Paper, *, qr_prescription: bool, policy: ConversionPolicy | None = None, seconds: float = MAX_SECONDS
) -> Converted:
    """`to_pdf_a` in a child process. Raises ConversionError, also when the child crashes or is too slow."""
    described = {"sha256": paper.sha256, "page_count": paper.page_count, "version": paper.version}
    rules = asdict(policy or ConversionPolicy())
    options = {
        "paper": described,
        "qr_prescription": qr_prescription,
        "policy": {**rules, "since": str(rules["since"])},
    }
    try:
        answer, made = _ask("convert", options, paper.data, seconds)
    except (subprocess.TimeoutExpired, _ChildError):
        raise ConversionError(FAILED_FR) from None
    if "error_fr" in answer:
        raise ConversionError(answer["error_fr"])
    warnings = tuple(Notice(**notice) for notice in answer["warnings"])
    same = answer["method"] == "unchanged"
    return Converted(paper.data if same else made, answer["method"], warnings, answer["conforms"])


def _ask(task: str, options: dict[str, Any], data: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
    """One question, one answer. Raises subprocess.TimeoutExpired or _ChildError."""
    question = json.dumps({"task": task, "seconds": seconds, **options}).encode() + b"\n" + data
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    child = subprocess.Popen(
        [sys.executable, "-m", CHILD_MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": path, "LANG": "C.UTF-8"},
        start_new_session=True,
    )
    try:
        output, _ = child.communicate(question, timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)  # with what it started (Ghostscript)
        child.communicate()
        raise
    head, _, rest = output.partition(b"\n")
    if child.returncode != 0 or not head:
        raise _ChildError(f"exit code {child.returncode}")
    answer: dict[str, Any] = json.loads(head)
    return answer, rest
