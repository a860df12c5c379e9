"""OBP-SAP 2024.01 « Synthèse antepartum »: the mother's history and her pregnancy, before the birth.

Source: CI-SIS volet OBP, model 1.2.250.1.213.1.1.1.12.1. The rules ask for five problems of the pregnancy by
name, present or absent (each must be answered), and for a list of the foetus' problems: « none known » when there
is none.
"""

from __future__ import annotations

from coordination.cda.entries.allergies import allergies
from coordination.cda.entries.basics import (
    entry,
)
from coordination.cda.entries.closing import document_status
from coordination.cda.entries.encounters import past_encounter
from coordination.cda.entries.families import family_history
from coordination.cda.entries.habits import ALCOHOL, DRUGS, SECTION, SECTION_CODE, TOBACCO, habit
from coordination.cda.entries.laboratory import chapter
from coordination.cda.entries.pregnancies import SECTION as PREGNANCIES_SECTION
from coordination.cda.entries.pregnancies import SECTION_CODE as PREGNANCIES_CODE
from coordination.cda.entries.pregnancies import earlier_pregnancies, pregnancy_fact
from coordination.cda.entries.problem_lists import ACTIVE_SECTION, MEDICAL_HISTORY_SECTION, problem_list
from coordination.cda.entries.treatments import no_treatment, treatment
from coordination.cda.spec.coded import Terminology
from coordination.cda.spec.kinds import Count, Moment, Quantity
from coordination.cda.spec.nodes import Item, Prose, Section
from coordination.cda.spec.unknown import OrUnknown
from coordination.cda.volets import antepartum as rules
from coordination.cda.volets import obstetrics as obp
from coordination.cda.volets import sap_entries as entries
from coordination.cda.volets.cse_mde import VITAL_SIGNS_CODE, VITAL_SIGNS_SECTION
from coordination.cda.volets.model import Volet
from coordination.cda.volets.rules import in_order, items_or_none, performed_by_physician
from perinat.standards import codes, oids
from perinat.standards.codes import Code

_TRANSFUSIONS_SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.1.9.12", "1.2.250.1.213.1.1.2.82")
_ACTS_SECTION = (
    "2.16.840.1.113883.10.20.1.12",
    "1.3.6.1.4.1.19376.1.5.3.1.3.11",
    "1.3.6.1.4.1.19376.1.5.3.1.3.12",
    "1.2.250.1.213.1.1.2.136",
)
_ENCOUNTERS_SECTION = (
    "2.16.840.1.113883.10.20.1.3",
    "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.3",
    "1.2.250.1.213.1.1.2.76",
)
_TREATMENTS_SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.3.21", "1.2.250.1.213.1.1.2.145")
_ANY_OTHER = r"(?!(?:O46|O47\.0|O42|N39\.0|O23)$)[A-Z]\d\d(\.[\d+-]{1,4})?"

OBP_SAP = Volet(
    name="OBP-SAP",
    version="2024.01",
    type=codes.SYNTHESE_ANTEPARTUM,
    title="Synthèse antepartum",
    templates=((oids.TEMPLATE_CI_SIS, ""), ("1.2.250.1.213.1.1.1.12.1", "2024.01")),
    sections=(
        Section(
            "medical_history",
            "Antécédents médicaux et gynécologiques",
            Code("11348-0", oids.LOINC, "Antécédents médicaux"),
            MEDICAL_HISTORY_SECTION,
            (
                problem_list(
                    entries.one_problem("problems", "Antécédent"),
                    active=True,
                    watched=("history", "Antécédents médicaux"),
                ),
            ),
        ),
        Section(
            "past_acts",
            "Historique des actes chirurgicaux, thérapeutiques, diagnostiques",
            Code("47519-4", oids.LOINC, "Historique des actes"),
            _ACTS_SECTION,
            entries.past_acts(),
        ),
        Section(
            "transfusions",
            "Antécédents transfusionnels",
            Code("56836-0", oids.LOINC, "Transfusions"),
            _TRANSFUSIONS_SECTION,
            (Prose(label="Transfusions"),),
        ),
        family_history(),
        Section(
            "pregnancies",
            "Historique des grossesses",
            PREGNANCIES_CODE,
            PREGNANCIES_SECTION,
            (
                pregnancy_fact(
                    "last_period",
                    "Début des dernières règles",
                    Code("8665-2", oids.LOINC, "Date de début des dernières règles"),
                    OrUnknown(Moment(xsi="TS")),
                ),
                pregnancy_fact(
                    "foetuses",
                    "Nombre de fœtus",
                    Code("55281-0", oids.LOINC, "Nombre de foetus"),
                    Count(least=1, most=9),
                ),
                pregnancy_fact(
                    "previous",
                    "Nombre de grossesses antérieures",
                    Code("69043-8", oids.LOINC, "Nombre de grossesses antérieures"),
                    Count(most=30),
                ),
                earlier_pregnancies(),
            ),
            required=True,
        ),
        allergies(active=True),
        Section(
            "habits",
            "Consommations en début de grossesse",
            SECTION_CODE,
            SECTION,
            (
                habit(
                    "alcohol",
                    "Alcool",
                    ALCOHOL,
                    OrUnknown(Quantity("{drink}/d", "verre(s) par jour", 0, 50, scale=2)),
                    required=True,
                ),
                habit(
                    "tobacco",
                    "Tabac",
                    TOBACCO,
                    OrUnknown(Quantity("{pack}/d", "paquet(s) par jour", 0, 10, scale=2)),
                    required=True,
                ),
                habit("drugs", "Autre substance", DRUGS, Terminology(((oids.SNOMED_CT, "SNOMED CT"),)), many=True),
                entries.habits_comment(),
            ),
            required=True,
        ),
        Section(
            "psychosocial_follow_up",
            "Suivi psychosocial proposé",
            obp.PLAN_CODE,
            obp.FREE_PLAN_SECTION,
            (Prose(label="Suivi proposé"),),
        ),
        Section(
            "vital_signs",
            "Poids, taille et IMC en début de grossesse",
            VITAL_SIGNS_CODE,
            VITAL_SIGNS_SECTION,
            (Item("measures", "Mesures", entries.MEASURES, required=True),),
            required=True,
        ),
        chapter(
            "immunohaematology",
            "Analyses immunohématologiques",
            entries.IMMUNOHAEMATOLOGY,
            entries.BLOOD_GROUP,
            required=True,
        ),
        Section(
            "encounters",
            "Historique des rencontres",
            Code("46240-8", oids.LOINC, "Historique des rencontres"),
            _ENCOUNTERS_SECTION,
            (past_encounter("items", "Rencontre", "JDV_TypeRencontre_OBP"),),
            required=True,
        ),
        Section(
            "problems",
            "Problèmes au cours de la grossesse actuelle",
            Code("11450-4", oids.LOINC, "Liste des problèmes actifs"),
            ACTIVE_SECTION,
            (
                problem_list(
                    *(entries.named(name, *named) for name, named in rules.NAMED.items()),
                    entries.one_problem("maternal", "Autre pathologie maternelle", _ANY_OTHER),
                    watched=("mother", "Pathologies maternelles"),
                ),
                problem_list(
                    Item("no_foetal_problem", "Aucune pathologie fœtale connue", entries.NO_FOETAL_PROBLEM),
                    entries.one_problem("foetal", "Pathologie fœtale diagnostiquée in utero"),
                    subject=entries.FOETUS,
                    watched=("foetus", "Pathologies fœtales"),
                ),
            ),
            required=True,
        ),
        Section(
            "treatments",
            "Traitements administrés pendant la grossesse",
            Code("18610-6", oids.LOINC, "Traitements administrés"),
            _TREATMENTS_SECTION,
            (
                Item("none", "Aucun traitement médicamenteux connu", entry(no_treatment(), type_code="DRIV")),
                Item(
                    "foetal",
                    "Traitement du fœtus",
                    entry(treatment(subject=entries.FOETUS), type_code="DRIV"),
                    many=True,
                ),
                Item("maternal", "Traitement de la mère", entry(treatment(), type_code="DRIV"), many=True),
            ),
            required=True,
        ),
        document_status(),
    ),
    event=Code("11429006", oids.SNOMED_CT, "consultation"),
    encounter=Code("EXTERNE", "1.2.250.1.213.1.1.4.2.291", "Acte et consultation externe (établissement)"),
    format_urn="urn:asip:ci-sis:obp-sap:2023",
    needs_correspondent=True,
    header_rules=(performed_by_physician,),
    rules=(
        items_or_none("allergies", "allergies"),
        rules.pregnancies_counted,
        rules.no_child,
        rules.body_mass,
        in_order("encounters", start="from", end="to"),
        rules.foetal_problems,
        rules.named_not_denied,
        rules.treatments,
        in_order("treatments", items="maternal"),
        in_order("treatments", items="foetal"),
    ),
)
