"""The twelve messages that may be written to a mother or to her child, and the answer to hers: words as data.

Nothing is filled by hand: a template whose field is unknown cannot be sent, and the page says which one is missing.
"""

from __future__ import annotations

import enum
import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

FILE = Path(__file__).parent / "templates.toml"
LONGEST_ADDITION = 400  # characters that a person may add, to a mother only
GREETING = "Bonjour,"
ANSWER = "Vous pouvez répondre à ce message. Nous ne le lisons pas la nuit ni le week-end."
REPLACED = "Un document que nous vous avons envoyé est remplacé. La nouvelle version est jointe : gardez celle-ci."
WITHDRAWN = "Un document que nous vous avons envoyé est retiré. N'en tenez plus compte."
NO_ANSWER = "Vous ne pouvez pas répondre à ce message."
EMERGENCY = "En cas d'urgence, appelez le 15."
JOINED = {
    1: "Un document est joint à ce message.",
    2: "Des documents sont joints à ce message.",
}
READ_THEM = "Ouvrez les fichiers dont le nom finit par « pdf »."
_FIELD = re.compile(r"\{(\w+)\}")


class Audience(enum.StrEnum):
    MOTHER = "mother"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class Words:
    """`answer`: what the text adds, at {answer}, only when she may answer."""

    subject: str
    text: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A deadline of the law or of the calendar, in days from the birth, with its source and the day it was read."""

    from_days: int
    to_days: int
    source: str
    read_on: date

    def between(self, born_on: date) -> tuple[date, date]:
        return born_on + timedelta(days=self.from_days), born_on + timedelta(days=self.to_days)


@dataclass(frozen=True, slots=True)
class Template:
    """`needs`: the fields without which it says nothing; `fact`: the deadline after which it has no object.

    `answers`: only in answer to what she wrote. `papers`: says that papers are there, so one must be.
    """

    key: str
    title: str
    use: str
    needs: tuple[str, ...]
    words: Mapping[Audience, Words]
    closes: bool = False
    fact: str = ""
    answers: bool = False
    papers: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """The file: its date, who owns it, its facts and its templates in their order."""

    version: str
    owner: str
    facts: Mapping[str, Fact]
    templates: Mapping[str, Template]

    def offered_to(self, audience: Audience, *, answering: bool = False) -> list[Template]:
        mine = [one for one in self.templates.values() if audience in one.words]
        return sorted((one for one in mine if answering or not one.answers), key=lambda one: not one.answers)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who writes: the site, its telephone, and the midwife herself when she writes from her practice."""

    site: str
    phone: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A message as it leaves."""

    subject: str = field(repr=False)
    text: str = field(repr=False)


@functools.cache
def book() -> Book:
    told = tomllib.loads(FILE.read_text("utf-8"))
    return Book(
        version=told["version"].isoformat(),
        owner=told["owner"],
        facts={name: Fact(**fact) for name, fact in told["facts"].items()},
        templates={one["key"]: _template(one) for one in told["template"]},
    )


def _template(one: dict[str, object]) -> Template:
    words = {audience: Words(**one[audience]) for audience in Audience if audience in one}  # type: ignore[arg-type]
    return Template(
        key=str(one["key"]),
        title=str(one["title"]),
        use=str(one["use"]),
        needs=tuple(one["needs"]),  # type: ignore[arg-type]
        words=words,
        closes=bool(one.get("closes", False)),
        fact=str(one.get("fact", "")),
        answers=bool(one.get("answers", False)),
        papers=bool(one.get("papers", False)),
    )


def write(
    template: Template,
    audience: Audience,
    fields: Mapping[str, str],
    *,
    signature: Signature,
    may_answer: bool,
    addition: str = "",
    joined: int = 0,
) -> Written:
    """The whole message. Raises KeyError: not for this audience, or a field is missing."""
    words = template.words[audience]
    fields = {**fields, "answer": words.answer if may_answer else ""}
    parts = [GREETING, _filled(words.text, fields)]
    if addition.strip():
        parts.append(addition.strip())
    if joined:
        parts.append(f"{JOINED[min(joined, 2)]} {READ_THEM}")
    parts += [f"{ANSWER if may_answer else NO_ANSWER} {EMERGENCY}", _signed(signature)]
    return Written(_filled(words.subject, fields), "\n\n".join(parts) + "\n")


def about_papers(what: str, *, signature: Signature, may_answer: bool) -> str:
    """The text of a mail that replaces, or takes back, a paper sent before."""
    return "\n\n".join([GREETING, what, f"{ANSWER if may_answer else NO_ANSWER} {EMERGENCY}", _signed(signature)])


def _filled(text: str, fields: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda found: fields[found.group(1)], text.strip())


def _signed(signature: Signature) -> str:
    lines = [signature.author, signature.site, f"Téléphone : {signature.phone}" if signature.phone else ""]
    return "\n".join(line for line in lines if line)
