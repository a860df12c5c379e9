"""The directory read into the mirror, over real sockets: whole, by differences, cut, moved, closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from coordination import tasks
from coordination.models import (
    AuditEntry,
    DirectoryMirror,
    Mailbox,
    MirrorMailbox,
    MirrorPerson,
    MirrorPlace,
    MirrorPractice,
    Organisation,
    OrganisationKind,
    Professional,
    User,
)
from coordination.selectors import directory_search
from coordination.services import directory, directory_sync
from coordination.services.addresses import live_mailbox
from perinat.standards.health_directory import (
    DirectoryAnswerError,
    DirectoryRefusedError,
    DirectoryUnavailableError,
    fold,
)
from tests.connectors.annuaire_sante.conftest import Annuaire

EVE = "89900700017"
EVE_BOX = "eloise.morille@sage-femme.mssante.example"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def turned(annuaire: Annuaire, settings: Any) -> Iterator[None]:
    """perinat turned towards the sandbox, three resources a page, no pause."""
    settings.ANNUAIRE_BASE_URL, settings.ANNUAIRE_API_KEY = annuaire.base_url, annuaire.api_key
    settings.ANNUAIRE_PAGE_SIZE, settings.ANNUAIRE_DEPARTEMENTS = 3, ["78"]
    settings.DIRECTORY = "tests.connectors.annuaire_sante.quick.Quick"
    yield


def known(rpps: str = EVE) -> Professional:
    practice = Organisation.objects.create(kind=OrganisationKind.PRACTICE, name="Cabinet d'essai")
    return Professional.objects.create(rpps=rpps, family_name="MORILLE", given_name="Éloïse", organisation=practice)


def names(text: str) -> list[str]:
    return [one.name for one in directory_search.find(text)]


def test_a_full_reading_mirrors_the_departement_and_touches_nobody() -> None:
    assert directory_sync.sync("78")
    assert set(MirrorPlace.objects.values_list("departement", flat=True)) == {"78"}
    assert MirrorPlace.objects.count() == 5 and MirrorPractice.objects.filter(gone_at__isnull=True).count() == 10
    assert set(MirrorPerson.objects.filter(gone_at__isnull=True).values_list("rpps", flat=True)) == {
        EVE, "89900700025", "89900700033", "89900700041", "89900700058", "89900700066", "89900700074",
    }, "neither the pharmacist, nor the one who closed, nor the 95"  # fmt: skip
    mirror = DirectoryMirror.objects.get()
    assert mirror.synced_at and mirror.started_at is None and mirror.failure_fr == ""
    assert not Professional.objects.exists() and not Organisation.objects.exists() and not User.objects.exists()


def test_twice_is_the_same_as_once() -> None:
    directory_sync.sync("78", full=True)
    first = list(MirrorMailbox.objects.order_by("pk").values_list("pk", "address", "gone_at"))
    directory_sync.sync("78", full=True)
    assert list(MirrorMailbox.objects.order_by("pk").values_list("pk", "address", "gone_at")) == first


def test_the_next_reading_asks_for_the_differences_only(annuaire: Annuaire) -> None:
    directory_sync.sync("78")
    annuaire.publish("Practitioner", "003-2004", family="BOLET-RUSSULE")
    annuaire.publish("PractitionerRole", "005-3010", place="001-1002")  # from the 95, unread until now
    annuaire.publish("PractitionerRole", "005-3002", active=False)
    annuaire.publish("Organization", "001-1006", active=False)
    before = len(annuaire.admin(method="GET")["journal"])
    assert directory_sync.sync("78")
    asked = annuaire.admin(method="GET")["journal"][before:]
    assert all("_lastUpdated=ge" in line or "_id=003-2009" in line for line in asked if "_page" not in line)
    assert names("russule") == ["Cœur BOLET-RUSSULE"] and names("pleurote") == ["Zoé PLEUROTE"]
    assert "Anne-Laure LÉPIOTE" not in names("etang"), "her practice closed"


def test_a_week_later_everything_is_read_again() -> None:
    directory_sync.sync("78")
    DirectoryMirror.objects.update(full_at=timezone.now() - timedelta(days=8))
    directory_sync.sync("78")
    mirror = DirectoryMirror.objects.get()
    assert mirror.is_full and mirror.full_at and mirror.full_at > timezone.now() - timedelta(minutes=1)


def test_what_is_no_longer_published_is_marked_then_purged(annuaire: Annuaire) -> None:
    directory_sync.sync("78")
    annuaire.remove("Organization", "001-1001")
    annuaire.remove("Practitioner", "003-2001")
    directory_sync.sync("78", full=True)
    assert MirrorPlace.objects.get(key="001-1001").gone_at and MirrorPerson.objects.get(rpps=EVE).gone_at
    assert MirrorMailbox.objects.get(address=EVE_BOX).gone_at
    assert names("morille") == ["Jean-Noël CÈPE"], "the place of that name, not the person"
    MirrorPlace.objects.filter(gone_at__isnull=False).update(seen_at=timezone.now() - timedelta(days=31))
    directory_sync.sync("78")
    assert not MirrorPlace.objects.filter(key="001-1001").exists()


def test_a_reading_that_is_cut_goes_on_from_its_page(annuaire: Annuaire) -> None:
    annuaire.fault("down", times=None, after=3)
    with pytest.raises(DirectoryUnavailableError):
        directory_sync.sync("78")
    mirror = DirectoryMirror.objects.get()
    assert mirror.cursor and mirror.started_at and mirror.synced_at is None and mirror.failure_fr
    assert directory_search.freshness(timezone.now()).is_late
    annuaire.admin("faults", "DELETE")
    before = len(annuaire.admin(method="GET")["journal"])
    assert directory_sync.sync("78")
    asked = annuaire.admin(method="GET")["journal"][before:]
    assert "_page" in asked[0] and not any("Organization?" in line for line in asked)
    assert MirrorPlace.objects.count() == 5 and not directory_search.freshness(timezone.now()).is_late


def test_a_page_that_is_lost_is_found_again_from_the_first(annuaire: Annuaire) -> None:
    annuaire.fault("lost_page")
    assert directory_sync.sync("78") and MirrorPlace.objects.count() == 5


def test_pages_that_go_round_are_left(annuaire: Annuaire) -> None:
    annuaire.fault("round_loop", times=None)
    with pytest.raises(DirectoryAnswerError, match="PAGE_LOOP"):
        directory_sync.sync("78")
    annuaire.admin("faults", "DELETE")
    assert directory_sync.sync("78")


def test_a_key_that_is_refused_marks_nothing_as_gone(annuaire: Annuaire) -> None:
    directory_sync.sync("78")
    annuaire.fault("refused", times=None)
    with pytest.raises(DirectoryRefusedError):
        directory_sync.sync("78", full=True)
    assert not MirrorPlace.objects.filter(gone_at__isnull=False).exists()
    assert "clé" in DirectoryMirror.objects.get().failure_fr and names("lepiote")


def test_an_address_that_moved_to_somebody_else_is_never_used_for_the_first(annuaire: Annuaire) -> None:
    eve = known()
    directory_sync.sync("78")
    box = Mailbox.objects.get(address=EVE_BOX)
    assert live_mailbox(eve, shared=True) == box, "her published address is hers in perinat"
    annuaire.publish("Practitioner", "003-2001", mailboxes=[])
    annuaire.publish("Practitioner", "003-2004", mailboxes=[{"address": EVE_BOX, "kind": "PER"}])
    directory_sync.sync("78")
    assert live_mailbox(eve, shared=True) is None and Mailbox.objects.get().professional == eve
    assert AuditEntry.objects.filter(action="mailbox.moved_elsewhere").count() == 1
    assert directory_search.find("bolet")[0].address == "coeur.bolet@cabinet.mssante.example", (
        "a dead box is not offered"
    )


def test_an_address_that_left_the_directory_comes_last_and_may_come_back(annuaire: Annuaire) -> None:
    eve = known()
    directory_sync.sync("78")
    Mailbox.objects.create(address="eloise@autre.mssante.example", professional=eve)
    Mailbox.objects.filter(address=EVE_BOX).update(last_success_at=timezone.now())
    annuaire.publish("Practitioner", "003-2001", mailboxes=[])
    directory_sync.sync("78")
    gone = Mailbox.objects.get(address=EVE_BOX)
    assert gone.left_directory_at and gone.dead_since is None
    assert getattr(live_mailbox(eve, shared=True), "address", "") == "eloise@autre.mssante.example"
    annuaire.publish("Practitioner", "003-2001", mailboxes=[{"address": EVE_BOX, "kind": "PER"}])
    directory_sync.sync("78")
    assert live_mailbox(eve, shared=True) == gone


def test_a_search_ignores_accents_case_and_order() -> None:
    directory_sync.sync("78")
    for text in ("morille eloise", "ÉLOÏSE Mori", "sage-femme valombre", EVE, "eloise 78990"):
        assert "Éloïse MORILLE" in names(text), text
    assert names("coeur bolet") == ["Cœur BOLET"] and names("cœur") == ["Cœur BOLET"]
    assert (
        names("amanite") == [] and names("") == [] and names("%") == [] and fold("Œuf d'Élan-Vif") == "oeuf d elan vif"
    )


def test_homonyms_are_told_apart() -> None:
    directory_sync.sync("78")
    found = directory_search.find("lépiote anne-laure")
    assert {(one.profession, one.city, one.rpps) for one in found} == {
        ("Sage-Femme", "BRÉGY", "89900700025"), ("Médecin", "HAUTECLAIRE", "89900700033"),
    }  # fmt: skip


def test_the_last_sending_is_told_and_a_dead_box_is_not_offered() -> None:
    eve = known("89900700199")
    directory_sync.sync("78")
    box = Mailbox.objects.create(address=EVE_BOX, professional=eve, last_success_at=timezone.now())
    found = directory_search.find("morille eloise")[0]
    assert found.last_success_at == box.last_success_at and "dernier envoi accepté le" in found.address_fr
    Mailbox.objects.update(dead_since=timezone.now())
    found = directory_search.find("morille eloise")[0]
    assert found.is_dead and found.address == "" and "hors service" in found.address_fr
    assert directory_search.find("girolle")[0].address == "cabinet.etang@cabinet.mssante.example", (
        "that of her practice"
    )


def test_who_is_chosen_becomes_known_once_with_her_place_and_addresses() -> None:
    directory_sync.sync("78")
    by = User.objects.create_user("secretaire", password="un-mot-de-passe-assez-long")
    practice = MirrorPractice.objects.get(key="005-3004")
    made = directory.adopt(practice, by=by)
    assert directory.adopt(practice, by=by) == made and Professional.objects.count() == 1
    assert made.organisation.city == "BRÉGY" and User.objects.count() == 1
    assert getattr(live_mailbox(made, shared=True), "address", "") == "coeur.bolet@cabinet.mssante.example"
    girolle = directory.adopt(MirrorPractice.objects.get(key="005-3005"), by=by)
    assert girolle.organisation == made.organisation, "the same practice"
    assert names("bolet") == [], "perinat knows her: she is among its own"
    with pytest.raises(directory.NotAdoptedError):
        directory.adopt(MirrorPractice.objects.get(key="005-3003"), by=by)
    assert directory.adopt(MirrorPractice.objects.get(key="005-3006"), by=by).specialty_code == "G15_10/SM54"


def test_the_clock_reads_once_a_night_and_waits_after_a_refusal(annuaire: Annuaire, settings: Any) -> None:
    now = timezone.now()
    assert directory_sync.due(now) == ["78"]
    annuaire.fault("refused")
    tasks.sync_directory()
    assert directory_sync.due(now) == [] and directory_sync.due(now + timedelta(hours=2)) == ["78"]
    DirectoryMirror.objects.update(failed_at=None)
    tasks.sync_directory()
    assert directory_sync.due(now) == [] and directory_sync.due(now + timedelta(days=1)) == ["78"]
    settings.ANNUAIRE_BASE_URL = ""
    assert directory_sync.due(now + timedelta(days=1)) == []


def test_a_short_time_is_kept_and_the_rest_done_later() -> None:
    assert not directory_sync.sync("78", seconds=-1)
    assert DirectoryMirror.objects.get().started_at and directory_sync.sync("78")


def test_the_command_says_what_it_did(annuaire: Annuaire) -> None:
    out = StringIO()
    call_command("sync_directory", "--full", "--departement", "95", stdout=out)
    assert out.getvalue() == "95 : à jour.\n" and MirrorPerson.objects.get().family_name == "PLEUROTE"
    annuaire.fault("refused")
    with pytest.raises(CommandError, match="refuse la clé"):
        call_command("sync_directory")


def test_the_age_of_the_mirror_is_told(settings: Any) -> None:
    now = timezone.now()
    assert directory_search.freshness(now).text == "Annuaire : pas encore lu en entier"
    directory_sync.sync("78")
    fresh = directory_search.freshness(timezone.now())
    assert fresh.text.startswith("Annuaire : à jour du ") and not fresh.is_late
    assert directory_search.freshness(now + timedelta(days=4)).is_late
    settings.ANNUAIRE_BASE_URL = ""
    assert not directory_search.freshness(now + timedelta(days=4)).is_late
