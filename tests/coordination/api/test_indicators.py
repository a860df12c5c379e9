"""Indicators: exactly the cells of the referents' file, small numbers hidden, nobody else's door."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.deadlines import PARIS
from coordination.models import AuditEntry, Organisation, Role
from coordination.services import publications
from tests.coordination import world
from tests.coordination.api.conftest import answer, sign_in
from tests.factories import past
from tests.factories.past import Past

pytestmark = pytest.mark.django_db
LIST = "/api/indicateurs/"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def monday(db: None) -> Iterator[None]:
    with time_machine.travel(datetime(2026, 3, 16, 9, 0, tzinfo=PARIS), tick=False):
        yield


@pytest.fixture
def referent(ward: world.Ward) -> Client:
    cpam = Organisation.objects.create(kind="CPAM", name="CPAM d'essai", finess="997800412")
    return sign_in(world.user("cpam", Role.CPAM, cpam))


def months(ward: world.Ward, mothers: int) -> None:
    facts = [
        Past(
            datetime(2026, 1 + i % 2, 1 + i % 28, 11, 0, tzinfo=PARIS),
            letter_after=HOUR if i % 4 < 2 else 20 * HOUR,
            seen_after=(30 * HOUR, 60 * HOUR, None)[i % 3],
            read_after=25 * HOUR if i % 3 == 0 else None,
        )
        for i in range(mothers)
    ]
    past.record(facts, maternity=ward.maternity, midwife=ward.midwife, sender=ward.secretary)
    publications.publish_closed_months(timezone.now())


def test_the_cells_of_the_file_and_no_other(referent: Client, ward: world.Ward) -> None:
    months(ward, 180)
    text = referent.get(reverse("figures_export")).content.decode("utf-8-sig")
    expected = {tuple(line) for line in list(csv.reader(io.StringIO(text), delimiter=";"))[1:]}
    told = answer(referent, LIST, taille=100)
    cells = {
        (c["mois"], c["lieu"], c["libelle"], str(c["numerateur"]), str(c["denominateur"]),
         f"{c['pourcentage']:.1f}".replace(".", ","))
        for c in told["resultats"]
    }  # fmt: skip
    assert cells == expected and len(cells) == told["total"] > 0
    assert told["resultats"][0]["mois"] == "2026-02", "the newest month first"
    assert "moins de 11" in told["masquage"]


@pytest.mark.parametrize("mothers", [0, 9, 20])
def test_small_numbers_are_hidden(referent: Client, ward: world.Ward, mothers: int) -> None:
    months(ward, mothers)
    assert answer(referent, LIST)["resultats"] == []


def test_filters_and_audit(referent: Client, ward: world.Ward) -> None:
    months(ward, 180)
    told = answer(referent, LIST, mois="2026-01", indicateur="in_time")["resultats"]
    assert told and {(c["mois"], c["indicateur"]) for c in told} == {("2026-01", "in_time")}
    assert answer(referent, LIST, mois="2026-03")["resultats"] == [], "the month under way"
    assert AuditEntry.objects.filter(action="indicators.exported", data={"via": "api"}).count() == 2


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.CPAM, Role.ARS)])
def test_nobody_else_enters(ward: world.Ward, role: Role) -> None:
    answer(sign_in(world.user("autre", role, ward.maternity)), LIST, 403)
