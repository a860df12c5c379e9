"""The rules of time: working hours, holidays of France, the two changes of hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination import deadlines
from coordination.deadlines import Rule

PARIS = ZoneInfo("Europe/Paris")
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(PARIS))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 3, 16), True),
        (date(2026, 3, 21), False),
        (date(2026, 5, 1), False),
        (date(2026, 5, 14), False),  # Ascension, a Thursday
        (date(2026, 5, 15), True),
        (date(2026, 7, 14), False),
        (date(2027, 1, 1), False),
        (date(2028, 4, 17), False),  # Easter Monday 2028
    ],
)
def test_working_days(day: date, works: bool) -> None:
    assert deadlines.is_workday(day) is works


@given(INSTANTS, st.integers(1, 30))
def test_the_deadline_lies_in_working_hours_and_never_too_soon(start: datetime, hours: int) -> None:
    end = deadlines.after_working_hours(start, hours).astimezone(PARIS)
    assert deadlines.is_workday(end.date())
    assert deadlines.WORKDAY_STARTS <= end.time() <= deadlines.WORKDAY_ENDS
    assert end.astimezone(UTC) - start.astimezone(UTC) >= timedelta(hours=hours - 1)  # an hour may be skipped in March


@given(INSTANTS, st.integers(0, 20))
def test_more_hours_are_never_sooner(start: datetime, hours: int) -> None:
    sooner, later = (deadlines.after_working_hours(start, n) for n in (hours, hours + 1))
    assert sooner < later


def test_the_hour_of_the_caller_does_not_matter() -> None:
    start = datetime(2026, 7, 10, 14, 0, tzinfo=UTC)
    assert deadlines.after_working_hours(start, 4) == deadlines.after_working_hours(start.astimezone(PARIS), 4)


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [(date(2026, 3, 28), 19), (date(2026, 3, 29), 18), (date(2026, 10, 24), 18), (date(2026, 10, 25), 19)],
)
def test_twenty_hours_in_paris(day: date, utc_hour: int) -> None:
    assert deadlines.at_paris(day, deadlines.LETTER_ACTS_AT).astimezone(UTC).hour == utc_hour


def test_every_rule_says_its_source_and_its_date() -> None:
    rules = [value for value in vars(deadlines).values() if isinstance(value, Rule)]
    assert len(rules) >= 7
    assert all(rule.source and rule.as_of <= date.today() + timedelta(days=366) for rule in rules)


def test_delays_grow_and_end() -> None:
    delays = deadlines.RETRY_DELAYS
    assert list(delays) == sorted(delays) and sum(delays, timedelta()) < timedelta(hours=12)
