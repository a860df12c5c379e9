"""Where the operator is: SRV records asked over UDP of a server of ours, and two operators behind them."""

from __future__ import annotations

import dataclasses
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coordination.ports import TemporaryChannelError
from mssante import places
from mssante.channel import MssanteChannel
from mssante.conf import MssanteConfig
from mssante.sandbox.dns_server import DnsServer, record_from
from tests.mssante import operator as op
from tests.mssante.operator import World

NAME = "_submission._tcp.maternite.mssante.example"


@pytest.fixture
def zone() -> Iterator[DnsServer]:
    server = DnsServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def config(zone: DnsServer, tmp_path: Path) -> MssanteConfig:
    return MssanteConfig(pki_dir=tmp_path, smtp_host="", imap_host="", dns=f"127.0.0.1:{zone.port}", timeout=1.0)


def say(zone: DnsServer, *records: dict[str, Any], ttl: int = 60) -> None:
    zone.records = [record_from({"name": NAME, "ttl": ttl} | record) for record in records]


def test_lowest_priority_first(zone: DnsServer, config: MssanteConfig) -> None:
    say(
        zone,
        {"target": "secours.example.", "port": 587, "priority": 20},
        {"target": "premier.example.", "port": 2587, "priority": 5},
        {"target": "second.example.", "port": 587, "priority": 10},
    )
    found = places.Locator().places(config, NAME)
    assert found == [("premier.example", 2587), ("second.example", 587), ("secours.example", 587)]


def test_weights_are_drawn(zone: DnsServer, config: MssanteConfig) -> None:
    say(
        zone,
        {"target": "grand.example.", "port": 1, "weight": 90},
        {"target": "petit.example.", "port": 1, "weight": 10},
    )
    locator = places.Locator()
    first = Counter(locator.places(config, NAME)[0][0] for _ in range(400))
    assert first["grand.example"] > first["petit.example"] > 0


def test_kept_for_its_time_to_live(zone: DnsServer, config: MssanteConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(places.time, "monotonic", lambda: now[0])
    locator = places.Locator()
    say(zone, {"target": "un.example.", "port": 1}, ttl=300)
    assert locator.places(config, NAME) == [("un.example", 1)]
    say(zone, {"target": "deux.example.", "port": 2}, ttl=300)
    now[0] += 299
    assert locator.places(config, NAME) == [("un.example", 1)] and len(zone.asked) == 1
    now[0] += 2
    assert locator.places(config, NAME) == [("deux.example", 2)] and len(zone.asked) == 2


def test_silence_keeps_the_last_answer(
    zone: DnsServer, config: MssanteConfig, caplog: pytest.LogCaptureFixture
) -> None:
    locator = places.Locator()
    say(zone, {"target": "un.example.", "port": 1}, ttl=0)
    assert locator.places(config, NAME) == [("un.example", 1)]
    zone.silent = True
    assert locator.places(config, NAME) == [("un.example", 1)] and "dns_silent" in caplog.text
    zone.silent = False
    asked = len(zone.asked)
    assert locator.places(config, NAME) == [("un.example", 1)] and len(zone.asked) == asked, "asked too soon again"


def test_nobody_ever_answered(zone: DnsServer, config: MssanteConfig) -> None:
    zone.silent = True
    with pytest.raises(TemporaryChannelError) as raised:
        places.Locator().places(config, NAME)
    assert raised.value.code == "DNS" and raised.value.of_channel


@pytest.mark.parametrize("records", [[], [{"target": ".", "port": 0}]])
def test_nothing_is_served_there(zone: DnsServer, config: MssanteConfig, records: list[dict[str, Any]]) -> None:
    say(zone, *records)
    with pytest.raises(TemporaryChannelError) as raised:
        places.Locator().places(config, NAME)
    assert raised.value.code == "SRV" and "annonce" in raised.value.message_fr


def test_explicit_hosts_win(zone: DnsServer, config: MssanteConfig) -> None:
    explicit = dataclasses.replace(config, smtp_host="ici.example", imap_host="ici.example")
    assert places.submission(explicit, "a@b.example") == [("ici.example", 8587)]
    assert places.collection(explicit, "a@b.example") == [("ici.example", 8143)] and not zone.asked


def test_a_mail_goes_and_comes_where_dns_says(tmp_path: Path, pki_dir: Path) -> None:
    """Two places: the first one is closed, the second one is the operator. Nothing is written in the settings."""
    with op.running(tmp_path / "operator", pki_dir) as world, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        world.ask("PUT", "/dns", {"records": [*two(world, NAME, closed, world.sandbox.smtp_port),
                                              *two(world, NAME.replace("submission", "imap"), closed,
                                                   world.sandbox.imap_port)]})  # fmt: skip
        config = dataclasses.replace(
            world.config, smtp_host="", imap_host="", dns=f"127.0.0.1:{world.ask('GET', '/dns')['port']}"
        )
        world.channel = MssanteChannel(config, world.cursors)
        assert world.channel.submit(op.parcel(op.SOFTWARE)).code.startswith("250")
        world.settle()
        assert {one.kind for one in world.channel.collect()} == {"DELIVERED", "INTEGRATED"}


def two(world: World, name: str, closed: socket.socket, port: int) -> list[dict[str, Any]]:
    return [
        {"name": name, "target": "localhost.", "port": closed.getsockname()[1], "priority": 1},
        {"name": name, "target": "localhost.", "port": port, "priority": 2},
    ]
