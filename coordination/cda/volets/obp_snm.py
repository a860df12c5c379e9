"""OBP-SNM 2024.01 « Synthèse Salle de Naissance Mère »: labour, birth and the first hours, on the mother's side.

Source: CI-SIS volet OBP, model 1.2.250.1.213.1.1.1.12.2; lists of the official example and of the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from coordination.cda.entries.basics import (
    DIAGNOSIS,
    coded,
    comment,
    entry,
    finding,
    problem,
    procedure,
    qualifier,
    since,
    when,
)
from coordination.cda.entries.closing import document_status
from coordination.cda.entries.documents import attached_documents, referenced_documents
from coordination.cda.entries.requests import exam_request
from coordination.cda.entries.transfers import destination
from coordination.cda.model import Framed
from coordination.cda.spec.checking import Problem
from coordination.cda.spec.coded import Listed, Terminology
from coordination.cda.spec.kinds import Count, Kind
from coordination.cda.spec.nodes import E, Item, Section, Sign, Slot
from coordination.cda.volets import delivery_room as room
from coordination.cda.volets import obstetrics as obp
from coordination.cda.volets.dates import outside_the_stay
from coordination.cda.volets.model import Volet
from perinat.standards import codes, oids
from perinat.standards.codes import Code

PERINEUM = "JDV_EtatPerinee"
INDUCED = "112070001"  # JDV_ModeDebutTravail: déclenchement provoqué du travail


def _act(code: Code, slot: str, label: str, kind: Kind) -> E:
    """FR-Acte whose fixed code is made precise by a qualifier: {slot, date, comment}."""
    precise = qualifier(Slot("value", slot, label, kind, required=True))
    return entry(procedure(coded(code, precise), comment(), time=when()))


_ONSET = _act(
    Code("73813-8", oids.LOINC, "Caractéristiques du travail"), "mode", "Mode", Listed("JDV_ModeDebutTravail", xsi="")
)
_INDUCTION = _act(
    Code("236958009", oids.SNOMED_CT, "induction du travail"),
    "reason",
    "Motif",
    Listed("JDV_MotifDeclenchementTravail", xsi=""),
)
_BEFORE = _act(
    Code("MED-1249", oids.TA_ASIP, "Anesthésie avant la naissance"),
    "type",
    "Type",
    Listed("JDV_TypeAnesthesieAvantNaissance", xsi=""),
)
_AFTER = _act(
    Code("MED-1250", oids.TA_ASIP, "Anesthésie après la naissance"),
    "type",
    "Type",
    Listed("JDV_TypeAnesthesieApresNaissance", xsi=""),
)
_ANTEPARTUM = _act(
    Code("236945008", oids.SNOMED_CT, "intervention obstétricale ante partum"),
    "act",
    "Acte (CCAM)",
    Terminology(obp.CCAM, xsi=""),
)
_POSTPARTUM = _act(
    Code("MED-1251", oids.TA_ASIP, "Acte pratiqué en post-partum"),
    "act",
    "Acte",
    Listed("JDV_TypeActePostPartum", xsi=""),
)
_TRANSFUSION = entry(
    procedure(
        coded(Code("116859006", oids.SNOMED_CT, "transfusion de produits sanguins")),
        comment(),
        negation=Sign(required=True, label="Réalisée"),
        time=when(),
    )
)
_ACTS = (
    Item("labour_onset", "Début du travail", _ONSET, required=True),
    Item("induction_reason", "Motif du déclenchement", _INDUCTION),
    Item("anaesthesia_before", "Anesthésie avant la naissance", _BEFORE, many=True),
    Item("anaesthesia_after", "Anesthésie après la naissance", _AFTER, many=True),
    Item("antepartum_act", "Acte réalisé en pré-partum", _ANTEPARTUM),
    Item("postpartum_acts", "Acte réalisé en post-partum", _POSTPARTUM, many=True),
    Item("transfusion", "Transfusion de produits sanguins", _TRANSFUSION),
)


def _pathology(code: Code) -> E:
    named = replace(finding(obp.cim10(), name="problem", label="Problème (CIM-10)"), leads=True)
    return entry(problem(named, comment(), code=code, time=since()))


_EVENTS = (
    # the perineum first: its findings bear the same code as the pathologies, its list tells them apart
    Item("perineum", "État du périnée", entry(problem(finding(Listed(PERINEUM)))), required=True),
    Item(
        "labour_pathologies",
        "Pathologie durant le travail",
        _pathology(Code("404684003", oids.SNOMED_CT, "constatation clinique")),
        many=True,
    ),
    Item("postpartum_pathologies", "Pathologie du post-partum immédiat", _pathology(DIAGNOSIS), many=True),
    room.gestational_age("Âge gestationnel à l'accouchement"),
    room.observed(
        "children_born",
        "Nombre d'enfants nés vivants",
        Code("11636-8", oids.LOINC, "Nombre d'enfants vivants"),
        Count(most=9),
    ),
    obp.exit_mode("JDV_ModeSortie_OBP_SNM", "Sortie de la salle de naissance"),
    destination(),
)
_REQUESTS = (
    exam_request("pathology", "Examen d'anatomopathologie", Code("MED-1266", oids.TA_ASIP, "Examen d'anapath demandé")),
    exam_request("biology", "Examen de biologie", Code("MED-1267", oids.TA_ASIP, "Examen de biologie demandé")),
    exam_request("genetics", "Examen de génétique moléculaire", Code("19102-3", oids.LOINC, "Dépistage génétique")),
)
_PLAN_SECTION = ("2.16.840.1.113883.10.20.1.10", "1.3.6.1.4.1.19376.1.5.3.1.3.36", "1.2.250.1.213.1.1.2.158")


def _induction(body: Mapping[str, Any]) -> Iterator[Problem]:
    acts = body["labour"]["acts"]
    if "induction_reason" in acts and acts["labour_onset"]["mode"] != INDUCED:
        yield Problem(
            "body.labour.acts.induction_reason", "le travail n'a pas été déclenché : aucun motif n'est attendu"
        )


def _perineum(body: Mapping[str, Any]) -> Iterator[Problem]:
    """Such a code among the pathologies would be read back as the state of the perineum."""
    for index, found in enumerate(body["labour"]["events"].get("labour_pathologies", ())):
        if Listed(PERINEUM).find(found["problem"]["code"].strip()):
            path = f"body.labour.events.labour_pathologies[{index}].problem"
            yield Problem(path, "ce code se donne dans « État du périnée »")


def _left_room(content: Framed) -> list[Problem]:
    return outside_the_stay(content, leaving="labour.events.exit.date", own=False)


OBP_SNM = Volet(
    name="OBP-SNM",
    version="2024.01",
    type=codes.SYNTHESE_NAISSANCE_MERE,
    title="Synthèse Salle de Naissance Mère",
    templates=((oids.TEMPLATE_CI_SIS, ""), ("1.2.250.1.213.1.1.1.12.2", "2024.01")),
    sections=(
        Section(
            "labour",
            "Travail et accouchement",
            room.LABOUR_CODE,
            room.LABOUR_SECTION,
            (
                Section("acts", "Actes et interventions", obp.ACTS_CODE, obp.ACTS_SECTION, _ACTS, required=True),
                Section("events", "Événements observés", obp.EVENTS_CODE, obp.EVENTS_SECTION, _EVENTS, required=True),
            ),
            required=True,
        ),
        Section("requests", "Demandes d'examens", obp.PLAN_CODE, _PLAN_SECTION, _REQUESTS),
        attached_documents(),
        referenced_documents(),
        document_status(),
    ),
    event=room.DELIVERY,
    encounter=obp.HOSPITAL_STAY,
    format_urn="urn:asip:ci-sis:obp-snm:2023",
    needs_correspondent=True,
    rules=(_induction, _perineum, room.destination_of_a_transfer("labour", "events")),
    agreements=(_left_room,),
)
