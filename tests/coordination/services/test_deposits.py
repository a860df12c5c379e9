"""Papers dropped by a ward: read, completed, cut, sent, taken back; real files, none lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from coordination import blobs
from coordination.access import AccessDeniedError
from coordination.lifecycles import DepositStatus as I
from coordination.lifecycles import DocumentStatus as D
from coordination.models import Delegation, Deposit, Document, Organisation, Role, Shipment, Stay
from coordination.papers import specimen_variants as variants
from coordination.papers.specimen_texts import Kind
from coordination.selectors.matching import WrongPersonError
from coordination.services import deposits, transitions
from coordination.services.deposits import DepositRefusedError
from coordination.services.documents import DocumentRefusedError
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import child, deliver_all
from tests.factories.papers import paper
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
LETTER, EXAM = codes.LETTRE_DE_LIAISON_SORTIE.code, codes.CR_EXAMEN_ENFANT.code


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    return world.stay(ward)


@pytest.fixture
def letter(stay: Stay) -> bytes:
    return paper(Kind.LLS, stay.mother)


def drop(ward: world.Ward, data: bytes, *, on: Stay | None = None, name: str = "papier.pdf") -> Deposit:
    """Dropped by the secretary and read by a worker."""
    (made,) = deposits.receive([(name, data)], by=ward.secretary, stay=on)
    deposits.read(made.pk)
    made.refresh_from_db()
    return made


def allow(ward: world.Ward) -> None:
    today = timezone.localdate()
    Delegation.objects.create(
        professional=ward.doctor, organisation=ward.maternity, starts_on=today, ends_on=today,
        recorded_by=ward.doctor_user,
    )  # fmt: skip


class TestReading:
    def test_a_good_letter_needs_no_typing(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        found = drop(ward, letter)
        assert (found.status, found.person, found.stay, found.type_code) == (I.READY, stay.mother, stay, LETTER)
        assert found.refusal == "" and found.readable is not None
        assert blobs.read(found.blob) == letter, "the bytes as dropped are kept"

    def test_an_old_pdf_and_a_scan_become_pdf_a(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        old = drop(ward, variants.without_pdf_a(letter))
        assert old.status == I.READY and b"pdfaid" in blobs.read(old.readable)  # type: ignore[arg-type]
        scan = drop(ward, variants.scanned(paper(Kind.CRA, stay.mother)))
        assert scan.person == stay.mother and scan.status == I.TO_CHECK and "type" in scan.refusal

    def test_without_code_a_person_chooses(self, ward: world.Ward, stay: Stay) -> None:
        exam = drop(ward, paper(Kind.CHILD_EXAM, child(stay)), on=stay)  # type: ignore[arg-type]
        assert (exam.status, exam.person, exam.stay) == (I.TO_CHECK, None, stay)
        deposits.complete(exam, person=child(stay), stay=stay, type_code=EXAM, by=ward.secretary)  # type: ignore[arg-type]
        assert exam.status == I.READY and exam.refusal == ""

    @pytest.mark.parametrize(
        "data", [b"", b"hello", b"PK\x03\x04", b"%PDF-1.4\n%%EOF"], ids=["0", "text", "zip", "cut"]
    )
    def test_what_is_no_paper_is_kept_with_its_reason(self, ward: world.Ward, data: bytes) -> None:
        refused = drop(ward, data)
        assert refused.status == I.REFUSED and refused.refusal.endswith(".") and blobs.read(refused.blob) == data
        with pytest.raises(DepositRefusedError):
            deposits.complete(refused, person=None, stay=None, type_code=LETTER, by=ward.secretary)  # type: ignore[arg-type]
        deposits.discard(refused, by=ward.secretary)

    def test_the_same_file_twice_is_kept_once(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        assert drop(ward, letter).status == I.READY
        again = drop(ward, letter)
        assert again.status == I.REFUSED and "qu'une fois" in again.refusal

    def test_the_same_file_twice_at_one_instant_is_kept_once(
        self, clock: object, ward: world.Ward, stay: Stay, letter: bytes
    ) -> None:
        """Two files of one drop: each must not be refused because of the other."""
        two = deposits.receive([("a.pdf", letter), ("b.pdf", letter)], by=ward.secretary)
        assert sorted(deposits.read(one.pk) or "" for one in two) == [I.READY, I.REFUSED]

    def test_the_same_file_after_it_was_sent_says_when(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        allow(ward)
        deposits.send([drop(ward, letter)], by=ward.secretary)
        assert drop(ward, letter).refusal.startswith("Déjà envoyé le ")

    def test_a_mother_from_elsewhere_is_a_question(self, ward: world.Ward, fakes: object, letter: bytes) -> None:
        Stay.objects.update(maternity=Organisation.objects.create(kind="MATERNITY", name="Autre", finess="997800123"))
        found = drop(ward, letter)
        assert (found.status, found.person, found.stay) == (I.TO_CHECK, None, None)

    def test_the_line_of_another_mother(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        other = world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())
        found = drop(ward, letter, on=other)
        assert found.status == I.TO_CHECK and found.refusal == WrongPersonError.message_fr

    def test_an_older_stay_of_the_same_mother(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        world.stay(ward, number="S2", newborns=(), admitted_at=timezone.now(), birth_at=None, birth_mode="")
        found = drop(ward, letter, on=stay)
        assert (found.status, found.stay) == (I.READY, stay)

    def test_a_lease_protects_the_reading_and_expires(self, ward: world.Ward, letter: bytes) -> None:
        (one,) = deposits.receive([("papier.pdf", b"")], by=ward.secretary)
        Deposit.objects.update(reading_until=timezone.now() + timedelta(minutes=1))
        assert deposits.read(one.pk) is None and deposits.unread_ids() == []
        long_ago = timezone.now() - timedelta(minutes=5)
        Deposit.objects.update(reading_until=long_ago, deposited_at=long_ago)
        assert deposits.unread_ids() == [one.pk] and deposits.read(one.pk) == I.REFUSED
        assert deposits.read(one.pk) is None and deposits.unread_ids() == []

    def test_a_reading_that_never_ends_is_said(self, ward: world.Ward, letter: bytes) -> None:
        (made,) = deposits.receive([("papier.pdf", letter)], by=ward.secretary)
        blobs._path(made.blob_id).unlink()
        ago = timezone.now() - timedelta(seconds=1)
        with pytest.raises(blobs.BlobError):
            deposits.read(made.pk)
        Deposit.objects.update(reading_until=ago)
        with pytest.raises(blobs.BlobError):
            deposits.read(made.pk)
        Deposit.objects.update(reading_until=ago, deposited_at=ago - deposits.READING_GIVEN_UP)
        assert deposits.read(made.pk) == I.REFUSED
        made.refresh_from_db()
        assert made.status == I.REFUSED and made.refusal == deposits.UNREADABLE

    def test_an_old_file_that_nobody_began_to_read_is_read(self, ward: world.Ward, letter: bytes) -> None:
        (made,) = deposits.receive([("papier.pdf", letter)], by=ward.secretary)
        Deposit.objects.update(deposited_at=timezone.now() - timedelta(hours=3))
        assert deposits.read(made.pk) == I.READY

    def test_only_a_ward_drops_papers(self, ward: world.Ward) -> None:
        for user in (ward.midwife_user, ward.coordinator):
            with pytest.raises(AccessDeniedError):
                deposits.receive([("a.pdf", b"x")], by=user)


class TestCompleting:
    def test_the_code_of_the_mother_forbids_the_child_and_another(
        self, ward: world.Ward, stay: Stay, letter: bytes
    ) -> None:
        found = drop(ward, letter)
        other = world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())
        for person, where in ((child(stay), stay), (other.mother, other)):
            with pytest.raises(WrongPersonError):
                deposits.complete(found, person=person, stay=where, type_code=LETTER, by=ward.secretary)  # type: ignore[arg-type]
        found.refresh_from_db()
        assert (found.person, found.status) == (stay.mother, I.READY)

    def test_a_person_and_a_stay_that_do_not_go_together(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        found = drop(ward, letter)
        other = world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())
        with pytest.raises(DepositRefusedError):
            deposits.complete(found, person=stay.mother, stay=other, type_code=LETTER, by=ward.secretary)

    def test_an_unknown_type_or_an_unread_paper(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        with pytest.raises(DepositRefusedError):
            deposits.complete(drop(ward, letter), person=stay.mother, stay=stay, type_code="X", by=ward.secretary)
        (unread,) = deposits.receive([("b.pdf", letter)], by=ward.secretary)
        with pytest.raises(DepositRefusedError):
            deposits.complete(unread, person=stay.mother, stay=stay, type_code=LETTER, by=ward.secretary)

    def test_a_type_of_the_mother_and_one_of_the_newborn(self, ward: world.Ward, stay: Stay) -> None:
        """A mother's paper in her child's record, or the other way round, is refused with its reason."""
        exam = drop(ward, paper(Kind.CHILD_EXAM, child(stay)), on=stay)  # type: ignore[arg-type]
        for person, kind in ((stay.mother, EXAM), (child(stay), codes.CR_GROSSESSE.code)):
            with pytest.raises(DepositRefusedError, match="vérifiez le type et la personne"):
                deposits.complete(exam, person=person, stay=stay, type_code=kind, by=ward.secretary)  # type: ignore[arg-type]
        assert (exam.status, exam.person) == (I.TO_CHECK, None)
        with pytest.raises(DocumentRefusedError):
            world.letter(ward, stay, type_code=EXAM)

    def test_what_was_sent_is_not_completed_again(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        """A page left open: the paper must not be filed, then sent, a second time."""
        found = drop(ward, letter)
        deposits.send([found], by=ward.secretary)
        with pytest.raises(DepositRefusedError):
            deposits.complete(found, person=stay.mother, stay=stay, type_code=EXAM, by=ward.secretary)
        assert Document.objects.count() == 1


class TestCutting:
    def test_two_people_in_one_file_are_cut_and_read_again(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())
        other = Stay.objects.get(number="S2")
        pile = drop(ward, variants.joined([letter, paper(Kind.LLS, other.mother)]), name="pile.pdf")
        assert pile.status == I.TO_CHECK and pile.readable is None
        with pytest.raises(DepositRefusedError):
            deposits.complete(pile, person=stay.mother, stay=stay, type_code=LETTER, by=ward.secretary)
        pieces = deposits.split(pile, by=ward.secretary)
        assert [p.file_name for p in pieces] == ["pile (1).pdf", "pile (2).pdf"] and pile.status == I.DISCARDED
        assert {deposits.read(p.pk) for p in pieces} == {I.READY}
        assert set(Deposit.objects.filter(status=I.READY).values_list("stay__number", flat=True)) == {"S1", "S2"}

    def test_the_parts_stay_on_the_line_where_the_file_was_dropped(
        self, ward: world.Ward, stay: Stay, letter: bytes
    ) -> None:
        pile = drop(ward, variants.joined([letter, paper(Kind.CRA, stay.mother)]), on=stay)
        assert {piece.stay for piece in deposits.split(pile, by=ward.secretary)} == {stay}

    def test_a_file_that_cannot_be_cut(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        (unread,) = deposits.receive([("a.pdf", letter)], by=ward.secretary)
        for one in (drop(ward, paper(Kind.CRA, stay.mother)), unread):
            with pytest.raises(DepositRefusedError):
                deposits.split(one, by=ward.secretary)


class TestSending:
    def test_under_a_delegation_one_lot_per_recipient(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        allow(ward)
        papers = [drop(ward, letter), drop(ward, paper(Kind.CRA, stay.mother))]
        filed = deposits.send(papers, by=ward.secretary)
        assert {d.status for d in filed} == {D.VALIDATED} and {p.status for p in papers} == {I.FILED}
        assert [s.versions.count() for s in Shipment.objects.all()] == [2, 2]

    def test_without_delegation_the_author_validates(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        (document,) = deposits.send([drop(ward, letter)], by=ward.secretary)
        assert document.status == D.TO_VALIDATE and document.legal_authenticator == ward.doctor
        assert not Shipment.objects.exists()

    def test_nobody_to_sign_refuses_all_and_writes_nothing(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        found = drop(ward, letter)
        Stay.objects.update(physician=None)
        again = Deposit.objects.select_related("stay").get(pk=found.pk)
        with pytest.raises(DocumentRefusedError):
            deposits.send([again], by=ward.secretary)
        assert Deposit.objects.get().status == I.READY and not Document.objects.exists()

    def test_two_secretaries_send_the_same_tray(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        found = drop(ward, letter)
        other = Deposit.objects.get(pk=found.pk)
        deposits.send([found], by=ward.secretary)
        with pytest.raises(transitions.StaleStateError), transaction.atomic():
            deposits.send([other], by=ward.secretary)
        assert deposits.send([found], by=ward.secretary) == [] and Document.objects.count() == 1

    def test_another_ward_sends_nothing_of_this_one(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        elsewhere = Organisation.objects.create(kind="MATERNITY", name="Autre", finess="997800123")
        with pytest.raises(AccessDeniedError):
            deposits.send([drop(ward, letter)], by=world.user("ailleurs", Role.SECRETARY, elsewhere))


class TestUndoing:
    def test_undone_in_time_the_papers_come_back(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        allow(ward)
        papers = [drop(ward, letter), drop(ward, paper(Kind.CRA, stay.mother))]
        filed = deposits.send(papers, by=ward.secretary)
        assert deposits.undo(filed, by=ward.secretary) == 2
        assert set(Shipment.objects.values_list("status", flat=True)) == {"CANCELLED"}
        ready = list(Deposit.objects.filter(status=I.READY, document__isnull=True))
        assert len(ready) == 2 and len(deposits.send(ready, by=ward.secretary)) == 2

    def test_one_paper_undone_the_other_leaves(
        self, ward: world.Ward, stay: Stay, letter: bytes, fakes: dict[str, FakeChannel]
    ) -> None:
        allow(ward)
        first, second = deposits.send([drop(ward, letter), drop(ward, paper(Kind.CRA, stay.mother))], by=ward.secretary)
        assert deposits.undo([first], by=ward.secretary) == 1
        deliver_all()
        for channel in fakes.values():
            (parcel,) = channel.kept.values()
            assert [d.unique_id for d in parcel.documents] == [second.current_version.unique_id]

    def test_too_late_nothing_is_half_undone(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        allow(ward)
        filed = deposits.send([drop(ward, letter)], by=ward.secretary)
        deliver_all()
        assert deposits.undo(filed, by=ward.secretary) == 0
        assert Document.objects.get().status == D.VALIDATED and Deposit.objects.get().status == I.FILED

    def test_a_paper_that_waited_for_its_author(self, ward: world.Ward, stay: Stay, letter: bytes) -> None:
        filed = deposits.send([drop(ward, letter)], by=ward.secretary)
        assert deposits.undo(filed, by=ward.secretary) == 1
        assert Document.objects.get().status == D.ABANDONED and Deposit.objects.get().status == I.READY
