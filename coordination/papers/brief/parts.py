"""Pieces of the body of a case, as the card tells them. A document of another software may lack anything."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from coordination.cda.spec.durations import Weeks
from coordination.cda.spec.kinds import Kind
from coordination.papers.brief import keys
from coordination.papers.brief.fields import Field
from coordination.papers.brief.shown import grams_words
from coordination.papers.brief.text import read_text
from coordination.papers.brief.values import Found
from coordination.papers.words import ALL_THE_SAME, fold
from perinat.standards import value_sets

Body = Mapping[str, Any]
BLEEDING = "O72"  # CIM-10: postpartum haemorrhage
PERINEUM = {"289854007": "INTACT", "O70.0": "TEAR1", "O70.1": "TEAR2", "O70.2": "TEAR3", "O70.3": "TEAR4",
            "860603002": "EPISIOTOMIE"}  # JDV_EtatPerinee  # fmt: skip
FEEDING = {"MED-1256": "BREAST", "MED-1257": "MIXED", "MED-1258": "FORMULA"}  # JDV_TypeAllaitementNouveauNe
DEATH, TRANSFER = "419620001", "107724000"  # of the lists of exits
_SOMETHING_ELSE = re.compile(rf"{ALL_THE_SAME.pattern}|\bPUIS\b|[,;]|\.\s*\w")
WORDS_OF_THE_BIRTH = frozenset({Field.PERINEUM, Field.SCAR, Field.BLOOD_LOSS, Field.BLOOD_GROUP, Field.ANTI_D})


def at(body: Any, *path: str) -> Any:
    """None when any step is absent."""
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def items(body: Any, *path: str) -> tuple[Body, ...]:
    found = at(body, *path)
    return tuple(one for one in found if isinstance(one, Mapping)) if isinstance(found, list | tuple) else ()


def label(listed: str, code: Any) -> str:
    concept = value_sets.value_set(listed).find(code) if isinstance(code, str) else None
    return concept.code.label if concept else ""


def yes(value: object) -> str:
    return "YES" if value else "NO"


def day(value: Any) -> str:
    """« 2026-11-20T… » → « 20/11/2026 »; a month or a year as they are known."""
    return "/".join(reversed(str(value)[:10].split("-")))


def moment(value: Any) -> str:
    """« 2026-11-18T04:12:00+01:00 » → « 2026-11-18T04:12 »."""
    return str(value)[:16] if value else ""


def words(what: str, told: str, comment: str) -> str:
    after = f" : {told}" if told else ""
    return f"{what}{after}{f' ({comment})' if comment else ''}".replace("\n", " ")


def say(kind: Kind, value: Any) -> str:
    """The words of a whole amount; nothing of one that lacks something."""
    return "" if value is None or kind.problem(value, date.max) else kind.say(value)


def is_denial(told: str) -> bool:
    """« Aucun. », « Pas d'accident »: nothing but a denial, without a « mais » that tells something all the same."""
    folded = fold(told)
    return keys.some(folded) == "NONE" and not _SOMETHING_ELSE.search(folded)


def joined(found: Iterable[str]) -> str:
    return " ; ".join(one for one in found if one)


def problems(found: Iterable[Body]) -> Iterator[str]:
    for one in found:
        said = at(one, "problem", "label") or at(one, "problem", "code")
        if said:
            yield words(str(said), "", str(one.get("comment", "")))


def problem_codes(found: Iterable[Body]) -> Iterator[tuple[str, Body]]:
    for one in found:
        yield str(at(one, "problem", "code") or ""), one


def act(one: Any) -> str:
    """« fait le 20/11/2026 (droite) », « non fait »; empty when it is not answered."""
    done = at(one, "done")
    if done is None:
        return ""
    if not done:
        return words("non fait", "", str(one.get("comment", "")))
    when = f" le {day(one['date'])}" if one.get("date") else ""
    return words(f"fait{when}", "", str(one.get("comment", "")))


def grams(field: Field, value: Any, section: str) -> Iterator[Found]:
    if isinstance(value, int | float):
        yield Found(field, grams_words(str(round(value))), str(round(value)), section=section)


def term(value: Any, section: str) -> Iterator[Found]:
    said = say(Weeks(), value)
    if said:
        yield Found(Field.TERM, said, keys.term(fold(said)), section=section)


def bleeding(found: Iterable[Body], section: str) -> Iterator[Found]:
    told = joined(problems(one for code, one in problem_codes(found) if code.startswith(BLEEDING)))
    if told:
        yield Found(Field.BLOOD_LOSS, told, section=section)


def said_in(texts: Iterable[Any], section: str, fields: Collection[Field], *, about_child: bool) -> Iterator[Found]:
    """What free words of a section say, read as those of a PDF: only these fields, those that no entry carries."""
    pages = [str(one) for one in texts if one]
    for one in read_text(["\n".join(pages)], about_child=about_child) if pages else ():
        if one.field in fields:
            yield replace(one, page=0, section=section)


def comments(*found: Iterable[Body]) -> Iterator[Any]:
    for one in found:
        yield from (each.get("comment") for each in one)
