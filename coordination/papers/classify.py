"""Proposes what a paper is, whose it is and who wrote it, from its words. Below the threshold: nothing.

A title is a short line near the top that begins with a known phrase. Two titles side by side give
no proposal: perinat asks, it does not guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coordination.papers import title_rules as rules
from coordination.papers.analysis import Subject, TypeProposal

_WHOLE_LINE, _LINE_START, _PER_LINE = 0.97, 0.92, 0.003
_KIND_IN_TITLE, _KIND_IN_BODY = 1.0, 0.95
_MIN_KIND_WORDS = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """One title found: where it stands and how sure it is."""

    rule: rules.TitleRule
    line: int
    text: str
    confidence: float


def normalised(text: str) -> str:
    """Capitals without accents, straight apostrophes, hyphens as spaces, single spaces."""
    flat = unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "OE"))
    flat = "".join(char for char in flat if not unicodedata.combining(char))
    flat = flat.upper().replace("’", "'").replace("ʼ", "'").replace("-", " ").replace("‑", " ").replace("–", " ")
    return " ".join(flat.split())


def title_lines(text: str) -> list[str]:
    """The first non-empty lines, normalised; « O R D O N N A N C E » is read as one word."""
    lines = [line for line in (normalised(raw) for raw in text.split("\n")) if line]
    return [_unspaced(line) for line in lines[: rules.TITLE_ZONE_LINES]]


def _unspaced(line: str) -> str:
    return line.replace(" ", "") if re.fullmatch(r"(\w ){3,}\w", line) else line


def propose_type(text: str) -> TypeProposal | None:
    """The type of the document that begins with `text` (one page, or the pages joined)."""
    best = _best(list(_candidates(title_lines(text))))
    if best is None:
        return None
    code, confidence = best.rule.type_code, best.confidence
    if code == rules.ORDONNANCE:
        code, factor = _prescription_kind(best.text, normalised(text))
        confidence *= factor
    if not code or confidence < rules.THRESHOLD:
        return None
    return TypeProposal(code, round(confidence, 2), rules.THRESHOLD, best.rule.phrase, rules.TABLE)


def _candidates(lines: Sequence[str]) -> Iterator[Candidate]:
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else ""
        for text in (line, f"{line} {following}"):  # a title may be broken in two lines
            found = _match(text, index)
            if found is not None:
                yield found
                break


def _match(line: str, index: int) -> Candidate | None:
    for prefix in rules.TITLE_PREFIXES:
        line = line.removeprefix(prefix)
    if len(line) > rules.TITLE_MAX_LENGTH or any(word in line for word in rules.REFERENCE_WORDS):
        return None
    longest_first = sorted(rules.TITLE_RULES, key=lambda rule: -len(rule.phrase))
    for rule in longest_first:
        if not re.match(re.escape(rule.phrase) + r"\b", line) or any(word in line for word in rule.unless):
            continue
        base = _WHOLE_LINE if line == rule.phrase else _LINE_START
        return Candidate(rule, index, line, base - _PER_LINE * index)
    return None


def _best(found: list[Candidate]) -> Candidate | None:
    """The first title, unless one of another type stands close below."""
    if not found:
        return None
    first = found[0]
    for other in found[1:]:
        if other.rule.type_code != first.rule.type_code and other.line - first.line < rules.RUNNER_UP_DISTANCE:
            return None
    return first


def _prescription_kind(title: str, body: str) -> tuple[str, float]:
    """Kind of prescription and how much it lowers the confidence; an empty code when no kind stands out."""
    named = [code for code, (in_title, _) in rules.PRESCRIPTION_KINDS.items() if any(w in title for w in in_title)]
    if len(named) == 1:
        return named[0], _KIND_IN_TITLE
    counts = {code: sum(word in body for word in words) for code, (_, words) in rules.PRESCRIPTION_KINDS.items()}
    (first, most), (_, second) = sorted(counts.items(), key=lambda item: -item[1])[:2]
    clear = most >= _MIN_KIND_WORDS and most >= 2 * second
    return (first, _KIND_IN_BODY) if clear else ("", 0.0)


def propose_subject(text: str) -> Subject:
    """Mother or newborn, from the title then from the words of the top of the page; UNKNOWN when both."""
    lines = title_lines(text)
    best = _best(list(_candidates(lines)))
    if best is not None:
        if best.rule.subject is not Subject.UNKNOWN:
            return best.rule.subject
        if any(word in best.text for word in rules.NEWBORN_WORDS):
            return Subject.NEWBORN
    top = " ".join(lines) + " "
    newborn = sum(word in top for word in rules.NEWBORN_WORDS)
    mother = sum(word in top for word in rules.MOTHER_WORDS)
    if newborn and not mother:
        return Subject.NEWBORN
    return Subject.MOTHER if mother and not newborn else Subject.UNKNOWN
