"""A code that cannot be read hides nothing else; a name never depends on its code; what is not read is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordination.cda.volets.read import read_body
from perinat.standards import oids, xml
from tests.coordination.cda.spec.test_others_and_denied import ALLERGY, TREATMENT, changed, document, read

EXAMPLES = Path(__file__).resolve().parents[4].parent / "shared" / "ans" / "examples"
UNKNOWN = 'code="X1" displayName="Latex naturel" codeSystem="1.2.3.4"'
CODED = ALLERGY | {"agent_code": {"code": "111088007", "label": "latex", "system": "SNOMED CT"}}


@pytest.mark.parametrize("name", ["cis", "atc"])
def test_an_unknown_code_does_not_hide_the_treatment(name: str) -> None:
    code = {"code": "61077869", "label": "FER"}
    written = document(discharge_treatments={"items": [TREATMENT | {name: code}]})
    assert read(written)[0]["discharge_treatments"]["items"] == [TREATMENT | {name: code}]
    unknown = changed(written, "</structuredBody>", r'code="61077869" displayName="FER" codeSystem="[^"]*"', UNKNOWN)
    assert read(unknown) == (read(written)[0] | {"discharge_treatments": {"items": [TREATMENT]}}, {})


def test_a_name_that_is_not_written_is_that_of_its_code() -> None:
    written = document(allergies={"items": [CODED]})
    name = "<name>Latex</name>"
    nameless = written.replace(name, '<name nullFlavor="NA"/>')
    assert read(nameless)[0]["allergies"]["items"] == [CODED | {"agent": "latex"}]
    known = f'code="111088007" displayName="latex" codeSystem="{oids.SNOMED_CT}"'
    foreign = nameless.replace(known, UNKNOWN)
    assert foreign != nameless
    assert read(foreign)[0]["allergies"]["items"] == [ALLERGY | {"agent": "Latex naturel"}]
    told = '<code nullFlavor="OTH"><originalText><reference value="#said"/></originalText></code>'
    start = nameless.index("<code", nameless.index("<playingEntity"))
    end = nameless.index("</code>", start) + len("</code>")
    words = nameless[:start] + told + nameless[end:]
    place = words.index("<table", words.index('code="48765-2"'))
    words = words[:place] + '<paragraph ID="said">Latex des gants</paragraph>' + words[place:]
    assert read(words)[0]["allergies"]["items"] == [ALLERGY | {"agent": "Latex des gants"}]


def test_a_required_code_still_tells_what_the_entry_is() -> None:
    written = document(allergies={"items": [ALLERGY, ALLERGY | {"agent": "Arachide"}]})
    body, left = read(changed(written, "Arachide</name>", 'code="609328004"', 'code="999"'))
    assert body["allergies"] == {"items": [ALLERGY]} and left == {"allergies": 1}


def test_what_nothing_took_is_counted_even_in_a_section_that_says_nothing() -> None:
    written = document(allergies={"items": [ALLERGY]})
    body, left = read(changed(written, "Latex</name>", 'code="609328004"', 'code="999"'))
    assert "allergies" not in body and left == {"allergies": 1}


def test_a_reaction_that_cannot_be_read_is_counted() -> None:
    reaction = {"reaction": {"code": "L50.0", "label": "Urticaire allergique"}}
    written = document(allergies={"items": [ALLERGY | {"reactions": [reaction]}]})
    assert read(written)[1] == {}
    body, left = read(written.replace('code="L50.0"', 'code="L50 0"'))
    assert body["allergies"] == {"items": [ALLERGY]} and left == {"allergies": 1}


def test_a_section_that_stands_twice_is_not_whole() -> None:
    written = document(allergies={"items": [ALLERGY]})
    start = written.rindex("<component>", 0, written.index('code="48765-2"'))
    end = written.index("</component>", start) + len("</component>")
    body, left = read(written[:end] + written[start:end] + written[end:])
    assert body["allergies"] == {"items": [ALLERGY]} and left == {"allergies": 1}


def test_the_section_of_a_section_is_named_with_it() -> None:
    written = document("CSE-CS8")
    body, left = read(changed(written, "</structuredBody>", r'(<procedure[^>]*) moodCode="EVN"', r'\1 moodCode="INT"'))
    assert left == {"newborn.acts": 1} and "hearing" not in body["newborn"]["acts"]


def test_the_official_allergy_is_read() -> None:
    path = EXAMPLES / "OBP-SAP_2024.01.xml"
    if not path.is_file():
        pytest.skip("the official examples are absent")
    found = read_body(xml.parse(path.read_bytes()))
    assert found is not None
    _, body, left = found
    [allergy] = body["allergies"]["items"]
    assert allergy["agent"] == "paracétamol" and allergy["type"] == "609328004"
    assert allergy["reactions"][0]["reaction"]["label"] == "urticaire"
    assert left == {}


@pytest.mark.parametrize(
    "volet", ["LDL-SES", "OBP-SAP", "OBP-SNM", "OBP-SNE", "OBP-SCM", "OBP-SEM", "CSE-CS8", "CSE-MDE"]
)
def test_of_the_official_examples_all_that_says_something_is_read(volet: str) -> None:
    path = next(EXAMPLES.glob(f"{volet}_*.xml"), None)
    if path is None:
        pytest.skip("the official examples are absent")
    found = read_body(xml.parse(path.read_bytes()))
    assert found is not None
    expected = {"screening.other": 1} if volet == "OBP-SEM" else {}  # a problem without a value: words alone
    assert found[2] == expected
