"""OBP-SCM 2024.01 « Synthèse Suites de Couches Mère »: notable acts, problems, how she left the ward.

Source: CI-SIS volet OBP, model 1.2.250.1.213.1.1.1.12.4. The norm asks for at least one act and one problem
(FR-Acte, FR-Probleme 1..*); an uneventful stay says so with an act of supervision and a normal finding.
"""

from __future__ import annotations

from coordination.cda.entries.basics import DIAGNOSIS, comment, entry, finding, problem, procedure, since, when
from coordination.cda.entries.closing import document_status
from coordination.cda.entries.transfers import destination
from coordination.cda.model import Framed
from coordination.cda.spec.checking import Problem
from coordination.cda.spec.coded import Terminology
from coordination.cda.spec.nodes import Item, Section, Slot
from coordination.cda.volets import obstetrics as obp
from coordination.cda.volets.dates import outside_the_stay
from coordination.cda.volets.model import Volet
from perinat.standards import codes, oids

_ACTS_OFTEN = ("JDV_TypeActePostPartum",)
_PROBLEMS_OFTEN = ("JDV_EtatPerinee", "JDV_AntecedentsObstetricaux")
_CODE = Slot("code", "act", "Acte (CCAM)", Terminology(obp.CCAM, xsi="", often=_ACTS_OFTEN), required=True)
_ACT = Item("acts", "Acte réalisé", entry(procedure(_CODE, comment(), time=when())), required=True, many=True)
_FOUND = finding(obp.cim10(often=_PROBLEMS_OFTEN), name="problem", label="Problème (CIM-10)")
_PROBLEM = Item(
    "problems",
    "Problème des suites de couches",
    entry(problem(_FOUND, comment(), code=DIAGNOSIS, time=since())),
    required=True,
    many=True,
)


def _left(content: Framed) -> list[Problem]:
    return outside_the_stay(content, leaving="events.exit.date")


OBP_SCM = Volet(
    name="OBP-SCM",
    version="2024.01",
    type=codes.SYNTHESE_SUITES_DE_COUCHES,
    title="Synthèse Suites de Couches Mère",
    templates=((oids.TEMPLATE_CI_SIS, ""), ("1.2.250.1.213.1.1.1.12.4", "2024.01")),
    sections=(
        Section(
            "acts", "Actes notables des suites de couches", obp.ACTS_CODE, obp.ACTS_SECTION, (_ACT,), required=True
        ),
        Section(
            "events",
            "Problèmes de suites de couches et sortie de la mère",
            obp.EVENTS_CODE,
            obp.EVENTS_SECTION,
            (_PROBLEM, obp.exit_mode("JDV_ModeSortie_OBP_SCM", "Sortie de la mère"), destination()),
            required=True,
        ),
        document_status(),
    ),
    event=obp.LYING_IN,
    encounter=obp.HOSPITAL_STAY,
    format_urn="urn:asip:ci-sis:obp-scm:2023",
    needs_correspondent=True,
    agreements=(_left,),
)
