"""One file for two people: neither sent in silence nor taken for a paper already sent. One of the two is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from coordination.lifecycles import DepositStatus as I
from coordination.lifecycles import DocumentStatus as D
from coordination.models import Delegation, Deposit, Document, Organisation, Role, Shipment, Stay
from coordination.papers import specimens
from coordination.papers.specimen_texts import Kind
from coordination.selectors.same_bytes import sent_for_others
from coordination.services import deposits, documents
from coordination.services.deposits import DepositRefusedError
from coordination.services.documents import DocumentRefusedError
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import child
from tests.coordination.services.replacing import replaced
from tests.factories import papers
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
CRA, EXAM = codes.CR_ACCOUCHEMENT.code, codes.CR_EXAMEN_ENFANT.code


@pytest.fixture
def alice(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    """The doctor let the ward send in her name."""
    today = timezone.localdate()
    Delegation.objects.create(
        professional=ward.doctor, organisation=ward.maternity, starts_on=today, ends_on=today,
        recorded_by=ward.doctor_user,
    )  # fmt: skip
    return world.stay(ward)


@pytest.fixture
def brune(ward: world.Ward, alice: Stay) -> Stay:
    return world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())


@pytest.fixture
def no_code(alice: Stay) -> bytes:
    """A delivery report on which no code can be read."""
    return specimens.paper(
        Kind.CRA, person=papers.on_paper(alice.mother), ward=papers.WARD, author=papers.AUTHOR,
        written_at=papers.WRITTEN_AT, code="",
    )  # fmt: skip


def drop(ward: world.Ward, data: bytes, on: Stay | None = None) -> Deposit:
    (made,) = deposits.receive([("papier.pdf", data)], by=ward.secretary, stay=on)
    deposits.read(made.pk)
    made.refresh_from_db()
    return made


def send(ward: world.Ward, data: bytes, stay: Stay, person: object = None, type_code: str = CRA) -> Document:
    """Dropped, chosen by hand, sent."""
    made = drop(ward, data, stay)
    deposits.complete(made, person=person or stay.mother, stay=stay, type_code=type_code, by=ward.secretary)  # type: ignore[arg-type]
    return deposits.send([made], by=ward.secretary)[0]


def test_for_another_mother_it_is_a_question_until_the_first_is_taken_back(
    ward: world.Ward, alice: Stay, brune: Stay, no_code: bytes
) -> None:
    first = send(ward, no_code, alice)
    second = drop(ward, no_code, brune)
    assert second.status == I.TO_CHECK and "Déjà envoyé" not in second.refusal
    with pytest.raises(DepositRefusedError, match=r"pour une autre personne.*retirez d'abord.*Rien n'a été classé"):
        deposits.complete(second, person=brune.mother, stay=brune, type_code=CRA, by=ward.secretary)
    assert Document.objects.count() == 1
    documents.withdraw(first, by=ward.secretary, reason="erreur de personne")
    deposits.complete(second, person=brune.mother, stay=brune, type_code=CRA, by=ward.secretary)
    (sent,) = deposits.send([second], by=ward.secretary)
    assert (sent.person, sent.status) == (brune.mother, D.VALIDATED)
    assert Shipment.objects.filter(versions__document=sent).exists()
    assert drop(ward, no_code, brune).status != I.READY, "and now it is sent, for her"


def test_dropped_after_the_first_was_taken_back_it_goes_like_any_paper(
    ward: world.Ward, alice: Stay, brune: Stay, no_code: bytes
) -> None:
    documents.withdraw(send(ward, no_code, alice), by=ward.secretary, reason="erreur de personne")
    again = drop(ward, no_code, brune)
    deposits.complete(again, person=brune.mother, stay=brune, type_code=CRA, by=ward.secretary)
    assert deposits.send([again], by=ward.secretary)[0].status == D.VALIDATED


def test_for_the_same_person_it_is_refused_with_its_date(ward: world.Ward, alice: Stay, no_code: bytes) -> None:
    sent = send(ward, no_code, alice)
    when = f"{timezone.localtime(sent.current_version.validated_at):%d/%m/%Y à %H:%M}"
    asked = drop(ward, no_code, alice)
    assert asked.status == I.TO_CHECK, "nothing on the paper says whose it is"
    with pytest.raises(DepositRefusedError, match=f"déjà été envoyé le {when}"):
        deposits.complete(asked, person=alice.mother, stay=alice, type_code=CRA, by=ward.secretary)
    coded = papers.paper(Kind.LLS, alice.mother)
    deposits.send([drop(ward, coded)], by=ward.secretary)
    refused = drop(ward, coded)
    assert refused.status == I.REFUSED and refused.refusal.startswith("Déjà envoyé le ")


def test_the_twin_is_another_person(ward: world.Ward, alice: Stay, fakes: dict[str, FakeChannel]) -> None:
    born = timezone.now() - timedelta(hours=60)
    entries = [world.newborn(born, rank=rank, given=given) for rank, given in ((1, "LOU"), (2, "NOÉ"))]
    named = tuple(replace(one, person=replace(one.person, ipp=f"J{one.rank}")) for one in entries)
    mother = world.mother(order=3, ipp="M3")
    two = world.stay(ward, number="S3", mother=mother, birth_at=born, newborns=named)
    exam = papers.paper(Kind.CHILD_EXAM, child(two, 1))  # type: ignore[arg-type]
    send(ward, exam, two, child(two, 1), EXAM)
    again = drop(ward, exam, two)
    with pytest.raises(DepositRefusedError, match="pour une autre personne"):
        deposits.complete(again, person=child(two, 2), stay=two, type_code=EXAM, by=ward.secretary)  # type: ignore[arg-type]
    (told,) = sent_for_others([again], ward.secretary).values()
    assert told.whose.startswith(child(two, 1).display_name) and told.stay_id == two.pk  # type: ignore[attr-defined]


def test_what_waits_for_its_signature_counts_and_is_dropped(
    ward: world.Ward, alice: Stay, brune: Stay, no_code: bytes
) -> None:
    Delegation.objects.all().delete()
    first = send(ward, no_code, alice)
    assert first.status == D.TO_VALIDATE
    second = drop(ward, no_code, brune)
    (told,) = sent_for_others([second], ward.secretary).values()
    assert told.waits and told.document_id == first.pk
    documents.abandon(first, by=ward.secretary, reason="erreur de personne")
    assert sent_for_others([second], ward.secretary) == {}
    deposits.complete(second, person=brune.mother, stay=brune, type_code=CRA, by=ward.secretary)
    assert second.status == I.READY


def test_sent_for_the_other_while_it_was_ready_nothing_leaves(
    ward: world.Ward, alice: Stay, brune: Stay, no_code: bytes
) -> None:
    ready = drop(ward, no_code, brune)
    deposits.complete(ready, person=brune.mother, stay=brune, type_code=CRA, by=ward.secretary)
    Deposit.objects.filter(pk=ready.pk).update(status=I.DISCARDED)  # out of the tray while the other is sent
    send(ward, no_code, alice)
    Deposit.objects.filter(pk=ready.pk).update(status=I.READY)
    ready.refresh_from_db()
    with pytest.raises(DocumentRefusedError, match="pour une autre personne"):
        deposits.send([ready], by=ward.secretary)


def test_a_file_put_in_force_for_her_by_mistake_then_replaced_is_free(
    ward: world.Ward, alice: Stay, brune: Stay, no_code: bytes
) -> None:
    replaced(ward, send(ward, no_code, alice))
    second = drop(ward, no_code, brune)
    assert sent_for_others([second], ward.secretary) == {}


def test_who_may_not_see_the_stay_learns_that_it_was_sent_and_nothing_else(
    ward: world.Ward, alice: Stay, brune: Stay, no_code: bytes
) -> None:
    send(ward, no_code, alice)
    second = drop(ward, no_code, brune)
    elsewhere = Organisation.objects.create(kind="MATERNITY", name="Autre", finess="997800123")
    (told,) = sent_for_others([second], world.user("autre", Role.SECRETARY, elsewhere)).values()
    assert (told.whose, told.title, told.stay_id, told.document_id) == ("", "", None, None)
    assert alice.mother.birth_family_name not in second.refusal


def test_another_maternity_has_its_own_papers(ward: world.Ward, alice: Stay, brune: Stay, no_code: bytes) -> None:
    sent = send(ward, no_code, alice)
    elsewhere = Organisation.objects.create(kind="MATERNITY", name="Autre", finess="997800123")
    Document.objects.filter(pk=sent.pk).update(organisation=elsewhere)
    second = drop(ward, no_code, brune)
    assert sent_for_others([second], ward.secretary) == {}
    deposits.complete(second, person=brune.mother, stay=brune, type_code=CRA, by=ward.secretary)
