"""The problems of a case, all at once, each with its path; and the case as reading gives it back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from coordination.cda.spec.lexical import squeeze, words_problem
from coordination.cda.spec.nodes import Branch, Leaf, Member

_NAME = re.compile(r"[a-z_]{1,40}")  # what may be said again of an unknown name: it could be anything, a person's too
_BESIDE_A_NO = ("comment", "reason")


@dataclass(frozen=True, slots=True)
class Problem:
    """`path`: where in the case (« body.treatments[0].dose »), empty for the whole; `message_fr`: no final stop."""

    path: str
    message_fr: str

    def __str__(self) -> str:
        return f"{self.path} : {self.message_fr}" if self.path else self.message_fr


def problems(members: Sequence[Member], values: Any, *, path: str, on: date) -> Iterator[Problem]:
    """Everything wrong in `values` (the JSON object of these members). `on`: day of the document."""
    if not isinstance(values, Mapping):
        yield Problem(path, "un objet JSON est attendu")
        return
    asked = any(member.required or member.default is not None for member in members)
    if not asked and all(value == [] for value in values.values()):
        yield Problem(path, "cette rubrique est vide")
        return
    known = {member.name for member in members}
    for rank, name in enumerate(values, start=1):
        if name not in known:
            shown = name if _NAME.fullmatch(str(name)) else f"rubrique n° {rank}"
            yield Problem(_join(path, shown), "cette rubrique n'existe pas ici")
    for member in members:
        here = _join(path, member.name)
        if member.name in values:
            yield from _of(member, values[member.name], here, on)
        elif member.required and member.default is None:
            yield Problem(here, f"« {member.label} » est obligatoire")
    yield from _beside_a_no(members, values, path)


def _beside_a_no(members: Sequence[Member], values: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """Of an act not done, of a finding that is absent, nothing is told: no date, product, result; only why."""
    for answer in members:
        if not isinstance(answer, Leaf) or not answer.denies or values.get(answer.name) is not False:
            continue
        for member in members:
            said = values.get(member.name)
            if member is answer or member.name in _BESIDE_A_NO or said in (None, [], member.default):
                continue
            yield Problem(
                _join(path, member.name), f"« {member.label} » ne se donne pas quand « {answer.label} » est non"
            )


def _of(member: Member, value: Any, path: str, on: date) -> Iterator[Problem]:
    if isinstance(member, Leaf):
        found = words_problem(value, member.most) if member.kind is None else member.kind.problem(value, on)
        if found:
            yield Problem(path, f"« {member.label} » : {found}")
        return
    if not member.many:
        yield from _one(member, value, path, on)
        return
    if not isinstance(value, list) or (member.required and not value):
        yield Problem(path, f"« {member.label} » : une liste {'non vide ' if member.required else ''}est attendue")
        return
    if len(value) > member.most:
        yield Problem(path, f"« {member.label} » : {member.most} lignes au plus")
        return
    for index, item in enumerate(value):
        yield from _one(member, item, f"{path}[{index}]", on)


def _one(branch: Branch, value: Any, path: str, on: date) -> Iterator[Problem]:
    if not branch.members:
        if value is not True:
            yield Problem(path, f"« {branch.label} » : seul true est attendu, ou rien")
    elif branch.may_be_empty and value == {}:
        return
    elif branch.bare:
        yield from _of(Leaf(branch.name, branch.label, branch.bare.kind, most=branch.bare.most), value, path, on)
    else:
        yield from problems(branch.members, value, path=path, on=on)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def normal(members: Sequence[Member], values: Mapping[str, Any]) -> dict[str, Any]:
    """A case without problem, as `reading` gives it back: defaults filled, white space and numbers settled."""
    kept: dict[str, Any] = {}
    for member in members:
        value = values.get(member.name, member.default)
        if value is None or (isinstance(member, Branch) and member.many and not value):
            continue
        kept[member.name] = _normal(member, value)
    return kept


def _normal(member: Member, value: Any) -> Any:
    if isinstance(member, Leaf):
        return paragraphs(value) if member.kind is None else member.kind.normal(value)
    if member.many:
        return [_normal_one(member, item) for item in value]
    return _normal_one(member, value)


def _normal_one(branch: Branch, value: Any) -> Any:
    if not branch.members:
        return True
    if branch.bare:
        return _normal(branch.bare, value)
    return normal(branch.members, value)


def paragraphs(value: str) -> str:
    """Words with one line per paragraph, no empty line, single spaces."""
    lines = (squeeze(line) for line in value.splitlines())
    return "\n".join(line for line in lines if line)
