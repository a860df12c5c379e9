"""The values of a structured document, from its case. Each bears the LOINC code and the title of its section."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from coordination.cda.spec.nodes import Section
from coordination.cda.volets import VOLETS
from coordination.papers.brief import certificates, letter, mothers, newborns
from coordination.papers.brief.fields import Field
from coordination.papers.brief.parts import Body
from coordination.papers.brief.values import Found, cut

_READERS = {**letter.READERS, **mothers.READERS, **newborns.READERS, **certificates.READERS}
_PARTIAL = "(liste incomplète : voir le document)"


def read_case(volet: str, body: Body, *, left: Iterable[str] = ()) -> tuple[Found, ...]:
    """What a document of this volet says; nothing for a volet without anything of the card.

    `left`: sections of which an entry could not be read (`volets.read.read_body`): what they say is not whole.
    """
    reader = _READERS.get(volet)
    if reader is None:
        return ()
    titles = {section.name: section for section in VOLETS[volet].sections}
    partial = tuple(left)
    said = (_placed(one, titles, partial) for one in reader(body) if one.value)
    return tuple(_once(said))


def _once(found: Iterable[Found]) -> Iterator[Found]:
    """An entry first; then words of the same document that say the same add nothing."""
    seen: set[tuple[Field, str]] = set()
    for one in found:
        mark = (one.field, one.key or one.value)
        if mark not in seen:
            seen.add(mark)
            yield one


def _placed(one: Found, sections: Mapping[str, Section], partial: Collection[str]) -> Found:
    """A reader names the section, with its subsection when the value comes from it alone (« screening.hearing »)."""
    section = sections[one.section.partition(".")[0]]
    value = cut(one.value)
    if any(_holds(one.section, path) or _holds(path, one.section) for path in partial):
        value = f"{value} {_PARTIAL}"
    return Found(one.field, value, one.key, 0, section.code.code, section.title)


def _holds(outer: str, inner: str) -> bool:
    return f"{inner}.".startswith(f"{outer}.")
