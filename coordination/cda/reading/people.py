"""Who: names, addresses, organisations, and any participation of a document, a section or an entry.

CDA names the same thing differently at each place (assignedAuthor, associatedEntity, intendedRecipient…): one value
tells them all.
"""

from __future__ import annotations

from dataclasses import dataclass

from coordination.cda.reading import nodes
from coordination.cda.reading.datatypes import Coded, Identifier, read_coded, read_identifiers
from coordination.cda.reading.texts import Texts
from coordination.cda.reading.times import Time, read_time
from perinat.standards import xml

_ENTITIES = frozenset(
    {
        *("assignedAuthor", "assignedEntity", "associatedEntity", "relatedEntity", "intendedRecipient"),
        *("assignedCustodian", "participantRole", "relatedSubject", "specimenRole"),
    }
)
_PERSONS = frozenset(
    {
        *("assignedPerson", "associatedPerson", "relatedPerson", "informationRecipient", "subject", "guardianPerson"),
        *("playingEntity", "playingDevice", "assignedAuthoringDevice", "specimenPlayingEntity"),
    }
)
_ORGANIZATIONS = frozenset(
    {
        *("representedOrganization", "scopingOrganization", "receivedOrganization", "guardianOrganization"),
        *("scopingEntity",),
    }
)


@dataclass(frozen=True, slots=True)
class NamePart:
    """`kind`: family, given, prefix, suffix or delimiter; `qualifier`: BR (birth), CL (used), SP…"""

    kind: str
    text: str
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """PN: `parts` in the order written, or a bare `text`."""

    parts: tuple[NamePart, ...] = ()
    text: str = ""
    use: str = ""

    def of(self, kind: str, qualifier: str | None = None) -> str:
        """First part of this kind, of this qualifier when one is given."""
        wanted = (part for part in self.parts if part.kind == kind and qualifier in (None, part.qualifier))
        return next((part.text for part in wanted), "")

    @property
    def full(self) -> str:
        shown = [self.of("prefix") or self.of("suffix"), self.of("given"), self.of("family")]
        return " ".join(part for part in shown if part) or self.text


@dataclass(frozen=True, slots=True)
class Address:
    """AD: `line` joins number, street and the rest; `county` carries the COG code of a French birthplace."""

    line: str = ""
    postal_code: str = ""
    city: str = ""
    county: str = ""
    country: str = ""
    text: str = ""
    use: str = ""
    null_flavor: str = ""


@dataclass(frozen=True, slots=True)
class Telecom:
    value: str
    use: str = ""
    null_flavor: str = ""


@dataclass(frozen=True, slots=True)
class Organization:
    ids: tuple[Identifier, ...] = ()
    name: str = ""
    addresses: tuple[Address, ...] = ()
    telecoms: tuple[Telecom, ...] = ()
    setting: Coded | None = None  # standardIndustryClassCode


@dataclass(frozen=True, slots=True)
class Party:
    """One participation. `role`: its element (author, informant, performer…); `kind`: typeCode (PRF, CON, INF…);
    `entity`: classCode (PROV, ECON, NOK, PRS…); `code`: speciality or relationship; `device`: software or product."""

    role: str
    kind: str = ""
    function: Coded | None = None
    time: Time | None = None
    signature: str = ""
    entity: str = ""
    ids: tuple[Identifier, ...] = ()
    code: Coded | None = None
    name: Name | None = None
    device: str = ""
    addresses: tuple[Address, ...] = ()
    telecoms: tuple[Telecom, ...] = ()
    person_code: Coded | None = None
    sex: str = ""
    birth: Time | None = None
    organization: Organization | None = None
    null_flavor: str = ""

    @property
    def words(self) -> str:
        """Who it is, in a few words: name, software or organisation."""
        return (self.name.full if self.name else "") or self.device or (self.organization or Organization()).name


def read_party(node: xml.Element, texts: Texts) -> Party:
    """Any participation element, however it names what it holds."""
    entity = _child(node, _ENTITIES)
    entity = node if entity is None else entity
    person = _child(entity, _PERSONS)
    organization = _child(entity, _ORGANIZATIONS)
    signature = nodes.first(node, "h:signatureCode")
    return Party(
        role=nodes.name(node),
        kind=nodes.attribute(node, "typeCode"),
        function=read_coded(nodes.first(node, "h:functionCode"), texts),
        time=read_time(nodes.first(node, "h:time")),
        signature=nodes.attribute(signature, "code") or nodes.attribute(signature, "nullFlavor"),
        entity=nodes.attribute(entity, "classCode"),
        ids=read_identifiers(entity) or read_identifiers(person) or read_identifiers(person, "sdtc:id"),
        code=read_coded(nodes.first(entity, "h:code"), texts),
        name=read_name(nodes.first(person, "h:name")),
        device=_device(person),
        addresses=read_addresses(entity),
        telecoms=read_telecoms(entity),
        person_code=read_coded(nodes.first(person, "h:code"), texts),
        sex=nodes.attribute(nodes.first(person, "h:administrativeGenderCode"), "code"),
        birth=read_time(nodes.first(person, "h:birthTime")),
        organization=read_organization(organization, texts),
        null_flavor=nodes.attribute(node, "nullFlavor") or nodes.attribute(entity, "nullFlavor"),
    )


def read_parties(node: xml.Element | None, path: str, texts: Texts) -> tuple[Party, ...]:
    return tuple(read_party(item, texts) for item in nodes.every(node, path))


def read_name(node: xml.Element | None) -> Name | None:
    if node is None:
        return None
    parts = tuple(
        NamePart(nodes.name(part), nodes.text(part), nodes.attribute(part, "qualifier"))
        for part in nodes.children(node)
        if nodes.text(part)
    )
    read = Name(parts, "" if parts else nodes.text(node), nodes.attribute(node, "use"))
    return read if parts or read.text else None


def read_addresses(node: xml.Element | None) -> tuple[Address, ...]:
    return tuple(read_address(item) for item in nodes.every(node, "h:addr"))


def read_address(node: xml.Element) -> Address:
    parts: dict[str, list[str]] = {}
    for part in nodes.children(node):
        parts.setdefault(nodes.name(part), []).append(nodes.text(part))
    known = {key: " ".join(parts.pop(key, ())) for key in ("postalCode", "city", "county", "country")}
    return Address(
        line=" ".join(word for words in parts.values() for word in words if word),
        postal_code=known["postalCode"],
        city=known["city"],
        county=known["county"],
        country=known["country"],
        text="" if parts or any(known.values()) else nodes.text(node),
        use=nodes.attribute(node, "use"),
        null_flavor=nodes.attribute(node, "nullFlavor"),
    )


def read_telecoms(node: xml.Element | None) -> tuple[Telecom, ...]:
    return tuple(
        Telecom(nodes.attribute(item, "value"), nodes.attribute(item, "use"), nodes.attribute(item, "nullFlavor"))
        for item in nodes.every(node, "h:telecom")
    )


def read_organization(node: xml.Element | None, texts: Texts) -> Organization | None:
    if node is None:
        return None
    return Organization(
        ids=read_identifiers(node),
        name=nodes.text(nodes.first(node, "h:name")) or nodes.text(nodes.first(node, "h:desc")),
        addresses=read_addresses(node),
        telecoms=read_telecoms(node),
        setting=read_coded(nodes.first(node, "h:standardIndustryClassCode"), texts),
    )


def _child(node: xml.Element, names: frozenset[str]) -> xml.Element | None:
    return next((child for child in nodes.children(node) if nodes.name(child) in names), None)


def _device(node: xml.Element | None) -> str:
    written = (nodes.text(nodes.first(node, path)) for path in ("h:manufacturerModelName", "h:softwareName"))
    return " ".join(part for part in written if part)
