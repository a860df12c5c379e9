"""FR-CR-BIO-Chapitre: a section of laboratory results, its single entry and each result.

Source: CI-SIS, IHE PaLM Laboratory Specialty Section; templateIds as in the official examples.
"""

from __future__ import annotations

from coordination.cda.entries.basics import coded, completed, templates, value
from coordination.cda.spec.kinds import Kind
from coordination.cda.spec.nodes import Anchor, E, Ident, Item, Section
from perinat.standards.codes import Code

CHAPTER = ("1.3.6.1.4.1.19376.1.3.3.2.1", "1.2.250.1.213.1.1.2.70")
RESULTS = ("1.3.6.1.4.1.19376.1.3.1", "1.2.250.1.213.1.1.3.21")
RESULT = ("1.3.6.1.4.1.19376.1.3.1.6", "1.2.250.1.213.1.1.3.80")


def result(name: str, label: str, code: Code, kind: Kind, *, required: bool = False) -> Item:
    """FR-Resultat-examens-de-biologie-element-clinique-pertinent: a bare value; its date is that of the act
    (`sampled_at`), or unknown.
    """
    node = E(
        "observation",
        *templates(RESULT),
        Ident(),
        coded(code, Anchor("originalText")),
        completed(),
        E("effectiveTime", nullFlavor="UNK"),
        value(kind, label=label),
        classCode="OBS",
        moodCode="EVN",
    )
    return Item(name, label, E("entryRelationship", node, typeCode="COMP"), required=required)


def results(name: str, label: str, code: Code, *more: E | Item, required: bool = True) -> Item:
    """FR-Resultats-examens-de-biologie-medicale: the single entry of a chapter. `more`: time, results."""
    act = E("act", coded(code), completed(), *more, classCode="ACT", moodCode="EVN")
    return Item(name, label, E("entry", *templates(RESULTS), act, typeCode="DRIV"), required=required)


def chapter(name: str, title: str, code: Code, *children: Item, required: bool = False) -> Section:
    """FR-CR-BIO-Chapitre 1.2.250.1.213.1.1.2.70."""
    return Section(name, title, code, CHAPTER, children, required=required)
