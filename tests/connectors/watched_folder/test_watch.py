"""What a hospital drops becomes papers of the ward, or is refused with a word beside it: never lost, never twice."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from coordination.lifecycles import DepositStatus
from coordination.models import AuditEntry, Deposit, IntakeMessage, WorkItem
from coordination.services import deposits, intake
from perinat.connectors.watched_folder import conf, found
from perinat.connectors.watched_folder.conf import OK, STABLE, FolderConfig
from tests.connectors.hl7v2 import messages
from tests.connectors.watched_folder.files import cda, names, one_round
from tests.coordination import world
from tests.mssante import archives

pytestmark = pytest.mark.django_db


def text_beside(folder: Path, name: str) -> str:
    return (folder / f"{name}.txt").read_text(encoding="utf-8")


def test_a_cda_is_filed_for_who_it_names(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    stay = world.stay(ward)
    (folder / "lettre.xml").write_bytes(cda())
    assert one_round(folder, config) == {"traites": 1}
    kept = Deposit.objects.get()
    assert (kept.person, kept.stay, kept.type_code, kept.file_name) == (stay.mother, stay, "11490-0", "lettre.pdf")
    assert names(folder) == set() and names(folder / "traites") == {"lettre.xml", "lettre.xml.txt"}
    assert "1 document transmis" in text_beside(folder / "traites", "lettre.xml")
    assert deposits.read(kept.pk) == DepositStatus.READY


def test_a_cda_of_a_child_without_ins_is_known_by_her_number_in_the_site(
    ward: world.Ward, folder: Path, config: FolderConfig
) -> None:
    child = world.stay(ward).newborns.get().person
    ids = f'<id root="{ward.maternity.ipp_oid}" extension="E1"/>'
    born = child.birth_date.strftime("%Y%m%d")
    (folder / "enfant.xml").write_bytes(cda(ids=ids, given="JULES", born=born, sex="M"))
    assert one_round(folder, config) == {"traites": 1} and Deposit.objects.get().person == child


def test_the_pdf_beside_a_cda_is_its_copy(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    world.stay(ward)
    (folder / "lettre.xml").write_bytes(cda(pdf=b""))
    (folder / "lettre.pdf").write_bytes(world.pdf_a())
    assert one_round(folder, config) == {"traites": 1} and Deposit.objects.count() == 1
    assert names(folder / "traites") == {"lettre.xml", "lettre.pdf", "lettre.xml.txt"}


def test_two_documents_of_one_name_share_no_copy(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    world.stay(ward)
    (folder / "a.xml").write_bytes(cda(pdf=b""))
    (folder / "a.XML").write_bytes(cda(unique_id="2.25.502"))
    (folder / "a.pdf").write_bytes(world.pdf_a())
    os.utime(folder / "a.xml", (1_000_000, 1_000_000))
    assert one_round(folder, config) == {"traites": 2} and Deposit.objects.count() == 2
    assert names(folder / "traites") == {"a.xml", "a.pdf", "a.xml.txt", "a.XML", "a.XML.txt"}


@pytest.mark.parametrize(("gone", "outcome"), [("a.pdf", {"traites": 1}), ("a.xml", {})])
def test_what_is_taken_away_before_its_claim_is_not_waited_for(
    ward: world.Ward, folder: Path, config: FolderConfig, monkeypatch: pytest.MonkeyPatch, gone: str,
    outcome: dict[str, int],
) -> None:  # fmt: skip
    world.stay(ward)
    (folder / "a.xml").write_bytes(cda())
    (folder / "a.pdf").write_bytes(world.pdf_a())
    scan = found.scan

    def then_gone(*args: object) -> list[found.Found]:
        ready = scan(*args)  # type: ignore[arg-type]
        (folder / gone).unlink()
        return ready

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(found, "scan", then_gone)
        assert one_round(folder, config) == outcome
    assert {one.name for one in (folder / found.WORK).iterdir()} == {"lock", "etat.json"}
    assert names(folder) == ({"a.pdf"} if gone == "a.xml" else set())


@pytest.mark.parametrize("length", [251, 252, 253, 255])
def test_a_name_as_long_as_the_disk_allows_is_cut_for_its_text(
    ward: world.Ward, folder: Path, config: FolderConfig, length: int
) -> None:
    name = "é" * ((length - 5) // 2) + "x" * (1 + (length - 5) % 2) + ".pdf"
    assert len(os.fsencode(name)) == length
    for _ in range(2):
        (folder / name).write_bytes(world.pdf_a())
        assert one_round(folder, config) == {"traites": 1} and names(folder) == set()
    kept = sorted(one for one in names(folder / "traites") if one.endswith(".pdf"))
    assert len(kept) == 2 and {f"{one}.txt" for one in kept} < names(folder / "traites")
    (folder / ("x." + "y" * (length - 2))).write_bytes(b"x")
    assert one_round(folder, config) == {"refuses": 1} and len(names(folder / "refuses")) == 2


def test_a_pdf_alone_is_read_as_one_that_a_person_dropped(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    world.stay(ward)
    (folder / "sans code.pdf").write_bytes(world.pdf_a())
    assert one_round(folder, config) == {"traites": 1}
    kept = Deposit.objects.get()
    assert deposits.read(kept.pk) == DepositStatus.TO_CHECK
    kept.refresh_from_db()
    assert "Aucun code INS lisible" in kept.refusal and kept.organisation == ward.maternity


@pytest.mark.parametrize(
    ("changes", "question"),
    [
        ({"ids": ""}, True),
        ({"ids": "", "family": "INCONNUE"}, True),
        ({"sex": ""}, True),
        ({"family": "TILLEUL"}, False),
    ],
)
def test_who_is_not_sure_is_asked_and_a_contradiction_refused(
    ward: world.Ward, folder: Path, config: FolderConfig, changes: dict[str, str], question: bool
) -> None:
    world.stay(ward)
    (folder / "a.xml").write_bytes(cda(**changes))  # type: ignore[arg-type]
    assert one_round(folder, config) == {"traites" if question else "refuses": 1}
    assert Deposit.objects.filter(person__isnull=True).exists() is question
    assert WorkItem.objects.filter(kind="INTAKE_REFUSED").exists() is not question


def test_an_hl7_message_is_the_one_of_the_line(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    world.stay(ward)
    message = messages.paper(world.pdf_a(), "D1")
    (folder / "a.hl7").write_bytes(message)
    (folder / "b.HL7").write_bytes(messages.START + message + messages.END)
    (folder / "c.er7").write_bytes(messages.paper(world.pdf_a(), "D2", order="RO"))
    assert one_round(folder, config) == {"traites": 2, "refuses": 1}
    assert Deposit.objects.count() == 1 and IntakeMessage.objects.count() == 2
    assert "se contredisent" in text_beside(folder / "refuses", "c.er7")


def test_what_comes_before_its_stay_waits_then_is_refused(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    world.stay(ward)
    (folder / "a.hl7").write_bytes(messages.paper(world.pdf_a(), "D1", stay="S2"))
    assert one_round(folder, config) == {"waits": 1} and names(folder) == set()
    assert one_round(folder, config) == {"waits": 1}
    assert one_round(folder, replace(config, postponed_hours=0)) == {"refuses": 1}
    assert "pas encore connu" in text_beside(folder / "refuses", "a.hl7")


def test_an_archive_brings_each_of_its_documents(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    world.stay(ward)
    one, two = cda(), cda(unique_id="2.25.502", pdf=world.pdf_a() + b"\n")
    described = archives.metadata(
        archives.entry(one, uri="A.XML", unique_id="2.25.501"), archives.entry(two, uri="B.XML", unique_id="2.25.502")
    )
    inside = {"METADATA.XML": described, "A.XML": one, "B.XML": two}
    (folder / "IHE_XDM.zip").write_bytes(
        archives.zipped({f"IHE_XDM/SUBSET01/{name}": data for name, data in inside.items()})
    )
    assert one_round(folder, config) == {"traites": 1} and Deposit.objects.count() == 2
    assert "2 documents transmis" in text_beside(folder / "traites", "IHE_XDM.zip")
    (folder / "autre.zip").write_bytes(b"PK not an archive")
    assert one_round(folder, config) == {"refuses": 1}
    assert "archive" in text_beside(folder / "refuses", "autre.zip")


def test_the_same_bytes_under_another_name_are_taken_once(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    world.stay(ward)
    for name in ("a.xml", "b.xml"):
        (folder / name).write_bytes(cda())
    assert one_round(folder, config) == {"traites": 2} and Deposit.objects.count() == 1
    (folder / "a.xml").write_bytes(cda())
    one_round(folder, config)
    assert Deposit.objects.count() == 1 and "a (2).xml" in names(folder / "traites")


@pytest.mark.parametrize("kind", ["a.xml", "a.hl7"])
def test_a_refused_file_dropped_again_once_the_person_is_corrected_is_taken(
    ward: world.Ward, folder: Path, config: FolderConfig, kind: str
) -> None:
    mother = world.stay(ward).mother
    mother.birth_family_name = "ACACI"
    mother.save()
    dropped = cda() if kind == "a.xml" else messages.paper(world.pdf_a(), "D1")
    for _ in range(2):
        (folder / kind).write_bytes(dropped)
        assert one_round(folder, config) == {"refuses": 1}
    assert AuditEntry.objects.filter(action="intake.refused").count() == 1 == IntakeMessage.objects.count()
    mother.birth_family_name = "ACACIA"
    mother.save()
    (folder / kind).write_bytes(dropped)
    assert one_round(folder, config) == {"traites": 1} and Deposit.objects.get().person == mother
    assert IntakeMessage.objects.get().outcome == "TAKEN"
    assert not WorkItem.objects.filter(kind="INTAKE_REFUSED", closed_at__isnull=True).exists()
    mother.birth_family_name = "ACACI"
    mother.save()
    (folder / kind).write_bytes(dropped)
    assert one_round(folder, config) == {"traites": 1} and Deposit.objects.count() == 1, "what is taken stays taken"


def test_what_the_line_sends_again_is_answered_the_same(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    mother = world.stay(ward).mother
    mother.birth_family_name = "ACACI"
    mother.save()
    dropped = messages.paper(world.pdf_a(), "D1")
    (folder / "a.hl7").write_bytes(dropped)
    one_round(folder, config)
    mother.birth_family_name = "ACACIA"
    mother.save()
    line = replace(conf.hl7_reader()(dropped, "secretaire"), anew=False)
    refusal = intake.receive(line)
    assert refusal is not None and refusal.application == "904" and not Deposit.objects.exists()


def test_a_new_version_replaces_the_one_that_came_before(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    world.stay(ward)
    (folder / "a.xml").write_bytes(cda())
    one_round(folder, config)
    (folder / "b.xml").write_bytes(cda(unique_id="2.25.502", replaces="2.25.501", pdf=world.pdf_a() + b"\n"))
    assert one_round(folder, config) == {"traites": 1}
    assert [one.status for one in Deposit.objects.order_by("deposited_at")] == ["DISCARDED", "RECEIVED"]


@pytest.mark.parametrize("kind", ["link", "pipe", "socket", "huge", "empty", "unknown"])
def test_what_is_no_document_is_refused_unopened(
    ward: world.Ward, folder: Path, config: FolderConfig, tmp_path: Path, kind: str
) -> None:
    path = folder / ("a.docx" if kind == "unknown" else "a.pdf")
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(world.pdf_a())
    match kind:
        case "link":
            path.symlink_to(secret)
        case "pipe":
            os.mkfifo(path)
        case "socket":
            server = socket.socket(socket.AF_UNIX)
            server.bind(os.path.relpath(path))
            server.close()
        case "huge":
            with path.open("wb") as file:
                file.truncate(config.max_bytes + 1)
        case "empty":
            path.touch()
        case _:
            path.write_bytes(b"x")
    assert one_round(folder, config) == {"refuses": 1} and not Deposit.objects.exists()
    assert "Motif" in text_beside(folder / "refuses", path.name) and secret.exists()


def test_the_word_beside_holds_no_name(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    world.stay(ward)
    (folder / "a.xml").write_bytes(cda(family="TILLEUL"))
    (folder / "b.hl7").write_bytes(messages.paper(world.pdf_a(), "D1", person=("M9", *messages.MOTHER[1:])))
    one_round(folder, config)
    for name in ("a.xml", "b.hl7"):
        text = text_beside(folder / "refuses", name)
        assert not any(word in text for word in ("TILLEUL", "ACACIA", "LOUISE", world.ins(1).matricule))


def test_the_oldest_first_then_by_name(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    for name, age in (("b.pdf", 50), ("a.pdf", 50), ("c.pdf", 90)):
        (folder / name).write_bytes(b"%PDF")
        os.utime(folder / name, (1_000_000 - age, 1_000_000 - age))
    assert [one.names[0] for one in found.scan(folder, config)] == ["c.pdf", "a.pdf", "b.pdf"]


def test_a_file_is_taken_when_it_is_whole(folder: Path, config: FolderConfig) -> None:
    for name in ("a.pdf", "b.pdf.part", ".c.pdf", "d.xml", "d.pdf", "e.pdf.ok"):
        (folder / name).write_bytes(b"%PDF")
    os.utime(folder / "a.pdf", (0, 0))  # a copy that keeps dates is no older for it
    changed = (folder / "d.xml").stat().st_ctime
    stable = replace(config, ready=STABLE, stable_seconds=10)
    assert found.scan(folder, stable, now=changed + 5) == []
    taken = {one.names for one in found.scan(folder, stable, now=changed + 3600)}
    assert taken == {("a.pdf",), ("d.xml", "d.pdf")}
    marked = replace(config, ready=OK)
    assert found.scan(folder, marked) == []
    (folder / "d.xml.ok").touch()
    assert [one.names for one in found.scan(folder, marked)] == [("d.xml", "d.pdf")]


def test_the_mark_of_a_file_goes_with_it(ward: world.Ward, folder: Path, config: FolderConfig) -> None:
    (folder / "a.pdf").write_bytes(world.pdf_a())
    (folder / "a.pdf.ok").touch()
    assert one_round(folder, replace(config, ready=OK)) == {"traites": 1} and names(folder) == set()
