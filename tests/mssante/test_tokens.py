"""Boxes opened by the Pro Santé Connect token of who is signed in: real sockets, the operator and the provider."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from coordination.ports import Incoming, OpenedBox, PermanentChannelError, TemporaryChannelError
from coordination.ports import ReceiptKind as Kind
from mssante.channel import MssanteChannel
from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox
from perinat.connectors.pro_sante_connect.sandbox.sessions import Grant
from perinat.standards.received import Disposition
from tests.mssante import operator as op
from tests.mssante.operator import World

RPPS, OTHER = "89900001051", "89900001069"
BOX, NEIGHBOUR = op.READER, "voisine@sages-femmes.mssante.example"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Keeper:
    """Who is signed in, as a test says it: address → tokens."""

    signed_in: dict[str, list[str]] = field(default_factory=dict)
    declared: set[str] = field(default_factory=lambda: {BOX})
    since: datetime = LONG_AGO
    asked: int = 0

    def boxes(self) -> list[OpenedBox]:
        return [OpenedBox(address, self.since) for address, tokens in self.signed_in.items() if tokens]

    def declares(self, address: str) -> bool:
        return address in self.declared

    def tokens(self, address: str) -> Iterator[str]:
        self.asked += 1
        yield from self.signed_in.get(address, [])


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
def world(tmp_path: Path, pki_dir: Path, keeper: Keeper) -> Iterator[World]:
    with op.running(tmp_path / "operator", pki_dir) as made:
        made.ask("PUT", "/mailboxes", [{"address": BOX, "kind": "PER", "holders": [RPPS], "behaviour": "silent"}])
        made.ask("PUT", "/mailboxes", [{"address": NEIGHBOUR, "kind": "PER", "holders": [OTHER]}])
        made.channel = MssanteChannel(made.config, made.cursors, keeper)
        yield made


def give(world: World, token: str, address: str = BOX, seconds: float = 240) -> str:
    world.ask("PUT", "/tokens", {"token": token, "address": address, "seconds": seconds})
    return token


def collected(world: World) -> list[Incoming]:
    found = []
    for incoming in world.channel.collect():
        world.channel.acknowledge(incoming)
        found.append(incoming)
    return found


def here(world: World) -> list[Incoming]:
    """What came to her box; the box of the site has the receipts of what was sent to her."""
    return [one for one in collected(world) if one.mailbox == BOX]


def refusals(world: World) -> list[Any]:
    return [one for one in world.ask("GET", "/events") if one["event"] == "authentication-refused"]


def letter_in(world: World) -> str:
    """A maternity writes to the box; the Message-ID."""
    parcel = op.parcel(BOX)
    world.channel.submit(parcel)
    return parcel.message_id


class TestCollecting:
    def test_a_letter_is_found_and_left_where_it_is(self, world: World, keeper: Keeper) -> None:
        letter_in(world)
        assert collected(world) == []  # nobody is signed in
        keeper.signed_in[BOX] = [give(world, "un-jeton")]
        (incoming,) = collected(world)
        assert incoming.kind is Kind.DOCUMENTS and incoming.mailbox == BOX
        (stored,) = world.ask("GET", f"/messages?mailbox={BOX}")
        assert stored["folder"] == "INBOX" and "\\Seen" not in stored["flags"]
        assert collected(world) == []  # once

    def test_private_mails_are_passed_over(self, world: World, keeper: Keeper) -> None:
        keeper.signed_in[BOX] = [give(world, "un-jeton")]
        private = {"from": NEIGHBOUR, "to": BOX, "subject": "Dimanche", "body": "À quelle heure ?"}
        world.ask("POST", "/write", private)
        letter_in(world)
        world.ask("POST", "/write", private)
        assert [one.kind for one in collected(world)] == [Kind.DOCUMENTS]
        before = world.cursors.kept[BOX]
        assert before.last_uid == 3 and collected(world) == []

    def test_what_cannot_be_read_is_offered_to_the_core(
        self, world: World, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Too large, or the reading broke: it may bring documents, and its holder must know."""
        keeper.signed_in[BOX] = [give(world, "un-jeton")]
        world.channel = MssanteChannel(dataclasses.replace(world.config, collect_max_bytes=10), world.cursors, keeper)
        letter_in(world)
        assert [(one.kind, one.code) for one in here(world)] == [(Kind.UNKNOWN, "TOO_LARGE")]
        world.channel.close()
        world.channel = MssanteChannel(world.config, world.cursors, keeper)
        letter_in(world)
        monkeypatch.setattr("mssante.receipts.parse", broken)
        (unread,) = here(world)
        assert unread.code.startswith("UNREADABLE") and unread.mail is None

    def test_what_stood_there_before_is_not_read(self, world: World, keeper: Keeper) -> None:
        letter_in(world)
        keeper.since = datetime.now(UTC) + timedelta(hours=1)
        keeper.signed_in[BOX] = [give(world, "un-jeton")]
        assert collected(world) == [] and world.cursors.kept[BOX].last_uid == 1
        keeper.since = LONG_AGO  # the cursor has passed
        world.restart_channel()
        world.channel = MssanteChannel(world.config, world.cursors, keeper)
        assert collected(world) == []

    def test_a_mail_of_the_very_second_of_the_declaration_is_read(self, world: World, keeper: Keeper) -> None:
        """INTERNALDATE has no fraction of a second, the instant of the declaration has one."""
        keeper.signed_in[BOX] = [give(world, "un-jeton")]
        letter_in(world)
        (incoming,) = here(world)
        world.cursors.kept.clear()
        keeper.since = incoming.at.replace(microsecond=999_999)
        world.channel.close()
        world.channel = MssanteChannel(world.config, world.cursors, keeper)
        assert [one.digest for one in here(world)] == [incoming.digest]

    def test_a_token_that_ends_in_the_middle(self, world: World, keeper: Keeper) -> None:
        """The operator cuts; the next round opens with a fresh token, or stops until she is there again."""
        keeper.signed_in[BOX] = [give(world, "premier", seconds=60)]
        assert collected(world) == []
        letter_in(world)
        world.ask("POST", "/tick", {"seconds": 61})
        keeper.signed_in[BOX] = [give(world, "second")]
        assert [one.kind for one in here(world)] == [Kind.DOCUMENTS]
        letter_in(world)
        world.ask("POST", "/tick", {"seconds": 300})
        with pytest.raises(TemporaryChannelError):
            collected(world)  # the same token, too old now
        keeper.signed_in[BOX] = []
        assert collected(world) == []  # quietly
        keeper.signed_in[BOX] = [give(world, "troisième")]
        assert [one.kind for one in here(world)] == [Kind.DOCUMENTS]

    def test_a_token_that_ends_while_a_round_goes_on(self, world: World, keeper: Keeper) -> None:
        for _ in range(3):
            letter_in(world)
        keeper.signed_in[BOX] = [give(world, "premier", seconds=60)]
        found = []
        with pytest.raises(TemporaryChannelError):  # of the mail on which it was cut: the others are read on
            for incoming in world.channel.collect():
                world.channel.acknowledge(incoming)
                if incoming.mailbox == BOX:
                    found.append(incoming.digest)
                if len(found) == 1:
                    world.ask("POST", "/tick", {"seconds": 61})
                    keeper.signed_in[BOX] = [give(world, "second")]
        deadline = time.monotonic() + 60
        while len(set(found)) < 3 and time.monotonic() < deadline:
            found += [one.digest for one in here(world)]
        assert len(set(found)) == 3  # one may be offered twice: the core knows it by its digest

    def test_a_refused_token_is_not_shown_again(
        self, world: World, keeper: Keeper, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Of somebody else's box: refused once, and the box of the site is read all the same (ECO.1.2.3)."""
        keeper.signed_in[BOX] = [give(world, "celui-de-la-voisine", NEIGHBOUR)]
        with pytest.raises(TemporaryChannelError):
            collected(world)
        world.ask("POST", "/write", {"from": NEIGHBOUR, "to": op.MATERNITY, "subject": "Bonjour", "body": "Bonjour"})
        assert [one.mailbox for one in collected(world)] == [op.MATERNITY]
        for _ in range(2):
            assert collected(world) == []
        assert len(refusals(world)) == 1 and caplog.text.count("collect_failed") == 1  # said once for a token
        keeper.signed_in[BOX] = [give(world, "un-autre-de-la-voisine", NEIGHBOUR)]
        with pytest.raises(TemporaryChannelError):
            collected(world)
        assert len(refusals(world)) == 2

    def test_leaving_closes_the_connection(self, world: World, keeper: Keeper) -> None:
        keeper.signed_in[BOX] = [give(world, "un-jeton")]
        collected(world)
        assert BOX in world.channel._collectors
        keeper.signed_in[BOX] = []
        collected(world)
        assert BOX not in world.channel._collectors

    def test_acknowledged_after_she_left(self, world: World, keeper: Keeper) -> None:
        letter_in(world)
        keeper.signed_in[BOX] = [give(world, "un-jeton")]
        (incoming,) = world.channel.collect()
        keeper.signed_in[BOX] = []
        world.restart_channel()
        world.channel = MssanteChannel(world.config, world.cursors, keeper)
        world.channel.acknowledge(incoming)
        keeper.signed_in[BOX] = [give(world, "un-jeton")]
        assert collected(world) == []
        (stored,) = world.ask("GET", f"/messages?mailbox={BOX}")
        assert stored["folder"] == "INBOX"

    def test_several_holders(self, world: World, keeper: Keeper) -> None:
        """The box of a practice: who does not hold it is refused, the next one opens it."""
        letter_in(world)
        keeper.signed_in[BOX] = [give(world, "celui-de-la-voisine", NEIGHBOUR), give(world, "le-bon")]
        assert [one.kind for one in collected(world)] == [Kind.DOCUMENTS]


class TestSending:
    def test_from_her_own_box(self, world: World, keeper: Keeper) -> None:
        keeper.signed_in[BOX] = [give(world, "un-jeton")]
        assert world.channel.submit(from_box(world)).code.startswith("250")
        (submission,) = world.ask("GET", "/submissions")
        assert submission["sender"] == BOX and submission["findings"] == []

    def test_nobody_is_there(self, world: World, keeper: Keeper) -> None:
        with pytest.raises(TemporaryChannelError) as raised:
            world.channel.submit(from_box(world))
        assert raised.value.code == "SIGN_IN" and "connectée" in raised.value.message_fr
        assert not raised.value.of_channel  # the others go on

    def test_a_box_of_nobody(self, world: World, keeper: Keeper) -> None:
        keeper.declared = set()
        with pytest.raises(PermanentChannelError):
            world.channel.submit(from_box(world))

    def test_a_token_that_is_too_old(self, world: World, keeper: Keeper, caplog: pytest.LogCaptureFixture) -> None:
        keeper.signed_in[BOX] = [give(world, "jeton-trop-vieux", seconds=-1)]
        with caplog.at_level(logging.DEBUG), pytest.raises(TemporaryChannelError) as raised:
            world.channel.submit(from_box(world))
        said = f"{raised.value} {raised.value.detail} {raised.value.message_fr} {caplog.text}"
        assert "jeton-trop-vieux" not in said and raised.value.code == "535" and not raised.value.of_channel
        with pytest.raises(TemporaryChannelError) as again:  # she is there: « connectez-vous » would be untrue
            world.channel.submit(from_box(world))
        assert again.value.code == "TOKEN" and "refuse d'ouvrir" in again.value.message_fr

    def test_nothing_stays_open_behind_her(self, world: World, keeper: Keeper) -> None:
        keeper.signed_in[BOX] = [give(world, "un-jeton")]
        world.channel.submit(from_box(world))
        keeper.signed_in[BOX] = []
        with pytest.raises(TemporaryChannelError):
            world.channel.submit(from_box(world))

    def test_her_box_answers_too(self, world: World, keeper: Keeper) -> None:
        message_id = letter_in(world)
        keeper.signed_in[BOX] = [give(world, "un-jeton")]
        (incoming,) = collected(world)
        world.channel.answer(Disposition(BOX, op.MATERNITY, "mdn.1", "", datetime.now(UTC), incoming.raw))
        (answer,) = [one for one in collected(world) if one.kind is Kind.INTEGRATED]
        assert answer.message_id == message_id


class TestAgainstTheProvider:
    """The sandbox operator asks the sandbox provider whose the token is."""

    @pytest.fixture
    def psc(self, world: World) -> Iterator[PscSandbox]:
        with PscSandbox() as provider:
            url = f"{provider.base_url}/protocol/openid-connect/token/introspect"
            world.ask("PUT", "/settings", {"psc_introspection": url})
            yield provider

    def test_her_token_opens_her_box_only(self, world: World, keeper: Keeper, psc: PscSandbox) -> None:
        letter_in(world)
        keeper.declared |= {NEIGHBOUR}
        keeper.signed_in = {BOX: [token_of(psc, RPPS)], NEIGHBOUR: [token_of(psc, RPPS)]}
        found = []
        with pytest.raises(TemporaryChannelError):
            for incoming in world.channel.collect():
                found.append(incoming.mailbox)
        assert found == [BOX] and len(refusals(world)) == 1

    def test_short_life(self, world: World, keeper: Keeper, psc: PscSandbox) -> None:
        keeper.signed_in = {BOX: [token_of(psc, RPPS)]}
        assert collected(world) == []
        world.ask("POST", "/tick", {"seconds": 130})  # longer than the two minutes of the provider
        psc.provider.clock.offset += 130
        with pytest.raises(TemporaryChannelError):
            collected(world)
        keeper.signed_in = {BOX: [token_of(psc, RPPS)]}
        assert collected(world) == []

    def test_her_session_ended_there(self, world: World, keeper: Keeper, psc: PscSandbox) -> None:
        keeper.signed_in = {BOX: [token_of(psc, RPPS, sid="une-session")]}
        psc.provider.memory.sign_out("une-session")
        with pytest.raises(TemporaryChannelError):
            collected(world)

    def test_a_provider_that_is_gone(self, world: World, keeper: Keeper, psc: PscSandbox) -> None:
        keeper.signed_in = {BOX: [token_of(psc, RPPS)]}
        world.ask("PUT", "/settings", {"psc_introspection": "http://127.0.0.1:1/nulle-part"})
        with pytest.raises(TemporaryChannelError):
            collected(world)


def broken(*_: Any, **__: Any) -> None:
    raise RecursionError


def from_box(world: World) -> Any:
    parcel = op.parcel(op.SOFTWARE)
    return dataclasses.replace(parcel, sender=dataclasses.replace(parcel.sender, mailbox=BOX))


def token_of(psc: PscSandbox, rpps: str, sid: str = "sid") -> str:
    now = psc.provider.clock.now()
    grant = Grant(f"8{rpps}", "perinat", "", "", "", sid, now, now + 60)
    return psc.provider.memory.access_token(grant)
