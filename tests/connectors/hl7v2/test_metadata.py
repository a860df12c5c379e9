"""Metadata OBX: applied to the paper and to its ways; the matrix of MSSanté; what real messages write otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from coordination.models import Deposit, Document, IntakeMessage, PatientLetter, Shipment, Stay, WorkItem
from coordination.papers.patient_letters import LONGEST_ADDITION
from coordination.selectors import parcels
from coordination.selectors.patient_letters import NOTHING_FOR_A_CHILD
from coordination.services import deposits, documents, routing
from coordination.services.patient_wishes import WITHOUT
from mssante import body
from perinat.connectors.hl7v2 import metadata, papers
from perinat.connectors.hl7v2.conf import Hl7Config
from perinat.connectors.hl7v2.er7 import Message, parse
from perinat.connectors.hl7v2.reception import Reception
from perinat.standards.pushed import Act
from tests.connectors.hl7v2.messages import INS, MOTHER, SENDER, admission, codes, paper, segment
from tests.coordination import world
from tests.coordination.services.helpers import follow, professional
from tests.coordination.services.patient_messages import qualified_child
from tests.fakes import FakeChannel

Push = Callable[[bytes], Message]
LETTER = "11490-0"
BOTH = {"MASQUE_PS": "N", "INVISIBLE_REP_LEGAUX": "N", "CONNEXION_SECRETE": "N", "DESTDMP": "Y",
        "DESTMSSANTEPS": "Y", "DESTMSSANTEPAT": "Y"}  # fmt: skip


def filed(ward: world.Ward, push: Push, **changes: object) -> Document:
    if not Stay.objects.exists():
        world.stay(ward)
    assert codes(push(paper(world.pdf_a(), "D1", type_code=LETTER, **changes)))[0] == "AA"  # type: ignore[arg-type]
    kept = Deposit.objects.get()
    deposits.read(kept.pk)
    kept.refresh_from_db()
    (document,) = deposits.send([kept], by=ward.secretary)
    documents.validate(document, by=ward.doctor_user)
    return document


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("flags", "ways"),
    [
        ({}, {"dmp", "mssante"}),
        ({"DESTDMP": "Y", "DESTMSSANTEPS": "Y"}, {"dmp", "mssante"}),
        ({"DESTDMP": "N"}, {"mssante"}),
        ({"DESTMSSANTEPS": "N"}, {"dmp"}),
        ({"DESTDMP": "N", "DESTMSSANTEPS": "N", "DESTMSSANTEPAT": "Y"}, set()),
        ({"MASQUE_PS": "Y"}, {"dmp"}),
    ],
)
def test_a_way_that_the_sender_closes_is_closed_for_who_joins_later_too(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], flags: dict[str, str], ways: set[str]
) -> None:
    document = filed(ward, push, flags=flags)
    assert set(Shipment.objects.filter(to_patient=False).values_list("channel", flat=True)) == ways
    assert {channel.value for channel in routing.channels_of(document)} == ways
    carer = professional(ward.practice)
    follow(ward, document.stay, carer)
    assert Shipment.objects.filter(recipient=carer).exists() is ("mssante" in ways)


@pytest.mark.django_db
def test_the_words_of_the_sender_stand_in_the_mail_and_nowhere_else(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel]
) -> None:
    words = {"CORPSMAIL_PS": "Chère consœur,\nVoici la lettre.", "CORPSMAIL_PATIENT": "Bonjour madame."}
    document = filed(ward, push, flags=BOTH, words=words)
    assert document.wishes == {"dmp": True, "professionals": True, "patient": True}
    for shipment in Shipment.objects.filter(to_patient=False):
        text = body.text(parcels.parcel(shipment, parcels.load(shipment)))
        assert ("Chère consœur,\nVoici la lettre." in text) is (shipment.channel == "mssante")
        assert "Bonjour madame." not in text


@pytest.mark.django_db
def test_what_is_for_her_box_leaves_with_its_words_once_it_is_validated(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel]
) -> None:
    words = {"CORPSMAIL_PS": "Chère consœur.", "CORPSMAIL_PATIENT": "Votre lettre est prête."}
    document = filed(ward, push, flags=BOTH, words=words, more=("NTE|1|||FIN|",))
    letter = PatientLetter.objects.get()
    assert (letter.person, letter.closes, letter.template) == (document.person, True, "documents")
    assert letter.shipment.to_patient and letter.shipment.versions.get().document == document
    text = body.text(parcels.parcel(letter.shipment, parcels.load(letter.shipment)))
    assert "Votre lettre est prête." in text and "consœur" not in text
    assert letter.shipment not in Shipment.objects.filter(recipient__isnull=False)


@pytest.mark.django_db
@pytest.mark.parametrize(("length", "kept"), [(metadata.MOST_TO_PATIENT, True), (metadata.MOST_TO_PATIENT + 1, False)])
def test_words_too_long_for_her_are_told_and_her_paper_leaves_without_them(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], length: int, kept: bool
) -> None:
    assert metadata.MOST_TO_PATIENT == LONGEST_ADDITION
    words = {"CORPSMAIL_PATIENT": "à" * length}
    document = filed(ward, push, flags=BOTH, words=words)
    shipment = PatientLetter.objects.get().shipment
    assert ("à" * length in body.text(parcels.parcel(shipment, parcels.load(shipment)))) is kept
    told = [one.message for one in WorkItem.objects.filter(kind="INTAKE_REFUSED")]
    assert told == ([] if kept else [WITHOUT.format(title=document.title, why="Il dépasse 400 caractères.")])


@pytest.mark.parametrize(("length", "warned"), [(400, False), (401, True)])
def test_the_sender_is_warned_of_words_too_long_and_never_refused_for_them(length: int, warned: bool) -> None:
    data = paper(b"%PDF", "D1", flags=BOTH, words={"CORPSMAIL_PATIENT": "à" * length})
    for strict in (False, True):
        config = Hl7Config(senders={SENDER: "secretaire"}, strict_rules=strict)
        answer = parse(Reception(config, lambda _: None).answer(data))
        error = answer.first("ERR")
        assert answer.need("MSA").get(1) == "AA" and (error is not None) is warned
        assert error is None or (error.get(4), error.get(8)) == ("W", metadata.TOO_LONG)


@pytest.mark.django_db
def test_words_for_a_child_are_told_and_the_paper_leaves_without_them(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel]
) -> None:
    child = qualified_child(world.stay(ward))
    baby = ("E1", "ACACIA", "JULES", "JULES", child.birth_date.strftime("%Y%m%d"), "M")
    words = {"CORPSMAIL_PATIENT": "Bonjour."}
    document = filed(ward, push, flags=BOTH, words=words, person=baby, stay="NE1")
    shipment = PatientLetter.objects.get(person=child).shipment
    assert "Bonjour." not in body.text(parcels.parcel(shipment, parcels.load(shipment)))
    line = WorkItem.objects.get(kind="INTAKE_REFUSED", key__endswith=f"{document.pk}:patient")
    assert line.message == WITHOUT.format(title=document.title, why=NOTHING_FOR_A_CHILD)
    assert "Bonjour" not in line.message


@pytest.mark.django_db
@pytest.mark.parametrize("why", ["hidden", "no box", "not asked"])
def test_what_closes_her_box_is_told_and_nothing_leaves(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], why: str
) -> None:
    flags = {**BOTH, "DESTMSSANTEPAT": "N"} if why == "not asked" else BOTH
    if why == "no box":
        ward.maternity.mailbox = ""  # the ward has no box to write from
        ward.maternity.save()
    filed(ward, push, flags=flags, masks="Y" if why == "hidden" else "N")
    assert not PatientLetter.objects.exists()
    told = WorkItem.objects.filter(kind="INTAKE_REFUSED", message__contains="Mon espace santé")
    assert told.exists() is (why == "no box")


@pytest.mark.django_db
def test_what_is_to_be_told_back_is_kept_with_the_message(ward: world.Ward, push: Push) -> None:
    world.stay(ward)
    push(paper(world.pdf_a(), "D1", flags={"ACK_RECEPTION": "Y", "ACK_LECTURE": "Y"}))
    kept = IntakeMessage.objects.get()
    assert (kept.control_id, kept.wants_report, kept.wants_reading) == ("D1", True, True)
    assert kept.token == '["DPI", "ESSAI", "perinat", "perinat", "P"]'


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("flags", "masks", "outside"),
    [
        (BOTH, "N", False),
        ({**BOTH, "DESTMSSANTEPAT": "N"}, "Y", False),
        ({**BOTH, "DESTDMP": "N", "DESTMSSANTEPS": "N", "MASQUE_PS": "Y"}, "N", False),
        ({"DESTDMP": "Y", "DESTMSSANTEPS": "N", "DESTMSSANTEPAT": "N"}, "N", False),
        (BOTH, "Y", True),
        ({**BOTH, "DESTMSSANTEPAT": "N"}, "N", True),
        ({**BOTH, "DESTMSSANTEPS": "N"}, "N", True),
        ({**BOTH, "INVISIBLE_REP_LEGAUX": "Y"}, "N", True),
    ],
)
def test_the_matrix_warns_and_refuses_when_strict(
    ward: world.Ward, reception: Reception, flags: dict[str, str], masks: str, outside: bool
) -> None:
    world.stay(ward)
    data = paper(world.pdf_a(), "D1", flags=flags, masks=masks)
    strict = Reception(replace(reception.config, strict_rules=True), reception.intake)
    answer = parse(strict.answer(data))
    assert codes(answer)[:2] == (("AE", "103") if outside else ("AA", ""))
    warned = parse(reception.answer(paper(world.pdf_a() + b"\n", "D2", unique_id="2.25.9", flags=flags, masks=masks)))
    error = warned.first("ERR")
    assert warned.need("MSA").get(1) == "AA" and (error is not None) is outside
    assert error is None or (error.get(3), error.get(4)) == ("0", "W")


def test_what_is_hidden_from_her_is_never_sent_to_her() -> None:
    read = papers.read(parse(paper(b"%PDF", "D1", flags=BOTH, masks="Y", more=("NTE|1|||FIN|",))))
    assert read.wishes.patient is False and read.wishes.closes


SAID = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REP_LEGAUX", "CONNEXION_SECRETE", "DESTDMP", "DESTMSSANTEPS",
        "DESTMSSANTEPAT")  # fmt: skip


@pytest.mark.parametrize("values", ["YN", "NY"])
@pytest.mark.parametrize("name", SAID)
def test_a_second_value_never_undoes_a_mask_nor_opens_a_way(name: str, values: str) -> None:
    first = paper(b"%PDF", "D1", flags={one: "N" for one in SAID} | {name: values[0]}, masks="N")
    again = segment("OBX", {1: "30", 2: "CWE", 3: f"{name}^^MetaDMPMSS", 5: f"{values[1]}^^expandedYes-NoIndicator"})
    message = parse(first + f"{again}\r".encode())
    read, closes = papers.read(message), name.startswith("DEST")
    assert len(read.masks) == (0 if closes else 1)
    assert (read.wishes.dmp, read.wishes.professionals, read.wishes.patient) == (False, False, False)
    assert metadata.TWICE.format(names=name) in papers.warnings(message)
    assert metadata.TWICE.format(names=name) not in papers.warnings(parse(first))


TOLERATED = {
    "LF": lambda data: data.replace(b"\r", b"\n"),
    "CR LF": lambda data: data.replace(b"\r", b"\r\n"),
    "PRT-4.2 empty": lambda data: data.replace(b"|RCT|", b"|RCT^^participation|"),
    "PRT-5.13 RPPS": lambda data: data.replace(b"^HODA^Adam", b"^HODA^Adam^^^^^^X&1.2.250.1.71.4.2.1&ISO^D^^^RPPS"),
    "PRT-16": lambda data: data.replace(b"|^^X.400^", b"||^^X.400^"),
    "PRT-15.2 NET": lambda data: data.replace(b"^^X.400^", b"^NET^X.400^"),
    "a space in INVISIBLE_ REP_LEGAUX": lambda data: data.replace(b"INVISIBLE_REP_LEGAUX", b"INVISIBLE_ REP_LEGAUX"),
    "a space in MSH-21": lambda data: data.replace(b"2.1^CISIS", b"2.1^ CISIS"),
    "TXA-12.2": lambda data: data.replace(b"|2.25.111|", b"|2.25.111^Organisation|"),
    "MSH-9 twice": lambda data: data.replace(b"MDM^T02^MDM_T02", b"MDM^T02^MDM^T02^MDM_T02"),
    "20 digits": lambda data: data.replace(b"adam@x.mssante.example", b"27707279035121518989@patient.mssante.fr"),
    "OBX one field short": lambda data: data.replace(b"||||||F\r", b"|||||F\r"),
    "unknown segments": lambda data: data + b"ZBE|1\rZFU|1\r",
}


@pytest.mark.parametrize("name", TOLERATED)
def test_what_official_messages_write_otherwise_says_the_same(name: str) -> None:
    good = paper(b"%PDF", "D1", recipient="801234567897", flags={"INVISIBLE_REP_LEGAUX": "Y", "DESTDMP": "N"})
    spoiled = TOLERATED[name](good)
    assert spoiled != good
    one, two = papers.read(parse(good)), papers.read(parse(spoiled))
    address = "27707279035121518989@patient.mssante.fr" if name == "20 digits" else one.recipients[0][2]
    assert two == replace(one, recipients=((*one.recipients[0][:2], address),)) and one.act is Act.NEW


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "qualified"),
    [("VALI", True), ("PROV", False), ("VIDE", False), ("", False), ("VALI~HOMD", True), ("VALI~DOUT", False),
     ("VALI~FICT", False), ("VALI~USUR", False), ("DOUT", False)],
)  # fmt: skip
def test_the_state_of_an_identity(ward: world.Ward, push: Push, state: str, qualified: bool) -> None:
    assert codes(push(admission(ins=INS, state=state)))[0] == "AA"
    mother = IntakeMessage.objects.get().organisation.stays.get().mother
    assert (mother.ins is not None) is qualified


def test_a_text_whose_base64_is_broken_is_left_out() -> None:
    spoiled = segment("OBX", {1: "20", 2: "ED", 3: "CORPSMAIL_PS^^MetaDMPMSS", 5: "^text^^Base64^é*", 11: "F"})
    read = papers.read(parse(paper(b"%PDF", "D1", more=(spoiled,))))
    assert read.wishes.to_professionals == "" and read.act is Act.NEW
    assert MOTHER[0] == read.person.ipp if read.person else False
    assert metadata.MOST_WORDS > 0
