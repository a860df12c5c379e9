"""One mail never stops a mailbox: crafted mails that truly break the parsers, and errors that nobody foresaw."""

from __future__ import annotations

import dataclasses
import hashlib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination.ports import Incoming, TemporaryChannelError
from coordination.ports import ReceiptKind as Kind
from mssante import collector, receipts
from mssante.collector import MailboxCollector, Token
from mssante.imap import ImapSession, Listed, _listed
from tests.mssante import operator as op
from tests.mssante.operator import World

# Each of them makes `email` itself raise (Python 3.11): RecursionError, TypeError, RecursionError.
POISONS = {
    "nested": b"Content-Type: message/rfc822\r\n\r\n" * 2000,
    "boundary": b"Content-Type: multipart/report; boundary*=utf-8'fr'%ff%fe; boundary*1=\xff\r\n\r\n--\xff\r\n",
    "comments": b"From: " + b"(" * 60_000 + b"\r\n\r\n",
}
FINE = b"From: lectrice@sages-femmes.mssante.example\r\nSubject: Bonjour\r\n\r\nBonjour\r\n"


@pytest.fixture
def world(tmp_path: Path, pki_dir: Path) -> Iterator[World]:
    with op.running(tmp_path / "operator", pki_dir) as made:
        yield made


def inject(world: World, raw: bytes) -> None:
    """As if another operator had delivered it, without any check."""
    url = f"{world.sandbox.admin_url}/inject?mailbox={op.MATERNITY}"
    with urllib.request.urlopen(urllib.request.Request(url, raw, method="POST"), timeout=5) as answer:
        assert answer.status == 201


def collected(world: World) -> list[Incoming]:
    found = []
    for incoming in world.channel.collect():
        found.append(incoming)
        world.channel.acknowledge(incoming)
    return found


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
def test_these_mails_do_break_the_parser(poison: bytes) -> None:
    """Without this the tests below would prove nothing."""
    with pytest.raises((RecursionError, TypeError)):
        receipts.parse(poison, token="t", received_at=op.samples.NOW)


def test_crafted_mails_are_put_aside_and_the_rest_is_collected(world: World, caplog: pytest.LogCaptureFixture) -> None:
    for poison in POISONS.values():
        inject(world, poison)
    inject(world, FINE)
    *aside, last = collected(world)
    assert last.code == "MAIL" and last.raw.endswith(b"Bonjour\r\n")
    for incoming, poison in zip(aside, POISONS.values(), strict=True):
        place = incoming.token.partition("|")[2].replace("|", ":")
        assert incoming.kind is Kind.UNKNOWN and incoming.code.startswith(f"UNREADABLE {place} ")
        assert incoming.code.split()[-1] in ("RecursionError", "TypeError")
        assert incoming.raw.startswith(poison[:40]) and incoming.mailbox == op.MATERNITY
        assert incoming.digest == hashlib.sha256(incoming.raw).hexdigest()
    assert collected(world) == [], "acknowledged like any other"
    assert "mssante.unreadable" in caplog.text and "@" not in caplog.text


class Surprised(MailboxCollector):
    """Its parser meets, on the first mail, an error of which nobody ever thought."""

    def parse(self, raw: bytes, *, token: Token, mail: Listed, large: bool) -> Incoming:
        if mail.uid == 1:
            raise ZeroDivisionError(raw.decode())
        return super().parse(raw, token=token, mail=mail, large=large)


def test_an_error_nobody_foresaw_stops_one_mail_only(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("mssante.channel.MailboxCollector", Surprised)
    inject(world, FINE)
    inject(world, FINE.replace(b"Bonjour", b"Encore"))
    first, second = collected(world)
    assert first.code.endswith(":1 ZeroDivisionError") and first.raw.endswith(b"Bonjour\r\n")
    assert second.code == "MAIL"
    assert "Bonjour" not in caplog.text, "ids and the kind of error, never the content"


class Deaf(ImapSession):
    """The server never manages to give the first mail."""

    def fetch(self, uid: int, *, headers_only: bool = False) -> bytes | None:
        if uid == 1:
            raise TemporaryChannelError("IMAP", "La boîte ne peut pas être relevée.")
        return super().fetch(uid, headers_only=headers_only)


def test_a_mail_that_cannot_be_fetched_holds_the_others_for_some_rounds_only(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "ImapSession", Deaf)
    inject(world, FINE)
    inject(world, FINE)
    for _ in range(collector.MOST_FETCHES - 1):
        with pytest.raises(TemporaryChannelError):
            collected(world)
    (aside,) = collected(world)
    assert aside.code.endswith(":1 TemporaryChannelError") and aside.raw == b""
    (other,) = collected(world)
    assert other.code == "MAIL"


class Broken(MailboxCollector):
    def collect(self) -> Iterator[Incoming]:
        if self.address == "autre@maternite.mssante.example":
            raise LookupError("nobody foresaw this")
        yield from super().collect()


def test_an_error_nobody_foresaw_in_one_mailbox_leaves_the_others_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mssante.channel.MailboxCollector", Broken)
    boxes = {"autre@maternite.mssante.example": op.EJ, op.MATERNITY: op.EJ}  # the broken one first
    world.config = dataclasses.replace(world.config, mailboxes=boxes)
    world.restart_channel()
    inject(world, FINE)
    seen = []
    with pytest.raises(TemporaryChannelError) as caught:
        for incoming in world.channel.collect():
            seen.append(incoming.code)
    assert seen == ["MAIL"] and caught.value.code == "UNFORESEEN"


@pytest.mark.parametrize("date", [b"99-Jan-99999 99:99:99 +0000", b"", b"01-Jan-0001 00:00:00 +9999"])
def test_a_mail_without_a_date_is_listed_all_the_same(date: bytes) -> None:
    listed = _listed(b'1 (UID 7 RFC822.SIZE 12 INTERNALDATE "' + date + b'")')
    assert listed is not None and listed.uid == 7 and listed.received_at.tzinfo is not None
