"""Documents pushed by the hospital's software become papers of the right stay, and nothing leaves by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from coordination.lifecycles import DepositStatus
from coordination.models import Deposit, Document, IntakeMessage, Person, Shipment, WorkItem
from coordination.services import deposits
from perinat.connectors.hl7v2.er7 import Message, parse
from perinat.connectors.hl7v2.reception import Reception
from perinat.standards.identifiers import Ins
from tests.connectors.hl7v2.messages import MOTHER, SENDER, codes, paper
from tests.coordination import world

pytestmark = pytest.mark.django_db
Push = Callable[[bytes], Message]
OK = ("AA", "", "")
LETTER = "11490-0"
SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "samples" / "hl7v2"


def pdf() -> bytes:
    return world.pdf_a()


def test_a_paper_is_filed_for_the_right_stay_and_person_and_waits_for_the_ward(ward: world.Ward, push: Push) -> None:
    stay = world.stay(ward)
    assert codes(push(paper(pdf(), "D1", type_code=LETTER, masks="Y"))) == OK
    kept = Deposit.objects.get()
    assert (kept.stay, kept.person, kept.type_code, kept.masks) == (stay, stay.mother, LETTER, ["INVISIBLE_PATIENT"])
    assert deposits.read(kept.pk) == DepositStatus.READY
    kept.refresh_from_db()
    assert kept.person == stay.mother and not Document.objects.exists() and not Shipment.objects.exists()
    (filed,) = deposits.send([kept], by=ward.secretary)
    assert filed.masks == ["INVISIBLE_PATIENT"] and filed.person == stay.mother


def test_a_paper_of_the_child_is_the_childs(ward: world.Ward, push: Push) -> None:
    child = world.stay(ward).newborns.get().person
    baby = ("E1", "ACACIA", "JULES", "JULES", child.birth_date.strftime("%Y%m%d"), "M")
    assert codes(push(paper(pdf(), "D1", person=baby, stay="NE1"))) == OK
    assert Deposit.objects.get().person == child


def test_oru_and_mdm_say_the_same(ward: world.Ward, push: Push) -> None:
    world.stay(ward)
    assert codes(push(paper(pdf(), "D1", kind="ORU^R01^ORU_R01"))) == OK


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"order": "RO"}, ("AE", "103", "")),
        ({"status": "C"}, ("AE", "103", "")),
        ({"kind": "MDM^T10^MDM_T02"}, ("AE", "103", "")),
        ({"kind": "MDM^T01^MDM_T02"}, ("AE", "201", "")),
        ({"status": "Z"}, ("AE", "103", "")),
        ({"masks": "?"}, ("AE", "103", "")),
        ({"data": b"hello"}, ("AE", "207", "906")),
        ({"data": b""}, ("AE", "102", "")),
        ({"stay": "S404"}, ("AR", "207", "902")),
        ({"person": ("M404", *MOTHER[1:])}, ("AE", "207", "902")),
        ({"person": ("M1", "TILLEUL", *MOTHER[2:])}, ("AE", "207", "904")),
        ({"person": (*MOTHER[:4], "19930413", "F")}, ("AE", "207", "904")),
        ({"person": ("E1", "ACACIA", "JULES", "JULES", "20260101", "M")}, ("AE", "207", "904")),
    ],
)
def test_each_refusal_files_nothing_and_is_told(
    ward: world.Ward, push: Push, changes: dict[str, object], expected: tuple[str, ...]
) -> None:
    world.stay(ward)
    assert codes(push(paper(**{"data": pdf(), "control": "D1", **changes}))) == expected  # type: ignore[arg-type]
    assert not Deposit.objects.exists()
    assert WorkItem.objects.filter(kind="INTAKE_REFUSED").count() == 1


def test_a_paper_is_replaced_then_deleted_while_it_waits(ward: world.Ward, push: Push) -> None:
    world.stay(ward)
    push(paper(pdf(), "D1", unique_id="2.25.1"))
    again = {"kind": "MDM^T10^MDM_T02", "order": "RO", "status": "C", "unique_id": "2.25.2", "replaces": "2.25.1"}
    newer = pdf() + b"\n"
    assert codes(push(paper(newer, "D2", **again))) == OK  # type: ignore[arg-type]
    assert [one.status for one in Deposit.objects.order_by("deposited_at")] == ["DISCARDED", "RECEIVED"]
    late = {**again, "unique_id": "2.25.3"}
    assert codes(push(paper(newer, "D3", **late))) == ("AE", "207", "900")  # type: ignore[arg-type]
    delete = {"kind": "MDM^T04^MDM_T02", "order": "CA", "status": "D", "unique_id": "2.25.2"}
    assert codes(push(paper(newer, "D4", **delete))) == OK  # type: ignore[arg-type]
    assert set(Deposit.objects.values_list("status", flat=True)) == {"DISCARDED"}


def test_the_same_document_under_another_message_is_not_filed_twice(ward: world.Ward, push: Push) -> None:
    world.stay(ward)
    assert codes(push(paper(pdf(), "D1"))) == OK
    assert codes(push(paper(pdf(), "D2"))) == ("AE", "207", "906")
    assert Deposit.objects.count() == 1


def test_what_is_filed_is_replaced_by_a_person_and_never_withdrawn_by_a_machine(ward: world.Ward, push: Push) -> None:
    world.stay(ward)
    push(paper(pdf(), "D1", unique_id="2.25.1"))
    kept = Deposit.objects.get()
    deposits.read(kept.pk)
    kept.refresh_from_db()
    (document,) = deposits.send([kept], by=ward.secretary)
    delete = {"kind": "MDM^T04^MDM_T02", "order": "CA", "status": "D", "unique_id": "2.25.1"}
    assert codes(push(paper(pdf(), "D2", **delete))) == ("AE", "207", "906")  # type: ignore[arg-type]
    Document.objects.update(status="VALIDATED")
    again = {"kind": "MDM^T10^MDM_T02", "order": "RO", "status": "C", "unique_id": "2.25.2", "replaces": "2.25.1"}
    assert codes(push(paper(pdf() + b"\n", "D3", **again))) == OK  # type: ignore[arg-type]
    assert Deposit.objects.get(replaces__document=document).status == "RECEIVED"
    assert document.versions.count() == 1


def test_another_software_replaces_nothing(ward: world.Ward, reception: Reception) -> None:
    world.stay(ward)
    senders = {SENDER: "secretaire", "RIS@ESSAI": "secretaire"}
    two = replace(reception, config=replace(reception.config, senders=senders))
    two.answer(paper(pdf(), "D1", unique_id="2.25.1"))
    again = {"kind": "MDM^T10^MDM_T02", "order": "RO", "status": "C", "unique_id": "2.25.2", "replaces": "2.25.1"}
    data = paper(pdf() + b"\n", "D2", **again).replace(b"|DPI|", b"|RIS|", 1)  # type: ignore[arg-type]
    assert b"901^" in two.answer(data)


def test_a_recipient_whom_the_mother_did_not_choose_is_told_to_the_ward(ward: world.Ward, push: Push) -> None:
    world.stay(ward)
    assert codes(push(paper(pdf(), "D1", recipient=f"8{ward.midwife.rpps}"))) == OK
    assert not WorkItem.objects.filter(kind="INTAKE_REFUSED").exists()
    assert codes(push(paper(pdf() + b"\n", "D2", unique_id="2.25.2", recipient="801234567897"))) == OK
    assert "HODA Adam" in WorkItem.objects.get(kind="INTAKE_REFUSED").message


# --- The official examples: in the order of the letter, the new version, the deletion --------------
GUIDES = {
    # a text that is no CDA, then the document itself, its replacement, its deletion
    "MDM": ("CR_Radio", "2.1^CISIS", ["207 906", "AA", "AA", "AA"]),
    "LPS": ("LPS", "1.1^CISIS", ["207 906", "AA", "AA", "AA"]),
    # the second names a document that no example sends; the CDA of the third is that of another patient
    "ORU": ("ORU", "2.1^CISIS", ["AA", "207 906", "207 904"]),
}
STEPS = ("_INIT_", "_RPLC_", "_DEL_")


def samples(name: str, profile: str) -> list[Path]:
    found = [*SAMPLES.rglob(f"message*{name}*.er7"), *SAMPLES.rglob(f"message*{name}*.hl7")]
    kept = [one for one in found if profile.encode() in one.read_bytes()[:300]]
    return sorted(kept, key=lambda one: ([step in one.name for step in STEPS].index(True), one.name))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="les exemples officiels HL7 v2 ne sont pas à côté du dépôt")
@pytest.mark.parametrize("guide", GUIDES)
def test_the_official_examples_are_filed_or_refused_for_a_reason(
    ward: world.Ward, reception: Reception, guide: str
) -> None:
    name, profile, expected = GUIDES[guide]
    mother = replace(
        world.mother(), birth_family_name="PAT-TROIS", birth_given_names="DOMINIQUE", birth_date=date(1979, 3, 28),
        ins=Ins("279035121518989", "1.2.250.1.213.1.4.10"),
    )  # fmt: skip
    world.stay(ward, number="000897406", mother=mother)
    answers = []
    for number, path in enumerate(samples(name, profile)):
        data = re.sub(rb"\|015\|P\|", b"|M%d|P|" % number, path.read_bytes(), count=1)
        fields = data.split(b"|", 6)
        senders = {f"{fields[2].decode()}@{fields[3].decode()}": "secretaire"}
        one = replace(reception, config=replace(reception.config, senders=senders))
        code, condition, application = codes(parse(one.answer(data)))
        answers.append(code if code == "AA" else f"{condition} {application}")
    assert answers == expected
    assert set(Deposit.objects.values_list("person", flat=True)) == {Person.objects.get(sex="F").pk}
    assert IntakeMessage.objects.count() == len(expected)
    asking = IntakeMessage.objects.filter(wants_report=True).values_list("wants_reading", "token")
    assert list(asking) == ([(True, '["SIL-Y", "labo", "PFI-X", "Organisation-X", "P"]')] if guide == "ORU" else [])
