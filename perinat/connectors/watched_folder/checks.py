"""System checks of the connector, tag « channels »: what the administrator reads on « État du service »."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register

from perinat.connectors.watched_folder import conf, found
from perinat.connectors.watched_folder.conf import FolderConfig
from perinat.connectors.watched_folder.found import WORK
from perinat.connectors.watched_folder.watch import STATE

SILENT = "folder.W002"
SILENT_AFTER = 300.0  # seconds without a round
OLD_AFTER = 3600.0  # seconds that something has waited
START = "Lancez `manage.py watch_folder`."


def register_all() -> None:
    """Called once, when the app is ready."""
    register("channels")(check_connector)


def check_connector(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    config = conf.load()
    return [*problems(config), *states(config)] if config.folders else []


def problems(config: FolderConfig) -> Iterable[CheckMessage]:
    """What forbids to watch."""
    if config.ready not in conf.READY:
        yield Error(f"FOLDER_READY vaut {', '.join(conf.READY)}.", id="folder.E001")
    places = [os.path.realpath(folder) for folder in config.folders.values()]
    if any(one != other and Path(one).is_relative_to(other) for one in places for other in places) or len(
        set(places)
    ) < len(places):
        yield Error("FOLDER_ACCOUNTS : chaque compte a son dossier, hors de celui d'un autre.", id="folder.E002")
    for account, folder in config.folders.items():
        if not conf.is_account(account):
            yield Error("FOLDER_ACCOUNTS s'écrit compte=dossier.", id="folder.E003")
        if not folder.is_dir():
            yield Error("Le dossier surveillé n'existe pas.", obj=account, id="folder.E004")
        elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            yield Error("Le dossier surveillé ne peut pas être lu ou écrit : vérifiez ses droits.", obj=account,
                        id="folder.E005")  # fmt: skip


def states(config: FolderConfig) -> Iterable[CheckMessage]:
    """What the last rounds left: nobody watches, a file that cannot be moved, something that waits for long."""
    for account, folder in config.folders.items():
        try:
            yield from _state(account, folder)
        except OSError:
            yield Warning("L'état du dossier surveillé ne peut pas être lu.", obj=account, id="folder.W001")


def _state(account: str, folder: Path) -> Iterable[CheckMessage]:
    now = time.time()
    state = _last_round(folder)
    if now - state["at"] > SILENT_AFTER:
        yield Warning(f"Le dossier surveillé n'est plus lu. {START}", obj=account, id=SILENT)
    if state["problem"]:
        yield Warning(str(state["problem"]), obj=account, id="folder.W003")
    if found.subfolders(folder):
        yield Warning("Le dossier surveillé contient un sous-dossier : perinat ne le lit pas.", obj=account,
                      id="folder.W004")  # fmt: skip
    waiting = [entry.stat(follow_symlinks=False).st_ctime for entry in os.scandir(folder) if entry.is_file()]
    waiting += [one.stat().st_ctime for one in (folder / WORK).glob("*/.claim")]
    old = sum(now - at > OLD_AFTER for at in waiting)
    if old:
        yield Warning(f"{old} fichier(s) déposé(s) attendent depuis plus d'une heure.", obj=account, id="folder.W005")


def _last_round(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / WORK / STATE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):  # none yet, or spoiled: the next round writes it again
        return {"at": 0.0, "problem": ""}
