"""Each indicator against mothers written one by one: what counts, what does not, and until when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coordination.deadlines import PARIS
from coordination.models import Event, Handover, Mailbox, Professional, Reading, Shipment, ShipmentAttempt, Stay
from coordination.selectors import indicators_counts
from coordination.selectors.indicators_counts import Counts
from tests.coordination import world
from tests.factories import past
from tests.factories.past import Past

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LEFT = datetime(2026, 2, 10, 11, 0, tzinfo=PARIS)
CLOSED = datetime(2026, 3, 8, 0, 0, tzinfo=PARIS)


def counted(ward: world.Ward, *mothers: Past, now: datetime = CLOSED) -> Counts:
    write(ward, *mothers)
    return read(ward, now)


def write(ward: world.Ward, *mothers: Past) -> list[Stay]:
    return past.record(mothers, maternity=ward.maternity, midwife=ward.midwife, sender=ward.secretary)


def read(ward: world.Ward, now: datetime = CLOSED) -> Counts:
    return indicators_counts.count(now).get(date(2026, 2, 1), {}).get(ward.maternity.pk, Counts())


@pytest.mark.parametrize(
    ("letter_after", "bounced_after", "expected"),
    [
        (-2 * HOUR, None, (1, 1)),
        (HOUR * 12.98, None, (1, 1)),  # 23:58 on the day
        (HOUR * 13, None, (0, 1)),  # midnight is the day after
        (HOUR, 2 * HOUR, (0, 0)),  # accepted, then bounced
        (None, None, (0, 0)),
        (timedelta(days=40), None, (0, 0)),  # after the month was closed
        (HOUR, timedelta(days=40), (1, 1)),  # so was the bounce
    ],
)
def test_letter(
    ward: world.Ward, letter_after: timedelta | None, bounced_after: timedelta | None, expected: tuple[int, int]
) -> None:
    found = counted(ward, Past(LEFT, letter_after=letter_after, bounced_after=bounced_after))
    assert (found.discharges, found.same_day, found.accepted) == (1, *expected)


def test_the_steps_of_a_chain_are_one_letter(ward: world.Ward) -> None:
    """Her address bounced, the practice took it three hours after: one letter, accepted then (ADR 0022)."""
    stay = write(ward, Past(LEFT, letter_after=HOUR, bounced_after=2 * HOUR))[0]
    first, at = Shipment.objects.get(stay=stay), LEFT + 3 * HOUR
    step = Shipment.objects.create(
        organisation=first.organisation, person=first.person, stay=stay, channel="mssante", sender=first.sender,
        mailbox=Mailbox.objects.get(), recipient=ward.midwife, fallback_of=first, status="ACCEPTED", due_at=at,
        set_unique_id="2.25.1", message_id="1", accepted_at=at,
    )  # fmt: skip
    step.versions.set(first.versions.all())
    ShipmentAttempt.objects.create(shipment=step, number=1, started_at=at, ended_at=at, outcome="ACCEPTED")
    found = read(ward)
    assert (found.discharges, found.same_day, found.accepted) == (1, 1, 1)


def test_a_withdrawn_letter_was_not_sent(ward: world.Ward) -> None:
    stay = write(ward, Past(LEFT, letter_after=HOUR))[0]
    document = stay.documents.get()
    Event.objects.create(
        subject="document", subject_id=document.pk, source="VALIDATED", target="WITHDRAWN", at=LEFT + 2 * HOUR
    )
    assert read(ward).accepted == 0


@pytest.mark.parametrize(
    ("early", "seen_after", "in_time"),
    [(True, 24, 1), (True, 25, 0), (False, 25, 1), (False, 48, 1), (False, 49, 0), (False, None, 0)],
)
def test_first_visit_in_time(ward: world.Ward, early: bool, seen_after: int | None, in_time: int) -> None:
    after = None if seen_after is None else seen_after * HOUR
    found = counted(ward, Past(LEFT, early=early, seen_after=after))
    assert (found.seen, found.in_time) == (int(seen_after is not None), in_time)


def test_an_unknown_birth_counts_as_early(ward: world.Ward) -> None:
    stay = write(ward, Past(LEFT, seen_after=30 * HOUR))[0]
    Stay.objects.filter(pk=stay.pk).update(birth_mode="")
    assert read(ward).in_time == 0


@pytest.mark.parametrize(("read_after", "expected"), [(20, 1), (30, 1), (31, 0)])
def test_read_before_the_visit(ward: world.Ward, read_after: int, expected: int) -> None:
    mother = Past(LEFT, letter_after=HOUR, seen_after=30 * HOUR, read_after=read_after * HOUR)
    assert counted(ward, mother).read == expected


def test_reading_by_somebody_else_is_not_hers(ward: world.Ward) -> None:
    other = Professional.objects.create(
        rpps="89900001069", given_name="Lucie", family_name="BRUYÈRE", organisation=ward.practice
    )
    stay = write(ward, Past(LEFT, letter_after=HOUR, seen_after=30 * HOUR, read_after=2 * HOUR))[0]
    Handover.objects.filter(stay=stay).update(midwife=other)
    assert Reading.objects.exists() and read(ward).read == 0


@pytest.mark.parametrize(
    ("known", "placed_after", "expected"),
    [(True, None, (0, 0)), (False, None, (1, 0)), (False, -HOUR, (1, 1)), (False, HOUR, (1, 0))],
)
def test_placed_before_leaving(
    ward: world.Ward, known: bool, placed_after: timedelta | None, expected: tuple[int, int]
) -> None:
    found = counted(ward, Past(LEFT, known=known, placed_after=placed_after))
    assert (found.unplaced, found.placed) == expected


def test_placed_then_lost_before_leaving_is_not_placed(ward: world.Ward) -> None:
    stay = write(ward, Past(LEFT, known=False, placed_after=-5 * HOUR))[0]
    relay = stay.handovers.get()
    Event.objects.create(
        subject="handover", subject_id=relay.pk, source="ACCEPTED", target="TO_PLACE", at=LEFT - 2 * HOUR
    )
    assert read(ward).placed == 0


def test_a_month_is_counted_once_closed_and_a_late_stay_never_enters_it(ward: world.Ward) -> None:
    assert counted(ward, Past(LEFT), now=CLOSED - timedelta(seconds=1)) == Counts()
    before = read(ward)
    assert before.discharges == 1
    late = write(ward, Past(LEFT))[0]
    Stay.objects.filter(pk=late.pk).update(recorded_at=CLOSED)
    assert read(ward, CLOSED + timedelta(days=90)) == before


def test_the_month_is_that_of_paris(ward: world.Ward) -> None:
    write(ward, Past(datetime(2026, 1, 31, 23, 30, tzinfo=PARIS)), Past(datetime(2026, 2, 1, 0, 10, tzinfo=PARIS)))
    found = indicators_counts.count(CLOSED)
    assert {month: rows[ward.maternity.pk].discharges for month, rows in found.items()} == {
        date(2026, 1, 1): 1,
        date(2026, 2, 1): 1,
    }


def test_the_closed_months_from_one_on(ward: world.Ward) -> None:
    months = [date(2023 + i // 12, i % 12 + 1, 1) for i in range(40)]  # January 2023 to April 2026
    write(ward, *(Past(datetime(month.year, month.month, 9, 11, tzinfo=PARIS)) for month in months))
    assert list(indicators_counts.count(CLOSED)) == months[:38]
    assert list(indicators_counts.count(CLOSED, since=date(2025, 12, 1))) == months[35:38]


def test_one_statement_whatever_the_number_of_stays(ward: world.Ward) -> None:
    write(ward, *(Past(LEFT + i * HOUR, letter_after=HOUR, seen_after=20 * HOUR) for i in range(30)))
    with CaptureQueriesContext(connection) as queries:
        found: dict[UUID, Counts] = indicators_counts.count(CLOSED)[date(2026, 2, 1)]
    assert len(queries) == 1
    assert found[ward.maternity.pk].discharges == 30


def test_months_before() -> None:
    assert indicators_counts.month_before(date(2026, 1, 1)) == date(2025, 12, 1)
    assert indicators_counts.month_before(date(2026, 3, 1), 13) == date(2025, 2, 1)


@pytest.mark.parametrize(
    ("month", "closed"), [(date(2026, 1, 1), date(2026, 2, 8)), (date(2026, 12, 1), date(2027, 1, 8))]
)
def test_closing_day(month: date, closed: date) -> None:
    assert indicators_counts.closed_on(month) == closed
