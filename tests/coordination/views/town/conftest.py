"""A midwife at her phone: signed in, one mother who chose her, the letter validated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.test import Client
from django.utils import timezone

from coordination import auth, document_source
from coordination.models import Document, Newborn, Organisation, Professional, Role, Stay, User
from coordination.services import documents
from tests.coordination import world
from tests.fake_record import FakeRecord, described

SignIn = Callable[[User], Client]


@dataclass
class Home:
    """One mother followed by the midwife of the ward's world, her child and her letter."""

    ward: world.Ward
    stay: Stay
    newborn: Newborn
    letter: Document


@pytest.fixture
def sign_in() -> SignIn:
    def signed(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="coordination.backends.AccountBackend")
        return client

    return signed


@pytest.fixture
def home(ward: world.Ward) -> Home:
    stay = world.stay(ward)
    letter = world.letter(ward, stay)
    documents.validate(letter, by=ward.doctor_user)
    return Home(ward, stay, Newborn.objects.get(stay=stay), letter)


@pytest.fixture
def midwife(home: Home, sign_in: SignIn) -> Client:
    return sign_in(home.ward.midwife_user)


@pytest.fixture
def stranger(home: Home, sign_in: SignIn) -> Client:
    """A midwife of the same practice who follows nobody here."""
    other = carer("89900001069", "Lucie", "BRUYÈRE", home.ward.practice)
    return sign_in(world.user("sagefemme2", Role.MIDWIFE, home.ward.practice, other))


def carer(rpps: str, given: str, family: str, site: Organisation, specialty: str = "G15_50") -> Professional:
    return Professional.objects.create(
        rpps=rpps, given_name=given, family_name=family, specialty_code=specialty, organisation=site
    )


def strong(client: Client) -> Client:
    """The same session as if Pro Santé Connect had opened it."""
    session = client.session
    session[BACKEND_SESSION_KEY] = "perinat.connectors.pro_sante_connect.backend.ProSanteConnectBackend"
    session[auth.SIGNED_IN_AT] = timezone.now().isoformat()
    session.save()
    return client


@pytest.fixture
def dmp(monkeypatch: pytest.MonkeyPatch) -> FakeRecord:
    """A DMP in memory, with one document."""
    fake = FakeRecord(documents=[described("Bilan sanguin")])
    monkeypatch.setattr(document_source, "get", lambda: fake)
    return fake


@pytest.fixture
def claire(home: Home, midwife: Client) -> Client:
    """The midwife of the mother, her session as if Pro Santé Connect had opened it."""
    return strong(midwife)
