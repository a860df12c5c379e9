"""A ward sees the papers it made; what a midwife wrote in town is not shown to it, not even its title."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from coordination.models import EncounterKind
from coordination.services import follow_up
from tests.coordination import world
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db

NORMAL = dict.fromkeys(("general", "bleeding", "perineum", "breasts", "mood"), "normal")


@pytest.fixture
def visited(ward: world.Ward, fakes: dict[str, FakeChannel]) -> world.Stay:
    stay = world.stay(ward)
    follow_up.write(
        EncounterKind.HOME_VISIT, stay=stay, person=stay.mother, done_at=timezone.now(), answers=NORMAL,
        by=ward.midwife_user,
    )  # fmt: skip
    return stay


@pytest.mark.parametrize("address", ["/sejours/{}/", "/sorties/", "/releve/"])
def test_no_trace_of_the_synthesis(address: str, visited: world.Stay, ward: world.Ward, client: Client) -> None:
    client.force_login(ward.secretary)
    answer = client.get(address.format(visited.pk))
    assert answer.status_code == 200
    assert "Visite à domicile" not in answer.content.decode()
    assert "Envoyée" not in answer.content.decode(), "the midwife's own sending is not the ward's"
