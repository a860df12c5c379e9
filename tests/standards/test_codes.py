"""The coded values of perinat against the national value sets (../shared/ans/pack/jeuxDeValeurs)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from lxml import etree

from perinat.standards import codes, oids
from perinat.standards.codes import Code

VALUE_SETS = Path(__file__).parents[3] / "shared" / "ans" / "pack" / "jeuxDeValeurs"
CONCEPT = "{urn:ihe:iti:svs:2008}Concept"


def official(name: str) -> dict[tuple[str, str], str]:
    path = VALUE_SETS / name
    if not path.exists():
        pytest.skip(f"jeu de valeurs absent : {name} (../shared/ans/pack n'est pas fourni)")
    root = etree.parse(str(path)).getroot()
    return {
        (found.get("code", ""), found.get("codeSystem", "")): found.get("displayName", "")
        for found in root.iter(CONCEPT)
    }


@pytest.mark.parametrize(
    ("value_set", "ours"),
    [
        ("JDV_J07_XdsTypeCode_CISIS.xml", [kind.type for kind in codes.DOCUMENT_TYPES.values()]),
        ("JDV_J01_XdsAuthorSpecialty_CISIS.xml", codes.SPECIALTIES.values()),
        ("JDV_J02_XdsHealthcareFacilityTypeCode_CISIS.xml", codes.FACILITIES.values()),
        ("JDV_J04_XdsPracticeSettingCode_CISIS.xml", codes.PRACTICES.values()),
        ("JDV_J08_XdsConfidentialityCode_CISIS.xml", [codes.NORMAL, *codes.MASKS.values()]),
    ],
    ids=["J07", "J01", "J02", "J04", "J08"],
)
def test_codes_and_labels_are_official(value_set: str, ours: Iterable[Code]) -> None:
    published = official(value_set)
    wrong = {code.code: published.get((code.code, code.system)) for code in ours}
    assert wrong == {code.code: code.label for code in ours}


def test_every_document_type_has_a_class_of_tre_a03() -> None:
    for kind in codes.DOCUMENT_TYPES.values():
        assert kind.document_class.system == oids.TRE_A03_CLASSE_DOCUMENT
        assert kind.type.system in {oids.LOINC, oids.TRE_A05_TYPE_DOCUMENT_COMPL}
