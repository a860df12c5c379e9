"""« L'essentiel »: the 30-second card of a stay, each value with the document it comes from.

Only what this person may open: the documents visible to her, none of another child. Nothing is filled in: what no
document says is told as not found, and two documents that differ are told as such.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from coordination.models import BirthMode, Newborn, Person, Stay
from coordination.papers.brief import fields
from coordination.papers.brief.fields import NAMES, ONLY_WHEN_FOUND, Field
from coordination.papers.brief.merge import Merged, Sourced, merged, with_loss
from coordination.selectors import identity
from coordination.selectors.brief_sources import Read, Source, of_the_newborn, of_the_stay, sourced, weighed_at_exit
from coordination.selectors.identity import PersonCard

LONG = frozenset(
    {Field.ALERTS, Field.CHILD_ALERTS, Field.TREATMENTS, Field.PREGNANCY_TREATMENTS}
    | {Field.FOLLOW_UP, Field.CHILD_FOLLOW_UP}
)


@dataclass(frozen=True, slots=True)
class Value:
    """`lines`: the words, one thing to know on each."""

    lines: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Row:
    """One line. Several `values`, `contradictory`: what each document says. `is_long`: sentences, not a value."""

    name: str
    values: tuple[Value, ...]
    contradictory: bool
    is_long: bool


@dataclass(frozen=True, slots=True)
class Group:
    """`missing`: what is looked for and stands in no document, by name."""

    title: str
    rows: tuple[Row, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Who:
    """The mother, or one newborn: her header and her lines, in groups."""

    person: PersonCard
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """`documents`: how many were read."""

    people: tuple[Who, ...]
    documents: int


def card(stay: Stay, read: Read, *, about: Person | None = None) -> Card:
    """The card from the values read in each version. `about`: one newborn alone, nothing of her mother."""
    born = list(stay.newborns.select_related("person"))
    alone, whole = len(born) == 1, about is None or about.pk == stay.mother_id
    people = [_mother(stay, read, born)] if whole else []
    for newborn in born:
        if newborn.link_ended_at is None and (whole or (about and about.pk == newborn.person_id)):
            people.append(_child(newborn, stay, read, alone=alone, whole=whole))
    return Card(tuple(people), len(read))


def _mother(stay: Stay, read: Read, born: Sequence[Newborn]) -> Who:
    """The hour of birth is each child's own when there are several."""
    hers = sourced(read, stay.mother_id) + of_the_stay(stay)
    alone = len(born) == 1
    if alone and born[0].link_ended_at is None:
        hers = _of_the_birth(born[0], read) + hers
    birth = fields.BIRTH if alone else tuple(name for name in fields.BIRTH if name != Field.BORN_AT)
    unexpected = Field.PERINEUM if stay.birth_mode == BirthMode.CAESAREAN else Field.SCAR
    groups = _group("Naissance", birth, hers, optional={unexpected}), _group("Mère", fields.MOTHER, hers)
    return Who(identity.mother_card(stay.mother), groups)


def _of_the_birth(newborn: Newborn, read: Read) -> list[Sourced[Source]]:
    """What the papers of her only child say of the birth: hers do not all tell when and how."""
    told = (Field.BORN_AT, Field.TERM, Field.MODE)
    return [one for one in sourced(read, newborn.person_id) if one.found.field in told]


def _child(newborn: Newborn, stay: Stay, read: Read, *, alone: bool, whole: bool) -> Who:
    """From this child's own documents; from the mother's only when there is no other child, and she may be shown."""
    found = sourced(read, newborn.person_id)
    if alone and whole:
        found += [one for one in sourced(read, stay.mother_id) if one.found.field in fields.CHILD]
    found = weighed_at_exit(found, stay) + of_the_newborn(newborn)
    own = {one.found.field for one in found}
    told = (Field.BORN_AT, Field.TERM, Field.MODE)
    birth = () if alone and whole else tuple(name for name in told if name in own)
    group = _group("Nouveau-né", (*birth, *fields.CHILD), with_loss(found))
    if any(one.found.key == fields.DEAD for one in found):  # nothing more is looked for
        group = replace(group, missing=())
    return Who(identity.newborn_card(newborn, several=not alone), (group,))


def _group(
    title: str,
    names: Sequence[Field],
    found: Sequence[Sourced[Source]],
    *,
    optional: Container[Field] = ONLY_WHEN_FOUND,
) -> Group:
    """`optional`: what is not told when it is not found."""
    told = [merged(name, found) for name in names]
    missing = (NAMES[one.field] for one in told if not one.told and one.field not in optional)
    return Group(title, tuple(_row(one) for one in told if one.told), tuple(missing))


def _row(one: Merged[Source]) -> Row:
    values = tuple(Value(tuple(told.found.value.split(" ; ")), told.source) for told in one.told)
    return Row(one.name, values, one.contradictory, one.field in LONG)
