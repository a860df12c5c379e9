"""The sandbox, driven by a client that is not ours: `requests` and PyJWT, parameters written by hand."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from stdnum import luhn

from coordination.demo import world
from perinat.connectors.pro_sante_connect.sandbox import people
from perinat.connectors.pro_sante_connect.sandbox.people import PeopleError
from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox

VERIFIER = "v" * 43
BACK = "http://127.0.0.1:5000/psc/retour/"
SECRET = "bac-a-sable-pro-sante-connect-0001"
AUBEPINE = "889900001051"
SAMPLE = Path(__file__).resolve().parents[4] / "shared" / "samples" / "psc" / "UserInfo_site_PSC.json"


def authorization(**changes: str) -> dict[str, str]:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code", "client_id": "perinat", "redirect_uri": BACK, "scope": "openid scope_all",
        "acr_values": "eidas1", "state": "s", "nonce": "n", "code_challenge": challenge,
        "code_challenge_method": "S256",
    }  # fmt: skip
    return {name: value for name, value in {**query, **changes}.items() if value}


def ask(psc: PscSandbox, **changes: str) -> requests.Response:
    answer = requests.get(f"{psc.base_url}/auth", params=authorization(**changes), allow_redirects=False, timeout=5)
    return answer


def code(psc: PscSandbox, **changes: str) -> str:
    form = {"person": AUBEPINE, "means": "CARD"}
    url = f"{psc.base_url}/auth"
    answer = requests.post(url, params=authorization(**changes), data=form, allow_redirects=False, timeout=5)
    return back_of(answer)["code"]


def back_of(answer: requests.Response) -> dict[str, str]:
    location = answer.headers["Location"]
    assert location.startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def redeem(psc: PscSandbox, given: str, **changes: Any) -> requests.Response:
    form = {
        "grant_type": "authorization_code", "code": given, "redirect_uri": BACK, "client_id": "perinat",
        "client_secret": SECRET, "code_verifier": VERIFIER,
    }  # fmt: skip
    form = {name: value for name, value in {**form, **changes}.items() if value}
    return requests.post(f"{psc.base_url}/protocol/openid-connect/token", data=form, timeout=5)


def userinfo(psc: PscSandbox, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{psc.base_url}/protocol/openid-connect/userinfo", headers=headers, timeout=5)


def test_a_foreign_client_signs_in(psc: PscSandbox) -> None:
    document = requests.get(f"{psc.base_url}/.well-known/openid-configuration", timeout=5).json()
    tokens = redeem(psc, code(psc)).json()
    keys = jwt.PyJWKSet.from_dict(requests.get(document["jwks_uri"], timeout=5).json())
    header = jwt.get_unverified_header(tokens["id_token"])
    assert header["alg"] == "RS256"
    claims = jwt.decode(
        tokens["id_token"], keys[header["kid"]], ["RS256"], audience="perinat", issuer=document["issuer"]
    )
    assert (claims["nonce"], claims["acr"], claims["exp"] - claims["iat"]) == ("n", "eidas1", 120)
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    about = userinfo(psc, tokens["access_token"]).json()
    assert about["sub"] == claims["sub"] and about["SubjectNameID"] == AUBEPINE
    assert about["SubjectRefPro"]["exercices"][0]["codeProfession"] == "50"


def test_only_public_halves_of_keys_are_published(psc: PscSandbox) -> None:
    keys = requests.get(f"{psc.base_url}/protocol/openid-connect/certs", timeout=5).json()["keys"]
    assert keys and all(set(key) <= {"kty", "n", "e", "kid", "use", "alg"} for key in keys)


WRONG_REQUESTS = {
    "another client": ({"client_id": "autre"}, "page"),
    "another address": ({"redirect_uri": "http://127.0.0.1:5000/ailleurs/"}, "page"),
    "an address of another machine": ({"redirect_uri": "http://perinat.example/psc/retour/"}, "page"),
    "an address with a query": ({"redirect_uri": BACK + "?x=1"}, "page"),
    "no address": ({"redirect_uri": ""}, "page"),
    "implicit flow": ({"response_type": "token"}, "unsupported_response_type"),
    "no scope_all": ({"scope": "openid"}, "invalid_scope"),
    "no openid": ({"scope": "scope_all"}, "invalid_scope"),
    "another level": ({"acr_values": "eidas2"}, "invalid_request"),
    "no level": ({"acr_values": ""}, "invalid_request"),
    "no state": ({"state": ""}, "invalid_request"),
    "no nonce": ({"nonce": ""}, "invalid_request"),
    "no PKCE": ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
    "plain PKCE": ({"code_challenge_method": "plain"}, "invalid_request"),
    "short challenge": ({"code_challenge": "court"}, "invalid_request"),
    "unknown prompt": ({"prompt": "autre"}, "invalid_request"),
    "nobody signed in": ({"prompt": "none"}, "login_required"),
}


@pytest.mark.parametrize("name", WRONG_REQUESTS)
def test_a_wrong_request_is_refused(psc: PscSandbox, name: str) -> None:
    changes, expected = WRONG_REQUESTS[name]
    answer = ask(psc, **changes)
    if expected == "page":  # never to an address that is not registered
        assert answer.status_code == 400 and "Location" not in answer.headers
    else:
        assert back_of(answer)["error"] == expected


def test_a_repeated_parameter_is_refused(psc: PscSandbox) -> None:
    pairs = [*authorization().items(), ("nonce", "autre")]
    answer = requests.get(f"{psc.base_url}/auth", params=pairs, allow_redirects=False, timeout=5)
    assert back_of(answer)["error"] == "invalid_request"


WRONG_REDEMPTIONS = {
    "wrong secret": ({"client_secret": "faux"}, 401, "invalid_client"),
    "no secret": ({"client_secret": ""}, 401, "invalid_client"),
    "another client": ({"client_id": "autre"}, 401, "invalid_client"),
    "another grant": ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    "another address": ({"redirect_uri": BACK.replace("5000", "5001")}, 400, "invalid_grant"),
    "wrong verifier": ({"code_verifier": "w" * 43}, 400, "invalid_grant"),
    "no verifier": ({"code_verifier": ""}, 400, "invalid_request"),
    "unknown code": ({"code": "inconnu"}, 400, "invalid_grant"),
    "no code": ({"code": ""}, 400, "invalid_request"),
}


@pytest.mark.parametrize("name", WRONG_REDEMPTIONS)
def test_a_wrong_redemption_is_refused(psc: PscSandbox, name: str) -> None:
    changes, status, error = WRONG_REDEMPTIONS[name]
    answer = redeem(psc, code(psc), **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_code_serves_once_and_its_replay_revokes_what_it_gave(psc: PscSandbox) -> None:
    given = code(psc)
    token = redeem(psc, given).json()["access_token"]
    assert userinfo(psc, token).status_code == 200
    assert redeem(psc, given).json()["error"] == "invalid_grant"
    assert userinfo(psc, token).status_code == 401


def test_codes_and_tokens_do_not_last(psc: PscSandbox) -> None:
    given, token = code(psc), redeem(psc, code(psc)).json()["access_token"]
    requests.post(f"{psc.admin_url}clock", json={"seconds": 61}, timeout=5)
    assert redeem(psc, given).json()["error"] == "invalid_grant"
    assert userinfo(psc, token).status_code == 200
    requests.post(f"{psc.admin_url}clock", json={"seconds": 60}, timeout=5)
    assert userinfo(psc, token).status_code == 401


@pytest.mark.parametrize("seconds", [31 * 60, 5 * 3600])
def test_single_sign_on_ends_by_itself(psc: PscSandbox, seconds: int) -> None:
    form = {"person": AUBEPINE, "means": "CARD"}
    with requests.Session() as web:
        web.post(f"{psc.base_url}/auth", params=authorization(), data=form, allow_redirects=False, timeout=5)
        url, query = f"{psc.base_url}/auth", authorization(prompt="none")
        assert "code" in back_of(web.get(url, params=query, allow_redirects=False, timeout=5))
        requests.post(f"{psc.admin_url}clock", json={"seconds": seconds}, timeout=5)
        assert back_of(web.get(url, params=query, allow_redirects=False, timeout=5))["error"] == "login_required"


@pytest.mark.parametrize(
    "query",
    [{}, {"id_token_hint": "faux"}, {"post_logout_redirect_uri": "http://127.0.0.1:5000/connexion/"}],
)
def test_a_logout_without_proof_is_refused(psc: PscSandbox, query: dict[str, str]) -> None:
    url = f"{psc.base_url}/protocol/openid-connect/logout"
    assert requests.get(url, params=query, allow_redirects=False, timeout=5).status_code == 400


def test_a_logout_does_not_lead_elsewhere(psc: PscSandbox) -> None:
    hint = redeem(psc, code(psc)).json()["id_token"]
    query = {"id_token_hint": hint, "post_logout_redirect_uri": "https://ailleurs.example/"}
    url = f"{psc.base_url}/protocol/openid-connect/logout"
    assert requests.get(url, params=query, allow_redirects=False, timeout=5).status_code == 400


def test_userinfo_has_the_shape_of_the_published_sample(psc: PscSandbox) -> None:
    if not SAMPLE.is_file():
        pytest.skip("échantillon userinfo de l'ANS absent")
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    about = userinfo(psc, redeem(psc, code(psc)).json()["access_token"]).json()
    assert _shape(about) == _shape(sample)


def _shape(value: Any) -> Any:
    """Names and types, values left out; the first of a list stands for all."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    return [_shape(value[0])] if isinstance(value, list) else type(value).__name__


def test_the_carers_of_the_demonstration_can_sign_in() -> None:
    known = people.load()
    for carer in world.CARERS:
        person = known[f"8{carer.rpps}"]
        profession = carer.specialty.removeprefix("G15_").partition("/")[0]
        assert (person.family_name, person.given_name, person.profession) == (carer.family, carer.given, profession)
    assert all(luhn.is_valid(person.rpps) for person in known.values())


@pytest.mark.parametrize("text", ["{", "[{}]", '[{"rpps": "12345678901", "family_name": "X"}]'])
def test_an_unusable_file_of_people_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "people.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PeopleError):
        people.load(file)


@pytest.mark.parametrize(
    "what, body",
    [("faults", {"kind": "inconnue"}), ("people", {}), ("clock", {"seconds": "x"}), ("faults", {"times": "x"})],
)
def test_the_administration_tells_what_is_wrong(psc: PscSandbox, what: str, body: dict[str, Any]) -> None:
    answer = requests.post(f"{psc.admin_url}{what}", json=body, timeout=5)
    assert answer.status_code == 400 and answer.json()["error"]
