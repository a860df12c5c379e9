"""FR-Vaccination 1.2.250.1.213.1.1.3.45, with FR-Produit-de-sante .3.43 and FR-Rang-de-la-vaccination .3.82."""

from __future__ import annotations

from coordination.cda.entries.basics import coded, completed, entry, templates, value, when
from coordination.cda.spec.coded import Terminology
from coordination.cda.spec.kinds import Count, Words
from coordination.cda.spec.nodes import Anchor, E, Ident, Item, Sign, Slot
from perinat.standards import oids
from perinat.standards.codes import Code

VACCINATION = ("2.16.840.1.113883.10.20.1.24", "1.3.6.1.4.1.19376.1.5.3.1.4.12", "1.2.250.1.213.1.1.3.45")
PRODUCT = ("2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2", "1.2.250.1.213.1.1.3.43")
RANK = ("2.16.840.1.113883.10.20.1.46", "1.2.250.1.213.1.1.3.82")
CIS = "1.2.250.1.213.2.3.1"
ATC = "2.16.840.1.113883.6.73"


def vaccination(name: str, label: str, vaccine: Code) -> Item:
    """A first dose of `vaccine` (ATC), given or not: {"done": …, "date": …, "product": …, "lot": …, "rank": …}."""
    product = Slot(
        "code",
        "product",
        "Spécialité",
        Terminology(((CIS, "CIS"),)),
        absent="UNK",
        inside=(Anchor("originalText"), coded(vaccine, tag="translation")),
    )
    material = E(
        "manufacturedMaterial",
        product,
        E("name", vaccine.label),
        Slot("lotNumberText", "lot", "Lot", Words(most=40), absent="UNK"),
    )
    rank = E(
        "observation",
        *templates(RANK),
        coded(Code("30973-2", oids.LOINC, "Rang de la vaccination")),
        completed(),
        value(Count(least=1, most=9), name="rank", label="Rang", required=False),
        classCode="OBS",
        moodCode="EVN",
    )
    node = E(
        "substanceAdministration",
        *templates(VACCINATION),
        Ident(),
        coded(Code("INITIMMUNIZ", oids.HL7_ACT_CODE, "Primo-vaccination")),
        Anchor(),
        completed(),
        when(),
        E("routeCode", nullFlavor="NA"),
        E("doseQuantity", value="1"),
        E("consumable", E("manufacturedProduct", *templates(PRODUCT), material), typeCode="CSM"),
        E("entryRelationship", rank, typeCode="SUBJ", optional=True),
        negation=Sign(required=True),
        classCode="SBADM",
        moodCode="EVN",
    )
    return Item(name, label, entry(node))
