"""One page of the national directory written into the mirror: upsert, and what a resource no longer says is marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import models

from coordination.models import MirrorMailbox, MirrorPerson, MirrorPlace, MirrorPractice
from coordination.selectors.directory_search import specialty_label
from perinat.standards.health_directory import (
    PublishedMailbox,
    PublishedPerson,
    PublishedPlace,
    PublishedPractice,
    fold,
)

M = TypeVar("M", MirrorPlace, MirrorPerson, MirrorPractice)


def write_places(places: Iterable[PublishedPlace], *, departement: str, now: datetime) -> None:
    """A closed place keeps what was known of it, and is marked."""
    open_ones = {one.key: one for one in places if one.is_active}
    closed = [one.key for one in places if not one.is_active]
    rows = [
        MirrorPlace(
            key=one.key, departement=departement, name=one.name, finess=one.finess, sector=one.sector, line=one.line,
            postal_code=one.postal_code, city=one.city, phone=one.phone, seen_at=now,
            search=f" {fold(f'{one.name} {one.city} {one.postal_code}')}"[:260],
        )
        for one in open_ones.values()
    ]  # fmt: skip
    known = _upsert(MirrorPlace, rows)
    _replace_mailboxes("place", {known[key]: one.mailboxes for key, one in open_ones.items()}, now)
    close(MirrorPlace.objects.filter(key__in=closed), "place", now)


def write_people(people: Iterable[PublishedPerson], *, now: datetime) -> None:
    """As for places."""
    active = {one.key: one for one in people if one.is_active}
    closed = [one.key for one in people if not one.is_active]
    rows = [
        MirrorPerson(
            key=one.key, rpps=one.rpps, family_name=one.family_name, given_name=one.given_name,
            specialty_code=specialty(one), seen_at=now,
            search=f" {fold(f'{one.given_name} {one.family_name} {specialty_label(specialty(one))} {one.rpps}')}"[:260],
        )
        for one in active.values()
    ]  # fmt: skip
    known = _upsert(MirrorPerson, rows)
    _replace_mailboxes("person", {known[key]: one.mailboxes for key, one in active.items()}, now)
    close(MirrorPerson.objects.filter(key__in=closed), "person", now)


def write_practices(practices: Iterable[PublishedPractice], *, now: datetime) -> None:
    """Practices at the places of the mirror; one that closed, or left for a place elsewhere, is marked."""
    places = dict(MirrorPlace.objects.filter(key__in={one.place_key for one in practices}).values_list("key", "pk"))
    here = {one.key: one for one in practices if one.is_active and one.place_key in places and one.person_key}
    elsewhere = [one.key for one in practices if one.key not in here]
    stubs = [MirrorPerson(key=key) for key in sorted({one.person_key for one in here.values()})]
    MirrorPerson.objects.bulk_create(stubs, ignore_conflicts=True)
    people = dict(MirrorPerson.objects.filter(key__in=[one.key for one in stubs]).values_list("key", "pk"))
    rows = [
        MirrorPractice(key=one.key, person_id=people[one.person_key], place_id=places[one.place_key], seen_at=now)
        for one in here.values()
    ]
    known = _upsert(MirrorPractice, rows)
    _replace_mailboxes("practice", {known[key]: one.mailboxes for key, one in here.items()}, now)
    close(MirrorPractice.objects.filter(key__in=elsewhere), "practice", now)


def close(rows: models.QuerySet[Any], owner: str, now: datetime) -> None:
    """Mark these rows as no longer published, and their mailboxes with them. Nothing is deleted."""
    keys = list(rows.values_list("pk", flat=True))
    rows.model._default_manager.filter(pk__in=keys, gone_at__isnull=True).update(gone_at=now)
    MirrorMailbox.objects.filter(**{f"{owner}__in": keys}, gone_at__isnull=True).update(gone_at=now)


def specialty(person: PublishedPerson) -> str:
    """Her code in JDV_J01 (G15_50, G15_10/SM54), or the profession alone when its speciality is not said."""
    return f"G15_{person.profession}/{person.skill}" if person.skill else f"G15_{person.profession}"


def _upsert(model: type[M], rows: list[M]) -> dict[str, Any]:
    """Insert or update by key, published again if it had gone; key → primary key."""
    fields = [f.name for f in model._meta.concrete_fields if f.name not in ("id", "key")]
    model._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=fields)
    return dict(model._default_manager.filter(key__in=[row.key for row in rows]).values_list("key", "pk"))


def _replace_mailboxes(owner: str, published: Mapping[Any, tuple[PublishedMailbox, ...]], now: datetime) -> None:
    """Make the mailboxes of these owners those of the page."""
    wanted = {(pk, box.address): box.kind for pk, boxes in published.items() for box in boxes}
    changed = []
    for row in MirrorMailbox.objects.filter(**{f"{owner}__in": list(published)}):
        kind = wanted.pop((getattr(row, f"{owner}_id"), row.address), None)
        gone = row.gone_at or now if kind is None else None
        if (kind or row.kind, gone) != (row.kind, row.gone_at):
            row.kind, row.gone_at = kind or row.kind, gone
            changed.append(row)
    MirrorMailbox.objects.bulk_update(changed, ["kind", "gone_at"])
    MirrorMailbox.objects.bulk_create(
        MirrorMailbox(address=address, kind=kind, **{f"{owner}_id": pk}) for (pk, address), kind in wanted.items()
    )
