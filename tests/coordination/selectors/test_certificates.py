"""The page of certificates, against an authority of the sandbox and folders spoiled on purpose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coordination.selectors.certificates import CertificateLine, certificates
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.igc_sante.sandbox.publisher import CrlPublisher
from tests.coordination import world

pytestmark = pytest.mark.django_db
EJ, OTHER = "1997800016", "1997800024"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> SandboxAuthority:
    made = SandboxAuthority(tmp_path_factory.mktemp("pki"))
    made.ensure([EJ, OTHER, "1997800057"])
    return made


@pytest.fixture
def lines(
    authority: SandboxAuthority, settings: object, ward: world.Ward
) -> Callable[[datetime], dict[tuple[str, str], CertificateLine]]:
    settings.PKI_DIR = str(authority.directory)  # type: ignore[attr-defined]

    def read(now: datetime) -> dict[tuple[str, str], CertificateLine]:
        return {(line.struct_idnat, line.usage[:6]): line for line in certificates(now)}

    return read


def test_each_structure_that_sends_has_its_two_lines(lines: Callable[[datetime], dict]) -> None:  # type: ignore[type-arg]
    found = lines(datetime.now(UTC))
    assert {line.chip.text for line in found.values()} == {"Valide"}
    assert found[EJ, "Authen"].holder == "CH d'essai" and found[OTHER, "Cachet"].holder == "Structure sans site"
    assert found["", "Vérifi"].holder == "Autorité de confiance"


@pytest.mark.parametrize(("days", "word"), [(-20, "À renouveler"), (1, "Inutilisable")])
def test_the_end_is_seen_coming(lines: Callable[[datetime], dict], days: int, word: str) -> None:  # type: ignore[type-arg]
    ends = lines(datetime.now(UTC))[EJ, "Authen"].ends_at
    line = lines(ends + timedelta(days=days))[EJ, "Authen"]
    assert line.chip.text == word and line.needs_somebody


def test_a_missing_file_names_what_to_do(settings: object, tmp_path: Path, ward: world.Ward) -> None:
    settings.PKI_DIR = str(tmp_path)  # type: ignore[attr-defined]
    found = certificates(datetime.now(UTC))
    assert len(found) == 5, "the anchor, and two certificates for the ward and for the practice"
    assert all(line.chip.text == "Inutilisable" and line.faults for line in found)


def test_the_certificate_of_another_structure_is_refused(
    authority: SandboxAuthority, settings: object, tmp_path: Path, ward: world.Ward
) -> None:
    settings.PKI_DIR = str(tmp_path)  # type: ignore[attr-defined]
    (tmp_path / "structures").mkdir()
    (tmp_path / "structures" / EJ).symlink_to(authority.directory / "structures" / OTHER)
    line = next(line for line in certificates(datetime.now(UTC)) if line.struct_idnat == EJ)
    assert "Le certificat est celui d'une autre entité juridique." in line.faults


def published(authority: SandboxAuthority, fault: str = "") -> bytes:
    with CrlPublisher(authority) as igc:
        igc.fault = fault
        return igc.published()


def test_the_lists_of_mssante(settings: object, tmp_path: Path, ward: world.Ward, authority: SandboxAuthority) -> None:
    """Told before its end, at its end, and when it is no list of the authority."""
    settings.PKI_DIR = str(authority.directory)  # type: ignore[attr-defined]
    crl, domains = tmp_path / "crl.pem", tmp_path / "liste.xml"
    settings.MSSANTE_CRL, settings.MSSANTE_TRUST_LIST = str(crl), str(domains)  # type: ignore[attr-defined]
    now = datetime.now(UTC)

    def said(at: datetime) -> list[str]:
        return [line.chip.text for line in certificates(at) if line.holder.startswith("Liste")]

    assert said(now) == ["Inutilisable", "Inutilisable"]
    crl.write_bytes(published(authority))
    domains.write_text("<x/>")
    assert said(now) == ["Valide", "Valide"]
    assert said(now + timedelta(days=6)) == ["À renouveler", "Valide"]
    assert said(now + timedelta(days=8)) == ["Inutilisable", "À renouveler"]
    crl.write_bytes(published(authority, "forged"))
    assert said(now) == ["Inutilisable", "Valide"]
