"""One mother who left with a midwife she chose, her letter sent, and clients of each person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from coordination.models import Document, Newborn, Professional, Role, Shipment, Stay, User
from coordination.services import documents
from tests.coordination import world

SignIn = Callable[[User], Client]


@dataclass
class Home:
    """One mother followed by the midwife of the ward's world, her child, her letter and its sendings."""

    ward: world.Ward
    stay: Stay
    newborn: Newborn
    letter: Document

    @property
    def shipments(self) -> list[Shipment]:
        return list(self.stay.shipments.order_by("channel"))


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="coordination.backends.AccountBackend")
    return client


def answer(client: Client, address: str, status: int = 200, **query: Any) -> dict[str, Any]:
    """The JSON of an address, once its status is the expected one."""
    response = client.get(address, query)
    assert response.status_code == status, response.content.decode()
    told: dict[str, Any] = response.json()
    return told


def stranger(ward: world.Ward) -> User:
    """A midwife of the same practice who follows nobody here."""
    other = Professional.objects.create(
        rpps="89900001069", given_name="Lucie", family_name="BRUYÈRE", organisation=ward.practice
    )
    return world.user("sagefemme2", Role.MIDWIFE, ward.practice, other)


@pytest.fixture
def home(ward: world.Ward) -> Home:
    stay = world.stay(ward)
    letter = world.letter(ward, stay)
    documents.validate(letter, by=ward.doctor_user)
    return Home(ward, stay, Newborn.objects.get(stay=stay), letter)


@pytest.fixture
def secretary(home: Home) -> Client:
    return sign_in(home.ward.secretary)


@pytest.fixture
def midwife(home: Home) -> Client:
    return sign_in(home.ward.midwife_user)
