"""Rules that several volets share: what the tree of one section cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from coordination.cda.model import DocumentContent
from coordination.cda.spec.checking import Problem
from coordination.cda.volets.model import Rule


def items_or_none(section: str, what: str) -> Rule:
    """Of « items » and « none », exactly one; `what`: in French, in the plural."""

    def rule(body: Mapping[str, Any]) -> Iterator[Problem]:
        if section in body and bool(body[section].get("items")) == bool(body[section].get("none")):
            yield Problem(
                f"body.{section}", f"les {what} sont attendus, ou none : true s'il n'y en a pas ; l'un des deux"
            )

    return rule


def in_order(section: str, *, items: str = "items", start: str = "start", end: str = "end") -> Rule:
    """No item ends before it starts; a day and an instant of that day are in order."""

    def rule(body: Mapping[str, Any]) -> Iterator[Problem]:
        for index, item in enumerate(body.get(section, {}).get(items, ())):
            if start in item and end in item and _before(item[end], item[start]):
                yield Problem(f"body.{section}.{items}[{index}].{end}", "la fin précède le début")

    return rule


def performed_by_physician(content: DocumentContent) -> Iterator[Problem]:
    """The performer, the author when none is named, is a physician (« G15_10 » of JDV_J01)."""
    performer = content.performer or content.author
    if not performer.specialty.code.startswith("G15_10"):
        yield Problem("performer", "le médecin qui a réalisé l'acte (le document n'en nomme aucun comme exécutant)")


def _before(one: str, other: str) -> bool:
    if 10 in (len(one), len(other)):
        return date.fromisoformat(one[:10]) < date.fromisoformat(other[:10])
    return datetime.fromisoformat(one) < datetime.fromisoformat(other)
