"""OBP-SNE, the newborn in the delivery room: examination, acts, blood of the cord."""

from __future__ import annotations

from coordination.cda.entries.basics import (
    coded,
    entry,
    fixed_finding,
    problem,
    procedure,
    since,
    vital_sign,
    vital_signs,
)
from coordination.cda.entries.laboratory import result, results
from coordination.cda.spec.coded import Listed
from coordination.cda.spec.kinds import Moment, Quantity
from coordination.cda.spec.nodes import E, Item, Section, Sign, Slot
from coordination.cda.volets import obstetrics as obp
from coordination.cda.volets.cse_mde import HEAD, LENGTH, VITAL_SIGNS_CODE, VITAL_SIGNS_SECTION, WEIGHT
from perinat.standards import oids
from perinat.standards.codes import Code


def _apgar(minutes: int, code: str) -> Item:
    score = Quantity("{score}", "/ 10", 0, 10, scale=0)
    return vital_sign(
        f"apgar_{minutes}", f"Apgar à {minutes} min", Code(code, oids.LOINC, f"APGAR à {minutes}mn"), score
    )


def _present(name: str, label: str, value_code: Code) -> Item:
    """FR-Probleme that the volet names: true when present, false when looked for and absent."""
    return Item(name, label, entry(problem(fixed_finding(value_code), negation=Sign(name="", label=label))))


EXAM = (
    Section(
        "vital_signs",
        "Signes vitaux",
        VITAL_SIGNS_CODE,
        VITAL_SIGNS_SECTION,
        (
            Item(
                "measures",
                "Mesures",
                vital_signs(_apgar(1, "9272-6"), _apgar(5, "9274-2"), _apgar(10, "9271-8"), WEIGHT, LENGTH, HEAD),
                required=True,
            ),
        ),
    ),
    Section(
        "ent",
        "Examen ORL",
        Code("11393-6", oids.LOINC, "ORL"),
        ("1.3.6.1.4.1.19376.1.5.3.1.1.9.20", "1.2.250.1.213.1.1.2.89"),
        (_present("choanal_atresia", "Atrésie des choanes", Code("Q30.0", oids.CIM_10, "Atrésie des choanes")),),
    ),
    Section(
        "rectum",
        "Examen du rectum",
        Code("10205-3", oids.LOINC, "Côlon rectum"),
        ("1.3.6.1.4.1.19376.1.5.3.1.1.9.37", "1.2.250.1.213.1.1.2.106"),
        (
            _present(
                "anal_atresia",
                "Absence, atrésie ou sténose congénitale de l'anus",
                Code("Q42.3", oids.CIM_10, "Absence, atrésie et sténose congénitales de l'anus, sans fistule"),
            ),
        ),
    ),
    Section(
        "general",
        "État général",
        obp.GENERAL_CODE,
        obp.GENERAL_SECTION,
        (
            _present("urine", "Émission d'urine", Code("MED-1172", oids.TA_ASIP, "Émission d’urine")),
            _present("meconium", "Émission de méconium", Code("MED-1173", oids.TA_ASIP, "Émission de méconium")),
        ),
    ),
)
_GESTURE = Slot("code", "gesture", "Geste", Listed("JDV_GesteReanimationNouveauNe"), required=True)
_VITAMIN_K = procedure(
    coded(Code("MED-1174", oids.TA_ASIP, "Administration de Vitamine K")),
    Slot("approachSiteCode", "route", "Voie", Listed("JDV_RouteofAdministration")),
    negation=Sign(required=True, label="Administrée"),
    time=since(label="Date"),
)
_BACTERIOLOGY = procedure(
    coded(Code("MED-1175", oids.TA_ASIP, "Prélévement bactériologique")),
    negation=Sign(required=True, label="Réalisés"),
    time=since(label="Date"),
)
ACTS = (
    Item("resuscitation", "Réanimation", entry(procedure(_GESTURE, time=since(label="Date"))), many=True),
    Item("vitamin_k", "Vitamine K", entry(_VITAMIN_K)),
    Item("bacteriology", "Prélèvements bactériologiques", entry(_BACTERIOLOGY)),
)
CORD = results(
    "cord_blood",
    "Sang du cordon",
    Code("18767-4", oids.LOINC, "Gaz du Sang"),
    E(
        "effectiveTime",
        Slot("low", "sampled_at", "Prélèvement", Moment()),
        E("high", nullFlavor="UNK"),
        optional=True,
    ),
    result(
        "arterial_ph",
        "pH artériel",
        Code("28646-8", oids.LOINC, "pH Sang de cordon artériel"),
        Quantity("[pH]", "", 6, 8, 2),
    ),
    result(
        "venous_ph",
        "pH veineux",
        Code("28647-6", oids.LOINC, "pH Sang de cordon veineux"),
        Quantity("[pH]", "", 6, 8, 2),
    ),
    result(
        "lactate",
        "Lactates",
        Code("32693-4", oids.LOINC, "Lactate [Moles/Volume] Sang"),
        Quantity("mmol/L", "mmol/L", 0, 40, 2),
    ),
)
