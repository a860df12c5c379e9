"""OBP-SNE 2024.01 « Synthèse Salle de Naissance Enfant »: one newborn's birth and first examination.

Source: CI-SIS volet OBP, model 1.2.250.1.213.1.1.1.12.3. One document per child, whatever became of the
child. No free text: nothing written about the mother can slip into the child's record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from coordination.cda.entries.basics import (
    entry,
    observation,
    procedure,
    value,
    when,
)
from coordination.cda.entries.closing import document_status
from coordination.cda.entries.documents import external_reference
from coordination.cda.entries.laboratory import chapter
from coordination.cda.entries.transfers import destination
from coordination.cda.model import Framed
from coordination.cda.spec.checking import Problem
from coordination.cda.spec.coded import Listed, Terminology
from coordination.cda.spec.durations import Minutes
from coordination.cda.spec.kinds import Count, Flag, Kind, Moment
from coordination.cda.spec.nodes import Anchor, E, Item, Section, Slot
from coordination.cda.spec.paths import value_at
from coordination.cda.volets import delivery_room as room
from coordination.cda.volets import obstetrics as obp
from coordination.cda.volets import sne_newborn as newborn
from coordination.cda.volets.dates import day_of, outside_the_stay
from coordination.cda.volets.model import Volet
from perinat.standards import codes, oids
from perinat.standards.codes import Code


def _within(code: Code, kind: Kind, label: str) -> E:
    """FR-Simple-Observation inside the birth, without a time of its own."""
    node = observation(code, value(kind, label=label), time=E("effectiveTime", nullFlavor="NA"))
    return E("entryRelationship", node, typeCode="COMP", inversionInd="false")


_BIRTH = entry(
    procedure(
        Slot("code", "mode", "Mode", Listed("JDV_ModeNaissance"), required=True),
        Item(
            "interventions",
            "Intervention par voie basse",
            _within(
                Code("MED-1171", oids.TA_ASIP, "Type intervention voie basse"),
                Listed("JDV_TypeInterventionVoieBasse"),
                "Intervention",
            ),
            many=True,
        ),
        Item(
            "reasons",
            "Motif de l'intervention",
            _within(
                Code("MED-1268", oids.TA_ASIP, "Motif intervention voie basse"),
                Terminology(obp.CIM10, xsi="CE"),
                "Motif",
            ),
            many=True,
        ),
        E(
            "entryRelationship",
            external_reference("report", "Compte rendu de l'intervention", Anchor(), required=False),
            optional=True,
            typeCode="REFR",
            inversionInd="false",
        ),
        time=when(),
    )
)
_RANK = entry(
    observation(
        Code("73771-8", oids.LOINC, "Rang de naissance"),
        Slot("value", "rank", "Rang", Count(least=1, most=9), required=True, leads=True),
        time=Slot("effectiveTime", "born_at", "Naissance", Moment(), required=True),
    )
)
_EVENTS = (
    Item("birth_rank", "Rang et date de naissance", _RANK, required=True),
    room.gestational_age("Âge gestationnel"),
    room.observed(
        "presentation",
        "Présentation fœtale",
        Code("MED-1223", oids.TA_ASIP, "Présentation fœtale"),
        Listed("JDV_PresentationFoetale"),
    ),
    room.observed(
        "fluid_volume",
        "Quantité de liquide amniotique",
        Code("3156-7", oids.LOINC, "Volume de liquide amniotique"),
        Listed("JDV_QuantiteLA"),
    ),
    room.observed(
        "fluid_colour",
        "Aspect du liquide amniotique",
        Code("38386-9", oids.LOINC, "Couleur du liquide amniotique"),
        Listed("JDV_AspectLA"),
    ),
    room.observed(
        "membranes_duration",
        "Durée d'ouverture de l'œuf",
        Code("56829-5", oids.LOINC, "Durée d'ouverture de l'oeuf"),
        Minutes(),
    ),
    room.observed("alive", "Enfant vivant", Code("73757-7", oids.LOINC, "Enfant vivant"), Flag()),
    room.observed(
        "death_circumstances",
        "Circonstances de la mort fœtale",
        Code("92022-3", oids.LOINC, "Cause initiale du décès fœtus"),
        Listed("JDV_CirconstancesDeces"),
        required=False,
    ),
)


def _death(body: Mapping[str, Any]) -> Iterator[Problem]:
    events = body["labour"]["events"]
    if events["alive"] and "death_circumstances" in events:
        yield Problem(
            "body.labour.events.death_circumstances", "l'enfant est né vivant : aucune circonstance n'est attendue"
        )


def _same_birth(content: Framed) -> Iterator[Problem]:
    """The rank and the instant of the birth are those of the child in the header."""
    path, patient = "body.labour.events.birth_rank", content.patient
    told = value_at(content.body, path) or {}
    if told.get("rank") not in (None, patient.birth_order or 1):
        yield Problem(f"{path}.rank", "ce rang n'est pas celui de l'enfant que désigne l'en-tête")
    born = told.get("born_at")
    if born is None:
        return
    at = datetime.fromisoformat(born) if len(born) > 10 and patient.birth_at else None
    same = at == patient.birth_at if at else day_of(born) == patient.birth_date
    if not same:
        yield Problem(f"{path}.born_at", "cette naissance n'est pas celle de l'enfant que désigne l'en-tête")


def _left_room(content: Framed) -> list[Problem]:
    return outside_the_stay(content, leaving="events.exit.date", own=False)


_WITH_MOTHER = "GEN-302"  # JDV_ModeSortie_OBP_SNE


def _stillborn(body: Mapping[str, Any]) -> Iterator[Problem]:
    """A child born dead has no Apgar above zero, and does not leave with the mother."""
    if body["labour"]["events"]["alive"]:
        return
    vital_signs = body.get("newborn", {}).get("exam", {}).get("vital_signs", {})
    for name, score in vital_signs.get("measures", {}).items():
        if name.startswith("apgar_") and score > 0:
            path = f"body.newborn.exam.vital_signs.measures.{name}"
            yield Problem(path, "l'enfant est dit mort-né : un score d'Apgar au-dessus de zéro ne s'accorde pas")
    if body["events"]["exit"]["mode"] == _WITH_MOTHER:
        yield Problem("body.events.exit.mode", "l'enfant est dit mort-né : « avec sa mère » ne s'accorde pas")


OBP_SNE = Volet(
    name="OBP-SNE",
    version="2024.01",
    type=codes.SYNTHESE_NAISSANCE_ENFANT,
    title="Synthèse Salle de Naissance Enfant",
    templates=((oids.TEMPLATE_CI_SIS, ""), ("1.2.250.1.213.1.1.1.12.3", "2024.01")),
    sections=(
        Section(
            "labour",
            "Travail et accouchement",
            room.LABOUR_CODE,
            room.LABOUR_SECTION,
            (
                Section(
                    "acts",
                    "Accouchement",
                    obp.ACTS_CODE,
                    obp.ACTS_SECTION,
                    (Item("birth", "Mode d'accouchement", _BIRTH, required=True),),
                    required=True,
                ),
                Section("events", "Événements observés", obp.EVENTS_CODE, obp.EVENTS_SECTION, _EVENTS, required=True),
            ),
            required=True,
        ),
        Section(
            "newborn",
            "Enfant en salle de naissance",
            Code("57075-4", oids.LOINC, "Informations sur l'accouchement et le nouveau-né"),
            ("1.3.6.1.4.1.19376.1.5.3.1.1.21.2.4", "1.2.250.1.213.1.1.2.124"),
            (
                # the rules want the examination as soon as this section stands
                Section(
                    "exam",
                    "Examen physique du nouveau-né",
                    obp.EXAM_CODE,
                    obp.EXAM_SECTION,
                    newborn.EXAM,
                    required=True,
                ),
                Section("acts", "Actes et interventions", obp.ACTS_CODE, obp.ACTS_SECTION, newborn.ACTS),
            ),
        ),
        chapter("laboratory", "Résultats de biologie", Code("18719-5", oids.LOINC, "Biochimie"), newborn.CORD),
        Section(
            "events",
            "Sortie de la salle de naissance",
            obp.EVENTS_CODE,
            obp.EVENTS_SECTION,
            (
                obp.exit_mode("JDV_ModeSortie_OBP_SNE", "Sortie de la salle de naissance"),
                destination(units="JDV_Destination_OBP_SNE"),
            ),
            required=True,
        ),
        document_status(),
    ),
    event=room.DELIVERY,
    encounter=obp.HOSPITAL_STAY,
    format_urn="urn:asip:ci-sis:obp-sne:2023",
    about_child=True,
    needs_correspondent=True,
    rules=(_death, _stillborn, room.destination_of_a_transfer("events")),
    agreements=(_same_birth, _left_room),
)
