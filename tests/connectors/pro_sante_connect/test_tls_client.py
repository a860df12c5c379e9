"""perinat signs in to the token endpoint with a certificate instead of a secret (RFC 8705 §2.1)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client

from coordination.models import User
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.pro_sante_connect.sandbox.rules import Client as Registered
from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox
from tests.connectors.pro_sante_connect.person import Person, text_of

STRUCTURE, OTHER = "1997800016", "1997800024"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> SandboxAuthority:
    made = SandboxAuthority(tmp_path_factory.mktemp("pki"))
    made.ensure([STRUCTURE, OTHER])
    return made


@pytest.fixture
def person(
    authority: SandboxAuthority, settings: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Person]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_pem))
    settings.PSC_CLIENT_SECRET = ""
    registered = Registered(struct_idnat=STRUCTURE)
    with PscSandbox(client=registered, pki_dir=Path(authority.directory)) as sandbox, Person(sandbox, client) as one:
        settings.PSC_DISCOVERY_URL = sandbox.discovery_url
        yield one


def present(settings: Any, authority: SandboxAuthority, structure: str) -> None:
    files = authority.structure(structure)
    settings.PSC_CLIENT_CERTIFICATE, settings.PSC_CLIENT_KEY = str(files.auth_pem), str(files.auth_key)


def test_the_registered_certificate_is_enough(
    person: Person, midwife: User, settings: Any, authority: SandboxAuthority
) -> None:
    present(settings, authority, STRUCTURE)
    settings.PSC_CLIENT_SECRET = "un-secret-qui-ne-part-pas"
    person.sign_in()
    assert person.signed_in_as() == midwife.pk


def test_another_certificate_is_refused(
    person: Person, midwife: User, settings: Any, authority: SandboxAuthority
) -> None:
    present(settings, authority, OTHER)
    assert "mal réglé" in text_of(person.sign_in())


def test_no_certificate_and_no_secret_is_refused(person: Person, midwife: User) -> None:
    assert "mal réglé" in text_of(person.sign_in())


def test_a_server_of_another_authority_is_not_believed(
    person: Person, midwife: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stranger = SandboxAuthority(tmp_path)
    stranger.root()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(stranger.ca_pem))
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(person.sandbox.discovery_url, timeout=5)
    answer = person.client.get("/psc/connexion/")
    assert answer.status_code == 503 and "ne répond pas" in text_of(answer)  # type: ignore[arg-type]
