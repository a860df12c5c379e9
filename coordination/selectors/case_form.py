"""A case on a screen: its JSON Schema → the fields of a form, and what was typed → the case again.

The schema is the only description: a volet gets its form without a line of its own. The path of a field is
that of the problem it may have (« body.acts.acts[0].act.code »). What cannot be understood (a number that is
not one) is kept as it was typed: nothing is lost, and the check says what is wrong.

A value that may be said unknown (`OrUnknown`) is its own field with one more choice, or with a tick beside it; a date
of long ago (`Approximate`) is typed as people say it: « 2008 », « 08/2008 », « 12/08/2008 ».
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from coordination.cda.spec.unknown import UNKNOWN
from coordination.selectors import approximate

Schema = Mapping[str, Any]
LONG_WORDS = 300
YES, NO = "oui", "non"


@dataclass(frozen=True, slots=True)
class Input:
    """One field. `kind`: words, lines, number, choice, yesno, moment, approximate or tick; `second`: the hour of a
    moment.

    `options`: those of a choice, or added to yes and no; for words, codes proposed beside what is typed. `unknown`:
    what the tick beside a number or a moment says, when it may be unknown; `is_unknown`: whether it is ticked.
    """

    path: str
    label: str
    kind: str
    value: str
    required: bool
    second: str = ""
    options: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    problem: str = ""
    unknown: str = ""
    is_unknown: bool = False

    @property
    def id(self) -> str:
        return field_id(self.path)


@dataclass(frozen=True, slots=True)
class Block:
    """Several fields under one label; for a list, one Block per line and `adds`: the path of the list."""

    path: str
    label: str
    required: bool
    parts: tuple[Input | Block, ...]
    problem: str = ""
    adds: str = ""
    removes: str = ""

    @property
    def id(self) -> str:
        return field_id(self.path)

    @property
    def is_folded(self) -> bool:
        """An optional part that says nothing and lacks nothing: shown closed."""
        return not (self.required or self.removes or _speaks(self))


def _speaks(part: Input | Block) -> bool:
    if isinstance(part, Input):
        return bool(part.value or part.problem or part.is_unknown)
    return bool(part.problem) or any(_speaks(inner) for inner in part.parts) or (bool(part.adds) and bool(part.parts))


def field_id(path: str) -> str:
    """The id of the element of this path: letters, digits and hyphens."""
    return re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-")


def blocks(schema: Schema, value: Any, *, problems: Mapping[str, str], opened: str = "") -> tuple[Input | Block, ...]:
    """The fields of the body of a case. `problems`: path → French words; `opened`: list with one more blank line.

    A default is shown where it would be written anyway: never in an optional part that the case does not have,
    where it would state a fact that nobody stated.
    """
    return tuple(_members(schema, value, "body", problems, opened, live=True))


def _members(
    schema: Schema, value: Any, path: str, problems: Mapping[str, str], opened: str, *, live: bool
) -> Iterator[Input | Block]:
    needed = schema.get("required", ())
    held = value if isinstance(value, Mapping) else {}
    for name, inner in schema["properties"].items():
        if "contentEncoding" in inner:  # a file is not typed
            continue
        here = f"{path}.{name}"
        given = held.get(name, inner.get("default") if live or held else None)
        part = _part(inner, given, here, name in needed, problems, opened, live=live or bool(held))
        yield replace(part, options=_proposed(schema)) if name == "code" and isinstance(part, Input) else part


def _proposed(schema: Schema) -> tuple[tuple[str, str], ...]:
    return tuple((one["code"], one["label"]) for one in schema.get("examples", ()))


def _part(
    schema: Schema, value: Any, path: str, required: bool, problems: Mapping[str, str], opened: str, *, live: bool
) -> Input | Block:
    """`live`: what encloses it is written; a list that must have a line then shows a blank one."""
    label, problem = schema.get("title", ""), problems.get(path, "")
    if schema.get("type") == "array":
        lines = value if isinstance(value, list) else []
        shown = [*lines, {}] if (required and live and not lines) or opened == path else lines
        parts = tuple(
            _line(schema["items"], line, f"{path}[{rank}]", f"{label} {rank + 1}", problems, opened)
            for rank, line in enumerate(shown)
        )
        return Block(path, label, required, parts, problem, adds=path)
    if schema.get("type") == "object":
        inner = tuple(_members(schema, value, path, problems, opened, live=required and live))
        return Block(path, label, required, inner, problem)
    return _input(schema, value, path, label, required, problem)


def _line(schema: Schema, value: Any, path: str, label: str, problems: Mapping[str, str], opened: str) -> Block:
    problem = problems.get(path, "")
    if schema.get("type") == "object":
        parts = tuple(_members(schema, value, path, problems, opened, live=False))
    else:
        parts = (_input(schema, None if value == {} else value, path, label, True, problem),)
        problem = ""
    return Block(path, label, False, parts, problem, removes=path)


def _input(schema: Schema, value: Any, path: str, label: str, required: bool, problem: str) -> Input:
    kind, options = _kind(schema)
    inner, said = _known(schema)
    unit = approximate.HINT if kind == "approximate" else inner.get("description", "")
    if not said or kind in ("choice", "yesno"):
        shown, second = _shown(kind, value)
        return Input(path, label, kind, shown, required, second, options, unit, problem)
    ticked = value == UNKNOWN
    shown, second = ("", "") if ticked else _shown(kind, value)
    return Input(path, label, kind, shown, required, second, options, unit, problem, said, ticked)


def _known(schema: Schema) -> tuple[Schema, str]:
    """(schema of the value when it is known, words for « unknown »); no words when it must be known."""
    either = schema.get("anyOf", ())
    if either and either[-1].get("const") == UNKNOWN:
        return either[0], either[-1]["title"]
    return schema, ""


def _kind(schema: Schema) -> tuple[str, tuple[tuple[str, str], ...]]:
    known, said = _known(schema)
    if said:
        kind, options = _kind(known)
        return kind, (*options, (UNKNOWN, said)) if kind in ("choice", "yesno") else ()
    if "const" in schema:
        return "tick", ()
    if "oneOf" in schema:
        return "choice", tuple((choice["const"], choice["title"] or choice["const"]) for choice in schema["oneOf"])
    if "enum" in schema:
        return "choice", tuple((choice, choice) for choice in schema["enum"])
    if "anyOf" in schema:
        return ("approximate" if any("pattern" in one for one in schema["anyOf"]) else "moment"), ()
    if schema["type"] == "boolean":
        return "yesno", ()
    if schema["type"] in ("integer", "number"):
        return "number", ()
    return ("lines" if schema.get("maxLength", 0) > LONG_WORDS else "words"), ()


def _shown(kind: str, value: Any) -> tuple[str, str]:
    if value is None:
        return "", ""
    if isinstance(value, bool):
        return (YES if value else NO), ""
    if kind == "approximate":
        return approximate.shown(str(value)), ""
    if kind == "moment" and isinstance(value, str):
        found = _instant(value)
        return (f"{found:%Y-%m-%d}", f"{found:%H:%M}") if found else (value, "")
    return str(value).replace(".", ",") if isinstance(value, float) else str(value), ""


def _instant(value: str) -> datetime | None:
    """A case's instant, in local time; None for a bare day."""
    try:
        return timezone.localtime(datetime.fromisoformat(value)) if len(value) > 10 else None
    except ValueError:
        return None


def read(schema: Schema, data: Mapping[str, str]) -> dict[str, Any]:
    """The body that a form says; empty fields are left out. A required part that may say nothing is {}."""
    return _object(schema, data, "body") or {}


def without_line(schema: Schema, data: Mapping[str, str], removed: str) -> dict[str, Any]:
    """The same, without the line of this path."""
    return read(schema, {name: value for name, value in data.items() if not _within(name, removed)})


def _within(name: str, path: str) -> bool:
    return name == path or name.startswith((f"{path}.", f"{path}[", f"{path}@"))


def _object(schema: Schema, data: Mapping[str, str], path: str) -> dict[str, Any] | None:
    found = {name: _value(inner, data, f"{path}.{name}") for name, inner in schema["properties"].items()}
    if (
        found.get("code") and "label" in found and found["label"] is None
    ):  # a code proposed needs no typing of its label
        found["label"] = dict(_proposed(schema)).get(found["code"])
    for name in schema.get("required", ()):
        if found[name] is None and schema["properties"][name].get("minProperties") == 0:
            found[name] = {}
    return {name: value for name, value in found.items() if value is not None} or None


def _value(schema: Schema, data: Mapping[str, str], path: str) -> Any:
    if schema.get("type") == "array":
        return [one for one in (_value(schema["items"], data, line) for line in _lines(data, path)) if one] or None
    if schema.get("type") == "object":
        return _object(schema, data, path)
    kind, words = _kind(schema)[0], str(data.get(path, ""))
    if kind == "choice":  # as the list writes it: one official code ends with a no-break space
        return words or None
    known, said = _known(schema)
    if said and not words.strip() and data.get(f"{path}@inconnu"):  # beside a tick, what is typed stands
        return UNKNOWN
    return _typed(kind, known, words.strip(), str(data.get(f"{path}@heure", "")).strip())


def _lines(data: Mapping[str, str], path: str) -> list[str]:
    pattern = re.compile(re.escape(path) + r"\[(\d{1,4})\]")
    ranks = {int(match[1]) for name in data if (match := pattern.match(name))}
    return [f"{path}[{rank}]" for rank in sorted(ranks)]


def _typed(kind: str, schema: Schema, words: str, hour: str) -> Any:
    if not words:
        return None
    if kind in ("yesno", "tick"):
        return {YES: True, NO: False}.get(words, words)
    if kind == "moment":
        return _moment(words, hour)
    if kind == "approximate":
        return approximate.read(words)
    if kind == "number":
        return _number(schema["type"], words)
    return words.replace("\r\n", "\n")


def _moment(words: str, hour: str) -> str:
    """A day, or an instant of Paris; what is neither is kept as it was typed."""
    if not hour:
        return words
    try:
        local = datetime.combine(date.fromisoformat(words), time.fromisoformat(hour))
    except ValueError:
        return f"{words} {hour}"
    return timezone.make_aware(local).isoformat()


def _number(of: str, words: str) -> int | float | str:
    plain = words.replace(",", ".").replace(" ", "").replace("\u00a0", "")
    if re.fullmatch(r"[+-]?\d{1,15}", plain, re.ASCII):
        return int(plain)
    if of != "integer" and re.fullmatch(r"[+-]?\d{1,15}\.\d{1,15}", plain, re.ASCII):
        return float(plain)
    return words
