"""INSi is asked on the days of the calendar, once each, whatever dies; a day without it is caught up calmly."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from coordination import deadlines, tasks
from coordination.lifecycles import WorkItemStatus
from coordination.models import (
    AuditEntry,
    IdentityQuestion,
    InsStatus,
    Newborn,
    Person,
    QuestionAnswer,
    Shipment,
    WorkItem,
)
from coordination.services import holding, identities, ins_alerts, ins_answers, ins_calendar, ins_questions, recalls
from perinat.connectors.insi.sandbox.server import InsiSandbox
from perinat.standards.national_identity import IdentityAnswer, IdentityResult
from tests.coordination import world
from tests.coordination.services.helpers import validated
from tests.coordination.services.ins import administer, born, days, publish, tick, waits
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
Clock = time_machine.Traveller
DAY = timedelta(days=1)


def asked(sandbox: InsiSandbox) -> int:
    return sum(sandbox.asked.values())


def open_lines() -> list[str]:
    lines = WorkItem.objects.filter(kind="INS_TO_COMPLETE", status=WorkItemStatus.OPEN)
    return [key.rpartition(":")[2] for key in lines.values_list("key", flat=True)]


def test_the_calendar_is_that_of_the_product() -> None:
    assert deadlines.INS_OF_NEWBORN.days == (5, 6, 7, 8, 10, 14, 21)
    assert deadlines.INS_OF_NEWBORN.source and deadlines.INS_OF_NEWBORN.as_of


def test_each_day_is_asked_once_and_then_a_person_is_told(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox
) -> None:
    child, _ = waits(ward)
    answered: list[int] = []
    for day in range(30):
        for _ in range(3):
            answered += [day] * len(tick())
            ins_alerts.watch(timezone.now())
            clock.shift(timedelta(hours=1))
        assert (open_lines() == ["OVER"]) == (day >= 21)
        clock.shift(DAY - timedelta(hours=3))
    assert answered == [5, 6, 7, 8, 10, 14, 21] == days(child)
    assert set(IdentityQuestion.objects.values_list("answer", flat=True)) == {QuestionAnswer.NOT_FOUND}
    assert asked(insi) == 7


def test_a_birth_at_night_counts_from_the_day_of_paris(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox
) -> None:
    """Half past midnight in Paris is the day before in UTC, and the hours change on 29 March."""
    clock.move_to(timezone.make_aware(timezone.datetime(2026, 3, 24, 0, 30)))
    child, _ = waits(ward)
    ins_calendar.plan(timezone.now())
    assert child.birth_date == date(2026, 3, 24) and days(child) == [5, 6, 7, 8, 10, 14, 21]
    hours = {timezone.localtime(row.due_at).hour for row in IdentityQuestion.objects.all()}
    assert hours == {7}


def test_found_and_verified_before_everything_leaves(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox
) -> None:
    child, paper = waits(ward)
    identities.verify(child, evidence="AN", by=ward.secretary)
    publish(insi, child, known_from=child.birth_date + 5 * DAY)
    clock.shift(4 * DAY)
    assert tick() == []
    clock.shift(DAY)
    assert tick() == ["FOUND"]
    child.refresh_from_db()
    assert child.ins == world.ins(77) and child.ins_qualified_at
    assert holding.release_ready() == 1
    assert paper.versions.get(number=2).cda_with_ins
    clock.shift(DAY)
    assert tick() == [], "nothing waits any more"


def test_found_before_it_is_verified_waits_for_a_person(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox
) -> None:
    """EXI SI 07: recovered is not qualified; nothing travels with it."""
    child, _ = waits(ward)
    publish(insi, child)
    clock.shift(5 * DAY)
    assert tick() == ["FOUND"]
    child.refresh_from_db()
    assert (child.ins_status, child.ins) == (InsStatus.RECUP, None) and holding.release_ready() == 0
    ins_alerts.watch(timezone.now())
    assert open_lines() == ["TO_VERIFY"]
    clock.shift(DAY)
    assert tick() == [], "it is known: INSi is not asked again"
    assert identities.verify(child, evidence="LE", by=ward.secretary) == InsStatus.QUAL
    assert holding.release_ready() == 1
    ins_alerts.watch(timezone.now())
    assert open_lines() == []


def test_papers_that_come_after_the_calendar_are_asked_about_once(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox
) -> None:
    child, _ = waits(ward, days_ago=40)
    assert tick() == ["NOT_FOUND"] and days(child) == [40]
    ins_alerts.watch(timezone.now())
    assert open_lines() == ["OVER"]
    clock.shift(DAY)
    assert tick() == []


def test_a_mother_without_ins_has_a_calendar_of_her_own(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox
) -> None:
    stay = world.stay(ward, mother=world.mother(qualified=False))
    validated(ward, stay)
    assert tick() == ["NOT_FOUND"]
    planned = IdentityQuestion.objects.filter(person=stay.mother).order_by("planned_on")
    first = timezone.localdate()
    assert [(row.planned_on - first).days for row in planned] == list(deadlines.INS_OF_OTHERS.days)


def test_the_hours_of_the_settings(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox, settings: object
) -> None:
    waits(ward, days_ago=5)
    settings.IDENTITY_HOURS = [10, 20]  # type: ignore[attr-defined]
    assert tick() == [], "it is nine"
    clock.shift(timedelta(hours=1))
    assert tick() == ["NOT_FOUND"]


def test_without_a_service_nobody_is_asked_and_a_person_is_told_at_the_end(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    waits(ward, days_ago=5)
    assert tick() == []
    clock.shift(17 * DAY)
    ins_alerts.watch(timezone.now())
    assert open_lines() == ["OVER"]


def test_a_day_without_the_service_is_caught_up_without_a_storm(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox
) -> None:
    """Ten children, a service that is down from nine to six: one question a quarter of an hour, then each once."""
    children = [waits(ward, days_ago=5, number=f"S{n}", given="A" * (n + 1))[0] for n in range(10)]
    administer(insi, "POST", "faults", kind="down", times=10_000)
    for _ in range(9 * 12):
        tick()
        clock.shift(timedelta(minutes=5))
    assert 9 < insi.asked["down"] <= 9 * 4
    assert set(IdentityQuestion.objects.filter(planned_on=timezone.localdate()).values_list("answer", flat=True)) == {
        ""
    }
    administer(insi, "DELETE", "faults")
    clock.shift(timedelta(hours=1))
    for _ in range(3):
        tick()
    assert asked(insi) - insi.asked["down"] == len(children)
    answered = IdentityQuestion.objects.filter(answer="NOT_FOUND")
    assert answered.count() == len(children) == answered.values("person").distinct().count()


def test_after_days_without_any_worker_each_child_is_asked_about_once(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox
) -> None:
    child, _ = waits(ward)
    ins_calendar.plan(timezone.now())
    clock.shift(9 * DAY)
    assert tick() == ["NOT_FOUND"] and asked(insi) == 1
    rows = IdentityQuestion.objects.filter(person=child).order_by("planned_on")
    assert [row.answer for row in rows] == ["NOT_ASKED"] * 3 + ["NOT_FOUND"] + [""] * 3


def test_a_process_that_dies_while_asking_leaves_a_lease_that_ends(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox
) -> None:
    waits(ward, days_ago=5)
    ins_calendar.plan(timezone.now())
    (question,) = ins_questions.due_ids(timezone.now())
    dead = ins_questions.claim(question, timezone.now())
    assert dead is not None and tick() == [], "it is in somebody's hands"
    clock.shift(ins_questions.LEASE + timedelta(seconds=1))
    assert tick() == ["NOT_FOUND"]
    late = IdentityResult(IdentityAnswer.SEVERAL, "02")
    assert ins_questions.record(dead, ins_answers.traits_of(dead.person), late, timezone.now()) is None
    assert IdentityQuestion.objects.get(pk=question).answer == "NOT_FOUND"


def test_the_plan_is_made_once(clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    waits(ward)
    assert ins_calendar.plan(timezone.now()) == 7
    assert ins_calendar.plan(timezone.now()) == 0
    assert IdentityQuestion.objects.count() == 7


def test_a_paper_withdrawn_leaves_nothing_to_ask(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox
) -> None:
    child, paper = waits(ward, days_ago=5)
    ins_calendar.plan(timezone.now())
    ins_alerts.tell(child, paper.stay, "OVER")
    recalls.recall(paper, by=ward.doctor_user, reason="Erreur")
    assert tick() == [] and asked(insi) == 0
    ins_alerts.watch(timezone.now())
    assert open_lines() == []


def test_a_child_whose_link_ended_is_not_asked_about(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox
) -> None:
    child, _ = waits(ward, days_ago=5)
    Newborn.objects.filter(person=child).update(link_ended_at=timezone.now())
    assert tick() == [] and not IdentityQuestion.objects.exists()


def test_somebody_asks_now(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox, settings: object
) -> None:
    """At any hour; twice is once; the question of the day is not asked over again."""
    child, paper = waits(ward, days_ago=5)
    settings.IDENTITY_HOURS = [20, 21]  # type: ignore[attr-defined]
    ins_calendar.plan(timezone.now())
    now = timezone.now()
    assert ins_questions.ask_now(child, paper.stay, by=ward.secretary, now=now)
    assert not ins_questions.ask_now(child, paper.stay, by=ward.secretary, now=now)
    assert tick() == ["NOT_FOUND"]
    settings.IDENTITY_HOURS = [7, 20]  # type: ignore[attr-defined]
    assert tick() == [] and asked(insi) == 1
    assert AuditEntry.objects.get(action="identity.asked").by_id == ward.secretary.pk


def test_what_nobody_foresaw_is_a_service_that_is_silent(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    waits(ward, days_ago=5)

    def broken(traits: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(ins_questions._load("perinat.connectors.insi.client.Insi"), "ask", broken, raising=True)
    with caplog.at_level(logging.ERROR):
        tasks.ask_identities()
    row = IdentityQuestion.objects.get(planned_on=timezone.localdate())
    assert (row.answer, row.code, row.lease_until) == ("", ins_questions.UNFORESEEN, None)
    assert row.due_at > timezone.now() and "task.unforeseen name=ask_identity" in caplog.text


def test_the_task_does_it_all(clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox) -> None:
    child, _ = waits(ward, days_ago=5)
    identities.verify(child, evidence="AN", by=ward.secretary)
    publish(insi, child)
    tasks.ask_identities()
    tasks.release_held()
    assert Shipment.objects.get(channel="dmp").status == "QUEUED"


def test_nothing_of_the_traits_is_logged_or_audited(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    child, _ = waits(ward, days_ago=5)
    publish(insi, child)
    administer(insi, "POST", "faults", kind="down")
    with caplog.at_level(logging.DEBUG):
        tick()
        clock.shift(timedelta(hours=2))
        assert tick() == ["FOUND"]
    audited = [row.data for row in AuditEntry.objects.filter(action__startswith="identity.")]
    assert {row["answer"] for row in audited if "answer" in row} == {"UNAVAILABLE", "FOUND"}
    for secret in (child.birth_family_name, child.birth_given_names, world.ins(77).matricule, str(child.birth_date)):
        assert secret not in caplog.text and secret not in str(audited)


def test_due_questions_are_those_of_people_who_wait(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox
) -> None:
    """A child without any paper is nobody's question; nor is one whose INS is qualified."""
    born(ward, days_ago=5)
    assert tick() == [] and not IdentityQuestion.objects.exists()
    other, _ = waits(ward, days_ago=5, number="S2", given="PAULINE")
    identities.qualify(other, world.ins(78), by=ward.secretary)
    assert tick() == [] and Person.objects.filter(ins_status="QUAL", pk=other.pk).exists()
