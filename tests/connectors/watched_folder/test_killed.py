"""Killed between any two steps, then started again: one paper, every file in its place, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live
from django.db import connection, transaction

from coordination.models import Deposit, IntakeMessage
from coordination.services import intake
from perinat.connectors.watched_folder.conf import FolderConfig
from perinat.connectors.watched_folder.found import WORK
from perinat.connectors.watched_folder.watch import look
from perinat.standards.pushed import IntakeRefusal, Pushed
from tests.connectors.watched_folder.files import cda, names, one_round
from tests.coordination import world
from tests.journeys.arena import ROOT, database_url, until

STEPS = ((os, "rename"), (os, "fsync"), (Path, "mkdir"), (Path, "unlink"), (Path, "rmdir"))


class KilledError(BaseException):
    """Nothing of the product catches it, as nothing catches kill -9."""


@contextmanager
def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Pushed], IntakeRefusal | None]]:
    """Dies after this step: every change of the disk is one, and so is the intake, before it and after."""
    left = [step]

    def count() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KilledError

    def counted(act: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            count()
            return act(*args, **kwargs)

        return run

    def taken(message: Pushed) -> IntakeRefusal | None:
        count()
        answer = intake.receive(message)
        count()
        return answer

    with monkeypatch.context() as dying:
        for owner, name in STEPS:
            dying.setattr(owner, name, counted(getattr(owner, name)))
        yield taken


@pytest.mark.django_db
def test_killed_after_each_step(
    ward: world.Ward, tmp_path: Path, config: FolderConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.stay(ward)
    ended, step = False, 0
    while not ended:
        folder = tmp_path / f"entree-{step}"
        folder.mkdir()
        (folder / "a.xml").write_bytes(cda(pdf=b"", unique_id=f"2.25.{600 + step}"))
        (folder / "a.pdf").write_bytes(world.pdf_a() + b"\n" * step)
        (folder / "b.docx").write_bytes(b"x")
        with killed_at(step, monkeypatch) as taken:
            try:
                look("secretaire", folder, config, taken)
                ended = True
            except KilledError:
                pass
        one_round(folder, config)
        assert names(folder / "traites") == {"a.xml", "a.pdf", "a.xml.txt"}, step
        assert names(folder / "refuses") == {"b.docx", "b.docx.txt"}, step
        assert names(folder) == set() and {one.name for one in (folder / WORK).iterdir()} == {"lock", "etat.json"}, step
        step += 1
        assert Deposit.objects.count() == step and IntakeMessage.objects.filter(outcome="TAKEN").count() == step
    assert step > 20


@pytest.fixture
def own_process(ward: world.Ward, folder: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """`manage.py watch_folder` on the test database."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "perinat.settings.dev",
        "DATABASE_URL": database_url(),
        "BLOB_DIR": str(live.BLOB_DIR),
        "BLOB_KEYS_DIR": str(live.BLOB_KEYS_DIR),
        "FOLDER_ACCOUNTS": f"secretaire={folder}",
        "FOLDER_READY": "rename",
        "FOLDER_SECONDS": "0.2",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "watch_folder"]
        started.append(subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.django_db(transaction=True)
def test_kill_9_in_the_middle_of_the_intake(
    ward: world.Ward, folder: Path, own_process: Callable[[], subprocess.Popen[bytes]]
) -> None:
    world.stay(ward)
    (folder / "a.xml").write_bytes(cda())
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE coordination_intakemessage IN ACCESS EXCLUSIVE MODE")
        first = own_process()
        until("the file is claimed", lambda: any(folder.glob(f"{WORK}/*/a.xml")))
        first.send_signal(signal.SIGKILL)
        assert first.wait(60) == -signal.SIGKILL
    assert not Deposit.objects.exists()
    second = own_process()
    until("the file is in its place", lambda: (folder / "traites" / "a.xml").exists())
    second.send_signal(signal.SIGTERM)
    said, _ = second.communicate(timeout=60)
    assert b"pris en compte : 1" in said and Deposit.objects.count() == 1


@pytest.mark.django_db
def test_two_processes_never_share_a_folder(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    world.stay(ward)
    (folder / "a.xml").write_bytes(cda())

    def meanwhile(message: Pushed) -> IntakeRefusal | None:
        assert one_round(folder, config) == {}, "the other one does nothing"
        return intake.receive(message)

    assert dict(look("secretaire", folder, config, meanwhile)) == {"traites": 1}
