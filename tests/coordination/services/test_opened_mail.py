"""The boxes that professionals open themselves: who may, and what is kept of what comes there."""

from __future__ import annotations

import dataclasses
import errno
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from coordination import blobs
from coordination.models import (
    CareTeamMember,
    Document,
    Mailbox,
    Notice,
    Professional,
    Receipt,
    ReceivedDocument,
    ReceivedMail,
    User,
    WorkItem,
)
from coordination.models.users import Role
from coordination.ports import Incoming, ReceiptKind
from coordination.selectors import mail_view, opened_boxes
from coordination.services import collection, mail_answers, mail_filing
from tests import fake_vault
from tests.coordination import world
from tests.coordination.services import letters_in
from tests.coordination.services.helpers import validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody(settings: Any) -> Iterator[set[str]]:
    settings.ACCESS_TOKENS = "tests.fake_vault"
    fake_vault.SIGNED_IN.clear()
    collection._tries.clear()
    yield fake_vault.SIGNED_IN
    fake_vault.SIGNED_IN.clear()


@pytest.fixture
def box(ward: world.Ward) -> Mailbox:
    """The personal box of the midwife, declared."""
    made, _ = Mailbox.objects.update_or_create(
        address="claire.aubepine@essai.mssante.example",
        defaults={"professional": ward.midwife, "kind": "PER", "opened_since": timezone.now()},
    )
    return made


@pytest.fixture
def colleague(ward: world.Ward) -> User:
    return world.user("collegue", Role.MIDWIFE, ward.practice, professional(ward))


def professional(ward: world.Ward) -> Professional:
    return Professional.objects.create(
        rpps="89900009013", family_name="CHARME", given_name="Odile", organisation=ward.practice
    )


def packed(headers: str = "", **values: Any) -> bytes:
    said: dict[str, Any] = {"unique_id": "1.2.250.1.999.9.1"}
    return letters_in.with_archive(letters_in.archive(letters_in.cda(**values), **said), headers=headers)


def arrive(fakes: dict[str, FakeChannel], box: Mailbox, **values: Any) -> list[ReceivedDocument]:
    raw = packed(**values)
    return letters_in.arrive(fakes, raw, mailbox=box.address)


class TestWhoOpens:
    def test_only_a_declared_box_and_only_while_she_is_there(
        self, ward: world.Ward, box: Mailbox, nobody: set[str]
    ) -> None:
        keeper = opened_boxes.OpenedBoxes()
        assert keeper.declares(box.address.upper()) and not keeper.boxes() and not list(keeper.tokens(box.address))
        nobody.add(str(ward.midwife_user.pk))
        assert [one.address for one in keeper.boxes()] == [box.address]
        assert list(keeper.tokens(box.address)) == [f"jeton-{ward.midwife_user.pk}"]
        Mailbox.objects.update(opened_since=None)
        assert not keeper.boxes() and not list(keeper.tokens(box.address)) and not keeper.declares(box.address)

    def test_her_colleague_does_not_open_it(self, box: Mailbox, colleague: User, nobody: set[str]) -> None:
        nobody.add(str(colleague.pk))
        assert not opened_boxes.OpenedBoxes().boxes() and not list(opened_boxes.OpenedBoxes().tokens(box.address))

    def test_a_closed_account_opens_nothing(self, ward: world.Ward, box: Mailbox, nobody: set[str]) -> None:
        nobody.add(str(ward.midwife_user.pk))
        User.objects.filter(pk=ward.midwife_user.pk).update(is_active=False)
        assert not opened_boxes.OpenedBoxes().boxes()

    def test_the_box_of_a_practice_by_any_of_its_professionals(
        self, ward: world.Ward, colleague: User, nobody: set[str]
    ) -> None:
        shared = Mailbox.objects.create(
            address="cabinet@essai.mssante.example", kind="CAB", organisation=ward.practice, opened_since=timezone.now()
        )
        nobody.add(str(colleague.pk))
        assert list(opened_boxes.OpenedBoxes().tokens(shared.address)) == [f"jeton-{colleague.pk}"]
        nobody.add(str(ward.secretary.pk))  # elsewhere, and no professional
        assert len(list(opened_boxes.OpenedBoxes().tokens(shared.address))) == 1


class TestWhatIsKept:
    def test_a_letter_is_filed_for_her_alone(
        self, ward: world.Ward, fakes: dict[str, FakeChannel], box: Mailbox, colleague: User
    ) -> None:
        stay = world.stay(ward)
        (document,) = arrive(fakes, box)
        assert (document.status, document.stay, document.holder) == ("FILED", stay, ward.midwife)
        CareTeamMember.objects.create(
            stay=stay, professional=colleague.professional, role="GP", chosen_at=timezone.now(),
            informed_at=timezone.now(), declared_by=ward.secretary,
        )  # fmt: skip
        assert [row.id for row in mail_view.of_stay(stay, ward.midwife_user)] == [document.pk]
        for other in (colleague, ward.secretary, ward.doctor_user):
            assert not mail_view.of_stay(stay, other)

    def test_a_mother_that_only_her_colleague_follows_waits_for_her(
        self, ward: world.Ward, fakes: dict[str, FakeChannel], box: Mailbox, colleague: User, client: Client
    ) -> None:
        stay = world.stay(ward, with_midwife=False)
        CareTeamMember.objects.create(
            stay=stay, professional=colleague.professional, role="MIDWIFE", chosen_at=timezone.now(),
            informed_at=timezone.now(), declared_by=ward.secretary,
        )  # fmt: skip
        (document,) = arrive(fakes, box)
        assert (document.status, document.code, document.stay) == ("TO_SORT", "902", None)
        client.force_login(colleague)
        assert client.get(f"/courrier/{document.pk}/").status_code == 404
        client.force_login(ward.midwife_user)
        assert client.get(f"/courrier/{document.pk}/").status_code == 200

    def test_the_same_mail_in_two_boxes_is_one_for_each(
        self, ward: world.Ward, fakes: dict[str, FakeChannel], box: Mailbox
    ) -> None:
        world.stay(ward)
        raw = packed()  # made once: an archive bears the instant at which it was made
        letters_in.arrive(fakes, raw)
        letters_in.arrive(fakes, raw, mailbox=box.address)
        letters_in.arrive(fakes, raw, mailbox=box.address)
        assert ReceivedMail.objects.filter(holder=ward.midwife).count() == 1
        assert ReceivedMail.objects.filter(holder=None).exclude(mailbox=box.address).count() >= 1
        statuses = set(ReceivedDocument.objects.filter(holder=ward.midwife).values_list("status", flat=True))
        assert statuses == {"FILED"}, "what the ward has is no reason to hide it from her"

    def test_other_receipts_than_ours_are_forgotten(
        self, ward: world.Ward, fakes: dict[str, FakeChannel], box: Mailbox
    ) -> None:
        stay = world.stay(ward)
        validated(ward, stay)
        shipment = ward.maternity.shipments.get(channel="mssante")
        told = [notice("inconnu@ailleurs.example", box), notice(shipment.message_id, box)]
        fakes["mssante"].mail = list(told)
        collection.collect("mssante")
        assert not fakes["mssante"].mail and not Receipt.objects.exists()
        type(shipment).objects.filter(pk=shipment.pk).update(sent_from=box.address)
        fakes["mssante"].mail = list(told)
        collection.collect("mssante")
        assert [one.shipment_id for one in Receipt.objects.all()] == [shipment.pk]

    def test_what_breaks_stays_in_her_box_and_she_is_told(
        self, ward: world.Ward, fakes: dict[str, FakeChannel], box: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("coordination.services.mail_intake.store", broken)
        came = letters_in.incoming(packed(), box.address)
        for _ in range(2):  # offered again: told once
            fakes["mssante"].mail = [came]
            for _ in range(collection.MOST_TRIES):
                collection.collect("mssante")
            assert not fakes["mssante"].mail and not Receipt.objects.exists()
        notice = Notice.objects.get()
        assert notice.professional == ward.midwife and "n'a pas pu être lu" in notice.text
        assert came.mail and came.mail.sender not in notice.text and not WorkItem.objects.exists()

    def test_it_is_kept_when_nobody_could_be_told(
        self, ward: world.Ward, fakes: dict[str, FakeChannel], box: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("coordination.services.mail_intake.store", broken)
        monkeypatch.setattr("coordination.services.notices.tell", broken)
        fakes["mssante"].mail = [letters_in.incoming(packed(), box.address)]
        for _ in range(collection.MOST_TRIES + 2):
            collection.collect("mssante")
        assert len(fakes["mssante"].mail) == 1 and not fakes["mssante"].acknowledged
        monkeypatch.undo()
        User.objects.filter(pk=ward.midwife_user.pk).update(is_active=False)
        fakes["mssante"].mail = [unread("UNREADABLE 1:4 KeyError", box)]
        for _ in range(collection.MOST_TRIES + 2):
            collection.collect("mssante")
        assert len(fakes["mssante"].mail) == 1 and not Notice.objects.exists()

    def test_a_full_disk_loses_no_letter(
        self, ward: world.Ward, fakes: dict[str, FakeChannel], box: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: Any, **__: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        stay = world.stay(ward)
        fakes["mssante"].mail = [letters_in.incoming(packed(), box.address)]
        with monkeypatch.context() as patched:
            patched.setattr("coordination.blobs.store", full)
            for _ in range(collection.MOST_TRIES + 2):
                collection.collect("mssante")
        assert fakes["mssante"].mail and not fakes["mssante"].acknowledged
        collection.collect("mssante")
        assert not fakes["mssante"].mail and ReceivedDocument.objects.get().stay == stay

    @pytest.mark.parametrize("code", ["UNREADABLE 1:4 RecursionError", "TOO_LARGE"])
    def test_what_the_channel_could_not_read_is_told(
        self, ward: world.Ward, fakes: dict[str, FakeChannel], box: Mailbox, code: str
    ) -> None:
        fakes["mssante"].mail = [unread(code, box)]
        assert collection.collect("mssante") == 1
        assert Notice.objects.get().professional == ward.midwife and not Receipt.objects.exists()

    def test_the_shared_box_of_a_hospital_has_a_line(self, ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
        shared = Mailbox.objects.create(
            address="ward@essai.mssante.example", kind="ORG", organisation=ward.maternity, opened_since=timezone.now()
        )
        for _ in range(2):
            fakes["mssante"].mail = [unread("TOO_LARGE", shared)]
            collection.collect("mssante")
        assert WorkItem.objects.get().organisation == ward.maternity
        assert Notice.objects.filter(professional=ward.doctor).count() == 1


class TestAnswers:
    @pytest.mark.parametrize("whose", ["hers", "the ward's"])
    def test_our_own_paper_is_answered_by_itself_whatever_becomes_of_its_words(
        self, ward: world.Ward, fakes: dict[str, FakeChannel], box: Mailbox, whose: str
    ) -> None:
        version = Document.objects.get(pk=validated(ward, world.stay(ward)).pk).current_version
        assert version.cda is not None
        packed = letters_in.archive(blobs.read(version.cda), unique_id=version.unique_id)
        raw = letters_in.with_archive(packed, headers=letters_in.ASKED)
        kept = letters_in.arrive(fakes, raw, mailbox=box.address if whose == "hers" else letters_in.MAILBOX)
        assert (kept[0].status, len(kept)) == ("KNOWN", 1 if whose == "hers" else 2)
        mail = ReceivedMail.objects.get()
        due_at = mail.answer_due_at
        assert due_at is not None and mail.answer_code == "", "processed, at once"
        for words in kept[1:]:
            mail_filing.discard(words, by=ward.secretary, reason="lu")
        mail.refresh_from_db()
        assert (mail.answer_due_at, mail.answer_code) == (due_at, "")

    def test_her_box_answers_when_she_is_there(
        self, ward: world.Ward, fakes: dict[str, FakeChannel], box: Mailbox, nobody: set[str]
    ) -> None:
        world.stay(ward)
        raw = packed(headers=letters_in.ASKED)
        letters_in.arrive(fakes, raw, mailbox=box.address)
        mail = ReceivedMail.objects.get()
        assert mail.answer_due_at and not mail_answers.due_ids()
        nobody.add(str(ward.midwife_user.pk))
        assert mail_answers.due_ids() == [mail.pk]


def broken(*_: Any, **__: Any) -> None:
    raise ValueError


def unread(code: str, box: Mailbox) -> Incoming:
    """A mail that the channel could not read: its place, and nothing of it."""
    return dataclasses.replace(notice("", box), token=code, kind=ReceiptKind.UNKNOWN, code=code, digest=code[:60])


def notice(message_id: str, box: Mailbox) -> Incoming:
    known = Incoming(
        token=message_id, kind=ReceiptKind.DELIVERED, message_id=message_id, recipient="x@y.example",
        at=timezone.now(), code="2.0.0", message_fr="Remis.", raw=message_id.encode(), digest=message_id[:60],
    )  # fmt: skip
    return dataclasses.replace(known, mailbox=box.address)
