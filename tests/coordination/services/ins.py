"""What the tests of the INS share: a child whose papers wait, and a fictitious INSi on a real socket."""

from __future__ import annotations

import json
import urllib.request
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from coordination.models import Document, IdentityQuestion, Newborn, Person, Stay
from coordination.services import ins_calendar, ins_questions
from perinat.connectors.insi.sandbox.server import InsiSandbox
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import validated

EXAM = codes.CR_EXAMEN_ENFANT.code
CONNECTOR = "perinat.connectors.insi.client.Insi"


def born(ward: world.Ward, *, days_ago: int = 0, number: str = "S1", given: str = "JULES") -> tuple[Stay, Person]:
    """A stay of this ward whose child was born so many days ago, at this very hour."""
    at = timezone.now() - timedelta(days=days_ago)
    known = Stay.objects.count()
    mother = world.mother(order=1 + known, ipp=f"M{number}")
    entry = world.newborn(at, given=given)
    child = type(entry)(
        type(entry.person)("ACACIA", given, timezone.localdate(at), "M", f"E{number}", birth_place_cog="78646"),
        1,
        at,
        3400,
    )
    stay = world.stay(
        ward, number=number, mother=mother, admitted_at=at - timedelta(hours=8), birth_at=at, newborns=(child,),
        expected_discharge_at=max(timezone.now(), at + timedelta(days=3)),
    )  # fmt: skip
    return stay, Newborn.objects.get(stay=stay).person


def waits(ward: world.Ward, *, days_ago: int = 0, number: str = "S1", given: str = "JULES") -> tuple[Person, Document]:
    """The child, and its paper that waits for the DMP."""
    stay, child = born(ward, days_ago=days_ago, number=number, given=given)
    return child, validated(ward, stay, person=child, type_code=EXAM)


def administer(sandbox: InsiSandbox, method: str, path: str, **body: Any) -> Any:
    request = urllib.request.Request(f"{sandbox.admin_url}/{path}", json.dumps(body).encode(), method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def publish(
    sandbox: InsiSandbox, child: Person, *, order: int = 77, known_from: date | None = None, **other: str
) -> None:
    """INSi knows this child from that day; `other`: traits that it knows otherwise."""
    row = {
        "family": child.birth_family_name, "given": child.birth_given_names, "sex": child.sex,
        "birth_date": child.birth_date.isoformat(), "cog": child.birth_place_cog,
        "matricule": world.ins(order).matricule, "oid": world.ins(order).oid,
        "known_from": (known_from or date(2000, 1, 1)).isoformat(),
    }  # fmt: skip
    administer(sandbox, "POST", "people", **{**row, **other})


def tick() -> list[str]:
    """What the clock does each minute, without its edge."""
    now = timezone.now()
    ins_calendar.plan(now)
    return [str(ins_questions.answer(one, now) or "") for one in ins_questions.due_ids(now)]


def days(child: Person) -> list[int]:
    """The planned questions, as days after the birth."""
    planned = IdentityQuestion.objects.filter(person=child, asked_by__isnull=True).order_by("planned_on")
    return [(day - child.birth_date).days for day in planned.values_list("planned_on", flat=True)]
