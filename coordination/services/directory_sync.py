"""The nightly reading of the national directory into the mirror: resumable, page by page, one département at a time.

A full pass reads everything and marks what it did not see; the passes between read what changed since the last one.
Each page is one transaction that also keeps the cursor: a pass that was cut goes on from there. Network calls stay
outside transactions. Accounts, professionals and organisations of perinat are never touched here.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from coordination.models import DirectoryMirror, MirrorPerson, MirrorPlace, MirrorPractice, MirrorStep
from coordination.ports import Directory
from coordination.services import mirror_mailboxes, mirror_pages
from coordination.services.alone import alone
from perinat.standards.health_directory import CursorLostError, DirectoryAnswerError, DirectoryError, DirectoryPage

logger = logging.getLogger(__name__)
FULL_EVERY = timedelta(days=7)
KEPT = timedelta(days=30)  # ANS: copies purge what is older; the API answers no delta beyond
OVERLAP = timedelta(hours=1)  # asked again: clocks differ, and a resource may be published late
RETRY_AFTER = timedelta(hours=1)
NIGHT_HOUR = 2
RUN_SECONDS = 240.0
MAX_PAGES = 20_000
PEOPLE_AT_ONCE = 50
_FULL = (MirrorStep.PLACES, MirrorStep.PEOPLE)
_DELTA = (MirrorStep.PLACES, MirrorStep.PRACTICES, MirrorStep.CHANGED, MirrorStep.PEOPLE)


class OutOfTimeError(Exception):
    """The time given is over; what is done is kept, the next run goes on."""


def due(now: datetime) -> list[str]:
    """The départements not read since the last two in the morning, nor refused within the hour."""
    if not settings.ANNUAIRE_BASE_URL:
        return []
    night = timezone.localtime(now).replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    night -= timedelta(days=1) if night > now else timedelta()
    rows = DirectoryMirror.objects.filter(Q(synced_at__gte=night) | Q(failed_at__gte=now - RETRY_AFTER))
    done = set(rows.values_list("departement", flat=True))
    return [one for one in settings.ANNUAIRE_DEPARTEMENTS if one not in done]


def sync(departement: str, *, full: bool = False, seconds: float | None = None) -> bool:
    """Read one département, or go on with the pass that was cut. True when its mirror is up to date.

    `seconds`: leave after that time (the pass stays under way). False: not finished, or somebody is at it.
    Raises a DirectoryError, which is also kept for the page of the administrator.
    """
    with alone("directory.sync") as first:
        if not first:
            return False
        mirror = _begin(departement, full=full)
        try:
            _Pass(mirror, seconds).run()
        except OutOfTimeError:
            return False
        except DirectoryError as error:
            mirror.failed_at, mirror.failure_fr = timezone.now(), error.message_fr
            mirror.save(update_fields=["failed_at", "failure_fr"])
            logger.warning("directory.failed departement=%s code=%s", departement, error.code)
            raise
        return True


def try_to_sync(departement: str) -> None:
    """For the clock: a few minutes of a pass; its failure is already kept and logged."""
    with contextlib.suppress(DirectoryError):
        sync(departement, seconds=RUN_SECONDS)


def _begin(departement: str, *, full: bool) -> DirectoryMirror:
    now = timezone.now()
    mirror, _ = DirectoryMirror.objects.get_or_create(departement=departement)
    if mirror.started_at is None or (full and not mirror.is_full) or mirror.started_at < now - FULL_EVERY:
        last = mirror.full_at if mirror.synced_at else None
        mirror.is_full = full or last is None or last < now - FULL_EVERY
        mirror.started_at, mirror.step, mirror.cursor = now, MirrorStep.PLACES, ""
        mirror.save()
    return mirror


class _Pass:
    """One run over the steps that are left."""

    def __init__(self, mirror: DirectoryMirror, seconds: float | None) -> None:
        assert mirror.started_at is not None
        self._mirror, self._started = mirror, mirror.started_at
        self._ends = None if seconds is None else time.monotonic() + seconds
        self._directory: Directory = import_string(settings.DIRECTORY)()
        synced = mirror.synced_at
        self._since = None if mirror.is_full or synced is None else synced - OVERLAP

    def run(self) -> None:
        steps = _FULL if self._mirror.is_full else _DELTA
        for step in steps[steps.index(MirrorStep(self._mirror.step)) :]:
            if step != self._mirror.step:
                self._mirror.step, self._mirror.cursor = step, ""
                self._mirror.save(update_fields=["step", "cursor"])
            if step == MirrorStep.PEOPLE:
                self._read_people()
            else:
                self._read_pages(step)
        self._finish()

    def _read_pages(self, step: MirrorStep) -> None:
        try:
            self._follow(self._question(step))
        except CursorLostError:
            self._mirror.cursor = ""  # once more from the first page; a second loss is an error of the pass
            self._follow(self._question(step))

    def _question(self, step: MirrorStep) -> Callable[[str], DirectoryPage]:
        if step == MirrorStep.PLACES:
            return lambda cursor: self._directory.places(self._mirror.departement, since=self._since, cursor=cursor)
        since = self._since or self._started
        if step == MirrorStep.PRACTICES:
            return lambda cursor: self._directory.practices(since=since, cursor=cursor)
        return lambda cursor: self._directory.changed_people(since=since, cursor=cursor)

    def _follow(self, ask: Callable[[str], DirectoryPage]) -> None:
        """From the cursor kept to the last page. Raises DirectoryAnswerError when the pages go round."""
        met: set[str] = set()
        while True:
            self._watch_time()
            page = ask(self._mirror.cursor)
            if page.cursor in met or len(met) >= MAX_PAGES:
                self._mirror.cursor = ""
                self._mirror.save(update_fields=["cursor"])
                raise DirectoryAnswerError("PAGE_LOOP", "Les pages de l’Annuaire Santé se répètent sans fin.")
            met.add(page.cursor)
            self._write(page)
            if not page.cursor:
                return

    @transaction.atomic
    def _write(self, page: DirectoryPage) -> None:
        now = timezone.now()
        mirror_pages.write_places(page.places, departement=self._mirror.departement, now=now)
        mirror_pages.write_practices(page.practices, now=now)
        known = set(MirrorPerson.objects.filter(key__in=[p.key for p in page.people]).values_list("key", flat=True))
        mirror_pages.write_people([one for one in page.people if one.key in known], now=now)
        self._mirror.cursor = page.cursor
        self._mirror.save(update_fields=["cursor"])

    def _read_people(self) -> None:
        """Those who practise here and are not read yet (delta), or not since the start of the pass (full)."""
        unread = Q(seen_at__isnull=True)
        if self._mirror.is_full:
            unread |= Q(seen_at__lt=self._started)
        here = Q(practices__place__departement=self._mirror.departement, practices__gone_at__isnull=True)
        people = MirrorPerson.objects.filter(unread, here).order_by("key").distinct()
        while keys := list(people.values_list("key", flat=True)[:PEOPLE_AT_ONCE]):
            self._watch_time()
            page = self._directory.people(keys)
            with transaction.atomic():
                now = timezone.now()
                mirror_pages.write_people(page.people, now=now)
                absent = set(keys) - {one.key for one in page.people if one.is_active}  # or of another profession
                MirrorPerson.objects.filter(key__in=absent).update(seen_at=now)
                mirror_pages.close(MirrorPerson.objects.filter(key__in=absent), "person", now)

    @transaction.atomic
    def _finish(self) -> None:
        now = timezone.now()
        if self._mirror.is_full:
            here = MirrorPlace.objects.filter(departement=self._mirror.departement)
            mirror_pages.close(here.filter(seen_at__lt=self._started), "place", now)
            practices = MirrorPractice.objects.filter(place__in=here, seen_at__lt=self._started)
            mirror_pages.close(practices, "practice", now)
            self._mirror.full_at = self._started
        for model in (MirrorPractice, MirrorPlace, MirrorPerson):
            model._default_manager.filter(seen_at__lt=now - KEPT).delete()
        mirror_mailboxes.reconcile(now)
        self._mirror.synced_at, self._mirror.started_at = self._started, None
        self._mirror.cursor = self._mirror.failure_fr = ""
        self._mirror.failed_at = None
        self._mirror.save()
        logger.info("directory.synced departement=%s full=%s", self._mirror.departement, self._mirror.is_full)

    def _watch_time(self) -> None:
        if self._ends is not None and time.monotonic() > self._ends:
            raise OutOfTimeError
