"""The exit that nobody recorded becomes a task of the ward head, and closes with what settles it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from coordination import deadlines, tasks
from coordination.models import Role, Stay, WorkItem
from coordination.services import exits, letters, stays
from tests.conftest import PARIS
from tests.coordination import world

pytestmark = pytest.mark.django_db

PLANNED = datetime(2026, 3, 16, 11, 0, tzinfo=PARIS)
DAY = timedelta(days=1)


@pytest.fixture
def stay(ward: world.Ward) -> Stay:
    """To leave on Monday at eleven; nobody records that she did."""
    with time_machine.travel(PLANNED - DAY, tick=False):
        return world.stay(ward, expected_discharge_at=PLANNED)


def line() -> WorkItem:
    return WorkItem.objects.get(kind="EXIT_NOT_RECORDED", status="OPEN")


def is_open() -> bool:
    return WorkItem.objects.filter(kind="EXIT_NOT_RECORDED", status="OPEN").exists()


def at(now: datetime) -> time_machine.travel:
    return time_machine.travel(now, tick=False)


def test_the_letter_alone_would_never_be_asked_for(stay: Stay) -> None:
    assert letters.escalate(PLANNED + 5 * DAY) == 0, "its deadline runs from an exit that is recorded"


def test_a_day_after_the_planned_exit_the_ward_head_is_told_once(stay: Stay, ward: world.Ward) -> None:
    assert exits.watch(PLANNED + DAY - timedelta(seconds=1)) == 0
    assert exits.watch(PLANNED + DAY) == 1 and exits.watch(PLANNED + 2 * DAY) == 0
    assert line().for_ward_head and line().stay == stay and line().organisation == ward.maternity
    assert line().get_kind_display() == "Sortie non enregistrée" and "Enregistrez la sortie" in line().message


def test_she_reads_it_on_her_list(stay: Stay, ward: world.Ward) -> None:
    head = world.user("cadre", Role.HOSPITAL_MIDWIFE, ward.maternity)
    head.is_ward_head = True
    head.save()
    with at(PLANNED + DAY):
        tasks.watch_deadlines()
        pages = []
        for user in (head, ward.secretary):
            client = Client()
            client.force_login(user)
            pages.append(client.get(reverse("discharge_list")).content.decode())
    assert "Enregistrer la sortie" in pages[0] and "Sortie non enregistrée" not in pages[1]


def test_the_recorded_exit_closes_it_and_the_letter_is_watched(stay: Stay, ward: world.Ward) -> None:
    exits.watch(PLANNED + DAY)
    with at(PLANNED + DAY):
        stays.discharge(stay, at=PLANNED, by=ward.secretary)
        assert not is_open()
        assert letters.escalate(PLANNED + DAY) == 1


def test_a_later_planned_date_closes_it_until_that_one_is_past(stay: Stay, ward: world.Ward) -> None:
    exits.watch(PLANNED + DAY)
    with at(PLANNED + DAY):
        again = world.stay(ward, expected_discharge_at=PLANNED + 3 * DAY)
    assert again.pk == stay.pk and not is_open()
    assert exits.watch(PLANNED + 3 * DAY) == 0
    assert exits.watch(PLANNED + 4 * DAY) == 1


def test_a_room_changed_does_not_close_it(stay: Stay, ward: world.Ward) -> None:
    exits.watch(PLANNED + DAY)
    with at(PLANNED + DAY):
        world.stay(ward, expected_discharge_at=PLANNED, room="9")
    assert is_open()


def test_what_was_settled_otherwise_closes_at_the_next_look(stay: Stay) -> None:
    exits.watch(PLANNED + DAY)
    Stay.objects.update(discharged_at=PLANNED)
    assert exits.watch(PLANNED + DAY) == 0 and not is_open()


def test_without_any_planned_exit_ten_days_after_the_birth(stay: Stay) -> None:
    Stay.objects.update(expected_discharge_at=None, birth_at=PLANNED)
    assert exits.watch(PLANNED + 10 * DAY - timedelta(seconds=1)) == 0
    assert exits.watch(PLANNED + 10 * DAY) == 1 and "dix jours" in line().message


def test_neither_a_mother_who_has_not_given_birth_nor_an_archive(stay: Stay) -> None:
    assert exits.watch(PLANNED + deadlines.EXIT_LOOKED_FOR.delay) == 0
    Stay.objects.update(expected_discharge_at=None, birth_at=None)
    assert exits.watch(PLANNED + 30 * DAY) == 0


def test_a_task_already_open_does_not_close_by_growing_old(stay: Stay) -> None:
    exits.watch(PLANNED + DAY)
    exits.watch(PLANNED + 2 * deadlines.EXIT_LOOKED_FOR.delay)
    assert is_open()


@pytest.mark.parametrize("rule", [deadlines.EXIT_AFTER_PLANNED, deadlines.EXIT_AFTER_BIRTH, deadlines.EXIT_LOOKED_FOR])
def test_the_rules_are_dated_data_that_say_whose_they_are(rule: deadlines.Rule) -> None:
    assert rule.source.startswith("règle de la maison") and rule.as_of
