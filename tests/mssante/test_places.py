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

SERVICE, DOMAIN = "_submission._tcp", "maternite.mssante.example"
NAME = f"{SERVICE}.{DOMAIN}"


@pytest.fixture
def zone() -> Iterator[DnsServer]:
    server = DnsServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def config(zone: DnsServer, tmp_path: Path) -> MssanteConfig:
    return MssanteConfig(pki_dir=tmp_path, smtp_host="", imap_host="", dns=f"127.0.0.1:{zone.port}", timeout=1.0,
                         srv_targets=("example",))  # fmt: skip


def say(zone: DnsServer, *records: dict[str, Any], ttl: int = 60) -> None:
    zone.records = [record_from({"name": NAME, "ttl": ttl} | record) for record in records]


def test_lowest_priority_first(zone: DnsServer, config: MssanteConfig) -> None:
    say(
        zone,
        {"target": "secours.example.", "port": 587, "priority": 20},
        {"target": "premier.example.", "port": 2587, "priority": 5},
        {"target": "second.example.", "port": 587, "priority": 10},
    )
    found = places.Locator().places(config, SERVICE, DOMAIN)
    assert found == [("premier.example", 2587), ("second.example", 587), ("secours.example", 587)]


def test_weights_are_drawn(zone: DnsServer, config: MssanteConfig) -> None:
    say(
        zone,
        {"target": "grand.example.", "port": 1, "weight": 90},
        {"target": "petit.example.", "port": 1, "weight": 10},
    )
    locator = places.Locator()
    first = Counter(locator.places(config, SERVICE, DOMAIN)[0][0] for _ in range(400))
    assert first["grand.example"] > first["petit.example"] > 0


def test_kept_for_its_time_to_live(zone: DnsServer, config: MssanteConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(places.time, "monotonic", lambda: now[0])
    locator = places.Locator()
    say(zone, {"target": "un.example.", "port": 1}, ttl=300)
    assert locator.places(config, SERVICE, DOMAIN) == [("un.example", 1)]
    say(zone, {"target": "deux.example.", "port": 2}, ttl=300)
    now[0] += 299
    assert locator.places(config, SERVICE, DOMAIN) == [("un.example", 1)] and len(zone.asked) == 1
    now[0] += 2
    assert locator.places(config, SERVICE, DOMAIN) == [("deux.example", 2)] and len(zone.asked) == 2


def test_silence_keeps_the_last_answer(
    zone: DnsServer, config: MssanteConfig, caplog: pytest.LogCaptureFixture
) -> None:
    locator = places.Locator()
    say(zone, {"target": "un.example.", "port": 1}, ttl=0)
    assert locator.places(config, SERVICE, DOMAIN) == [("un.example", 1)]
    zone.silent = True
    assert locator.places(config, SERVICE, DOMAIN) == [("un.example", 1)] and "dns_silent" in caplog.text
    zone.silent = False
    asked = len(zone.asked)
    assert locator.places(config, SERVICE, DOMAIN) == [("un.example", 1)] and len(zone.asked) == asked, (
        "asked too soon again"
    )


def test_nobody_ever_answered(zone: DnsServer, config: MssanteConfig) -> None:
    zone.silent = True
    with pytest.raises(TemporaryChannelError) as raised:
        places.Locator().places(config, SERVICE, DOMAIN)
    assert raised.value.code == "DNS" and raised.value.of_channel


@pytest.mark.parametrize("records", [[], [{"target": ".", "port": 0}]])
def test_nothing_is_served_there(zone: DnsServer, config: MssanteConfig, records: list[dict[str, Any]]) -> None:
    say(zone, *records)
    with pytest.raises(TemporaryChannelError) as raised:
        places.Locator().places(config, SERVICE, DOMAIN)
    assert raised.value.code == "SRV" and "annonce" in raised.value.message_fr


class TestForged:
    """Whoever answers first to a question of DNS must not be given her token."""

    @pytest.fixture
    def strict(self, config: MssanteConfig) -> MssanteConfig:
        return dataclasses.replace(config, srv_targets=("operateur.example",))

    @pytest.mark.parametrize(
        "target", ["Smtp.Maternite.mssante.example.", "maternite.mssante.example.", "a.operateur.example."]
    )
    def test_believed(self, zone: DnsServer, strict: MssanteConfig, target: str) -> None:
        say(zone, {"target": target, "port": 1})
        assert len(places.Locator().places(strict, SERVICE, DOMAIN)) == 1

    @pytest.mark.parametrize(
        "target", ["voleur.mssante.example.", "volematernite.mssante.example.", "maternite.mssante.example.voleur.fr."]
    )
    def test_not_believed(self, zone: DnsServer, strict: MssanteConfig, target: str) -> None:
        say(zone, {"target": target, "port": 1})
        locator = places.Locator()
        with pytest.raises(TemporaryChannelError) as raised:
            locator.places(strict, SERVICE, DOMAIN)
        assert raised.value.code == "SRV_TARGET" and "ailleurs" in raised.value.message_fr
        say(zone, {"target": "smtp.operateur.example.", "port": 1})  # the lie is not kept
        assert locator.places(strict, SERVICE, DOMAIN) == [("smtp.operateur.example", 1)]

    def test_among_others(self, zone: DnsServer, strict: MssanteConfig) -> None:
        say(zone, {"target": "voleur.example.", "port": 1}, {"target": "smtp.operateur.example.", "port": 2})
        assert places.Locator().places(strict, SERVICE, DOMAIN) == [("smtp.operateur.example", 2)]

    def test_the_answer_before_serves_on(self, zone: DnsServer, strict: MssanteConfig) -> None:
        locator = places.Locator()
        say(zone, {"target": "smtp.operateur.example.", "port": 2}, ttl=0)
        locator.places(strict, SERVICE, DOMAIN)
        say(zone, {"target": "voleur.example.", "port": 1})
        assert locator.places(strict, SERVICE, DOMAIN) == [("smtp.operateur.example", 2)] and len(zone.asked) == 2

    def test_no_answer_is_kept_longer_than_a_day(
        self, zone: DnsServer, strict: MssanteConfig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [1000.0]
        monkeypatch.setattr(places.time, "monotonic", lambda: now[0])
        locator = places.Locator()
        say(zone, {"target": "un.operateur.example.", "port": 1}, ttl=2_000_000)
        locator.places(strict, SERVICE, DOMAIN)
        say(zone, {"target": "deux.operateur.example.", "port": 1})
        now[0] += 86_401
        assert locator.places(strict, SERVICE, DOMAIN) == [("deux.operateur.example", 1)]


class TestResolver:
    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("10.0.0.1", ("10.0.0.1", 53)),
            ("10.0.0.1:5353", ("10.0.0.1", 5353)),
            ("::1", ("::1", 53)),
            ("[::1]:5353", ("::1", 5353)),
        ],
    )
    def test_read(self, text: str, place: places.Place) -> None:
        assert places.resolver_at(text) == place

    @pytest.mark.parametrize("text", ["resolveur.example", "10.0.0.1:", "10.0.0.1:dns", "10.0.0.1:0", "10.0.0.1:99999"])
    def test_one_that_is_none_is_a_failure_of_the_channel(self, config: MssanteConfig, text: str) -> None:
        with pytest.raises(ValueError):
            places.resolver_at(text)
        with pytest.raises(TemporaryChannelError) as raised:
            places.submission(dataclasses.replace(config, dns=text), "a@b.example")
        assert raised.value.code == "DNS"


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
            world.config,
            smtp_host="",
            imap_host="",
            srv_targets=("localhost",),
            dns=f"127.0.0.1:{world.ask('GET', '/dns')['port']}",
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
