"""What all addresses share: sign-in, refusals, pages, headers, no INS in a list, a described answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from coordination.api import schema
from coordination.api.urls import urlpatterns
from coordination.models import LocalIdentifier, Organisation, Role, User
from tests.coordination import world
from tests.coordination.api.conftest import Home, answer, sign_in

pytestmark = pytest.mark.django_db
LISTS = ("api_stays", "api_documents", "api_shipments", "api_indicators")


def addresses(home: Home) -> dict[str, str]:
    rows = {"api_stay": home.stay.pk, "api_document": home.letter.pk}
    return {p.name: reverse(p.name, args=[rows[p.name]] if p.name in rows else []) for p in urlpatterns if p.name}


def reader_of(name: str, home: Home) -> User:
    if name != "api_indicators":
        return home.ward.secretary
    ars = Organisation.objects.get_or_create(kind="ARS", name="ARS d'essai")[0]
    return User.objects.filter(username="ars").first() or world.user("ars", Role.ARS, ars)


def test_nobody_without_a_session(home: Home) -> None:
    for address in addresses(home).values():
        told = answer(Client(), address, 403)
        assert list(told["erreurs"]) == ["session"]


def test_an_inactive_account_is_nobody(home: Home, secretary: Client) -> None:
    User.objects.update(is_active=False)
    assert answer(secretary, "/api/sejours/", 403)["erreurs"].keys() == {"session"}


def test_nothing_is_kept_nor_written(home: Home) -> None:
    for name, address in addresses(home).items():
        client = sign_in(reader_of(name, home))
        response = client.get(address)
        assert response.status_code == 200 and response["Cache-Control"] == "no-store, private", name
        assert response["Content-Type"].startswith("application/json"), name
        for method in ("post", "put", "patch", "delete", "options"):
            refused = getattr(client, method)(address)
            assert refused.status_code == 405 and list(refused.json()["erreurs"]) == ["methode"], name
        assert "present_at" not in client.session, "a call is not the presence of a person"


def test_only_json(home: Home, secretary: Client) -> None:
    refused = secretary.get("/api/sejours/", headers={"Accept": "text/html"})
    assert refused.status_code == 406 and list(refused.json()["erreurs"]) == ["format"]


def test_a_refusal_keeps_its_headers(home: Home, secretary: Client) -> None:
    assert secretary.get("/api/sejours/?page=0")["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"page": "0"}, "page"),
        ({"page": "deux"}, "page"),
        ({"page": "2"}, "page"),
        ({"taille": "101"}, "taille"),
        ({"taille": "9" * 2000}, "taille"),
        ({"sortie_du": "hier"}, "sortie_du"),
        ({"sortie_du": "0001-01-01"}, "sortie_du"),
        ({"sortie_au": "9999-12-31"}, "sortie_au"),
        ({"sortie_du": "2026-03-02", "sortie_au": "2026-03-01"}, "sortie_au"),
        ({"etat": "partie"}, "etat"),
        ({"etat": ["present", "sortie"]}, "etat"),
        ({"ins": "2930478"}, "parametres"),
        ({"format": "xml"}, "parametres"),
    ],
)
def test_a_wrong_parameter_is_told_in_french(secretary: Client, query: dict[str, Any], where: str) -> None:
    response = secretary.get("/api/sejours/", query)
    told = response.json()
    assert response.status_code == 400 and list(told) == ["erreurs"] and list(told["erreurs"]) == [where]
    assert all(sentence.endswith(".") for sentence in told["erreurs"][where])
    assert not any(value in response.content.decode() for value in ("2930478", "partie", "hier")), "never repeated"


@pytest.mark.parametrize(
    ("address", "name", "value"),
    [
        ("/api/documents/", "sejour", "1"),
        ("/api/documents/", "type", "X"),
        ("/api/documents/", "statut", "Validé"),
        ("/api/envois/", "document", "1"),
        ("/api/envois/", "canal", "fax"),
        ("/api/envois/", "etat", "X"),
        ("/api/envois/", "a_traiter", "1"),
    ],
)
def test_each_filter_is_checked(secretary: Client, address: str, name: str, value: str) -> None:
    assert list(answer(secretary, address, 400, **{name: value})["erreurs"]) == [name]


def test_the_month_is_checked(home: Home) -> None:
    client = sign_in(reader_of("api_indicators", home))
    for month in ("2026-13", "2026", "mars", "2026-01\x00"):
        assert list(answer(client, "/api/indicateurs/", 400, mois=month)["erreurs"]) == ["mois"]


def test_one_row_takes_no_parameter(home: Home, secretary: Client) -> None:
    told = answer(secretary, reverse("api_stay", args=[home.stay.pk]), 400, page="1")
    assert told["erreurs"] == {"parametres": ["Cette adresse n'admet aucun paramètre."]}


def test_pages_are_bounded_and_chained(home: Home, secretary: Client) -> None:
    for order in range(2, 5):
        mother = world.mother(order=order, ipp=f"M{order}")
        world.stay(home.ward, number=f"S{order}", mother=mother, newborns=(), with_midwife=False)
    seen, address = [], "/api/sejours/?taille=3&etat=present"
    while address:
        told = answer(secretary, address)
        assert (told["total"], told["pages"], told["taille"]) == (4, 2, 3)
        seen += [line["id"] for line in told["resultats"]]
        assert told["suivante"] is None or told["suivante"].startswith("/api/sejours/?")
        address = told["suivante"]
    assert len(seen) == len(set(seen)) == 4
    assert told["precedente"].endswith("page=1")


def test_no_list_holds_an_ins_nor_a_local_number(home: Home) -> None:
    for name in LISTS:
        body = sign_in(reader_of(name, home)).get(addresses(home)[name]).content.decode()
        assert world.ins().matricule not in body and world.ins().matricule[:13] not in body
        assert not any(f'"{one.value}"' in body for one in LocalIdentifier.objects.all())
    assert world.ins().matricule in sign_in(home.ward.secretary).get(addresses(home)["api_stay"]).content.decode()


def test_no_address_can_carry_an_ins() -> None:
    assert {str(p.pattern) for p in urlpatterns if "<" in str(p.pattern)} == {
        "api/sejours/<uuid:stay_id>/",
        "api/documents/<uuid:document_id>/",
    }


# --- Description ------------------------------------------------------------------------------------


def test_the_description_is_valid_and_complete() -> None:
    schema.document.cache_clear()
    GENERATOR_STATS.reset()
    told = schema.document()
    assert not GENERATOR_STATS, "drf-spectacular had something to say"
    validate_schema(told)
    described = {path.rstrip("/").lstrip("/") for path in told["paths"]}
    assert described == {
        "api/sejours", "api/sejours/{stay_id}", "api/documents", "api/documents/{document_id}", "api/envois",
        "api/indicateurs",
    }  # fmt: skip
    assert {method for path in told["paths"].values() for method in path} == {"get"}


def test_the_description_is_for_whoever_is_signed_in(home: Home) -> None:
    for role in Role:
        client = sign_in(world.user(f"role-{role}", role, home.ward.maternity))
        assert answer(client, "/api/schema/")["openapi"].startswith("3.")


def test_answers_are_as_described(home: Home) -> None:
    components = schema.document()["components"]["schemas"]
    for name, component in (
        ("api_stays", "StayPage"), ("api_stay", "StayAnswer"), ("api_documents", "DocumentPage"),
        ("api_document", "DocumentAnswer"), ("api_shipments", "ShipmentPage"), ("api_indicators", "CellPage"),
    ):  # fmt: skip
        told = sign_in(reader_of(name, home)).get(addresses(home)[name]).json()
        assert _gaps(told, {"$ref": f"#/components/schemas/{component}"}, components) == [], name


def test_a_field_that_is_not_described_would_be_seen(home: Home, secretary: Client) -> None:
    components = schema.document()["components"]["schemas"]
    told = answer(secretary, "/api/sejours/")
    told["resultats"][0]["mere"]["ins"] = "1"
    del told["resultats"][0]["id"]
    gaps = _gaps(told, {"$ref": "#/components/schemas/StayPage"}, components)
    assert set(gaps) == {"/resultats/0: id", "/resultats/0/mere: ins"}


def _gaps(value: Any, described: dict[str, Any], components: dict[str, Any], where: str = "") -> list[str]:
    """Names that stand in the answer and not in the description, or the other way round."""
    while "$ref" in described or "allOf" in described:
        described = described["allOf"][0] if "allOf" in described else components[described["$ref"].split("/")[-1]]
    inside: dict[str, tuple[Any, dict[str, Any]]] = {}
    gaps: list[str] = []
    if isinstance(value, list):
        inside = {str(i): (one, described["items"]) for i, one in enumerate(value)}
    elif isinstance(value, dict) and "properties" in described:
        names = described["properties"]
        gaps = [f"{where}: {name}" for name in set(value) ^ set(names)]
        inside = {name: (value[name], names[name]) for name in set(value) & set(names)}
    for name, (one, its) in inside.items():
        gaps += _gaps(one, its, components, f"{where}/{name}")
    return gaps


def test_json_all_the_way(home: Home, secretary: Client) -> None:
    assert json.loads(secretary.get("/api/schema/").content)["info"]["title"] == "perinat"
