"""The connector against the sandbox, with the test identities of the CNDA."""

from __future__ import annotations

import json
import urllib.request
from datetime import date
from typing import Any

import pytest
from django.core.checks import run_checks

from perinat.connectors.insi.client import Insi
from perinat.connectors.insi.conf import InsiConfig
from perinat.connectors.insi.sandbox.server import InsiSandbox
from perinat.standards.national_identity import IdentityAnswer as A
from perinat.standards.national_identity import IdentityTraits

ZOE = IdentityTraits("ADRUN", "ZOE", "F", date(1975, 12, 31), "63220")
BELLA = IdentityTraits("TCHITCHI", "OLA BELLA", "F", date(1936, 6, 21), "63220")
TWIN = {"family": "ADRUN", "given": "ZOE IRIS", "sex": "F", "birth_date": "1975-12-31", "cog": "75056"}


def script(sandbox: InsiSandbox, path: str, method: str = "POST", **body: Any) -> None:
    request = urllib.request.Request(f"{sandbox.admin_url}/{path}", json.dumps(body).encode(), method=method)
    urllib.request.urlopen(request, timeout=10).close()


def test_found(insi: Insi, sandbox: InsiSandbox) -> None:
    result = insi.ask(ZOE)
    assert (result.answer, result.code, result.traits) == (A.FOUND, "00", ZOE)
    assert result.ins is not None and result.ins.matricule == "275126322074974" and not result.ins.is_production
    assert dict(sandbox.asked) == {"00": 1}


def test_corsica(insi: Insi) -> None:
    result = insi.ask(IdentityTraits("ADRTROIS", "DOMINIQUE", "F", date(1997, 2, 26), "2A020"))
    assert result.ins is not None and result.ins.matricule == "297022A02077878"


def test_given_names_are_asked_one_by_one(insi: Insi, sandbox: InsiSandbox) -> None:
    result = insi.ask(BELLA)
    assert result.answer == A.FOUND and dict(sandbox.asked) == {"01": 1, "00": 1}
    assert result.traits is not None and result.traits.birth_given_names == "CATARINA BELLA"
    assert BELLA.differing(result.traits) == ("birth_given_names",), "for a person to compare"


def test_nobody(insi: Insi, sandbox: InsiSandbox) -> None:
    assert insi.ask(IdentityTraits("HOUILLES", "PIERRE PAUL", "M", date(1993, 1, 27))).answer == A.NOT_FOUND
    assert dict(sandbox.asked) == {"01": 3}, "each name, then both"


def test_several_then_the_place_tells(insi: Insi, sandbox: InsiSandbox) -> None:
    script(sandbox, "people", **TWIN, matricule="275127505600183", oid="1.2.250.1.213.1.4.10")
    assert insi.ask(ZOE).answer == A.FOUND
    assert dict(sandbox.asked) == {"02": 1, "00": 1}
    without = IdentityTraits("ADRUN", "ZOE", "F", date(1975, 12, 31))
    assert insi.ask(without).answer == A.SEVERAL


def test_known_from_a_day(insi: Insi, sandbox: InsiSandbox) -> None:
    row = {"family": "BEBE", "given": "LOU", "sex": "F", "birth_date": "2026-03-16", "cog": "78646"}
    script(sandbox, "people", **row, matricule="226037864600179", oid="1.2.250.1.213.1.4.10", known_from="2026-03-22")
    child = IdentityTraits("BEBE", "LOU", "F", date(2026, 3, 16), "78646")
    for day, answer in (("2026-03-21", A.NOT_FOUND), ("2026-03-22", A.FOUND)):
        script(sandbox, "today", "PUT", day=day)
        assert insi.ask(child).answer == answer


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("down", "http:503"),
        ("busy", "siram:sandbox:busy"),
        ("garbled", "insi:not_xml"),
        ("truncated", "insi:network_ChunkedEncodingError"),
        ("production", "insi:production_ins"),
        ("wrong_key", "insi:bad_ins"),
    ],
)
def test_each_fault_is_a_service_that_did_not_answer(insi: Insi, sandbox: InsiSandbox, fault: str, code: str) -> None:
    script(sandbox, "faults", kind=fault)
    result = insi.ask(ZOE)
    assert (result.answer, result.ins, result.traits) == (A.UNAVAILABLE, None, None)
    assert result.code == code
    assert insi.ask(ZOE).answer == A.FOUND, "and then it does"


def test_a_silent_service_is_left_after_its_time(sandbox: InsiSandbox) -> None:
    quick = Insi(InsiConfig(sandbox.url, "PERINAT-BAC-A-SABLE", read_timeout=0.2))
    script(sandbox, "faults", kind="slow")
    assert quick.ask(ZOE).code == "insi:network_ReadTimeout"
    script(sandbox, "faults", "DELETE")


def test_nobody_listens() -> None:
    assert Insi(InsiConfig("http://127.0.0.1:9/lps", "X")).ask(ZOE).answer == A.UNAVAILABLE


def test_an_unknown_software_is_told_by_its_code(sandbox: InsiSandbox) -> None:
    result = Insi(InsiConfig(sandbox.url, "INCONNU")).ask(ZOE)
    assert (result.answer, result.code) == (A.UNAVAILABLE, "siram:desir_550")


@pytest.mark.parametrize(
    ("family", "given"),
    [("ADRUN2", "ZOE"), ("Adrun", "ZOE"), ("ADRUN", "ZOÉ"), ("ADRUN", ""), ("ADRUN ", "ZOE"), ("ADRUN", "ZOE-")],
)
def test_what_is_not_written_as_insi_writes_is_not_asked(
    insi: Insi, sandbox: InsiSandbox, family: str, given: str
) -> None:
    result = insi.ask(IdentityTraits(family, given, "F", date(1975, 12, 31)))
    assert (result.answer, result.code) == (A.REFUSED, "insi:writing") and not sandbox.asked


def test_it_is_refused_on_a_real_installation(settings: Any) -> None:
    settings.IDENTITY_SERVICE = "perinat.connectors.insi.client.Insi"
    ours = [one for one in run_checks(tags=["channels"]) if str(one.id).startswith("insi.")]
    assert ours == []
    settings.SANDBOX = False
    refused = [one.id for one in run_checks(tags=["channels"]) if str(one.id).startswith("insi.")]
    assert refused == ["insi.E001", "insi.E004", "insi.E005", "insi.W001"], "no certificate, plain HTTP, no IDAM"
    settings.IDENTITY_SERVICE = ""
    assert [one.id for one in run_checks(tags=["channels"]) if str(one.id).startswith("insi.")] == []
