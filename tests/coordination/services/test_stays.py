"""A stay recorded, brought up to date, refused: two people never become one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from coordination import deadlines
from coordination.models import (
    AuditEntry,
    CareRole,
    CareTeamMember,
    Handover,
    InsStatus,
    LocalIdentifier,
    Newborn,
    Organisation,
    Person,
    Professional,
    Shipment,
    Stay,
)
from coordination.services import handovers, identities, stays
from coordination.services.stays import StayEntry, StayRefusedError
from perinat.standards.identifiers import IdentifierError
from tests.coordination import world

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Éloïse  Marie ", "ELOISE MARIE"),
        ("d’Hérouville-Lefèvre", "D'HEROUVILLE-LEFEVRE"),
        ("Œillet Æther", "OEILLET AETHER"),
        ("Łukasz Ørsted Đorđe", "LUKASZ ORSTED DORDE"),
        ("Straße", "STRASSE"),
        ("ÇELİK", "CELIK"),
        ("Anne\u00a0Sophie", "ANNE SOPHIE"),
        ("Le\u2011Goff", "LE-GOFF"),
    ],
)
def test_names_are_written_as_the_insi_does(typed: str, kept: str) -> None:
    assert stays.normalise_name(typed) == kept
    assert stays.normalise_name(kept) == kept


@pytest.mark.parametrize("typed", ["", "  ", "-", "'", "MARTIN2", "Jean;Paul", "王", "A\x00B", "<b>"])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(IdentifierError):
        stays.normalise_name(typed)


@given(st.text(max_size=40))
def test_a_name_is_plain_or_refused(typed: str) -> None:
    try:
        name = stays.normalise_name(typed)
    except IdentifierError:
        return
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ -'") and stays.normalise_name(name) == name


pytestmark = pytest.mark.django_db


def entry(**changes: object) -> StayEntry:
    born = timezone.now() - timedelta(hours=80)
    made = StayEntry(
        "S1", world.mother(), born - timedelta(hours=8), born, "VAGINAL", born + timedelta(hours=81),
        newborns=(world.newborn(born),),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def record(ward: world.Ward, one: StayEntry) -> Stay:
    return stays.record(one, maternity=ward.maternity, by=ward.secretary)


def refused(ward: world.Ward, one: StayEntry) -> list[str]:
    """The problems of a refused entry; nothing may have been written."""
    before = [model.objects.count() for model in (Person, Stay, Newborn, LocalIdentifier, AuditEntry, Handover)]
    traits = list(Person.objects.order_by("pk").values())
    with pytest.raises(StayRefusedError) as refusal:
        record(ward, one)
    assert [model.objects.count() for model in (Person, Stay, Newborn, LocalIdentifier, AuditEntry, Handover)] == before
    assert list(Person.objects.order_by("pk").values()) == traits
    return refusal.value.problems


def test_every_problem_at_once(ward: world.Ward) -> None:
    born = timezone.now()
    wrong = entry(
        number=" ",
        mother=replace(world.mother(), birth_family_name="", used_family_name="12", ins=None),
        birth_at=born,
        admitted_at=born + timedelta(hours=1),
        expected_discharge_at=born - timedelta(hours=1),
        birth_mode="MAGIC",
        newborns=(world.newborn(born), world.newborn(born)),
    )
    assert len(refused(ward, wrong)) == 9


def test_the_same_number_brings_the_stay_up_to_date(ward: world.Ward) -> None:
    first = record(ward, entry())
    again = record(ward, entry(room="12", mother=replace(world.mother(), used_family_name="Martin", phone="")))
    assert again.pk == first.pk and Stay.objects.get().room == "12"
    assert Person.objects.count() == 2 and Newborn.objects.count() == 1 and Handover.objects.count() == 1
    assert again.mother.used_family_name == "MARTIN"
    assert [e.action for e in AuditEntry.objects.filter(subject="Stay")] == ["stay.recorded", "stay.updated"]


def test_the_same_number_elsewhere_is_another_stay(ward: world.Ward) -> None:
    elsewhere = Organisation.objects.create(kind="MATERNITY", name="Ailleurs", finess="997800123", ipp_oid="1.2.3")
    record(ward, entry())
    other = stays.record(entry(mother=world.mother(order=2), newborns=()), maternity=elsewhere, by=ward.secretary)
    assert Stay.objects.count() == 2 and other.mother != Stay.objects.get(maternity=ward.maternity).mother


def test_two_mothers_of_one_name_stay_two(ward: world.Ward) -> None:
    record(ward, entry(mother=world.mother(qualified=False)))
    record(ward, entry(number="S2", mother=world.mother(qualified=False, ipp="M2"), newborns=()))
    assert Person.objects.filter(birth_family_name="ACACIA", sex="F").count() == 2


def test_a_stay_never_passes_to_another_mother(ward: world.Ward) -> None:
    record(ward, entry())
    other = replace(world.mother(order=2, ipp="M2"), birth_family_name="BOULEAU", birth_given_names="AMELIE")
    assert "autre mère" in refused(ward, entry(mother=other))[0]


def test_an_ipp_typed_wrong_is_corrected(ward: world.Ward) -> None:
    stay = record(ward, entry(mother=world.mother(qualified=False)))
    record(ward, entry(mother=world.mother(qualified=False, ipp="M99")))
    assert LocalIdentifier.objects.get(person=stay.mother).value == "M99" and Person.objects.count() == 2


def test_somebody_elses_number_changes_nobody(ward: world.Ward) -> None:
    """The IPP of ACACIA typed for BOULEAU: ACACIA keeps her name, her date and her INS."""
    record(ward, entry())
    bouleau = replace(
        world.mother(order=2), birth_family_name="BOULEAU", birth_given_names="AMELIE", birth_date=date(1990, 7, 2)
    )
    assert "autre personne" in refused(ward, entry(number="S2", mother=bouleau, newborns=()))[0]


def test_the_mothers_number_typed_for_the_child(ward: world.Ward) -> None:
    born = timezone.now() - timedelta(hours=80)
    child = world.newborn(born)
    same = replace(child, person=replace(child.person, ipp="M1"))
    assert "chacun leur IPP" in refused(ward, entry(newborns=(same,)))[0]
    record(ward, entry(newborns=()))
    record(ward, entry(number="S2", mother=world.mother(order=3, ipp="M3"), newborns=()))
    theirs = replace(child, person=replace(child.person, ipp="M3"))
    assert refused(ward, entry(newborns=(theirs,)))


def test_an_empty_number_is_refused(ward: world.Ward) -> None:
    assert "IPP" in refused(ward, entry(mother=replace(world.mother(), ipp=" ")))[0]


def test_the_ins_of_somebody_else(ward: world.Ward) -> None:
    record(ward, entry())
    taken = replace(world.mother(ipp="M2"), birth_date=date(1993, 4, 13))
    stay = record(ward, entry(number="S2", mother=replace(taken, ins=None, qualified=False), newborns=()))
    assert "déjà celui" in refused(ward, entry(number="S2", mother=taken, newborns=()))[0]
    with pytest.raises(identities.IdentityRefusedError):
        stays.qualify(stay.mother, world.ins(), by=ward.secretary)


def test_the_ins_finds_the_mother_under_another_number(ward: world.Ward) -> None:
    first = record(ward, entry())
    second = record(ward, entry(number="S2", mother=world.mother(ipp="M2"), newborns=()))
    assert second.mother == first.mother


def test_a_qualified_ins_is_not_replaced_by_an_unqualified_one(ward: world.Ward) -> None:
    record(ward, entry())
    other = replace(world.mother(), ins=world.ins(5), qualified=False)
    assert "INS qualifiée" in refused(ward, entry(mother=other))[0]
    assert Person.objects.get(sex="F").ins_status == InsStatus.QUAL


def twins(born: datetime, *ranks: int) -> tuple[stays.NewbornEntry, ...]:
    names = {1: ("JULES", "E1"), 2: ("ANNA", "E2")}
    made = []
    for rank, key in zip(ranks, (1, 2), strict=True):
        given, ipp = names[key]
        one = world.newborn(born, rank=rank, given=given)
        made.append(replace(one, person=replace(one.person, ipp=ipp)))
    return tuple(made)


def test_twins_and_their_ranks_exchanged(ward: world.Ward) -> None:
    born = timezone.now() - timedelta(hours=80)
    stay = record(ward, entry(newborns=twins(born, 1, 2)))
    people = {n.rank: n.person_id for n in stay.newborns.all()}
    record(ward, entry(newborns=twins(born, 2, 1)))
    assert {n.rank: n.person_id for n in stay.newborns.all()} == {1: people[2], 2: people[1]}
    assert Person.objects.count() == 3


def test_another_child_at_the_same_rank_is_refused(ward: world.Ward) -> None:
    born = timezone.now() - timedelta(hours=80)
    record(ward, entry())
    other = world.newborn(born, given="ANNA")
    assert "rang 1" in refused(ward, entry(newborns=(replace(other, person=replace(other.person, ipp="E9")),)))[0]


def test_the_child_of_another_stay_is_refused(ward: world.Ward) -> None:
    record(ward, entry())
    assert refused(ward, entry(number="S2", mother=world.mother(order=2, ipp="M2")))


def test_a_discharge_is_not_forgotten_by_a_change_of_room(ward: world.Ward) -> None:
    stay = record(ward, entry())
    left = timezone.now()
    stays.discharge(stay, at=left, by=ward.secretary)
    assert record(ward, entry(room="4")).discharged_at == left


def test_a_discharge_before_the_birth_is_refused(ward: world.Ward) -> None:
    stay = record(ward, entry())
    with pytest.raises(StayRefusedError):
        stays.discharge(stay, at=stay.birth_at - timedelta(minutes=1), by=ward.secretary)  # type: ignore[operator]
    stays.discharge(stay, at=timezone.now(), by=ward.secretary)
    assert refused(ward, entry(birth_at=timezone.now() + timedelta(days=1), expected_discharge_at=None))


@pytest.mark.parametrize(
    ("mode", "hours", "early"),
    [("VAGINAL", 72, False), ("INSTRUMENTAL", 72, False), ("CAESAREAN", 96, False), ("CAESAREAN", 72, True)],
)
def test_early_or_standard_at_the_exact_hour(ward: world.Ward, mode: str, hours: int, early: bool) -> None:
    born = datetime(2026, 3, 10, 9, 0, tzinfo=PARIS)
    stay = Stay(birth_at=born, birth_mode=mode, discharged_at=born + timedelta(hours=hours))
    assert stay.is_early is early
    stay.discharged_at = born + timedelta(hours=hours, seconds=-1)
    assert stay.is_early is True
    stay.birth_mode = ""
    assert stay.is_early is None, "unknown: the safer clock runs"


def test_hours_are_real_across_a_change_of_hour() -> None:
    """Born on Saturday at nine, gone on Tuesday at nine after the clocks moved: 71 hours, an early discharge."""
    born, left = datetime(2026, 3, 28, 9, 0, tzinfo=PARIS), datetime(2026, 3, 31, 9, 0, tzinfo=PARIS)
    assert Stay(birth_at=born, birth_mode="VAGINAL", discharged_at=left).is_early is True
    due = deadlines.first_visit_due(datetime(2026, 3, 28, 10, 0, tzinfo=PARIS), early=True)
    assert due.astimezone(UTC) == datetime(2026, 3, 29, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(("early", "hours"), [(True, 24), (False, 48), (None, 24)])
def test_the_first_visit(early: bool | None, hours: int) -> None:
    left = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    assert deadlines.first_visit_due(left, early=early) == left + timedelta(hours=hours)


def test_the_clock_follows_the_discharge(ward: world.Ward) -> None:
    stay = record(ward, entry())
    left = timezone.now() + timedelta(hours=7)
    stays.discharge(stay, at=left, by=ward.secretary)
    assert Handover.objects.get().visit_due_at == left + timedelta(hours=48)


def test_joining_twice_is_one_membership_dated_once(ward: world.Ward) -> None:
    stay = record(ward, entry())
    first, second = timezone.now() - timedelta(hours=2), timezone.now()
    for informed in (None, first, second):
        stays.join_care_team(stay, ward.midwife, role="MIDWIFE", informed_at=informed, by=ward.secretary)  # type: ignore[arg-type]
    assert CareTeamMember.objects.get().informed_at == first


def test_a_qualified_ins_received_again_unqualified_stays_qualified(ward: world.Ward) -> None:
    record(ward, entry())
    record(ward, entry(mother=replace(world.mother(), qualified=False)))
    assert Person.objects.get(sex="F").ins == world.ins()


def test_a_qualified_ins_is_not_replaced_by_another_qualified_one(ward: world.Ward) -> None:
    record(ward, entry())
    with pytest.raises(stays.StayRefusedError, match="différente"):
        record(ward, entry(mother=replace(world.mother(), ins=world.ins(5))))
    assert Person.objects.get(sex="F").ins == world.ins()


def test_what_is_known_stays_when_the_entry_says_nothing(ward: world.Ward) -> None:
    before = world.stay(ward, room="12")
    after = world.stay(ward, birth_at=None, physician=None, expected_discharge_at=None)
    for name in ("room", "birth_at", "physician", "expected_discharge_at"):
        assert getattr(after, name) == getattr(before, name) and getattr(after, name)


@pytest.fixture
def followed(ward: world.Ward) -> Stay:
    return record(ward, entry(midwife=ward.midwife, informed_at=timezone.now()))


def lines(stay: Stay) -> list[tuple[str, bool]]:
    """(family name, still follows) of the midwives of this stay."""
    members = stay.care_team.order_by("chosen_at").select_related("professional")
    return [(one.professional.family_name, one.ended_at is None) for one in members]


def test_the_same_file_again_changes_nothing_of_the_care_team(ward: world.Ward, followed: Stay) -> None:
    record(ward, entry(midwife=ward.midwife, informed_at=timezone.now()))
    assert lines(followed) == [("AUBÉPINE", True)]


@pytest.mark.parametrize("end", [handovers.close, handovers.declined_by_mother, handovers.place_again])
def test_the_same_file_again_does_not_bring_back_a_midwife_whose_follow_up_ended(
    ward: world.Ward, followed: Stay, end: Any
) -> None:
    end(Handover.objects.get(stay=followed), reason="Ne suit plus cette mère", by=ward.coordinator)
    before = Handover.objects.values("status", "midwife").get(stay=followed)
    shipments = Shipment.objects.count()
    record(ward, entry(midwife=ward.midwife, informed_at=timezone.now(), room="14"))
    assert Stay.objects.get().room == "14"
    assert lines(followed) == [("AUBÉPINE", False)] and not Stay.objects.visible_to(ward.midwife_user).exists()
    assert Handover.objects.values("status", "midwife").get(stay=followed) == before
    assert Shipment.objects.count() == shipments


def test_the_same_file_again_does_not_take_the_mother_back_from_her_new_midwife(
    ward: world.Ward, followed: Stay
) -> None:
    other = Professional.objects.create(
        rpps="89900001069", given_name="Lucie", family_name="BRUYÈRE", organisation=ward.practice
    )
    declare = {"role": CareRole.MIDWIFE, "informed_at": timezone.now(), "by": ward.secretary}
    stays.join_care_team(followed, other, **declare)  # type: ignore[arg-type]
    record(ward, entry(midwife=ward.midwife, informed_at=timezone.now()))
    assert lines(followed) == [("AUBÉPINE", False), ("BRUYÈRE", True)]
    assert Handover.objects.get(stay=followed).midwife == other
    stays.join_care_team(followed, ward.midwife, **declare)  # type: ignore[arg-type]  # the ward says so
    assert lines(followed)[-1] == ("AUBÉPINE", True)
