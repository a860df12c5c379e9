"""ZAM messages field by field: the tables of the guide, the values of its official examples (hl7V2-exemples, v2.1)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from perinat.connectors.hl7v2 import ack, smtp_codes, zam
from perinat.connectors.hl7v2.er7 import parse
from perinat.connectors.hl7v2.sandbox import rules
from perinat.standards.pushed import PushedReport, ReportKind

SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "samples" / "hl7v2"
NOW = datetime(2021, 6, 6, 7, 33, tzinfo=UTC)
# « SIL-Y » of « labo » wrote message 015 to « PFI-X » of « Organisation-X »
ASKED = parse(
    b"MSH|^~\\&|SIL-Y|labo|PFI-X|Organisation-X|202106060931||ORU^R01^ORU_R01|015|P|2.5|||||FRA|UNICODE UTF-8\r"
)
DOCTOR = {"recipient": "801234567897", "address": "adam.hoda@medecin.mssante.fr"}
HEADER = {
    3: "PFI-X", 4: "Organisation-X", 5: "SIL-Y", 6: "labo", 10: "017", 11: "P", 12: "2.6", 17: "FRA",
    18: "UNICODE UTF-8", 21: "2.1^CISIS_CDA_HL7_V2",
}  # fmt: skip
CONDITION = "207^Application error^messageErrorCondition"
# kind, ok, more → event, fields of OBX|1, of OBX|2, of ERR. Where example and table differ, the table rules:
# HL70136 and DMPERRORCODE are in one example, expandedYes-NoIndicator and DMP_ERROR_CODE in the tables and the others.
EXAMPLES = {
    "réception DMP": (
        (ReportKind.DMP, False, {"code": "DMPClosed", "label": "DMP fermé"}),
        ("Z01", "ACK_RECEPTION_DMP^Accusé de réception DMP^AckMetierZAM", "N",
         None, "DMPClosed^DMP fermé^DMP_ERROR_CODE"),
    ),
    "réception MSS": (
        (ReportKind.MAIL, True, DOCTOR),
        ("Z02", "ACK_RECEPTION_MSS^Accusé de réception MSSanté^AckMetierZAM", "Y",
         "DESTINATAIRE_MSS^Destinataire MSSanté^AckMetierZAM", None),
    ),
    "lecture MSS": (
        (ReportKind.READ, True, DOCTOR),
        ("Z03", "ACK_LECTURE_MSS^Accusé de lecture^AckMetierZAM", "Y",
         "LECTEUR_MSS^Lecteur du courriel MSSanté^AckMetierZAM", None),
    ),
}  # fmt: skip


def report(kind: ReportKind, ok: bool, more: dict[str, str]) -> PushedReport:
    return PushedReport("017", zam.token(ASKED.header), "015", kind, ok, NOW, **more)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_official_example_field_by_field(name: str) -> None:
    told, (event, status, answer, who, reason) = EXAMPLES[name]
    message = parse(zam.build(report(*told), now=NOW))
    header, observations = message.header, [one for one in message.segments if one.name == "OBX"]
    assert {number: header.raw(number) for number in HEADER} == HEADER
    assert header.raw(9) == f"ZAM^{event}^ZAM_Z01" and header.raw(7).startswith("202106060933")
    names = ["MSH", "EVN", "OBX", *(["OBX"] if who else []), *(["ERR"] if reason else [])]
    assert [one.name for one in message.segments] == names
    first = observations[0]
    assert [first.raw(number) for number in (1, 2, 3, 4, 5, 11)] == [
        "1", "CWE", status, "015", f"{answer}^^expandedYes-NoIndicator", "F",
    ]  # fmt: skip
    if who:
        second = observations[1]
        assert [second.raw(number) for number in (1, 2, 3, 4, 5, 11)] == [
            "2", "XTN", who, DOCTOR["recipient"], f"^^X.400^{DOCTOR['address']}", "F",
        ]  # fmt: skip
    if reason:
        assert [message.need("ERR").raw(number) for number in (3, 4, 5)] == [CONDITION, "E", reason]


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        (ReportKind.MAIL, {"code": "5.2.3", **DOCTOR}, "523"),
        (ReportKind.MAIL, {"code": "rien de lisible", **DOCTOR}, "554"),
        (ReportKind.READ, {"code": "904", **DOCTOR}, "904"),
        (ReportKind.DMP, {"code": "perinat:conformity", "label": "Non conforme | aux ^ règles"}, "perinat:conformity"),
    ],
)
def test_what_failed_is_a_message_that_the_other_side_takes(
    kind: ReportKind, more: dict[str, str], expected: str
) -> None:
    judged = rules.judged(zam.build(report(kind, False, more), now=NOW))
    assert (judged.code, judged.about, judged.ok) == (expected, "015", False)


@pytest.mark.parametrize("field", range(1, 22))
def test_the_other_side_refuses_a_header_that_is_not_the_one_of_the_guide(field: int) -> None:
    """The simulator can fail: each required field of MSH, spoiled."""
    lines = zam.build(report(ReportKind.DMP, True, {}), now=NOW).decode().split("\r")
    fields = lines[0].split("|")
    wanted = field in (3, 4, 5, 6, 7, 9, 10, 11, 12, 17, 18, 21)
    if field > 2:
        fields[field - 1] = "" if wanted else fields[field - 1]
    data = "\r".join(["|".join(fields), *lines[1:]]).encode()
    if wanted:
        with pytest.raises(rules.RefusedError):
            rules.judged(data)
    else:
        assert rules.judged(data).ok


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("|CWE|", "|CE|"), ("^AckMetierZAM|015", "|015"), ("|015|", "||"), ("N^^expanded", "P^^expanded"),
        ("N^^expanded", "Y^^expanded"), ("||||||F\rERR", "||||||P\rERR"), ("DMP_ERROR_CODE", "AUTRE"), ("|E|", "|Z|"),
        ("\rEVN|", "\rEVT|"), ("\r", "\n"),
    ],
)  # fmt: skip
def test_the_other_side_refuses_what_breaks_the_guide(old: str, new: str) -> None:
    good = zam.build(report(ReportKind.DMP, False, {"code": "DMPClosed", "label": "DMP fermé"}), now=NOW).decode()
    assert rules.judged(good.encode()).code == "DMPClosed" and old in good
    with pytest.raises(rules.RefusedError):
        rules.judged(good.replace(old, new).encode())


def test_every_smtp_code_that_we_say_is_in_the_table() -> None:
    said = {code for pair in smtp_codes.ENHANCED.values() for code in pair} | set(smtp_codes.CLASSES.values())
    assert said <= set(smtp_codes.LABELS) == rules.SMTP
    pairs = {
        "550": "550", "550 5.1.1": "550", "5.1.1": "550", "4.2.2": "422", "552 5.2.2": "552", "421": "421",
        "599 5.3.4": "523", "499": "451", "5.9.9": "554", "smtp; 452 4.3.1": "452", "": "554", "LEASE": "554",
    }  # fmt: skip
    assert {code: smtp_codes.basic(code) for code in pairs} == pairs


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="les exemples officiels HL7 v2 ne sont pas à côté du dépôt")
def test_our_ack_is_that_of_the_official_examples() -> None:
    """The five ack.er7, against our answer to the message that stands beside them."""
    compared = 0
    for path in SAMPLES.rglob("ack.er7"):
        message = next(path.parent.glob("message*N1.er7")).read_bytes()
        expected, ours = parse(path.read_bytes()), parse(ack.build(parse(message).header, None))
        for number in (3, 4, 5, 6, 9, 11, 12, 17, 18):
            if (number, path.parent.name) == (3, "Suppression MDM") and expected.header.get(3) == "PFI-X":
                continue  # the message is for PFI-Y: a slip of this example
            assert ours.header.raw(number) == expected.header.raw(number), (path.parent.name, number)
        assert [ours.need("MSA").raw(one) for one in (1, 2)] == [expected.need("MSA").raw(one) for one in (1, 2)]
        compared += 1
    assert compared == 5
