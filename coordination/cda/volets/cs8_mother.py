"""What CSE-CS8 says of the parents: habits, earlier pregnancies, this pregnancy, its follow-up, the birth.

Codes and numbers only, no words that somebody types: the certificate is the child's. What the certificate asks for
may be said unknown rather than guessed.
"""

from __future__ import annotations

from coordination.cda.entries import habits
from coordination.cda.entries.basics import completed, observation, templates, value
from coordination.cda.entries.habits import habit
from coordination.cda.entries.subjects import FATHER, MOTHER, parent
from coordination.cda.spec.coded import Listed, OneOf
from coordination.cda.spec.kinds import Count, Flag, Kind
from coordination.cda.spec.nodes import E, Ident, Item
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


def _asip(code: str, label: str) -> Code:
    return Code(code, oids.TA_ASIP, label)


def _loinc(code: str, label: str) -> Code:
    return Code(code, oids.LOINC, label)


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
