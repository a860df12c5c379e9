"""The visit and the interview: what is asked, what is kept, what leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from coordination.lifecycles import HandoverStatus as H
from coordination.models import Document, Encounter, EncounterKind, Handover, Professional, Role, Shipment, Stay
from coordination.services import follow_up, forms, handovers
from coordination.services.follow_up import FormRefusedError
from tests.coordination import world
from tests.coordination.services.helpers import child, professional
from tests.fakes import FakeChannel

VISIT, EPNP = EncounterKind.HOME_VISIT, EncounterKind.EPNP
MOTHER = dict.fromkeys(("general", "bleeding", "perineum", "breasts", "mood"), "normal")
CHILD = {"weight": "3280", "jaundice": "normal", "feeding": "breast", "cord": "normal", "stools": "normal"}
INTERVIEW = {"place": "home", "partner": "yes", "epds": "yes", "epds_score": "7", "second": "no", "referral": "no"}


@pytest.mark.parametrize(
    ("changes", "faulty"),
    [
        ({}, set()),
        ({"epds": "no", "epds_score": "", "epds_reason": "Refus"}, set()),
        ({"epds_score": ""}, {"epds_score"}),
        ({"epds": "no", "epds_score": "", "epds_reason": " "}, {"epds_reason"}),
        ({"epds": ""}, {"epds"}),
        ({"epds_score": "31"}, {"epds_score"}),
        ({"epds_score": "-1"}, {"epds_score"}),
        ({"epds_score": "²"}, {"epds_score"}),
        ({"place": "street"}, {"place"}),
        ({"needs": "x" * 301}, {"needs"}),
        ({"needs": "a\x00b"}, {"needs"}),
        ({"needs": "37,5\u00a0°C\nle matin"}, set()),
    ],
)
def test_the_interview_closes_with_its_epds_or_the_reason(changes: dict[str, str], faulty: set[str]) -> None:
    assert set(forms.problems(EPNP, INTERVIEW | changes, about_newborn=False)) == faulty


@given(st.dictionaries(st.sampled_from(sorted({*CHILD, *MOTHER, *INTERVIEW})), st.text(max_size=12)))
def test_no_answer_breaks_the_form(answers: dict[str, str]) -> None:
    for kind, about_newborn in ((VISIT, False), (VISIT, True), (EPNP, False)):
        found = forms.problems(kind, answers, about_newborn=about_newborn)
        assert all(sentence.endswith(".") for sentence in found.values())


def test_the_newborns_form_asks_nothing_about_the_mother() -> None:
    mothers = {f.name for s in (*forms.MOTHER_VISIT, *forms.EPNP) for f in s.fields}
    childs = {f.name for s in forms.NEWBORN_VISIT for f in s.fields}
    assert childs & mothers == {"plan"}
    assert forms.kept(VISIT, MOTHER | CHILD | {"note": "pleurs"}, about_newborn=True) == CHILD


pytestmark = pytest.mark.django_db


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    return world.stay(ward)


def write(
    ward: world.Ward, stay: Stay, *, person: object = None, kind: EncounterKind = VISIT, **more: object
) -> Encounter:
    about_newborn = person is not None and person != stay.mother
    answers = INTERVIEW if kind == EPNP else CHILD if about_newborn else MOTHER
    values: dict[str, object] = {"done_at": timezone.now(), "answers": answers, "by": ward.midwife_user} | more
    return follow_up.write(kind, stay=stay, person=person or stay.mother, **values)  # type: ignore[arg-type]


def test_a_visit_is_a_synthesis_signed_sent_and_the_mother_is_seen(ward: world.Ward, stay: Stay) -> None:
    done = timezone.now()
    encounter = write(ward, stay, done_at=done)
    paper = encounter.document
    assert paper is not None and paper.status == "VALIDATED" and paper.author == ward.midwife
    assert paper.current_version.validated_by == ward.midwife_user
    handover = Handover.objects.get()
    assert (handover.status, handover.seen_at) == (H.SEEN, done)
    assert not Shipment.objects.filter(recipient_name=str(ward.midwife)).exists()


def test_the_visit_of_the_child_does_not_make_the_mother_seen(ward: world.Ward, stay: Stay) -> None:
    write(ward, stay, person=child(stay))
    assert Handover.objects.get().status == H.ACCEPTED


def test_the_same_visit_told_twice_is_one(ward: world.Ward, stay: Stay) -> None:
    done = timezone.now()
    assert write(ward, stay, done_at=done) == write(ward, stay, done_at=done)
    assert Encounter.objects.count() == Document.objects.count() == 1


@pytest.mark.parametrize("kind", ["future", "before the birth", "interview of the child", "stranger", "empty"])
def test_what_is_refused_writes_nothing(ward: world.Ward, stay: Stay, kind: str) -> None:
    other = world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())
    cases: dict[str, dict[str, object]] = {
        "future": {"done_at": timezone.now() + timedelta(hours=1)},
        "before the birth": {"done_at": stay.birth_at - timedelta(minutes=1)},  # type: ignore[operator]
        "interview of the child": {"person": child(stay), "kind": EPNP},
        "stranger": {"person": other.mother},
        "empty": {"answers": {}},
    }
    with pytest.raises(FormRefusedError) as refusal:
        write(ward, stay, **cases[kind])
    assert refusal.value.problems and not Encounter.objects.exists() and not Document.objects.exists()


def test_answers_of_the_mother_never_enter_the_childs_record(ward: world.Ward, stay: Stay) -> None:
    encounter = write(ward, stay, person=child(stay), answers=CHILD | {"mood": "watch", "note": "Mère épuisée"})
    assert "note" not in encounter.form and "mood" not in encounter.form


def test_an_account_outside_the_rpps_writes_nothing(ward: world.Ward, stay: Stay) -> None:
    with pytest.raises(FormRefusedError):
        write(ward, stay, by=ward.secretary)


def test_a_mother_in_difficulty_is_seen_by_who_saw_her(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward, with_midwife=False)
    handover = Handover.objects.get(stay=stay)
    pmi: Professional = professional(ward.practice)
    visitor = world.user("pmi", Role.PMI, ward.practice, pmi)
    handovers.escalate(handover, reason="Aucune disponibilité", by=ward.coordinator, pmi=pmi)
    write(ward, stay, by=visitor)
    handover.refresh_from_db()
    assert (handover.status, handover.midwife) == (H.SEEN, pmi)


def test_a_colleagues_visit_leaves_the_relay_to_its_midwife(ward: world.Ward, stay: Stay) -> None:
    other = world.user("collegue", Role.MIDWIFE, ward.practice, professional(ward.practice))
    write(ward, stay, by=other)
    assert Handover.objects.get().status == H.ACCEPTED


def test_the_interview_goes_to_the_mothers_record(ward: world.Ward, stay: Stay) -> None:
    encounter = write(ward, stay, kind=EPNP)
    assert encounter.document is not None and encounter.document.person == stay.mother
