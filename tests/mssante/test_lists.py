"""Revoked certificates and domains: fetched over HTTP(S), believed after a check, the last good list kept."""

from __future__ import annotations

import dataclasses
import os
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography import x509

from coordination.ports import TemporaryChannelError
from mssante import lists, trust_space
from mssante.channel import MssanteChannel
from mssante.conf import MssanteConfig
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.igc_sante.sandbox.publisher import CrlPublisher
from perinat.standards import revocation
from tests.mssante import operator as op
from tests.mssante.memory import MemoryCursors


@pytest.fixture
def igc(authority: SandboxAuthority) -> Iterator[CrlPublisher]:
    with CrlPublisher(authority) as made:
        yield made


@pytest.fixture
def config(igc: CrlPublisher, pki_dir: Path, tmp_path: Path) -> MssanteConfig:
    return MssanteConfig(pki_dir=pki_dir, crl=tmp_path / "kept" / "crl.pem", crl_url=igc.url, timeout=5)


def kept(config: MssanteConfig) -> revocation.RevocationList:
    assert config.crl is not None
    return revocation.read(config.crl.read_bytes(), config.trust_anchor)


class TestRevocation:
    def test_fetched_and_fetched_again(self, igc: CrlPublisher, config: MssanteConfig) -> None:
        assert lists.refresh(config) == {"crl": ""} and kept(config).count == 0
        igc.revoked = {7}
        assert lists.refresh(config) == {"crl": ""} and kept(config).count == 1

    @pytest.mark.parametrize(
        ("fault", "code"),
        [
            ("down", "UNREACHABLE"),
            ("garbled", "REFUSED"),
            ("expired", "REFUSED"),
            ("forged", "REFUSED"),
            ("older", "REFUSED"),
            ("endless", "TOO_LARGE"),
        ],
    )
    def test_what_is_not_believed_keeps_the_last_one(
        self, igc: CrlPublisher, config: MssanteConfig, fault: str, code: str
    ) -> None:
        igc.revoked = {7}
        lists.refresh(config)
        before = kept(config).pem
        igc.fault = fault
        assert lists.refresh(config) == {"crl": code} and kept(config).pem == before
        assert [path.name for path in config.crl.parent.iterdir()] == ["crl.pem"]  # type: ignore[union-attr]

    def test_nobody_answers(self, igc: CrlPublisher, config: MssanteConfig) -> None:
        lists.refresh(config)
        gone = dataclasses.replace(config, crl_url="http://127.0.0.1:1/igc-sante.crl")
        assert lists.refresh(gone) == {"crl": "UNREACHABLE"} and kept(config)

    def test_over_https_only_our_authority_is_believed(
        self, authority: SandboxAuthority, config: MssanteConfig, tmp_path: Path
    ) -> None:
        with CrlPublisher(authority, tls=True) as igc:
            assert lists.refresh(dataclasses.replace(config, crl_url=igc.url)) == {"crl": ""}
            other = SandboxAuthority(tmp_path / "autre")
            other.ensure()
            elsewhere = dataclasses.replace(config, crl_url=igc.url, pki_dir=other.directory)
            assert lists.refresh(elsewhere) == {"crl": "UNREACHABLE"}

    def test_the_server_revoked_since_is_no_longer_trusted(
        self, igc: CrlPublisher, config: MssanteConfig, authority: SandboxAuthority, tmp_path: Path
    ) -> None:
        """The whole way: the operator is trusted, its certificate is revoked, the next fetch closes the door."""
        with op.running(tmp_path / "operator", authority.directory) as world:
            watched = dataclasses.replace(world.config, crl=config.crl, crl_url=config.crl_url)
            lists.refresh(watched)
            channel = MssanteChannel(watched, MemoryCursors())
            assert channel.submit(op.parcel(op.SOFTWARE)).code.startswith("250")
            channel.close()
            igc.revoked = {x509.load_pem_x509_certificate(authority.server_pem.read_bytes()).serial_number}
            lists.refresh(watched)
            with pytest.raises(TemporaryChannelError) as raised:
                channel.submit(op.parcel(op.SOFTWARE))
            assert raised.value.code == "TLS"

    def test_old_before_it_ends(self, igc: CrlPublisher, config: MssanteConfig) -> None:
        lists.refresh(config)
        now = datetime.now(UTC)
        assert not kept(config).is_old(now) and kept(config).is_old(now + timedelta(days=6))
        assert kept(config).is_over(now + timedelta(days=8))

    def test_without_an_address_nothing_is_fetched(self, igc: CrlPublisher, config: MssanteConfig) -> None:
        assert lists.refresh(dataclasses.replace(config, crl_url="")) == {}


class TestDomains:
    @pytest.fixture
    def world(self, tmp_path: Path, pki_dir: Path) -> Iterator[op.World]:
        with op.running(tmp_path / "operator", pki_dir) as made:
            yield made

    def test_fetched_from_the_operator(self, world: op.World, tmp_path: Path) -> None:
        config = dataclasses.replace(
            world.config,
            trust_list=tmp_path / "liste.xml",
            trust_list_url=f"{world.sandbox.admin_url}/listeblanchemssante.xml",
        )
        assert lists.refresh(config) == {"trust_list": ""}
        assert trust_space.load(tmp_path / "liste.xml").holds("a@maternite.mssante.example")
        world.ask("PUT", "/domains", {"domain": "nouveau.mssante.example"})
        with time_machine.travel(datetime.now(UTC) + timedelta(seconds=5)):
            assert lists.refresh(config) == {"trust_list": ""}
        os.utime(tmp_path / "liste.xml")
        assert trust_space.load(tmp_path / "liste.xml").holds("a@nouveau.mssante.example")

    def test_a_list_that_is_none_is_refused(self, world: op.World, tmp_path: Path) -> None:
        path = tmp_path / "liste.xml"
        with urllib.request.urlopen(f"{world.sandbox.admin_url}/listeblanchemssante.xml", timeout=5) as answer:
            path.write_bytes(answer.read())
        before = path.read_bytes()
        config = dataclasses.replace(
            world.config, trust_list=path, trust_list_url=f"{world.sandbox.admin_url}/settings"
        )
        assert lists.refresh(config) == {"trust_list": "REFUSED"} and path.read_bytes() == before
