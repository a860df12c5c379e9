"""The same work in a process of its own: a hostile file can neither crash, hang nor exhaust the worker.

PDFium and qpdf are C++ reading unknown bytes. The child (child.py) has a bounded time and memory,
and speaks only through its standard streams. It costs about a third of a second to start, so it stays
for the next files; one that dies or is too slow takes nothing with it but its own question.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from typing import Any

from coordination.papers.analysis import Analysis, Notice
from coordination.papers.child import read_frames, write_frames
from coordination.papers.convert import FAILED_FR, ConversionError, ConversionPolicy, Converted
from coordination.papers.opening import Limits, Paper, unreadable
from coordination.papers.reading import MAX_SECONDS, too_slow

CHILD_MODULE = "coordination.papers.child"
DRAWING_SECONDS = 10.0  # a person waits
MAX_QUESTIONS = 200  # then a fresh child: libraries may leak


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


def draw_apart(data: bytes, page: int, *, seconds: float = DRAWING_SECONDS) -> tuple[int, bytes]:
    """How many pages a PDF of others has, and page `page` as a WebP picture; no page when it cannot be drawn."""
    try:
        answer, picture = _ask("draw", {"page": page}, data, seconds)
    except (subprocess.TimeoutExpired, _ChildError):
        return 0, b""
    return int(answer["pages"]), picture


def picture_apart(data: bytes, media_type: str, frame: int, *, seconds: float = DRAWING_SECONDS) -> tuple[int, bytes]:
    """How many frames a picture of others has, and one of them as WebP; no frame when it cannot be drawn."""
    try:
        answer, picture = _ask("picture", {"media_type": media_type, "frame": frame}, data, seconds)
    except (subprocess.TimeoutExpired, _ChildError):
        return 0, b""
    return int(answer["frames"]), picture


def _ask(task: str, options: dict[str, Any], data: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
    """One question, one answer. Raises subprocess.TimeoutExpired or _ChildError."""
    question = json.dumps({"task": task, **options}).encode()
    with _IDLE.lock:
        reader = _IDLE.take() or _Reader()
    try:
        answer, made = reader.ask(question, data, seconds)
    except BaseException:
        reader.kill()
        raise
    if reader.may_serve_again():
        with _IDLE.lock:
            _IDLE.readers.append(reader)
    else:
        reader.kill()
    return json.loads(answer), made


class _Reader:
    """One child that answers questions one after the other."""

    def __init__(self) -> None:
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
        self.owner = os.getpid()
        self.questions = 0
        self._child = subprocess.Popen(
            [sys.executable, "-m", CHILD_MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": path, "LANG": "C.UTF-8"},
            start_new_session=True,
        )

    def ask(self, question: bytes, data: bytes, seconds: float) -> tuple[bytes, bytes]:
        """Raises _ChildError (it died), subprocess.TimeoutExpired (it was killed)."""
        self.questions += 1
        late = threading.Event()

        def too_late() -> None:
            late.set()
            self.kill()

        watch = threading.Timer(seconds, too_late)
        watch.start()
        assert self._child.stdin is not None and self._child.stdout is not None
        try:
            write_frames(self._child.stdin, question, data)
            answer, made = read_frames(self._child.stdout)
        except (OSError, EOFError) as error:
            if late.is_set():
                raise subprocess.TimeoutExpired(CHILD_MODULE, seconds) from error
            raise _ChildError(str(error)) from error
        finally:
            watch.cancel()
        return answer, made

    def may_serve_again(self) -> bool:
        return self.questions < MAX_QUESTIONS and self._child.poll() is None

    def kill(self) -> None:
        """End it, with what it started (Ghostscript)."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        for stream in (self._child.stdin, self._child.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._child.wait()


class _Idle:
    """Children that wait for a question; those of a parent process are left to it after a fork."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.readers: list[_Reader] = []

    def take(self) -> _Reader | None:
        mine = [reader for reader in self.readers if reader.owner == os.getpid() and reader.may_serve_again()]
        if not mine:
            return None
        self.readers.remove(mine[-1])
        return mine[-1]

    def end(self) -> None:
        """When this process ends, so do its children."""
        for reader in [one for one in self.readers if one.owner == os.getpid()]:
            reader.kill()
        self.readers.clear()


_IDLE = _Idle()
os.register_at_fork(after_in_child=lambda: setattr(_IDLE, "lock", threading.Lock()))
atexit.register(_IDLE.end)
