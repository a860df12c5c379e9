"""CSE-CS8, what the certificate says of the newborn: birth, first week, acts, medicines given, vaccines, transfer."""

from __future__ import annotations

from dataclasses import replace

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
from coordination.cda.entries.problem_lists import ACTIVE_SECTION, listed_problem, problem_list
from coordination.cda.entries.transfers import destination
from coordination.cda.entries.treatments import fixed_product, treatment
from coordination.cda.entries.vaccinations import vaccination
from coordination.cda.spec.coded import Listed
from coordination.cda.spec.kinds import Moment, Quantity
from coordination.cda.spec.nodes import E, Item, Section, Sign, Slot
from coordination.cda.volets import obstetrics as obp
from coordination.cda.volets.cse_mde import HEAD, LENGTH, VITAL_SIGNS_CODE, VITAL_SIGNS_SECTION, WEIGHT
from perinat.standards import oids
from perinat.standards.codes import Code

_TREATMENTS_SECTION = ("1.3.6.1.4.1.19376.1.5.3.1.3.21", "1.2.250.1.213.1.1.2.145")


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


def vaccine(name: str, label: str, code: Code) -> Item:
    return replace(vaccination(name, label, code), required=True)


def transfer() -> Section:
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


EXAM = Section(
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
FIRST_WEEK = Section(
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
ACTS = Section(
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
TREATMENTS = Section(
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
