"""The criteria on the text of a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from coordination.papers.letter_check.criteria import Criterion
from coordination.papers.letter_check.letter import is_heading, letter_of
from coordination.papers.letter_check.report import Finding, Report, State, Why
from coordination.papers.letter_check.rules import RULES
from coordination.papers.words import is_readable, lines_of


def check_text(pages: Sequence[str]) -> Report:
    """`pages`: the text of each page in reading order. A page without words may hold what the others lack."""
    readable = [is_readable(page) for page in pages]
    if not any(readable):
        return Report(tuple(Finding(criterion, State.UNKNOWN, Why.SCAN) for criterion in Criterion))
    letter = letter_of(lines_of(pages, alone=is_heading))
    findings = []
    for criterion in Criterion:
        state, why, page = RULES[criterion](letter)
        finding = Finding(criterion, state, why, page)
        if state == State.MISSING and not all(readable):
            finding = replace(finding, state=State.UNKNOWN, why=Why.PART_SCAN)
        findings.append(finding)
    return Report(tuple(findings))
