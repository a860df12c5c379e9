"""What `manage.py check --tag channels` says of Pro Santé Connect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perinat.connectors.igc_sante.sandbox import spoiled
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.igc_sante.sandbox.spoiled import Flaw
from perinat.connectors.pro_sante_connect.checks import check_connector

REAL = "https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet/.well-known/wallet-openid-configuration"
NATIONAL_SANDBOX = REAL.replace(".esw.", ".bas.psc.")


def found(settings: Any, **changes: Any) -> set[str | None]:
    values = {"SANDBOX": False, "PSC_DISCOVERY_URL": REAL, "PSC_CLIENT_SECRET": "un-secret", **changes}
    for name, value in values.items():
        setattr(settings, name, value)
    return {message.id for message in check_connector()}


def test_nothing_is_said_of_good_settings_nor_when_it_is_not_used(settings: Any) -> None:
    assert found(settings) == set()
    assert found(settings, PSC_DISCOVERY_URL="", PSC_CLIENT_SECRET="") == set()
    assert found(settings, PSC_DISCOVERY_URL="http://127.0.0.1:8444/.well-known/x", SANDBOX=True) == set()


@pytest.mark.parametrize(
    "expected, changes",
    [
        ("psc.E001", {"PSC_DISCOVERY_URL": REAL.replace("https", "http")}),
        ("psc.E002", {"PSC_DISCOVERY_URL": NATIONAL_SANDBOX}),
        ("psc.E002", {"PSC_DISCOVERY_URL": "https://127.0.0.1/.well-known/x"}),
        ("psc.E003", {"PSC_CLIENT_CERTIFICATE": "/x.pem"}),
        ("psc.E004", {"PSC_CLIENT_SECRET": ""}),
        ("psc.E005", {"PSC_PROMPT": "none"}),
        ("psc.E006", {"PSC_CLIENT_CERTIFICATE": "/x.pem", "PSC_CLIENT_KEY": "/x.key"}),
    ],
)
def test_a_wrong_setting_is_named(settings: Any, expected: str, changes: dict[str, Any]) -> None:
    assert found(settings, **changes) == {expected}


def test_an_expired_certificate_is_named(settings: Any, tmp_path: Path) -> None:
    files = spoiled.issue(SandboxAuthority(tmp_path), "1997800016", Flaw.EXPIRED)
    pair = {"PSC_CLIENT_CERTIFICATE": str(files.auth_pem), "PSC_CLIENT_KEY": str(files.auth_key)}
    assert found(settings, **pair) == {"psc.E007"}
