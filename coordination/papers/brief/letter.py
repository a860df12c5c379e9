"""The values of the structured discharge letter: LDL-SES."""

from __future__ import annotations

from collections.abc import Iterator

from coordination.papers.brief import fields
from coordination.papers.brief.common import allergies, medicine
from coordination.papers.brief.fields import Field
from coordination.papers.brief.parts import (
    WORDS_OF_THE_BIRTH,
    Body,
    at,
    day,
    is_denial,
    items,
    joined,
    said_in,
    words,
    yes,
)
from coordination.papers.brief.values import Found

F = Field
_WORDS_OF_A_LETTER = WORDS_OF_THE_BIRTH | {F.BORN_AT, F.TERM, F.MODE} | set(fields.CHILD)


def discharge_letter(body: Body) -> Iterator[Found]:
    """LDL-SES."""
    yield from _treatments(body)
    yield from allergies(body)
    synthesis = at(body, "synthesis") or {}
    given = at(synthesis, "transfusion")
    key = f"TRANSFUSION={yes(given)}" if isinstance(given, bool) else ""
    yield Found(F.ALERTS, joined(_letter_alerts(synthesis)), key, section="synthesis")
    yield Found(F.FOLLOW_UP, joined(_planned(at(body, "follow_up") or {})), section="follow_up")
    pending = at(body, "pending_results")
    if pending:
        yield Found(F.FOLLOW_UP, words("résultats attendus", str(pending), ""), section="pending_results")
    told = [at(body, "reason"), at(synthesis, "summary", "text"), at(synthesis, "adverse_events")]
    yield from said_in(told, "synthesis", _WORDS_OF_A_LETTER, about_child=False)


def _treatments(body: Body) -> Iterator[Found]:
    given = items(body, "discharge_treatments", "items")
    if given:
        yield Found(F.TREATMENTS, joined(map(medicine, given)), "SOME", section="discharge_treatments")
    elif at(body, "discharge_treatments", "none"):
        yield Found(F.TREATMENTS, "aucun traitement à la sortie", "NONE", section="discharge_treatments")


def _letter_alerts(synthesis: Body) -> Iterator[str]:
    """What was answered, the coded answers first: long words come last, where they may be cut."""
    said = [
        ("transfusion : ", "oui" if synthesis.get("transfusion") else None),
        ("dérivés du sang : ", "oui" if synthesis.get("blood_derivatives") else None),
        ("germe : ", synthesis.get("mdro_found")),
        ("accident transfusionnel : ", synthesis.get("transfusion_accidents")),
        ("après dérivés du sang : ", synthesis.get("blood_derivative_events")),
        ("", synthesis.get("adverse_events")),
    ]
    found = [f"{name}{told}".replace("\n", " ") for name, told in said if told and not is_denial(str(told))]
    denied = [synthesis.get(name) is False for name in ("transfusion", "blood_derivatives")]
    if found or all(denied):
        yield from found or ["aucune signalée (pas de transfusion ni de dérivé du sang)"]


def _planned(follow_up: Body) -> Iterator[str]:
    for kind, name in (("encounters", "who"), ("requests", "what"), ("acts", "act")):
        for one in items(follow_up, kind):
            what = at(one, name, "label") if kind == "acts" else one.get(name)
            when = day(one["date"]) if "date" in one else ""
            yield words(str(what or "soin non précisé"), when, str(one.get("comment", "")))


READERS = {"LDL-SES": discharge_letter}
