"""What a discharge letter lacks, kept with its version when it is drafted: codes, never a word of the letter.

It warns. In a maternity that chose so (`LetterGate.ACKNOWLEDGE`), a letter that lacks something leaves once a person
of the ward has confirmed that she saw it; nothing is ever refused for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from coordination import audit
from coordination.models import Deposit, Document, DocumentVersion, LetterGate, Organisation, Stay, User
from coordination.papers.letter_check.report import Report
from coordination.selectors import letter_view
from coordination.selectors.letter_view import LETTER

Check = dict[str, Any]


def of_deposit(deposit: Deposit, *, seen_by: User | None = None) -> Check | None:
    """What was found when the file was read; None when it is not a letter. `seen_by`: who confirmed the gaps."""
    found = (deposit.analysis or {}).get("letter") if deposit.type_code == LETTER else None
    return {**found, **_seen(seen_by)} if found and seen_by else found


def of_replacement(deposit: Deposit, *, seen_by: User | None = None) -> Check | None:
    """The same for a new version, dropped or written on a screen. Raises BlobError."""
    found = letter_view.found_in_replacement(deposit)
    return {**found, **_seen(seen_by)} if found and seen_by else found


def of_case(volet: str, body: Mapping[str, Any], stay: Stay) -> Check | None:
    """The same for a structured letter, from its case."""
    return letter_view.found_in_case(volet, body, stay)


def _seen(by: User) -> Check:
    return {"seen": {"by": str(by.pk), "at": timezone.now().isoformat()}}


def unseen(version: DocumentVersion) -> str:
    """French sentence when this letter waits for somebody to confirm what it lacks; empty when it may leave."""
    return refusal(version.letter_check, version.document.organisation)


def refusal(found: Check | None, site: Organisation) -> str:
    """The same, from what was found in the letter and the maternity that sends it."""
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
        told_seen(document, by=by)


def told_seen(document: Document, *, by: User) -> None:
    """The trace of it."""
    audit.record("letter.gaps_seen", by=by, subject=document)
