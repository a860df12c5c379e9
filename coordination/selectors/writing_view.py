"""The page of a structured document being written: its fields, what it lacks, who will read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coordination.cda.spec import schema as json_schema
from coordination.cda.spec.checking import Problem
from coordination.cda.spec.paths import value_at
from coordination.cda.volets import VOLETS
from coordination.models import Draft, Newborn, Person, Professional, Stay, User
from coordination.selectors import case_form, confidentiality, readership
from coordination.selectors.case_form import Block, Input
from coordination.selectors.identity import PersonCard, mother_card, newborn_card
from coordination.selectors.writable import BY_THE_PHYSICIAN, WRITABLE, may_write


@dataclass(frozen=True, slots=True)
class Line:
    """A problem and the field it leads to."""

    text: str
    target: str


@dataclass(frozen=True, slots=True)
class View:
    title: str
    person: PersonCard
    sections: tuple[Input | Block, ...]
    problems: tuple[Line, ...]
    signs: bool  # finishing it validates and sends it at once
    signatory: str
    confidentiality: confidentiality.Part | None  # of a first version; a correction keeps that of its document


@dataclass(frozen=True, slots=True)
class Offer:
    """A document that may be written about a person; `draft`: the one in progress."""

    volet: str
    title: str
    draft: Draft | None


def of(draft: Draft, body: Mapping[str, Any], *, found: Sequence[Problem] | None, opened: str, by: User) -> View:
    volet = VOLETS[draft.volet]
    schema = json_schema.of(volet.members)
    told = {problem.path: problem.message_fr for problem in found or ()}
    signatory = _signatory(draft, by)
    return View(
        title=volet.title,
        person=_card(draft),
        sections=case_form.blocks(schema, body, problems=told, opened=opened),
        problems=_lines(found or ()),
        signs=signatory is not None and signatory.pk == by.professional_id,
        signatory=str(signatory) if signatory else "",
        confidentiality=confidentiality_of(draft, by) if draft.replaces_id is None else None,
    )


def confidentiality_of(draft: Draft, by: User) -> confidentiality.Part:
    """Who will read the document to come."""
    team = readership.team_of(draft.stay_id)
    return confidentiality.of_draft(draft, VOLETS[draft.volet].type.code, _signatory(draft, by), team)


def wrong(body: Mapping[str, Any], found: Sequence[Problem]) -> tuple[Line, ...]:
    """The problems of what is typed, apart from what is not typed yet."""
    return _lines([problem for problem in found if value_at(body, problem.path) not in (None, "", [], {})])


def _lines(found: Sequence[Problem]) -> tuple[Line, ...]:
    return tuple(Line(problem.message_fr, case_form.field_id(problem.path)) for problem in found)


def _signatory(draft: Draft, by: User) -> Professional | None:
    """A correction keeps the signatory of its document."""
    if draft.document is not None:
        return draft.document.legal_authenticator
    return draft.stay.physician if draft.volet in BY_THE_PHYSICIAN else by.professional


def _card(draft: Draft) -> PersonCard:
    newborn = Newborn.objects.filter(person_id=draft.person_id, stay_id=draft.stay_id).select_related("person").first()
    if newborn is None:
        return mother_card(draft.person, draft.stay)
    return newborn_card(newborn, several=draft.stay.newborns.count() > 1)


def offers(stay: Stay, person: Person, by: User) -> tuple[Offer, ...]:
    """What `by` may write about this person of the stay, with the drafts in progress."""
    about_child = person.pk != stay.mother_id
    drafts = Draft.objects.visible_to(by).filter(
        stay=stay, person=person, replaces__isnull=True, finished_at__isnull=True, abandoned_at__isnull=True
    )
    begun = {draft.volet: draft for draft in drafts}
    return tuple(
        Offer(name, VOLETS[name].title, begun.get(name))
        for name in WRITABLE
        if VOLETS[name].about_child == about_child and may_write(name, by)
    )
