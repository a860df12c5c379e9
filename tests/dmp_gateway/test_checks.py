"""System checks and settings of the gateway."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import checks as django_checks

from dmp_gateway import checks, conf
from perinat.connectors.igc_sante.sandbox import spoiled
from perinat.connectors.igc_sante.sandbox.spoiled import Flaw
from perinat.standards import pki
from tests.dmp_gateway import parcels

REAL = "https://lps2.dmp.gouv.fr/si-dmp-server/v2/services"
TEST_PLATFORM = "https://dev6.lps2.dmp.gouv.fr/si-dmp-server/v2/services"


@pytest.fixture
def good(settings, authority, tmp_path: Path):
    folder = tmp_path / "pki"
    for part in (f"structures/{parcels.EJ}", "."):
        (folder / part).mkdir(parents=True, exist_ok=True)
    shutil.copy(authority.ca_pem, folder)
    for name in ("auth.pem", "auth.key", "sign.pem", "sign.key"):
        shutil.copy(authority.directory / "structures" / parcels.EJ / name, folder / "structures" / parcels.EJ)
    settings.PKI_DIR = str(folder)
    settings.SANDBOX = True
    return settings


def found() -> set[str]:
    return {message.id for message in checks.check_gateway()}


def test_a_good_installation_says_nothing(good):
    assert checks.check_gateway() == []


def test_checks_answer_to_the_tag():
    assert checks.check_gateway in django_checks.registry.registry.get_checks()
    assert checks.TAG in checks.check_gateway.tags


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"DMP_LPS_HOMOLOGATION": ""}, "dmp_gateway.E001"),
        ({"DMP_BASE_URL": ""}, "dmp_gateway.E001"),
        ({"DMP_XADES_DIGEST": "md5"}, "dmp_gateway.E002"),
        ({"DMP_FIND_RETURN_TYPE": "Everything"}, "dmp_gateway.E003"),
        ({"DMP_READ_TIMEOUT": 0}, "dmp_gateway.E004"),
        ({"DMP_BASE_URL": "http://127.0.0.1/x"}, "dmp_gateway.E005"),
        ({"SANDBOX": False}, "dmp_gateway.E006"),
        ({"SANDBOX": False, "DMP_BASE_URL": TEST_PLATFORM}, "dmp_gateway.E006"),
        ({"DMP_BASE_URL": REAL}, "dmp_gateway.E007"),
        ({"DMP_AIR_DECLARATION": ""}, "dmp_gateway.E013"),
    ],
)
def test_wrong_settings_are_named(good, changes, expected):
    for name, value in changes.items():
        setattr(good, name, value)
    assert found() == {expected}


def test_real_and_test_platforms_have_their_place(good):
    good.DMP_BASE_URL = TEST_PLATFORM
    assert found() == set()
    good.DMP_BASE_URL, good.SANDBOX = REAL, False
    assert found() == set()


def test_absent_certificates(good, tmp_path):
    good.PKI_DIR = str(tmp_path / "nowhere")
    assert found() == {"dmp_gateway.E008", "dmp_gateway.W001"}


@pytest.mark.parametrize(
    ("flaw", "expected"), [(Flaw.EXPIRED, "dmp_gateway.E011"), (Flaw.WRONG_USAGE, "dmp_gateway.E011")]
)
def test_certificates_that_cannot_serve(good, authority, flaw, expected):
    bad = spoiled.issue(authority, parcels.EJ, flaw)
    folder = Path(good.PKI_DIR) / "structures" / parcels.EJ
    shutil.copy(bad.sign_pem, folder / "sign.pem")
    shutil.copy(bad.sign_key, folder / "sign.key")
    assert expected in found()


def test_key_of_another_certificate(good):
    folder = Path(good.PKI_DIR) / "structures" / parcels.EJ
    shutil.copy(folder / "auth.key", folder / "sign.key")
    assert found() == {"dmp_gateway.E010"}


def test_certificate_of_another_entity(good, authority):
    folder = Path(good.PKI_DIR) / "structures" / parcels.EJ
    for name in ("sign.pem", "sign.key"):
        shutil.copy(authority.directory / "structures" / parcels.OTHER_EJ / name, folder / name)
    assert found() == {"dmp_gateway.E012"}


def test_a_certificate_near_its_end_warns(good):
    folder = Path(good.PKI_DIR) / "structures" / parcels.EJ
    end = pki.load(folder / "auth.pem", folder / "auth.key").not_after
    with time_machine.travel(end - timedelta(days=10), tick=True):
        assert found() == {"dmp_gateway.W002"}


def test_settings_are_read_at_use(good):
    good.DMP_BASE_URL = "https://a.example/services/"
    good.DMP_VIHF_VERSION = "4.0"
    first = conf.load()
    good.DMP_BASE_URL = "https://b.example/services"
    assert (first.base_url, conf.load().base_url) == ("https://a.example/services", "https://b.example/services")
    assert first.vihf_version == "4.0"


@pytest.mark.parametrize("name", ["../x", "", "1990000010/..", "é"])
def test_an_identifier_never_leaves_the_folder(name):
    with pytest.raises(conf.ConfigurationError):
        parcels.config(Path("pki")).structure(name)
