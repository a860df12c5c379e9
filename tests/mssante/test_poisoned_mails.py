"""One mail never stops a mailbox: crafted mails that truly break the parsers, and errors that nobody foresaw."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import imaplib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination.ports import Incoming, TemporaryChannelError
from coordination.ports import ReceiptKind as Kind
from mssante import collector, imap, receipts
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


class Failing(ImapSession):
    """The server fails on the mails `of`, in the way `failure` says, whatever the connection."""

    of: frozenset[str] = frozenset({"1"})
    failure: BaseException | bytes = b""  # bytes: the text of a NO

    def _uid(self, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes]]:
        if command != "FETCH" or arguments[0] not in self.of:
            return super()._uid(command, *arguments)
        if isinstance(self.failure, bytes):
            imap._ok(("NO", [self.failure]))
        raise self.failure  # type: ignore[misc]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Failing]]:
    class Chosen(Failing):
        pass

    monkeypatch.setattr(collector, "ImapSession", Chosen)
    yield Chosen


@pytest.mark.parametrize("failure", [b"No such message", imaplib.IMAP4.error("UID command error: BAD")])
def test_a_mail_that_the_server_refuses_holds_no_other_and_is_put_aside(
    world: World, failing: type[Failing], failure: BaseException | bytes
) -> None:
    failing.failure = failure
    inject(world, FINE)
    inject(world, FINE)
    seen = []
    for _ in range(collector.MOST_FETCHES - 1):
        with pytest.raises(TemporaryChannelError):
            for incoming in world.channel.collect():
                seen.append(incoming.code)
                world.channel.acknowledge(incoming)
    assert seen == ["MAIL"], "the other one, in the first round"
    (aside,) = collected(world)
    assert aside.code.endswith(":1 RefusedFetchError") and aside.raw == b""
    assert collected(world) == []


@pytest.mark.parametrize(
    "failure",
    [TimeoutError("timed out"), ConnectionResetError(), imaplib.IMAP4.abort("EOF"), b"[UNAVAILABLE] back soon"],
    ids=["silent", "reset", "closed", "unavailable"],
)
def test_an_outage_however_long_puts_nothing_aside(
    world: World, failing: type[Failing], failure: BaseException | bytes
) -> None:
    """Each sound DSN would be acknowledged without having been read."""
    failing.failure, failing.of = failure, frozenset({"1", "2", "3"})
    for _ in failing.of:
        inject(world, FINE)
    for _ in range(collector.MOST_FETCHES + 5):
        with pytest.raises(TemporaryChannelError):
            collected(world)
    failing.of = frozenset()
    assert [incoming.code for incoming in collected(world)] == ["MAIL"] * 3


def rounds_with_another_mail(world: World, count: int) -> list[str]:
    """The codes of what each round gives, the first mail of the mailbox being one on which the server fails."""
    codes = []
    for _ in range(count):
        inject(world, FINE)
        with contextlib.suppress(TemporaryChannelError):
            for incoming in world.channel.collect():
                codes.append(incoming.code.partition(" ")[0])
                world.channel.acknowledge(incoming)
    return codes


def test_a_mail_on_which_the_server_hangs_up_is_put_aside_when_the_next_ones_are_given(
    world: World, failing: type[Failing]
) -> None:
    failing.failure = imaplib.IMAP4.abort("EOF")
    inject(world, FINE)
    codes = rounds_with_another_mail(world, collector.MOST_FETCHES)
    assert codes.count("UNREADABLE") == 1 and codes.count("MAIL") == collector.MOST_FETCHES


def test_a_mail_that_times_out_is_never_put_aside_and_holds_no_other(world: World, failing: type[Failing]) -> None:
    failing.failure = TimeoutError("timed out")
    inject(world, FINE)
    assert rounds_with_another_mail(world, collector.MOST_FETCHES + 2) == ["MAIL"] * (collector.MOST_FETCHES + 2)
    failing.of = frozenset()
    (late,) = collected(world)
    assert late.code == "MAIL" and late.token.endswith("|1")


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
