"""Who seems to have written the paper: RPPS numbers and names after « Dr », « Sage-femme ». Hints only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from coordination.papers.analysis import AuthorHint
from coordination.papers.classify import normalised
from perinat.standards.identifiers import IdentifierError, Rpps

MAX_HINTS = 6
_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’-]+"
_NAME = rf"({_WORD}(?:[ \u00a0]{_WORD}){{0,3}})"
_TITLES = {"dr": "Dr", "docteur": "Dr", "pr": "Pr", "professeur": "Pr", "sage-femme": "Sage-femme"}
_BEFORE = re.compile(rf"\b((?i:dr|docteur|pr|professeur|sage-femme))\b[.\u00a0 ]*(?:[:,][ \u00a0]*)?{_NAME}")
_AFTER = re.compile(rf"{_NAME}[ \u00a0]*[,(–-][ \u00a0]*(?i:sage-femme)")
_RPPS = re.compile(r"(?<!\d)(\d(?:[ \u00a0.]?\d){10})(?!\d)")
_NEIGHBOURS = 2  # lines between a name and its number
# A line with one of these words names who receives, not who writes.
_RECEIVER_WORDS = (
    "MEDECIN TRAITANT",
    "ADRESSE A",
    "A L'ATTENTION",
    "DESTINATAIRE",
    "COPIE",
    "CHER ",
    "RENDEZ VOUS",
    "RDV",
)
_SIGNING_WORDS = ("SIGNE", "VALIDE", "REDIGE", "PRESCRIPTEUR", "AUTEUR", "OPERATEUR", "ACCOUCHEUR", "REALISE PAR")


def propose_authors(texts: Sequence[str]) -> tuple[AuthorHint, ...]:
    """At most MAX_HINTS professionals, those that sign or have a number first; `texts` is one per page."""
    ranked: dict[tuple[str, str], tuple[int, AuthorHint]] = {}
    for page, text in enumerate(texts, start=1):
        for rank, hint in _on_page(page, text.split("\n")):
            key = (normalised(hint.name), "" if hint.name else hint.rpps)
            if key not in ranked or rank < ranked[key][0]:
                ranked[key] = (rank, hint)
    numbers = {hint.rpps for _, hint in ranked.values() if hint.name}
    kept = [(rank, hint) for rank, hint in ranked.values() if hint.name or hint.rpps not in numbers]
    return tuple(hint for _, hint in sorted(kept, key=lambda item: item[0]))[:MAX_HINTS]


def _on_page(page: int, lines: list[str]) -> Iterator[tuple[int, AuthorHint]]:
    numbers = [list(_numbers(line)) for line in lines]
    taken: set[int] = set()
    for index, line in enumerate(lines):
        words = normalised(line)
        if any(word in words for word in _RECEIVER_WORDS):
            continue
        for title, name in _names(line):
            near = _nearest_number(numbers, index)
            if near is not None:
                taken.add(near)
            rpps = numbers[near][0] if near is not None else ""
            signs = any(word in words for word in _SIGNING_WORDS)
            yield (0 if rpps else 1 if signs else 2), AuthorHint(page, name, title, rpps)
    for index, found in enumerate(numbers):
        labelled = "RPPS" in normalised(lines[index])
        if found and labelled and index not in taken:
            yield 1, AuthorHint(page, rpps=found[0])


def _names(line: str) -> Iterator[tuple[str, str]]:
    for match in _BEFORE.finditer(line):
        yield _TITLES[match.group(1).lower()], match.group(2).replace("\u00a0", " ")
    for match in _AFTER.finditer(line):
        yield "Sage-femme", match.group(1).replace("\u00a0", " ")


def _numbers(line: str) -> Iterator[str]:
    for match in _RPPS.finditer(line):
        try:
            yield Rpps(re.sub(r"\D", "", match.group(1))).number
        except IdentifierError:
            continue  # eleven digits that are something else


def _nearest_number(numbers: list[list[str]], index: int) -> int | None:
    """The line at or below `index` that holds a number, at most _NEIGHBOURS further, or just above."""
    order = [index, *range(index + 1, index + 1 + _NEIGHBOURS), index - 1]
    return next((at for at in order if 0 <= at < len(numbers) and numbers[at]), None)
