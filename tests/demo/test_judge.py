"""The judge of `make story` must be able to fail: each loss is made on purpose, and seen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from coordination.demo.judge import Verdict, judge
from coordination.models import (
    CareRole,
    CareTeamMember,
    Deposit,
    Document,
    DocumentVersion,
    Mailbox,
    Professional,
    Shipment,
    User,
)
from coordination.services import deposits, fallback
from tests.coordination import world
from tests.coordination.services.helpers import professional
from tests.journeys.arena import ROOT, Arena, database_url

pytestmark = pytest.mark.django_db(transaction=True)


def judged(arena: Arena) -> Verdict:
    return judge(database_url(), dmp=arena.folder / "dmp", mssante=arena.folder / "mssante")


def test_a_story_without_loss(story: Arena) -> None:
    verdict = judged(story)
    assert verdict.problems == []
    assert verdict.line == (
        "story: documents=2 dmp_accepted=1 mssante_delivered=0 read=0 held=3 failed=0 lost=0"
    )  # no receipt collected yet
    assert verdict.mssante_accepted == 2
    assert verdict.targets == 6 == verdict.dmp_accepted + verdict.mssante_accepted + verdict.held


def test_the_steps_of_a_chain_are_one_delivery(story: Arena) -> None:
    """The box of the practice took over: what was refused before is not a failure any more."""
    before = judged(story)
    first = Shipment.objects.filter(channel="mssante", status="ACCEPTED").order_by("created_at").first()
    assert first is not None
    box = Mailbox.objects.create(address="chaine@essai.mssante.example", kind="CAB", organisation=first.organisation)
    step = fallback.queue_at(first, box)
    Shipment.objects.filter(pk=step.pk).update(status="ACCEPTED", accepted_at=timezone.now())
    Shipment.objects.filter(pk=first.pk).update(status="REJECTED")
    path = next(path for path in mails(story) if first.message_id.encode() in path.read_bytes())
    step_mail = path.read_bytes().replace(first.message_id.encode(), step.message_id.encode())
    path.with_name("step.eml").write_bytes(step_mail)
    verdict = judged(story)
    assert verdict.problems == [] and verdict.failed == 0
    assert verdict.mssante_accepted == before.mssante_accepted, "one delivery, whatever its steps"
    Shipment.objects.filter(pk=step.pk).update(status="REJECTED")
    assert any("nobody is told" in problem for problem in judged(story).problems)


def dmp_files(arena: Arena) -> Path:
    return arena.folder / "dmp"


def mails(arena: Arena) -> list[Path]:
    return sorted((arena.folder / "mssante" / "messages").glob("*.eml"))


def remove_from_the_dmp(arena: Arena) -> None:
    (one,) = (dmp_files(arena) / "documents").glob("*.xml")
    one.unlink()


def forget_in_the_registry(arena: Arena) -> None:
    (dmp_files(arena) / "documents.jsonl").write_text("")


def register_twice(arena: Arena) -> None:
    journal = dmp_files(arena) / "documents.jsonl"
    journal.write_text(journal.read_text() * 2)


def remove_a_mail(arena: Arena) -> None:
    mails(arena)[0].unlink()


def double_a_mail(arena: Arena) -> None:
    first = mails(arena)[0]
    first.with_name("copy.eml").write_bytes(first.read_bytes())


def send_another_document(arena: Arena) -> None:
    """The mail is there with its Message-ID, and carries the other paper."""
    first, second = mails(arena)
    mine, theirs = first.read_bytes(), second.read_bytes()
    first.write_bytes(theirs.replace(message_id(theirs), message_id(mine), 1))


def message_id(mail: bytes) -> bytes:
    return next(line for line in mail.splitlines() if line.lower().startswith(b"message-id:"))


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def delete_a_shipment(_: Arena) -> None:
    held = Shipment.objects.filter(status="HELD", channel="mssante").first()
    assert held is not None
    sql(
        f"DELETE FROM coordination_paperdelivery WHERE shipment_id = '{held.pk}'",
        f"DELETE FROM coordination_workitem WHERE shipment_id = '{held.pk}'",
        f"DELETE FROM coordination_shipment_versions WHERE shipment_id = '{held.pk}'",
        f"DELETE FROM coordination_shipment WHERE id = '{held.pk}'",
    )


def cancel_a_shipment(_: Arena) -> None:
    Shipment.objects.filter(status="HELD", channel="dmp").update(status="CANCELLED")


def leave_one_in_the_queue(_: Arena) -> None:
    Shipment.objects.filter(status="HELD", channel="dmp").update(status="QUEUED", hold_reason="")


def forget_a_file(_: Arena) -> None:
    deposits.receive([("oublié.pdf", b"x")], by=User.objects.get(username="secretaire"))


def say_accepted_without_sending(_: Arena) -> None:
    Shipment.objects.filter(status="HELD", channel="dmp").update(
        status="ACCEPTED", hold_reason="", accepted_at=timezone.now()
    )


def forget_a_carer(_: Arena) -> None:
    """Somebody joined the care team, and no paper was queued for her."""
    paper = Document.objects.first()
    assert paper is not None
    CareTeamMember.objects.create(
        stay=paper.stay,
        professional=professional(paper.organisation, 1, family="OUBLIÉE"),
        role=CareRole.GP,
        chosen_at=timezone.now(),
        declared_by=paper.created_by,
    )


def swap_the_mailboxes(arena: Arena) -> None:
    """What was meant for one carer is said to have gone to another."""
    other = professional(Document.objects.get(type_code="11490-0").organisation, 2, family="AUTRE")
    box = Mailbox.objects.get(professional=other)
    Shipment.objects.filter(status="ACCEPTED", channel="mssante").update(mailbox=box)


def refuse_and_tell_nobody(_: Arena) -> None:
    Shipment.objects.filter(status="ACCEPTED", channel="mssante").update(status="REJECTED", last_code="550 5.1.1")


LOSSES: tuple[Callable[[Arena], None], ...] = (
    remove_from_the_dmp,
    forget_in_the_registry,
    register_twice,
    remove_a_mail,
    double_a_mail,
    send_another_document,
    delete_a_shipment,
    cancel_a_shipment,
    leave_one_in_the_queue,
    forget_a_file,
    say_accepted_without_sending,
    forget_a_carer,
    swap_the_mailboxes,
    refuse_and_tell_nobody,
)


def test_every_loss_is_seen_and_the_command_says_so(story: Arena, capsys: pytest.CaptureFixture[str]) -> None:
    """One story, spoiled in one way after the other, each put right before the next (files and rows)."""
    call_command("play_week", judge_only=True)
    assert "lost=0" in capsys.readouterr().out
    for spoil in LOSSES:
        name = spoil.__name__
        kept = {path: path.read_bytes() for path in story.folder.rglob("*") if path.is_file() and spoilable(path)}
        rows = snapshot()
        spoil(story)
        verdict = judged(story)
        assert verdict.lost > 0 and "lost=0" not in verdict.line, name
        with pytest.raises(CommandError):
            call_command("play_week", judge_only=True)
        assert "perdu :" in capsys.readouterr().err, name
        put_right(story, kept, rows)
        assert judged(story).lost == 0, f"{name} was not put right"


def spoilable(path: Path) -> bool:
    return path.suffix in (".eml", ".jsonl") or (path.suffix == ".xml" and path.parent.name == "documents")


def snapshot() -> list[tuple[Shipment, list[DocumentVersion]]]:
    return [(shipment, list(shipment.versions.all())) for shipment in Shipment.objects.all()]


def put_right(arena: Arena, kept: dict[Path, bytes], rows: list[tuple[Shipment, list[DocumentVersion]]]) -> None:
    for path in arena.folder.rglob("*.eml"):
        if path not in kept:
            path.unlink()
    for path, data in kept.items():
        path.write_bytes(data)
    for shipment, versions in rows:
        shipment.save()
        shipment.versions.set(versions)
    Deposit.objects.all().delete()
    added = Professional.objects.filter(family_name__in=["OUBLIÉE", "AUTRE"])
    CareTeamMember.objects.filter(professional__in=added).delete()
    Mailbox.objects.filter(professional__in=added).delete()
    added.delete()


def test_the_process_ends_with_an_error(story: Arena) -> None:
    """What `make story` and CI look at: the exit code."""
    remove_a_mail(story)
    env = story.env | {"VAR_DIR": str(story.folder)}
    command = [sys.executable, "manage.py", "play_week", "--judge-only", "--skip-checks"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0 and "lost=1" in done.stdout, done.stderr


def test_the_registry_of_the_dmp_is_read_as_written(story: Arena) -> None:
    """The judge reads the sandbox's own files: their form must not change silently."""
    lines = [json.loads(line) for line in (dmp_files(story) / "documents.jsonl").read_text().splitlines()]
    assert [line["unique_id"] for line in lines] == [
        Document.objects.get(type_code="11490-0").current_version.unique_id
    ]
    assert world.ins().matricule in json.dumps(lines)
