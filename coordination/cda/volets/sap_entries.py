"""OBP-SAP, what its sections hold: problems, past acts, habits, blood group, measures."""

from __future__ import annotations

from dataclasses import replace

from coordination.cda.entries.basics import (
    COMMENT,
    DIAGNOSIS,
    coded,
    coded_value,
    comment,
    completed,
    entry,
    finding,
    fixed_finding,
    problem,
    procedure,
    templates,
    vital_sign,
    vital_signs,
)
from coordination.cda.entries.laboratory import RESULT, results
from coordination.cda.entries.problem_lists import listed_problem
from coordination.cda.entries.subjects import CHILD, subject
from coordination.cda.spec.coded import Listed, Terminology
from coordination.cda.spec.kinds import Quantity
from coordination.cda.spec.nodes import Anchor, E, Ident, Item, Narrated, Sign, Slot
from coordination.cda.spec.unknown import Approximate
from coordination.cda.volets import obstetrics as obp
from perinat.standards import oids
from perinat.standards.codes import Code

IMMUNOHAEMATOLOGY = Code("18717-9", oids.LOINC, "Immunohématologie")
_NONE_KNOWN = Code("no-known-problems", oids.ABSENT_UNKNOWN, "Pas de problème connu")


def _since() -> E:
    """effectiveTime/low, known to the year at least, or not."""
    return E("effectiveTime", Slot("low", "date", "Depuis", Approximate(), absent="UNK"))


def one_problem(name: str, label: str, pattern: str = "") -> Item:
    said = replace(finding(obp.cim10(pattern), name="problem", label="Diagnostic (CIM-10)"), leads=True)
    return Item(name, label, listed_problem(problem(said, comment(), code=DIAGNOSIS, time=_since())), many=True)


def named(name: str, label: str, code: Code) -> Item:
    present = Sign("present", "Présent", required=True)
    node = problem(fixed_finding(code), comment(), code=DIAGNOSIS, negation=present, time=_since())
    return Item(name, label, listed_problem(node), required=True)


def past_acts() -> tuple[Item, Item]:
    """Acts of the CCAM; others in words, under the code that the official example gives them."""
    ccam = Slot("code", "act", "Acte (CCAM)", Terminology(obp.CCAM, xsi=""), required=True, leads=True)
    surgery = E("code", code="SURG", codeSystem=oids.HL7_ACT_CODE)
    words = Narrated("act", "Acte", required=True, most=300)
    in_words = procedure(surgery, comment(), time=_since(), words=words)
    return (
        Item("others", "Acte", entry(in_words), many=True),
        Item("acts", "Acte", entry(procedure(ccam, comment(), time=_since())), many=True),
    )


def habits_comment() -> Item:
    act = E(
        "act",
        *templates(COMMENT),
        coded(Code("48767-8", oids.LOINC, "Commentaire")),
        Narrated("", "Commentaire", required=True),
        completed(),
        classCode="ACT",
        moodCode="EVN",
    )
    return Item("comment", "Commentaire", E("entry", act, typeCode="COMP"))


FOETUS = (subject(CHILD),)
NO_FOETAL_PROBLEM = listed_problem(problem(coded_value(_NONE_KNOWN, Anchor("originalText")), code=DIAGNOSIS))
BLOOD_GROUP = results(
    "results",
    "Groupe sanguin",
    IMMUNOHAEMATOLOGY,
    E(
        "entryRelationship",
        E(
            "observation",
            *templates(RESULT),
            Ident(),
            coded(
                Code("882-1", oids.LOINC, "ABO et RHD groupage:Type:Ponctuel:Sang:Résultat nominal:"),
                Anchor("originalText"),
            ),
            completed(),
            Slot("effectiveTime", "sampled_at", "Date du résultat", Approximate(), absent="UNK"),
            Slot("value", "blood_group", "Groupe", Listed("JDV_GroupeRhesus", xsi="CE"), required=True, leads=True),
            classCode="OBS",
            moodCode="EVN",
        ),
        typeCode="COMP",
    ),
)
MEASURES = vital_signs(
    vital_sign("weight", "Poids", Code("29463-7", oids.LOINC, "Poids"), Quantity("kg", "kg", 25, 350), required=True),
    vital_sign("height", "Taille", Code("8302-2", oids.LOINC, "Taille"), Quantity("cm", "cm", 90, 230), required=True),
    vital_sign(
        "bmi",
        "Indice de masse corporelle",
        Code("39156-5", oids.LOINC, "Index de masse corporelle (IMC)"),
        Quantity("kg/m2", "kg/m²", 10, 100, scale=1),
        required=True,
    ),
)
