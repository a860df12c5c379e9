"""The discharge letter as another software writes it, and as a midwife reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordination.cda.entries.encounters import PRIORITIES
from coordination.cda.spec.coded import Listed
from coordination.cda.volets import VOLETS
from coordination.cda.volets.read import body_of
from perinat.standards import oids, xml
from tests.conformance import run
from tests.conformance.cases import CASES

EXAMPLE = Path(__file__).parents[5] / "shared/ans/examples/LDL-SES_2022.01.xml"
_HL7 = f"{{{oids.NS_HL7}}}"


@pytest.mark.skipif(not EXAMPLE.is_file(), reason="official examples absent (../shared/ans/examples)")
def test_the_official_example_is_read() -> None:
    read = body_of(xml.parse(EXAMPLE.read_bytes()))
    assert read is not None
    volet, body = read
    assert volet is VOLETS["LDL-SES"]
    assert body["status"] == {"value": "385651009"}
    assert body["reason"] == "Episode psychotique – cachexie/anorexie"
    synthesis = body["synthesis"]
    assert (synthesis["entry_mode"]["mode"], synthesis["entry_mode"]["date"]) == ("107724000", "2018-10-29")
    assert synthesis["entry_mode"]["author"]["family_name"] == "DAVID"
    assert synthesis["exit_mode"] == {"date": "2018-12-03", "mode": "GEN-092.06.01"}
    assert synthesis["summary"]["text"] == "Infection respiratoire aigüe"
    flags = [synthesis[name] for name in ("mdro_searched", "transfusion", "blood_derivatives")]
    assert flags == [True, False, False]
    stopped, left = body["stopped_treatments"]["items"][0], body["discharge_treatments"]["items"][0]
    assert stopped["cip"]["code"] == "3400934874741"
    assert left == {
        "name": "LEPONEX 100 mg",
        "cis": {"code": "62552920", "label": "LEPONEX 100 mg, comprimé sécable"},
        "atc": {"code": "N05AH02", "label": "Clozapine"},
        "start": "2019-12-03",
        "end": "2020-02-02",
        "frequency": {"value": 1, "unit": "d"},
        "dose": {"value": 1, "unit": "{tbl}"},
        "rate": {"value": 100, "unit": "mg/d"},
        "max_dose": {"value": 300, "unit": "mg", "per": {"value": 1, "unit": "d"}},
    }
    assert body["pending_results"].endswith("Echographie attendue")
    plan = body["follow_up"]
    assert (plan["acts"][0]["act"]["code"], plan["acts"][0]["priority"]) == ("ECQH010", "UR")
    assert plan["requests"] == [{"what": "Suivi par le psychiatre à prévoir", "date": "2021-01-01"}]
    assert plan["encounters"] == [{"type": "AMB", "who": "Médecin traitant", "date": "2019-12-05", "priority": "CS"}]
    assert body["devices"]["items"][0]["category"]["code"] == "J010104"


def told(name: str) -> dict[str, str]:
    root = xml.parse(run.build_case(VOLETS["LDL-SES"], CASES["LDL-SES"][name]))
    sections = list(root.iter(f"{_HL7}section"))
    return {
        str(section.findtext(f"{_HL7}title")): " ".join(str(one) for one in section.find(f"{_HL7}text").itertext())
        for section in sections
    }


def test_a_midwife_reads_the_treatments_in_words() -> None:
    treatments = told("maximal")["Traitements à la sortie"]
    assert "Médicament : Paracétamol 1 g, comprimé ; Début : 20/11/2026 ; Fin : 27/11/2026" in treatments
    assert "4 fois par jour (toutes les 6 heures) ; Administration : Voie orale ; Dose : 0,5 à 1 comprimé" in treatments
    assert "Dose maximale : 3 g / jour" in treatments
    assert "N02BE01" not in treatments


def test_nothing_is_said_as_such() -> None:
    words = told("nothing to report")
    assert "Aucun traitement médicamenteux à la sortie" in words["Traitements à la sortie"]
    assert "Aucun dispositif médical" in words["Dispositifs médicaux"]
    assert "Aucune allergie ni hypersensibilité connue" in words["Allergies identifiées pendant le séjour"]


def test_the_priorities_are_official_but_the_one_that_ans_writes_itself() -> None:
    listed = Listed("JDV_HL7_ActPriority")
    assert [priority.code for priority in PRIORITIES if listed.find(priority.code) != priority] == ["CS"]
