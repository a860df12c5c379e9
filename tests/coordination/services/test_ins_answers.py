"""An answer of INSi never writes over what was verified, nor over a trait that differs: a person decides."""

from __future__ import annotations

import pytest
import time_machine
from django.utils import timezone

from coordination.lifecycles import WorkItemStatus
from coordination.models import IdentityQuestion, InsStatus, Person, WorkItem
from coordination.services import holding, identities, ins_answers, ins_questions, stays
from coordination.services.identities import IdentityRefusedError
from coordination.services.ins_answers import traits_of
from perinat.connectors.insi.sandbox.server import InsiSandbox
from perinat.standards.national_identity import IdentityAnswer, IdentityResult
from tests.coordination import world
from tests.coordination.services.ins import administer, born, publish, tick, waits
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
Clock = time_machine.Traveller


@pytest.fixture
def child(clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox) -> Person:
    return waits(ward, days_ago=5)[0]


def reasons() -> list[str]:
    lines = WorkItem.objects.filter(kind="INS_TO_COMPLETE", status=WorkItemStatus.OPEN)
    return [key.rpartition(":")[2] for key in lines.values_list("key", flat=True)]


def test_other_given_names_are_put_side_by_side(child: Person, ward: world.Ward, insi: InsiSandbox) -> None:
    before = traits_of(child)
    publish(insi, child, given="JULES OSCAR")
    assert tick() == ["DIFFERENT"] and reasons() == ["DIFFERENT"]
    child.refresh_from_db()
    assert (traits_of(child), child.ins_status, child.ins_matricule) == (before, InsStatus.PROV, "")
    question = IdentityQuestion.objects.get(answer="DIFFERENT")
    theirs, ins = question.proposal
    assert (before.differing(theirs), ins) == (("birth_given_names",), world.ins(77))
    assert tick() == [], "it waits for a decision"


def test_the_same_person_takes_the_traits_and_is_to_be_verified_again(
    child: Person, ward: world.Ward, insi: InsiSandbox
) -> None:
    identities.verify(child, evidence="AN", by=ward.secretary)
    publish(insi, child, given="JULES OSCAR")
    tick()
    question = IdentityQuestion.objects.get(answer="DIFFERENT")
    ins_answers.adopt(question, by=ward.secretary)
    child.refresh_from_db()
    assert (child.birth_given_names, child.ins_status, child.ins) == ("JULES OSCAR", InsStatus.RECUP, None)
    assert holding.release_ready() == 0 and reasons() == []
    question.refresh_from_db()
    assert question.found == {} and question.decided_by == ward.secretary
    with pytest.raises(IdentityRefusedError):
        ins_answers.adopt(question, by=ward.secretary)
    assert identities.verify(child, evidence="AN", by=ward.secretary) == InsStatus.QUAL
    assert holding.release_ready() == 1


def test_somebody_else_changes_nothing_and_the_calendar_goes_on(
    clock: Clock, child: Person, ward: world.Ward, insi: InsiSandbox
) -> None:
    publish(insi, child, given="JULES OSCAR")
    tick()
    ins_answers.keep(IdentityQuestion.objects.get(answer="DIFFERENT"), by=ward.secretary)
    child.refresh_from_db()
    assert child.birth_given_names == "JULES" and child.ins_status == InsStatus.PROV and reasons() == []
    clock.shift(86_400)
    assert tick() == ["DIFFERENT"]


def test_a_qualified_identity_is_never_written_over(child: Person, ward: world.Ward, insi: InsiSandbox) -> None:
    """Qualified by hand while the service was thinking."""
    publish(insi, child)
    tick_now = timezone.now()
    ins_questions.ask_now(child, child.newborn.stay, by=ward.secretary, now=tick_now)
    (due,) = ins_questions.due_ids(tick_now)
    claimed = ins_questions.claim(due, tick_now)
    assert claimed is not None
    identities.qualify(child, world.ins(90), by=ward.secretary)
    answer = IdentityResult(IdentityAnswer.FOUND, "00", world.ins(77), traits_of(child))
    assert ins_questions.record(claimed, traits_of(child), answer, tick_now) == "NOT_ASKED"
    child.refresh_from_db()
    assert child.ins == world.ins(90)


def test_traits_corrected_meanwhile_are_asked_about_again(child: Person, ward: world.Ward, insi: InsiSandbox) -> None:
    """The answer was about the old ones."""
    publish(insi, child, given="JULIEN")
    now = timezone.now()
    assert tick() == ["NOT_FOUND"]
    ins_questions.ask_now(child, child.newborn.stay, by=ward.secretary, now=now)
    (due,) = ins_questions.due_ids(now)
    claimed = ins_questions.claim(due, now)
    assert claimed is not None
    old = traits_of(child)
    Person.objects.filter(pk=child.pk).update(birth_given_names="JULIEN")
    assert ins_questions.record(claimed, old, IdentityResult(IdentityAnswer.NOT_FOUND, "01"), now) is None
    assert tick() == ["FOUND"]


def test_an_ins_of_somebody_else_is_for_a_person(child: Person, ward: world.Ward, insi: InsiSandbox) -> None:
    _, other = born(ward, number="S2", given="PAULINE")
    identities.qualify(other, world.ins(77), by=ward.secretary)
    publish(insi, child)
    assert tick() == ["TAKEN"] and reasons() == ["TAKEN"]
    child.refresh_from_db()
    assert child.ins_matricule == ""


def test_several_identities_are_for_a_person(child: Person, insi: InsiSandbox) -> None:
    publish(insi, child)
    administer(insi, "POST", "faults", kind="several", times=9)
    assert tick() == ["SEVERAL"] and reasons() == ["SEVERAL"]


def test_an_unknown_sex_is_not_asked(child: Person, insi: InsiSandbox) -> None:
    Person.objects.filter(pk=child.pk).update(sex="U")
    assert tick() == ["REFUSED"] and reasons() == ["REFUSED"] and not insi.asked


@pytest.mark.parametrize("fault", ["production", "wrong_key", "truncated", "garbled", "busy"])
def test_nonsense_is_an_answer_that_did_not_come(child: Person, insi: InsiSandbox, fault: str) -> None:
    publish(insi, child)
    administer(insi, "POST", "faults", kind=fault)
    tick()
    row = IdentityQuestion.objects.get(planned_on=timezone.localdate())
    child.refresh_from_db()
    assert (row.answer, child.ins_status, child.ins_matricule) == ("", InsStatus.PROV, "") and row.failed_at


def test_a_place_that_nobody_knew_is_completed(child: Person, insi: InsiSandbox) -> None:
    Person.objects.filter(pk=child.pk).update(birth_place_cog="")
    publish(insi, child, cog="78640")
    assert tick() == ["FOUND"]
    child.refresh_from_db()
    assert child.birth_place_cog == "78640"


@pytest.mark.parametrize("given", ["JULES", "JULIEN"])
def test_corrected_traits_are_to_be_verified_again(
    clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], given: str
) -> None:
    """A stay sent again with the same traits changes nothing; with others, neither check holds any more."""
    _, child = born(ward)
    identities.verify(child, evidence="LE", by=ward.secretary)
    identities.save(
        stays.PersonEntry("ACACIA", given, child.birth_date, "M", "ES1", birth_place_cog="78646"),
        ward.maternity,
    )
    child.refresh_from_db()
    assert child.ins_status == (InsStatus.VALI if given == "JULES" else InsStatus.PROV)


def test_a_second_ins_is_refused_to_who_is_qualified(child: Person, ward: world.Ward) -> None:
    identities.qualify(child, world.ins(77), by=ward.secretary)
    with pytest.raises(IdentityRefusedError):
        identities.qualify(child, world.ins(78), by=ward.secretary)
    identities.qualify(child, world.ins(77), by=ward.secretary)
    child.refresh_from_db()
    assert child.ins == world.ins(77)
