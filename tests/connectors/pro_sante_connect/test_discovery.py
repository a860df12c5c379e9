"""The addresses of Pro Santé Connect: read when somebody signs in, kept, and read again after a failure."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from coordination.models import User
from perinat.connectors.pro_sante_connect import conf, discovery
from perinat.connectors.pro_sante_connect.conf import PscConfig
from perinat.connectors.pro_sante_connect.errors import UnavailableError, UntrustedAnswerError
from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox
from tests.connectors.pro_sante_connect.person import Person


def readings(person: Person) -> int:
    return sum(entry["at"] == "discovery" for entry in person.journal())


def test_it_is_read_at_the_first_sign_in_and_kept(person: Person, midwife: User) -> None:
    person.client.get("/connexion/")
    assert readings(person) == 0
    person.sign_in()
    person.sign_in()
    assert readings(person) == 1


@pytest.mark.parametrize("kind", ["token_down", "wrong_signature"])
def test_it_is_read_again_after_a_failure(person: Person, midwife: User, kind: str) -> None:
    person.fault(kind)
    person.sign_in()
    person.sign_in()
    assert readings(person) == 2


def test_it_is_read_again_after_an_hour(person: Person, midwife: User, monkeypatch: pytest.MonkeyPatch) -> None:
    person.leave_for_psc()
    monkeypatch.setattr(discovery, "KEPT_SECONDS", 0.0)
    person.leave_for_psc()
    assert readings(person) == 2


def test_what_failed_is_not_kept(person: Person, midwife: User) -> None:
    for kind in ("down", "garbled"):
        person.fault(kind)
        assert person.client.get("/psc/connexion/").status_code == 503
    person.leave_for_psc()


def test_both_names_of_the_document_answer(psc: PscSandbox) -> None:
    config = conf.load()
    other = replace(config, discovery_url=config.discovery_url.replace("wallet-openid", "openid"))
    assert discovery.provider(config) == discovery.provider(other)


@pytest.fixture
def published() -> Iterator[dict[str, Any]]:
    """A document served over a socket, to be spoiled by the test; `url` is where it stands."""
    document: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(document["body"]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer = f"http://127.0.0.1:{server.server_address[1]}"
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
        document["body"] = {"issuer": issuer} | {name: f"{issuer}/{name}" for name in names}
        document["url"] = f"{issuer}/.well-known/wallet-openid-configuration"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield document
        server.shutdown()
        thread.join()


def read(published: dict[str, Any]) -> Any:
    config = PscConfig(published["url"])
    discovery.forget(config)
    return discovery.provider(config)


def test_a_good_document_is_taken(published: dict[str, Any]) -> None:
    assert read(published).token_endpoint.endswith("/token_endpoint")


def test_a_document_of_another_issuer_is_refused(published: dict[str, Any]) -> None:
    published["body"]["issuer"] = "http://127.0.0.1:1"
    with pytest.raises(UntrustedAnswerError, match="discovery_issuer"):
        read(published)


@pytest.mark.parametrize("missing", ["token_endpoint", "jwks_uri", "end_session_endpoint", "issuer"])
def test_an_incomplete_document_is_refused(published: dict[str, Any], missing: str) -> None:
    del published["body"][missing]
    with pytest.raises(UnavailableError, match="discovery_incomplete"):
        read(published)


def test_a_document_that_is_no_object_is_refused(published: dict[str, Any]) -> None:
    published["body"] = []
    with pytest.raises(UnavailableError, match="discovery_unreadable"):
        read(published)


def test_https_does_not_lead_to_http() -> None:
    config = PscConfig("https://psc.example/.well-known/openid-configuration")
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
    document = {"issuer": "https://psc.example"} | {name: "https://psc.example/x" for name in names}
    assert discovery._parse(config, document)
    with pytest.raises(UntrustedAnswerError, match="not_https"):
        discovery._parse(config, {**document, "token_endpoint": "http://psc.example/x"})
