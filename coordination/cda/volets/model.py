"""What a volet is: its names, its body, and what the national model adds to the header."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from coordination.cda.model import DocumentContent, EncounterContent, Framed
from coordination.cda.spec.checking import Problem, normal, problems
from coordination.cda.spec.nodes import NOT_SAID, Branch, Member, Section, members
from coordination.cda.volets import dates
from perinat.standards import oids
from perinat.standards.codes import Code, DocumentType

Rule = Callable[[Mapping[str, Any]], Iterator[Problem]]
HeaderRule = Callable[[DocumentContent], Iterator[Problem]]
Agreement = Callable[[Framed], Iterable[Problem]]

NEWBORN = 60  # days


@dataclass(frozen=True, slots=True)
class Volet:
    """A volet of the CI-SIS.

    `name`: as ANS writes it (« LDL-SES »). `templates`: (root, extension) after the French header's, the
    last one naming the volet. `event`: serviceEvent/code. `format_urn`: formatCode of the XDS entry (ASS_A11,
    JDV_J60). `about_child`: the patient is a child, of at most `oldest` days when the encounter begins.
    `needs_correspondent`: a médecin traitant or a correspondent with a telecom must be named.
    `mother_informs`: the mother stands among the informants, drawn from the guardian when nobody says so.
    `answers`: rules on what the case itself says, before any default; `rules`: what the tree cannot say, on the
    settled body; `header_rules`: what the header lacks, as noun phrases with their path.
    `agreements`: what the body says otherwise than the header, on a body that may lack anything.
    """

    name: str
    version: str
    type: DocumentType
    title: str
    templates: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    event: Code
    encounter: Code
    format_urn: str
    about_child: bool = False
    oldest: int = NEWBORN
    needs_correspondent: bool = False
    mother_informs: bool = False
    answers: tuple[Rule, ...] = ()
    rules: tuple[Rule, ...] = ()
    header_rules: tuple[HeaderRule, ...] = ()
    agreements: tuple[Agreement, ...] = ()

    @property
    def format(self) -> Code:
        return Code(self.format_urn, oids.TRE_A06_FORMAT_CODE_COMPL, self.title)

    @property
    def members(self) -> tuple[Member, ...]:
        """The sections, as members of the case's body."""
        return _asked_by(self.sections)

    def encounter_of(self, given: EncounterContent) -> Code:
        """encompassingEncounter/code: the stay's own when it says one."""
        return given.code or self.encounter


@cache
def _asked_by(sections: tuple[Section, ...]) -> tuple[Member, ...]:
    """Drawn from the tree once per process: every check of a case needs them, three times over."""
    return tuple(_asked(member) for member in members(*sections))


def _asked(member: Member) -> Member:
    """Done or not, present or not: what must be said is never supposed, so that its Sign has no default here."""
    if isinstance(member, Branch):
        return replace(member, members=tuple(_asked(inner) for inner in member.members))
    return replace(member, default=None) if member.kind is NOT_SAID and member.required else member


def case_problems(volet: Volet, body: Mapping[str, Any], *, on: date) -> Iterator[Problem]:
    """Everything wrong in the body of a case: the tree's problems, or, when there is none, the rules'.

    The rules are given the settled body: defaults filled, empty lists away.
    """
    found = list(problems(volet.members, body, path="body", on=on))
    yield from found
    if not found:
        for answer in volet.answers:
            yield from answer(body)
        settled = normal(volet.members, body)
        yield from dates.too_late(volet.members, settled, on)
        for rule in volet.rules:
            yield from rule(settled)


def agreement_problems(volet: Volet, content: Framed) -> Iterator[Problem]:
    """What the body says otherwise than the header. The body may lack anything; what it says has no other problem."""
    if volet.about_child:
        yield from dates.before_birth(volet.members, content)
    for agreement in volet.agreements:
        yield from agreement(content)
