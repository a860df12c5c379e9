"""CSE-CS8 2025.01: the first certificate of health, that a physician writes within eight days of the birth.

Source: CI-SIS volet CSE, model 1.2.250.1.213.1.1.1.5.1. The child is the patient; of the parents only codes and
numbers (`cs8_mother`, `cs8_pregnancies`), beside who they are: that stands in the header, and is written again
where the body is about them. The comment of « autre pathologie de la grossesse » (O99) is chosen in a list.
"""

from __future__ import annotations

from coordination.cda.entries import coverages, habits, pregnancies
from coordination.cda.entries.basics import (
    comment,
)
from coordination.cda.entries.encounters import referral
from coordination.cda.entries.subjects import MOTHER, parent
from coordination.cda.spec.kinds import Moment
from coordination.cda.spec.nodes import E, Section, Slot
from coordination.cda.volets import certificates as rules
from coordination.cda.volets import cs8_mother as mother
from coordination.cda.volets import cs8_newborn as newborn
from coordination.cda.volets import cs8_pregnancies as pregnant
from coordination.cda.volets import obstetrics as obp
from coordination.cda.volets.delivery_room import LABOUR_CODE, LABOUR_SECTION
from coordination.cda.volets.model import Volet
from coordination.cda.volets.rules import performed_by_physician
from perinat.standards import codes, oids
from perinat.standards.codes import Code

_NEWBORN_CODE = Code("57075-4", oids.LOINC, "Informations sur l'accouchement et le nouveau-né")
_NEWBORN_SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.1.21.2.4", "1.2.250.1.213.1.1.2.124")
_VACCINES_SECTION = ("2.16.840.1.113883.10.20.1.6", "1.3.6.1.4.1.19376.1.5.3.1.3.23", "1.2.250.1.213.1.1.2.147")
_PLAN_SECTION = ("2.16.840.1.113883.10.20.1.10", "1.3.6.1.4.1.19376.1.5.3.1.3.36", "1.2.250.1.213.1.1.2.158")
_MOTHER = (parent(MOTHER),)


def _asip(code: str, label: str) -> Code:
    return Code(code, oids.TA_ASIP, label)


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
            pregnant.PREGNANCIES,
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
            (newborn.EXAM, newborn.FIRST_WEEK, newborn.ACTS, newborn.TREATMENTS, newborn.transfer()),
            required=True,
        ),
        Section(
            "vaccinations",
            "Vaccinations",
            Code("11369-6", oids.LOINC, "Historique des vaccinations"),
            _VACCINES_SECTION,
            (
                newborn.vaccine(
                    "bcg", "Vaccin antituberculeux (BCG)", Code("J07AN", oids.ATC, "vaccins de la tuberculose")
                ),
                newborn.vaccine(
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
    answers=(pregnant.hypertension_treated,),
    rules=(rules.caesarean, rules.parity, rules.hearing, rules.other_pathology, pregnant.other_pathology),
    header_rules=(performed_by_physician, rules.places, rules.correspondent),
)
