"""What is said of somebody else, denied or cancelled is never read as a fact of the patient; it is counted."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest

from coordination.cda import builder, case
from coordination.cda.volets import VOLETS
from coordination.cda.volets.read import body_of, read_body
from perinat.standards import oids, xml
from tests.conformance.cases import CASES

OF_THE_CHILD = (
    '<subject typeCode="SBJ"><relatedSubject classCode="PRS">'
    f'<code code="CHILD" codeSystem="{oids.HL7_ROLE_CODE}"/></relatedSubject></subject>'
)
ALLERGY = {"type": "609328004", "agent": "Latex"}
TREATMENT = {"name": "FER 80 mg"}


def document(volet: str = "LDL-SES", **body: Any) -> str:
    given = deepcopy(CASES[volet]["minimal"])
    given["body"].update(body)
    at = datetime.fromisoformat(given["document"]["created_at"])
    content = case.content(VOLETS[volet], given)
    return builder.build(content, unique_id=given["document"]["unique_id"], now=at).decode()


def read(document: str) -> tuple[dict[str, Any], dict[str, int]]:
    found = read_body(xml.parse(document.encode()))
    assert found is not None
    return found[1], found[2]


def changed(document: str, around: str, pattern: str, by: str) -> str:
    """The element of the entry that holds `around`: the last match of `pattern` before it, replaced."""
    at = document.index(around, document.index("<structuredBody"))
    found = list(re.finditer(pattern, document[:at]))[-1]
    return document[: found.start()] + found.expand(by) + document[found.end() :]


@pytest.mark.parametrize("sign", ["true", "1", " true "])
@pytest.mark.parametrize(
    ("section", "item", "around", "opening"),
    [
        ("discharge_treatments", TREATMENT, ">FER 80 mg</name>", r"<substanceAdministration\b"),
        ("allergies", ALLERGY, 'code="609328004"', r"<observation\b"),
        ("allergies", ALLERGY, 'code="609328004"', r"<act\b"),
    ],
)
def test_what_is_denied_is_not_read(section: str, item: Any, around: str, opening: str, sign: str) -> None:
    written = document(**{section: {"items": [item]}})
    assert read(written)[0][section] == {"items": [item]} and read(written)[1] == {}
    body, left = read(changed(written, around, opening, rf'\g<0> negationInd="{sign}"'))
    assert section not in body and left == {section: 1}


@pytest.mark.parametrize("status", ["aborted", "cancelled", "nullified"])
def test_what_did_not_take_place_is_not_read(status: str) -> None:
    written = document(discharge_treatments={"items": [TREATMENT, {"name": "Autre"}]})
    body, left = read(
        changed(written, ">FER 80 mg</name>", '<statusCode code="completed"/>', f'<statusCode code="{status}"/>')
    )
    assert body["discharge_treatments"] == {"items": [{"name": "Autre"}]} and left == {"discharge_treatments": 1}


def test_what_is_said_of_another_person_is_not_read() -> None:
    written = document(discharge_treatments={"items": [TREATMENT]}, allergies={"items": [ALLERGY]})
    body, left = read(changed(written, ">FER 80 mg</name>", r"<consumable\b", rf"{OF_THE_CHILD}\g<0>"))
    assert "discharge_treatments" not in body and left == {"discharge_treatments": 1}
    body, left = read(changed(written, 'typeCode="CSM"', r"<participant\b", rf"{OF_THE_CHILD}\g<0>"))
    assert "allergies" not in body and left == {"allergies": 1}


def test_a_section_about_another_person_is_not_read() -> None:
    written = document(allergies={"items": [ALLERGY]})
    start = written.index("</text>", written.index('code="48765-2"')) + len("</text>")
    body, left = read(written[:start] + OF_THE_CHILD + written[start:])
    assert "allergies" not in body and left == {"allergies": 1}


def test_a_sign_of_the_tree_is_heard_in_both_spellings() -> None:
    written = document("OBP-SEM", vaccinations={"hepatitis_b": {"done": True, "date": "2026-11-20"}})
    assert read(written)[0]["vaccinations"]["hepatitis_b"]["done"] is True
    opening = r'(<substanceAdministration[^>]*) negationInd="false"'
    body, _ = read(changed(written, 'code="INITIMMUNIZ"', opening, r'\1 negationInd="1"'))
    assert body["vaccinations"]["hepatitis_b"]["done"] is False


def test_a_plain_answer_is_read_whatever_its_sign() -> None:
    """As in the official examples CSE-CS8 and OBP-SAP, whose answers bear a negationInd of no meaning."""
    written = document("CSE-CS8")
    assert read(changed(written, 'code="55281-0"', r"<observation\b", r'\g<0> negationInd="true"')) == read(written)


def test_a_denied_disease_of_the_family_is_no_disease() -> None:
    disease = {"code": "Q21.0", "label": "Communication interventriculaire"}
    written = document("OBP-SAP", family_history={"maternal": [disease]})
    assert read(written)[0]["family_history"] == {"maternal": [disease]}
    body, left = read(changed(written, 'code="Q21.0"', r"<observation\b", r'\g<0> negationInd="true"'))
    assert "family_history" not in body and left == {"family_history": 1}


def test_the_body_alone_is_read_the_same() -> None:
    root = xml.parse(document(allergies={"items": [ALLERGY]}).encode())
    whole = read_body(root)
    assert whole is not None and body_of(root) == whole[:2]
    assert read_body(xml.parse(f'<ClinicalDocument xmlns="{oids.NS_HL7}"/>'.encode())) is None
