"""The product told on one page: from the stay typed by a secretary to the synthesis in the doctor's mailbox.

Pages through the site, work in a real worker with its clock, both sandboxes on real sockets; nothing is mocked.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from coordination import blobs
from coordination.demo.judge import Verdict, judge
from coordination.lifecycles import DepositStatus, HandoverStatus
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Delegation, Deposit, Document, Handover, Mailbox, Organisation, Shipment, Stay, User
from coordination.papers.specimen_texts import Kind
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.coordination import world
from tests.coordination.services.helpers import child, professional
from tests.factories.papers import paper
from tests.journeys import arena as made
from tests.journeys.arena import Arena, until

pytestmark = pytest.mark.django_db(transaction=True)

PRACTICE, CABINET = "1997800057", "perinat@cabinet.mssante.example"
DOCTOR = "yves.essai@medecins.mssante.example"
MATERNAL = "Fatigue maternelle dite en confidence"
VISIT = dict.fromkeys(("general", "bleeding", "perineum", "breasts", "mood"), "normal") | {"note": MATERNAL}
CHILD = {"weight": "3280", "jaundice": "normal", "feeding": "breast", "cord": "normal", "stools": "normal"}


@pytest.fixture
def town(arena: Arena, ward: world.Ward) -> world.Ward:
    """A general practitioner, and a practice that deposits in the DMP and writes from its own mailbox."""
    SandboxAuthority(arena.folder / "pki").ensure([PRACTICE])
    Organisation.objects.filter(pk=ward.practice.pk).update(
        deposits_in_dmp=True, mailbox=CABINET, ipp_oid="1.2.250.1.9"
    )
    gp = professional(ward.practice, mailbox=False)
    Mailbox.objects.create(address=DOCTOR, professional=gp)
    for box in (
        {"address": CABINET, "kind": "APP", "owner": "Cabinet d'essai", "legal_struct": PRACTICE},
        {"address": DOCTOR, "kind": "PER", "owner": "Lucie BRUYÈRE", "behaviour": "silent"},
    ):
        made.call("PUT", f"{arena.mssante.admin_url}/mailboxes", box)
    site = {"struct_idnat": PRACTICE, "legal": PRACTICE, "name": "Cabinet d'essai"}
    made.call("PUT", f"{arena.dmp.admin_url}/structures", site)
    arena.env["MSSANTE_MAILBOXES"] += f",{CABINET}={PRACTICE}"
    arena.env["LOG_LEVEL"] = "DEBUG"
    return ward


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def given_a_stay_recorded_with_its_care_team(ward: world.Ward) -> Stay:
    gp = Mailbox.objects.get(address=DOCTOR).professional
    today = timezone.localdate()
    Delegation.objects.create(
        professional=ward.doctor, organisation=ward.maternity, starts_on=today, ends_on=today,
        recorded_by=ward.doctor_user,
    )  # fmt: skip
    mother = replace(world.mother(ipp="IPP-SECRET"), phone="0611223344", address_line="3 rue des Essences")
    return world.stay(ward, general_practitioner=gp, mother=mother)


def when_the_secretary_drops_the_letter(secretary: Client, stay: Stay) -> None:
    file = SimpleUploadedFile("lettre.pdf", paper(Kind.LLS, stay.mother), "application/pdf")
    assert secretary.post("/sorties/deposer/", {"papiers": [file]}).status_code == 302


def then_it_is_read_without_typing(stay: Stay) -> Deposit:
    until("the reading of the paper", lambda: Deposit.objects.filter(status=DepositStatus.READY).exists())
    deposit = Deposit.objects.get()
    assert (deposit.person, deposit.stay) == (stay.mother, stay)
    return deposit


def when_she_sends_it(secretary: Client, deposit: Deposit) -> Document:
    secretary.post("/sorties/envoyer/", {"papiers": [str(deposit.pk)]})
    return Document.objects.get()


def then_the_dmp_and_the_mailboxes_hold_it(arena: Arena, letter: Document) -> None:
    unique_id = letter.current_version.unique_id
    until("the deposit in the DMP", lambda: arena.in_dmp().get(unique_id) == 1)
    until("the two mails", lambda: sum(found == unique_id for _, found in arena.in_mail()) == 2)
    until("the delivery receipts", lambda: not Shipment.objects.filter(channel="mssante", status=S.ACCEPTED).exists())
    assert set(Shipment.objects.values_list("channel", "status")) == {("dmp", S.ACCEPTED), ("mssante", S.DELIVERED)}


def when_the_midwife_opens_it(midwife: Client, stay: Stay, letter: Document) -> None:
    visits = midwife.get("/mes-visites/").content.decode()
    assert f"/documents/{letter.pk}/" in visits and "Louise A." in visits
    assert midwife.get(f"/documents/{letter.pk}/").status_code == 200
    opened = midwife.get(f"/documents/{letter.pk}/fichier")
    assert b"".join(opened).startswith(b"%PDF-") if opened.streaming else opened.content.startswith(b"%PDF-")


def then_the_secretary_reads_that_it_was_read(secretary: Client, stay: Stay) -> None:
    page = f"/sejours/{stay.pk}/"
    until("« lue » on the secretary's page", lambda: "ue par Claire AUB" in secretary.get(page).content.decode())


def when_she_writes_her_visit(midwife: Client, stay: Stay) -> None:
    now = f"{timezone.localtime():%Y-%m-%dT%H:%M}"
    for person, answers in ((stay.mother, VISIT), (child(stay), CHILD)):
        page = f"/sejours/{stay.pk}/visite/{person.pk}/"  # type: ignore[attr-defined]
        answer = midwife.post(page, {"acte": "valider", "done_at": now, **answers})
        assert answer.status_code == 302, answer.content.decode()


def then_the_mother_is_seen_and_the_syntheses_delivered(arena: Arena, stay: Stay) -> None:
    assert Handover.objects.get(stay=stay).status == HandoverStatus.SEEN
    syntheses = Document.objects.filter(encounter__stay=stay)
    assert syntheses.count() == 2
    sent = {one.current_version.unique_id for one in syntheses}
    until("the syntheses in the doctor's mailbox", lambda: sent <= {unique_id for _, unique_id in arena.in_mail()})
    moving = Shipment.objects.filter(status__in=[S.QUEUED, S.SENDING])
    silent = Shipment.objects.filter(channel="mssante", status=S.ACCEPTED)
    until("the end of all sendings", lambda: not (moving.exists() or silent.exists()))


def then_nothing_of_the_mother_is_in_the_childs_papers(arena: Arena, stay: Stay) -> None:
    papers = Document.objects.filter(person=child(stay))
    assert papers.count() == 1
    for version in papers.get().versions.all():
        assert MATERNAL.encode() not in blobs.read(version.cda) + blobs.read(version.readable)  # type: ignore[arg-type]
        assert MATERNAL not in str(version.frozen) + str(papers.get().encounter.form)


def then_an_outside_reader_finds_nothing_lost(arena: Arena) -> Verdict:
    verdict = judge(made.database_url(), dmp=arena.folder / "dmp", mssante=arena.folder / "mssante")
    assert verdict.problems == [] and verdict.documents == 3
    return verdict


def then_no_log_names_anybody(arena: Arena, caplog: pytest.LogCaptureFixture) -> None:
    """At the most talkative level: neither who is cared for, nor her number, nor where she lives.

    The sandboxes run in this process, with libraries that only they use: those are not the product.
    """
    theirs = ("dmp_gateway.sandbox", "mssante.sandbox", "mail.", "pymap", "signxml")
    ours = [record for record in caplog.records if not record.name.startswith(theirs)]
    lines = (arena.folder / "processes.log").read_text(errors="replace") + "\n".join(r.getMessage() for r in ours)
    assert "shipment.accepted" in lines and "receipt" in lines.lower(), "the logs do say what happens"
    assert named_in(lines) == []


SECRETS = {
    "family name": "ACACIA", "given name": "LOUISE", "child": "JULES", "matricule": world.ins().matricule[:13],
    "address": "rue des Essences", "phone": "0611223344", "content": MATERNAL, "IPP": "IPP-SECRET",
}  # fmt: skip


def named_in(lines: str) -> list[tuple[str, str]]:
    """What of the mother stands in the logs, with the line."""
    return [(w, line) for line in lines.splitlines() for w, secret in SECRETS.items() if secret.lower() in line.lower()]


def test_a_log_that_names_somebody_is_seen() -> None:
    assert named_in("INFO shipment.accepted id=1\nERROR no IPP for Acacia") == [
        ("family name", "ERROR no IPP for Acacia")
    ]


def test_from_the_discharge_to_the_reading(arena: Arena, town: world.Ward, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    arena.start("-m", "celery", "-A", "perinat", "worker", "-P", "solo", "--without-gossip", "-l", "debug")
    arena.start_clock()
    secretary, midwife = signed_in(town.secretary), signed_in(town.midwife_user)

    stay = given_a_stay_recorded_with_its_care_team(town)
    when_the_secretary_drops_the_letter(secretary, stay)
    deposit = then_it_is_read_without_typing(stay)
    letter = when_she_sends_it(secretary, deposit)
    then_the_dmp_and_the_mailboxes_hold_it(arena, letter)
    when_the_midwife_opens_it(midwife, stay, letter)
    then_the_secretary_reads_that_it_was_read(secretary, stay)
    when_she_writes_her_visit(midwife, stay)
    then_the_mother_is_seen_and_the_syntheses_delivered(arena, stay)
    then_nothing_of_the_mother_is_in_the_childs_papers(arena, stay)
    then_an_outside_reader_finds_nothing_lost(arena)
    then_no_log_names_anybody(arena, caplog)
