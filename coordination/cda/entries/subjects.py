"""FR-Sujet 1.2.250.1.213.1.1.3.60: whom a section or an entry is about, when it is not the patient."""

from __future__ import annotations

from coordination.cda.entries.basics import coded, templates
from coordination.cda.spec.nodes import E, Known, Part
from perinat.standards import oids
from perinat.standards.codes import Code

SUBJECT = ("1.3.6.1.4.1.19376.1.5.3.1.4.15.2", "1.2.250.1.213.1.1.3.60")
MOTHER = Code("MTH", oids.HL7_ROLE_CODE, "Mère")
FATHER = Code("FTH", oids.HL7_ROLE_CODE, "Père")
CHILD = Code("CHILD", oids.HL7_ROLE_CODE, "Enfant")


def subject(relation: Code, *person: Part) -> E:
    """`relation` to the patient; `person`: what is said of who it is (sex, date of birth), nothing clinical."""
    who = (E("subject", *person),) if person else ()
    return _subject(relation, *who)


def parent(relation: Code, *person: Part) -> E:
    """The same for a parent of the child: name, address and telephone are those that the header says, if it does."""
    code = relation.code
    who = E("subject", Known(code, "name"), *person) if person else Known(code, "person")
    return _subject(relation, Known(code, "contact"), who)


def _subject(relation: Code, *more: Part) -> E:
    return E(
        "subject", *templates(SUBJECT), E("relatedSubject", coded(relation), *more, classCode="PRS"), typeCode="SBJ"
    )
