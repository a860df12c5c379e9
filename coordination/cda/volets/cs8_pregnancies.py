"""CSE-CS8, what the certificate says of the mother's pregnancies: this one, and those before.

Codes and numbers only, no words that somebody types: the certificate is the child's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coordination.cda.entries import pregnancies
from coordination.cda.entries.basics import comment, entry, value
from coordination.cda.entries.pregnancies import pregnancy_fact, pregnancy_observation
from coordination.cda.spec.checking import Problem
from coordination.cda.spec.coded import Listed, Wording
from coordination.cda.spec.kinds import Count, Flag, Quantity
from coordination.cda.spec.nodes import Item, Narrated, Sign, Slot
from coordination.cda.spec.unknown import OrUnknown
from perinat.standards import oids
from perinat.standards.codes import Code

_YES_OR_NO = OrUnknown(Flag())
_UNTREATED = "MED-1156"  # JDV_Traite_NonTraite


def _asip(code: str, label: str) -> Code:
    return Code(code, oids.TA_ASIP, label)


def _loinc(code: str, label: str) -> Code:
    return Code(code, oids.LOINC, label)


def _cim10(code: str, label: str) -> Code:
    return Code(code, oids.CIM_10, label)


def _hypertension() -> Item:
    """O13: {present, treatment}; the model wants treated or not even when there is none (then « non traité », which is
    never supposed of a hypertension that is present: `hypertension_treated`).
    """
    listed = Slot(
        "value", "treatment", "Traitement", Listed("JDV_Traite_NonTraite"), default=_UNTREATED, proposed=False
    )
    code = _cim10("O13", "Hypertension gestationnelle [liée à la grossesse]")
    node = pregnancy_observation(code, listed, negation=Sign("present", "Présente", required=True))
    return Item("hypertension", "Hypertension artérielle", entry(node), required=True)


def hypertension_treated(body: Mapping[str, Any]) -> Iterator[Problem]:
    """On the answers as given, before the default: treated or not must be said of a hypertension, and only of it."""
    told = body["pregnancies"]["hypertension"]
    path = "body.pregnancies.hypertension.treatment"
    if told["present"] and "treatment" not in told:
        yield Problem(path, "dire si l'hypertension est traitée ou non")
    if not told["present"] and told.get("treatment", _UNTREATED) != _UNTREATED:
        yield Problem(path, "un traitement n'accompagne qu'une hypertension présente")


_COMPLICATING = "compliquant la grossesse, l'accouchement et la puerpéralité"
_PATHOLOGIES = Wording(  # CIM-10 O99.0 to O99.8, in its own words
    tuple(
        _cim10(code, f"{label} {_COMPLICATING}")
        for code, label in (
            ("O99.0", "Anémie"),
            (
                "O99.1",
                "Autres maladies du sang et des organes hématopoïétiques et certains troubles du système immunitaire",
            ),
            ("O99.2", "Maladies endocriniennes, nutritionnelles et métaboliques"),
            ("O99.3", "Troubles mentaux et maladies du système nerveux"),
            ("O99.4", "Maladies de l'appareil circulatoire"),
            ("O99.5", "Maladies de l'appareil respiratoire"),
            ("O99.6", "Maladies de l'appareil digestif"),
            ("O99.7", "Maladies de la peau et du tissu cellulaire sous-cutané"),
            ("O99.8", "Autres maladies et affections précisées"),
        )
    )
)


def _other_pathology() -> Item:
    """O99: {present, what}. The comment says which one in the words of the CIM-10, chosen in a list: what somebody
    types of the mother never stands in her child's certificate."""
    said = value(_YES_OR_NO, name="present", label="Présente")
    which = comment(Narrated("what", "Laquelle (CIM-10)", among=_PATHOLOGIES))
    return Item(
        "other_pathology",
        "Autre pathologie de la grossesse",
        entry(pregnancy_observation(pregnancies.PATHOLOGY, said, which)),
        required=True,
    )


def other_pathology(body: Mapping[str, Any]) -> Iterator[Problem]:
    """Which one is said of a pathology that is present, and of no other."""
    told = body["pregnancies"]["other_pathology"]
    if "what" in told and told["present"] is not True:
        yield Problem("body.pregnancies.other_pathology.what", "cette précision décrit une pathologie dite absente")


PREGNANCIES = (
    pregnancy_fact(
        "gravidity",
        "Gestité (grossesse actuelle comprise)",
        _loinc("11996-6", "Gestité (nombre total de grossesses y compris actuelle)"),
        Count(least=1, most=30),
    ),
    pregnancy_fact(
        "parity",
        "Parité (accouchement actuel compris)",
        _loinc("11977-6", "Parité (nombre total d'accouchements y compris actuel)"),
        Count(least=1, most=30),
    ),
    pregnancy_fact(
        "premature_births",
        "Enfants nés avant 37 semaines",
        _loinc("11637-6", "Nombre d'enfants prématurés (nés avant 37 semaines)"),
        OrUnknown(Count(most=30)),
    ),
    pregnancy_fact(
        "low_weight_births",
        "Enfants de moins de 2500 g",
        _asip("MED-159", "Nombre d'enfants pesant moins de 2500 g"),
        OrUnknown(Count(most=30)),
    ),
    pregnancy_fact(
        "stillbirths", "Enfants mort-nés", _loinc("57062-2", "Nombre d'enfants mort-nés"), OrUnknown(Count(most=30))
    ),
    pregnancy_fact(
        "neonatal_deaths",
        "Enfants nés vivants et décédés avant 28 jours",
        _asip("MED-1184", "Nombre d'enfants nés vivants et décédés avant 28 jours"),
        OrUnknown(Count(most=30)),
    ),
    pregnancy_fact(
        "previous_caesarean",
        "Antécédent de césarienne",
        _cim10("O82.9", "Accouchement par césarienne, sans précision"),
        _YES_OR_NO,
    ),
    pregnancy_fact(
        "declaration",
        "Déclaration de grossesse",
        _loinc("75200-6", "Date de la première consultation (déclaration de grossesse)"),
        Listed("JDV_DateCons"),
    ),
    pregnancy_fact(
        "usual_weight",
        "Poids habituel de la mère",
        _loinc("8348-5", "Poids corporel avant grossesse"),
        OrUnknown(Quantity("kg", "kg", 25, 350)),
    ),
    pregnancy_fact("height", "Taille de la mère", _loinc("8302-2", "Taille"), OrUnknown(Quantity("cm", "cm", 90, 230))),
    pregnancy_fact("pre_eclampsia", "Prééclampsie", _cim10("O14.9", "Prééclampsie, sans précision"), _YES_OR_NO),
    _hypertension(),
    pregnancy_fact(
        "gestational_diabetes",
        "Diabète gestationnel",
        _cim10("O24.4", "Diabète sucré survenant au cours de la grossesse"),
        _YES_OR_NO,
    ),
    _other_pathology(),
    pregnancy_fact(
        "hospital_days",
        "Jours d'hospitalisation",
        _asip("ORG-077", "Hospitalisation (y compris à domicile)"),
        OrUnknown(Quantity("d", "jour(s)", 0, 300, scale=0)),
    ),
    pregnancy_fact(
        "hospital_reason",
        "Motif d'hospitalisation",
        _asip("ORG-086", "Motif d'hospitalisation"),
        Listed("JDV_MotifHospitalisationCSE"),
        required=False,
    ),
)
