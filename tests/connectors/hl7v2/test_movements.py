"""PAM messages become stays, births and discharges, in any order, and never make one person of two."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from coordination import blobs
from coordination.models import IntakeMessage, Newborn, Person, Stay, WorkItem
from perinat.connectors.hl7v2.er7 import Message
from perinat.standards import oids
from tests.connectors.hl7v2 import messages
from tests.connectors.hl7v2.messages import INS, admission, birth, codes, message
from tests.coordination import world

pytestmark = pytest.mark.django_db
Push = Callable[[bytes], Message]
OK = ("AA", "", "")
ABSENT = '""'


def test_a_stay_from_its_admission_to_its_discharge(ward: world.Ward, push: Push) -> None:
    assert codes(push(admission(ins=INS, state="VALI"))) == OK
    assert codes(push(birth("B1"))) == OK
    stay = Stay.objects.get()
    assert (stay.number, stay.room, stay.maternity) == ("S1", "12", ward.maternity)
    assert stay.mother.ins == world.ins(1) and stay.mother.birth_given_names == "LOUISE MARIE"
    child = stay.newborns.get()
    assert (child.person.birth_given_names, child.weight_g, child.rank) == ("JULES", 3420, 1)
    assert stay.birth_at == child.born_at
    assert codes(push(message("A03", visit={45: "20260316110000"}))) == OK
    stay.refresh_from_db()
    assert stay.discharged_at is not None and stay.leaves_at == stay.discharged_at
    assert codes(push(message("A13", at="20260316120000"))) == OK
    stay.refresh_from_db()
    assert stay.discharged_at is None


def test_twins_each_have_their_rank(ward: world.Ward, push: Push) -> None:
    for data in (admission(), birth("B1"), birth("B2", ipp="E2", given="ZOE", rank="2")):
        assert codes(push(data)) == OK
    assert [(one.rank, one.person.birth_given_names) for one in Newborn.objects.all()] == [(1, "JULES"), (2, "ZOE")]
    assert codes(push(birth("B3", ipp="E3", given="LEO", rank="2")))[0] == "AE"
    assert Newborn.objects.count() == 2


def test_the_ward_keeps_what_it_typed(ward: world.Ward, push: Push) -> None:
    push(admission())
    Stay.objects.update(birth_mode="VAGINAL", needs=["INTERPRETE"], destination_city="Bregy")
    assert codes(push(message("A08", visit={3: "MATER^14^1"}))) == OK
    stay = Stay.objects.get()
    assert (stay.birth_mode, stay.needs, stay.destination_city, stay.room) == ("VAGINAL", ["INTERPRETE"], "Bregy", "14")


def test_an_update_before_its_admission_opens_the_stay_and_is_not_undone_by_it(ward: world.Ward, push: Push) -> None:
    assert codes(push(message("A08", visit={3: "MATER^14^1", 44: "20260313200000"}))) == OK
    assert codes(push(admission())) == OK  # older: room 12
    assert Stay.objects.get().room == "14"
    assert IntakeMessage.objects.get(kind="ADT^A01").outcome == "IGNORED"


def test_a_cancelled_admission_that_comes_first_holds_and_one_that_comes_after_is_for_a_person(
    ward: world.Ward, push: Push
) -> None:
    assert codes(push(message("A11", stay="S2"))) == OK
    assert codes(push(admission(stay="S2"))) == OK
    assert not Stay.objects.exists()
    push(admission("other"))
    assert codes(push(message("A11"))) == ("AE", "207", "906")
    assert Stay.objects.get().number == "S1"
    line = WorkItem.objects.get(kind="INTAKE_REFUSED")
    assert "ADT A11" in line.message and "séjour S1" in line.message and line.organisation == ward.maternity


def test_a_child_before_its_mother_is_asked_again_then_taken(ward: world.Ward, push: Push) -> None:
    assert codes(push(birth("B1"))) == ("AR", "207", "902")
    assert WorkItem.objects.filter(kind="INTAKE_REFUSED", status="OPEN").count() == 1
    push(admission())
    assert codes(push(birth("B1"))) == OK
    assert Newborn.objects.count() == 1
    assert not WorkItem.objects.filter(kind="INTAKE_REFUSED", status="OPEN").exists()


def test_the_same_message_twice_is_answered_the_same_and_done_once(ward: world.Ward, push: Push) -> None:
    assert codes(push(admission("X1"))) == OK == codes(push(admission("X1")))
    assert IntakeMessage.objects.count() == 1 and Stay.objects.count() == 1
    refused = admission("X2", person=("M9", "ACACIA", "", "", "19930412", "F"), stay="S9")
    assert codes(push(refused)) == ("AE", "101", "") == codes(push(refused))
    assert WorkItem.objects.filter(kind="INTAKE_REFUSED").count() == 1


def test_another_message_under_a_known_id_is_refused(ward: world.Ward, push: Push) -> None:
    push(admission("X1"))
    assert codes(push(admission("X1", stay="S2"))) == ("AE", "207", "906")
    assert Stay.objects.count() == 1 and IntakeMessage.objects.count() == 2


@pytest.mark.parametrize(
    ("number", "oid", "expected"),
    [
        (world.ins(1).matricule[:13] + "00", world.ins(1).oid, ("AE", "102", "")),
        (world.ins(1).matricule, "1.2.3.4", ("AE", "102", "")),
        (world.ins(1).matricule, oids.INS_NIR, ("AE", "207", "906")),
    ],
)
def test_an_ins_that_may_not_be_here(
    ward: world.Ward, push: Push, caplog: pytest.LogCaptureFixture, number: str, oid: str, expected: tuple[str, ...]
) -> None:
    """A false key, an unknown authority, a real person's number on a sandbox: nothing is recorded, nor logged."""
    caplog.set_level(logging.DEBUG)
    data = admission(ins=f"{number}^^^ASIP&{oid}&ISO^INS", state="VALI")
    assert codes(push(data)) == expected
    assert not Person.objects.exists()
    kept = IntakeMessage.objects.get()
    assert kept.outcome == "REFUSED" and kept.raw is not None and blobs.read(kept.raw) == data
    for secret in (number, "ACACIA", "M1", "S1|"):
        assert secret not in caplog.text
    assert number not in WorkItem.objects.get(kind="INTAKE_REFUSED").message


def test_an_identity_is_qualified_later(ward: world.Ward, push: Push) -> None:
    push(admission(ins=INS, state="PROV"))
    person = Person.objects.get()
    assert person.ins is None and person.ins_status == "RECUP"
    assert codes(push(message("A31", ins=INS, state="VALI", stay=""))) == OK
    person.refresh_from_db()
    assert person.ins == world.ins(1)
    unknown = ("M7", "TILLEUL", "ANNE", "ANNE", "19900101", "F")
    assert codes(push(message("A28", person=unknown, stay=""))) == OK
    assert Person.objects.count() == 1, "who has no stay is not kept"
    assert IntakeMessage.objects.get(kind="ADT^A28").raw is None


@pytest.mark.parametrize("event", ["A40", "A47"])
def test_a_new_number_is_written_and_two_known_records_are_left_to_a_person(
    ward: world.Ward, push: Push, event: str
) -> None:
    push(admission())
    renamed = ("M2", *messages.MOTHER[1:])
    mrg = ("MRG|M1^^^HOPITAL^PI",)
    assert codes(push(message(event, person=renamed, more=mrg, stay=""))) == OK
    assert Person.objects.get().local_identifiers.get().value == "M2"
    push(admission("other", person=("M3", "TILLEUL", "ANNE", "ANNE", "19900101", "F"), stay="S3"))
    both = message(event, "both", person=renamed, more=("MRG|M3^^^HOPITAL^PI",), stay="")
    assert codes(push(both)) == ("AE", "207", "904")
    assert Person.objects.count() == 2


def test_a_number_that_leads_to_somebody_else_is_refused(ward: world.Ward, push: Push) -> None:
    push(admission())
    other = ("M1", "TILLEUL", "ANNE", "ANNE", "19900101", "F")
    assert codes(push(message("A08", person=other)))[0] == "AE"
    assert Person.objects.get().birth_family_name == "ACACIA"


def test_what_is_none_of_the_ward_is_not_kept(ward: world.Ward, push: Push, settings: object) -> None:
    settings.INTAKE_UNITS = ["MATER"]  # type: ignore[attr-defined]
    elsewhere = admission(visit={3: "URO^1^1", 44: "20260313200000"})
    outpatient = message("A04", visit={2: "O", 44: "20260313200000"})
    for data in (elsewhere, outpatient):
        assert codes(push(data)) == OK
    assert not Stay.objects.exists()
    assert set(IntakeMessage.objects.values_list("outcome", "ipp", "raw")) == {("IGNORED", "", None)}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (message("A99"), ("AE", "201", "")),
        (message("A01", visit={19: ABSENT}), ("AE", "101", "")),
        (message("A01"), OK),
        (message("A08"), ("AE", "101", "")),
        (message("A03", visit={45: "20260316110000"}), ("AE", "101", "")),
        (admission().replace(b"|P|2.5", b"|X|2.5"), ("AE", "202", "")),
        (admission().replace(b"|P|2.5", b"|P|3.0"), ("AE", "203", "")),
        (admission().replace(b"ADT^A01", b"SIU^S12"), ("AE", "200", "")),
        (admission().replace(b"PID|", b"ZID|"), ("AE", "100", "")),
        (admission().replace(b"|DPI|", b"|PIRATE|"), ("AE", "207", "906")),
        (admission(person=("E5", "ACACIA", "LEO", "LEO", "20260312", "M")), ("AE", "101", "")),
        (admission(charset="8859/1", person=("M1", "ACACIA", "ZOÉ", "ZOÉ", "19930412", "F")), OK),
        (b"\xff\xfe\x00", ("AE", "100", "")),
    ],
)
def test_each_refusal_has_its_code_and_its_line(
    ward: world.Ward, push: Push, data: bytes, expected: tuple[str, ...]
) -> None:
    assert codes(push(data)) == expected
    refused = expected != OK
    assert WorkItem.objects.filter(kind="INTAKE_REFUSED").exists() is refused
    assert Person.objects.exists() is not refused


def test_what_nobody_foresaw_writes_nothing_and_stops_nothing(
    ward: world.Ward, push: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("coordination.services.exits.settle", broken)
        assert codes(push(admission("X1"))) == ("AE", "207", "906")
    assert not Person.objects.exists() and IntakeMessage.objects.get().raw is not None
    assert codes(push(admission("X2"))) == OK
