"""What the administrator reads of the watched folders: who watches, what cannot be moved, what waits."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from coordination.selectors import service_state
from perinat.connectors.watched_folder.checks import problems, states
from perinat.connectors.watched_folder.conf import FolderConfig
from perinat.connectors.watched_folder.found import WORK
from perinat.connectors.watched_folder.watch import SPOILED, UNREADABLE
from tests.connectors.watched_folder.files import one_round
from tests.coordination import world

pytestmark = pytest.mark.django_db


def ids(found: object) -> list[str]:
    return [str(one.id) for one in found]  # type: ignore[attr-defined]


def test_a_folder_that_is_well_says_nothing(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    assert ids(states(config)) == ["folder.W002"], "nobody watches it yet"
    one_round(folder, config)
    assert ids(states(config)) == [] and ids(problems(config)) == []


def test_the_health_of_the_process(ward: world.Ward, folder: Path, config: FolderConfig, settings: object) -> None:
    settings.FOLDER_ACCOUNTS = {"secretaire": str(folder)}  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="ne sont plus lus"):
        call_command("watch_folder", "--alive")
    call_command("watch_folder", "--once")
    call_command("watch_folder", "--alive")


def test_what_cannot_be_moved_is_told_and_does_not_stop_the_others(
    ward: world.Ward, folder: Path, config: FolderConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.pdf", "b.pdf"):
        (folder / name).write_bytes(world.pdf_a() + name.encode())
    rename = os.rename

    def denied(source: object, target: object) -> None:
        if Path(str(source)).name == "a.pdf":
            raise PermissionError(13, "denied")
        rename(source, target)  # type: ignore[arg-type]

    with monkeypatch.context() as rights:
        rights.setattr(os, "rename", denied)
        assert one_round(folder, config) == {"stuck": 1, "traites": 1}
        (folder / "c.pdf").write_bytes(world.pdf_a() + b"c")
        assert one_round(folder, config) == {"stuck": 1, "traites": 1}, "the others are taken in every round"
        assert len(list((folder / WORK).glob("*/.claim"))) == 1, "it is claimed once"
        (warning,) = states(config)
        assert warning.id == "folder.W003" and warning.msg == UNREADABLE
    assert one_round(folder, config) == {"traites": 1} and ids(states(config)) == []


@pytest.mark.parametrize(
    "spoiled",
    [
        {"x/.claim": "{"},
        {"x/.claim": "[]"},
        {"x/.claim": '{"names": ["../a.pdf"], "modified": 1.0, "refusal": ""}'},
        {"x/stray.pdf": "%PDF"},
        {"x/.claim": '{"names": ["a.pdf"], "modified": 1.0, "refusal": ""}', "x/.verdict": "{}", "x/a.pdf": "%PDF"},
    ],
)
def test_what_is_spoiled_among_our_own_files_is_told_and_does_not_stop_the_others(
    ward: world.Ward, folder: Path, config: FolderConfig, spoiled: dict[str, str]
) -> None:
    one_round(folder, config)
    (folder / WORK / "x").mkdir()
    for name, content in spoiled.items():
        (folder / WORK / name).write_text(content)
    for name in ("a.pdf", "b.pdf"):
        (folder / name).write_bytes(world.pdf_a() + name.encode())
        assert one_round(folder, config) == {"stuck": 1, "traites": 1}
        (warning,) = states(config)
        assert warning.id == "folder.W003" and warning.msg == SPOILED
    assert all((folder / WORK / name).exists() for name in spoiled), "what is not understood is kept"
    for name in spoiled:
        (folder / WORK / name).unlink()
    assert one_round(folder, config) == {} and ids(states(config)) == []


def test_temporary_names_of_others_are_left_alone(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    one_round(folder, config)
    (folder / "traites" / ".x.tmp").mkdir()
    (folder / "traites" / f".{'0' * 32}.tmp").mkdir()
    (folder / "refuses" / ".y.tmp").touch()
    dead = folder / "refuses" / f".{'1' * 32}.tmp"
    dead.touch()
    assert one_round(folder, config) == {} and ids(states(config)) == []
    assert (folder / "traites" / ".x.tmp").exists() and (folder / "refuses" / ".y.tmp").exists() and not dead.exists()


def test_what_waits_or_is_not_read_is_told(
    ward: world.Ward, folder: Path, config: FolderConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_round(folder, config)
    (folder / "a.pdf.part").write_bytes(b"x")
    (folder / "autre").mkdir()
    later = time.time() + 4000
    monkeypatch.setattr(time, "time", lambda: later)
    assert ids(states(config)) == ["folder.W002", "folder.W004", "folder.W005"]


def test_what_forbids_to_watch(folder: Path, config: FolderConfig, tmp_path: Path, settings: object) -> None:
    inside = folder / "dedans"
    inside.mkdir()
    for wrong, expected in (
        ({"ready": "vite"}, ["folder.E001"]),
        ({"folders": {"a": folder, "b": inside}}, ["folder.E002"]),
        ({"folders": {"a": folder, "b": folder}}, ["folder.E002"]),
        ({"folders": {"a b": folder}}, ["folder.E003"]),
        ({"folders": {"a": tmp_path / "absent"}}, ["folder.E004"]),
    ):
        assert ids(problems(replace(config, **wrong))) == expected  # type: ignore[arg-type]
    settings.FOLDER_ACCOUNTS = {}  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="FOLDER_ACCOUNTS"):
        call_command("watch_folder", "--once")
    settings.FOLDER_ACCOUNTS = {"secretaire": str(tmp_path / "absent")}  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="n'existe pas"):
        call_command("watch_folder", "--once")
    assert "folder.E004" in [one.code for one in service_state.findings()]
