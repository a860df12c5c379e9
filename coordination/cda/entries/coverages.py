"""FR-Couverture-sociale 1.2.250.1.213.1.1.3.61 and FR-Organisme-assurance-maladie .3.94."""

from __future__ import annotations

from coordination.cda.entries.basics import coded, completed, entry, templates
from coordination.cda.spec.coded import Listed, Wording
from coordination.cda.spec.contacts import Phone, Postal
from coordination.cda.spec.kinds import Words
from coordination.cda.spec.nodes import E, Ident, Item, Slot
from perinat.standards import oids
from perinat.standards.codes import Code

SECTION_CODE = Code("48768-6", oids.LOINC, "Couvertures sociales")
SECTION = ("2.16.840.1.113883.10.20.1.9", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.7", "1.2.250.1.213.1.1.2.79")
COVERAGE = ("2.16.840.1.113883.10.20.1.20", "1.3.6.1.4.1.19376.1.5.3.1.4.17", "1.2.250.1.213.1.1.3.61")
INSURER = ("2.16.840.1.113883.10.20.1.26", "1.3.6.1.4.1.19376.1.5.3.1.4.18", "1.2.250.1.213.1.1.3.94")
_CIVILITIES = Wording((Code("M", "", "M"), Code("MME", "", "MME")))  # JDV_J245, as a name writes them
_GUARANTOR = Code("GUAR", "2.16.840.1.113883.5.110", "Garant")


def _insurer() -> E:
    name = Slot("name", "insurer", "Organisme", Words(most=120))
    who = E(
        "assignedEntity",
        E("id", nullFlavor="UNK"),
        coded(_GUARANTOR),
        Slot("addr", "insurer_address", "Adresse de l'organisme", Postal(), absent="UNK"),
        Slot("telecom", "insurer_phone", "Téléphone de l'organisme", Phone(), absent="UNK"),
        E("representedOrganization", name),
        classCode="ASSIGNED",
    )
    return E("performer", who, optional=True, typeCode="PRF")


def _holder() -> E:
    """Participant HLD, which the rules ask for, be it unknown. Its NIR is left out: the INS stands in the header."""
    prefix = Slot("prefix", "holder_prefix", "Civilité de l'assuré", _CIVILITIES)
    family = Slot("family", "holder_family_name", "Nom de l'assuré", Words(most=80))
    given = Slot("given", "holder_given_name", "Prénom de l'assuré", Words(most=80))
    person = E("playingEntity", E("name", prefix, family, given), optional=True)
    address = Slot("addr", "holder_address", "Adresse de l'assuré", Postal())
    phone = Slot("telecom", "holder_phone", "Téléphone de l'assuré", Phone())
    role = E("participantRole", E("id", nullFlavor="MSK"), address, phone, person, classCode="INDIV")
    return E("participant", role, typeCode="HLD")


def coverages() -> Item:
    """items [{kind, insurer, insurer_address, insurer_phone, holder_prefix, holder_family_name, holder_given_name,
    holder_address, holder_phone}]."""
    act = E(
        "act",
        *templates(INSURER),
        Ident(),
        Slot("code", "kind", "Couverture", Listed("JDV_CouvertureSociale", xsi=""), required=True, leads=True),
        completed(),
        _insurer(),
        _holder(),
        classCode="ACT",
        moodCode="EVN",
    )
    node = E(
        "act",
        *templates(COVERAGE),
        Ident(),
        coded(Code("48768-6", oids.LOINC, "Couverture sociale")),
        completed(),
        E("entryRelationship", act, typeCode="COMP"),
        classCode="ACT",
        moodCode="DEF",
    )
    return Item("items", "Couverture sociale", entry(node), required=True, many=True)
