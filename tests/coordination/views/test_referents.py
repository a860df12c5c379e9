"""The referent's pages: figures of closed months, hidden when they are small, nobody else's door."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from coordination.deadlines import PARIS
from coordination.models import AuditEntry, Organisation, Professional, Role, User
from coordination.services import publications
from tests.coordination import world
from tests.factories import past
from tests.factories.past import Past

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=PARIS)
PAGES = ("figures", "maternities", "figures_export")
TOO_FEW = "Effectifs trop faibles pour être montrés (moins de 11)"


@pytest.fixture(autouse=True)
def monday(db: None) -> object:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def referent(ward: world.Ward) -> User:
    cpam = Organisation.objects.create(kind="CPAM", name="CPAM d'essai", finess="997800412")
    return world.user("cpam", Role.CPAM, cpam)


def signed_in(user: User) -> Client:
    """Signed in after the hourly task has run."""
    publications.publish_closed_months(NOW)
    client = Client()
    client.force_login(user)
    return client


def half_and_half(ward: world.Ward, mothers: int, *, month: int = 2) -> None:
    """By thirds: seen in time after reading, seen late without, not seen. Every second letter left the same day."""
    hour = timedelta(hours=1)
    facts = []
    for i in range(mothers):
        left = datetime(2026, month, 1 + i % 28, 11, 0, tzinfo=PARIS)
        letter = hour if i % 2 else 20 * hour
        seen = (30 * hour, 60 * hour, None)[i % 3]
        facts.append(Past(left, letter_after=letter, seen_after=seen, read_after=25 * hour if i % 3 == 0 else None))
    past.record(facts, maternity=ward.maternity, midwife=ward.midwife, sender=ward.secretary)


def test_home_says_the_result_first(referent: User, ward: world.Ward) -> None:
    half_and_half(ward, 90)
    page = signed_in(referent).get(reverse("figures")).content.decode()
    assert "Indicateurs du territoire, février 2026" in page and "Chiffres arrêtés le 8 mars 2026" in page
    assert page.index("lue avant la première visite") < page.index("partie le jour de la sortie")
    assert "30 sur 60" in page and "30 sur 90" in page  # read before the visit, seen in time
    assert "Numérateur" in page and "Dénominateur" in page and "Source" in page


@pytest.mark.parametrize("mothers", [0, 9, 20])
def test_small_numbers_give_one_calm_sentence(referent: User, ward: world.Ward, mothers: int) -> None:
    half_and_half(ward, mothers)
    for name in ("figures", "maternities"):
        page = signed_in(referent).get(reverse(name)).content.decode()
        assert TOO_FEW in page
        assert f"sur {mothers}" not in page


def test_the_month_under_way_is_not_shown(referent: User, ward: world.Ward) -> None:
    half_and_half(ward, 90, month=3)
    assert TOO_FEW in signed_in(referent).get(reverse("figures")).content.decode()


def test_a_small_maternity_stays_hidden_everywhere(referent: User, ward: world.Ward) -> None:
    half_and_half(ward, 90)
    small = Organisation.objects.create(kind="MATERNITY", name="Petite maternité", finess="997800123")
    other = world.Ward(**{**{f: getattr(ward, f) for f in ward.__dataclass_fields__}, "maternity": small})
    half_and_half(other, 8)
    client = signed_in(referent)
    page = client.get(reverse("figures")).content.decode()
    assert "Petite maternité" in page and "masqué" in page
    lines = client.get(reverse("figures_export")).content.decode().splitlines()
    assert not any("Petite maternité" in line or "Maternité d'essai" in line for line in lines), "nor by subtraction"
    assert any("Territoire" in line for line in lines)


def test_the_file_holds_the_cells_shown_and_is_audited(referent: User, ward: world.Ward) -> None:
    half_and_half(ward, 90)
    answer = signed_in(referent).get(reverse("figures_export"))
    assert answer["Content-Disposition"].endswith('"indicateurs-perinat.csv"')
    text = answer.content.decode("utf-8-sig")
    assert "2026-02;Territoire;Première visite faite à temps;30;90;33,3" in text
    assert AuditEntry.objects.filter(action="indicators.exported", by_id=referent.pk).exists()


@pytest.mark.parametrize("name", PAGES)
def test_nobody_else_enters(ward: world.Ward, name: str) -> None:
    for user in (ward.secretary, ward.midwife_user, ward.coordinator, ward.doctor_user):
        assert signed_in(user).get(reverse(name)).status_code == 403
    assert Client().get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", PAGES)
def test_no_person_and_no_professional(referent: User, ward: world.Ward, name: str) -> None:
    half_and_half(ward, 90)
    stay = world.stay(ward)
    page = signed_in(referent).get(reverse(name)).content.decode()
    for word in (stay.mother.birth_family_name, "ANCIENNE", ward.midwife.family_name, ward.doctor.family_name):
        assert word not in page
    assert Professional.objects.exists()


def test_a_random_territory_is_shown_without_a_small_number(referent: User, ward: world.Ward) -> None:
    chance = random.Random(3)
    left = datetime(2026, 2, 11, 11, 0, tzinfo=PARIS)
    mothers = [past.ordinary(left, chance, progress=0.5) for _ in range(120)]
    past.record(mothers, maternity=ward.maternity, midwife=ward.midwife, sender=ward.secretary)
    lines = signed_in(referent).get(reverse("figures_export")).content.decode().splitlines()[1:]
    assert lines
    for line in lines:
        numerator, denominator = (int(x) for x in line.split(";")[3:5])
        assert numerator >= 11 and denominator - numerator >= 11


def test_few_queries(referent: User, ward: world.Ward, django_assert_max_num_queries: object) -> None:
    half_and_half(ward, 90)
    client = signed_in(referent)
    client.get(reverse("figures"))
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        client.get(reverse("figures"))
