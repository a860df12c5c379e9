"""Any query string: 200, or 400 with French sentences; never a 500, never what was given repeated.

Hypothesis by hand: schemathesis is not among the dependencies (docs/api.md).
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coordination.api import parameters
from coordination.lifecycles import DocumentStatus, ShipmentStatus
from coordination.models import Organisation, Role
from tests.coordination import world
from tests.coordination.api.conftest import Home, sign_in

pytestmark = pytest.mark.django_db

LISTS = {
    "/api/sejours/": parameters.StayParameters,
    "/api/documents/": parameters.DocumentParameters,
    "/api/envois/": parameters.ShipmentParameters,
    "/api/indicateurs/": parameters.IndicatorParameters,
    "/api/schema/": parameters.NoParameters,
}
NAMES = sorted({name for expected in LISTS.values() for name in expected().fields})
VALID = ["present", "sortie", "oui", "non", "dmp", "in_time", *DocumentStatus, *ShipmentStatus]
STRANGE = [
    "", "0", "-1", "1e9", "1.0", "NaN", "Infinity", "99999999999999999999", "٣", "true", "null", "\x00", "%00", "[]",
    "0001-01-01", "9999-12-31", "2026-02-30", "2026-W01-1", "20260101", "2026-13", "{}", "'; --", "\ud7ff", "\uffff",
    "urn:uuid:00000000-0000-0000-0000-000000000000", "0" * 32, "1_0",
]  # fmt: skip
values = st.one_of(
    st.sampled_from([*VALID, *STRANGE]),
    st.text(max_size=30),
    st.integers().map(str),
    st.dates().map(str),
    st.uuids().map(str),
)
names = st.one_of(st.sampled_from(NAMES), st.sampled_from(["format", "lang", "ins", "page[]"]), st.text(max_size=8))
well_formed = st.lists(st.tuples(names, values), max_size=4).map(lambda pairs: urlencode(pairs, errors="replace"))
raw = st.binary(max_size=40).map(lambda some: quote(some, safe="=&;+%[]"))
ANY = settings(
    max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def clients(home: Home) -> dict[str, Client]:
    cpam = Organisation.objects.create(kind="CPAM", name="CPAM d'essai", finess="997800412")
    ward, referent = sign_in(home.ward.secretary), sign_in(world.user("cpam", Role.CPAM, cpam))
    return {address: referent if "indicateurs" in address else ward for address in LISTS}


@ANY
@given(address=st.sampled_from(sorted(LISTS)), query=st.one_of(well_formed, raw))
def test_any_query_is_answered(clients: dict[str, Client], address: str, query: str) -> None:
    response = clients[address].get(f"{address}?{query}")
    assert response.status_code in {200, 400}, query
    told = response.json()
    if response.status_code == 400:
        known = {*LISTS[address]().fields, "parametres"}
        assert list(told) == ["erreurs"] and set(told["erreurs"]) <= known
        assert all(sentence.endswith(".") for sentences in told["erreurs"].values() for sentence in sentences)
    elif address != "/api/schema/":
        assert len(told["resultats"]) <= parameters.MOST_PER_PAGE


@ANY
@given(query=st.one_of(well_formed, raw))
def test_a_filter_never_widens(clients: dict[str, Client], home: Home, query: str) -> None:
    response = clients["/api/documents/"].get(f"/api/documents/?{query}")
    if response.status_code == 200:
        assert {line["id"] for line in response.json()["resultats"]} <= {str(home.letter.pk)}


def test_a_query_that_breaks_would_be_seen(clients: dict[str, Client], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the bounds on years, the end of the calendar is one day too far."""
    monkeypatch.setattr(parameters.StayParameters, "validate", lambda self, attrs: attrs)
    clients["/api/sejours/"].raise_request_exception = False
    assert clients["/api/sejours/"].get("/api/sejours/?sortie_au=9999-12-31").status_code == 500
