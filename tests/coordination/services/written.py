"""What the tests of written documents share: a midwife of the ward who writes, a document that she sent."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from coordination.models import Document, Draft, ReplacementReason, Role, Stay, User
from coordination.services import corrections, writing
from tests.conformance.cases import CASES
from tests.conformance.cases.people import moved
from tests.coordination import world

WHY = ReplacementReason.WRONG_DATUM


def writer(place: world.Ward, number: str = "89900001093", name: str = "sagefemme.ward") -> User:
    """A midwife of the ward, who signs what she writes."""
    person = world._professional(number, "Iris", "NOISETIER", "G15_50", place.maternity)
    return world.user(name, Role.HOSPITAL_MIDWIFE, place.maternity, person)


def body(volet: str = "OBP-SCM", name: str = "maximal") -> dict[str, Any]:
    return moved(CASES[volet][name]["body"], timezone.localdate())


def corrected(volet: str = "OBP-SCM", name: str = "maximal", words: str = "Relu et corrigé.") -> dict[str, Any]:
    """The same case with one statement changed."""
    case = body(volet, name)
    if volet == "OBP-SCM":
        case["acts"]["acts"][0]["comment"] = words
    else:
        case["reason"] = words
    return case


def sent(stay: Stay, by: User, volet: str = "OBP-SCM", name: str = "maximal") -> Document:
    """A document written on a screen and finished."""
    draft = writing.open_draft(stay, stay.mother, volet, by=by)
    assert writing.save(draft, body(volet, name), revision=1, by=by) == []
    return writing.finish(draft, by=by)


def correction(document: Document, by: User, case: dict[str, Any], *, reason: str = WHY, comment: str = "") -> Draft:
    """A whole correction, kept and not finished."""
    draft = corrections.open_correction(document, by=by)
    assert writing.save(draft, case, revision=draft.revision, by=by, reason=reason, comment=comment) == []
    return draft
