"""LDL-SES 2022.01 « Lettre de liaison à la sortie d'un établissement de santé ».

Source: CI-SIS volet LDL, model 1.2.250.1.213.1.1.1.29; content: CSP R.1112-1-2. The section « Copie du document »
is not in that model of 2022: « Structuration minimale » V1.16.8 lets any structured document carry it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coordination.cda.entries.allergies import allergies
from coordination.cda.entries.basics import SIMPLE_OBSERVATION, entry, observation
from coordination.cda.entries.closing import document_status
from coordination.cda.entries.devices import device, no_device
from coordination.cda.entries.documents import pdf_copy
from coordination.cda.entries.encounters import planned_encounter
from coordination.cda.entries.professionals import author
from coordination.cda.entries.requests import follow_up_request, planned_act
from coordination.cda.entries.treatments import no_treatment, treatment
from coordination.cda.model import DocumentContent, Framed
from coordination.cda.spec.amounts import Lines
from coordination.cda.spec.checking import Problem
from coordination.cda.spec.coded import Listed
from coordination.cda.spec.kinds import Flag, Moment
from coordination.cda.spec.nodes import Item, Part, Prose, Section, Slot
from coordination.cda.volets.dates import outside_the_stay
from coordination.cda.volets.model import Volet
from coordination.cda.volets.rules import in_order, items_or_none
from perinat.standards import codes, oids
from perinat.standards.codes import Code


def _told(name: str, label: str, code: tuple[str, str], rank: int, *parts: Part, required: bool = False) -> Item:
    """One of the simple observations of the synthesis. `rank`: end of its template; `parts`: value, author, date."""
    value, *more = parts
    assert isinstance(value, Slot)
    time = next((part for part in more if isinstance(part, Slot)), None)
    after = [part for part in more if part is not time]
    roots = (*SIMPLE_OBSERVATION, f"1.2.250.1.213.1.1.3.48.{rank}")
    node = observation(Code(code[0], oids.TA_ASIP, code[1]), value, *after, roots=roots, time=time)
    return Item(name, label, entry(node), required=required)


def _day(label: str) -> Slot:
    return Slot("effectiveTime", "date", label, Moment(), required=True)


def _words() -> Slot:
    return Slot("value", "", "Texte", Lines(), required=True)


def _flag() -> Slot:
    return Slot("value", "", "Réponse", Flag(), required=True)


SYNTHESIS = Section(
    "synthesis",
    "Synthèse médicale du séjour",
    Code("42545-4", oids.LOINC, "Evènements observés"),
    (
        "1.3.6.1.4.1.19376.1.5.3.1.1.21.2.9",
        "1.3.6.1.4.1.19376.1.7.3.1.1.13.7",
        "1.2.250.1.213.1.1.2.163",
        "1.2.250.1.213.1.1.2.163.1",
    ),
    (
        _told(
            "entry_mode",
            "Modalité et date d'entrée",
            ("ORG-070", "Modalité d'entrée"),
            6,
            Slot("value", "mode", "Modalité", Listed("JDV_ModaliteEntree", xsi="CE"), required=True),
            _day("Entrée le"),
            author(),
            required=True,
        ),
        _told(
            "exit_mode",
            "Modalité et date de sortie",
            ("ORG-074", "Modalité de sortie"),
            7,
            Slot("value", "mode", "Modalité", Listed("JDV_ModaliteSortie", xsi="CE"), required=True),
            _day("Sortie le"),
            required=True,
        ),
        _told(
            "summary",
            "Synthèse médicale",
            ("MED-142", "Synthèse médicale"),
            9,
            Slot("value", "text", "Synthèse", Lines(), required=True),
            author(),
            required=True,
        ),
        _told(
            "adverse_events",
            "Événements indésirables survenus pendant l'hospitalisation",
            ("MED-143", "Evènements indésirables survenus pendant l'hospitalisation"),
            3,
            _words(),
        ),
        _told(
            "mdro_searched",
            "Recherche de micro-organismes multirésistants ou émergents effectuée",
            ("MED-309", "Recherche de microorganismes multi-résistants ou émergents effectuée"),
            8,
            _flag(),
            required=True,
        ),
        _told(
            "mdro_found",
            "Micro-organismes multirésistants identifiés",
            ("MED-144", "Identification de micro-organismes multirésistants"),
            5,
            _words(),
        ),
        _told(
            "transfusion",
            "Transfusion de produits sanguins",
            ("MED-145", "Transfusion de produits sanguins"),
            10,
            _flag(),
            required=True,
        ),
        _told(
            "transfusion_accidents", "Accidents transfusionnels", ("MED-146", "Accidents transfusionnels"), 1, _words()
        ),
        _told(
            "blood_derivatives",
            "Administration de dérivés du sang",
            ("MED-147", "Administration de dérivés du sang"),
            2,
            _flag(),
            required=True,
        ),
        _told(
            "blood_derivative_events",
            "Événements indésirables après l'administration de dérivés du sang",
            ("MED-148", "Evènements indésirables suite à l'administration de dérivés du sang"),
            4,
            _words(),
        ),
    ),
    required=True,
)
STOPPED = Section(
    "stopped_treatments",
    "Traitements arrêtés durant le séjour",
    Code("18610-6", oids.LOINC, "Traitements administrés"),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.21", "1.2.250.1.213.1.1.2.145"),
    (Item("items", "Traitement arrêté", entry(treatment(stopped=True)), required=True, many=True),),
)
DISCHARGE = Section(
    "discharge_treatments",
    "Traitements à la sortie",
    Code("10183-2", oids.LOINC, "Traitements à la sortie"),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.22", "1.2.250.1.213.1.1.2.146"),
    (
        Item("none", "Aucun traitement médicamenteux à la sortie", entry(no_treatment())),
        Item("items", "Traitement", entry(treatment()), many=True),
    ),
    required=True,
)
FOLLOW_UP = Section(
    "follow_up",
    "Suites à donner",
    Code("18776-5", oids.LOINC, "Plan de soins"),
    ("2.16.840.1.113883.10.20.1.10", "1.3.6.1.4.1.19376.1.5.3.1.3.36", "1.2.250.1.213.1.1.2.158"),
    (planned_act(), follow_up_request(), planned_encounter()),
)
DEVICES = Section(
    "devices",
    "Dispositifs médicaux",
    Code("46264-8", oids.LOINC, "Dispositifs médicaux"),
    ("2.16.840.1.11383.10.20.1.7", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.5", "1.2.250.1.213.1.1.2.1"),
    (
        Item("none", "Aucun dispositif médical", entry(no_device())),
        Item("items", "Dispositif médical", entry(device()), many=True),
    ),
)
REASON = Section(
    "reason",
    "Motif de l'hospitalisation",
    Code("42349-1", oids.LOINC, "Raison de la recommandation"),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.1", "1.2.250.1.213.1.1.2.127"),
    (Prose(label="Motif"),),
    required=True,
)
PENDING = Section(
    "pending_results",
    "Résultats d'examens / Autres informations attendus",
    Code("30954-2", oids.LOINC, "Résultats d'examens"),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.27", "1.2.250.1.213.1.1.2.150"),
    (Prose(label="Résultats attendus"),),
)


def dated_or_urgent(body: Mapping[str, Any]) -> Iterator[Problem]:
    """FR-Acte INT and FR-Rencontre ARQ: a date, or else a priority."""
    for kind in ("acts", "encounters"):
        for index, item in enumerate(body.get("follow_up", {}).get(kind, ())):
            if not {"date", "priority"} & set(item):
                yield Problem(f"body.follow_up.{kind}[{index}]", "une date ou une priorité est attendue")


def stay_in_order(body: Mapping[str, Any]) -> Iterator[Problem]:
    """The exit does not come before the entry."""
    synthesis = {"items": [{name: body["synthesis"][f"{name}_mode"]["date"] for name in ("entry", "exit")}]}
    for _ in in_order("stay", start="entry", end="exit")({"stay": synthesis}):
        yield Problem("body.synthesis.exit_mode.date", "la sortie précède l'entrée")


def told_with_its_act(body: Mapping[str, Any]) -> Iterator[Problem]:
    """What was found or happened goes with a search, a transfusion, an administration that took place."""
    synthesis = body["synthesis"]
    for told, act, label in (
        ("mdro_found", "mdro_searched", "une recherche de micro-organismes"),
        ("transfusion_accidents", "transfusion", "une transfusion"),
        ("blood_derivative_events", "blood_derivatives", "une administration de dérivés du sang"),
    ):
        if told in synthesis and not synthesis[act]:
            yield Problem(f"body.synthesis.{told}", f"cette réponse n'accompagne que {label}")


def of_the_stay(content: Framed) -> list[Problem]:
    return outside_the_stay(content, entry="synthesis.entry_mode.date", leaving="synthesis.exit_mode.date")


def signed_by_physician(content: DocumentContent) -> Iterator[Problem]:
    """CSP R.1112-1-2: the physician answers for the letter, whoever wrote it (« G15_10 » of JDV_J01)."""
    if not content.legal_authenticator.specialty.code.startswith("G15_10"):
        wanted = "le médecin responsable de la lettre de liaison (une autre profession est indiquée)"
        yield Problem("legal_authenticator.specialty", wanted)


LDL_SES = Volet(
    name="LDL-SES",
    version="2022.01",
    type=codes.LETTRE_DE_LIAISON_SORTIE,
    title="Lettre de liaison à la sortie de l'établissement de santé",
    templates=((oids.TEMPLATE_CI_SIS, ""), ("1.2.250.1.213.1.1.1.29", "2022.01")),
    sections=(
        document_status(section_roots=("1.2.250.1.213.1.1.2.35.1",), entry_roots=("1.2.250.1.213.1.1.3.48.16.1",)),
        REASON,
        SYNTHESIS,
        STOPPED,
        DISCHARGE,
        PENDING,
        FOLLOW_UP,
        DEVICES,
        allergies("Allergies identifiées pendant le séjour"),
        pdf_copy(),
    ),
    event=Code("IMP", oids.HL7_ACT_CODE, "Hospitalisation (établissement, y compris HAD)"),
    encounter=Code("IMP", oids.HL7_ACT_CODE, "Hospitalisation (établissement, y compris HAD)"),
    format_urn="urn:asip:ci-sis:ldl-ses:2017",
    rules=(
        items_or_none("discharge_treatments", "traitements à la sortie"),
        items_or_none("devices", "dispositifs médicaux"),
        items_or_none("allergies", "éléments de la liste d'allergies"),
        in_order("stopped_treatments"),
        in_order("discharge_treatments"),
        in_order("devices"),
        dated_or_urgent,
        stay_in_order,
        told_with_its_act,
    ),
    header_rules=(signed_by_physician,),
    agreements=(of_the_stay,),
)
