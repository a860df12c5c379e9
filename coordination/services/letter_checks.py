"""What a discharge letter lacks, kept with its version when it is drafted: codes, never a word of the letter.

It warns. In a maternity that chose so (`LetterGate.ACKNOWLEDGE`), a letter that lacks something leaves once a person
of the ward has confirmed that she saw it; nothing is ever refused for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from coordination import audit, blobs
from coordination.models import CareRole, Deposit, Document, DocumentVersion, LetterGate, Stay, User
from coordination.papers.letter_check.case import check_case
from coordination.papers.letter_check.report import Report
from perinat.standards import codes

LETTER = codes.LETTRE_DE_LIAISON_SORTIE.code
Check = dict[str, Any]


def of_deposit(deposit: Deposit, *, seen_by: User | None = None) -> Check | None:
    """What was found when the file was read; None when it is not a letter. `seen_by`: who confirmed the gaps."""
    kind = deposit.replaces.document.type_code if deposit.replaces else deposit.type_code
    found = (deposit.analysis or {}).get("letter") if kind == LETTER else None
    return {**found, **_seen(seen_by)} if found and seen_by else found


def of_replacement(deposit: Deposit) -> Check | None:
    """The same for a new version, dropped or written on a screen. Raises BlobError."""
    if deposit.body is None or deposit.replaces is None:
        return of_deposit(deposit)
    document = deposit.replaces.document
    return of_case(document.volet, blobs.read_json(deposit.body), document.stay)


def of_case(volet: str, body: Mapping[str, Any], stay: Stay) -> Check | None:
    """The same for a structured letter, from its case."""
    if volet != "LDL-SES":
        return None
    doctor = stay.care_team.filter(role=CareRole.GP, ended_at__isnull=True).exists()
    return check_case(body, on=timezone.localdate(), has_doctor=doctor).as_json()


def _seen(by: User) -> Check:
    return {"seen": {"by": str(by.pk), "at": timezone.now().isoformat()}}


def unseen(version: DocumentVersion) -> str:
    """French sentence when this letter waits for somebody to confirm what it lacks; empty when it may leave."""
    found, site = version.letter_check, version.document.organisation
    if not found or "seen" in found or site.letter_gate != LetterGate.ACKNOWLEDGE:
        return ""
    report = Report.from_json(found)
    if not report.gaps:
        return ""
    return (
        f"Lettre de liaison : {report.summary}. Votre maternité demande de confirmer que vous l'avez vu : "
        "cochez « J'ai vu ce qui manque », puis recommencez. La lettre peut partir ainsi."
    )


def acknowledge(document: Document, *, by: User) -> None:
    """She saw what this letter lacks, and it may leave so."""
    version = document.current_version
    if version.letter_check and "seen" not in version.letter_check:
        version.letter_check = {**version.letter_check, **_seen(by)}
        version.save(update_fields=["letter_check"])
        audit.record("letter.gaps_seen", by=by, subject=document)
