"""A version replaced over real sockets: the DMP, the mailbox of the midwife, then the recall of what is in force."""

from __future__ import annotations

import io
import json
import zipfile
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Document, Shipment
from coordination.services import documents
from tests.coordination import world
from tests.coordination.services.helpers import validated
from tests.coordination.services.replacing import replaced
from tests.journeys.arena import Arena, until

pytestmark = pytest.mark.django_db(transaction=True)
PRIVATE = "Le pédiatre a rappelé"


def statuses(folder: Path) -> dict[str, str]:
    """uniqueId → status, read from the plain files of the DMP sandbox by a reader of the test's own."""
    by_entry: dict[str, str] = {}
    found: dict[str, str] = {}
    for name in ("documents.jsonl", "changes.jsonl"):
        path = next(folder.rglob(name), None)
        lines = path.read_text().splitlines() if path else []
        for row in map(json.loads, lines):
            if "unique_id" in row:
                by_entry[row["entry_uuid"]] = row["unique_id"]
                found[row["unique_id"]] = "Approved"
                if row.get("replaces"):
                    found[by_entry[row["replaces"]]] = "Deprecated"
            else:
                found[by_entry[row["entry_uuid"]]] = row["status"].rpartition(":")[2]
    return found


def mails(folder: Path) -> list[tuple[str, str, bytes]]:
    """(subject, In-Reply-To, METADATA.XML) of every mail kept, in the order of their arrival."""
    kept = []
    for path in sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.stat().st_mtime):
        data = path.read_bytes()
        if b"IHE_XDM.zip" not in data:
            continue
        mail = message_from_bytes(data, policy=policy.default)
        for part in mail.walk():
            if part.get_filename() == "IHE_XDM.zip":
                archive = zipfile.ZipFile(io.BytesIO(part.get_payload(decode=True)))  # type: ignore[arg-type]
                metadata = next(name for name in archive.namelist() if name.endswith("METADATA.XML"))
                kept.append((str(mail["Subject"]), str(mail["In-Reply-To"] or ""), archive.read(metadata)))
    return kept


def settled() -> bool:
    return not Shipment.objects.filter(status__in=[S.QUEUED, S.SENDING]).exists()


def test_the_old_version_is_deprecated_and_the_midwife_told(arena: Arena, ward: world.Ward) -> None:
    arena.start_worker()
    arena.start_clock()
    letter: Document = validated(ward, world.stay(ward))
    until("the first sending", settled)
    assert set(Shipment.objects.values_list("status", flat=True)) <= {S.ACCEPTED, S.DELIVERED, S.INTEGRATED}
    first = letter.current_version
    sent = Shipment.objects.get(channel="mssante")

    second = replaced(ward, letter, comment=PRIVATE)
    until("the replacement", lambda: Shipment.objects.filter(action="REPLACE").count() == 2 and settled())
    assert not Shipment.objects.exclude(status__in=[S.ACCEPTED, S.DELIVERED, S.INTEGRATED]).exists()
    assert statuses(arena.folder / "dmp") == {first.unique_id: "Deprecated", second.unique_id: "Approved"}
    told = [mail for mail in mails(arena.folder / "mssante") if "Annule et remplace" in mail[0]]
    assert told and sent.message_id in told[0][1]
    assert b"action" in told[0][2]
    everything = b"".join(p.read_bytes() for p in arena.folder.glob("[dm]*/**/*") if p.is_file())
    assert PRIVATE.encode() not in everything

    letter.refresh_from_db()
    documents.withdraw(letter, by=ward.doctor_user, reason="Papier d'une autre patiente")
    recalls = Shipment.objects.filter(action="WITHDRAW")
    until("the recall", lambda: recalls.exclude(status__in=[S.QUEUED, S.SENDING]).count() == recalls.count() >= 2)
    assert statuses(arena.folder / "dmp") == {first.unique_id: "Deprecated", second.unique_id: "Deleted"}
    assert not Shipment.objects.filter(status__in=[S.REJECTED, S.FAILED]).exists()
