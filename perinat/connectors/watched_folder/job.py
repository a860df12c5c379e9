"""One dropped file, from the folder to `traites/` or `refuses/`: killed anywhere, nothing is lost nor doubled.

    claim     a directory of `.perinat/`, what it will hold written in it first, then the files renamed into it
    verdict   after the intake has committed: where each file goes, written at once by a rename
    conclude  the text beside, the files, then the directory; each step may have been done already

The intake gives the same answer to the same bytes: what was not concluded is simply asked again.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perinat.connectors.watched_folder.found import OK_SUFFIX, REFUSED, TAKEN, WORK, Found

CLAIM, VERDICT = ".claim", ".verdict"
TEXT = ".txt"
LONGEST = 255  # bytes of a name, on the disks of today
LONGEST_SUFFIX = 20
WRITTEN = f".{'[0-9a-f]' * 32}.tmp"  # ours alone: the hospital may have others


@dataclass(frozen=True, slots=True)
class Verdict:
    """`names`: each file → its name in `target`, chosen where nothing stands yet."""

    target: str
    names: dict[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Job:
    folder: Path
    place: Path
    names: tuple[str, ...]
    modified: float
    refusal: str

    @property
    def main(self) -> Path:
        return self.place / self.names[0]

    @property
    def twin(self) -> Path | None:
        """None too when somebody took it away, or another document of the same name took it, before the claim."""
        beside = self.place / self.names[1] if len(self.names) > 1 else None
        return beside if beside is not None and os.path.lexists(beside) else None


def claim(folder: Path, found: Found) -> Job | None:
    """None: somebody took it away meanwhile. Raises OSError: the files stay, or the next round finishes."""
    place = folder / WORK / uuid.uuid4().hex
    place.mkdir()
    told = {"names": found.names, "modified": found.modified, "refusal": found.refusal}
    write(place / CLAIM, json.dumps(told))
    job = Job(folder, place, found.names, found.modified, found.refusal)
    return job if _gather(job) else None


def begun(folder: Path) -> list[Path]:
    """Where an earlier round did not end, oldest first. Raises OSError: the folder itself."""
    places = [one for one in (folder / WORK).iterdir() if one.is_dir()]
    return sorted(places, key=lambda one: (one.stat().st_mtime, one.name))


def resume(folder: Path, place: Path) -> Job | None:
    """The job of this place, made whole again; None: nothing is left to do. Raises OSError, ValueError (spoiled)."""
    job = _load(folder, place)
    if job is None:
        _remove(place)  # died before it took anything, or after it had ended
        return None
    return job if verdict_of(job) is not None or _gather(job) else None


def outside(folder: Path, place: Path) -> set[str]:
    """Files that this place has claimed and does not hold: nobody else takes them; none when its list is spoiled."""
    try:
        job = _load(folder, place)
    except (OSError, ValueError):
        return set()
    return {name for name in job.names if not os.path.lexists(place / name)} if job else set()


def _load(folder: Path, place: Path) -> Job | None:
    told = _told(place / CLAIM, names=list, modified=float, refusal=str)
    if told is None:
        return None
    names = tuple(str(name) for name in told["names"])
    if not names or any(os.path.basename(name) != name for name in names):
        raise ValueError(CLAIM)
    return Job(folder, place, names, told["modified"], told["refusal"])


def _told(path: Path, **kinds: type) -> dict[str, Any] | None:
    """What was written there, None when nothing was. Raises ValueError: it does not hold what it should."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if not isinstance(told, dict) or not all(isinstance(told.get(name), kind) for name, kind in kinds.items()):
        raise ValueError(path.name)
    return told


def _gather(job: Job) -> bool:
    """Bring in what is still outside, the document last; False when somebody took it away meanwhile."""
    for name in job.names:
        mark = job.folder / f"{name}{OK_SUFFIX}"
        if os.path.lexists(mark):  # never for a name too long to have one
            mark.unlink(missing_ok=True)
    for name in reversed(job.names):
        if not os.path.lexists(job.place / name) and os.path.lexists(job.folder / name):
            os.rename(job.folder / name, job.place / name)
    if os.path.lexists(job.main):
        return True
    for name in job.names[1:]:
        if os.path.lexists(job.place / name):
            os.rename(job.place / name, job.folder / name)
    (job.place / CLAIM).unlink()
    _remove(job.place)
    return False


def verdict_of(job: Job) -> Verdict | None:
    told = _told(job.place / VERDICT, target=str, names=dict, text=str)
    if told is None:
        return None
    if told["target"] not in (TAKEN, REFUSED) or set(told["names"]) != set(job.names):
        raise ValueError(VERDICT)
    return Verdict(told["target"], told["names"], told["text"])


def decide(job: Job, *, taken: bool, text: str) -> Verdict:
    """Write where everything goes. Nothing has left the job yet."""
    target = TAKEN if taken else REFUSED
    names = {name: free_name(job.folder / target, name) for name in job.names}
    verdict = Verdict(target, names, text)
    write(job.place / VERDICT, json.dumps({"target": target, "names": names, "text": text}))
    return verdict


def conclude(job: Job, verdict: Verdict) -> None:
    """Raises OSError: the next round goes on."""
    target = job.folder / verdict.target
    write(target / f"{verdict.names[job.names[0]]}{TEXT}", verdict.text)
    for name, kept in verdict.names.items():
        if os.path.lexists(job.place / name):
            os.rename(job.place / name, target / kept)
    (job.place / CLAIM).unlink(missing_ok=True)
    (job.place / VERDICT).unlink(missing_ok=True)
    _remove(job.place)


def free_name(folder: Path, name: str) -> str:
    """The name, or « name (2).xml »: what was dropped before under the same name stays.

    Cut when it, its number and what is written beside would be too long for the disk.
    """
    stem, suffix = os.path.splitext(name)
    if len(os.fsencode(suffix)) > LONGEST_SUFFIX:
        stem, suffix = name, ""
    kept, number = _cut(stem, suffix), 1
    while os.path.lexists(folder / kept) or os.path.lexists(folder / f"{kept}{TEXT}"):
        number += 1
        kept = _cut(stem, f" ({number}){suffix}")
    return kept


def _cut(stem: str, end: str) -> str:
    while len(os.fsencode(f"{stem}{end}{TEXT}")) > LONGEST:
        stem = stem[:-1]
    return f"{stem}{end}"


def write(path: Path, text: str) -> None:
    """Whole or not at all."""
    written = path.with_name(f".{uuid.uuid4().hex}.tmp")
    with written.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(written, path)


def sweep(places: Iterable[Path]) -> None:
    """What a dead process was writing. Raises OSError."""
    for place in places:
        for left in place.glob(WRITTEN):
            if not left.is_dir():
                left.unlink()


def _remove(place: Path) -> None:
    """A job that holds no file any more. Raises ValueError: it holds one that is not its own, which is kept."""
    sweep([place])
    if (place / VERDICT).exists():
        (place / VERDICT).unlink()
    if any(place.iterdir()):
        raise ValueError(place.name)
    place.rmdir()
