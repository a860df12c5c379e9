"""Celery tasks: ids in, services called, nothing else. The place of the broad `except`.

The database is the truth: every task may be lost or run twice without harm.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from coordination import audit, channels
from coordination.services import (
    announcements,
    collection,
    consulting,
    deposits,
    directory_sync,
    exits,
    handovers,
    holding,
    ins_alerts,
    ins_calendar,
    ins_questions,
    intake_reports,
    letters,
    mail_answers,
    notices,
    nudges,
    outbox,
    publications,
)
from coordination.services.alone import alone

logger = logging.getLogger(__name__)
T = TypeVar("T")
SWEEP_SECONDS = 20.0


def _guarded(name: str, act: Callable[[], T], *, on_error: Callable[[], None] | None = None) -> T | None:
    """The edge: what nobody foresaw is logged with its traceback, and the worker goes on."""
    try:
        return act()
    except Exception:
        logger.exception("task.unforeseen name=%s", name)
        if on_error is not None:
            on_error()
        return None


def _one_by_one(find: Callable[[], list[UUID]], do: Callable[[UUID], None], *, only_if: bool = True) -> None:
    """Do it for each identifier found, until SWEEP_SECONDS are over: the next tick goes on."""
    ends = time.monotonic() + SWEEP_SECONDS
    for identifier in (_guarded("find", find) or []) if only_if else []:
        do(identifier)
        if time.monotonic() > ends:
            return


@shared_task(name="coordination.deliver")
def deliver(shipment_id: str, *following: str) -> None:
    """One try of one shipment; `following`: those of the same papers, to be rung for once these are checked."""
    identifier, others = UUID(shipment_id), [UUID(one) for one in following]
    _guarded("deliver", lambda: outbox.deliver(identifier, others), on_error=lambda: outbox.unforeseen(identifier))


@shared_task(name="coordination.read_deposit")
def read_deposit(deposit_id: str) -> None:
    """Read one dropped file."""
    _guarded("read_deposit", lambda: deposits.read(UUID(deposit_id)))


@shared_task(name="coordination.sweep_outbox")
def sweep_outbox(*names: str) -> None:
    """Recover lost leases, then send what the doorbell did not ring for: one sweeper, for a bounded time.

    `names`: on these channels only, each swept by its own workers: one that is silent holds no other (ADR 0017).
    """
    _guarded("recover_lost_leases", outbox.recover_lost_leases)
    with alone(".".join(("sweep.outbox", *names))) as first:
        _one_by_one(lambda: outbox.due_ids(names), lambda identifier: deliver(str(identifier)), only_if=first)


@shared_task(name="coordination.sweep_deposits")
def sweep_deposits() -> None:
    """Read the files that nobody rang for."""
    with alone("sweep.deposits") as first:
        _one_by_one(deposits.unread_ids, lambda identifier: read_deposit(str(identifier)), only_if=first)


@shared_task(name="coordination.ask_record")
def ask_record(query_id: str) -> None:
    """Put one question to the shared record."""
    identifier = UUID(query_id)
    _guarded("ask_record", lambda: consulting.run(identifier), on_error=lambda: consulting.unforeseen(identifier))


@shared_task(name="coordination.sweep_records")
def sweep_records() -> None:
    """Put the questions that nobody rang for; erase the answers whose time is over."""
    with alone("sweep.records") as first:
        _one_by_one(consulting.waiting_ids, lambda identifier: ask_record(str(identifier)), only_if=first)
        if first:
            _guarded("tidy_records", consulting.tidy)


@shared_task(name="coordination.collect_receipts")
def collect_receipts() -> None:
    """Fetch what arrived on every channel, on workers that do nothing else: a silent mailbox holds no sending."""
    for name in channels.names():
        _guarded("collect", lambda name=name: collection.collect(name))  # type: ignore[misc]


@shared_task(name="coordination.answer_mails")
def answer_mails() -> None:
    """Tell who asked for it what became of a mail received."""
    with alone("answers") as first:
        _one_by_one(mail_answers.due_ids, _answer, only_if=first)


def _answer(mail_id: UUID) -> None:
    _guarded("answer", lambda: mail_answers.send(mail_id))


@shared_task(name="coordination.send_notices")
def send_notices() -> None:
    """Send the content-free notices."""
    with alone("notices") as first:
        if first:
            _guarded("notices", notices.send_pending)


@shared_task(name="coordination.tell_reports")
def tell_reports() -> None:
    """Tell the hospital's software what became of the papers that it pushed."""
    with alone("reports") as first:
        _one_by_one(intake_reports.due_ids, _report, only_if=first)


def _report(report_id: UUID) -> None:
    _guarded("report", lambda: intake_reports.send(report_id))


@shared_task(name="coordination.release_held")
def release_held() -> None:
    """Send what waited for an INS, an address or the mother's information."""
    with alone("release") as first:
        _one_by_one(holding.held_ids, _release, only_if=first)


def _release(shipment_id: UUID) -> None:
    _guarded("release", lambda: holding.release(shipment_id), on_error=lambda: holding.unforeseen(shipment_id))


@shared_task(name="coordination.ask_identities")
def ask_identities() -> None:
    """Ask INSi about those whose papers wait for an INS, on the days of the calendar."""
    now = timezone.now()
    with alone("identities") as first:
        if not first:
            return
        _guarded("plan_questions", lambda: ins_calendar.plan(now))
        _one_by_one(lambda: ins_questions.due_ids(now), _ask_identity)
        _guarded("watch_identities", lambda: ins_alerts.watch(now))


def _ask_identity(question_id: UUID) -> None:
    _guarded(
        "ask_identity",
        lambda: ins_questions.answer(question_id, timezone.now()),
        on_error=lambda: ins_questions.unforeseen(question_id, timezone.now()),
    )


@shared_task(name="coordination.watch_deadlines")
def watch_deadlines() -> None:
    """Timers become lines on worklists; unanswered requests expire."""
    now = timezone.now()
    _guarded("exits", lambda: exits.watch(now))
    _guarded("letters", lambda: letters.escalate(now))
    _guarded("announcements", announcements.watch)
    _guarded("nudges", lambda: nudges.watch(now))
    _guarded("offers", lambda: handovers.expire_offers(now))
    _guarded("handovers", lambda: handovers.watch(now))


@shared_task(name="coordination.publish_indicators")
def publish_indicators() -> None:
    """Write down, once, the figures of the months that have just closed."""
    with alone("indicators") as first:
        if first:
            _guarded("publish_indicators", lambda: publications.publish_closed_months(timezone.now()))


@shared_task(name="coordination.sync_directory")
def sync_directory() -> None:
    """Read the national directory once a night, a few minutes at a time until it is done."""
    for departement in directory_sync.due(timezone.now()):
        _guarded("sync_directory", lambda d=departement: directory_sync.try_to_sync(d))  # type: ignore[misc]


@shared_task(name="coordination.seal_audit")
def seal_audit() -> None:
    """Chain and seal the days before today."""
    _guarded("seal_audit", lambda: audit.seal_until(timezone.localdate() - timedelta(days=1)))
