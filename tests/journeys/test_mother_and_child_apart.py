"""No free text about the mother reaches a paper of her child: written in every form, looked for in everything sent.

The same look finds these texts in the mother's own synthesis: the search is able to find.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from email import message_from_bytes, policy
from pathlib import Path

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from coordination import blobs
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import (
    CareRole,
    Deposit,
    Document,
    Encounter,
    Event,
    Handover,
    Organisation,
    Professional,
    Role,
    Shipment,
    Stay,
    User,
)
from coordination.services import handovers, stays
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.standards import codes, oids
from perinat.standards.identifiers import Ins, ins_key
from tests.coordination import world
from tests.coordination.services.helpers import child, professional, validated
from tests.coordination.services.replacing import compiled, replaced
from tests.journeys import arena as made
from tests.journeys.arena import Arena, until

pytestmark = pytest.mark.django_db(transaction=True)
CHILD = Ins("1260399350001" + ins_key("1260399350001"), oids.INS_NIR_TEST)
PRACTICE, CABINET = "1997800057", "perinat@cabinet.mssante.example"
SENTINEL = re.compile(rb"SENTINELLE[A-Z]+")


def word(name: str) -> str:
    """A text that nothing else writes."""
    return f"SENTINELLE{name}"


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def town(arena: Arena, ward: world.Ward) -> world.Ward:
    """A practice that deposits and writes; the child known of the DMP."""
    SandboxAuthority(arena.folder / "pki").ensure([PRACTICE])
    Organisation.objects.filter(pk=ward.practice.pk).update(
        deposits_in_dmp=True, mailbox=CABINET, ipp_oid="1.2.250.1.9"
    )
    box = {"address": CABINET, "kind": "APP", "owner": "Cabinet d'essai", "legal_struct": PRACTICE}
    made.call("PUT", f"{arena.mssante.admin_url}/mailboxes", box)
    site = {"struct_idnat": PRACTICE, "legal": PRACTICE, "name": "Cabinet d'essai"}
    made.call("PUT", f"{arena.dmp.admin_url}/structures", site)
    arena.env["MSSANTE_MAILBOXES"] += f",{CABINET}={PRACTICE}"
    return ward


def given_texts_about_the_mother_in_every_form(ward: world.Ward, stay: Stay, letter: Document) -> None:
    """Replacement, withdrawal, relay placed again, request declined, visit not done, visit, interview."""
    secretary, doctor, midwife = signed(ward.secretary), signed(ward.doctor_user), signed(ward.midwife_user)
    relay, coordinator = Handover.objects.get(stay=stay), signed(ward.coordinator)
    file = SimpleUploadedFile("lettre.pdf", compiled("Lettre corrigée"), "application/pdf")
    proposal = {"papier": file, "motif": "OTHER", "precision": word("REMPLACEMENT")}
    assert secretary.post(f"/sejours/papier/{letter.pk}/remplacer/", proposal).status_code == 302
    other = validated(ward, stay, type_code=codes.CR_ACCOUCHEMENT.code)
    doctor.post(f"/sejours/papier/{other.pk}/retirer/", {"motif": word("RETRAIT")})
    coordinator.post(f"/orientation/{relay.pk}/replacer/", {"motif": "Autre motif", "precision": word("PLACER")})
    colleague = professional(ward.practice, 3)
    Professional.objects.filter(pk=colleague.pk).update(specialty_code="G15_50")
    other_user = world.user("collegue", Role.MIDWIFE, ward.practice, colleague)
    relay.refresh_from_db()
    offer = handovers.ask(relay, colleague, by=ward.coordinator)
    signed(other_user).post(f"/demandes/{offer.pk}/decliner/", {"motif": word("DECLIN")})
    stays.join_care_team(stay, ward.midwife, role=CareRole.MIDWIFE, informed_at=timezone.now(), by=ward.secretary)
    midwife.post(f"/sejours/{stay.pk}/visite-non-faite/", {"reason": "Personne à l’adresse", "detail": word("MANQUEE")})
    visit = dict.fromkeys(("general", "bleeding", "perineum", "breasts", "mood"), "normal")
    write(midwife, f"visite/{stay.mother_id}", stay, visit | {"plan": word("SUITE"), "note": word("REMARQUE")})
    interview = {"place": "home", "partner": "yes", "epds": "no", "second": "no", "referral": "no"}
    write(midwife, "epnp", stay, interview | {"epds_reason": word("EPDS"), "needs": word("BESOINS")})
    said = {row.reason for row in Event.objects.all()} | {str(row.form) for row in Encounter.objects.all()}
    said |= set(Deposit.objects.values_list("comment", flat=True))
    kept = {found.decode() for text in said for found in SENTINEL.findall(text.encode())}
    assert kept == {word(one) for one in WORDS}, "every form kept what was written in it"


WORDS = ("REMPLACEMENT", "RETRAIT", "PLACER", "DECLIN", "MANQUEE", "SUITE", "REMARQUE", "EPDS", "BESOINS")


def write(midwife: Client, page: str, stay: Stay, answers: dict[str, str]) -> None:
    now = f"{timezone.localtime():%Y-%m-%dT%H:%M}"
    answer = midwife.post(f"/sejours/{stay.pk}/{page}/", {"acte": "valider", "done_at": now, **answers})
    assert answer.status_code == 302, answer.content.decode()


def when_the_papers_of_the_child_leave(ward: world.Ward, stay: Stay) -> list[Document]:
    """The exam of the ward, with the INS, a version that replaces it, and the synthesis of the visit."""
    baby = child(stay)
    stays.qualify(baby, CHILD, by=ward.secretary)  # type: ignore[arg-type]
    exam = validated(ward, stay, person=baby, type_code=codes.CR_EXAMEN_ENFANT.code)
    answers = {"weight": "3280", "jaundice": "normal", "feeding": "breast", "cord": "normal", "stools": "normal"}
    write(signed(ward.midwife_user), f"visite/{baby.pk}", stay, answers)  # type: ignore[attr-defined]
    until("the papers of the child", settled)
    replaced(ward, exam, "Examen corrigé")
    until("the new version of the exam", settled)
    return list(Document.objects.filter(person=baby))


def settled() -> bool:
    return not Shipment.objects.filter(status__in=[S.QUEUED, S.SENDING]).exists()


def texts(data: bytes) -> bytes:
    """Everything readable in these bytes: themselves, the PDF they hold, the files of an archive, of a mail."""
    found = [data]
    if data[:5] == b"%PDF-":
        found += [page.get_textpage().get_text_range().encode() for page in pypdfium2.PdfDocument(data)]
    elif data[:2] == b"PK":
        archive = zipfile.ZipFile(io.BytesIO(data))
        found += [texts(archive.read(name)) for name in archive.namelist()]
    elif b"MIME-Version" in data[:4000]:
        parts = message_from_bytes(data, policy=policy.default).walk()
        found += [texts(part.get_payload(decode=True) or b"") for part in parts if not part.is_multipart()]  # type: ignore[arg-type]
    elif b"ClinicalDocument" in data:
        for body in re.findall(rb"<text [^>]*representation=\"B64\"[^>]*>([^<]+)</text>", data):
            found.append(texts(base64.b64decode(body)))
    return b"\n".join(found)


def sent_about(folder: Path, papers: list[Document]) -> bytes:
    """What the stores of the DMP and of the mailboxes hold, in every file that names one of these documents."""
    names = [version.unique_id.encode() for paper in papers for version in paper.versions.all()]
    read = [
        texts(path.read_bytes()) for door in ("dmp", "mssante") for path in (folder / door).rglob("*") if path.is_file()
    ]
    about = [one for one in read if any(name in one for name in names)]
    assert about, "something was sent"
    return b"\n".join(about)


def sealed(papers: list[Document]) -> bytes:
    versions = [version for paper in papers for version in paper.versions.all()]
    return b"\n".join(texts(blobs.read(version.cda)) for version in versions if version.cda)


def test_nothing_written_about_the_mother_reaches_a_paper_of_her_child(arena: Arena, town: world.Ward) -> None:
    arena.start_worker()
    arena.start_clock()
    stay = world.stay(town, destination_cog="78990", destination_city="Valombre")
    letter = validated(town, stay)
    until("the letter", settled)
    given_texts_about_the_mother_in_every_form(town, stay, letter)
    until("the syntheses of the mother", settled)
    childs = when_the_papers_of_the_child_leave(town, stay)
    assert len(childs) == 2 and sum(paper.versions.count() for paper in childs) >= 3
    assert not Shipment.objects.filter(status__in=[S.REJECTED, S.FAILED]).exclude(functional=True).exists()

    assert SENTINEL.findall(sealed(childs)) == []
    assert SENTINEL.findall(sent_about(arena.folder, childs)) == []
    mothers = list(Document.objects.filter(person=stay.mother))
    assert {word("REMARQUE").encode(), word("BESOINS").encode()} <= set(SENTINEL.findall(sealed(mothers)))
    written = {row.person_id for row in Document.objects.filter(pk__in=[p.pk for p in childs])}
    assert stay.mother_id not in written, "a document is about one person"
