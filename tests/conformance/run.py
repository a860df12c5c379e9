"""`make conformance`: every document type that perinat writes, against the XSD and the national rules.

    OBP-SNM_2024.01    documents=7 rules=4210 volet_rules=312 errors=0
    conformance: documents=… errors=… skipped=…

Each structured document is checked against the volet asked for: its own schematron must have run, with
rules above zero; its codes must be known facts (value sets, official trees and examples); reading it back
must give its case. A document of which one of these could not be told is skipped, and counted.
Exit code: 0 nothing wrong and nothing skipped, 1 otherwise, 2 without a pack of rules.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from coordination.cda import builder, case
from coordination.cda.spec.checking import normal
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import Volet
from coordination.cda.volets.read import body_of
from perinat.standards import codes, xml
from perinat.standards.cda_rules import RuleReport, check, own_check
from tests.conformance import known_codes
from tests.conformance.cases import CASES
from tests.conformance.cases.unstructured import cases as level_one
from tests.coordination.cda import samples

PACK = Path(os.environ.get("ANS_PACK") or Path(__file__).parents[3] / "shared/ans/pack")
PATIENTS = {
    "mother": samples.MOTHER,
    "mother without INS": samples.MOTHER_WITHOUT_INS,
    "newborn": samples.NEWBORN,
    "newborn with INS": samples.NEWBORN_WITH_INS,
}
Tell = Callable[[str], None]


@dataclass(slots=True)
class Tally:
    """What one type of document gave."""

    documents: int = 0
    rules: int = 0
    volet_rules: int = 0
    skipped: int = 0
    errors: list[str] = field(default_factory=list)


def build_case(model: case.Model, given: dict[str, Any], *, pdf: bytes = b"") -> bytes:
    """The document of a case without problem."""
    problems = case.check(model, given)
    if problems:
        raise AssertionError([str(problem) for problem in problems])
    at = datetime.fromisoformat(given["document"]["created_at"])
    return builder.build(case.content(model, given, pdf=pdf), unique_id=given["document"]["unique_id"], now=at)


def structured() -> Iterator[tuple[Volet, str, bytes]]:
    for name, cases in CASES.items():
        for title, given in cases.items():
            yield VOLETS[name], title, build_case(VOLETS[name], given)


def unstructured() -> Iterator[tuple[str, bytes]]:
    """Every type of paper, as a PDF in a CDA, for every kind of patient that it may be about; and the golden files."""
    for kind in codes.DOCUMENT_TYPES.values():
        for name, patient in PATIENTS.items():
            if kind.about in (codes.ABOUT_EITHER, name.partition(" ")[0]):
                content = samples.letter(kind, patient)
                yield f"{kind.code} {name}", builder.build(content, unique_id=samples.UNIQUE_ID, now=samples.NOW)
        for name, given in level_one(kind):
            yield f"{kind.code} case {name}", build_case(kind, given, pdf=samples.PDF)
    for name, content in samples.GOLDEN.items():
        yield name, builder.build(content, unique_id=samples.UNIQUE_ID, now=samples.NOW)


def findings(data: bytes, report: RuleReport) -> list[str]:
    """What the national rules and our own checks say of a document."""
    ours = [f"own: {finding.detail}" for finding in own_check(data)]
    return [f"{item.step}: {item.detail}" for item in (*report.errors, *report.warnings)] + ours


def structured_findings(volet: Volet, given: dict[str, Any], data: bytes, report: RuleReport) -> list[str]:
    """The same, with what a structured document must also hold."""
    found = findings(data, report)
    asked = f"{volet.name}_{volet.version}"
    if report.schematron != f"CI-SIS_{asked}.sch" or not report.fired.get("volet"):
        found.append(f"the rules of {asked} did not run ({report.schematron or 'none'})")
    if body_of(xml.parse(data)) != (volet, normal(volet.members, given["body"])):
        found.append("reading back does not give the same case")
    return found


def run(tell: Tell, *, pack: Path, alter: Callable[[bytes], bytes] = lambda data: data) -> int:
    """Check everything; `alter` may damage each document on purpose. Returns the exit code."""
    if not pack.is_dir():
        tell("conformance: le dossier des règles nationales est absent (ANS_PACK) : rien n'a été contrôlé.")
        return 2
    tallies: dict[str, Tally] = {"N1": Tally()}
    for name, made in unstructured():
        data = alter(made)
        report = check(data, pack=pack)
        _count(tallies["N1"], name, report, findings(data, report))
    for volet, name, made in structured():
        data = alter(made)
        tally = tallies.setdefault(f"{volet.name}_{volet.version}", Tally())
        report = check(data, pack=pack)
        found = structured_findings(volet, CASES[volet.name][name], data, report)
        unknown = _unknown_codes(data)
        tally.skipped += unknown is None
        _count(tally, name, report, found + [f"unknown code {code}" for code in unknown or ()])
    return _close(tell, tallies)


def _unknown_codes(data: bytes) -> list[tuple[str, str]] | None:
    """None when the official lists and trees are not there to be asked."""
    there = known_codes.PACK.is_dir() and known_codes.EXAMPLES.is_dir() and known_codes.TREES.is_dir()
    return known_codes.unseen_codes(data) if there else None


def _count(tally: Tally, name: str, report: RuleReport, found: list[str]) -> None:
    tally.documents += 1
    tally.rules += sum(report.fired.values())
    tally.volet_rules += report.fired.get("volet", 0)
    tally.errors += [f"{name}: {item}" for item in found]


def _close(tell: Tell, tallies: dict[str, Tally]) -> int:
    for name, tally in tallies.items():
        own = f" volet_rules={tally.volet_rules}" if name != "N1" else ""
        tell(f"{name:<18} documents={tally.documents} rules={tally.rules}{own} errors={len(tally.errors)}")
        for error in tally.errors[:20]:
            tell(f"  {error}")
    errors = sum(len(tally.errors) for tally in tallies.values())
    skipped = sum(tally.skipped for tally in tallies.values())
    documents = sum(tally.documents for tally in tallies.values())
    tell(f"conformance: documents={documents} errors={errors} skipped={skipped}")
    return 0 if documents and not errors and not skipped else 1


if __name__ == "__main__":
    sys.exit(run(lambda line: print(line, flush=True), pack=PACK))
