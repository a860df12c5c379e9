"""Coded entries → a flat list of facts, each with its place under the fact that holds it.

Known by the reference model of CDA R2, not by volet: any act of any template is read, whatever it means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from coordination.cda.reading import nodes
from coordination.cda.reading.context import Related, read_related
from coordination.cda.reading.datatypes import Coded, Identifier, Value, read_coded, read_identifiers, read_value
from coordination.cda.reading.people import Party, read_parties, read_party
from coordination.cda.reading.products import Product, read_product
from coordination.cda.reading.texts import Texts
from coordination.cda.reading.times import Time, read_times
from perinat.standards import xml

KINDS = frozenset(
    {
        *("observation", "procedure", "substanceAdministration", "encounter", "act", "organizer", "supply"),
        *("observationMedia", "regionOfInterest"),
    }
)
_QUANTITIES = ("doseQuantity", "rateQuantity", "maxDoseQuantity", "quantity", "repeatNumber")
_CODINGS = (
    *("interpretationCode", "methodCode", "targetSiteCode", "approachSiteCode", "routeCode"),
    *("administrationUnitCode", "priorityCode", "dischargeDispositionCode", "languageCode"),
)
_PARTIES = ("performer", "author", "informant", "participant", "specimen")
_REFERRED = ("externalDocument", "externalAct", "externalObservation", "externalProcedure")


@dataclass(frozen=True, slots=True)
class NamedValue:
    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class NamedCode:
    name: str
    code: Coded


@dataclass(frozen=True, slots=True)
class Range:
    """referenceRange: bounds, words, and what it means to be inside."""

    value: Value | None
    text: str
    meaning: Coded | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One act. `parent` is the number of the fact that holds it, `relation` how (COMP, SUBJ, RSON, REFR, or component).

    `kind`: observation, procedure, substanceAdministration… `subject`: code of whom it speaks when it is not the
    patient (CHILD, MTH, FTH…), its own or that of what holds it. `inverted`: the relation reads the other way.
    """

    number: int
    parent: int | None
    relation: str
    inverted: bool
    kind: str
    entity: str  # classCode
    mood: str  # EVN done, INT to do, RQO asked, ARQ appointment asked…
    negated: bool
    templates: tuple[Identifier, ...]
    ids: tuple[Identifier, ...]
    element_id: str
    code: Coded | None
    text: str
    text_reference: str
    status: str
    times: tuple[Time, ...]
    use_times: tuple[Time, ...]  # expectedUseTime
    values: tuple[Value, ...]
    quantities: tuple[NamedValue, ...]
    codings: tuple[NamedCode, ...]
    ranges: tuple[Range, ...]
    product: Product | None
    subject: str
    subject_party: Party | None
    parties: tuple[Party, ...]
    references: tuple[Related, ...]
    conditions: tuple[str, ...]
    sequence: str


class FactReader:
    """Reads the entries of one document; numbers run over all its sections."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._count = 0

    def of_section(self, section: xml.Element, subject: str) -> tuple[Fact, ...]:
        """Facts of the entries of one section (not of its sub-sections), each before those it holds."""
        found: list[Fact] = []
        for entry in nodes.every(section, "h:entry"):
            for act in _acts(entry):
                self._read(act, entry, None, subject, found)
        return tuple(found)

    def _read(self, act: xml.Element, link: xml.Element, parent: int | None, subject: str, found: list[Fact]) -> None:
        self._count += 1
        number = self._count
        party = subject_of(act, self._texts)
        subject = subject_code(party) or subject
        found.append(self._fact(act, link, number, parent, subject, party))
        for below in nodes.children(act):
            if nodes.name(below) in ("entryRelationship", "component"):
                for inner in _acts(below):
                    self._read(inner, below, number, subject, found)

    def _fact(
        self, act: xml.Element, link: xml.Element, number: int, parent: int | None, subject: str, party: Party | None
    ) -> Fact:
        texts = self._texts
        words, reference = texts.words(nodes.first(act, "h:text"))
        role = nodes.name(link)
        return Fact(
            number=number,
            parent=parent,
            relation=nodes.attribute(link, "typeCode") or ("component" if role == "component" else ""),
            inverted=nodes.attribute(link, "inversionInd") in ("true", "1"),
            kind=nodes.name(act),
            entity=nodes.attribute(act, "classCode"),
            mood=nodes.attribute(act, "moodCode"),
            negated=nodes.attribute(act, "negationInd") in ("true", "1"),
            templates=read_identifiers(act, "h:templateId"),
            ids=read_identifiers(act),
            element_id=nodes.attribute(act, "ID"),
            code=read_coded(nodes.first(act, "h:code"), texts),
            text=words,
            text_reference=reference,
            status=nodes.attribute(nodes.first(act, "h:statusCode"), "code"),
            times=read_times(act, "h:effectiveTime"),
            use_times=read_times(act, "h:expectedUseTime"),
            values=tuple(_values(act, "value", texts)),
            quantities=tuple(NamedValue(name, value) for name in _QUANTITIES for value in _values(act, name, texts)),
            codings=tuple(_codings(act, texts)),
            ranges=tuple(_range(node, texts) for node in nodes.every(act, "h:referenceRange/h:observationRange")),
            product=read_product(act, texts),
            subject=subject,
            subject_party=party,
            parties=tuple(party for name in _PARTIES for party in read_parties(act, f"h:{name}", texts)),
            references=tuple(_references(act, texts)),
            conditions=tuple(_conditions(act, texts)),
            sequence=nodes.value(link, "h:sequenceNumber"),
        )


def subject_of(node: xml.Element, texts: Texts) -> Party | None:
    """Of whom a section or an act speaks, when it says so."""
    found = nodes.first(node, "h:subject")
    return None if found is None else read_party(found, texts)


def subject_code(party: Party | None) -> str:
    return party.code.code if party is not None and party.code is not None else ""


def _acts(link: xml.Element) -> Iterator[xml.Element]:
    return (child for child in nodes.children(link) if nodes.name(child) in KINDS)


def _values(act: xml.Element, name: str, texts: Texts) -> Iterator[Value]:
    for node in nodes.every(act, f"h:{name}"):
        value = read_value(node, texts)
        if value is not None:
            yield value


def _codings(act: xml.Element, texts: Texts) -> Iterator[NamedCode]:
    for name in _CODINGS:
        for node in nodes.every(act, f"h:{name}"):
            code = read_coded(node, texts)
            if code is not None:
                yield NamedCode(name, code)


def _range(node: xml.Element, texts: Texts) -> Range:
    words, _ = texts.words(nodes.first(node, "h:text"))
    meaning = read_coded(nodes.first(node, "h:interpretationCode"), texts)
    return Range(read_value(nodes.first(node, "h:value"), texts), words, meaning)


def _references(act: xml.Element, texts: Texts) -> Iterator[Related]:
    for node in nodes.every(act, "h:reference"):
        for child in nodes.children(node):
            if nodes.name(child) in _REFERRED:
                yield read_related(child, nodes.attribute(node, "typeCode"), texts)


def _conditions(act: xml.Element, texts: Texts) -> Iterator[str]:
    for node in nodes.every(act, "h:precondition/h:criterion/h:text"):
        words, _ = texts.words(node)
        if words:
            yield words
