"""Structured documents (P9, P12): written, read back, checked; beside lxml and plain strings on the same elements.

CPU of the process, best of the rounds: the goals of P9 and P12 are figures of the notes, not a floor of this run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from lxml import etree

from coordination.cda import builder, case
from coordination.cda.volets import VOLETS
from coordination.cda.volets.read import body_of
from perinat.standards import cda_rules, xml
from tests.conformance.cases import CASES
from tests.conformance.known_codes import EXAMPLES
from tests.load import machine
from tests.load.goals import Result, goal
from tests.load.primitives import CHECKS, JAVA_MS, alternate, checked

MEASURED = ("LDL-SES", "OBP-SNM")
PEER_US = 2.0  # CPU of one element, npm @medplum/ccda: performance notes §1


def measure(*, rounds: int) -> Iterator[Result | str]:
    """Of each volet: the verdict on writing it, the line of reading it (bound by no goal), the verdict on its check."""
    for name in MEASURED:
        given = CASES[name]["maximal"]
        content = case.content(VOLETS[name], given)
        unique_id, now = given["document"]["unique_id"], datetime.fromisoformat(given["document"]["created_at"])
        write = partial(builder.build, content, unique_id=unique_id, now=now)
        data = write()
        tree = xml.parse(data)
        elements = sum(1 for _ in tree.iter(etree.Element))
        acts = (write, partial(_read, data), partial(_lxml, data), partial(_plain, tree))
        written, read, lxml, plain = map(min, alternate(acts, rounds=rounds, clock=time.process_time))
        said = {"elements": str(elements), "kB": f"{len(data) / 1e3:.0f}", "lxml_cpu_ms": f"{lxml:.2f}"}
        us = written * 1e3 / elements
        words = {
            "cpu_ms": f"{written:.2f}",
            "us_per_element": f"{us:.2f}",
            "notes_peer_us": f"{PEER_US:g}",
            "plain_strings_us": f"{plain * 1e3 / elements:.2f}",
            **said,
            "load": machine.load_average(),
        }
        yield Result(goal(f"P9-{name}"), us / PEER_US, words)
        shown = {"cpu_ms": f"{read:.2f}", "us_per_element": f"{read * 1e3 / elements:.2f}", **said, "goal": "none"}
        yield f"bench: P9-{name}-read " + " ".join(f"{key}={value}" for key, value in shown.items())
        if settings.ANS_PACK:
            check = partial(cda_rules.check, data, pack=Path(settings.ANS_PACK))
            yield checked(f"P12-{name}", check, rounds=rounds, words=said | {"load": machine.load_average()})


def examples(*, rounds: int) -> Result | str:
    """P12 on what the notes measured Java with: the official examples beside the project, the median of them."""
    files = sorted(EXAMPLES.glob("*.xml"))
    if not files or not settings.ANS_PACK:
        return "bench: P12-examples skipped=no-examples-or-pack-beside-the-project"
    pack = Path(settings.ANS_PACK)
    acts = [partial(cda_rules.check, one.read_bytes(), pack=pack) for one in files]
    for act in acts:
        act()  # the stylesheet of each volet is compiled once, and not counted
    spent = [min(times) for times in alternate(acts, rounds=rounds, clock=time.process_time, block=CHECKS)]
    words = {"documents": str(len(files)), "cpu_ms": f"{median(spent):.1f}", "slowest_cpu_ms": f"{max(spent):.1f}"}
    return Result(goal("P12-examples"), median(spent) / JAVA_MS, words | {"load": machine.load_average()})


def _read(data: bytes) -> object:
    return body_of(xml.parse(data))


def _lxml(data: bytes) -> object:
    return etree.tostring(etree.fromstring(data))


def _plain(element: xml.Element) -> str:
    """The same elements as text, by the plainest recursion: what writing costs when nothing is decided."""
    attributes = "".join([f" {name}={quoteattr(str(value))}" for name, value in element.items()])
    inner = escape(element.text or "") + "".join([_plain(child) + escape(child.tail or "") for child in element])
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"
