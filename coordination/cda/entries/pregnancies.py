"""FR-Observation-sur-la-grossesse .3.53, FR-Historique-de-la-grossesse .3.55, FR-Naissance .3.56 (1.2.250.1.213.1.1).

An earlier pregnancy is one line of facts, each known or not; its children stand under it, each with its own.
"""

from __future__ import annotations

from coordination.cda.entries.basics import coded, comment, completed, entry, observation, templates, value
from coordination.cda.entries.subjects import CHILD, subject
from coordination.cda.spec.coded import Listed, OneOf, Terminology
from coordination.cda.spec.durations import Weeks
from coordination.cda.spec.kinds import Count, Flag, Kind, Quantity
from coordination.cda.spec.nodes import NOT_NEGATED, Anchor, E, Ident, Item, Part, Sign, Slot
from coordination.cda.spec.unknown import Approximate
from perinat.standards import oids
from perinat.standards.codes import Code

SECTION_CODE = Code("10162-6", oids.LOINC, "Historique des grossesses")
SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.1.5.3.4", "1.2.250.1.213.1.1.2.77")
OBSERVATION = ("1.3.6.1.4.1.19376.1.5.3.1.4.13", "1.3.6.1.4.1.19376.1.5.3.1.4.13.5", "1.2.250.1.213.1.1.3.53")
HISTORY = ("1.3.6.1.4.1.19376.1.5.3.1.4.13.5.1", "1.2.250.1.213.1.1.3.55")
BIRTH = ("1.3.6.1.4.1.19376.1.5.3.1.4.13.5.2", "1.2.250.1.213.1.1.3.56")
PATHOLOGY = Code(
    "O99",
    oids.CIM_10,
    "Autres maladies de la mère classées ailleurs, mais compliquant la grossesse, l'accouchement et la puerpéralité",
)
_SEXES = OneOf(
    (
        Code("F", oids.HL7_ADMINISTRATIVE_GENDER, "Féminin"),
        Code("M", oids.HL7_ADMINISTRATIVE_GENDER, "Masculin"),
        Code("UN", oids.HL7_ADMINISTRATIVE_GENDER, "Inconnu"),
    )
)


def pregnancy_observation(code: Code, said: Slot | E, *more: Part, negation: Sign | None = None) -> E:
    """FR-Observation-sur-la-grossesse, without a time of its own."""
    undated = E("effectiveTime", nullFlavor="NA")
    return observation(code, said, *more, roots=OBSERVATION, negation=negation, time=undated)


def pregnancy_fact(name: str, label: str, code: Code, kind: Kind, *, required: bool = True) -> Item:
    """A bare value, as an entry of the section."""
    return Item(name, label, entry(pregnancy_observation(code, value(kind, label=label))), required=required)


def _known(name: str, label: str, code: Code, kind: Kind, *, required: bool = False) -> E:
    """A fact of the pregnancy or of the child, on its line; not written when it is not known."""
    said = value(kind, name=name, label=label, required=required)
    return E("component", pregnancy_observation(code, said), optional=True, typeCode="COMP")


def _number() -> E:
    """63962-5: required by one rule, and absent from the list that another one looks its code up in.

    The list is not looked up for a code of another type than CD or CE: it is written as CV, which is a CD
    without translation nor qualifier.
    """
    code = Code("63962-5", oids.LOINC, "Numéro de la grossesse antérieure")
    node = E(
        "observation",
        *templates(OBSERVATION),
        Ident(),
        E("code", xsi_type="CV", code=code.code, displayName=code.label, codeSystem=code.system),
        Anchor(),
        completed(),
        E("effectiveTime", nullFlavor="NA"),
        value(Count(least=1, most=30), name="number", label="Numéro", required=False),
        classCode="OBS",
        moodCode="EVN",
    )
    return E("component", node, optional=True, typeCode="COMP")


def _pathologies() -> tuple[Item, Item]:
    """Those that have a code (CIM-10); else whether there was one at all."""
    disease = value(Terminology(((oids.CIM_10, "CIM-10"),)), label="Pathologie")
    unsaid = E("value", xsi_type="CD", nullFlavor="NA")
    any_one = Sign("", "Pathologie pendant la grossesse")
    return (
        Item(
            "pathologies",
            "Pathologie pendant la grossesse",
            E("component", pregnancy_observation(PATHOLOGY, disease, negation=NOT_NEGATED), typeCode="COMP"),
            many=True,
        ),
        Item(
            "pathology",
            "Pathologie pendant la grossesse",
            E("component", pregnancy_observation(PATHOLOGY, unsaid, negation=any_one), typeCode="COMP"),
        ),
    )


def _transfer() -> E:
    said = value(Listed("JDV_TransfertMutation"), name="transfer", label="Transfert ou mutation")
    code = Code("107724000", oids.SNOMED_CT, "transfert du patient")
    return E("component", pregnancy_observation(code, said, comment()), typeCode="COMP")


def _child() -> Item:
    """FR-Naissance: {rank, sex, born_at, birth_mode, birth_weight, status, transfer, comment}."""
    who = (
        Slot("administrativeGenderCode", "sex", "Sexe", _SEXES, required=True),
        Slot("birthTime", "born_at", "Naissance", Approximate()),
    )
    method = Code("57071-3", oids.LOINC, "Méthode d'accouchement")
    status = Code("92276-5", oids.LOINC, "Statut du nouveau né")
    weight = Slot(
        "value",
        "birth_weight",
        "Poids de naissance",
        Quantity("g", "g", 100, 8000, scale=0, xsi=""),
        absent="UNK",
        attributes={"xsi_type": "PQ"},
    )
    organizer = E(
        "organizer",
        *templates(BIRTH),
        Ident(),
        coded(Code("118215003", oids.SNOMED_CT, "observation sur l'accouchement")),
        completed(),
        E("effectiveTime", nullFlavor="NA"),
        subject(CHILD, *who),
        _known("birth_mode", "Mode d'accouchement", method, Listed("JDV_ModeAccouchement"), required=True),
        E(
            "component",
            pregnancy_observation(Code("8339-4", oids.LOINC, "Poids à la naissance"), weight),
            typeCode="COMP",
        ),
        _known("status", "État", status, Listed("JDV_EtatNaissance"), required=True),
        _transfer(),
        classCode="CLUSTER",
        moodCode="EVN",
    )
    rank = Slot("sequenceNumber", "rank", "Rang", Count(least=1, most=9), required=True, leads=True)
    return Item("children", "Enfant", E("component", rank, organizer, typeCode="COMP"), many=True)


def earlier_pregnancies() -> Item:
    """earlier [{number, from, to, outcome, gestational_age, perineum, postpartum_haemorrhage, living_children,
    pathologies, pathology, children}]."""
    haemorrhage = Code("O72", oids.CIM_10, "Hémorragie du postpartum")
    organizer = E(
        "organizer",
        *templates(HISTORY),
        Ident(),
        coded(Code("118185001", oids.SNOMED_CT, "constatation à propos de la grossesse")),
        completed(),
        E(
            "effectiveTime",
            Slot("low", "from", "Début", Approximate(), absent="UNK"),
            Slot("high", "to", "Fin", Approximate(), absent="UNK"),
        ),
        _number(),
        _known(
            "outcome",
            "Issue",
            Code("63893-2", oids.LOINC, "Issue de la grossesse"),
            Listed("JDV_IssueGrossesse"),
            required=True,
        ),
        _known(
            "gestational_age",
            "Âge gestationnel",
            Code("11884-4", oids.LOINC, "Age gestationnel du fœtus (estimation clinique)"),
            Weeks(),
        ),
        _known("perineum", "Périnée", Code("MED-1247", oids.TA_ASIP, "Etat du périnée"), Listed("JDV_EtatPerinee")),
        _known("postpartum_haemorrhage", "Hémorragie du post-partum", haemorrhage, Flag()),
        _known(
            "living_children", "Enfants vivants", Code("11638-4", oids.LOINC, "Nombre d'enfants vivants"), Count(most=9)
        ),
        *_pathologies(),
        _child(),
        classCode="CLUSTER",
        moodCode="EVN",
    )
    return Item("earlier", "Grossesse antérieure", entry(organizer), many=True)
