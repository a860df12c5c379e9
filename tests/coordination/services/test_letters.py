"""The letter that is missing: asked for, warned, escalated, answered; hours are those of Paris."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import LetterRequest, Stay, WorkItem
from coordination.services import documents, letters, stays
from tests.coordination import world
from tests.coordination.services.helpers import child, deliver_all, professional, shipment, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


def paris(*when: int) -> datetime:
    return datetime(*when, tzinfo=PARIS)  # type: ignore[arg-type]


@pytest.fixture
def stay(clock: time_machine.Traveller, ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    return world.stay(ward)


def ask(ward: world.Ward, stay: Stay) -> LetterRequest:
    return letters.request(stay, by=ward.midwife_user, professional=ward.midwife)


def lines(kind: str) -> list[WorkItem]:
    return list(WorkItem.objects.filter(kind=kind, status="OPEN"))


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (paris(2026, 3, 16, 9, 0), paris(2026, 3, 16, 13, 0)),
        (paris(2026, 3, 16, 16, 30), paris(2026, 3, 17, 10, 30)),  # the evening does not count
        (paris(2026, 3, 20, 16, 0), paris(2026, 3, 23, 10, 0)),  # Friday to Monday
        (paris(2026, 3, 21, 11, 0), paris(2026, 3, 23, 12, 0)),  # on a Saturday
        (paris(2026, 4, 3, 17, 0), paris(2026, 4, 7, 11, 0)),  # Easter Monday
        (paris(2026, 12, 24, 17, 0), paris(2026, 12, 28, 11, 0)),  # Christmas, then a weekend
        (paris(2026, 3, 27, 17, 0), paris(2026, 3, 30, 11, 0)),  # the change of hour lies between
    ],
)
def test_four_working_hours(stay: Stay, ward: world.Ward, asked: datetime, due: datetime) -> None:
    with time_machine.travel(asked, tick=False):
        request = ask(ward, stay)
    assert request.due_at == due
    assert [line.due_at for line in lines("LETTER_REQUESTED")] == [due]


def test_a_second_activation_gives_the_same_request(stay: Stay, ward: world.Ward) -> None:
    assert ask(ward, stay) == ask(ward, stay)
    assert len(lines("LETTER_REQUESTED")) == 1


def test_no_answer_goes_to_the_ward_head_once(stay: Stay, ward: world.Ward) -> None:
    request = ask(ward, stay)
    assert letters.escalate(request.due_at - timedelta(seconds=1)) == 0
    assert letters.escalate(request.due_at) == 1 and letters.escalate(request.due_at) == 0
    (line,) = lines("LETTER_ESCALATED")
    assert line.for_ward_head and line.organisation == ward.maternity


def test_an_accepted_letter_answers_everybody(stay: Stay, ward: world.Ward) -> None:
    other = professional(ward.practice)
    requests = [ask(ward, stay), letters.request(stay, by=ward.midwife_user, professional=other)]
    letters.escalate(requests[0].due_at)
    assert len(lines("LETTER_ESCALATED")) == 2
    validated(ward, stay)
    deliver_all()
    assert not LetterRequest.objects.filter(answered_at__isnull=True).exists()
    assert not WorkItem.objects.filter(status="OPEN").exists()
    again = ask(ward, stay)
    assert again.pk not in {request.pk for request in requests}, "a new request after an answer is a new one"


def test_another_paper_answers_nothing(stay: Stay, ward: world.Ward) -> None:
    ask(ward, stay)
    validated(ward, stay, type_code="15508-5")
    deliver_all()
    assert len(lines("LETTER_REQUESTED")) == 1


def test_the_letter_of_the_newborn_is_not_the_letter_of_the_mother(stay: Stay, ward: world.Ward) -> None:
    ask(ward, stay)
    validated(ward, stay, person=child(stay))
    deliver_all()
    assert len(lines("LETTER_REQUESTED")) == 1


@pytest.mark.parametrize(
    ("left", "acts"),
    [
        (paris(2026, 3, 16, 11, 0), datetime(2026, 3, 16, 19, 0, tzinfo=UTC)),  # winter
        (paris(2026, 3, 29, 1, 0), datetime(2026, 3, 29, 18, 0, tzinfo=UTC)),  # left before, due after the change
        (paris(2026, 10, 25, 1, 30), datetime(2026, 10, 25, 19, 0, tzinfo=UTC)),
        (datetime(2026, 7, 14, 22, 30, tzinfo=UTC), datetime(2026, 7, 15, 18, 0, tzinfo=UTC)),  # 00:30 in Paris
    ],
)
def test_the_task_of_twenty_hours(ward: world.Ward, fakes: object, left: datetime, acts: datetime) -> None:
    with time_machine.travel(left - timedelta(minutes=1), tick=False):
        stay = world.stay(ward)
        stays.discharge(stay, at=left, by=ward.secretary)
    assert letters.acts_at(left) == acts
    assert letters.escalate(acts - timedelta(seconds=1)) == 0
    assert letters.escalate(acts) == 1 and letters.escalate(acts) == 0
    (line,) = lines("LETTER_NOT_SENT")
    assert line.for_ward_head and line.stay == stay


def test_a_letter_sent_in_time_opens_no_task(stay: Stay, ward: world.Ward) -> None:
    stays.discharge(stay, at=paris(2026, 3, 16, 9, 0), by=ward.secretary)
    paper = validated(ward, stay)
    assert letters.escalate(paris(2026, 3, 16, 20, 0)) == 0
    documents.withdraw(paper, by=ward.doctor_user, reason="Erreur de patiente")
    assert letters.escalate(paris(2026, 3, 16, 20, 0)) == 1, "withdrawn: the mother has no letter"


def test_the_newborns_letter_does_not_hide_that_the_mothers_is_missing(stay: Stay, ward: world.Ward) -> None:
    stays.discharge(stay, at=paris(2026, 3, 16, 9, 0), by=ward.secretary)
    validated(ward, stay, person=child(stay))
    assert letters.escalate(paris(2026, 3, 16, 20, 0)) == 1


def test_a_letter_that_nobody_accepted_answers_nothing(
    stay: Stay, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    from coordination.ports import PermanentChannelError

    ask(ward, stay)
    validated(ward, stay)
    for channel in fakes.values():
        channel.failures = [PermanentChannelError("bad", "Refusé.")]
    deliver_all()
    assert shipment().status == S.REJECTED and len(lines("LETTER_REQUESTED")) == 1
