"""FHIR resources of the directory, read tolerantly: an entry that cannot be used is skipped, never a failure.

Profiles as-dp-practitioner, as-dp-practitionerrole, as-dp-organization (IG « annuaire » 1.2.0-snapshot-2). Plain JSON,
not models that refuse unknown keys: the directory adds elements without notice. What is kept is checked: RPPS and
FINESS by their key, an address by its form, a mailbox by its extension (an ordinary e-mail is not MSSanté).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from perinat.standards.health_directory import (
    MSSANTE_KINDS,
    PublishedMailbox,
    PublishedPerson,
    PublishedPlace,
    PublishedPractice,
)
from perinat.standards.identifiers import Finess, IdentifierError, Rpps

RPPS_SYSTEM = "https://rpps.esante.gouv.fr"
FINESS_SYSTEM = "https://finess.esante.gouv.fr"
PROFESSION_SYSTEM = "TRE_G15-ProfessionSante"
SKILL_SYSTEM = "TRE_R38-SpecialiteOrdinale"
SECTOR_SYSTEM = "TRE_R02-SecteurActivite"
EMAIL_TYPE = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type"
MAILBOX = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"
_ADDRESS = re.compile(r"[^@\s<>,;\"]{1,64}@[a-z0-9.-]{1,180}\.[a-z]{2,}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)  # FHIR id


def place(resource: dict[str, Any]) -> PublishedPlace | None:
    """A structure; None without an id."""
    key = _key(resource)
    address = next(_dicts(resource.get("address")), {})
    return (
        key
        and PublishedPlace(
            key=key,
            is_active=resource.get("active") is not False,
            name=_text(resource.get("name"), 120),
            finess=_number(resource, FINESS_SYSTEM, Finess),
            sector=_code(resource.get("type"), SECTOR_SYSTEM),
            line=_line(address),
            postal_code=_text(address.get("postalCode"), 5),
            city=_text(address.get("city"), 80),
            phone=next((_text(t.get("value"), 20) for t in _telecom(resource) if t.get("system") == "phone"), ""),
            mailboxes=_mailboxes(resource, "ORG"),
        )
        or None
    )


def person(resource: dict[str, Any]) -> PublishedPerson | None:
    """A professional; None without an id or an RPPS number whose key is right."""
    key, rpps = _key(resource), _number(resource, RPPS_SYSTEM, Rpps)
    if not key or not rpps:
        return None
    name = next(_dicts(resource.get("name")), {})
    given = name.get("given")
    codes = [one.get("code") for one in _dicts(resource.get("qualification"))]
    return PublishedPerson(
        key=key,
        is_active=resource.get("active") is not False,
        rpps=rpps,
        family_name=_text(name.get("family"), 80),
        given_name=_text(" ".join(map(str, given)) if isinstance(given, list) else given, 80),
        profession=_code(codes, PROFESSION_SYSTEM),
        skill=_code(codes, SKILL_SYSTEM),
        mailboxes=_mailboxes(resource, "PER"),
    )


def practice(resource: dict[str, Any]) -> PublishedPractice | None:
    """A person at a place; None without an id."""
    key = _key(resource)
    return (
        key
        and PublishedPractice(
            key=key,
            is_active=resource.get("active") is not False,
            person_key=_reference(resource.get("practitioner"), "Practitioner"),
            place_key=_reference(resource.get("organization"), "Organization"),
            mailboxes=_mailboxes(resource, "PER"),
        )
        or None
    )


def _key(resource: dict[str, Any]) -> str:
    value = resource.get("id")
    return value if isinstance(value, str) and _KEY.fullmatch(value) else ""


def _reference(value: Any, kind: str) -> str:
    """The id of a literal reference, relative or absolute, without its version."""
    text = value.get("reference") if isinstance(value, dict) else None
    found = (
        re.search(rf"(?:^|/){kind}/([A-Za-z0-9.-]{{1,64}})(?:/_history/\w+)?$", text) if isinstance(text, str) else None
    )
    return found.group(1) if found else ""


def _number(resource: dict[str, Any], system: str, type_: type[Rpps] | type[Finess]) -> str:
    for one in _dicts(resource.get("identifier")):
        if one.get("system") == system:
            try:
                return type_(str(one.get("value"))).number
            except IdentifierError:
                continue
    return ""


def _code(concepts: Any, system: str) -> str:
    for concept in _dicts(concepts):
        for coding in _dicts(concept.get("coding")):
            if system in str(coding.get("system")):
                return _text(coding.get("code"), 10)
    return ""


def _mailboxes(resource: dict[str, Any], usual: str) -> tuple[PublishedMailbox, ...]:
    """MSSanté addresses, once each; one on the red list is not published and is not kept. `usual`: kind unsaid."""
    found: dict[str, PublishedMailbox] = {}
    for telecom in _telecom(resource):
        marks = {str(one.get("url")): one for one in _dicts(telecom.get("extension"))}
        details = {str(one.get("url")): one for one in _dicts(marks.get(MAILBOX, {}).get("extension"))}
        coding = marks.get(EMAIL_TYPE, {}).get("valueCoding")
        secure = MAILBOX in marks or (isinstance(coding, dict) and coding.get("code") == "MSSANTE")
        address = str(telecom.get("value")).strip().lower()
        if not secure or not _ADDRESS.fullmatch(address) or details.get("listeRouge", {}).get("valueBoolean") is True:
            continue
        kind = _code([details.get("type", {}).get("valueCodeableConcept")], "TRE_R257")
        found[address] = PublishedMailbox(address, kind if kind in MSSANTE_KINDS else usual)
    return tuple(found.values())


def _telecom(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return _dicts(resource.get("telecom"))


def _line(address: dict[str, Any]) -> str:
    """The street: `line`, or the parts that the directory puts in extensions of an absent line."""
    lines = address.get("line")
    written = [one for one in lines if isinstance(one, str)] if isinstance(lines, list) else []
    if written:
        return _text(", ".join(written), 120)
    parts = [
        str(e.get("valueString") or "") for one in _dicts(address.get("_line")) for e in _dicts(one.get("extension"))
    ]
    return _text(" ".join(filter(None, parts)), 120)


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _text(value: Any, limit: int) -> str:
    """One line of text, without control characters."""
    return (
        " ".join("".join(c if c.isprintable() else " " for c in value).split())[:limit]
        if isinstance(value, str)
        else ""
    )
