"""« L'essentiel »: the 30-second card of a stay, each value with the document it comes from.

Only what this person may open: the documents visible to her, none of another child. Nothing is filled in: what no
document says is told as not found, and two documents that differ are told as such.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from coordination.lifecycles import DocumentStatus
from coordination.models import BirthMode, Document, DocumentVersion, Newborn, Person, Stay, User
from coordination.papers.brief import fields
from coordination.papers.brief.fields import NAMES, ONLY_WHEN_FOUND, Field
from coordination.papers.brief.merge import Merged, Sourced, merged, with_loss
from coordination.papers.brief.text import moment_words
from coordination.papers.brief.values import Found
from coordination.selectors import identity
from coordination.selectors.identity import PersonCard
from perinat.standards import codes

SHORT = {
    codes.LETTRE_DE_LIAISON_SORTIE.code: "Lettre",
    codes.CR_ACCOUCHEMENT.code: "CR d'accouchement",
    codes.CR_HOSPITALIER.code: "CR hospitalier",
    codes.CR_OPERATOIRE.code: "CR opératoire",
    codes.CR_EXAMEN_ENFANT.code: "Examen",
    codes.SYNTHESE_NAISSANCE_MERE.code: "Synthèse de naissance (mère)",
    codes.SYNTHESE_NAISSANCE_ENFANT.code: "Synthèse de naissance (enfant)",
    codes.SYNTHESE_SUITES_DE_COUCHES.code: "Synthèse des suites de couches",
    codes.SYNTHESE_ENFANT_MATERNITE.code: "Synthèse de l'enfant",
    codes.MESURES_ENFANT.code: "Mesures",
}
LONG = frozenset({Field.ALERTS, Field.TREATMENTS, Field.FOLLOW_UP, Field.CHILD_FOLLOW_UP})
TRUSTED = tuple(SHORT)  # in this order when two documents say as much, the newest first within one type


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value stands: « Lettre, p. 1 » and its address; without a document, the stay itself."""

    label: str
    url: str = ""


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


def versions(user: User, stay: Stay) -> list[DocumentVersion]:
    """The version in force of each document of the maternity that this person may open. Two queries."""
    final = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    rows = DocumentVersion.objects.select_related("card", "body", "readable", "original")
    rows = rows.order_by("-validated_at", "-number")
    shown = rows.filter(validated_at__isnull=False) if user.is_hospital else rows.filter(validated_at__lte=final)
    documents = (
        Document.objects.visible_to(user)
        .filter(stay=stay, organisation_id=stay.maternity_id, status=DocumentStatus.VALIDATED, type_code__in=TRUSTED)
        .prefetch_related(Prefetch("versions", shown, to_attr="shown"))
    )
    found = []
    for document in documents:
        document.stay = stay  # already loaded
        for version in document.shown[:1]:
            version.document = document
            found.append(version)
    return found


def card(stay: Stay, read: Mapping[DocumentVersion, Sequence[Found]], *, about: Person | None = None) -> Card:
    """The card from the values read in each version. `about`: one newborn alone, nothing of her mother."""
    born = list(stay.newborns.select_related("person"))
    alone, whole = len(born) == 1, about is None or about.pk == stay.mother_id
    people = [_mother(stay, read, alone=alone)] if whole else []
    for newborn in born:
        if newborn.link_ended_at is None and (whole or (about and about.pk == newborn.person_id)):
            people.append(_child(newborn, stay, read, alone=alone, whole=whole))
    return Card(tuple(people), len(read))


def _mother(stay: Stay, read: Mapping[DocumentVersion, Sequence[Found]], *, alone: bool) -> Who:
    """The hour of birth is each child's own when there are several."""
    hers = _sourced(read, stay.mother_id) + _of_the_stay(stay)
    birth = fields.BIRTH if alone else tuple(name for name in fields.BIRTH if name != Field.BORN_AT)
    unexpected = Field.PERINEUM if stay.birth_mode == BirthMode.CAESAREAN else Field.SCAR
    groups = _group("Naissance", birth, hers, optional={unexpected}), _group("Mère", fields.MOTHER, hers)
    return Who(identity.mother_card(stay.mother), groups)


def _child(
    newborn: Newborn, stay: Stay, read: Mapping[DocumentVersion, Sequence[Found]], *, alone: bool, whole: bool
) -> Who:
    """From this child's own documents; from the mother's only when there is no other child, and she may be shown."""
    found = _sourced(read, newborn.person_id)
    if alone and whole:
        found += [one for one in _sourced(read, stay.mother_id) if one.found.field in fields.CHILD]
    if newborn.weight_g:
        shown = f"{newborn.weight_g:,}".replace(",", "\u202f")
        weight = Found(Field.BIRTH_WEIGHT, f"{shown}\u00a0g", str(newborn.weight_g))
        found.append(Sourced(weight, _STAY))
    key = f"{timezone.localtime(newborn.born_at):%Y-%m-%dT%H:%M}"
    found.append(Sourced(Found(Field.BORN_AT, moment_words(key), key), _STAY))
    own = {one.found.field for one in found}
    told = (Field.BORN_AT, Field.TERM, Field.MODE)
    birth = () if alone and whole else tuple(name for name in told if name in own)
    group = _group("Nouveau-né", (*birth, *fields.CHILD), with_loss(found))
    return Who(identity.newborn_card(newborn, several=not alone), (group,))


_STAY = Source("séjour")


def _of_the_stay(stay: Stay) -> list[Sourced[Source]]:
    """What the ward recorded, last: a document says more."""
    found = []
    if stay.birth_at:
        key = f"{timezone.localtime(stay.birth_at):%Y-%m-%dT%H:%M}"
        found.append(Found(Field.BORN_AT, moment_words(key), key))
    if stay.birth_mode:
        found.append(Found(Field.MODE, stay.get_birth_mode_display().lower(), stay.birth_mode))
    if stay.needs:
        found.append(Found(Field.ALERTS, ", ".join(stay.needs)))
    return [Sourced(one, _STAY) for one in found]


def _sourced(read: Mapping[DocumentVersion, Sequence[Found]], person_id: UUID) -> list[Sourced[Source]]:
    """The values of one person's documents: structured ones first, then by type, then the newest."""
    mine = sorted(
        (version for version in read if version.document.person_id == person_id),
        key=lambda v: (not v.document.volet, TRUSTED.index(v.document.type_code), -v.document.created_at.timestamp()),
    )
    return [Sourced(one, _source(version, one)) for version in mine for one in read[version]]


def _source(version: DocumentVersion, found: Found) -> Source:
    """Opens the document at the page, or at the section of a structured document without a PDF."""
    document = version.document
    name, url = SHORT[document.type_code], reverse("document", args=[document.pk])
    if found.page:
        return Source(f"{name}, p. {found.page}", f"{url}?feuille={found.page}#page-{found.page}")
    if found.section:
        return Source(f"{name}, « {found.heading} »", f"{url}#rubrique-{found.section}")
    return Source(name, url)


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
    return Row(NAMES[one.field], values, one.contradictory, one.field in LONG)
