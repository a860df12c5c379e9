"""HL7 instants and periods (TS, IVL_TS, PIVL_TS, EIVL_TS, SXPR_TS), kept as precise as they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from coordination.cda.reading import nodes
from perinat.standards import xml

_TS = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:\.\d+)?([+-]\d{4})?", re.ASCII)


def parse_instant(value: str) -> datetime | None:
    """HL7 TS of at least a minute and with an offset → aware datetime; anything less precise → None."""
    match = _TS.fullmatch(value)
    if not match or not match[5] or not match[7]:
        return None
    try:
        return datetime.strptime("".join(match.group(1, 2, 3, 4, 5)) + (match[6] or "00") + match[7], "%Y%m%d%H%M%S%z")
    except ValueError:
        return None


def parse_day(value: str) -> date | None:
    """The day of an HL7 TS as written (no change of zone: a birth date is a civil date)."""
    match = _TS.fullmatch(value)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match and match[3] else None
    except ValueError:
        return None


def iso(value: str) -> str:
    """ISO 8601 as precise as written: « 2026 », « 2026-03 », a day, or an instant. Empty when it is no date."""
    match = _TS.fullmatch(value)
    if match is None:
        return ""
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        moment = datetime(year, month or 1, day or 1, hour, minute, second)
    except ValueError:
        return ""
    if match[4] is None:
        return "-".join(part for part in match.groups()[:3] if part)
    written = moment.isoformat(timespec="hours" if match[5] is None else "minutes" if match[6] is None else "seconds")
    return written + (f"{match[7][:3]}:{match[7][3:]}" if match[7] else "")


@dataclass(frozen=True, slots=True)
class Moment:
    """TS: `raw` as written, `iso` when it is a date."""

    raw: str
    iso: str = ""
    null_flavor: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time or a number of times, as written: « 8 » « h »."""

    value: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Time:
    """When. `at` for an instant, `low`…`high` for a period, `period` for « every 8 h », `event` for « at meals ».

    `parts`: the times that a SXPR_TS combines, each with its `operator` (A: intersection, I: union).
    """

    type: str = ""
    operator: str = ""
    null_flavor: str = ""
    at: Moment | None = None
    low: Moment | None = None
    high: Moment | None = None
    center: Moment | None = None
    width: Span | None = None
    period: Span | None = None
    event: str = ""
    parts: tuple[Time, ...] = ()

    @property
    def start(self) -> str:
        """ISO beginning, or the only instant there is."""
        known = self.low or self.at or self.center
        return known.iso if known else ""


def read_moment(node: xml.Element | None) -> Moment | None:
    if node is None:
        return None
    raw, null_flavor = nodes.attribute(node, "value"), nodes.attribute(node, "nullFlavor")
    return Moment(raw, iso(raw), null_flavor) if raw or null_flavor else None


def read_time(node: xml.Element | None) -> Time | None:
    """One effectiveTime, time or comp, whatever its type; None when it says nothing."""
    if node is None:
        return None
    phase = nodes.first(node, "h:phase")
    read = Time(
        type=nodes.typed(node),
        operator=nodes.attribute(node, "operator"),
        null_flavor=nodes.attribute(node, "nullFlavor"),
        at=read_moment(node) if node.get("value") else None,
        low=read_moment(nodes.first(node, "h:low") if phase is None else nodes.first(phase, "h:low")),
        high=read_moment(nodes.first(node, "h:high") if phase is None else nodes.first(phase, "h:high")),
        center=read_moment(nodes.first(node, "h:center")),
        width=_span(nodes.first(node, "h:width") if phase is None else nodes.first(phase, "h:width")),
        period=_span(nodes.first(node, "h:period")),
        event=nodes.attribute(nodes.first(node, "h:event"), "code"),
        parts=read_times(node, "h:comp"),
    )
    return None if read in (Time(), Time(type=read.type)) else read


def read_times(node: xml.Element | None, path: str) -> tuple[Time, ...]:
    found = (read_time(item) for item in nodes.every(node, path))
    return tuple(item for item in found if item is not None)


def _span(node: xml.Element | None) -> Span | None:
    written = nodes.attribute(node, "value")
    return Span(written, nodes.attribute(node, "unit")) if written else None
