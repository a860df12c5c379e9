"""Nobody sees the row of another: every address, pages and API, walked as every role. Run by `make access`.

The rules of who may read what are written again, by hand, in tests/coordination/api/territories.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Q

from coordination import blobs
from coordination.api.base import HasRole
from coordination.models import Delegation, Deposit, Event, Mailbox, Role, Stay, visibility
from coordination.views.hospital import sending
from tests.coordination.api.conftest import sign_in
from tests.coordination.api.territories import Territory, territory
from tests.coordination.api.walk import OF_A_PERSON, Address, Leak, addresses, slipped, walk, without_session

pytestmark = pytest.mark.django_db
HERE = ("ACANTHE", "AZELIN", "ANCOLIE", "ANSELME")
THERE = ("BALSAMINE", "BERTIL", "BRUGMANSIA", "BASTIEN")


@pytest.fixture
def here(settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, db: None) -> Territory:
    settings.BLOB_DIR, settings.BLOB_KEYS_DIR = tmp_path / "blobs", tmp_path / "keys"
    settings.ANS_PACK, settings.PSC_DISCOVERY_URL = "", ""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"  # five thousand requests
    caplog.set_level(logging.ERROR, logger="django.request")  # most are refused, on purpose
    blobs._current_key.cache_clear()
    return territory("A", 1, HERE)


@pytest.fixture
def there(here: Territory) -> Territory:
    return territory("B", 2, THERE)


def others(place: Territory) -> dict[str, Any]:
    """Values of the parameters that name no patient's row."""
    midwife = place.users[Role.MIDWIFE]
    return {
        "site_id": midwife.organisation_id,
        "professional_id": midwife.professional_id,
        "midwife_id": midwife.professional_id,
        "mailbox_id": Mailbox.objects.get(professional=midwife.professional_id).pk,
        "user_id": midwife.pk,
        "admin_delegation_revoke.pk": Delegation.objects.get(organisation=place.cases[0].ward).pk,
        "name": "dmp",
        "number": 1,
        "sheet": 1,
        "rank": 1,
    }


def rows_of(place: Territory) -> dict[str, Any]:
    """What must not move: every row that hangs from the stays of a territory."""
    stays = Stay.objects.filter(pk__in=[case.rows["stay_id"] for case in place.cases])
    tables = ("care_team", "documents", "shipments", "handovers", "deposits", "encounters", "work_items", "newborns")
    found: dict[str, Any] = {
        name: sorted(map(repr, stays.values_list(f"{name}__pk", f"{name}__stay"))) for name in tables
    }
    found["events"] = Event.objects.filter(stay_id__in=stays.values("pk")).count()
    found["states"] = [
        sorted(stays.values_list("shipments__status", "documents__status", "deposits__status"), key=repr)
    ]
    return found


def walked(users: list[Any], here: Territory, there: Territory, among: list[Address]) -> list[Leak]:
    cases = [*here.cases, *there.cases]
    return [leak for user in users for leak in walk(user, cases, others(there), among)]


def slipped_in(here: Territory, there: Territory, among: list[Address]) -> list[Leak]:
    """Ids of the other territory slipped into the forms of those who act."""
    leaks: list[Leak] = []
    forms = [address for address in among if not address.name.startswith(("api_", "admin"))]
    for role, case in ((Role.SECRETARY, 0), (Role.HOSPITAL_DOCTOR, 0), (Role.MIDWIFE, 0), (Role.COORDINATOR, 1)):
        leaks += slipped(here.users[role], here.cases[case], there.cases[0], others(here), forms)
    return leaks


def test_nobody_sees_the_row_of_another(
    here: Territory, there: Territory, record_testsuite_property: Callable[[str, object], None]
) -> None:
    among, before = addresses(), rows_of(there)
    leaks = [
        *walked(list(here.users.values()), here, there, among),
        *without_session([*here.cases, *there.cases], others(there), among),
    ]
    leaks += slipped_in(here, there, among)
    if rows_of(there) != before:
        leaks.append(Leak("somebody", "", "moved a row of the other territory"))
    for name, figure in (("urls", len(among)), ("roles", len(here.users)), ("leaks", len(leaks))):
        record_testsuite_property(f"access.{name}", figure)
    assert not leaks, "\n".join(map(str, leaks))
    assert set(here.users) == set(Role)


def test_each_parameter_of_an_address_is_known(there: Territory) -> None:
    """A new kind of row must be given to the walk, here or in territories.py."""
    known = OF_A_PERSON | set(others(there))
    assert {address.key(name) for address in addresses() for name in address.parameters} <= known


def test_people_see_their_own(here: Territory, there: Territory) -> None:
    """The walk would be at peace with a site that refuses everything."""
    mine = here.cases[0].rows
    for role, path in (
        (Role.SECRETARY, f"/sejours/{mine['stay_id']}/"),
        (Role.HOSPITAL_DOCTOR, f"/api/documents/{mine['document_id']}/"),
        (Role.MIDWIFE, f"/documents/{mine['document_id']}/"),
        (Role.MIDWIFE, f"/api/sejours/{mine['stay_id']}/"),
        (Role.COORDINATOR, f"/orientation/{here.cases[1].rows['handover_id']}/"),
    ):
        assert sign_in(here.users[role]).get(path).status_code == 200, path


PEOPLE = (Role.SECRETARY, Role.MIDWIFE, Role.GP, Role.COORDINATOR)


def few(names: set[str]) -> list[Address]:
    return [address for address in addresses() if address.name in names]


@pytest.mark.parametrize(
    "name", ["Stay", "Document", "Shipment", "Handover", "Offer", "Deposit", "WorkItem", "RecordQuery"]
)
def test_a_rule_that_lets_everything_through_is_seen(
    here: Territory, there: Territory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each rule of visibility, broken on purpose, makes the walk find leaks."""
    shown_at = {
        "Stay": {"stay", "visits", "api_stays", "api_stay"},
        "Document": {"document", "document_pdf", "api_documents", "api_document"},
        "Shipment": {"api_shipments", "shipment_retry"},
        "Handover": {"board", "relay_case"},
        "Offer": {"offer_accept", "offer_decline"},
        "Deposit": {"paper", "discharge_list", "tray"},
        "WorkItem": {"discharge_list", "task_done", "board"},
        "RecordQuery": {"outside", "outside_live"},
    }[name]
    people = [here.users[role] for role in PEOPLE]
    assert walked(people, here, there, few(shown_at)) == []
    for broken in {name, "Document"} if name == "Shipment" else {name}:  # a sending is shown with its papers
        monkeypatch.setitem(visibility.RULES, broken, lambda user: Q())
    assert len(walked(people, here, there, few(shown_at))) > 0


def test_everything_let_through_is_seen(here: Territory, there: Territory, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in visibility.RULES:
        monkeypatch.setitem(visibility.RULES, name, lambda user: Q())
    found = {leak.address for leak in walked([here.users[Role.SECRETARY]], here, there, addresses())}
    assert {"stay", "paper", "document_pdf", "discharge_list", "api_stays", "api_stay", "api_documents"} <= found


def test_a_door_left_open_is_seen(here: Territory, there: Territory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role check forgotten in the API: a coordinator reads the names of her territory."""
    monkeypatch.setattr(HasRole, "has_permission", lambda *anything: True)
    found = walked([here.users[Role.COORDINATOR]], here, there, few({"api_stays", "api_stay"}))
    assert {leak.address for leak in found} == {"api_stays", "api_stay"}


def test_an_id_slipped_into_a_form_is_seen(here: Territory, there: Territory, monkeypatch: pytest.MonkeyPatch) -> None:
    """« Envoyer » alone forgets the rule: it names the mother of the other ward, though the service still refuses."""
    before, form = rows_of(there), few({"send"})
    assert slipped_in(here, there, form) == [] and rows_of(there) == before
    careless = SimpleNamespace(visible_to=lambda user: Deposit.objects.all())
    monkeypatch.setattr(sending, "Deposit", SimpleNamespace(objects=careless))
    found = {(leak.user, leak.what) for leak in slipped_in(here, there, form)}
    assert found == {
        (f"{who}-a", "an id slipped in tells a word of B-followed") for who in ("secretary", "hospital_doctor")
    }
