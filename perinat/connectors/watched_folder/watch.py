"""One round over one folder: what was begun is ended, then what is ready is taken, one file after the other."""

from __future__ import annotations

import fcntl
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from coordination.ports import Intake
from perinat.connectors.watched_folder import found, job, reading
from perinat.connectors.watched_folder.conf import FolderConfig
from perinat.connectors.watched_folder.found import REFUSED, TAKEN, WORK
from perinat.connectors.watched_folder.job import Job
from perinat.connectors.watched_folder.reading import FileRefusedError

logger = logging.getLogger(__name__)
LOCK, STATE = "lock", "etat.json"
TAKEN_FR = "Pris en compte le {at}. {count}\nLe service le retrouve dans ses papiers à envoyer.\n"
REFUSED_FR = "Refusé le {at}.\nMotif : {why}\nRien n'est perdu : corrigez, puis déposez le fichier de nouveau.\n"
PARTLY_FR = "Document {rank} sur {total} : {why}"
STILL_FR = "{why} (attendu {hours} h, sans suite)"
UNREADABLE = "Un fichier déposé ne peut pas être lu ou déplacé : vérifiez les droits du dossier."
SPOILED = (
    "Un fichier déposé ne peut pas être repris : ce que perinat en avait noté est abîmé. Sortez-le du sous-dossier de "
    "« .perinat » où il est, effacez ce sous-dossier, puis déposez le fichier de nouveau."
)


def look(account: str, folder: Path, config: FolderConfig, intake: Intake) -> Counter[str]:
    """How many files were TAKEN, REFUSED, or wait. Another process on the same folder does nothing."""
    count: Counter[str] = Counter()
    try:
        for name in (WORK, TAKEN, REFUSED):
            (folder / name).mkdir(exist_ok=True)
        with _alone(folder) as first:
            if first:
                problems = _round(account, folder, config, intake, count)
                _note(folder, " ".join(sorted(problems)))
    except OSError as error:
        logger.error("folder.closed account=%s cause=%s", account, error.errno)
        count["closed"] += 1
    return count


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """The kernel gives the lock back when its process dies, however it dies."""
    with (folder / WORK / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _round(account: str, folder: Path, config: FolderConfig, intake: Intake, count: Counter[str]) -> set[str]:
    """The sentences that the administrator must read. Raises OSError: the folder itself."""
    problems: set[str] = set()

    def is_stuck(taking: Callable[[], Job | None]) -> bool:
        """One file, from its claim to its place; whatever is wrong with it, the next ones are taken."""
        try:
            mine = taking()
            outcome = _settle(mine, account, config, intake) if mine else ""
        except (OSError, ValueError) as error:
            logger.error("folder.file_stuck account=%s cause=%s", account, getattr(error, "errno", "spoiled"))
            problems.add(UNREADABLE if isinstance(error, OSError) else SPOILED)
            outcome = "stuck"
        if outcome:
            count[outcome] += 1
            logger.info("folder.file account=%s outcome=%s", account, outcome)
        return outcome == "stuck"

    is_stuck(partial(job.sweep, [folder / name for name in (WORK, TAKEN, REFUSED)]))
    held: set[str] = set()
    for place in job.begun(folder):
        if is_stuck(partial(job.resume, folder, place)):
            held |= job.outside(folder, place)
    for one in found.scan(folder, config):
        if one.names[0] not in held:
            is_stuck(partial(job.claim, folder, one))
    return problems


def _settle(mine: Job, account: str, config: FolderConfig, intake: Intake) -> str:
    verdict = job.verdict_of(mine)
    if verdict is None:
        answer = _answer(mine, account, config, intake)
        if answer is None:
            return "waits"
        taken, text = answer
        verdict = job.decide(mine, taken=taken, text=text)
    job.conclude(mine, verdict)
    return verdict.target


def _answer(mine: Job, account: str, config: FolderConfig, intake: Intake) -> tuple[bool, str] | None:
    """(taken, what is written beside); None: the core says « later », and its time is not over. Raises OSError."""
    try:
        if mine.refusal:
            raise FileRefusedError(mine.refusal)
        data = reading.opened(mine.main, config.max_bytes)
        twin = reading.opened(mine.twin, config.max_bytes) if mine.twin else b""
        documents = reading.pushed(mine.names[0], data, twin, account=account, modified=mine.modified)
    except FileRefusedError as error:
        return False, _refused(error.message_fr)
    refusals = [(rank, refusal) for rank, one in enumerate(documents, start=1) if (refusal := intake(one))]
    if not refusals:
        words = "1 document transmis." if len(documents) == 1 else f"{len(documents)} documents transmis."
        return True, TAKEN_FR.format(at=_now(), count=words)
    over = time.time() - mine.place.stat().st_ctime > config.postponed_hours * 3600
    if any(refusal.again for _, refusal in refusals) and not over:
        return None
    whys = [
        STILL_FR.format(why=refusal.message_fr, hours=f"{config.postponed_hours:g}")
        if refusal.again
        else refusal.message_fr
        for _, refusal in refusals
    ]
    if len(documents) > 1:
        ranks = [rank for rank, _ in refusals]
        whys = [PARTLY_FR.format(rank=r, total=len(documents), why=w) for r, w in zip(ranks, whys, strict=True)]
    return False, _refused(" ".join(whys))


def _refused(why: str) -> str:
    return REFUSED_FR.format(at=_now(), why=why)


def _now() -> str:
    return f"{datetime.now():%d/%m/%Y à %H:%M}"


def _note(folder: Path, problem: str) -> None:
    """Where the administrator's page reads that the folder is alive, and what is wrong (checks)."""
    job.write(folder / WORK / STATE, json.dumps({"at": time.time(), "problem": problem}))
