"""FR-Traitement 1.2.250.1.213.1.1.3.42 and FR-Produit-de-sante 1.2.250.1.213.1.1.3.43; no treatment at all."""

from __future__ import annotations

from coordination.cda.entries.basics import SIMPLE_OBSERVATION, coded, comment, completed, observation, templates, value
from coordination.cda.spec.amounts import Frequency, Ratio, Span
from coordination.cda.spec.coded import Listed, Terminology
from coordination.cda.spec.kinds import Moment, Words
from coordination.cda.spec.nodes import Anchor, E, Ident, Part, Sign, Slot
from perinat.standards import oids
from perinat.standards.codes import Code

TREATMENT = (  # the last one: dosing « normal », no treatment within the treatment
    "1.2.250.1.213.1.1.3.42",
    "2.16.840.1.113883.10.20.1.24",
    "1.3.6.1.4.1.19376.1.5.3.1.4.7",
    "1.3.6.1.4.1.19376.1.5.3.1.4.7.1",
)
PRODUCT = ("1.2.250.1.213.1.1.3.43", "2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2")
STOP_REASON = (*SIMPLE_OBSERVATION, "1.2.250.1.213.1.1.3.48.17")
DRUG = Code("DRUG", oids.HL7_ACT_CODE, "Médicament")
NONE = Code("no-known-medications", oids.ABSENT_UNKNOWN, "Pas de traitement médicamenteux connu")


def _consumable(code: Part, name: Part) -> E:
    material = E("manufacturedMaterial", code, name)
    return E("consumable", E("manufacturedProduct", *templates(PRODUCT), material))


def product() -> E:
    """name (always told), cis, cip and atc codes; without a CIS code the product's code is unknown."""
    others = (
        Slot("translation", "cip", "Code CIP", Terminology(((oids.CIP, "CIP"),), xsi=""), silent=True),
        Slot("translation", "atc", "Code ATC", Terminology(((oids.ATC, "ATC"),), xsi=""), silent=True),
    )
    cis = Terminology(((oids.CIS, "CIS"),), xsi="")
    code = Slot("code", "cis", "Code CIS", cis, absent="UNK", inside=(Anchor("originalText"), *others), silent=True)
    return _consumable(code, Slot("name", "name", "Médicament", Words(most=300), required=True, leads=True))


def fixed_product(atc: Code) -> E:
    """A product that the volet names by its ATC class."""
    return _consumable(E("code", Anchor("originalText"), coded(atc, tag="translation")), E("name", nullFlavor="NA"))


def posology() -> tuple[Part, ...]:
    """start, end, frequency, route, dose, rate, max_dose: all optional; unknown bounds are written unknown."""
    return (
        E(
            "effectiveTime",
            Slot("low", "start", "Début", Moment(), absent="UNK"),
            Slot("high", "end", "Fin", Moment(), absent="UNK"),
            xsi_type="IVL_TS",
        ),
        Slot(
            "effectiveTime",
            "frequency",
            "Fréquence",
            Frequency(),
            attributes={"xsi_type": "PIVL_TS", "operator": "A"},
        ),
        Slot("routeCode", "route", "Administration", Listed("JDV_RouteofAdministration", xsi="")),
        Slot("doseQuantity", "dose", "Dose", Span()),
        Slot("rateQuantity", "rate", "Rythme", Span()),
        Slot("maxDoseQuantity", "max_dose", "Dose maximale", Ratio()),
    )


def stop_reason() -> E:
    """FR-Motif-arret-traitement, as an entryRelationship; written when there is a reason."""
    node = observation(
        Code("MED-052", oids.TA_ASIP, "Motif d'arrêt du traitement"),
        value(Words(xsi="ST", most=500), name="reason", label="Motif de l'arrêt", required=False),
        roots=STOP_REASON,
    )
    return E("entryRelationship", node, optional=True, typeCode="COMP")


def treatment(
    *more: Part,
    given: E | None = None,
    times: tuple[Part, ...] = (),
    subject: tuple[Part, ...] = (),
    negation: Sign | None = None,
    stopped: bool = False,
    commented: bool = True,
) -> E:
    """FR-Traitement. `given`: its product (`product()`); `times`: what stands in place of `posology()`.

    `subject`: FR-Sujet, when it is not the patient; `stopped`: with the reason why; `commented`: a comment may
    be added; `more`: other entryRelationships.
    """
    return E(
        "substanceAdministration",
        *templates(TREATMENT),
        Ident(),
        coded(DRUG, lenient=True),  # the norm does not require it
        Anchor(),
        completed(),
        *(times or posology()),
        *subject,
        given or product(),
        *((stop_reason(),) if stopped else ()),
        *((comment(),) if commented else ()),
        *more,
        negation=negation,
        classCode="SBADM",
        moodCode="EVN",
    )


def no_treatment() -> E:
    """The treatment entry that says there is none (JDV_AbsentOrUnknownMedication)."""
    unknown = E("effectiveTime", E("low", nullFlavor="NA"), E("high", nullFlavor="NA"), xsi_type="IVL_TS")
    return E(
        "substanceAdministration",
        *templates(TREATMENT),
        Ident(),
        coded(NONE),
        Anchor(),
        completed(),
        unknown,
        _consumable(E("code", Anchor("originalText"), nullFlavor="NA"), E("name", nullFlavor="NA")),
        classCode="SBADM",
        moodCode="EVN",
    )
