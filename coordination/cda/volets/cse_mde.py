"""CSE-MDE 2023.01 « Mesures de l'enfant » (carnet de santé): weight, length, head circumference.

Source: CI-SIS volet CSE, model 1.2.250.1.213.1.1.1.5.4; section FR-Signes-vitaux 1.2.250.1.213.1.1.2.75.
"""

from __future__ import annotations

from coordination.cda.entries.basics import vital_sign, vital_signs
from coordination.cda.spec.kinds import Quantity
from coordination.cda.spec.nodes import Item, Section
from coordination.cda.volets.model import Volet
from perinat.standards import codes, oids
from perinat.standards.codes import Code

VITAL_SIGNS_SECTION = (
    "2.16.840.1.113883.10.20.1.16",
    "1.3.6.1.4.1.19376.1.5.3.1.3.25",
    "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2",
    "1.2.250.1.213.1.1.2.75",
)
VITAL_SIGNS_CODE = Code("8716-3", oids.LOINC, "Signes vitaux")

WEIGHT = vital_sign("weight", "Poids", Code("29463-7", oids.LOINC, "Poids"), Quantity("g", "g", 200, 30_000))
LENGTH = vital_sign("length", "Taille", Code("8302-2", oids.LOINC, "Taille"), Quantity("cm", "cm", 20, 150))
HEAD = vital_sign(
    "head_circumference",
    "Périmètre crânien",
    Code("8287-5", oids.LOINC, "Périmètre crânien"),
    Quantity("cm", "cm", 15, 70),
)

CSE_MDE = Volet(
    name="CSE-MDE",
    version="2023.01",
    type=codes.MESURES_ENFANT,
    title="Carnet de santé de l'enfant - Mesures de l'enfant",
    templates=(
        ("1.3.6.1.4.1.19376.1.5.3.1.1.1", ""),
        (oids.TEMPLATE_CI_SIS, ""),
        ("1.2.250.1.213.1.1.1.5", ""),
        ("1.2.250.1.213.1.1.1.5.4", "2023.01"),
    ),
    sections=(
        Section(
            "vital_signs",
            "Signes vitaux",
            VITAL_SIGNS_CODE,
            VITAL_SIGNS_SECTION,
            (Item("measures", "Mesures", vital_signs(WEIGHT, LENGTH, HEAD, dated=True), required=True),),
            required=True,
        ),
    ),
    event=Code("11429006", oids.SNOMED_CT, "consultation"),
    encounter=Code("AMB", oids.HL7_ACT_CODE, "Ambulatoire (hors établissement)"),
    format_urn="urn:ans:ci-sis:cse-mde:2023",
    about_child=True,
    oldest=6 * 366,  # days: six years
)
