"""A letter nobody has opened before the first visit: one notice at −18 h, one call at −4 h, never at night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from coordination import deadlines
from coordination.models import (
    CareTeamMember,
    Document,
    DocumentVersion,
    Handover,
    LetterNudge,
    Notice,
    PaperDelivery,
    Shipment,
    Stay,
    WorkItem,
)
from coordination.services import handovers, nudges, paper_deliveries, readings
from coordination.services.nudges import UNREAD
from perinat.standards import codes
from perinat.standards.fallback import policy
from tests.coordination import world
from tests.coordination.services.helpers import validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
VISITS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(PARIS))


def paris(*when: int) -> datetime:
    return datetime(*when, tzinfo=PARIS)  # type: ignore[arg-type]


SENT, VISIT = paris(2026, 3, 16, 11, 0), paris(2026, 3, 18, 15, 0)  # notice: the 17th, 21:00, hence the morning


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    with time_machine.travel(SENT, tick=False):
        made = world.stay(ward)
        validated(ward, made)
    set_visit(VISIT)
    return made


def set_visit(at: datetime) -> None:
    Handover.objects.update(visit_due_at=at)


def watch(at: datetime) -> int:
    with time_machine.travel(at, tick=False):
        return nudges.watch(at)


def notices() -> int:
    return Notice.objects.filter(text=UNREAD).count()


def calls(status: str = "OPEN") -> list[WorkItem]:
    return list(WorkItem.objects.filter(kind="LETTER_TO_CALL", status=status))


def open_letter(ward: world.Ward, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        readings.open_version(Document.objects.get().current_version, by=ward.midwife_user)


def test_one_notice_then_one_call(stay: Stay, ward: world.Ward) -> None:
    set_visit(paris(2026, 3, 18, 9, 0))  # notice: the 17th at 15:00; call: 5:00, hence 7:00
    assert watch(paris(2026, 3, 17, 14, 59)) == 0 and notices() == 0
    assert watch(paris(2026, 3, 17, 15, 0)) == 1 and notices() == 1
    assert watch(paris(2026, 3, 17, 18, 0)) == 0 and notices() == 1 and not calls()
    assert watch(paris(2026, 3, 18, 6, 59)) == 0
    assert watch(paris(2026, 3, 18, 7, 0)) == 1
    line = calls()[0]
    assert line.due_at == paris(2026, 3, 18, 9, 0) and line.organisation == ward.maternity
    assert "le 18/03 à 9 h 00" in line.message and "ne veut pas dire" in line.message
    assert watch(paris(2026, 3, 18, 8, 0)) == 0 and len(calls()) == 1 and notices() == 1


def test_the_notice_says_nothing_of_anybody(stay: Stay) -> None:
    watch(paris(2026, 3, 18, 8, 0))
    notice = Notice.objects.get(text=UNREAD)
    assert "ACACIA" not in notice.text and notice.path == "/mes-visites/"


def test_phones_are_shown(stay: Stay, ward: world.Ward) -> None:
    type(ward.midwife).objects.update(phone="+33190000001")
    type(ward.practice).objects.filter(pk=ward.practice.pk).update(phone="+33190000002")
    watch(paris(2026, 3, 18, 11, 30))
    assert "+33190000001 ou +33190000002" in calls()[0].message


def test_nothing_at_night(stay: Stay) -> None:
    for hour in (21, 23):
        assert watch(paris(2026, 3, 17, hour, 30)) == 0
    assert watch(paris(2026, 3, 18, 6, 59)) == 0
    assert watch(paris(2026, 3, 18, 7, 0)) == 1 and notices() == 1


def test_a_visit_at_dawn_is_called_about_the_evening_before(stay: Stay) -> None:
    set_visit(paris(2026, 3, 18, 7, 30))
    assert watch(paris(2026, 3, 17, 19, 59)) == 1 and not calls()
    assert watch(paris(2026, 3, 17, 20, 0)) == 1 and len(calls()) == 1


def test_a_worker_that_slept_through_the_evening_still_opens_the_call(stay: Stay) -> None:
    set_visit(paris(2026, 3, 18, 7, 30))
    assert watch(paris(2026, 3, 18, 5, 0)) == 1 and len(calls()) == 1


def test_read_in_time_nobody_is_told(stay: Stay, ward: world.Ward) -> None:
    open_letter(ward, paris(2026, 3, 16, 18, 0))
    assert watch(paris(2026, 3, 18, 8, 0)) == 0 and watch(paris(2026, 3, 18, 12, 0)) == 0


def test_a_reading_takes_back_what_was_not_sent_and_the_call(stay: Stay, ward: world.Ward) -> None:
    watch(paris(2026, 3, 18, 8, 0))
    watch(paris(2026, 3, 18, 11, 0))
    open_letter(ward, paris(2026, 3, 18, 11, 30))
    assert not calls() and Notice.objects.get(text=UNREAD).sent_at is not None


def test_an_acknowledged_reading_closes_the_call_at_the_next_round(stay: Stay, ward: world.Ward) -> None:
    watch(paris(2026, 3, 18, 11, 0))
    version = Document.objects.get().current_version
    version.readings.create(professional=ward.midwife, at=paris(2026, 3, 18, 11, 5), via="MDN")
    watch(paris(2026, 3, 18, 11, 6))
    assert not calls() and len(calls("DONE")) == 1


def test_a_visit_done_closes_the_call(stay: Stay, ward: world.Ward) -> None:
    watch(paris(2026, 3, 18, 11, 0))
    handovers.seen(Handover.objects.get(), at=paris(2026, 3, 18, 12, 0), by=ward.midwife_user)
    watch(paris(2026, 3, 18, 12, 1))
    assert not calls()


def test_another_date_asks_again_once(stay: Stay, ward: world.Ward) -> None:
    watch(paris(2026, 3, 18, 11, 0))
    handovers.schedule(Handover.objects.get(), at=paris(2026, 3, 19, 15, 0), by=ward.midwife_user)
    assert watch(paris(2026, 3, 18, 12, 0)) == 0 and not calls(), "the call of the first date has no object"
    assert watch(paris(2026, 3, 19, 11, 0)) == 1 and len(calls()) == 1
    assert LetterNudge.objects.filter(step="CALL").count() == 2


@pytest.mark.parametrize("closed", ["masked", "uninformed", "no letter"])
def test_who_may_not_open_it_is_not_nudged(stay: Stay, closed: str) -> None:
    if closed == "masked":
        Document.objects.update(masks=[codes.MASQUE_PS.code])
    elif closed == "uninformed":
        CareTeamMember.objects.update(informed_at=None)
    else:
        Document.objects.update(type_code=codes.CR_ACCOUCHEMENT.code)
    assert watch(paris(2026, 3, 18, 8, 0)) == 0 and watch(paris(2026, 3, 18, 12, 0)) == 0


def test_handed_over_on_paper_is_known(stay: Stay, ward: world.Ward) -> None:
    mail = Shipment.objects.get(channel="mssante")
    paper = paper_deliveries.offer(mail, policy().named("NO_ADDRESS"))
    assert paper is not None
    paper_deliveries.give(paper, by=ward.secretary)
    assert watch(paris(2026, 3, 18, 12, 0)) == 0


def test_a_paper_of_an_older_version_says_nothing_of_the_new_one(stay: Stay, ward: world.Ward) -> None:
    paper = paper_deliveries.offer(Shipment.objects.get(channel="mssante"), policy().named("NO_ADDRESS"))
    assert paper is not None
    paper_deliveries.give(paper, by=ward.secretary)
    old = Document.objects.get().current_version
    DocumentVersion.objects.create(
        document=old.document, number=old.number + 1, unique_id="1.2.250.1.999.9.7", original=old.original,
        validated_at=SENT + timedelta(hours=1), validated_by=ward.doctor_user,
    )  # fmt: skip
    assert watch(paris(2026, 3, 18, 12, 0)) == 1 and len(calls()) == 1


def test_a_code_typed_by_another_is_no_reading_of_hers(stay: Stay, ward: world.Ward) -> None:
    paper = paper_deliveries.offer(Shipment.objects.get(channel="mssante"), policy().named("NO_ADDRESS"))
    assert paper is not None
    paper_deliveries.opened(paper, by=ward.midwife_user)
    assert PaperDelivery.objects.get().status == "OPENED"
    assert watch(paris(2026, 3, 18, 12, 0)) == 1, "no reading of hers is known"
    version = Document.objects.get().current_version
    version.readings.create(professional=ward.midwife, at=paris(2026, 3, 18, 12, 5), via="CODE")
    watch(paris(2026, 3, 18, 12, 6))
    assert not calls()


def test_a_deadline_is_not_said_to_be_a_visit(stay: Stay, ward: world.Ward) -> None:
    watch(paris(2026, 3, 18, 11, 0))
    assert "à voir avant le 18/03 à 15 h 00" in calls()[0].message and "prévue" not in calls()[0].message
    handovers.schedule(Handover.objects.get(), at=paris(2026, 3, 19, 15, 0), by=ward.midwife_user)
    watch(paris(2026, 3, 19, 11, 0))
    assert "est prévue le 19/03 à 15 h 00" in calls()[0].message


def test_a_visit_missed_leaves_its_deadline(stay: Stay, ward: world.Ward) -> None:
    handover = Handover.objects.get()
    handovers.schedule(handover, at=paris(2026, 3, 17, 10, 0), by=ward.midwife_user)
    handovers.missed(handover, reason="absente", by=ward.midwife_user)
    assert watch(paris(2026, 3, 18, 11, 0)) == 1
    assert calls()[0].due_at == VISIT and "à voir avant le 18/03" in calls()[0].message
    watch(paris(2026, 3, 18, 11, 5))
    assert len(calls()) == 1, "it is not closed by the date of the visit that was missed"


def test_a_letter_that_has_just_come_is_given_a_moment(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    now = paris(2026, 3, 18, 9, 0)
    with time_machine.travel(now, tick=False):
        validated(ward, world.stay(ward))
    set_visit(paris(2026, 3, 18, 19, 0))
    assert watch(now + timedelta(minutes=30)) == 0
    assert watch(now + timedelta(hours=2, minutes=1)) == 1 and notices() == 1


@pytest.mark.parametrize(
    ("visit", "notice"),
    [
        (paris(2026, 3, 29, 12, 0), datetime(2026, 3, 28, 16, 0, tzinfo=UTC)),  # eighteen real hours: 17:00, not 18:00
        (paris(2026, 10, 25, 12, 0), datetime(2026, 10, 24, 17, 0, tzinfo=UTC)),  # 19:00, and one hour more of night
        (paris(2026, 3, 19, 0, 30), datetime(2026, 3, 18, 6, 0, tzinfo=UTC)),  # 6:30 in the morning, hence 7:00
    ],
)
def test_the_changes_of_hour_and_midnight(
    ward: world.Ward, fakes: dict[str, FakeChannel], visit: datetime, notice: datetime
) -> None:
    with time_machine.travel(visit - timedelta(days=2), tick=False):
        validated(ward, world.stay(ward))
    set_visit(visit)
    assert watch(notice - timedelta(minutes=1)) == 0
    assert watch(notice) == 1 and notices() == 1


@given(VISITS)
def test_no_step_falls_at_night_and_none_after_what_it_precedes(visit: datetime) -> None:
    call = deadlines.out_of_the_night(visit - deadlines.UNREAD_CALL.delay, before=visit)
    notice = deadlines.out_of_the_night(visit - deadlines.UNREAD_NOTICE.delay, before=call)
    for at in (call, notice):
        assert not deadlines.is_quiet(at)
    assert notice <= call < visit
    assert visit - notice >= timedelta(hours=5)


def test_a_product_that_forgets_what_it_said_is_seen(stay: Stay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudges, "_first_time", lambda *args: True)
    monkeypatch.setattr("coordination.services.notices.SAID_AGAIN_AFTER", timedelta(0))
    for minute in range(2):
        watch(paris(2026, 3, 18, 8, minute))
    assert notices() == 2, "without its memory it would say it at each round"


def test_the_undo_seconds_are_shorter_than_the_patience() -> None:
    assert timedelta(seconds=settings.UNDO_SECONDS) < deadlines.UNREAD_PATIENCE
