"""Cases of the documents of level 1: a header and a PDF, for each type and each person that it can be about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perinat.standards import codes
from perinat.standards.codes import DocumentType
from tests.conformance.cases import people


def cases(kind: DocumentType) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, case): the least that a header may say, and all that it may."""
    for name, patient in (("mother", people.mother()), ("newborn", people.newborn())):
        if kind.about in (codes.ABOUT_EITHER, name):
            for whole in (False, True):
                given = people.case({}, patient=patient, whole=whole)
                del given["body"]
                if whole:
                    del given["participants"][0]["since"]
                else:
                    del given["participants"]
                yield f"{name} {'maximal' if whole else 'minimal'}", given
