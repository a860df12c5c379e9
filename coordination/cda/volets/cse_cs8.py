"""CSE-CS8 2025.01: the first certificate of health, that a physician writes within eight days of the birth.

Source: CI-SIS volet CSE, model 1.2.250.1.213.1.1.1.5.1. The child is the patient; of the parents only codes and
numbers (`cs8_mother`), beside who they are: that stands in the header (guardian, informants), and is written again
where the body is about them. The comment of « autre pathologie de la grossesse » (O99) is chosen in a list.
"""

from __future__ import annotations

from dataclasses import replace

from coordination.cda.entries import coverages, habits, pregnancies
from coordination.cda.entries.basics import (
    DIAGNOSIS,
    coded,
    comment,
    entry,
    fixed_finding,
    observation,
    problem,
    procedure,
    value,
    vital_sign,
    vital_signs,
    when,
)
from coordination.cda.entries.encounters import referral
from coordination.cda.entries.problem_lists import ACTIVE_SECTION, listed_problem, problem_list
from coordination.cda.entries.subjects import MOTHER, parent
from coordination.cda.entries.transfers import destination
from coordination.cda.entries.treatments import fixed_product, treatment
from coordination.cda.entries.vaccinations import vaccination
from coordination.cda.spec.coded import Listed
from coordination.cda.spec.kinds import Moment, Quantity
from coordination.cda.spec.nodes import E, Item, Section, Sign, Slot
from coordination.cda.volets import certificates as rules
from coordination.cda.volets import cs8_mother as mother
from coordination.cda.volets import obstetrics as obp
from coordination.cda.volets.cse_mde import HEAD, LENGTH, VITAL_SIGNS_CODE, VITAL_SIGNS_SECTION, WEIGHT
from coordination.cda.volets.delivery_room import LABOUR_CODE, LABOUR_SECTION
from coordination.cda.volets.model import Volet
from coordination.cda.volets.rules import performed_by_physician
from perinat.standards import codes, oids
from perinat.standards.codes import Code

_NEWBORN_CODE = Code("57075-4", oids.LOINC, "Informations sur l'accouchement et le nouveau-né")
_NEWBORN_SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.1.21.2.4", "1.2.250.1.213.1.1.2.124")
_TREATMENTS_SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.3.21", "1.2.250.1.213.1.1.2.145")
_VACCINES_SECTION = ("2.16.840.1.113883.10.20.1.6", "1.3.6.1.4.1.19376.1.5.3.1.3.23", "1.2.250.1.213.1.1.2.147")
_PLAN_SECTION = ("2.16.840.1.113883.10.20.1.10", "1.3.6.1.4.1.19376.1.5.3.1.3.36", "1.2.250.1.213.1.1.2.158")
_MOTHER = (parent(MOTHER),)


def _asip(code: str, label: str) -> Code:
    return Code(code, oids.TA_ASIP, label)


def _apgar(minutes: int, code: str) -> Item:
    label = f"Apgar à {minutes} min"
    named = Code(code, oids.LOINC, f"APGAR à {minutes}mn")
    return vital_sign(f"apgar_{minutes}", label, named, Quantity("{score}", "/ 10", 0, 10, scale=0), required=True)


def _first_week(name: str, label: str, code: Code) -> Item:
    """A pathology that the certificate names: true when there was one."""
    node = problem(fixed_finding(code), code=DIAGNOSIS, negation=Sign("", label, required=True))
    return Item(name, label, listed_problem(node), required=True)


def _other_pathology() -> Item:
    """{present, comment}: the comment is about the child."""
    code = _asip("GEN-092.01.11", "Autres pathologies de la 1ère semaine")
    node = problem(fixed_finding(code), comment(), code=DIAGNOSIS, negation=Sign("present", "Présente", required=True))
    return Item("other", "Autre pathologie de la première semaine", listed_problem(node), required=True)


def _hearing() -> Item:
    """{done, date, result}: the result when it was done, and only then."""
    found = E(
        "entryRelationship",
        observation(
            _asip("MED-1305", "Résultat du dépistage de la surdité"),
            value(Listed("JDV_ResultatDepistageSurdite"), name="result", label="Résultat", required=False),
            time=E("effectiveTime", E("low", nullFlavor="UNK")),
        ),
        optional=True,
        typeCode="COMP",
    )
    code = coded(_asip("MED-1304", "Dépistage de la surdité"))
    node = procedure(code, found, negation=Sign(required=True), time=when())
    return Item("hearing", "Dépistage de la surdité", entry(node), required=True)


def _given(name: str, label: str, atc: str, product: str) -> Item:
    """A treatment that the certificate names: {done, date}."""
    times = E(
        "effectiveTime",
        Slot("low", "date", "Date", Moment(), absent="UNK"),
        E("high", nullFlavor="NA"),
        xsi_type="IVL_TS",
    )
    node = treatment(
        given=fixed_product(Code(atc, oids.ATC, product)),
        times=(times,),
        negation=Sign(required=True),
        commented=False,
    )
    return Item(name, label, entry(node), required=True)


def _vaccine(name: str, label: str, code: Code) -> Item:
    return replace(vaccination(name, label, code), required=True)


def _transfer() -> Section:
    """transfer {kind {value, date}, destination}: only when the child was transferred."""
    kind = entry(
        observation(
            _asip("ORG-081", "Type de transfert"),
            value(Listed("JDV_TransfertMutation"), name="kind", label="Type"),
            time=when(),
        )
    )
    return Section(
        "transfer",
        "Transfert ou mutation de l'enfant",
        obp.EVENTS_CODE,
        obp.EVENTS_SECTION,
        (
            Item("kind", "Type de transfert", kind, required=True),
            replace(destination(services="JDV_TypeService"), required=True),
        ),
    )


_EXAM = Section(
    "exam",
    "État de l'enfant à la naissance",
    obp.EXAM_CODE,
    obp.EXAM_SECTION,
    (
        Section(
            "vital_signs",
            "Signes vitaux",
            VITAL_SIGNS_CODE,
            VITAL_SIGNS_SECTION,
            (
                Item(
                    "measures",
                    "Mesures",
                    vital_signs(
                        replace(WEIGHT, required=True),
                        LENGTH,
                        HEAD,
                        _apgar(1, "9272-6"),
                        _apgar(5, "9274-2"),
                        _apgar(10, "9271-8"),
                    ),
                    required=True,
                ),
            ),
            required=True,
        ),
    ),
    required=True,
)
_FIRST_WEEK = Section(
    "first_week",
    "Pathologies de la première semaine",
    Code("11450-4", oids.LOINC, "Liste des problèmes actifs"),
    ACTIVE_SECTION,
    (
        problem_list(
            _first_week(
                "respiratory_distress",
                "Détresse respiratoire",
                Code("P22.9", oids.CIM_10, "Détresse respiratoire du nouveau-né, sans précision"),
            ),
            _first_week(
                "antibiotics_over_48h",
                "Antibiothérapie de plus de 48 heures",
                _asip("MED-276", "Antibiothérapie (de plus de 48 heures)"),
            ),
            _first_week(
                "neurological",
                "Pathologie neurologique",
                Code("G96.9", oids.CIM_10, "Affection du système nerveux central, sans précision"),
            ),
            _first_week("surgical_emergency", "Urgence chirurgicale", _asip("MED-170", "Urgence chirurgicale")),
            _other_pathology(),
            active=True,
        ),
    ),
    required=True,
)
_ACTS = Section(
    "acts",
    "Actes et interventions",
    obp.ACTS_CODE,
    obp.ACTS_SECTION,
    (
        Item(
            "special_care",
            "Gestes techniques spécialisés",
            entry(
                procedure(
                    coded(_asip("MED-174", "Gestes techniques spécialisés")), negation=Sign(required=True), time=when()
                )
            ),
            required=True,
        ),
        _hearing(),
    ),
    required=True,
)
_TREATMENTS = Section(
    "treatments",
    "Médicaments administrés",
    Code("18610-6", oids.LOINC, "Traitements administrés"),
    _TREATMENTS_SECTION,
    (
        _given("rsv_immunisation", "Immunisation contre le VRS", "J06BD", "anticorps monoclonaux antiviraux"),
        _given(
            "hepatitis_b_immunoglobulin",
            "Immunoglobulines contre l'hépatite B",
            "J06BB",
            "immunoglobulines spécifiques",
        ),
    ),
    required=True,
)

CSE_CS8 = Volet(
    name="CSE-CS8",
    version="2025.01",
    type=codes.CERTIFICAT,
    title="Premier certificat de santé (à établir obligatoirement dans les 8 jours suivant la naissance)",
    templates=(
        (oids.TEMPLATE_CI_SIS, ""),
        ("1.3.6.1.4.1.19376.1.7.3.1.1.13.1", ""),
        ("1.2.250.1.213.1.1.1.5", ""),
        ("1.2.250.1.213.1.1.1.5.1", "2025.01"),
    ),
    sections=(
        Section("habits", "Mode de vie", habits.SECTION_CODE, habits.SECTION, mother.HABITS, required=True),
        Section(
            "coverage",
            "Couverture sociale",
            coverages.SECTION_CODE,
            coverages.SECTION,
            (coverages.coverages(),),
            required=True,
        ),
        Section(
            "pregnancies",
            "Historique des grossesses",
            pregnancies.SECTION_CODE,
            pregnancies.SECTION,
            mother.PREGNANCIES,
            required=True,
            before=(parent(MOTHER, Slot("birthTime", "mother_birth_date", "Naissance de la mère", Moment())),),
        ),
        Section(
            "antenatal",
            "Examens et surveillance prénataux",
            Code("57078-8", oids.LOINC, "Examens et surveillance prénataux"),
            mother.ANTENATAL_SECTION,
            (E("entry", mother.ANTENATAL),),
            required=True,
        ),
        Section(
            "labour",
            "Travail et accouchement",
            LABOUR_CODE,
            LABOUR_SECTION,
            (
                Section(
                    "events",
                    "Évènements observés",
                    obp.EVENTS_CODE,
                    obp.EVENTS_SECTION,
                    mother.LABOUR,
                    required=True,
                ),
            ),
            required=True,
            before=_MOTHER,
        ),
        Section(
            "newborn",
            "Informations sur le nouveau-né",
            _NEWBORN_CODE,
            _NEWBORN_SECTION,
            (_EXAM, _FIRST_WEEK, _ACTS, _TREATMENTS, _transfer()),
            required=True,
        ),
        Section(
            "vaccinations",
            "Vaccinations",
            Code("11369-6", oids.LOINC, "Historique des vaccinations"),
            _VACCINES_SECTION,
            (
                _vaccine("bcg", "Vaccin antituberculeux (BCG)", Code("J07AN", oids.ATC, "vaccins de la tuberculose")),
                _vaccine(
                    "hepatitis_b",
                    "Vaccin contre l'hépatite B",
                    Code("J07BC01", oids.ATC, "hépatite B, antigène purifié"),
                ),
            ),
            required=True,
        ),
        Section(
            "plan",
            "Plan de soins",
            obp.PLAN_CODE,
            _PLAN_SECTION,
            (
                referral(
                    "other_professional",
                    "Orientation vers un autre professionnel de santé",
                    _asip("ORG-194", "Orientation vers un autre professionnel de santé"),
                ),
                referral(
                    "multidisciplinary",
                    "Orientation vers une structure pluridisciplinaire (CAMSP, centre de référence, réseau…)",
                    _asip(
                        "ORG-195",
                        "Orientation vers une structure pluridisciplinaire (CAMPS centre de référence, réseau…)",
                    ),
                ),
                referral(
                    "pmi",
                    "Lien avec le médecin de PMI, avec l'accord des parents",
                    _asip("ORG-196", "Lien avec le médecin de PMI après accord des parents"),
                    comment(),
                ),
            ),
            required=True,
            otherwise="Aucune orientation demandée.",
        ),
    ),
    event=Code("11429006", oids.SNOMED_CT, "consultation"),
    encounter=Code("AMB", oids.HL7_ACT_CODE, "Ambulatoire (hors établissement)"),
    format_urn="urn:asip:ci-sis:cse-cs8:2017",
    about_child=True,
    mother_informs=True,
    answers=(mother.hypertension_treated,),
    rules=(rules.caesarean, rules.parity, rules.hearing, rules.other_pathology, mother.other_pathology),
    header_rules=(performed_by_physician, rules.places, rules.correspondent),
)
