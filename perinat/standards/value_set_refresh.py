"""What a newer official file changes in a list: a code never disappears, it leaves on a day."""

from __future__ import annotations

from dataclasses import dataclass, replace

from perinat.standards.official_lists import OfficialFileError
from perinat.standards.value_set_files import Head, StoredAssociation, StoredConcept, StoredList


@dataclass(frozen=True, slots=True)
class Refresh:
    """The list to write and what changed, as codes in the order of the list."""

    stored: StoredList
    added: tuple[str, ...]
    returned: tuple[str, ...]
    left: tuple[str, ...]
    relabelled: tuple[str, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class AssociationRefresh:
    """The association to write and the codes whose correspondence is new, changed or gone."""

    stored: StoredAssociation
    changed: tuple[str, ...]
    unchanged: int


def refreshed(former: StoredList | None, official: StoredList) -> Refresh:
    """`official` completed by the codes of `former` that it no longer has.

    Such a code has left on the day that the former list says, else on the day of the new list. A code
    with an end date in the official file (dateFin) leaves on that day; one without it stands again.
    Raises OfficialFileError: another OID under the same name, or a file older than the list in place.
    """
    before = _by_key(former) if former else {}
    if former is not None:
        check_heads(former.head, official.head)
        official = StoredList(_named(official.head, former.head), official.concepts)
    now = _by_key(official)
    gone = [
        StoredConcept(concept.code, concept.left_on or official.head.published)
        for key, concept in before.items()
        if key not in now
    ]
    news = [(concept, before.get(key)) for key, concept in now.items()]
    left = [c.code.code for c, was in news if was and c.left_on and not was.left_on]
    left += [c.code.code for c in gone if before[c.code.code, c.code.system].left_on is None]
    changes = Refresh(
        stored=StoredList(official.head, (*official.concepts, *gone)),
        added=tuple(c.code.code for c, was in news if was is None),
        returned=tuple(c.code.code for c, was in news if was and was.left_on and not c.left_on),
        left=tuple(left),
        relabelled=tuple(c.code.code for c, was in news if was and was.code.label != c.code.label),
        unchanged=0,
    )
    touched = {*changes.added, *changes.returned, *changes.left, *changes.relabelled}
    return replace(changes, unchanged=sum(1 for c in changes.stored.concepts if c.code.code not in touched))


def refreshed_association(former: StoredAssociation | None, official: StoredAssociation) -> AssociationRefresh:
    """The official association, whole: a correspondence has no end date. Raises as `refreshed`."""
    before = former.pairs if former else {}
    if former is not None:
        check_heads(former.head, official.head)
        official = StoredAssociation(_named(official.head, former.head), official.pairs)
    keys = {**official.pairs, **before}
    changed = tuple(key[0] for key in keys if official.pairs.get(key) != before.get(key))
    return AssociationRefresh(official, changed, len(keys) - len(changed))


def check_heads(former: Head, official: Head) -> None:
    """Refuse what would take another list for this one, or go back in time."""
    if former.oid != official.oid:
        raise OfficialFileError(f"l'OID est {official.oid}, celui de la liste {former.name} est {former.oid}.")
    if former.published and official.published and official.published < former.published:
        raise OfficialFileError(
            f"la liste du {official.published:%d/%m/%Y} est plus ancienne que celle en place "
            f"({former.published:%d/%m/%Y})."
        )


def _named(official: Head, former: Head) -> Head:
    """The name perinat knows it by: ANS does not write it alike in SVS and in FHIR."""
    return Head(former.name, official.oid, official.version, official.published, official.source)


def _by_key(stored: StoredList) -> dict[tuple[str, str], StoredConcept]:
    return {(concept.code.code, concept.code.system): concept for concept in stored.concepts}
