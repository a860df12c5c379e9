"""Codes that the national rules cannot see: LOINC, SNOMED CT, TA_ASIP and other systems without a terminology file.

A rule looks a code up in a value set or in one of the ten terminologies of the pack; any other code passes
unseen, right or wrong. Here a code is known when ANS wrote it itself: in a value set (all of jeuxDeValeurs),
in the trees of its examples (../shared/reference/cda_trees), in the examples, or in a rule that asks for it.
The pair (code, system) counts: a LOINC code under the OID of SNOMED is unknown. A code without a system
(statusCode…) has the system "".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from perinat.standards import oids, xml

SHARED = Path(__file__).parents[3] / "shared"
PACK = SHARED / "ans" / "pack"
EXAMPLES = SHARED / "ans" / "examples"
TREES = SHARED / "reference" / "cda_trees"
needs_known_codes = pytest.mark.skipif(
    not (PACK.is_dir() and EXAMPLES.is_dir() and TREES.is_dir()),
    reason="national value sets and examples absent (../shared/ans, ../shared/reference/cda_trees)",
)
Pair = tuple[str, str]
# S_pregnancyHistoryOrganizer_OBP-SAP asks for this code, without its system; no list nor example of ANS holds it
ASKED_BY_A_RULE: tuple[Pair, ...] = (("63962-5", "2.16.840.1.113883.6.1"),)
_IN_BRACKETS = re.compile(r"code\[([^|\]]+)\|([^\]]*)\]", re.IGNORECASE)
_IN_BRACES = re.compile(r"\{[^{}]*\}")
_RULE_CODE = re.compile(r"""@code\s*=\s*["']([^"']+)["']""")
_RULE_SYSTEM = re.compile(r"""@codeSystem\s*=\s*["']([^"']+)["']""")
_TA_ASIP = re.compile(r"(GEN|MED|ORG)-\d{2,4}")
_MEMBER = re.compile(r"'(code|codeSystem)': '([^']*)'")


def codes_of(cda: bytes) -> list[tuple[Pair, str]]:
    """Every coded element of the document: (code, system) and its path, in document order."""
    root = xml.parse(cda)
    tree = root.getroottree()
    return [
        ((node.get("code", ""), node.get("codeSystem", "")), tree.getelementpath(node))
        for node in root.iter(etree.Element)
        if node.get("code")
    ]


def unknown_codes(cda: bytes) -> list[Pair]:
    """The (code, system) of the document that ANS wrote nowhere, each once, in document order."""
    return list(dict.fromkeys(pair for pair, _ in codes_of(cda) if pair not in known_codes()))


def unseen_codes(cda: bytes) -> list[Pair]:
    """Of these, those that no rule checks either: their system has no terminology in the pack."""
    return [pair for pair in unknown_codes(cda) if pair[1] not in systems_of_the_rules()]


@functools.cache
def known_codes() -> frozenset[Pair]:
    """Every pair of the value sets, the trees and the examples. About one second, once per process."""
    return frozenset((*_of_value_sets(), *_of_trees(), *_of_examples(), *_of_rules(), *ASKED_BY_A_RULE))


@functools.cache
def systems_of_the_rules() -> frozenset[str]:
    """OIDs of the systems whose codes the schematron « terminologies » looks up (CIM-10, CCAM…)."""
    folder = PACK / "schematrons/profils/terminologies/terminologie"
    return frozenset(path.stem for path in folder.iterdir())


def _of_value_sets() -> Iterator[Pair]:
    for path in (PACK / "jeuxDeValeurs").glob("*.xml"):
        if path.stat().st_size:  # three published files are empty
            for node in etree.parse(str(path)).iter("{urn:ihe:iti:svs:2008}Concept"):
                yield node.get("code", ""), node.get("codeSystem", "")


def _of_trees() -> Iterator[Pair]:
    """`code[X|system]` and `{'code': 'X', …, 'codeSystem': 'system'}`."""
    for path in TREES.glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        yield from (found.groups() for found in _IN_BRACKETS.finditer(text))  # type: ignore[misc]
        for braces in _IN_BRACES.findall(text):
            members = dict(_MEMBER.findall(braces))
            if "code" in members:
                yield members["code"], members.get("codeSystem", "")


def _of_examples() -> Iterator[Pair]:
    for path in EXAMPLES.glob("*.xml"):
        yield from (pair for pair, _ in codes_of(path.read_bytes()))


def _of_rules() -> Iterator[Pair]:
    """`@code="X"` beside its `@codeSystem` in one test; alone when the form of the code is that of TA_ASIP."""
    for path in (PACK / "schematrons/include/entrees").glob("*.sch"):
        for node in etree.parse(str(path)).iter(etree.Element):
            test = node.get("test", "")
            found, systems = _RULE_CODE.findall(test), set(_RULE_SYSTEM.findall(test))
            if len(systems) == 1:
                yield from ((code, *systems) for code in found)
            yield from ((code, oids.TA_ASIP) for code in found if _TA_ASIP.fullmatch(code))
