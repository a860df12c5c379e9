"""The sandbox, asked by urllib alone: it is as strict as the documentation of the API."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from perinat.connectors.annuaire_sante.sandbox.server import AnnuaireSandbox
from perinat.standards.identifiers import Finess, Rpps
from tests.connectors.annuaire_sante.conftest import Annuaire


def ask(annuaire: Annuaire, path: str, key: str | None = None, method: str = "GET") -> tuple[int, Any]:
    headers = {"ESANTE-API-KEY": annuaire.api_key if key is None else key} if key != "" else {}
    request = urllib.request.Request(f"{annuaire.base_url}/{path}", headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("Practitioner?address-postalcode=78", 400, "Unknown search parameter"),
        ("PractitionerRole?organization.address-postalcode=78", 400, "Unknown search parameter"),
        ("Organization?mailbox-mss-type=PER", 400, "Unknown search parameter"),
        ("Organization?_lastUpdated=hier", 400, "Invalid date"),
        ("Organization?_count=0", 400, "_count"),
        ("Patient?name=x", 404, "Unknown resource type"),
        ("_page?id=perdu", 410, "expired"),
    ],
)
def test_what_the_api_does_not_know_is_refused(annuaire: Annuaire, path: str, status: int, words: str) -> None:
    code, body = ask(annuaire, path)
    assert code == status and body["resourceType"] == "OperationOutcome"
    assert words in body["issue"][0]["diagnostics"]


def test_a_key_is_needed_and_nothing_is_written(annuaire: Annuaire) -> None:
    assert ask(annuaire, "Organization", key="")[0] == 401
    assert ask(annuaire, "Organization", key="fausse")[0] == 403
    assert ask(annuaire, "Organization", method="DELETE")[0] == 405


def test_pages_hold_each_resource_once(annuaire: Annuaire) -> None:
    status, body = ask(
        annuaire, "Organization?address-postalcode=78&_revinclude=PractitionerRole:organization&_count=4"
    )
    seen: list[str] = []
    while True:
        assert status == 200 and len(body["entry"]) <= 4
        seen += [entry["fullUrl"] for entry in body["entry"]]
        following = [link["url"] for link in body["link"] if link["relation"] == "next"]
        if not following:
            break
        status, body = ask(annuaire, following[0].removeprefix(f"{annuaire.base_url}/"))
    assert len(seen) == len(set(seen)) > 8


def test_the_limit_of_calls_is_that_of_the_api() -> None:
    with AnnuaireSandbox() as sandbox:
        codes = [ask(Annuaire(sandbox), "Practitioner?_count=1")[0] for _ in range(19)]
    assert codes[:17] == [200] * 17 and 429 in codes[17:]


def test_everybody_is_fictitious(running: AnnuaireSandbox) -> None:
    for row in running.store.rows("Practitioner"):
        assert Rpps(row["rpps"]).number.startswith("899")
    for row in running.store.rows("Organization"):
        assert not row["finess"] or Finess(row["finess"]).number.startswith("99")


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "Practitioner", "id": "1", "rpps": "10003461033", "family": "A", "given": "B", "profession": "50"},
        {"kind": "Organization", "id": "1", "finess": "750000018", "name": "X"},
        {"kind": "Practitioner", "id": "003-2001", "mailboxes": [{"address": "vrai@pro.mssante.fr", "kind": "PER"}]},
        {"kind": "Patient", "id": "1"},
        {"kind": "Practitioner", "id": "1", "rpps": "89900700017"},
    ],
)
def test_the_administration_publishes_nobody_real(annuaire: Annuaire, row: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        annuaire.admin("resources", **row)
    with caught.value as answer:
        assert answer.code == 400 and json.load(answer)["error"]
