"""The dates of a body against those of the document: none after it, none before the child's birth, the stay's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from coordination.cda.markup import PARIS
from coordination.cda.model import Framed
from coordination.cda.spec.checking import Problem
from coordination.cda.spec.kinds import Kind, Moment
from coordination.cda.spec.nodes import Leaf, Member
from coordination.cda.spec.paths import value_at
from coordination.cda.spec.unknown import UNKNOWN, Approximate, OrUnknown

_TO_COME = re.compile(  # what is foreseen: follow-up, requests, treatments that go on
    r"body\.(follow_up|plan|requests|discharge_treatments)\b|\.(before|end)$"
)
_LEAVING = re.compile(r"\.(exit|exit_mode|destination|transfer)\b")  # may be written shortly before it happens
_SHORTLY = timedelta(days=7)
_DAY = timedelta(days=1)
_OTHERS_OWN = re.compile(r"\.mother_birth_date$")
_LABOUR = re.compile(r"^body\.labour\.")  # an intervention begins before the birth, the same day or so


def told(members: Sequence[Member], values: Any, path: str = "body") -> Iterator[tuple[str, str]]:
    """(path, ISO 8601) of every date of a body whose dates are right; it may lack anything."""
    for member in members:
        if not isinstance(values, Mapping) or member.name not in values:
            continue
        here = f"{path}.{member.name}" if member.name else path
        yield from _of(member, values[member.name], here)


def _of(member: Member, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(member, Leaf):
        if _is_time(member.kind) and value not in (None, UNKNOWN):
            yield path, value
        return
    for index, one in enumerate((value or ()) if member.many else [value]):
        here = f"{path}[{index}]" if member.many else path
        if member.bare:
            yield from _of(member.bare, one, here)
        else:
            yield from told(member.members, one, here)


def _is_time(kind: Kind | None) -> bool:
    return isinstance(kind, Moment | Approximate) or (isinstance(kind, OrUnknown) and _is_time(kind.kind))


def too_late(members: Sequence[Member], body: Mapping[str, Any], on: date) -> Iterator[Problem]:
    """A fact is not dated after the document; leaving may be, by a few days; what is foreseen is free."""
    for path, value in told(members, body):
        if _TO_COME.search(path):
            continue
        leaving = _LEAVING.search(path)
        if day_of(value) > on + (_SHORTLY if leaving else timedelta()):
            sentence = "cette date est trop loin après celle du document" if leaving else "cette date suit le document"
            yield Problem(path, sentence)


def before_birth(members: Sequence[Member], content: Framed) -> Iterator[Problem]:
    """In a child's document: nothing happened to the child before the birth."""
    born_at, born_on = content.patient.birth_at, content.patient.birth_date
    for path, value in told(members, content.body):
        if _OTHERS_OWN.search(path):
            continue
        labour = _LABOUR.search(path)
        before = day_of(value) < born_on - (_DAY if labour else timedelta())
        if not before and len(value) > 10 and born_at and born_at.tzinfo and not labour:
            before = datetime.fromisoformat(value) < born_at
        if before:
            yield Problem(path, "cette date précède la naissance de l'enfant")


def outside_the_stay(content: Framed, *, entry: str = "", leaving: str = "", own: bool = True) -> list[Problem]:
    """`entry`, `leaving`: dotted paths of these dates in the body. `own`: the stay is the patient's own, and ends
    with this exit to a day; else (a ward of the stay, the mother's stay) the exit stands within it."""
    encounter, found = content.encounter, []
    start = encounter.start.astimezone(PARIS).date()
    end = encounter.end.astimezone(PARIS).date() if encounter.end else None
    arrived, left = _at(content.body, entry), _at(content.body, leaving)
    if arrived and abs(day_of(arrived) - start) > _DAY:
        found.append(Problem(f"body.{entry}", "l'entrée n'est pas celle de la prise en charge, à un jour près"))
    if left and end and own and abs(day_of(left) - end) > _DAY:
        found.append(Problem(f"body.{leaving}", "la sortie n'est pas celle de la prise en charge, à un jour près"))
    elif left and (day_of(left) < start - _DAY or (end and day_of(left) > end + _DAY)):
        found.append(Problem(f"body.{leaving}", "cette sortie est en dehors de la prise en charge"))
    return found


def _at(body: Mapping[str, Any], path: str) -> str:
    value = value_at(body, path) if path else None
    return value if isinstance(value, str) else ""


def day_of(value: str) -> date:
    """The day, in Paris, of an instant; the first one of a month or of a year."""
    if len(value) > 10:
        return datetime.fromisoformat(value).astimezone(PARIS).date()
    return date.fromisoformat(f"{value}-01-01"[:10] if len(value) == 4 else f"{value}-01"[:10])
