"""The administrator's pages: every door opens, every act is done and traced, and no cared-for person shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.lifecycles import ShipmentStatus
from coordination.models import (
    AuditEntry,
    ChannelSwitch,
    Delegation,
    Mailbox,
    Organisation,
    Professional,
    Role,
    Shipment,
    User,
)
from coordination.services import documents
from tests.coordination import world
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db

LISTS = (
    "administration", "admin_sites", "admin_site_new", "admin_professionals", "admin_professional_new",
    "admin_mailboxes", "admin_accounts", "admin_account_new", "admin_delegations", "admin_delegation_new",
    "admin_channels", "admin_certificates", "service_state",
)  # fmt: skip


@pytest.fixture
def admin(ward: world.Ward) -> User:
    return world.user("admin", Role.ADMINISTRATOR, ward.cpts)


@pytest.fixture
def client(admin: User) -> Client:
    opened = Client()
    opened.force_login(admin)
    return opened


def every_page() -> list[str]:
    """Every address of the room that is read."""
    pages = [reverse(name) for name in LISTS]
    pages += [reverse("admin_site", args=[row.pk]) for row in Organisation.objects.all()]
    pages += [reverse("admin_professional", args=[row.pk]) for row in Professional.objects.all()]
    pages += [reverse("admin_account", args=[row.pk]) for row in User.objects.all()]
    return [*pages, reverse("admin_professionals") + "?q=ACACIA", reverse("admin_accounts") + "?q=louise"]


def last_act() -> AuditEntry:
    entry = AuditEntry.objects.last()
    assert entry is not None
    return entry


def test_no_cared_for_person_on_any_page(client: Client, ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward, with_midwife=False, room="214", needs=("Jumeaux",))
    documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    Shipment.objects.update(status=ShipmentStatus.QUEUED, last_message="Refus pour ACACIA")
    client.post(reverse("admin_channel_stop", args=["dmp"]), {"motif": "Maintenance"})
    secrets = ("Louise", "LOUISE", "JULES", stay.mother.ins_matricule, "12/04/1993", "Jumeaux", str(stay.pk))
    for url in every_page():
        answer = client.get(url)
        assert answer.status_code == 200, url
        typed = ('value="ACACIA"', "q=ACACIA", 'value="louise"')  # the words of the search come back as typed
        page = answer.content.decode()
        for words in typed:
            page = page.replace(words, "")
        assert not [word for word in (*secrets, "ACACIA") if word in page], url


def test_the_administrator_enters_no_other_room(client: Client, ward: world.Ward) -> None:
    stay = world.stay(ward, with_midwife=False)
    for name in ("discharge_list", "to_validate", "visits", "board", "figures", "relay"):
        assert client.get(reverse(name)).status_code == 403, name
    assert client.get(reverse("stay", args=[stay.pk])).status_code in (403, 404)


@pytest.mark.parametrize("name", LISTS)
def test_nobody_else_enters(ward: world.Ward, name: str) -> None:
    for user in (ward.secretary, ward.midwife_user, ward.coordinator, ward.doctor_user):
        other = Client()
        other.force_login(user)
        assert other.get(reverse(name)).status_code == 403


def test_a_site_is_added_and_its_key_checked(client: Client) -> None:
    values = {"kind": "PRACTICE", "name": "Cabinet neuf", "finess": "997800124", "communes": "78646, 78517"}
    refused = client.post(reverse("admin_site_new"), values)
    assert refused.status_code == 422 and "La clé du numéro FINESS est fausse" in refused.content.decode()
    assert "Cabinet neuf" in refused.content.decode(), "nothing typed is lost"
    page = client.post(reverse("admin_site_new"), {**values, "finess": "997800123"}, follow=True)
    assert "site enregistré" in page.content.decode()
    site = Organisation.objects.get(name="Cabinet neuf")
    assert site.communes == ["78646", "78517"] and last_act().action == "site.created"
    url = reverse("admin_site", args=[site.pk])
    assert "78646 78517" in client.get(url).content.decode()
    assert client.post(url, {**values, "finess": "997800123", "communes": "786"}).status_code == 422


def test_a_professional_is_added_with_her_address(client: Client, ward: world.Ward) -> None:
    values = {
        "rpps": "89900001068", "family_name": "BRUYÈRE", "given_name": "Lucie", "specialty_code": "G15_50",
        "organisation": str(ward.practice.pk), "mailbox": "lucie@essai.mssante.example",
    }  # fmt: skip
    refused = client.post(reverse("admin_professional_new"), values)
    assert "La clé du numéro RPPS est fausse" in refused.content.decode()
    client.post(reverse("admin_professional_new"), {**values, "rpps": "89900001069"})
    assert Mailbox.objects.get(address="lucie@essai.mssante.example").professional.family_name == "BRUYÈRE"
    assert "Lucie" in client.get(reverse("admin_professionals") + "?q=bruy").content.decode()


def account_values(ward: world.Ward, **changes: str) -> dict[str, str]:
    return {
        "username": "nadia", "first_name": "Nadia", "last_name": "OSIER", "email": "nadia@perinat.example",
        "role": "SECRETARY", "organisation": str(ward.maternity.pk), **changes,
    }  # fmt: skip


def test_an_account_opens_with_a_password_shown_once(client: Client, ward: world.Ward) -> None:
    answer = client.post(reverse("admin_account_new"), account_values(ward))
    password = answer.context["password"]
    assert password in answer.content.decode() and "no-store" in answer["Cache-Control"]
    user = User.objects.get(username="nadia")
    assert user.check_password(password) and user.role == Role.SECRETARY
    for url in (reverse("admin_accounts"), reverse("admin_account", args=[user.pk])):
        assert password not in client.get(url).content.decode()
    again = client.post(reverse("admin_account_new"), account_values(ward))
    assert again.status_code == 422 and "existe déjà" in again.content.decode()


def test_a_closed_account_leaves_at_once(client: Client, ward: world.Ward) -> None:
    theirs = Client()
    theirs.force_login(ward.secretary)
    assert theirs.get(reverse("discharge_list")).status_code == 200
    client.post(reverse("admin_account_close", args=[ward.secretary.pk]))
    assert theirs.get(reverse("discharge_list")).status_code == 302
    assert last_act().action == "account.closed"
    answer = client.post(reverse("admin_account_reopen", args=[ward.secretary.pk]))
    ward.secretary.refresh_from_db()
    assert ward.secretary.is_active and ward.secretary.check_password(answer.context["password"])


def test_an_administrator_does_not_close_herself(client: Client, admin: User) -> None:
    page = client.post(reverse("admin_account_close", args=[admin.pk]), follow=True).content.decode()
    assert "ne ferme pas son propre compte" in page
    admin.refresh_from_db()
    assert admin.is_active


def test_an_account_changes_role(client: Client, ward: world.Ward) -> None:
    url = reverse("admin_account", args=[ward.secretary.pk])
    wrong = account_values(ward, username="secretaire", role="COORDINATOR")
    assert "Ce rôle s&#x27;exerce dans un site de type : cpts" in client.post(url, wrong).content.decode()
    client.post(url, {**wrong, "organisation": str(ward.cpts.pk)})
    ward.secretary.refresh_from_db()
    assert ward.secretary.role == Role.COORDINATOR and last_act().data["fields"]


def test_a_delegation_is_recorded_then_withdrawn(client: Client, ward: world.Ward) -> None:
    today = timezone.localdate()
    values = {
        "professional": str(ward.doctor.pk), "type_codes": ["11490-0"], "starts_on": f"{today}",
        "ends_on": f"{today + timedelta(days=20)}",
    }  # fmt: skip
    too_long = client.post(reverse("admin_delegation_new"), {**values, "ends_on": f"{today + timedelta(days=800)}"})
    assert "un an au plus" in too_long.content.decode()
    client.post(reverse("admin_delegation_new"), values)
    page = client.get(reverse("admin_delegations")).content.decode()
    assert "Se termine bientôt" in page and "Lettre de liaison" in page
    assert "se termine sous 30 jours" in client.get(reverse("administration")).content.decode()
    delegation = Delegation.objects.get()
    client.post(reverse("admin_delegation_revoke", args=[delegation.pk]))
    assert "Retirée" in client.get(reverse("admin_delegations")).content.decode()


def test_a_channel_stops_with_its_reason_and_restarts(
    client: Client, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    documents.validate(world.letter(ward, world.stay(ward)), by=ward.doctor_user)
    stop = reverse("admin_channel_stop", args=["dmp"])
    assert "Dites pourquoi" in client.post(stop, {"motif": ""}, follow=True).content.decode()
    assert not ChannelSwitch.objects.exists()
    page = client.post(stop, {"motif": "Maintenance de la CNAM"}, follow=True).content.decode()
    assert "Arrêté par" in page and "Maintenance de la CNAM" in page
    assert "DMP est arrêté" in client.get(reverse("administration")).content.decode()
    assert "1 envoi en attente" in client.get(reverse("administration")).content.decode()
    page = client.post(reverse("admin_channel_restart", args=["dmp"]), follow=True).content.decode()
    assert "remis en marche" in page and not ChannelSwitch.objects.get().stopped
    unknown = client.post(reverse("admin_channel_stop", args=["fax"]), {"motif": "x"}, follow=True)
    assert "n&#x27;existe pas" in unknown.content.decode()


def test_a_dead_address_is_said_and_revived(client: Client) -> None:
    Mailbox.objects.update(dead_since=timezone.now())
    assert "1 adresse MSSanté hors service" in client.get(reverse("administration")).content.decode()
    client.post(reverse("admin_mailbox_revive", args=[Mailbox.objects.get().pk]))
    assert Mailbox.objects.get().dead_since is None and last_act().action == "mailbox.revived"


def test_missing_national_rules_are_seen(client: Client) -> None:
    page = client.get(reverse("service_state")).content.decode()
    assert "Les règles nationales sont absentes" in page and "perinat.W001" in page


def test_acts_are_posts(client: Client, ward: world.Ward) -> None:
    for url in (
        reverse("admin_channel_stop", args=["dmp"]),
        reverse("admin_channel_restart", args=["dmp"]),
        reverse("admin_account_close", args=[ward.secretary.pk]),
        reverse("admin_account_reset", args=[ward.secretary.pk]),
    ):
        assert client.get(url).status_code == 405
