"""What CSE-CS8 says of the parents: habits, earlier pregnancies, this pregnancy, its follow-up, the birth.

Codes and numbers only, no words that somebody types: the certificate is the child's. What the certificate asks for
may be said unknown rather than guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coordination.cda.entries import habits, pregnancies
from coordination.cda.entries.basics import comment, completed, entry, observation, templates, value
from coordination.cda.entries.habits import habit
from coordination.cda.entries.pregnancies import pregnancy_fact, pregnancy_observation
from coordination.cda.entries.subjects import FATHER, MOTHER, parent
from coordination.cda.spec.checking import Problem
from coordination.cda.spec.coded import Listed, OneOf, Wording
from coordination.cda.spec.kinds import Count, Flag, Kind, Quantity
from coordination.cda.spec.nodes import E, Ident, Item, Narrated, Sign, Slot
from coordination.cda.spec.unknown import OrUnknown
from coordination.cda.volets.delivery_room import observed
from perinat.standards import oids
from perinat.standards.codes import Code

_MOTHER = (parent(MOTHER),)
_FATHER = (parent(FATHER),)
_YES_OR_NO = OrUnknown(Flag())
ANTENATAL_SECTION = (
    "1.3.6.1.4.1.19376.1.5.3.1.1.21.2.5",
    "1.3.6.1.4.1.19376.1.5.3.1.1.21.2.5.1",
    "1.2.250.1.213.1.1.2.173",
)
_BATTERY = ("1.3.6.1.4.1.19376.1.5.3.1.1.21.3.10", "1.2.250.1.213.1.1.3.98")
_UNTREATED = "MED-1156"  # JDV_Traite_NonTraite


def _asip(code: str, label: str) -> Code:
    return Code(code, oids.TA_ASIP, label)


def _loinc(code: str, label: str) -> Code:
    return Code(code, oids.LOINC, label)


def _cim10(code: str, label: str) -> Code:
    return Code(code, oids.CIM_10, label)


def _parent(prefix: str, of: str, who: tuple[E, ...]) -> tuple[Item, ...]:
    """Level of studies, profession and activity of one parent."""
    facts = (
        ("education", "Niveau d'études", _loinc("82589-3", "Niveau d'études"), "JDV_NiveauEtude"),
        ("profession", "Profession", _asip("ORG-099", "Profession"), "JDV_Profession"),
        ("activity", "Activité professionnelle", _asip("ORG-075", "Activité professionnelle"), "JDV_Activite"),
    )
    return tuple(
        habit(f"{prefix}_{name}", f"{label} {of}", habits.OTHER, Listed(listed), what=what, about=who)
        for name, label, what, listed in facts
    )


def _other(name: str, label: str, what: Code, kind: Kind, *, mother: bool = False, required: bool = True) -> Item:
    about = _MOTHER if mother else ()
    return habit(name, label, habits.OTHER, kind, what=what, about=about, required=required)


HABITS = (
    *_parent("mother", "de la mère", _MOTHER),
    *_parent("father", "de l'autre parent", _FATHER),
    habit(
        "alcohol",
        "Alcool pendant la grossesse (verres par semaine)",
        habits.ALCOHOL,
        OrUnknown(Count(most=300)),
        about=_MOTHER,
        required=True,
    ),
    habit(
        "tobacco",
        "Tabac pendant la grossesse (cigarettes par semaine)",
        habits.TOBACCO,
        OrUnknown(Count(most=700)),
        about=_MOTHER,
        required=True,
    ),
    _other(
        "other_addiction",
        "Autre addiction pendant la grossesse",
        _asip("GEN-092.01.04", "Autre addiction"),
        _YES_OR_NO,
        mother=True,
    ),
    _other(
        "children_at_home",
        "Enfants vivant au foyer",
        _loinc("85722-7", "Nombre d'enfants vivant au foyer"),
        OrUnknown(Count(most=20)),
    ),
    _other("feeding", "Alimentation", _loinc("67704-7", "Type d'alimentation"), Listed("JDV_TypeAllaitementNouveauNe")),
    _other(
        "tuberculosis_risk",
        "Facteurs de risque familiaux de tuberculose",
        _asip("MED-183", "Facteurs de risque familiaux de tuberculose"),
        _YES_OR_NO,
    ),
)


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


def _antenatal(name: str, label: str, code: Code, kind: Kind) -> Item:
    undated = E("effectiveTime", nullFlavor="UNK")
    node = observation(code, value(kind, label=label), time=undated)
    return Item(name, label, E("component", node), required=True)


_HBS_ANTIGEN = OneOf(
    (
        Code(
            "406117000",
            oids.SNOMED_CT,
            "dosage immuno-enzymatique de l'antigène de surface de l'hépatite B positif",
        ),
        Code(
            "406118005",
            oids.SNOMED_CT,
            "dosage immuno-enzymatique de l'antigène de surface de l'hépatite B négatif",
        ),
    )
)
ANTENATAL = E(
    "organizer",
    *templates(_BATTERY),
    Ident(),
    E(
        "code",
        code="XX-ANTENATALTESTINGBATTERY",
        displayName="ANTENATAL TESTING AND SURVEILLANCE BATTERY",
        codeSystem=oids.LOINC,
        codeSystemName="LOINC",  # the rule wants it
    ),
    completed(),
    E("effectiveTime", E("low", nullFlavor="NA")),
    _antenatal(
        "trisomy_21_screening",
        "Dépistage biologique de la trisomie 21",
        _asip("GEN-078", "Dépistage biologique de la trisomie 21"),
        _YES_OR_NO,
    ),
    _antenatal(
        "ultrasounds",
        "Nombre total d'échographies",
        _asip("ORG-079", "Nombre total d'échographies"),
        OrUnknown(Count()),
    ),
    _antenatal(
        "morphology_ultrasound", "Échographie morphologique", _asip("ORG-080", "Echographie morphologique"), _YES_OR_NO
    ),
    _antenatal(
        "early_interview", "Entretien prénatal précoce", _asip("GEN-079", "Entretien prénatal précoce"), _YES_OR_NO
    ),
    _antenatal(
        "hbs_antigen", "Recherche de l'antigène HBs", _loinc("51659-1", "Recherche Ag Hbs"), OrUnknown(_HBS_ANTIGEN)
    ),
    classCode="BATTERY",
    moodCode="EVN",
)

LABOUR = (
    observed("foetuses", "Nombre de fœtus", _loinc("55281-0", "Nombre de fœtus"), Count(least=1, most=9)),
    observed(
        "gestational_age",
        "Âge gestationnel (semaines d'aménorrhée révolues)",
        _loinc("11885-1", "Age gestationnel (semaines d'amenorrhées révolues)"),
        Count(least=20, most=45),
    ),
    observed("presentation", "Présentation", _asip("MED-1248", "Présentation fœtale"), Listed("JDV_TypePres")),
    observed(
        "membranes_over_12h",
        "Rupture des membranes plus de 12 h avant l'accouchement",
        _asip("MED-166", "Rupture membranaire plus de 12 h avant l'accouchement"),
        _YES_OR_NO,
    ),
    observed(
        "labour_onset",
        "Début du travail",
        _loinc("73813-8", "Caractéristiques du travail"),
        Listed("JDV_ModeDebutTravail"),
    ),
    observed(
        "analgesia",
        "Analgésie au cours du travail",
        _asip("MED-168", "Analgésie au cours du travail"),
        Listed("JDV_TypeAnalgesie"),
    ),
    observed(
        "birth_mode",
        "Mode d'accouchement",
        _loinc("57071-3", "Méthode d'accouchement"),
        Listed("JDV_MethodeAccouchement"),
    ),
    observed(
        "caesarean_reason",
        "Cause de la césarienne",
        _asip("MED-600", "Cause de la césarienne"),
        Listed("JDV_CauseCesarienne"),
        required=False,
    ),
)
