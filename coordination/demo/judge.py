"""The outside reader of the story: it imports no service of perinat and believes only what it sees.

It reads three things by itself: the database in SQL, the files of the DMP sandbox and the files of the
MSSanté sandbox. A validated document must reach the DMP and every informed carer of its stay, or wait,
or have failed with a way left: another address, paper, a line for a person. Whatever is said to be
accepted must really be in the store of the one who accepted it, exactly once. Anything else is lost.
"""

from __future__ import annotations

import email
import email.policy
import io
import json
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

# The targets a validated document must have: SQL of its own, not the product's routing. Whose mailbox it really
# went to comes before whom the shipment says it is meant for.
EXPECTED = """
SELECT d.id::text, 'dmp' FROM coordination_document d
  JOIN coordination_organisation o ON o.id = d.organisation_id
 WHERE d.status = 'VALIDATED' AND o.deposits_in_dmp
UNION ALL
SELECT d.id::text, 'mssante:' || m.professional_id FROM coordination_document d
  JOIN coordination_careteammember m ON m.stay_id = d.stay_id
 WHERE d.status = 'VALIDATED' AND m.ended_at IS NULL AND m.professional_id <> d.author_id
   AND m.role IN ('MIDWIFE', 'GP', 'PMI')
"""
SHIPPED = """
SELECT v.document_id::text, s.channel, coalesce(b.professional_id, s.recipient_id)::text, s.status, s.message_id,
       v.unique_id, s.fallback_of_id IS NOT NULL,
       EXISTS (SELECT FROM coordination_shipment n WHERE n.fallback_of_id = s.id AND n.status <> 'CANCELLED'),
       s.functional
       OR EXISTS (SELECT FROM coordination_workitem w WHERE w.shipment_id = s.id AND w.status = 'OPEN')
       OR EXISTS (SELECT FROM coordination_paperdelivery p WHERE p.shipment_id = s.id AND p.status <> 'DROPPED')
  FROM coordination_shipment s
  JOIN coordination_shipment_versions sv ON sv.shipment_id = s.id
  JOIN coordination_documentversion v ON v.id = sv.documentversion_id
  LEFT JOIN coordination_mailbox b ON b.id = s.mailbox_id
 WHERE s.action = 'SEND' AND s.status <> 'CANCELLED'
 ORDER BY s.created_at
"""
BOXES = "SELECT lower(mailbox) FROM coordination_organisation WHERE mailbox <> ''"
RECEIVED = "SELECT unique_id, status FROM coordination_receiveddocument WHERE unique_id <> ''"
UNFILED = "SELECT count(*) FROM coordination_deposit WHERE status IN ('RECEIVED', 'READY')"
READ = "SELECT count(DISTINCT (version_id, professional_id)) FROM coordination_reading"

ACCEPTED = {"ACCEPTED", "DELIVERED", "INTEGRATED"}
DELIVERED = {"DELIVERED", "INTEGRATED"}
CDA_ID = re.compile(rb'<id root="([0-9.]+)"\s*/>')


@dataclass
class Verdict:
    """Counts of (document × target); `problems` says each loss in one line of identifiers."""

    documents: int = 0
    dmp_accepted: int = 0
    mssante_accepted: int = 0
    mssante_delivered: int = 0
    read: int = 0
    held: int = 0
    failed: int = 0
    targets: int = 0
    received: int = 0  # documents that came by mail, each where it must be
    received_filed: int = 0  # of them, in a record
    problems: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        return len(self.problems)

    @property
    def line(self) -> str:
        return (
            f"story: documents={self.documents} dmp_accepted={self.dmp_accepted} "
            f"mssante_delivered={self.mssante_delivered} read={self.read} held={self.held} "
            f"failed={self.failed} lost={self.lost}"
        )


def dmp_store(folder: Path) -> Counter[str]:
    """uniqueId → number of times the DMP sandbox registered it, its bytes being there."""
    journal = folder / "documents.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []
    ids = [json.loads(line)["unique_id"] for line in lines if line]
    return Counter(i for i in ids if (folder / "documents" / f"{i}.xml").is_file())


def mail_store(folder: Path) -> Counter[tuple[str, str]]:
    """(Message-ID, CDA uniqueId) → number of mails that the MSSanté sandbox accepted with it."""
    found: Counter[tuple[str, str]] = Counter()
    for path in (folder / "messages").glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        message_id = str(message["Message-ID"] or "").strip("<> ")
        for part in message.iter_attachments():
            if (part.get_filename() or "").lower() == "ihe_xdm.zip":
                found.update((message_id, one) for one in _cda_ids(part.get_payload(decode=True)))
    return found


def inbox_store(folder: Path, boxes: set[str]) -> Counter[str]:
    """CDA uniqueId → number of mails that lie with it in the boxes of our sites, whatever their folder there."""
    found: Counter[str] = Counter()
    for box in boxes:
        for path in (folder / "mailboxes" / box).glob("*/*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if message.get_content_type() == "multipart/report":
                continue
            for part in message.iter_attachments():
                if (part.get_filename() or "").lower() == "ihe_xdm.zip":
                    found.update(_cda_ids(part.get_payload(decode=True)))
    return found


def _cda_ids(archive: object) -> list[str]:
    if not isinstance(archive, bytes):
        return []
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        names = [n for n in content.namelist() if re.fullmatch(r"IHE_XDM/[^/]+/DOC\w+\.XML", n)]
        return [match[1].decode() for n in names if (match := CDA_ID.search(content.read(n)))]


def judge(database_url: str, *, dmp: Path, mssante: Path) -> Verdict:
    """Compare what must have left with what is really there."""
    with psycopg.connect(database_url) as connection:
        expected = {tuple(row) for row in connection.execute(EXPECTED)}
        shipped = connection.execute(SHIPPED).fetchall()
        unfiled = connection.execute(UNFILED).fetchone()
        read = connection.execute(READ).fetchone()
        boxes = {row[0] for row in connection.execute(BOXES)}
        received = connection.execute(RECEIVED).fetchall()
    verdict = Verdict(targets=len(expected), documents=len({document for document, _ in expected}))
    verdict.read = read[0] if read else 0
    verdict.problems += [f"deposit never filed ({unfiled[0]})"] if unfiled and unfiled[0] else []
    in_dmp, in_mail = dmp_store(dmp), mail_store(mssante)
    seen: set[tuple[str, str]] = set()
    arrived: set[tuple[str, str]] = set()
    for document, channel, carer, status, message_id, unique_id, is_step, is_followed, is_known in shipped:
        target = (document, "dmp" if channel == "dmp" else f"mssante:{carer or '?'}")
        seen.add(target)
        if status in ACCEPTED:
            copies = in_dmp[unique_id] if channel == "dmp" else in_mail[message_id, unique_id]
            if copies != 1:
                verdict.problems.append(f"{channel} {unique_id}: accepted, found {copies} times")
                continue
            if is_step and target in arrived:
                continue  # two steps of one chain, both with her: one delivery
            arrived.add(target)
            verdict.dmp_accepted += channel == "dmp"
            verdict.mssante_accepted += channel == "mssante"
            verdict.mssante_delivered += channel == "mssante" and status in DELIVERED
        elif status == "HELD":
            verdict.held += 1
        elif status in ("REJECTED", "FAILED"):
            verdict.failed += not is_followed  # another step of the same chain says where the papers are
            if not is_followed and not is_known:
                verdict.problems.append(f"{channel} {unique_id}: {status}, and nobody is told")
        else:
            verdict.problems.append(f"{channel} {unique_id}: still {status}")
    verdict.problems += [f"no shipment: {document} → {target}" for document, target in sorted(expected - seen)]
    _judge_received(verdict, inbox_store(mssante, boxes), received)
    return verdict


def _judge_received(verdict: Verdict, sent: Counter[str], received: list[tuple[str, ...]]) -> None:
    """What a correspondent sent to one of our boxes is here once for each mail, filed or in front of a person."""
    kept = Counter(unique_id for unique_id, _ in received)
    for unique_id, mails in sorted(sent.items()):
        if kept[unique_id] == mails:
            verdict.received += mails
        else:
            verdict.problems.append(f"received {unique_id}: {mails} sent, {kept[unique_id]} kept")
    verdict.received_filed = sum(status == "FILED" for _, status in received)
    verdict.problems += [f"received {one}: in no box" for one in sorted(set(kept) - set(sent))]
