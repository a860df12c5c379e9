"""The sandbox refuses what INSi refuses: fixed bytes sent by a client that is not ours."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request

import pytest

from perinat.connectors.insi.sandbox.server import InsiSandbox

UUID = "0b8f4d5e-6a0e-4c5b-9f8d-2d6c4f0a1b2c"
GOOD = f"""<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"
 xmlns:l="urn:siram:lps:ctxlps" xmlns:b="urn:siram:bam:ctxbam" xmlns:i="http://www.cnamts.fr/INSiRecSans">
<s:Header><a:Action>urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvecTraitsIdentite</a:Action>
<a:MessageID>uuid:{UUID}</a:MessageID>
<l:ContexteLPS Nature="CTXLPS" Version="01_00"><l:Id>{UUID}</l:Id><l:Temps>2026-03-16T09:00:00Z</l:Temps>
<l:Emetteur>essai</l:Emetteur><l:LPS><l:IDAM R="4">PERINAT-BAC-A-SABLE</l:IDAM><l:Version>1</l:Version>
<l:Instance>{UUID}</l:Instance><l:Nom>urn:lps:essai:1</l:Nom></l:LPS></l:ContexteLPS>
<b:ContexteBAM Nature="CTXBAM" Version="01_02"><b:Id>{UUID}</b:Id><b:Temps>2026-03-16T09:00:00Z</b:Temps>
<b:Emetteur>essai</b:Emetteur><b:COUVERTURE/></b:ContexteBAM></s:Header>
<s:Body><i:RECSANSVITALE><i:NomNaissance>ADRUN</i:NomNaissance><i:Prenom>ZOE</i:Prenom><i:Sexe>F</i:Sexe>
<i:DateNaissance>1975-12-31</i:DateNaissance><i:LieuNaissance>63220</i:LieuNaissance></i:RECSANSVITALE></s:Body>
</s:Envelope>"""
TYPE = "application/soap+xml; charset=utf-8"


def post(url: str, body: str, kind: str = TYPE) -> tuple[int, str]:
    request = urllib.request.Request(url, body.encode(), {"Content-Type": kind}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_good_question(sandbox: InsiSandbox) -> None:
    status, body = post(sandbox.url, GOOD)
    assert status == 200 and "<CodeCR>00</CodeCR>" in body
    assert "<NumIdentifiant>2751263220749</NumIdentifiant><Cle>74</Cle>" in body and "1.2.250.1.213.1.4.10" in body


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/", "sandbox:soap"),
        ("rechercherInsAvecTraitsIdentite", "autreChose", "sandbox:action"),
        (f"uuid:{UUID}", "uuid:1", "sandbox:message_id"),
        ('Version="01_00"', 'Version="00_00"', "sandbox:context"),
        ('Version="01_02"', 'Version="01_01"', "sandbox:context"),
        ("<l:Emetteur>essai</l:Emetteur>", "", "sandbox:context"),
        ("PERINAT-BAC-A-SABLE", "AUTRE", "desir_550"),
        (f"<l:Instance>{UUID}", "<l:Instance>un", "sandbox:context"),
        ("urn:lps:essai:1", "essai", "sandbox:context"),
        ("i:RECSANSVITALE", "i:RECVITALE", "sandbox:body"),
        ("<i:NomNaissance>ADRUN</i:NomNaissance>", "", "sandbox:traits"),
        ("ADRUN", "Adrun", "sandbox:traits"),
        ("ZOE", "ZOÉ", "sandbox:traits"),
        ("<i:Sexe>F", "<i:Sexe>I", "sandbox:traits"),
        ("1975-12-31", "31/12/1975", "sandbox:traits"),
        ("1975-12-31", "1975-02-30", "sandbox:traits"),
        ("63220", "6322", "sandbox:traits"),
        ("<i:Sexe>F</i:Sexe>", "<i:Sexe>F</i:Sexe><i:Sexe>F</i:Sexe>", "sandbox:schema"),
        ("<i:Prenom>ZOE</i:Prenom><i:Sexe>F</i:Sexe>", "<i:Sexe>F</i:Sexe><i:Prenom>ZOE</i:Prenom>", "sandbox:schema"),
        ("<i:Sexe>", "<i:Age>3</i:Age><i:Sexe>", "sandbox:schema"),
        ("</s:Envelope>", "", "sandbox:xml"),
        ("<s:Envelope", '<!DOCTYPE x [<!ENTITY a "b">]><s:Envelope', "sandbox:xml"),
        ("ADRUN", "A" * 70_000, "sandbox:xml"),
    ],
)
def test_each_wrong_question_is_refused(sandbox: InsiSandbox, old: str, new: str, code: str) -> None:
    assert old in GOOD
    status, body = post(sandbox.url, GOOD.replace(old, new))
    assert status == 500 and re.search(r'Erreur [^>]*code="([^"]*)"', body).group(1) == code  # type: ignore[union-attr]


def test_soap_1_1_is_refused(sandbox: InsiSandbox) -> None:
    assert "sandbox:content_type" in post(sandbox.url, GOOD, "text/xml")[1]


@pytest.mark.parametrize(
    "change",
    [
        {"oid": "1.2.250.1.213.1.4.8"},
        {"matricule": "275126322074975"},
        {"family": "adrun"},
        {"sex": "I"},
        {"birth_date": "1975-13-31"},
        {"cog": None},
    ],
)
def test_only_well_formed_fictitious_people_are_published(sandbox: InsiSandbox, change: dict[str, str]) -> None:
    row = {
        "family": "ADRUN", "given": "ZOE", "sex": "F", "birth_date": "1975-12-31", "cog": "63220",
        "matricule": "275126322074974", "oid": "1.2.250.1.213.1.4.10",
    }  # fmt: skip
    assert post(f"{sandbox.admin_url}/people", json.dumps(row), "application/json")[0] == 200
    assert post(f"{sandbox.admin_url}/people", json.dumps(row | change), "application/json")[0] == 400


def test_its_state_holds_no_trait(sandbox: InsiSandbox) -> None:
    post(sandbox.url, GOOD)
    with urllib.request.urlopen(sandbox.admin_url, timeout=10) as answer:
        state = answer.read().decode()
    assert json.loads(state)["asked"] == {"00": 1} and "ADRUN" not in state and "2751263220749" not in state
    assert post(f"{sandbox.admin_url}/faults", json.dumps({"kind": "autre"}), "application/json")[0] == 400
