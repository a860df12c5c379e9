"""A month is published once: what is corrected afterwards moves no figure, and tells nothing by subtraction."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from coordination import tasks
from coordination.deadlines import PARIS
from coordination.demo import history
from coordination.models import (
    AuditEntry,
    Handover,
    Organisation,
    PublishedCell,
    PublishedMonth,
    Role,
    ShipmentAttempt,
    Stay,
    User,
)
from coordination.selectors import indicators, indicators_counts
from coordination.services.publications import publish_closed_months
from tests.coordination import world
from tests.factories import past
from tests.factories.past import Past

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
FEBRUARY = date(2026, 2, 1)
CLOSED = datetime(2026, 3, 8, 0, 0, tzinfo=PARIS)
LATER = datetime(2026, 3, 20, 9, 0, tzinfo=PARIS)


@pytest.fixture
def referent(ward: world.Ward) -> User:
    cpam = Organisation.objects.create(kind="CPAM", name="CPAM d'essai", finess="997800412")
    return world.user("cpam", Role.CPAM, cpam)


def write(
    ward: world.Ward, mothers: int, *, year: int = 2026, month: int = 2, maternity: Organisation | None = None
) -> list[Stay]:
    """By thirds: seen in time after reading, seen late, not seen; every second letter left the same day."""
    facts = [
        Past(
            datetime(year, month, 1 + i % 28, 11, 0, tzinfo=PARIS),
            letter_after=HOUR if i % 2 else 20 * HOUR,
            seen_after=(30 * HOUR, 60 * HOUR, None)[i % 3],
            read_after=25 * HOUR if i % 3 == 0 else None,
        )
        for i in range(mothers)
    ]
    place = maternity or ward.maternity
    return past.record(facts, maternity=place, midwife=ward.midwife, sender=ward.secretary)


def shown(referent: User, now: datetime = LATER) -> list[tuple[str, ...]]:
    return list(indicators.export(referent, now))[1:]


def correct_everything() -> None:
    """Every way an old stay may be corrected: another month, another site, another birth, another visit."""
    first, second, third, *_ = Stay.objects.order_by("discharged_at", "pk")
    Stay.objects.filter(pk=first.pk).update(discharged_at=first.discharged_at + timedelta(days=60))
    Stay.objects.filter(pk=second.pk).update(birth_mode="", birth_at=None)
    other = Organisation.objects.create(kind="MATERNITY", name="Autre maternité", finess="997800123")
    Stay.objects.filter(pk=third.pk).update(maternity=other)
    seen = Handover.objects.filter(seen_at__isnull=False).order_by("pk")[:5]
    Handover.objects.filter(pk__in=seen.values("pk")).update(seen_at=LATER)


def test_the_figures_of_a_closed_month_never_move(ward: world.Ward, referent: User) -> None:
    write(ward, 90)
    assert publish_closed_months(CLOSED) == 1
    before = shown(referent)
    assert any(line[1] == "Maternité d'essai" for line in before)
    counted = indicators_counts.count(CLOSED)
    correct_everything()
    assert indicators_counts.count(CLOSED) != counted, "counted again, the month would be another one"
    assert publish_closed_months(LATER) == 0
    assert shown(referent) == before


def test_no_page_and_no_file_tells_of_a_correction(ward: world.Ward, referent: User) -> None:
    write(ward, 90)
    publish_closed_months(CLOSED)
    client = Client()
    with time_machine.travel(LATER, tick=False):
        client.force_login(referent)
        addresses = ("figures_export", "api_indicators")
        before = [client.get(reverse(name)).content for name in addresses]
        correct_everything()
        assert [client.get(reverse(name)).content for name in addresses] == before
    lines = list(csv.reader(StringIO(before[0].decode("utf-8-sig")), delimiter=";"))
    assert ["2026-02", "Territoire", "Première visite faite à temps", "30", "90", "33,3"] in lines


def test_a_month_without_any_cell_is_closed_all_the_same(ward: world.Ward, referent: User) -> None:
    """Otherwise its figures would come out with the stay that makes it large enough, and name that stay."""
    write(ward, 8)
    assert publish_closed_months(CLOSED) == 1
    assert not PublishedCell.objects.exists()
    write(ward, 90)
    assert publish_closed_months(LATER) == 0 and shown(referent) == []


def test_only_closed_months_in_order_and_without_a_gap(ward: world.Ward) -> None:
    write(ward, 60, year=2025, month=11)
    write(ward, 60)
    assert publish_closed_months(CLOSED - timedelta(seconds=1)) == 3
    assert list(PublishedMonth.objects.values_list("month", flat=True)) == [
        date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1),
    ]  # fmt: skip
    write(ward, 60, year=2025, month=9)  # an import of what is older than the first publication
    assert publish_closed_months(CLOSED) == 1
    assert PublishedMonth.objects.latest("month").month == FEBRUARY and PublishedMonth.objects.count() == 4


def test_nothing_to_publish(ward: world.Ward) -> None:
    assert publish_closed_months(CLOSED) == 0
    write(ward, 30, month=3)
    assert publish_closed_months(CLOSED) == 0


def test_the_second_of_two_processes_writes_nothing(ward: world.Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    write(ward, 90)
    found = indicators_counts.count(CLOSED)

    def meanwhile(*_: object, **__: object) -> object:
        monkeypatch.undo()
        publish_closed_months(CLOSED)
        return found

    monkeypatch.setattr(indicators_counts, "count", meanwhile)
    assert publish_closed_months(CLOSED) == 0
    assert PublishedMonth.objects.count() == 1


@pytest.mark.parametrize("table", ["coordination_publishedmonth", "coordination_publishedcell"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = gen_random_uuid()", "DELETE FROM {}"])
def test_the_database_refuses_another_version_of_the_past(ward: world.Ward, table: str, statement: str) -> None:
    write(ward, 90)
    publish_closed_months(CLOSED)
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        connection.cursor().execute(statement.format(table))


def test_what_is_kept_is_what_may_be_shown(ward: world.Ward) -> None:
    """The neighbour of a small maternity is hidden with it, in the table too; no raw count stays there."""
    write(ward, 90)
    small = Organisation.objects.create(kind="MATERNITY", name="Petite maternité", finess="997800123")
    write(ward, 8, maternity=small)
    publish_closed_months(CLOSED)
    assert PublishedCell.objects.exists() and not PublishedCell.objects.exclude(maternity=None).exists()


def test_the_baseline_and_a_year_are_shown(ward: world.Ward, referent: User) -> None:
    for i in range(18):  # September 2024 to February 2026
        write(ward, 60, year=2024 + (8 + i) // 12, month=(8 + i) % 12 + 1)
    assert publish_closed_months(CLOSED) == 18
    page = indicators.figures(referent, LATER)
    assert [m.value for m in page.months][::11] == ["2026-02", "2025-03"] and len(page.months) == 12
    assert page.baseline == "septembre à novembre 2024"
    assert len({line[0] for line in shown(referent)}) == 13 + 3


def test_the_task_is_idempotent_and_audited(ward: world.Ward) -> None:
    write(ward, 90)
    with time_machine.travel(LATER, tick=False):
        tasks.publish_indicators()
        tasks.publish_indicators()
    entry = AuditEntry.objects.get(action="indicators.published")
    assert entry.data == {"month": "2026-02", "cells": PublishedCell.objects.count()}


def test_the_demonstration_publishes_its_past(ward: world.Ward) -> None:
    """On the 22nd the three months of its past are closed; played again, they do not move."""
    world.user("admin", Role.ADMINISTRATOR, ward.cpts)
    type(ward.doctor).objects.filter(pk=ward.doctor.pk).update(civility="Dr")
    with time_machine.travel(datetime(2026, 3, 22, 9, 0, tzinfo=PARIS), tick=False):
        assert history.write() == history.MONTHS * history.STAYS_A_MONTH
        assert PublishedMonth.objects.count() == history.MONTHS and PublishedCell.objects.exists()
        assert ShipmentAttempt.objects.exists()
        cells = PublishedCell.objects.count()
        assert history.write() == 0 and PublishedCell.objects.count() == cells
