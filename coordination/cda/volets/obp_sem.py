"""OBP-SEM 2024.01 « Synthèse Enfant en Maternité »: screening, problems, feeding, follow-up, exit of a newborn.

Source: CI-SIS volet OBP, model 1.2.250.1.213.1.1.1.12.5. The rules ask for both acts (Guthrie test, other act):
an act that was not done stands with negationInd="true". Only the other act may be left out of a case: « none »;
the Guthrie test must be answered.
"""

from __future__ import annotations

from coordination.cda.entries.basics import (
    CLINICAL_FINDING,
    DIAGNOSIS,
    PROBLEM,
    SIMPLE_OBSERVATION,
    coded,
    comment,
    completed,
    entry,
    finding,
    observation,
    problem,
    procedure,
    since,
    templates,
    value,
    when,
)
from coordination.cda.entries.closing import document_status
from coordination.cda.entries.transfers import destination
from coordination.cda.entries.vaccinations import ATC, vaccination
from coordination.cda.model import Framed
from coordination.cda.spec.checking import Problem
from coordination.cda.spec.coded import Listed
from coordination.cda.spec.nodes import NOT_NEGATED, Anchor, E, Ident, Item, Narrated, Prose, Section, Sign
from coordination.cda.volets import obstetrics as obp
from coordination.cda.volets.dates import outside_the_stay
from coordination.cda.volets.model import Volet
from perinat.standards import codes, oids
from perinat.standards.codes import Code

_NOT_DONE = {"done": False}
_GUTHRIE = Code("275977009", oids.SNOMED_CT, "test néonatal de 14 maladies congénitales")
_OTHER_ACT = Code("GEN-092.04.13", oids.TA_ASIP, "Autre acte")
_HEARING_SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.1.9.21", "1.2.250.1.213.1.1.2.90")
_VACCINES_SECTION = ("2.16.840.1.113883.10.20.1.6", "1.3.6.1.4.1.19376.1.5.3.1.3.23", "1.2.250.1.213.1.1.2.147")
_FEEDING_SECTION = ("1.3.6.1.4.1.19376.1.7.3.1.1.13.5", "1.2.250.1.213.1.1.2.162")


def _act(name: str, label: str, code: Code, default: dict[str, bool] | None = None) -> Item:
    node = procedure(coded(code), comment(), negation=Sign(required=True), time=when())
    return Item(name, label, entry(node), required=True, default=default)


def _problems(name: str, label: str, pattern: str) -> Item:
    found = finding(obp.cim10(pattern), name="problem", label="Diagnostic (CIM-10)")
    return Item(name, label, entry(problem(found, comment(), code=DIAGNOSIS, time=since())), many=True)


def _infections() -> Item:
    """P36.x, with whether an antibiotic was given (68322007, RSON)."""
    antibiotic = _antibiotic(Code("68322007", oids.SNOMED_CT, "administration d'un antibiotique"))
    found = finding(obp.cim10(r"P36(\.\d)?"), name="problem", label="Diagnostic (CIM-10)")
    node = problem(found, E("entryRelationship", antibiotic, typeCode="RSON"), comment(), code=DIAGNOSIS, time=since())
    return Item("infections", "Infection", entry(node), many=True)


def _antibiotic(code: Code) -> E:
    return E(
        "observation",
        *templates(SIMPLE_OBSERVATION),
        Ident(),
        coded(code),
        Anchor(),
        completed(),
        E("effectiveTime", E("low", nullFlavor="UNK")),
        negation=Sign("antibiotic", "Antibiotique", required=True),
        classCode="OBS",
        moodCode="EVN",
    )


def _which(code: str, system: str, label: str) -> E:
    """The qualifier of the finding, as the official example writes it; other software may leave it out."""
    return E("qualifier", coded(Code(code, system, label), tag="name"), lenient=True)


_HEARING = problem(
    finding(Listed("JDV_OBP_TestAudition"), label="Résultat"),
    inside_code=(_which("398171003", oids.SNOMED_CT, "examen auditif"),),
)
_OTHER_SCREENING = E(
    "observation",
    *templates(PROBLEM),
    Ident(),
    coded(CLINICAL_FINDING, _which("GEN-092.04.01", oids.TA_ASIP, "Autre dépistage")),
    Narrated("", "Résultat", required=True),
    completed(),
    E("effectiveTime", E("low", nullFlavor="UNK")),
    E("value", Anchor("originalText"), xsi_type="CD", nullFlavor="UNK"),
    negation=NOT_NEGATED,
    classCode="OBS",
    moodCode="EVN",
)


def _left(content: Framed) -> list[Problem]:
    """The header's stay may be the mother's, who stays when her child is transferred."""
    return outside_the_stay(content, leaving="events.exit.date", own=False)


OBP_SEM = Volet(
    name="OBP-SEM",
    version="2024.01",
    type=codes.SYNTHESE_ENFANT_MATERNITE,
    title="Synthèse Enfant en Maternité",
    templates=((oids.TEMPLATE_CI_SIS, ""), ("1.2.250.1.213.1.1.1.12.5", "2024.01")),
    sections=(
        Section(
            "acts",
            "Actes réalisés en suites de couches",
            obp.ACTS_CODE,
            obp.ACTS_SECTION,
            (
                _act("guthrie", "Dépistage néonatal (Guthrie)", _GUTHRIE),
                _act("other", "Autre acte", _OTHER_ACT, _NOT_DONE),
            ),
            required=True,
        ),
        Section(
            "screening",
            "Dépistages",
            obp.EXAM_CODE,
            obp.EXAM_SECTION,
            (
                Section(
                    "hearing",
                    "Dépistage de l'audition",
                    Code("10195-6", oids.LOINC, "Système auditif"),
                    _HEARING_SECTION,
                    (Item("result", "Dépistage de l'audition", entry(_HEARING), required=True),),
                    required=True,
                ),
                Section(
                    "other",
                    "Autres dépistages",
                    obp.GENERAL_CODE,
                    obp.GENERAL_SECTION,
                    (Item("results", "Autre dépistage", entry(_OTHER_SCREENING), required=True, many=True),),
                ),
            ),
            required=True,
        ),
        Section(
            "vaccinations",
            "Vaccinations",
            Code("11369-6", oids.LOINC, "Historique des vaccinations"),
            _VACCINES_SECTION,
            (
                vaccination(
                    "hepatitis_b", "Vaccin contre l'hépatite B", Code("J07BC01", ATC, "Vaccin contre l'hépatite B")
                ),
                vaccination("bcg", "Vaccin antituberculeux (BCG)", Code("J07AN", ATC, "Vaccin antituberculeux")),
            ),
        ),
        Section(
            "events",
            "Problèmes des suites de couches et sortie du nouveau-né",
            obp.EVENTS_CODE,
            obp.EVENTS_SECTION,
            (
                _problems("birth_injuries", "Lésion traumatique", r"P1[0-5](\.\d)?"),
                _problems("malformations", "Anomalie congénitale", r"Q\d\d(\.\d+)?"),
                _infections(),
                _problems("jaundice", "Ictère", r"P5[5-9](\.\d)?"),
                _problems("others", "Autre problème", r"(?!P1[0-5]|P36|P5[5-9]|Q)[A-Z]\d\d(\.\d+)?"),
                obp.exit_mode("JDV_ModeSortie_OBP_SEM", "Sortie du nouveau-né"),
                destination(),
            ),
            required=True,
        ),
        Section(
            "feeding",
            "Alimentation du nouveau-né",
            Code("47420-5", oids.LOINC, "Évaluation du statut fonctionnel"),
            _FEEDING_SECTION,
            (
                Item(
                    "kind",
                    "Alimentation",
                    entry(
                        observation(
                            Code("63895-7", oids.LOINC, "Allaitement"), value(Listed("JDV_TypeAllaitementNouveauNe"))
                        )
                    ),
                    required=True,
                ),
            ),
            required=True,
        ),
        Section(
            "follow_up",
            "Suivi du nouveau-né",
            obp.PLAN_CODE,
            obp.FREE_PLAN_SECTION,
            (Prose(label="Suivi prévu"),),
            required=True,
        ),
        document_status(),
    ),
    event=obp.LYING_IN,
    encounter=obp.HOSPITAL_STAY,
    format_urn="urn:asip:ci-sis:obp-sem:2023",
    about_child=True,
    needs_correspondent=True,
    agreements=(_left,),
)
