"""Session and account are read by statements of ours: the same people stay in, the same are put out, as with Django."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.backends import AccountBackend
from coordination.models import User
from perinat.sessions import SessionStore
from tests.coordination import world

pytestmark = pytest.mark.django_db
BACKEND = "coordination.backends.AccountBackend"


@pytest.fixture
def client(ward: world.Ward) -> Client:
    client = Client()
    client.force_login(ward.secretary, backend=BACKEND)
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("password")).status_code == 200


def test_the_account_is_the_whole_account(ward: world.Ward) -> None:
    mine, plain = AccountBackend().get_user(ward.secretary.pk), ModelBackend().get_user(ward.secretary.pk)
    fields = [field.attname for field in User._meta.concrete_fields]
    assert mine is not None and not mine.get_deferred_fields()
    assert [getattr(mine, name) for name in fields] == [getattr(plain, name) for name in fields]
    mine.first_name = "Nadège"
    mine.save()  # a row of the table, not a new one
    assert User.objects.get(pk=mine.pk).first_name == "Nadège" and AccountBackend().get_user(0) is None


def test_a_closed_account_is_out_at_once(client: Client, ward: world.Ward) -> None:
    assert is_in(client)
    User.objects.filter(pk=ward.secretary.pk).update(is_active=False)
    assert not is_in(client)


def test_a_changed_password_ends_the_other_sessions(client: Client, ward: world.Ward) -> None:
    ward.secretary.set_password("un autre mot de passe")
    ward.secretary.save()
    assert not is_in(client)


@pytest.mark.parametrize("ended", [True, False], ids=["ended", "removed"])
def test_a_session_that_is_over_is_empty(client: Client, ended: bool) -> None:
    key = client.session.session_key
    assert SessionStore(key).load() == db.SessionStore(key).load() != {}
    rows = Session.objects.filter(pk=key)
    if ended:
        rows.update(expire_date=timezone.now() - timedelta(seconds=1))
    else:
        rows.delete()
    store = SessionStore(key)
    assert store.load() == {} and store.session_key is None, "its key must not be taken up again"
    assert not is_in(client)
