"""FR-Antecedents-familiaux 1.2.250.1.213.1.1.3.59 and FR-Antecedent-familial-observe .3.51."""

from __future__ import annotations

from coordination.cda.entries.basics import DIAGNOSIS, coded, completed, finding, templates
from coordination.cda.entries.subjects import FATHER, MOTHER, subject
from coordination.cda.spec.coded import Terminology
from coordination.cda.spec.nodes import Anchor, E, Ident, Item, Section
from perinat.standards import oids
from perinat.standards.codes import Code

SECTION = (
    "2.16.840.1.113883.10.20.1.4",
    "1.3.6.1.4.1.19376.1.5.3.1.3.14",
    "1.3.6.1.4.1.19376.1.5.3.1.3.15",
    "1.2.250.1.213.1.1.2.139",
)
ORGANIZER = ("2.16.840.1.113883.10.20.1.23", "1.3.6.1.4.1.19376.1.5.3.1.4.15", "1.2.250.1.213.1.1.3.59")
OBSERVED = (
    "2.16.840.1.113883.10.20.1.22",
    "1.3.6.1.4.1.19376.1.5.3.1.4.13",
    "1.3.6.1.4.1.19376.1.5.3.1.4.13.3",
    "1.2.250.1.213.1.1.3.51",
)
_DISEASE = Terminology(((oids.CIM_10, "CIM-10"),))


def _side(name: str, label: str, parent: Code, sex: Code) -> E:
    observed = E(
        "observation",
        *templates(OBSERVED),
        Ident(),
        coded(DIAGNOSIS),
        Anchor(),
        completed(),
        E("effectiveTime", nullFlavor="NA"),
        finding(_DISEASE, label="Pathologie"),
        classCode="OBS",
        moodCode="EVN",
    )
    organizer = E(
        "organizer",
        *templates(ORGANIZER),
        completed(),
        subject(parent, coded(sex, tag="administrativeGenderCode")),
        Item(name, label, E("component", observed, typeCode="COMP"), many=True),
        classCode="CLUSTER",
        moodCode="EVN",
    )
    return E("entry", organizer, optional=True)


def family_history(title: str = "Antécédents familiaux") -> Section:
    """family_history {maternal: [CIM-10], paternal: [CIM-10]}: diseases of the mother's and of the father's side."""
    female = Code("F", oids.HL7_ADMINISTRATIVE_GENDER, "Féminin")
    male = Code("M", oids.HL7_ADMINISTRATIVE_GENDER, "Masculin")
    return Section(
        "family_history",
        title,
        Code("10157-6", oids.LOINC, "Historique des pathologies familiales"),
        SECTION,
        (
            _side("maternal", "Antécédent du côté maternel", MOTHER, female),
            _side("paternal", "Antécédent du côté paternel", FATHER, male),
        ),
    )
