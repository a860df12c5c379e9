"""« En attente d'INS »: who waits, why, what comes next, and what she can do now."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from coordination.models import IdentityQuestion, InsStatus, Newborn, Person, Shipment, WorkItem
from coordination.services import holding, identities, ins_alerts, ins_calendar
from perinat.connectors.insi.sandbox.server import InsiSandbox
from tests.coordination import world
from tests.coordination.services.helpers import validated
from tests.coordination.services.ins import CONNECTOR, publish, tick, waits
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
PAGE = "/attente-ins/"
Clock = time_machine.Traveller


@pytest.fixture
def insi(settings: object) -> Iterator[InsiSandbox]:
    with InsiSandbox() as sandbox:
        settings.IDENTITY_SERVICE, settings.INSI_URL = CONNECTOR, sandbox.url  # type: ignore[attr-defined]
        settings.IDENTITY_HOURS = [7, 20]  # type: ignore[attr-defined]
        yield sandbox


@pytest.fixture
def child(clock: Clock, ward: world.Ward, fakes: dict[str, FakeChannel], insi: InsiSandbox) -> Person:
    return waits(ward)[0]


def shown(client: Client, path: str) -> str:
    answer = client.get(path, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def of(child: Person, act: str = "") -> str:
    return f"{PAGE}{child.pk}/{act}"


def test_empty(ward: world.Ward, client: Client) -> None:
    client.force_login(ward.secretary)
    assert "Aucun document n’attend d’INS" in shown(client, PAGE)
    assert "en attente d’INS" not in shown(client, "/sorties/")


def test_who_waits_and_what_comes_next(clock: Clock, child: Person, ward: world.Ward, client: Client) -> None:
    client.force_login(ward.secretary)
    assert "1 personne en attente d’INS" in shown(client, "/sorties/")
    tick()
    text = shown(client, PAGE)
    assert "ACACIA Jules" in text and "Prochaine question automatique" in text
    assert "sam. 21 mars, 7 h 00" in text, "born on Monday 16 March: five days later"
    assert "L’enfant n’a pas encore d’INS connue" in text


def test_both_homes_say_how_many(child: Person, ward: world.Ward, client: Client) -> None:
    client.force_login(ward.doctor_user)
    assert "1 personne en attente d’INS" in shown(client, "/a-valider/")


def test_verified_before_it_is_found(
    clock: Clock, child: Person, ward: world.Ward, client: Client, insi: InsiSandbox
) -> None:
    client.force_login(ward.secretary)
    assert "Extrait d’acte de naissance" in shown(client, of(child))
    assert "Choisissez la pièce" in client.post(of(child, "verifier/"), {"piece": "X"}, follow=True).content.decode()
    child.refresh_from_db()
    assert child.ins_status == InsStatus.PROV
    assert "dès que son INS" in client.post(of(child, "verifier/"), {"piece": "AN"}, follow=True).content.decode()
    publish(insi, child)
    clock.shift(5 * 86_400)
    assert tick() == ["FOUND"] and holding.release_ready() == 1
    client.force_login(ward.secretary)
    assert "Plus rien n’attend" in shown(client, of(child))


def test_found_then_verified(clock: Clock, child: Person, ward: world.Ward, client: Client, insi: InsiSandbox) -> None:
    publish(insi, child)
    clock.shift(5 * 86_400)
    tick()
    client.force_login(ward.secretary)
    assert "Identité à vérifier" in shown(client, PAGE)
    assert "partent d’eux-mêmes" in client.post(of(child, "verifier/"), {"piece": "LE"}, follow=True).content.decode()
    assert holding.release_ready() == 1


def test_ask_now(child: Person, ward: world.Ward, client: Client, insi: InsiSandbox) -> None:
    client.force_login(ward.secretary)
    assert "Demander maintenant" in shown(client, of(child))
    assert "part dans la minute" in client.post(of(child, "demander/"), follow=True).content.decode()
    assert "déjà en route" in client.post(of(child, "demander/"), follow=True).content.decode()
    assert "Demander maintenant" not in shown(client, of(child))
    assert tick() == ["NOT_FOUND"]
    assert "demandé par" in shown(client, of(child)) and "pas encore connue" in shown(client, of(child))


def test_without_a_service(child: Person, ward: world.Ward, client: Client, settings: object) -> None:
    settings.IDENTITY_SERVICE = ""  # type: ignore[attr-defined]
    client.force_login(ward.secretary)
    text = shown(client, of(child))
    assert "pas relié au téléservice" in text and "Demander maintenant" not in text and "Saisir l’INS" in text
    assert "déjà en route" in client.post(of(child, "demander/"), follow=True).content.decode()
    assert not IdentityQuestion.objects.exists()


@pytest.mark.parametrize(("choice", "given"), [("reprendre", "JULES OSCAR"), ("garder", "JULES")])
def test_side_by_side(
    clock: Clock, child: Person, ward: world.Ward, client: Client, insi: InsiSandbox, choice: str, given: str
) -> None:
    publish(insi, child, given="JULES OSCAR")
    clock.shift(5 * 86_400)
    tick()
    client.force_login(ward.secretary)
    text = shown(client, of(child))
    assert "Est-ce la même personne" in text and text.count("Différent") == 1 and "JULES OSCAR" in text
    assert "Les traits sont identiques à la pièce" not in text
    line = WorkItem.objects.get(kind="INS_TO_COMPLETE", status="OPEN")
    assert of(child) in shown(client, "/sorties/") and line.organisation == ward.maternity
    client.post(of(child, "trancher/"), {"choix": choice})
    child.refresh_from_db()
    assert child.birth_given_names == given
    assert (
        "a changé entre-temps" in client.post(of(child, "trancher/"), {"choix": choice}, follow=True).content.decode()
    )


def test_the_calendar_is_over(clock: Clock, child: Person, ward: world.Ward, client: Client) -> None:
    ins_calendar.plan(timezone.now())
    clock.shift(22 * 86_400)
    ins_alerts.watch(timezone.now())
    client.force_login(ward.secretary)
    assert "terminées sans réponse" in shown(client, PAGE) and "INS à compléter" in shown(client, "/sorties/")


def test_the_carer_reads_why_it_is_not_in_the_dmp(child: Person, ward: world.Ward, client: Client) -> None:
    paper = Shipment.objects.get(channel="dmp").versions.get().document
    client.force_login(ward.midwife_user)
    sentence = "Partira au DMP quand l’INS de l’enfant sera connue"
    assert sentence in shown(client, f"/documents/{paper.pk}/")
    client.force_login(ward.secretary)
    assert "Partira au DMP quand l&#x27;INS de l&#x27;enfant sera connue" in shown(client, f"/sejours/{paper.stay_id}/")
    identities.qualify(child, world.ins(77), by=ward.secretary)
    holding.release_ready()
    client.force_login(ward.midwife_user)
    assert sentence not in shown(client, f"/documents/{paper.pk}/")


def test_nobody_else(child: Person, ward: world.Ward, client: Client) -> None:
    for user in (ward.midwife_user, ward.coordinator):
        client.force_login(user)
        assert {client.get(path).status_code for path in (PAGE, of(child))} == {403}
        assert client.post(of(child, "verifier/"), {"piece": "AN"}).status_code == 403
    other = world.user("ailleurs", ward.secretary.role, ward.practice)
    client.force_login(other)
    assert client.get(of(child)).status_code == 404 and "Aucun document" in shown(client, PAGE)
    for act in ("demander/", "verifier/", "trancher/"):
        assert client.post(of(child, act), {"piece": "AN", "choix": "reprendre"}).status_code == 404
    child.refresh_from_db()
    assert child.ins_status == InsStatus.PROV


def test_a_mother_and_twins_are_three_lines(ward: world.Ward, fakes: dict[str, FakeChannel], client: Client) -> None:
    stay = world.stay(ward, mother=world.mother(qualified=False))
    first = stay.newborns.get()
    twin = Newborn.objects.create(
        stay=stay, rank=2, born_at=first.born_at, person=Person.objects.create(
            birth_family_name="ACACIA", birth_given_names="ANNA", sex="F", birth_date=first.person.birth_date
        ),
    )  # fmt: skip
    twin.person.local_identifiers.create(organisation=ward.maternity, value="E2")
    for person in (stay.mother, first.person, twin.person):
        validated(ward, stay, person=person)
    client.force_login(ward.secretary)
    text = shown(client, PAGE)
    assert "3 personnes" in text and text.count("p-person--newborn") == 2 and text.count("p-person--mother") == 1
    assert client.get(PAGE).context["lines"]
