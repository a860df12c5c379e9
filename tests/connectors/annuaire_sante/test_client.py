"""What the client reads, and what it says when the directory misbehaves: real sockets, a strict server."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from perinat.connectors.annuaire_sante import checks
from perinat.connectors.annuaire_sante.client import AnnuaireSante
from perinat.connectors.annuaire_sante.conf import AnnuaireConfig
from perinat.connectors.annuaire_sante.sandbox.server import AnnuaireSandbox
from perinat.standards.health_directory import (
    CursorLostError,
    DirectoryAnswerError,
    DirectoryError,
    DirectoryPage,
    DirectoryRefusedError,
    DirectoryUnavailableError,
    PublishedMailbox,
)
from tests.connectors.annuaire_sante.conftest import Annuaire

EVE = "003-2001"


def pages(client: AnnuaireSante, departement: str = "78") -> list[DirectoryPage]:
    found = [client.places(departement)]
    while found[-1].cursor:
        found.append(client.places(departement, cursor=found[-1].cursor))
    return found


def test_a_departement_is_read_page_by_page(annuaire: Annuaire) -> None:
    found = pages(annuaire.client())
    places = {place.key for page in found for place in page.places}
    assert len(found) > 3 and all(len(page.places) + len(page.practices) <= 3 for page in found)
    assert places == {"001-1001", "001-1002", "001-1003", "001-1004", "001-1006"}, "neither the 95 nor the closed one"
    assert {p.place_key for page in found for p in page.practices} <= places


def test_people_are_read_by_id_and_by_profession(annuaire: Annuaire) -> None:
    page = annuaire.client(page_size=50).people([EVE, "003-2005", "003-2008"])
    people = {one.key: one for one in page.people}
    assert set(people) == {EVE, "003-2005"}, "the pharmacist is not asked for"
    eve = people[EVE]
    assert (eve.family_name, eve.given_name, eve.profession, eve.rpps) == ("MORILLE", "Éloïse", "50", "89900700017")
    assert eve.mailboxes == (PublishedMailbox("eloise.morille@sage-femme.mssante.example", "PER"),)
    assert people["003-2005"].mailboxes == (), "the red list is not kept"


def test_an_ordinary_mail_is_no_mailbox_and_an_unsaid_kind_is_the_usual_one(annuaire: Annuaire) -> None:
    places = {place.key: place for page in pages(annuaire.client()) for place in page.places}
    assert [box.address for box in places["001-1001"].mailboxes] == ["cabinet.etang@cabinet.mssante.example"]
    assert {box.kind for box in places["001-1003"].mailboxes} == {"ORG", "APP"}
    bare = annuaire.client().people(["003-2002"]).people[0].mailboxes
    assert [box.kind for box in bare] == ["PER"]


def test_what_changed_since(annuaire: Annuaire) -> None:
    since = datetime.now(UTC) - timedelta(minutes=5)
    client = annuaire.client(page_size=50)
    assert client.practices(since=since).practices == () and client.changed_people(since=since).people == ()
    annuaire.publish("PractitionerRole", "005-3010", active=False)
    annuaire.publish("Practitioner", EVE, family="MORILLE-CÈPE")
    (practice,) = client.practices(since=since).practices
    assert not practice.is_active and practice.place_key == ""
    assert [one.family_name for one in client.changed_people(since=since).people] == ["MORILLE-CÈPE"]
    annuaire.publish("Organization", "001-1002", city="HAUTECLAIRE")
    assert [one.city for one in client.places("78", since=since).places] == ["HAUTECLAIRE"]


def test_unreadable_entries_are_skipped_and_counted(annuaire: Annuaire) -> None:
    annuaire.fault("nonsense")
    page = annuaire.client(page_size=50).places("78")
    assert page.skipped == 5 and len(page.places) == 5


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("refused", DirectoryRefusedError, "HTTP_403"),
        ("busy", DirectoryUnavailableError, "HTTP_429"),
        ("down", DirectoryUnavailableError, "HTTP_503"),
        ("truncated", DirectoryUnavailableError, "NETWORK_"),
        ("garbled", DirectoryAnswerError, "NOT_JSON"),
        ("not_a_bundle", DirectoryAnswerError, "NOT_A_BUNDLE"),
        ("huge", DirectoryAnswerError, "TOO_LARGE"),
        ("self_loop", DirectoryAnswerError, "PAGE_LOOP"),
        ("elsewhere", DirectoryAnswerError, "NEXT_ELSEWHERE"),
    ],
)
def test_each_fault_has_its_error_in_french(
    annuaire: Annuaire, fault: str, error: type[DirectoryError], code: str
) -> None:
    annuaire.fault(fault, times=None)
    with pytest.raises(error) as caught:
        annuaire.client(tries=1).places("78")
    assert caught.value.code.startswith(code) and caught.value.message_fr.endswith(".")
    assert annuaire.api_key not in f"{caught.value}{caught.value.message_fr}"


@pytest.mark.parametrize("fault", ["busy", "down", "truncated"])
def test_what_passes_is_asked_again(annuaire: Annuaire, fault: str) -> None:
    annuaire.fault(fault, times=1)
    assert annuaire.client().places("78").places


def test_retry_after_is_obeyed_when_short_and_given_back_when_long(annuaire: Annuaire) -> None:
    annuaire.fault("busy", seconds=1)
    start = time.monotonic()
    assert annuaire.client().places("78").places
    assert time.monotonic() - start >= 1
    annuaire.fault("busy", seconds=600)
    with pytest.raises(DirectoryUnavailableError):
        annuaire.client().places("78")
    assert len(annuaire.admin(method="GET")["journal"]) == 3, "no new try before ten minutes"


def test_a_page_that_is_lost_says_so(annuaire: Annuaire) -> None:
    client = annuaire.client()
    cursor = client.places("78").cursor
    annuaire.fault("lost_page")
    with pytest.raises(CursorLostError):
        client.places("78", cursor=cursor)


def test_a_cursor_of_another_server_is_never_asked(annuaire: Annuaire) -> None:
    for cursor in ("http://127.0.0.2:9/fhir/v2/_page?id=1", annuaire.base_url.replace("v2", "v2/../admin/x")):
        with pytest.raises(DirectoryAnswerError, match="NEXT_ELSEWHERE"):
            annuaire.client().places("78", cursor=cursor)


@pytest.mark.parametrize("settings", [{"api_key": ""}, {"base_url": ""}])
def test_without_address_or_key_nothing_is_asked(annuaire: Annuaire, settings: dict[str, Any]) -> None:
    with pytest.raises(DirectoryRefusedError, match="NOT_CONFIGURED"):
        annuaire.client(**settings).places("78")
    assert annuaire.admin(method="GET")["journal"] == []


def test_a_wrong_key_is_refused(annuaire: Annuaire) -> None:
    with pytest.raises(DirectoryRefusedError, match="HTTP_403"):
        annuaire.client(api_key="une-autre").places("78")


def test_a_server_that_says_nothing_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/fhir/v2"
        client = AnnuaireSante(AnnuaireConfig(url, "k", tries=1, read_timeout=0.2))
        with pytest.raises(DirectoryUnavailableError, match="NETWORK_ReadTimeout"):
            client.places("78")
    with pytest.raises(DirectoryUnavailableError, match="NETWORK_ConnectionError"):
        client.places("78")


def test_a_server_that_drips_is_left() -> None:
    """Each byte comes before the read timeout: only the time given to the whole answer ends it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in range(40):
                    try:
                        connection.sendall(b"1\r\n \r\n")
                    except OSError:
                        return
                    time.sleep(0.05)

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/fhir/v2"
        with pytest.raises(DirectoryUnavailableError, match="TOO_SLOW"):
            AnnuaireSante(AnnuaireConfig(url, "k", tries=1, read_timeout=1, whole_timeout=0.2)).places("78")
        thread.join(5)


def test_the_pace_stays_under_the_limit_of_the_api() -> None:
    with AnnuaireSandbox(calls_per_second=10) as sandbox:
        client = AnnuaireSante(AnnuaireConfig(sandbox.base_url, sandbox.api_key, tries=1, interval=0.11))
        for _ in range(12):
            client.people([EVE])
        with pytest.raises(DirectoryUnavailableError, match="HTTP_429"):
            hurried = AnnuaireSante(AnnuaireConfig(sandbox.base_url, sandbox.api_key, tries=1, interval=0))
            for _ in range(12):
                hurried.people([EVE])


def test_the_checks_say_what_is_missing(settings: Any) -> None:
    settings.ANNUAIRE_BASE_URL = ""
    assert checks.check_connector() == []
    settings.ANNUAIRE_BASE_URL, settings.ANNUAIRE_API_KEY, settings.SANDBOX = "http://127.0.0.1:8445/fhir/v2", "", False
    settings.ANNUAIRE_DEPARTEMENTS = []
    assert [one.id for one in checks.check_connector()] == [
        "annuaire.E001", "annuaire.E002", "annuaire.E003", "annuaire.W001",
    ]  # fmt: skip
