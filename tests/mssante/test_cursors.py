"""Cursors in the database: another process goes on from there, and nobody goes back."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from mssante.channel import MssanteChannel
from mssante.cursors import Cursor, DatabaseCursors
from mssante.models import MailboxCursor

pytestmark = pytest.mark.django_db
BOX = "essai@maternite.mssante.example"


def test_a_cursor_is_kept_and_moves_forward() -> None:
    store = DatabaseCursors()
    assert store.load(BOX) is None
    store.save(BOX, Cursor(10, 4))
    store.save(BOX, Cursor(10, 7))
    assert DatabaseCursors().load(BOX) == Cursor(10, 7)


def test_a_slower_collector_does_not_take_it_back() -> None:
    store = DatabaseCursors()
    store.save(BOX, Cursor(10, 7))
    store.save(BOX, Cursor(10, 5))
    assert store.load(BOX) == Cursor(10, 7)


def test_a_new_uidvalidity_starts_again() -> None:
    store = DatabaseCursors()
    store.save(BOX, Cursor(10, 7))
    store.save(BOX, Cursor(11, 2))
    assert store.load(BOX) == Cursor(11, 2)


def test_a_negative_cursor_is_refused() -> None:
    with pytest.raises(IntegrityError):
        MailboxCursor.objects.create(address=BOX, uidvalidity=1, last_uid=-1)


def test_the_channel_is_built_without_arguments() -> None:
    channel = MssanteChannel()
    channel.close()
