"""Coded entries → a flat list of facts, each with its place under the fact that holds it.

Known by the reference model of CDA R2, not by volet: any act of any template is read, whatever it means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from coordination.cda.reading import nodes
from coordination.cda.reading.context import Related, read_related
from coordination.cda.reading.datatypes import Coded, Identifier, Value, read_coded, read_identifier, read_value
from coordination.cda.reading.people import Party, read_party
from coordination.cda.reading.products import Product, read_product
from coordination.cda.reading.texts import Texts
from coordination.cda.reading.times import Time, read_time
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
            self._follow(entry, None, subject, found)
        return tuple(found)

    def _follow(self, link: xml.Element, parent: int | None, subject: str, found: list[Fact]) -> None:
        """The acts that an entry, an entryRelationship or a component holds; a valid one holds a single act."""
        relation = _Link(
            parent,
            nodes.attribute(link, "typeCode") or ("component" if nodes.name(link) == "component" else ""),
            nodes.attribute(link, "inversionInd") in ("true", "1"),
            nodes.value(link, "h:sequenceNumber"),
        )
        for act in nodes.children(link):
            if nodes.name(act) in KINDS:
                self._read(act, relation, subject, found)

    def _read(self, act: xml.Element, link: _Link, subject: str, found: list[Fact]) -> None:
        self._count += 1
        number = self._count
        parts = _Parts(act)
        said = parts.first("subject")
        party = None if said is None else read_party(said, self._texts)
        subject = subject_code(party) or subject
        found.append(self._fact(act, parts, link, number, subject, party))
        for below in nodes.children(act):
            if nodes.name(below) in ("entryRelationship", "component"):
                self._follow(below, number, subject, found)

    def _fact(
        self, act: xml.Element, parts: _Parts, link: _Link, number: int, subject: str, party: Party | None
    ) -> Fact:
        texts = self._texts
        words, reference = texts.words(parts.first("text"))
        return Fact(
            number=number,
            parent=link.parent,
            relation=link.relation,
            inverted=link.inverted,
            kind=nodes.name(act),
            entity=nodes.attribute(act, "classCode"),
            mood=nodes.attribute(act, "moodCode"),
            negated=nodes.attribute(act, "negationInd") in ("true", "1"),
            templates=tuple(read_identifier(node) for node in parts.all("templateId")),
            ids=tuple(read_identifier(node) for node in parts.all("id")),
            element_id=nodes.attribute(act, "ID"),
            code=read_coded(parts.first("code"), texts),
            text=words,
            text_reference=reference,
            status=nodes.attribute(parts.first("statusCode"), "code"),
            times=tuple(time for node in parts.all("effectiveTime") if (time := read_time(node)) is not None),
            use_times=tuple(time for node in parts.all("expectedUseTime") if (time := read_time(node)) is not None),
            values=tuple(_values(parts.all("value"), texts)),
            quantities=tuple(
                NamedValue(name, value) for name in _QUANTITIES for value in _values(parts.all(name), texts)
            ),
            codings=tuple(_codings(parts, texts)),
            ranges=tuple(bounds for node in parts.all("referenceRange") for bounds in _ranges(node, texts)),
            product=read_product(act, texts) if parts.all("consumable") or parts.all("product") else None,
            subject=subject,
            subject_party=party,
            parties=tuple(read_party(node, texts) for name in _PARTIES for node in parts.all(name)),
            references=tuple(_references(parts.all("reference"), texts)),
            conditions=tuple(_conditions(parts.all("precondition"), texts)),
            sequence=link.sequence,
        )


@dataclass(frozen=True, slots=True)
class _Link:
    """How an act hangs under another."""

    parent: int | None
    relation: str
    inverted: bool
    sequence: str


class _Parts:
    """The children of an act by their name."""

    def __init__(self, act: xml.Element) -> None:
        self._found = nodes.parts(act)

    def all(self, name: str) -> list[xml.Element]:
        return self._found.get(name, [])

    def first(self, name: str) -> xml.Element | None:
        return next(iter(self.all(name)), None)


def subject_of(node: xml.Element, texts: Texts) -> Party | None:
    """Of whom a section or an act speaks, when it says so."""
    found = nodes.first(node, "h:subject")
    return None if found is None else read_party(found, texts)


def subject_code(party: Party | None) -> str:
    return party.code.code if party is not None and party.code is not None else ""


def _values(found: list[xml.Element], texts: Texts) -> Iterator[Value]:
    for node in found:
        value = read_value(node, texts)
        if value is not None:
            yield value


def _codings(parts: _Parts, texts: Texts) -> Iterator[NamedCode]:
    for name in _CODINGS:
        for node in parts.all(name):
            code = read_coded(node, texts)
            if code is not None:
                yield NamedCode(name, code)


def _ranges(holder: xml.Element, texts: Texts) -> Iterator[Range]:
    for node in nodes.every(holder, "h:observationRange"):
        words, _ = texts.words(nodes.first(node, "h:text"))
        meaning = read_coded(nodes.first(node, "h:interpretationCode"), texts)
        yield Range(read_value(nodes.first(node, "h:value"), texts), words, meaning)


def _references(found: list[xml.Element], texts: Texts) -> Iterator[Related]:
    for node in found:
        for child in nodes.children(node):
            if nodes.name(child) in _REFERRED:
                yield read_related(child, nodes.attribute(node, "typeCode"), texts)


def _conditions(found: list[xml.Element], texts: Texts) -> Iterator[str]:
    for node in found:
        words, _ = texts.words(nodes.first(node, "h:criterion/h:text"))
        if words:
            yield words
