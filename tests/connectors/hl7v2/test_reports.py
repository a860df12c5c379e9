"""What became of a pushed paper is told back to the hospital's software: over a real socket, once for each fact."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from coordination.models import Deposit, DocumentVersion, IntakeMessage, IntakeReport, Shipment, WorkItem
from coordination.ports import PermanentChannelError, ReceiptKind, TemporaryChannelError
from coordination.selectors import administration_home
from coordination.services import deposits, documents, intake_reports, outbox, receipts
from perinat.connectors.hl7v2.er7 import Message
from perinat.connectors.hl7v2.sandbox.server import DpiSandbox
from perinat.standards.patient_box import address_of
from tests.connectors.hl7v2.messages import SENDER, paper, segment
from tests.coordination import world
from tests.coordination.services.helpers import deliver, receipt
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
Push = Callable[[bytes], Message]
ADAPTER = "perinat.connectors.hl7v2.reports.Hl7Reports"


@pytest.fixture
def dpi(settings: object) -> Iterator[DpiSandbox]:
    with DpiSandbox() as running:
        settings.INTAKE_REPORTS = ADAPTER  # type: ignore[attr-defined]
        settings.HL7V2_REPORTS_TO = {SENDER: f"127.0.0.1:{running.port}"}  # type: ignore[attr-defined]
        settings.HL7V2_TIMEOUT = 20.0  # type: ignore[attr-defined]
        yield running


def sent(ward: world.Ward, push: Push, *, asks: str = "YY", **changes: object) -> dict[str, Shipment]:
    """A paper pushed, filed and validated: its shipments, by channel. `asks`: ACK_RECEPTION, ACK_LECTURE_MSS."""
    world.stay(ward)
    flags = {"ACK_RECEPTION": asks[0], "ACK_LECTURE_MSS": asks[1]}
    push(paper(world.pdf_a(), "MSG-1", flags=flags, **changes))  # type: ignore[arg-type]
    kept = Deposit.objects.get()
    deposits.read(kept.pk)
    kept.refresh_from_db()
    (document,) = deposits.send([kept], by=ward.secretary)
    documents.validate(document, by=ward.doctor_user)
    return {one.channel: one for one in Shipment.objects.all()}


def tell() -> int:
    """One round of the sweeper, with what waits due now."""
    intake_reports.waiting().update(due_at=timezone.now() - timedelta(seconds=1))
    return sum(intake_reports.send(one) for one in intake_reports.due_ids())


def come_back(kind: ReceiptKind, about: Shipment, code: str = "") -> None:
    receipts.store(receipt(kind, about, code=code))


def test_the_answer_of_the_dmp_and_the_mailbox_of_the_midwife_are_told(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox
) -> None:
    ways = sent(ward, push)
    deliver(ways["dmp"])
    deliver(ways["mssante"])
    come_back(ReceiptKind.DELIVERED, ways["mssante"])
    come_back(ReceiptKind.DISPLAYED, ways["mssante"])
    while tell():
        pass
    told = [(one.event, one.about, one.ok, one.address) for one in dpi.taken.values()]
    address = "claire@essai.mssante.example"
    assert told == [
        ("Z01", "MSG-1", True, ""), ("Z02", "MSG-1", True, address), ("Z03", "MSG-1", True, address),
    ]  # fmt: skip
    assert not dpi.refusals and not intake_reports.waiting().exists()
    assert not tell() and len(dpi.taken) == 3


def test_an_mdn_alone_proves_the_arrival_and_a_dsn_after_it_says_nothing_new(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox
) -> None:
    mail = sent(ward, push)["mssante"]
    deliver(mail)
    come_back(ReceiptKind.INTEGRATED, mail)
    come_back(ReceiptKind.DELIVERED, mail)
    assert sorted(IntakeReport.objects.values_list("kind", "ok")) == [("MAIL", True), ("READ", True)]


@pytest.mark.parametrize(
    ("kind", "code", "event", "expected"),
    [
        (ReceiptKind.BOUNCED, "5.1.1", "Z02", "550"),
        (ReceiptKind.BOUNCED, "5.2.2", "Z02", "552"),
        (ReceiptKind.BOUNCED, "550 5.1.1", "Z02", "550"),
        (ReceiptKind.BOUNCED, "535 5.7.8", "Z02", "530"),
        (ReceiptKind.BOUNCED, "", "Z02", "554"),
        (ReceiptKind.NOT_INTEGRATED, "902", "Z03", "902"),
        (ReceiptKind.NOT_INTEGRATED, "???", "Z03", "906"),
    ],
)
def test_what_did_not_arrive_says_why(  # noqa: PLR0913
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox, kind: ReceiptKind, code: str,
    event: str, expected: str,
) -> None:  # fmt: skip
    mail = sent(ward, push)["mssante"]
    deliver(mail)
    come_back(kind, mail, code)
    assert tell() == 1
    (one,) = dpi.taken.values()
    assert (one.event, one.ok, one.code) == (event, False, expected) and not dpi.refusals


def test_the_dmp_refuses_then_accepts_two_facts_in_their_order(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox
) -> None:
    to_dmp = sent(ward, push)["dmp"]
    fakes["dmp"].failures.append(PermanentChannelError("DMPClosed", "Le DMP est fermé.", raw=b"answer"))
    deliver(to_dmp)
    outbox.retry(Shipment.objects.get(pk=to_dmp.pk), by=ward.secretary)
    deliver(to_dmp)
    assert tell() == 1, "the second waits for the first"
    assert tell() == 1
    assert [(one.event, one.ok, one.code) for one in dpi.taken.values()] == [
        ("Z01", False, "DMPClosed"), ("Z01", True, ""),
    ]  # fmt: skip


def test_nothing_is_told_that_was_not_asked_or_did_not_happen(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox
) -> None:
    ways = sent(ward, push, asks="NN")
    fakes["dmp"].failures.append(TemporaryChannelError("503", "Indisponible."))
    deliver(ways["dmp"])
    deliver(ways["mssante"])
    come_back(ReceiptKind.DELIVERED, ways["mssante"])
    assert not IntakeReport.objects.exists() and not tell()


def test_without_a_sender_nothing_is_kept(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], settings: object
) -> None:
    settings.INTAKE_REPORTS = ""  # type: ignore[attr-defined]
    deliver(sent(ward, push)["dmp"])
    assert not IntakeReport.objects.exists() and intake_reports.due_ids() == []


@pytest.mark.parametrize("fault", ["later", "cut", "garbled", "other_id"])
def test_a_software_in_trouble_is_told_again_and_counts_it_once(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox, fault: str
) -> None:
    dpi.faults[fault] = 2
    deliver(sent(ward, push)["dmp"])
    assert not tell() and not tell()
    row = intake_reports.waiting().get()
    assert row.silent_since and row.due_at > timezone.now() and row.last_code.startswith("hl7v2:")
    assert tell() == 1 and len(dpi.taken) == 1 and sum(dpi.received.values()) == 3
    assert not WorkItem.objects.filter(kind="INTAKE_REFUSED").exists()


def test_a_dead_software_keeps_everything_waiting_and_a_living_one_takes_it_all(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox, settings: object
) -> None:
    ways = sent(ward, push)
    deliver(ways["dmp"])
    deliver(ways["mssante"])
    come_back(ReceiptKind.DELIVERED, ways["mssante"])
    where = dict(settings.HL7V2_REPORTS_TO)  # type: ignore[attr-defined]
    settings.HL7V2_REPORTS_TO = {SENDER: "127.0.0.1:9"}  # type: ignore[attr-defined]
    assert not tell() and intake_reports.waiting().count() == 2
    assert intake_reports.due_ids() == [], "what is for a silent software waits with the first"
    settings.HL7V2_REPORTS_TO = where  # type: ignore[attr-defined]
    while tell():
        pass
    assert [one.event for one in dpi.taken.values()] == ["Z01", "Z02"]


def test_the_administrator_reads_that_a_software_is_silent_for_an_hour(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox, settings: object
) -> None:
    settings.HL7V2_REPORTS_TO = {SENDER: "127.0.0.1:9"}  # type: ignore[attr-defined]
    deliver(sent(ward, push)["dmp"])
    assert not tell()
    title = "Le logiciel de l’hôpital ne prend plus ses accusés"
    for hours, said in ((0, False), (2, True)):
        alerts = administration_home.home(timezone.now() + timedelta(hours=hours)).alerts
        assert (title in [one.title for one in alerts]) is said


def test_a_silent_software_is_left_at_its_time(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox, settings: object
) -> None:
    settings.HL7V2_TIMEOUT = 0.3  # type: ignore[attr-defined]
    dpi.faults["silent"] = 1
    deliver(sent(ward, push)["dmp"])
    assert not tell() and intake_reports.waiting().get().last_code == "hl7v2:cut"


def test_a_refusal_settles_it_and_is_told_to_the_ward(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox
) -> None:
    dpi.faults["refuse"] = 1
    deliver(sent(ward, push)["dmp"])
    assert not tell() and not intake_reports.waiting().exists()
    row = IntakeReport.objects.get()
    assert row.refused_at and not row.sent_at
    line = WorkItem.objects.get(kind="INTAKE_REFUSED")
    assert "refuse l'accusé du DMP" in line.message and "AE 207 906" in line.message
    assert "ACACIA" not in line.message


def to_her_box(ward: world.Ward, push: Push) -> Shipment:
    """A paper that arrived in Mon espace santé, and was then read: two facts to tell."""
    flags = {"MASQUE_PS": "N", "INVISIBLE_PATIENT": "N", "DESTMSSANTEPAT": "Y"}
    sent(ward, push, masks="N", more=tuple(
        segment("OBX", {1: str(rank), 2: "CWE", 3: f"{name}^^MetaDMPMSS", 5: f"{value}^^expandedYes-NoIndicator"})
        for rank, (name, value) in enumerate(flags.items(), start=40)
    ))  # fmt: skip
    mail = Shipment.objects.get(to_patient=True)
    deliver(mail)
    come_back(ReceiptKind.DELIVERED, mail)
    come_back(ReceiptKind.DISPLAYED, mail)
    return mail


@pytest.mark.parametrize("now", ["corrected", "no longer qualified"])
def test_her_box_is_named_as_the_mail_went_there_whatever_her_ins_became(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox, now: str
) -> None:
    person = to_her_box(ward, push).person
    if now == "corrected":
        person.ins_matricule = world.ins(2).matricule
    else:
        person.ins_status = "PROV"
    person.save()
    while tell():
        pass
    hers = address_of(world.ins(1))
    assert [(one.event, one.address) for one in dpi.taken.values()] == [("Z02", hers), ("Z03", hers)]


def test_a_report_that_can_name_nobody_ends_and_leaves_its_place_to_the_next(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox
) -> None:
    mail = to_her_box(ward, push)
    deliver(Shipment.objects.get(channel="dmp"))
    version = mail.versions.get()
    spoiled = {**(version.frozen or {}), "sealed": {"patient": ["000", world.ins(1).oid], "guardian": None}}
    DocumentVersion.objects.filter(pk=version.pk).update(frozen=spoiled)
    for _ in range(3):
        tell()
    assert [one.event for one in dpi.taken.values()] == ["Z01"] and not intake_reports.waiting().exists()
    lines = WorkItem.objects.filter(kind="INTAKE_REFUSED").values_list("message", flat=True)
    assert len(lines) == 2 and all("perinat ne peut pas rendre l'accusé" in one for one in lines)
    assert not any(world.ins(1).matricule in one for one in lines)


def test_nothing_is_kept_for_who_cannot_be_named(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox
) -> None:
    ways = sent(ward, push)
    IntakeMessage.objects.update(token="")
    deliver(ways["dmp"])
    assert not IntakeReport.objects.exists()


def test_a_worker_killed_while_it_tells_leaves_a_row_that_is_due_again(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(sent(ward, push)["dmp"])
    (one,) = intake_reports.due_ids()
    with monkeypatch.context() as dying:
        dying.setattr(intake_reports, "_value", _dies)
        with pytest.raises(KeyboardInterrupt):
            intake_reports.send(one)
    assert intake_reports.due_ids() == [] and not intake_reports.send(one), "another worker leaves it its time"
    assert tell() == 1 and len(dpi.taken) == 1


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


def test_in_tls_each_side_shows_its_certificate(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], settings: object, tmp_path: Path
) -> None:
    call_command("sandbox_pki", dir=str(tmp_path))
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    theirs.load_verify_locations(tmp_path / "ca.pem")
    theirs.verify_mode = ssl.CERT_REQUIRED
    ours = next(tmp_path.glob("structures/*/auth.pem"))
    settings.HL7V2_CERTIFICATE, settings.HL7V2_KEY = str(ours), str(ours.with_suffix(".key"))  # type: ignore[attr-defined]
    settings.HL7V2_CLIENT_CA = str(tmp_path / "ca.pem")  # type: ignore[attr-defined]
    settings.INTAKE_REPORTS = ADAPTER  # type: ignore[attr-defined]
    with DpiSandbox(tls=theirs) as dpi, DpiSandbox() as in_clear:
        settings.HL7V2_REPORTS_TO = {SENDER: f"localhost:{in_clear.port}"}  # type: ignore[attr-defined]
        deliver(sent(ward, push)["dmp"])
        assert not tell() and intake_reports.waiting().get().last_code == "hl7v2:tls"
        settings.HL7V2_REPORTS_TO = {SENDER: f"localhost:{dpi.port}"}  # type: ignore[attr-defined]
        assert tell() == 1 and len(dpi.taken) == 1


def test_off_this_machine_nothing_leaves_in_clear(
    ward: world.Ward, push: Push, fakes: dict[str, FakeChannel], dpi: DpiSandbox, settings: object
) -> None:
    settings.HL7V2_REPORTS_TO = {SENDER: "dpi.hopital.example:2576"}  # type: ignore[attr-defined]
    deliver(sent(ward, push)["dmp"])
    assert not tell() and intake_reports.waiting().get().last_code == "hl7v2:no_tls"
    settings.HL7V2_REPORTS_TO = {}  # type: ignore[attr-defined]
    assert not tell() and intake_reports.waiting().get().last_code == "hl7v2:no_endpoint"
