"""What a role may do: delegations of a day, and who validates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from coordination import access
from coordination.models import HOSPITAL_ROLES, REFERENT_ROLES, TOWN_CARE_ROLES, Delegation, Role
from tests.coordination import world

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 16)


def grant(ward: world.Ward, first: date, last: date, *types: str) -> Delegation:
    return Delegation.objects.create(
        professional=ward.doctor, organisation=ward.maternity, starts_on=first, ends_on=last, type_codes=list(types),
        recorded_by=ward.doctor_user,
    )  # fmt: skip


def found(ward: world.Ward, on: date, type_code: str = "11490-0") -> Delegation | None:
    return access.active_delegation(ward.doctor, organisation_id=ward.maternity.pk, type_code=type_code, on=on)


def test_first_and_last_day_are_included(ward: world.Ward) -> None:
    granted = grant(ward, DAY, DAY + timedelta(days=1))
    assert [found(ward, DAY + timedelta(days=n)) for n in (-1, 0, 1, 2)] == [None, granted, granted, None]


def test_types_are_those_named_and_none_means_all(ward: world.Ward) -> None:
    letters = grant(ward, DAY, DAY, "11490-0")
    assert found(ward, DAY) == letters and found(ward, DAY, "15508-5") is None
    grant(ward, DAY, DAY)
    assert found(ward, DAY, "15508-5") is not None


def test_for_the_site_and_the_professional_named_only(ward: world.Ward) -> None:
    grant(ward, DAY, DAY)
    wrong = {"organisation_id": ward.practice.pk, "type_code": "11490-0", "on": DAY}
    assert access.active_delegation(ward.doctor, **wrong) is None
    right = wrong | {"organisation_id": ward.maternity.pk}
    assert access.active_delegation(ward.midwife, **right) is None


def test_who_validates(ward: world.Ward) -> None:
    assert access.may_validate(ward.doctor_user, ward.doctor)
    assert not access.may_validate(ward.secretary, ward.doctor)
    assert not access.may_validate(ward.midwife_user, ward.doctor)
    ward.doctor_user.is_active = False
    assert not access.may_validate(ward.doctor_user, ward.doctor)


def test_every_role_has_its_place() -> None:
    placed = HOSPITAL_ROLES | TOWN_CARE_ROLES | REFERENT_ROLES | access.PLACERS | access.ADMINISTRATORS
    assert placed == set(Role) and access.DEPOSITORS == HOSPITAL_ROLES
    assert not (access.READERS & (access.REFERENTS | access.ADMINISTRATORS | access.PLACERS))
