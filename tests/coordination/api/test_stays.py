"""Stays: the ward's and the carer's, the INS of one stay only, its handing out audited."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.models import AuditEntry, CareTeamMember, Newborn, Organisation, Role, Stay
from coordination.services import stays
from tests.coordination import world
from tests.coordination.api.conftest import Home, answer, sign_in, stranger

pytestmark = pytest.mark.django_db
LIST = "/api/sejours/"


def one(stay: Stay) -> str:
    return reverse("api_stay", args=[stay.pk])


def test_the_ward_and_the_carer_read_the_same_stay(home: Home, secretary: Client, midwife: Client) -> None:
    for client in (secretary, midwife):
        told = answer(client, LIST)
        assert [line["id"] for line in told["resultats"]] == [str(home.stay.pk)]
        line = told["resultats"][0]
        assert line["mere"]["nom"] == "ACACIA Louise" and line["nouveau_nes"] == 1
        assert line["sortie_precoce"] is False and line["sortie_le"] is None
        assert set(line) == {
            "id", "maternite", "mere", "nouveau_nes", "sortie_prevue_le", "sortie_le", "sortie_precoce", "commune",
        }  # fmt: skip


def test_number_and_room_stay_in_the_ward(home: Home, secretary: Client, midwife: Client) -> None:
    assert answer(secretary, one(home.stay))["numero"] == "S1"
    told = answer(midwife, one(home.stay))
    assert told["numero"] is None and told["chambre"] is None


def test_the_ins_is_given_for_one_stay_and_its_giving_is_audited(home: Home, midwife: Client) -> None:
    told = answer(midwife, one(home.stay))
    assert told["mere"]["ins"] == {"matricule": world.ins().matricule, "oid": world.ins().oid}
    assert told["nouveau_nes"][0]["ins"] is None, "not qualified"
    entry = AuditEntry.objects.get(action="stay.ins_given")
    assert entry.by_id == home.ward.midwife_user.pk and entry.subject_id == str(home.stay.pk)
    assert entry.data == {"via": "api", "identities": 1}


def test_a_carer_gets_no_ins_before_the_mother_is_informed(home: Home, midwife: Client, secretary: Client) -> None:
    CareTeamMember.objects.update(informed_at=None)
    assert answer(midwife, one(home.stay))["mere"]["ins"] is None
    assert not AuditEntry.objects.filter(action="stay.ins_given").exists()
    assert answer(secretary, one(home.stay))["mere"]["ins"] is not None


def test_before_the_mother_is_informed_a_carer_reads_an_initial_and_a_commune(home: Home, midwife: Client) -> None:
    CareTeamMember.objects.update(informed_at=None)
    Stay.objects.update(needs=["Jumeaux"])
    line, told = answer(midwife, LIST)["resultats"][0], answer(midwife, one(home.stay))
    assert line["mere"]["nom"] == told["mere"]["nom"] == "Louise A."
    assert line["nouveau_nes"] is None and told["nouveau_nes"] == [] and told["besoins"] == []
    assert told["mere"]["date_naissance"] is None and told["naissance_le"] is None and told["sortie_le"] is None
    assert "ACACIA" not in str(line) + str(told) and "Jumeaux" not in str(told)
    assert [member["informee_le"] for member in told["equipe"]] == [None]


def test_a_child_whose_link_ended_is_told_nowhere(home: Home, secretary: Client, midwife: Client) -> None:
    Newborn.objects.update(link_ended_at=timezone.now())
    for client in (secretary, midwife):
        assert answer(client, LIST)["resultats"][0]["nouveau_nes"] == 0
        assert answer(client, one(home.stay))["nouveau_nes"] == []


def test_another_ward_and_a_colleague_find_nothing(home: Home) -> None:
    other = Organisation.objects.create(kind="MATERNITY", name="Autre maternité", finess="997800123")
    for user in (world.user("autre", Role.SECRETARY, other), stranger(home.ward)):
        client = sign_in(user)
        assert answer(client, LIST)["resultats"] == []
        told = answer(client, one(home.stay), 404)
        assert told == {"erreurs": {"adresse": ["Cette ressource n'existe pas, ou ne vous est pas ouverte."]}}


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CPAM, Role.ARS, Role.ADMINISTRATOR])
def test_other_roles_are_told_so(home: Home, role: Role) -> None:
    client = sign_in(world.user("autre", role, home.ward.cpts))
    for address in (LIST, one(home.stay)):
        told = answer(client, address, 403)
        assert told == {"erreurs": {"role": ["Cette ressource n'est pas ouverte à votre rôle."]}}


def test_filters_by_discharge(home: Home, secretary: Client) -> None:
    later = world.stay(
        home.ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=(), with_midwife=False,
        expected_discharge_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    stays.discharge(home.stay, at=timezone.now(), by=home.ward.secretary)
    today = timezone.localdate()

    def found(**query: object) -> list[str]:
        return [line["id"] for line in answer(secretary, LIST, **query)["resultats"]]

    first, second = str(home.stay.pk), str(later.pk)
    assert found() == [second, first], "the latest discharge first"
    assert found(sortie_au=today) == [first]
    assert found(sortie_du=today + timedelta(days=1)) == [second]
    assert found(sortie_du=today, sortie_au=today + timedelta(days=3)) == [second, first]
    assert found(etat="present") == [second] and found(etat="sortie") == [first]


def test_few_queries_whatever_the_number(home: Home, secretary: Client, django_assert_max_num_queries: object) -> None:
    for order in range(2, 8):
        mother = world.mother(order=order, ipp=f"M{order}")
        world.stay(home.ward, number=f"S{order}", mother=mother, newborns=(), with_midwife=False)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        assert answer(secretary, LIST)["total"] == 7
