"""What the five OBP volets share: sections, exit of the ward, CIM-10 findings."""

from __future__ import annotations

from coordination.cda.entries.basics import entry, observation
from coordination.cda.spec.coded import Listed, Terminology
from coordination.cda.spec.kinds import Moment
from coordination.cda.spec.nodes import Item, Slot
from perinat.standards import oids
from perinat.standards.codes import Code

ACTS_CODE = Code("29554-3", oids.LOINC, "Actes")
ACTS_SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.1.13.2.11", "1.2.250.1.213.1.1.2.118")
EVENTS_CODE = Code("42545-4", oids.LOINC, "Evènements observés")
EVENTS_SECTION = (
    "1.3.6.1.4.1.19376.1.5.3.1.1.21.2.9",
    "1.3.6.1.4.1.19376.1.7.3.1.1.13.7",
    "1.2.250.1.213.1.1.2.163",
)
EXAM_CODE = Code("29545-1", oids.LOINC, "Examen physique")
EXAM_SECTION = (
    "1.3.6.1.4.1.19376.1.5.3.1.3.24",
    "1.3.6.1.4.1.19376.1.5.3.1.1.9.15",
    "1.3.6.1.4.1.19376.1.5.3.1.1.9.15.1",
    "1.2.250.1.213.1.1.2.84",
)
GENERAL_CODE = Code("10210-3", oids.LOINC, "État général")
GENERAL_SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.1.9.16", "1.2.250.1.213.1.1.2.85")
PLAN_CODE = Code("18776-5", oids.LOINC, "Plan de soins")
FREE_PLAN_SECTION = ("2.16.840.1.113883.10.20.1.10", "1.3.6.1.4.1.19376.1.5.3.1.3.31", "1.2.250.1.213.1.1.2.154")
CIM10 = ((oids.CIM_10, "CIM-10"),)
CCAM = ((oids.CCAM, "CCAM"),)
HOSPITAL_STAY = Code("IMP", oids.HL7_ACT_CODE, "Hospitalisation (établissement, y compris HAD)")
LYING_IN = Code("MED-1176", oids.TA_ASIP, "Suites de couches")


def cim10(pattern: str = "", often: tuple[str, ...] = ()) -> Terminology:
    """A CIM-10 code, of the chapter that `pattern` describes when given; `often`: lists proposed to who writes."""
    return Terminology(CIM10, pattern=pattern, often=often)


def exit_mode(listed: str, label: str = "Mode de sortie") -> Item:
    """ORG-074 with its date: {"mode": …, "date": …}."""
    node = observation(
        Code("ORG-074", oids.TA_ASIP, "Mode de sortie"),
        Slot("value", "mode", "Mode", Listed(listed), required=True, leads=True),
        time=Slot("effectiveTime", "date", "Date de sortie", Moment(), required=True),
    )
    return Item("exit", label, entry(node), required=True)
