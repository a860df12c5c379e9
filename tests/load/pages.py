"""P6 and P7: « Reçus pour moi » and a document's file, beside the same pages without rights, audit or shell."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from coordination.models import Document, User
from coordination.services import documents
from perinat.sessions import SessionStore
from scripts.ports import free_ports
from scripts.processes import Child, start, stop
from tests.load import client, machine, world
from tests.load.goals import Rounds

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS, WARM_SECONDS = 2.0, 1.0
READY_SECONDS = 40.0
SERVER = ["-k", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "warning"]


@dataclass
class Measured:
    """Of each round, on both sides: requests per second, 99th percentile and CPU of one request.

    CPU is by family of processes, in milliseconds: server, PostgreSQL, load generator.
    """

    product: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    floor_p99: list[float] = field(default_factory=list)
    cpu: list[dict[str, float]] = field(default_factory=list)
    floor_cpu: list[dict[str, float]] = field(default_factory=list)

    @property
    def rounds(self) -> Rounds:
        return Rounds(self.product, self.floor)


@dataclass(frozen=True, slots=True)
class Page:
    """One page on one server, and what its answer must be."""

    port: int
    path: str
    check: client.Check
    headers: dict[str, str]

    def load(self, seconds: float) -> client.Load:
        return client.load(self.port, self.path, seconds=seconds, check=self.check, headers=self.headers)


def measure(logs: Path, *, rounds: int) -> tuple[Measured, Measured]:
    """(list, open), alternating floor and product."""
    papers = _papers()
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={_session()}"}
    mine, plain = free_ports(2)
    with (
        _gunicorn("web", "perinat.wsgi", mine, "/etat", logs) as web,
        _gunicorn(
            "floor", "tests.load.floor_site.wsgi", plain, "/list", logs, "tests.load.floor_site.settings"
        ) as bare,
    ):
        meters = (
            machine.Meter({"web": [web.popen.pid]}),
            machine.Meter({"web": [bare.popen.pid]}),
        )
        opened = papers[0]
        blob = opened.current_version.readable_id
        listing = _alternate(
            Page(mine, "/recus/", _is_list, cookie), Page(plain, "/list", _is_list, {}), meters, rounds
        )
        opening = _alternate(
            Page(mine, f"/documents/{opened.pk}/fichier", _is_file, cookie),
            Page(plain, f"/open/{blob}", _is_file, {}),
            meters,
            rounds,
        )
    return listing, opening


def _alternate(product: Page, floor: Page, meters: tuple[machine.Meter, machine.Meter], rounds: int) -> Measured:
    measured, (mine_meter, floor_meter) = Measured(), meters
    for page in (floor, product):
        page.load(WARM_SECONDS)
    for _ in range(rounds):
        plain, spent = _metered(floor, floor_meter)
        measured.floor.append(plain.rate)
        measured.floor_cpu.append(spent)
        measured.floor_p99.append(plain.p99_ms)
        mine, spent = _metered(product, mine_meter)
        measured.product.append(mine.rate)
        measured.cpu.append(spent)
        measured.p99.append(mine.p99_ms)
    return measured


def _metered(page: Page, meter: machine.Meter) -> tuple[client.Load, dict[str, float]]:
    before = meter.read()
    done = page.load(SECONDS)
    return done, machine.per_document(before, meter.read(), done.count)


def _is_list(status: int, body: bytes) -> bool:
    return status == 200 and body.count(b'href="/documents/') == world.LISTED


def _is_file(status: int, body: bytes) -> bool:
    return status == 200 and len(body) == world.PDF_BYTES and body.startswith(b"%PDF-")


def _papers() -> list[Document]:
    """The twenty papers of the list, validated; their shipments wait for nobody here."""
    place = world.listed()
    papers = place.drafts(world.LISTED, world.pdf())
    for paper in papers:
        documents.freeze_and_seal(paper, by=place.account)
    return papers


def _session() -> str:
    """The key of a session of the reader, as her sign-in makes it."""
    user = User.objects.get(username=world.READER_ACCOUNT)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "coordination.backends.AccountBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key
    return session.session_key


@contextlib.contextmanager
def _gunicorn(
    name: str, application: str, port: int, ready: str, logs: Path, module: str = "perinat.settings.dev"
) -> Iterator[Child]:
    env = os.environ | {"DJANGO_SETTINGS_MODULE": module, "LOG_LEVEL": "INFO"}
    argv = [sys.executable, "-m", "gunicorn", application, "--bind", f"{client.HOST}:{port}", *SERVER]
    child = start(name, argv, log=logs / f"{name}.log", env=env, cwd=ROOT)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(port, ready):
            if not child.running() or time.monotonic() > deadline:
                raise client.BadAnswerError(f"{name} did not start\n{child.tail()}")
            time.sleep(0.1)
        yield child
    finally:
        stop([child])


def _answers(port: int, path: str) -> bool:
    try:
        return client.ask(port, path, {})[0] == 200
    except OSError:
        return False
