"""What every template may say: French dates and durations, state chips, the identity of people."""

from __future__ import annotations

import functools
from datetime import datetime

from django import template
from django.template.base import FilterExpression, Node, Parser, TextNode, Token
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from coordination.lifecycles import Status
from coordination.selectors.display import Chip, chip_of, chip_of_row
from coordination.templatetags.icons import PATHS

register = template.Library()

_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


@register.filter
def moment(value: datetime | None) -> str:
    """« mar. 21 nov., 9 h 12 » in Paris time; empty when unknown."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{_day(local)}, {_clock(local)}"


@register.filter
def clock(value: datetime | None) -> str:
    """« 9 h 12 » in Paris time."""
    return "" if value is None else _clock(timezone.localtime(value))


def _clock(local: datetime) -> str:
    return f"{local.hour} h {local.minute:02d}"


@register.filter
def day(value: datetime | None) -> str:
    """« mar. 21 nov. » in Paris time."""
    return "" if value is None else _day(timezone.localtime(value))


def _day(local: datetime) -> str:
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"


@register.filter
def instant(value: datetime | None) -> str:
    """« 2026-11-21T09:12:00+01:00 », for the `datetime` attribute of a <time>."""
    return "" if value is None else timezone.localtime(value).isoformat()


@register.filter
def near(value: datetime | None) -> str:
    """« 20 h 00 » today, « mar. 21 nov., 20 h 00 » another day."""
    if value is None:
        return ""
    return clock(value) if timezone.localtime(value).date() == timezone.localdate() else moment(value)


@register.filter
def relative(value: datetime | None) -> str:
    """« dans 3 h 20 », « depuis 2 j » or « à l'instant »."""
    if value is None:
        return ""
    seconds = (value - timezone.now()).total_seconds()
    if abs(seconds) < 60:
        return "à l'instant"
    return f"dans {_span(seconds)}" if seconds >= 0 else f"depuis {_span(-seconds)}"


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest:02d}"
    return f"{hours // 24} j"


@register.filter
def initial(person: object) -> str:
    """First name and initial of the birth name, for a card read in public."""
    given = str(getattr(person, "used_given_name", "") or getattr(person, "first_given_name", ""))
    family = str(getattr(person, "birth_family_name", ""))
    return f"{given.capitalize()} {family[:1]}." if family else given


@register.tag
def icon(parser: Parser, token: Token) -> Node:
    """An icon of `templatetags.icons`, silent for screen readers: the word stands beside it.

    {% icon "eye" %} is drawn once, when the template is read; {% icon link.icon %} at each rendering.
    """
    name = parser.compile_filter(token.split_contents()[1])
    return TextNode(_drawn(name.var)) if isinstance(name.var, str) else _Icon(name)


class _Icon(Node):
    def __init__(self, name: FilterExpression) -> None:
        self._name = name

    def render(self, context: Context) -> SafeString:
        return _drawn(self._name.resolve(context))


@functools.cache
def _drawn(name: str) -> SafeString:
    return format_html(
        '<svg class="p-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        PATHS[name],
    )


@register.filter
def chip(row: object) -> Chip:
    """The state chip of a row that has a status, or of a Status."""
    return chip_of(row) if isinstance(row, Status) else chip_of_row(row)


@register.filter
def precise(value: datetime | None) -> str:
    """« 21/11/2026 à 9 h 12 » in Paris time: for a proof."""
    return f"{timezone.localtime(value):%d/%m/%Y} à {clock(value)}" if value else ""
