"""Structured documents (P9, P12): written, read back, checked; beside lxml alone on the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from lxml import etree

from coordination.cda import builder, case
from coordination.cda.volets import VOLETS
from coordination.cda.volets.read import body_of
from perinat.standards import cda_rules, xml
from tests.conformance.cases import CASES
from tests.load.primitives import compare

MEASURED = ("LDL-SES", "OBP-SNM")
NOTES_US = 2.0  # µs of CPU per element, performance notes §11 (P9): another machine's figure, shown beside ours


def lines(*, rounds: int) -> Iterator[str]:
    """One line per volet and act: milliseconds, and the ratio to lxml in the same run."""
    for name in MEASURED:
        volet, given = VOLETS[name], CASES[name]["maximal"]
        content = case.content(volet, given)
        unique_id, now = given["document"]["unique_id"], datetime.fromisoformat(given["document"]["created_at"])
        data = builder.build(content, unique_id=unique_id, now=now)
        elements = sum(1 for _ in xml.parse(data).iter(etree.Element))
        acts: dict[str, Callable[[], object]] = {
            "write": partial(builder.build, content, unique_id=unique_id, now=now),
            "read": partial(_read, data),
        }
        if settings.ANS_PACK:
            acts["check"] = partial(cda_rules.check, data, pack=Path(settings.ANS_PACK))
        for act, call in acts.items():
            measured = compare(call, partial(_lxml, data), rounds=rounds)
            mine, floor = measured.medians()
            us = mine * 1e3 / elements
            yield (
                f"bench: P9-N3 {name} {act} ms={mine:.2f} lxml_ms={floor:.2f} ratio_to_lxml={measured.ratio:.1f} "
                f"elements={elements} us_per_element={us:.2f} kB={len(data) / 1e3:.0f} notes_us={NOTES_US}"
            )


def _read(data: bytes) -> object:
    return body_of(xml.parse(data))


def _lxml(data: bytes) -> object:
    return etree.tostring(etree.fromstring(data))
