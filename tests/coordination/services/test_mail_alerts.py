"""Critical results of a structured document are seen when it arrives; a document without them raises nothing."""

from __future__ import annotations

import pytest

from coordination.services import mail_reading
from perinat.standards.received import ReceivedFile

RESULT = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2.250.1.999.9.1"/><component><structuredBody><component><section>
<entry><observation classCode="OBS" moodCode="EVN"><code code="2823-3" codeSystem="2.16.840.1.113883.6.1"
displayName="Potassium"/><interpretationCode code="{code}" codeSystem="2.16.840.1.113883.5.83"/></observation></entry>
</section></component></structuredBody></component></ClinicalDocument>"""


def alerts(code: str) -> list[dict[str, str]]:
    file = ReceivedFile("DOC.XML", "text/xml", RESULT.format(code=code).encode())
    return list(mail_reading.read(file).alerts)


@pytest.mark.parametrize("code", ["AA", "HH", "LL"])
def test_a_critical_result_is_told_with_what_was_measured(code: str) -> None:
    assert alerts(code) == [{"code": code, "what": "Potassium"}]


@pytest.mark.parametrize("code", ["N", "H", "L", "A", ""])
def test_another_result_is_not(code: str) -> None:
    assert alerts(code) == []
