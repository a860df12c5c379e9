"""FR-Simple-Observation, FR-Probleme, FR-Acte, FR-Commentaire-ER, FR-Signes-vitaux: the bricks of every volet.

Source: CI-SIS « Modèles de contenus CDA »; templateIds as in the official examples of the volets.
"""

from __future__ import annotations

from coordination.cda.spec.coded import Listed
from coordination.cda.spec.kinds import Kind, Moment, Quantity
from coordination.cda.spec.nodes import NOT_NEGATED, Anchor, E, Ident, Item, Narrated, Part, Sign, Slot, Today
from perinat.standards import oids
from perinat.standards.codes import Code

SIMPLE_OBSERVATION = ("1.3.6.1.4.1.19376.1.5.3.1.4.13", "1.2.250.1.213.1.1.3.48")
PROBLEM = ("2.16.840.1.113883.10.20.1.28", "1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37")
PROCEDURE = ("2.16.840.1.113883.10.20.1.29", "1.3.6.1.4.1.19376.1.5.3.1.4.19", "1.2.250.1.213.1.1.3.62")
COMMENT = ("2.16.840.1.113883.10.20.1.40", "1.3.6.1.4.1.19376.1.5.3.1.4.2", "1.2.250.1.213.1.1.3.32")
VITAL_SIGNS = (
    "2.16.840.1.113883.10.20.1.32",
    "2.16.840.1.113883.10.20.1.35",
    "1.3.6.1.4.1.19376.1.5.3.1.4.13.1",
    "1.2.250.1.213.1.1.3.49",
)
VITAL_SIGN = (
    "2.16.840.1.113883.10.20.1.31",
    "1.3.6.1.4.1.19376.1.5.3.1.4.13",
    "1.3.6.1.4.1.19376.1.5.3.1.4.13.2",
    "1.2.250.1.213.1.1.3.50",
)
CLINICAL_FINDING = Code("404684003", oids.SNOMED_CT, "constatation clinique")
DIAGNOSIS = Code("282291009", oids.SNOMED_CT, "interprétation diagnostique")


def templates(roots: tuple[str, ...]) -> tuple[E, ...]:
    return tuple(E("templateId", root=root) for root in roots)


def coded(value: Code, *children: Part, tag: str = "code", lenient: bool = False) -> E:
    """A fixed code; `children`: qualifier, originalText…; `lenient`: other software may leave it out."""
    return E(tag, *children, lenient=lenient, code=value.code, displayName=value.label, codeSystem=value.system)


def qualifier(slot: Slot) -> E:
    """<qualifier><value …/></qualifier> inside a code: the slot's tag must be « value »."""
    return E("qualifier", slot, optional=True)


def completed() -> E:
    return E("statusCode", code="completed")


def when(*, required: bool = False) -> Slot:
    """effectiveTime given by the case, else nullFlavor UNK."""
    return Slot("effectiveTime", "date", "Date", Moment(), required=required, absent="UNK")


def entry(node: E, *, type_code: str = "") -> E:
    return E("entry", node, typeCode=type_code) if type_code else E("entry", node)


def comment(words: Narrated | None = None) -> E:
    """FR-Commentaire-ER 1.2.250.1.213.1.1.3.32, as an entryRelationship; written when there are words.

    `words`: those of a list (`coded.Wording`), where free ones may not stand.
    """
    act = E(
        "act",
        *templates(COMMENT),
        coded(Code("48767-8", oids.LOINC, "Commentaire")),
        words or Narrated("comment", "Commentaire"),
        completed(),
        Today(),
        classCode="ACT",
        moodCode="EVN",
    )
    return E("entryRelationship", act, optional=True, typeCode="SUBJ", inversionInd="true")


def observation(
    code: Code,
    value: Slot | E,
    *more: Part,
    roots: tuple[str, ...] = SIMPLE_OBSERVATION,
    negation: Sign | None = None,
    time: Part | None = None,
    inside_code: tuple[Part, ...] = (),
) -> E:
    """FR-Simple-Observation. `more`: what follows the value (author, comment…)."""
    return E(
        "observation",
        *templates(roots),
        Ident(),
        coded(code, *inside_code),
        Anchor(),
        completed(),
        time or Today(),
        value,
        *more,
        negation=negation,
        classCode="OBS",
        moodCode="EVN",
    )


def value(kind: Kind, *, name: str = "", label: str = "Valeur", required: bool = True) -> Slot:
    """The <value> of an observation; bare by default."""
    return Slot("value", name, label, kind, required=required)


def finding(kind: Kind, *, name: str = "", label: str = "Problème", required: bool = True) -> Slot:
    """The coded <value> of a problem: its originalText refers to the narrative (rule of FR-Probleme)."""
    return Slot("value", name, label, kind, required=required, inside=(Anchor("originalText"),))


def fixed_finding(value: Code) -> E:
    """The same for a problem that the volet names: the case then says only whether it is present (`Sign`)."""
    return coded_value(value, Anchor("originalText"))


def coded_value(value: Code, *children: Part) -> E:
    """A fixed coded <value>."""
    return E("value", *children, xsi_type="CD", code=value.code, displayName=value.label, codeSystem=value.system)


def since(*, name: str = "date", label: str = "Début") -> E:
    """effectiveTime/low given by the case, else unknown: the time of a problem, which must have a low."""
    return E("effectiveTime", Slot("low", name, label, Moment(), absent="UNK"))


def problem(
    finding: Slot | E,
    *more: Part,
    code: Code = CLINICAL_FINDING,
    negation: Sign | None = None,
    time: Part | None = None,
    inside_code: tuple[Part, ...] = (),
) -> E:
    """FR-Probleme: `finding` is its coded <value> (`finding()`, `fixed_finding()`).

    Without `negation`, negationInd="false" is written; without `time` (`since()`), its beginning is unknown.
    """
    return E(
        "observation",
        *templates(PROBLEM),
        Ident(),
        coded(code, *inside_code),
        Anchor(),
        completed(),
        time or E("effectiveTime", E("low", nullFlavor="UNK")),
        finding,
        *more,
        negation=negation or NOT_NEGATED,
        classCode="OBS",
        moodCode="EVN",
    )


def procedure(
    code: E | Slot,
    *more: Part,
    negation: Sign | None = None,
    time: Part | None = None,
    words: Part | None = None,
) -> E:
    """FR-Acte done (moodCode EVN). `code`: fixed (`coded`) or a Slot « code »; `more`: what follows the time.

    `words`: its <text>, when it is not a mere reference to its line.
    """
    return E(
        "procedure",
        *templates(PROCEDURE),
        Ident(),
        code,
        words or Anchor(),
        completed(),
        time or Today(),
        *more,
        negation=negation or NOT_NEGATED,
        classCode="PROC",
        moodCode="EVN",
    )


def vital_sign(name: str, label: str, code: Code, kind: Quantity, *, required: bool = False) -> Item:
    """FR-Signe-vital-observe, as a component of FR-Signes-vitaux; a bare number in the case.

    Without a time of its own, as in the official examples: its date is that of the organizer.
    """
    node = observation(code, value(kind, label=label), roots=VITAL_SIGN, time=E("effectiveTime", nullFlavor="NA"))
    return Item(name, label, E("component", node, typeCode="COMP"), required=required)


def vital_signs(*signs: Item, dated: bool = False) -> E:
    """FR-Signes-vitaux: the organizer; its date is unknown unless `measured_at` is given, as `dated` wants it."""
    return entry(
        E(
            "organizer",
            *templates(VITAL_SIGNS),
            Ident(),
            coded(Code("85353-1", oids.LOINC, "Signes vitaux")),
            completed(),
            Slot("effectiveTime", "measured_at", "Date des mesures", Moment(), required=dated, absent="UNK"),
            *signs,
            classCode="CLUSTER",
            moodCode="EVN",
        )
    )


def listed(name: str) -> Slot:
    """A bare <value> (or the only one) taken from an official list."""
    return value(Listed(name))
