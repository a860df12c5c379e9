"""FR-Liste-des-allergies-et-hypersensibilites 1.2.250.1.213.1.1.3.40 and FR-Allergie-ou-hypersensibilite .3.41."""

from __future__ import annotations

from coordination.cda.entries.basics import (
    DIAGNOSIS,
    coded,
    coded_value,
    comment,
    completed,
    finding,
    observation,
    problem,
    since,
    templates,
    value,
)
from coordination.cda.spec.coded import Listed, Terminology
from coordination.cda.spec.kinds import Words
from coordination.cda.spec.nodes import Anchor, E, Ident, Item, Part, Section, Slot
from perinat.standards import oids
from perinat.standards.codes import Code

SECTION = ("2.16.840.1.113883.10.20.1.2", "1.3.6.1.4.1.19376.1.5.3.1.3.13", "1.2.250.1.213.1.1.2.137")
LIST = (
    "2.16.840.1.113883.10.20.1.27",
    "1.3.6.1.4.1.19376.1.5.3.1.4.5.1",
    "1.3.6.1.4.1.19376.1.5.3.1.4.5.3",
    "1.2.250.1.213.1.1.3.40",
)
ALLERGY = (
    "2.16.840.1.113883.10.20.1.28",
    "2.16.840.1.113883.10.20.1.18",
    "1.3.6.1.4.1.19376.1.5.3.1.4.5",
    "1.3.6.1.4.1.19376.1.5.3.1.4.6",
    "1.2.250.1.213.1.1.3.41",
)
SEVERITY = ("2.16.840.1.113883.10.20.1.55", "1.3.6.1.4.1.19376.1.5.3.1.4.1", "1.2.250.1.213.1.1.3.29")
CRITICALITY = ("1.2.250.1.213.1.1.3.172",)
NONE = Code("no-known-allergies", oids.ABSENT_UNKNOWN, "Pas d'allergie/hypersensibilité connue")
ANY = Code("420134006", oids.SNOMED_CT, "propension aux effets indésirables")
_FINDING = Terminology(((oids.CIM_10, "CIM-10"), (oids.SNOMED_CT, "SNOMED CT")))
_FINDING_IN_E = Terminology(_FINDING.systems, xsi="")
_AGENT = Terminology(((oids.ATC, "ATC"), (oids.CIS, "CIS"), (oids.SNOMED_CT, "SNOMED CT")), xsi="")


def _observation(code: Part, time: E, said: Part, *more: Part) -> E:
    return E(
        "observation",
        *templates(ALLERGY),
        Ident(),
        code,
        Anchor(),
        completed(),
        time,
        said,
        *more,
        classCode="OBS",
        moodCode="EVN",
    )


def _agent() -> E:
    """Participant CSM: the substance in words, its code when known."""
    code = Slot("code", "agent_code", "Code", _AGENT, absent="UNK", inside=(Anchor("originalText"),), silent=True)
    name = Slot("name", "agent", "Agent", Words(most=200), required=True, leads=True)
    role = E("participantRole", E("playingEntity", code, name, classCode="MMAT"), classCode="MANU")
    return E("participant", role, typeCode="CSM")


def _severity() -> E:
    node = E(
        "observation",
        *templates(SEVERITY),
        coded(Code("SEV", oids.HL7_ACT_CODE, "Sévérité")),
        Anchor(),
        completed(),
        Slot("value", "severity", "Sévérité", Listed("JDV_SeveriteObservation")),
        classCode="OBS",
        moodCode="EVN",
    )
    return E("entryRelationship", node, optional=True, typeCode="SUBJ", inversionInd="true")


def _reactions() -> Item:
    """FR-Probleme: reactions [{reaction, date, severity}]."""
    seen = finding(_FINDING, name="reaction", label="Réaction")
    node = problem(seen, _severity(), code=DIAGNOSIS, time=since(label="Le"))
    return Item("reactions", "Réaction observée", E("entryRelationship", node, typeCode="MFST"), many=True)


def _criticality() -> E:
    node = observation(
        Code("82606-5", oids.LOINC, "Criticité"),
        value(Listed("JDV_HL7_allergy_intolerance_criticality"), name="criticality", label="Criticité", required=False),
        roots=CRITICALITY,
    )
    return E("entryRelationship", node, optional=True, typeCode="SUBJ", inversionInd="true")


def _state(active: bool) -> tuple[E, E]:
    if active:
        return E("statusCode", code="active"), E("effectiveTime", E("low", nullFlavor="UNK"))
    return completed(), E("effectiveTime", E("low", nullFlavor="NA"), E("high", nullFlavor="NA"))


def allergies(
    title: str = "Allergies et hypersensibilités", *, required: bool = False, active: bool = False
) -> Section:
    """allergies {items: [{type, agent, agent_code, date, description, reactions, criticality, comment}]}.

    Or {none: true}: the person was asked, and has none. One of the two (a rule of the volet).
    `active`: the list goes on, as the official example of OBP-SAP has it.
    """
    one = _observation(
        Slot("code", "type", "Type", Listed("JDV_TypeEvenementIndesirablePrevisible", xsi=""), required=True),
        since(label="Depuis"),
        Slot(
            "value",
            "description",
            "Description",
            _FINDING_IN_E,
            absent="UNK",
            attributes={"xsi_type": "CD"},
            inside=(Anchor("originalText"),),
        ),
        _agent(),
        _reactions(),
        _criticality(),
        comment(),
    )
    unknown = E("effectiveTime", E("low", nullFlavor="UNK"), xsi_type="IVL_TS")
    none = _observation(coded(ANY), unknown, coded_value(NONE, Anchor("originalText")))
    concern = E(
        "act",
        *templates(LIST),
        Ident(),
        E("code", nullFlavor="NA"),
        *_state(active),
        Item("none", "Aucune allergie ni hypersensibilité connue", _of_list(none)),
        Item("items", "Allergie ou hypersensibilité", _of_list(one), many=True),
        classCode="ACT",
        moodCode="EVN",
    )
    return Section(
        "allergies",
        title,
        Code("48765-2", oids.LOINC, "Allergies et hypersensibilités"),
        SECTION,
        (E("entry", concern, optional=True),),
        required=required,
    )


def _of_list(node: E) -> E:
    return E("entryRelationship", node, typeCode="SUBJ", inversionInd="false")
