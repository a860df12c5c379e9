"""A fictitious Pro Santé Connect on a real socket, and two carers with an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from coordination.models import Organisation, OrganisationKind, Professional, Role, User
from perinat.connectors.pro_sante_connect import conf, discovery
from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox
from tests.connectors.pro_sante_connect.person import Person


@pytest.fixture(scope="module")
def running() -> Iterator[PscSandbox]:
    with PscSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def psc(running: PscSandbox, settings: Any) -> Iterator[PscSandbox]:
    """The sandbox as at its start, and perinat turned towards it, knowing nothing of it yet."""
    settings.PSC_DISCOVERY_URL = running.discovery_url
    Person.admin(running, "reset")
    discovery.forget(conf.load())
    yield running


@pytest.fixture
def midwife(db: None) -> User:
    """Claire AUBÉPINE, sage-femme libérale."""
    return account("sagefemme", "89900001051", "AUBÉPINE", "Claire", "G15_50", Role.MIDWIFE)


@pytest.fixture
def doctor(db: None) -> User:
    """Hélène CORMIER, gynécologue-obstétricienne."""
    return account("medecin", "89900001010", "CORMIER", "Hélène", "G15_10/SM20", Role.HOSPITAL_DOCTOR)


@pytest.fixture
def person(psc: PscSandbox, client: Client) -> Iterator[Person]:
    """Somebody at a browser that knows both sites."""
    with Person(psc, client) as somebody:
        yield somebody


def account(username: str, rpps: str, family: str, given: str, specialty: str, role: Role) -> User:
    site, _ = Organisation.objects.get_or_create(
        finess="997800115", defaults={"kind": OrganisationKind.MATERNITY, "name": "Maternité d'essai"}
    )
    professional = Professional.objects.create(
        rpps=rpps, family_name=family, given_name=given, specialty_code=specialty, organisation=site
    )
    return User.objects.create_user(
        username, f"{username}@essai.example", "un-mot-de-passe-assez-long", first_name=given, last_name=family,
        role=role, organisation=site, professional=professional,
    )  # fmt: skip
