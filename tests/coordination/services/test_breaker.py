"""A channel that is down: left alone, tried with one shipment at a time, caught up without a storm. Time is given."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from coordination import channels, deadlines
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import ChannelBreaker, Shipment, ShipmentAttempt, WorkItem, WorkItemKind
from coordination.ports import (
    ChannelError,
    Parcel,
    PermanentChannelError,
    Proof,
    TemporaryChannelError,
    UncertainChannelError,
)
from coordination.services import administration, breaker, documents, outbox
from tests.coordination import world
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
SILENCE = ("UNREACHABLE", "Le DMP ne répond pas.")
MINUTE = timedelta(minutes=1)


class Dmp(FakeChannel):
    """A DMP that is down between two instants; `asked` says when it was called and for what."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.now(UTC)
        self.is_down = False
        self.refuses: set[str] = set()
        self.asked: list[tuple[datetime, str]] = []

    def submit(self, parcel: Parcel) -> Proof:
        self.asked.append((self.now, str(parcel.shipment_id)))
        if self.is_down or str(parcel.shipment_id) in self.refuses:
            raise TemporaryChannelError(*SILENCE, of_channel=True)
        return super().submit(parcel)


@pytest.fixture
def dmp(fakes: dict[str, FakeChannel]) -> Dmp:
    fakes["dmp"] = one = Dmp()
    return one


@pytest.fixture
def start(settings: object) -> datetime:
    settings.OUTBOX_BREAKER_FAILURES = 5  # type: ignore[attr-defined]
    settings.OUTBOX_RELEASE_PER_MINUTE = 30.0  # type: ignore[attr-defined]
    settings.OUTBOX_LEASE_SECONDS = 900  # type: ignore[attr-defined]
    return timezone.now() + MINUTE


def papers(ward: world.Ward, count: int, mothers: int = 0) -> list[Shipment]:
    """Letters for the DMP, of `mothers` different mothers (each her own by default)."""
    stays = [
        world.stay(ward, with_midwife=False, number=f"S{n}", mother=world.mother(order=n, ipp=f"M{n}"), newborns=())
        for n in range(1, (mothers or count) + 1)
    ]
    for number in range(count):
        documents.validate(world.letter(ward, stays[number % len(stays)]), by=ward.doctor_user)
    return list(Shipment.objects.filter(channel="dmp").order_by("created_at"))


def tick(dmp: Dmp, now: datetime) -> None:
    """What a sweep does at that instant."""
    dmp.now = now
    for identifier in outbox.due_ids(["dmp"], at=now):
        outbox.deliver(identifier, at=now)


def play(dmp: Dmp, since: datetime, lasting: timedelta, step: timedelta = timedelta(seconds=30)) -> datetime:
    """Sweep after sweep; gives the instant where it ends."""
    now = since
    while now < since + lasting:
        tick(dmp, now)
        now += step
    return now


def is_open() -> bool:
    return "dmp" in channels.down()


def test_it_opens_after_several_failures_of_several_shipments(ward: world.Ward, dmp: Dmp, start: datetime) -> None:
    papers(ward, 8)
    dmp.is_down = True
    tick(dmp, start)
    assert is_open()
    assert len(dmp.asked) == 5, "the three others were left alone"
    row = ChannelBreaker.objects.get(channel="dmp")
    assert (row.since, row.opened_at, row.last_code) == (start, start, "UNREACHABLE")
    assert outbox.due_ids(["dmp"], at=start) == []
    assert Shipment.objects.filter(tries=0).count() == 3


def test_one_document_alone_never_opens_it(ward: world.Ward, dmp: Dmp, start: datetime) -> None:
    poisoned, good = papers(ward, 2)
    dmp.refuses = {str(poisoned.pk)}
    outbox.deliver(good.pk, at=start)
    play(dmp, start, timedelta(hours=12), timedelta(minutes=10))
    assert not is_open()
    poisoned.refresh_from_db()
    assert poisoned.status == S.QUEUED and poisoned.excused > 0, "no other says whether the DMP lives"


def test_a_poisoned_document_ends_with_a_person_while_others_pass(ward: world.Ward, dmp: Dmp, start: datetime) -> None:
    poisoned, *others = papers(ward, 60)
    Shipment.objects.exclude(pk=poisoned.pk).update(due_at=start + timedelta(days=30))
    dmp.refuses, now = {str(poisoned.pk)}, start
    for one in others:
        tick(dmp, now)
        Shipment.objects.filter(pk=one.pk).update(due_at=now)
        outbox.deliver(one.pk, at=now)
        now += timedelta(minutes=20)
    poisoned.refresh_from_db()
    assert poisoned.status == S.FAILED
    assert WorkItem.objects.get(shipment=poisoned).message == SILENCE[1]
    assert Shipment.objects.filter(status=S.ACCEPTED).count() == len(others)


@pytest.mark.parametrize("functional", [True, False])
def test_an_answer_never_opens_it_whatever_it_says(
    ward: world.Ward, dmp: Dmp, fakes: dict[str, FakeChannel], start: datetime, functional: bool
) -> None:
    """No DMP, closed DMP, opposition, refusal of a document: the DMP lives."""
    sent = papers(ward, 8)
    dmp.failures = [PermanentChannelError("NF", "Pas de DMP.", raw=b"NF", functional=functional) for _ in sent]
    tick(dmp, start)
    assert not ChannelBreaker.objects.filter(failures__gt=0).exists()
    assert set(Shipment.objects.values_list("status", flat=True)) == {S.REJECTED}


def test_what_says_nothing_of_the_channel_changes_nothing(ward: world.Ward, dmp: Dmp, start: datetime) -> None:
    """A mailbox that is full, a certificate of ours that is missing: not the channel."""
    papers(ward, 8)
    own: list[ChannelError] = [TemporaryChannelError("450", "La boîte est pleine.", raw=b"450") for _ in range(4)]
    dmp.failures = [*own, *(PermanentChannelError("CONFIGURATION", "Réglage.") for _ in range(4))]
    tick(dmp, start)
    assert not ChannelBreaker.objects.filter(failures__gt=0).exists()


def test_one_probe_at_a_time_and_it_closes_on_success(ward: world.Ward, dmp: Dmp, start: datetime) -> None:
    papers(ward, 8)
    dmp.is_down = True
    tick(dmp, start)
    dmp.asked.clear()
    probe_at = ChannelBreaker.objects.get().probe_at
    assert probe_at and start + deadlines.PROBE_WAIT[0] <= probe_at
    first, second = Shipment.objects.filter(tries=0)[:2]
    claimed = outbox.claim(first.pk, at=probe_at)
    assert claimed is not None
    assert outbox.claim(second.pk, at=probe_at) is None, "another worker waits for the first probe"
    dmp.is_down = False
    assert outbox.record(claimed, outbox.ask(claimed, at=probe_at), at=probe_at) == S.ACCEPTED
    assert not is_open()


def test_a_probe_that_dies_with_its_worker_is_followed_by_another(ward: world.Ward, dmp: Dmp, start: datetime) -> None:
    papers(ward, 8)
    dmp.is_down = True
    tick(dmp, start)
    first, second = Shipment.objects.filter(tries=0)[:2]
    probe_at = start + timedelta(minutes=2)
    assert outbox.claim(first.pk, at=probe_at) is not None
    assert outbox.claim(second.pk, at=probe_at + 14 * MINUTE) is None
    assert outbox.claim(second.pk, at=probe_at + 16 * MINUTE) is not None


def test_a_day_of_silence_exhausts_nothing_and_ends_without_a_storm(
    ward: world.Ward, dmp: Dmp, start: datetime
) -> None:
    """Nobody becomes FAILED, few calls are made meanwhile, and the return is spread and in order for each mother."""
    sent = papers(ward, 24, mothers=6)
    dmp.is_down = True
    now = play(dmp, start, timedelta(hours=24), timedelta(minutes=5))
    assert set(Shipment.objects.values_list("status", flat=True)) == {S.QUEUED}
    assert not WorkItem.objects.filter(kind=WorkItemKind.SHIPMENT_REFUSED).exists()
    assert len(dmp.asked) < 5 + 24 * 60 / 5 + 10, "about one probe every five minutes for the whole channel"
    assert max(Counter(one for _, one in dmp.asked).values()) < 30, "no shipment bears all the probes"

    dmp.is_down = False
    dmp.asked.clear()
    play(dmp, now, timedelta(minutes=10), timedelta(seconds=10))
    assert set(Shipment.objects.values_list("status", flat=True)) == {S.ACCEPTED}
    by_minute = Counter((at - now) // MINUTE for at, _ in dmp.asked)
    assert max(by_minute.values()) <= 30 + 1, "OUTBOX_RELEASE_PER_MINUTE, and the probe"
    assert len(dmp.asked) == len(sent), "each once"
    left = {one: place for place, (_, one) in enumerate(dmp.asked)}
    probe = dmp.asked[0][1]
    for mother in {shipment.person_id for shipment in sent}:
        mine = [left[str(one.pk)] for one in sent if one.person_id == mother and str(one.pk) != probe]
        assert mine == sorted(mine)


def test_what_is_validated_during_the_return_waits_for_what_is_older(
    ward: world.Ward, dmp: Dmp, start: datetime
) -> None:
    older, newer = papers(ward, 2, mothers=1)
    ChannelBreaker.objects.create(channel="dmp", releasing_until=start + 10 * MINUTE)
    Shipment.objects.filter(pk=older.pk).update(due_at=start + 2 * MINUTE)
    assert outbox.claim(newer.pk, at=start) is None
    assert outbox.deliver(older.pk, at=start + 2 * MINUTE) == S.ACCEPTED
    assert outbox.deliver(newer.pk, at=start + 2 * MINUTE) == S.ACCEPTED


def test_the_same_failures_do_not_come_back_together(ward: world.Ward, dmp: Dmp, start: datetime) -> None:
    papers(ward, 4)
    dmp.is_down = True
    tick(dmp, start)
    waits = {one.due_at - start for one in Shipment.objects.all()}
    assert len(waits) == 4
    least = deadlines.RETRY_DELAYS[0]
    assert all(least <= wait <= least * (1 + deadlines.JITTER) for wait in waits)


def test_waits_of_an_outage_are_bounded() -> None:
    for elapsed in (timedelta(0), MINUTE, timedelta(hours=1), timedelta(days=9)):
        wait = deadlines.growing(elapsed, deadlines.OUTAGE_WAIT)
        assert deadlines.OUTAGE_WAIT[0] <= wait <= deadlines.OUTAGE_WAIT[1]


def test_a_mail_in_doubt_is_never_sent_again_for_ever(
    ward: world.Ward, fakes: dict[str, FakeChannel], start: datetime
) -> None:
    """Nobody can be asked whether a mail came: each resend counts, even while the operator is silent."""
    documents.validate(world.letter(ward, world.stay(ward)), by=ward.doctor_user)
    mail, now = Shipment.objects.get(channel="mssante"), start
    fakes["mssante"].failures = [UncertainChannelError("SILENCE", "Silence.", of_channel=True) for _ in range(20)]
    for _ in range(20):
        outbox.deliver(mail.pk, at=now)
        mail.refresh_from_db()
        now = max(mail.due_at, now)
    assert mail.status == S.FAILED and ShipmentAttempt.objects.filter(shipment=mail).count() == 6


def test_the_stop_switch_holds_everything_and_its_end_is_spread(ward: world.Ward, dmp: Dmp, start: datetime) -> None:
    papers(ward, 40)
    administration.stop_channel("dmp", reason="maintenance", by=ward.secretary)
    tick(dmp, start)
    assert dmp.asked == [] and outbox.due_ids(["dmp"], at=start) == []
    administration.restart_channel("dmp", by=ward.secretary)
    began = timezone.now()
    play(dmp, began, timedelta(minutes=5), timedelta(seconds=5))
    assert set(Shipment.objects.values_list("status", flat=True)) == {S.ACCEPTED}
    assert max(Counter((at - began) // MINUTE for at, _ in dmp.asked).values()) <= 31


def test_restarting_a_channel_that_is_down_tries_it_at_once(ward: world.Ward, dmp: Dmp, start: datetime) -> None:
    papers(ward, 8)
    dmp.is_down = True
    tick(dmp, start)
    breaker.probe_now("dmp", start)
    assert len(outbox.due_ids(["dmp"], at=start)) == 1
