"""Revoked certificates and domains: fetched over HTTP(S), believed after a check, the last good list kept."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from coordination.ports import TemporaryChannelError
from mssante import lists, trust_space
from mssante.channel import MssanteChannel
from mssante.conf import MssanteConfig
from perinat.connectors.igc_sante.sandbox import issuance
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.igc_sante.sandbox.publisher import CrlPublisher
from perinat.standards import revocation
from tests.mssante import operator as op
from tests.mssante.memory import MemoryCursors

PEM = serialization.Encoding.PEM


@pytest.fixture
def igc(authority: SandboxAuthority) -> Iterator[CrlPublisher]:
    with CrlPublisher(authority) as made:
        yield made


@pytest.fixture
def config(igc: CrlPublisher, pki_dir: Path, tmp_path: Path) -> MssanteConfig:
    return MssanteConfig(pki_dir=pki_dir, crl=tmp_path / "kept" / "crl.pem", crl_url=igc.url, timeout=5)


@contextlib.contextmanager
def served(body: bytes, *, missing: int = 0) -> Iterator[str]:
    """An address where these bytes are; `missing`: bytes that are announced and never come."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body) + missing))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/liste"
    server.shutdown()
    server.server_close()
    thread.join()


def other_list(authority: issuance.Issued, *, number: int) -> bytes:
    now = datetime.now(UTC)
    made = (
        x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject)
        .last_update(now).next_update(now + timedelta(days=7))
        .add_extension(x509.CRLNumber(number), critical=False)
    )  # fmt: skip
    return made.sign(authority.key, hashes.SHA256()).public_bytes(PEM)


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

    def test_the_list_of_another_authority_of_the_bundle(
        self, igc: CrlPublisher, config: MssanteConfig, tmp_path: Path
    ) -> None:
        """Signed, trusted, with a greater number: it would make every revoked certificate of ours good again."""
        both, other = tmp_path / "deux", issuance.root("Autre autorité fictive", now=datetime.now(UTC))
        both.mkdir()
        (both / "ca.pem").write_bytes(config.trust_anchor.read_bytes() + other.certificate.public_bytes(PEM))
        config = dataclasses.replace(config, pki_dir=both)
        igc.revoked = {7}
        lists.refresh(config)
        before = kept(config)
        assert config.crl is not None
        theirs = other_list(other, number=before.number + 10**6)
        fetched = revocation.read(theirs, config.trust_anchor)
        assert fetched.number > before.number and fetched.issuer != before.issuer
        with pytest.raises(revocation.RevocationListError, match="autre autorité"):
            revocation.require_usable(fetched, before)
        with served(theirs) as url:
            assert lists.refresh(dataclasses.replace(config, crl_url=url)) == {"crl": "REFUSED"}
        assert kept(config).pem == before.pem
        igc.revoked = {7, 8}
        assert lists.refresh(config) == {"crl": ""} and kept(config).count == 2

    def test_a_download_that_is_cut_stops_no_other(
        self, igc: CrlPublisher, config: MssanteConfig, tmp_path: Path, pki_dir: Path
    ) -> None:
        lists.refresh(config)
        domains = tmp_path / "liste.xml"
        with op.running(tmp_path / "operator", pki_dir) as world, served(igc.published(), missing=10) as url:
            both = dataclasses.replace(
                config,
                crl_url=url,
                trust_list=domains,
                trust_list_url=f"{world.sandbox.admin_url}/listeblanchemssante.xml",
            )
            assert lists.refresh(both) == {"crl": "UNREACHABLE", "trust_list": ""}
        assert kept(config) and domains.is_file()

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
