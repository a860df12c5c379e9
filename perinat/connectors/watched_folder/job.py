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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from perinat.connectors.watched_folder.found import OK_SUFFIX, REFUSED, TAKEN, WORK, Found

CLAIM, VERDICT = ".claim", ".verdict"
TEXT = ".txt"


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
        return self.place / self.names[1] if len(self.names) > 1 else None


def claim(folder: Path, found: Found) -> Job:
    """Raises OSError: the files stay, or the next round finishes."""
    place = folder / WORK / uuid.uuid4().hex
    place.mkdir()
    told = {"names": found.names, "modified": found.modified, "refusal": found.refusal}
    write(place / CLAIM, json.dumps(told))
    job = Job(folder, place, found.names, found.modified, found.refusal)
    _gather(job)
    return job


def begun(folder: Path) -> Iterator[Job]:
    """The jobs that an earlier round did not end, oldest first, made whole again. Raises OSError."""
    places = [one for one in (folder / WORK).iterdir() if one.is_dir()]
    for place in sorted(places, key=lambda one: (one.stat().st_mtime, one.name)):
        claimed = place / CLAIM
        if not claimed.exists():
            _remove(place)  # died before it took anything, or after it had ended
            continue
        told = json.loads(claimed.read_text(encoding="utf-8"))
        job = Job(folder, place, tuple(told["names"]), told["modified"], told["refusal"])
        if verdict_of(job) is None and not _gather(job):
            continue
        yield job


def _gather(job: Job) -> bool:
    """Bring in what is still outside, the document last; False when somebody took it away meanwhile."""
    for name in job.names:
        (job.folder / f"{name}{OK_SUFFIX}").unlink(missing_ok=True)
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
    try:
        told = json.loads((job.place / VERDICT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
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
    """The name, or « name (2).xml »: what was dropped before under the same name stays."""
    stem, suffix = os.path.splitext(name)
    kept, number = name, 1
    while os.path.lexists(folder / kept) or os.path.lexists(folder / f"{kept}{TEXT}"):
        number += 1
        kept = f"{stem} ({number}){suffix}"
    return kept


def write(path: Path, text: str) -> None:
    """Whole or not at all."""
    written = path.with_name(f".{uuid.uuid4().hex}.tmp")
    with written.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(written, path)


def sweep(places: Iterable[Path]) -> None:
    """What a dead process was writing."""
    for place in places:
        for left in place.glob(".*.tmp"):
            left.unlink()


def _remove(place: Path) -> None:
    """A job that holds no file any more."""
    sweep([place])
    if (place / VERDICT).exists():
        (place / VERDICT).unlink()
    place.rmdir()
