"""The facts behind the indicators, counted by one grouped statement. Raw counts: never shown as they are.

Only what perinat recorded counts (events of relays, attempts of shipments, readings, stays); never a
content of a document. Only closed months are counted, and only facts recorded before the month was
closed. A stay corrected later would still give other counts: each month is counted once for all, when it
is published (services.publications).

Definitions: product reference §9; deadlines of the first visit: HAS 2014 (coordination.deadlines).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connection

from coordination import deadlines
from coordination.models.stays import EARLY_DISCHARGE_BEFORE
from perinat.standards import codes

CLOSED_AFTER = deadlines.NOT_SEEN_ACT.delay  # a discharge of the last day still has its seven days

# Lateness of a month is judged at its own closing; `letter.at` is the first acceptance that was not
# followed by a bounce; a relay is that of the mother.
COUNTS = """
WITH stay AS (
    SELECT s.id, s.maternity_id, s.mother_id, s.discharged_at, s.recorded_at,
           date_trunc('month', s.discharged_at AT TIME ZONE %(zone)s) AS month,
           (date_trunc('day', s.discharged_at AT TIME ZONE %(zone)s) + interval '1 day')
               AT TIME ZONE %(zone)s AS day_end,
           (date_trunc('month', s.discharged_at AT TIME ZONE %(zone)s) + interval '1 month' + %(closed_after)s)
               AT TIME ZONE %(zone)s AS closes_at,
           s.discharged_at + CASE
               WHEN s.discharged_at - s.birth_at >= CASE s.birth_mode
                   WHEN 'VAGINAL' THEN %(VAGINAL)s
                   WHEN 'INSTRUMENTAL' THEN %(INSTRUMENTAL)s
                   WHEN 'CAESAREAN' THEN %(CAESAREAN)s
               END THEN %(standard)s
               ELSE %(early)s  -- an unknown category counts as early, the safer one
           END AS visit_by
    FROM coordination_stay s
    WHERE s.discharged_at < %(until)s AND s.discharged_at >= COALESCE(%(since)s::timestamptz, '-infinity')
), paper AS (
    SELECT stay.id AS stay_id, stay.closes_at, v.id AS version_id
    FROM stay
    JOIN coordination_document d ON d.stay_id = stay.id AND d.person_id = stay.mother_id AND d.type_code = %(letter)s
    JOIN coordination_documentversion v ON v.document_id = d.id
    WHERE NOT EXISTS (
        SELECT 1 FROM coordination_event e
        WHERE e.subject = 'document' AND e.subject_id = d.id AND e.target = 'WITHDRAWN' AND e.at < stay.closes_at)
), letter AS (
    SELECT paper.stay_id, min(a.ended_at) AS at
    FROM paper
    JOIN coordination_shipment_versions sv ON sv.documentversion_id = paper.version_id
    JOIN coordination_shipment sh ON sh.id = sv.shipment_id AND sh.action <> 'WITHDRAW' AND NOT sh.to_patient
    JOIN coordination_shipmentattempt a ON a.shipment_id = sh.id
        AND a.outcome IN ('ACCEPTED', 'FOUND') AND a.ended_at < paper.closes_at
    WHERE NOT EXISTS (
        SELECT 1 FROM coordination_event e
        WHERE e.subject = 'shipment' AND e.subject_id = sh.id AND e.source IN ('ACCEPTED', 'DELIVERED')
          AND e.target = 'REJECTED' AND e.at >= a.ended_at AND e.at < paper.closes_at)
    GROUP BY paper.stay_id
), relay AS (
    SELECT h.stay_id, h.midwife_id, h.seen_at,
           bool_or(e.source = '' AND e.target = 'TO_PLACE') AS unplaced,
           (array_agg(e.target ORDER BY e.at DESC) FILTER (WHERE e.at <= stay.discharged_at))[1]
               IN ('ACCEPTED', 'SCHEDULED', 'MISSED', 'SEEN') AS placed,
           bool_or(e.target = 'SEEN') AS seen
    FROM stay
    JOIN coordination_handover h ON h.stay_id = stay.id AND h.person_id = stay.mother_id
    JOIN coordination_event e ON e.subject = 'handover' AND e.subject_id = h.id AND e.at < stay.closes_at
    GROUP BY h.id
), opened AS (
    SELECT DISTINCT paper.stay_id
    FROM paper
    JOIN relay ON relay.stay_id = paper.stay_id
    JOIN coordination_reading r ON r.version_id = paper.version_id AND r.professional_id = relay.midwife_id
        AND r.at <= relay.seen_at AND r.at < paper.closes_at
)
SELECT stay.month::date, stay.maternity_id,
       count(*),
       count(*) FILTER (WHERE letter.at < stay.day_end),
       count(letter.at),
       count(*) FILTER (WHERE relay.unplaced),
       count(*) FILTER (WHERE relay.unplaced AND relay.placed),
       count(*) FILTER (WHERE relay.seen),
       count(*) FILTER (WHERE relay.seen AND relay.seen_at <= stay.visit_by),
       count(*) FILTER (WHERE relay.seen AND opened.stay_id IS NOT NULL)
FROM stay
LEFT JOIN letter ON letter.stay_id = stay.id
LEFT JOIN relay ON relay.stay_id = stay.id
LEFT JOIN opened ON opened.stay_id = stay.id
WHERE stay.recorded_at < stay.closes_at
GROUP BY stay.month, stay.maternity_id
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """Mothers of one maternity discharged in one month. `same_day` ⊂ `accepted`; `in_time`, `read` ⊂ `seen`;
    `placed` ⊂ `unplaced` (no midwife known when the relay opened)."""

    discharges: int = 0
    same_day: int = 0
    accepted: int = 0
    unplaced: int = 0
    placed: int = 0
    seen: int = 0
    in_time: int = 0
    read: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def first_open_month(now: datetime) -> date:
    """The first day of the month that is not closed yet at `now` (Paris)."""
    return (now.astimezone(deadlines.PARIS).date() - CLOSED_AFTER).replace(day=1)


def closed_on(month: date) -> date:
    """The day from which the figures of `month` are published and no longer move."""
    return next_month(month) + CLOSED_AFTER


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_before(month: date, months: int = 1) -> date:
    index = month.year * 12 + month.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def count(now: datetime, *, since: date | None = None) -> dict[date, dict[UUID, Counts]]:
    """Counts by month closed at `now`, then by maternity, from the month `since` (all of them when None).

    One statement, whatever the number of stays and of years.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, _parameters(now, since))
        found: dict[date, dict[UUID, Counts]] = {}
        for month, maternity, *numbers in cursor.fetchall():
            found.setdefault(month, {})[maternity] = Counts(*numbers)
    return dict(sorted(found.items()))


def _parameters(now: datetime, since: date | None) -> dict[str, Any]:
    return {
        "zone": deadlines.PARIS.key,
        "closed_after": CLOSED_AFTER,
        "early": deadlines.FIRST_VISIT_EARLY.delay,
        "standard": deadlines.FIRST_VISIT_STANDARD.delay,
        "until": deadlines.at_paris(first_open_month(now), time.min),
        "since": deadlines.at_paris(since, time.min) if since else None,
        "letter": codes.LETTRE_DE_LIAISON_SORTIE.code,
        **EARLY_DISCHARGE_BEFORE,
    }
