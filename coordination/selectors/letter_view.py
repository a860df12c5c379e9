"""What a discharge letter lacks, as the ward reads it before the letter leaves: one line, and its detail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from coordination import blobs
from coordination.cda.volets.ldl_ses import LDL_SES
from coordination.models import CareRole, Deposit, LetterGate, Organisation, Stay
from coordination.papers.letter_check.case import check_case
from coordination.papers.letter_check.criteria import DESCRIPTIONS, WEAK
from coordination.papers.letter_check.report import Finding, Report, State
from coordination.selectors.display import Chip
from perinat.standards import codes

LETTER = codes.LETTRE_DE_LIAISON_SORTIE.code
CHIPS = {
    State.MET: Chip("Trouvé", "done", "check"),
    State.MISSING: Chip("Manque", "todo", "alert"),
    State.UNKNOWN: Chip("Ne peut pas être dit", "wait", "question"),
}
SECTIONS = {section.name: section.title for section in LDL_SES.sections} | {"header": "en-tête"}


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One criterion. `where`: « page 2 », « section Traitements à la sortie »; `page` 0 when there is none."""

    wanted: str
    chip: Chip
    sentence: str
    where: str
    page: int
    sources: str
    is_weak: bool


@dataclass(frozen=True, slots=True)
class LetterCheck:
    """`asks`: somebody has to confirm that she saw what is missing before it leaves."""

    summary: str
    is_complete: bool
    lines: tuple[CheckLine, ...]
    table: str
    asks: bool


def letter_check(found: Mapping[str, Any] | None, site: Organisation) -> LetterCheck | None:
    """`found`: what the reading or the drafting kept; None when the paper is not a discharge letter."""
    if not found:
        return None
    report = Report.from_json(found)
    gaps = bool(report.gaps)
    return LetterCheck(
        summary=report.summary,
        is_complete=not gaps,
        lines=tuple(_line(one) for one in report.findings),
        table=report.table,
        asks=gaps and site.letter_gate == LetterGate.ACKNOWLEDGE and "seen" not in found,
    )


def found_in_replacement(deposit: Deposit) -> dict[str, Any] | None:
    """What a new version lacks, dropped or written on a screen, before it leaves. Raises BlobError."""
    assert deposit.replaces is not None
    document = deposit.replaces.document
    if deposit.body is not None:
        return found_in_case(document.volet, blobs.read_json(deposit.body), document.stay)
    return (deposit.analysis or {}).get("letter") if document.type_code == LETTER else None


def found_in_case(volet: str, body: Mapping[str, Any], stay: Stay) -> dict[str, Any] | None:
    """The same for a structured letter, from its case."""
    if volet != LDL_SES.name:
        return None
    doctor = stay.care_team.filter(role=CareRole.GP, ended_at__isnull=True).exists()
    return check_case(body, on=timezone.localdate(), has_doctor=doctor).as_json()


def replacement_check(deposit: Deposit) -> LetterCheck | None:
    """The same, as the ward reads it; None also when its file is lost: it cannot leave, and says so then."""
    try:
        return letter_check(found_in_replacement(deposit), deposit.organisation)
    except blobs.BlobError:
        return None


def _line(one: Finding) -> CheckLine:
    told = DESCRIPTIONS[one.criterion]
    section = SECTIONS.get(one.section, "")
    where = f"page {one.page}" if one.page else f"rubrique « {section} »" if section else ""
    weak = one.criterion in WEAK
    return CheckLine(told.wanted, CHIPS[one.state], one.sentence, where, one.page, " ; ".join(told.sources), weak)
