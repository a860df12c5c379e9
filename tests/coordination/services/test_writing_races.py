"""A written document finished twice at once, corrected twice at once, or killed half way: real transactions."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection

from coordination import blobs
from coordination.models import AuditEntry, Blob, Document, DocumentVersion, Draft, Shipment, Stay, User
from coordination.services import corrections, writing
from tests.coordination import world
from tests.coordination.services import written
from tests.coordination.services.replacing import Fakes
from tests.coordination.services.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stay(ward: world.Ward, fakes: Fakes) -> Stay:
    return world.stay(ward)


@pytest.fixture
def writer(ward: world.Ward) -> User:
    return written.writer(ward)


@pytest.fixture
def whole(stay: Stay, writer: User) -> Draft:
    draft = writing.open_draft(stay, stay.mother, "OBP-SCM", by=writer)
    writing.save(draft, written.body(), revision=1, by=writer)
    return draft


def test_two_activations_make_one_document(whole: Draft, writer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second begins while the first is still making its PDF."""
    making, made = threading.Event(), writing._readable

    def slowly(*given: Any) -> bytes:
        making.set()
        threading.Event().wait(0.3)
        return made(*given)

    def second() -> Document:
        assert making.wait(10)
        return writing.finish(Draft.objects.get(pk=whole.pk), by=writer)

    monkeypatch.setattr(writing, "_readable", slowly)
    results = at_once(lambda: writing.finish(Draft.objects.get(pk=whole.pk), by=writer), second)
    assert [type(one).__name__ for one in results] == ["Document", "FinishedError"]
    version = DocumentVersion.objects.get()
    assert Document.objects.count() == 1 and Shipment.objects.filter(versions=version).count() == 2
    assert AuditEntry.objects.filter(action="draft.finished").count() == 1


def test_a_button_pressed_twice_saves_once_and_says_nothing(whole: Draft, writer: User) -> None:
    pages = [Draft.objects.get(pk=whole.pk) for _ in range(2)]
    results = at_once(*(lambda p=page: writing.save(p, written.corrected(), revision=2, by=writer) for page in pages))  # type: ignore[misc]
    assert results == [[], []] and Draft.objects.get().revision == 3


def test_what_leaves_is_what_she_saw(whole: Draft, writer: User) -> None:
    """Another tab wrote between her saving and her sending."""
    writing.save(Draft.objects.get(pk=whole.pk), written.corrected(), revision=2, by=writer)
    with pytest.raises(writing.WritingRefusedError, match="autre page"):
        writing.finish(whole, by=writer, revision=2)
    assert not Document.objects.exists()


def test_a_killed_transaction_leaves_the_draft_as_it_was(
    whole: Draft, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection dies after the document is made and before the draft knows it."""
    before = Draft.objects.values().get()

    def killed(*given: Any, **named: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as patch:
        patch.setattr(writing.documents, "validate", killed)
        (died,) = at_once(lambda: writing.finish(Draft.objects.get(pk=whole.pk), by=writer))
    assert isinstance(died, DatabaseError)
    assert Draft.objects.values().get() == before and not Document.objects.exists()
    assert writing.finish(Draft.objects.get(), by=writer) == Document.objects.get()


def test_two_people_open_one_correction(stay: Stay, ward: world.Ward, writer: User) -> None:
    document = written.sent(stay, writer)
    colleague = written.writer(ward, "89900001101", "autre.ward")
    results = at_once(*(lambda u=user: corrections.open_correction(document, by=u) for user in (writer, colleague)))  # type: ignore[misc]
    assert results[0] == results[1] == Draft.objects.get(replaces__isnull=False)


def test_two_activations_of_a_correction_make_one_version(stay: Stay, writer: User) -> None:
    document = written.sent(stay, writer)
    draft = written.correction(document, writer, written.corrected())
    results = at_once(*[lambda: writing.finish(Draft.objects.get(pk=draft.pk), by=writer)] * 2)
    assert sorted(type(one).__name__ for one in results) == ["Document", "FinishedError"]
    assert document.versions.count() == 2


@pytest.mark.parametrize("how", ["missing", "altered"])
def test_what_was_kept_cannot_be_read(whole: Draft, writer: User, how: str) -> None:
    path = blobs._path(Blob.objects.get(pk=whole.body_id).pk)
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(writing.WritingRefusedError, match="ne se relit pas"):
        writing.finish(whole, by=writer)
    assert Draft.objects.get().is_open and not Document.objects.exists()
