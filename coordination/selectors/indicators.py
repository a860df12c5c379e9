"""The pages of the CPAM and ARS referents: figures of closed months, never a person nor a professional.

Everything here was published when its month closed (services.publications): no stay is read, nothing is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils.formats import date_format

from coordination import access
from coordination.models import Organisation, OrganisationKind, PublishedMonth, User
from coordination.selectors import indicators_counts as counts
from coordination.selectors.charts import Chart, line_chart
from coordination.selectors.indicators_masking import Cell, Published
from coordination.selectors.indicators_text import DEFINITIONS, HEADLINE, HIDDEN, ORDER, OTHERS, TOO_FEW

SHOWN_MONTHS = 12
WINDOW_MONTHS = 13  # a year, and the month before it to compare with
BASELINE_MONTHS = 3  # the first months ever published, whatever their age
CHARTS = (
    ("resultat", "Lettre lue avant la visite, visite à temps", HEADLINE),
    ("envoi", "Lettre de liaison : partie le jour de la sortie, acceptée", OTHERS[:2]),
    ("placement", "Mères confiées à une sage-femme avant la sortie", OTHERS[2:]),
)
NOBODY: Published[UUID] = Published({}, {})


@dataclass(frozen=True, slots=True)
class Figure:
    """What templates/components/key_figure.html shows. `facts`: (word, sentence) of its definition."""

    label: str
    value: str
    unit: str
    compare: tuple[str, ...]
    definition: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CellView:
    """« 83 % » with « 50 / 60 » below; « masqué » when the cell may not be shown."""

    label: str
    value: str
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A choice of the month selector."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FiguresPage:
    month: str
    closed_on: date
    months: tuple[Month, ...]
    headline: tuple[Figure, ...]
    others: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row
    is_empty: bool
    baseline: str


@dataclass(frozen=True, slots=True)
class MaternitiesPage:
    """One indicator over the months: a row per maternity, then the territory."""

    choices: tuple[tuple[str, str, bool], ...]
    figure: Figure
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row
    is_empty: bool


@dataclass(frozen=True, slots=True)
class _Book:
    """Published months, in order; `first`: those of the baseline."""

    months: dict[date, Published[UUID]]
    first: tuple[date, ...]
    names: dict[UUID, str]

    @property
    def is_empty(self) -> bool:
        return not any(month.total for month in self.months.values())

    def baseline(self, key: str) -> Cell | None:
        """The first months together, only when each of them is shown: it says nothing more than they do."""
        cells = [self.months[month].total.get(key) for month in self.first]
        known = [cell for cell in cells if cell is not None]
        if len(known) < BASELINE_MONTHS:
            return None
        return Cell(sum(c.numerator for c in known), sum(c.denominator for c in known))


def figures(user: User, now: datetime, *, month: str = "") -> FiguresPage:
    """The home of a referent. `month`: « 2026-10 », the last published month by default. Three queries."""
    book = _book(user, now)
    shown = list(book.months)[-SHOWN_MONTHS:]
    chosen = next((m for m in shown if f"{m:%Y-%m}" == month), shown[-1])
    published = book.months[chosen]
    before = counts.month_before(chosen)
    baseline = _span(book.first) if chosen not in book.first else ""
    return FiguresPage(
        month=_name(chosen),
        closed_on=counts.closed_on(chosen),
        months=tuple(Month(f"{m:%Y-%m}", _name(m), m == chosen) for m in reversed(shown)),
        headline=tuple(_figure(book, key, chosen, before, baseline) for key in HEADLINE),
        others=tuple(_figure(book, key, chosen, before, baseline) for key in OTHERS),
        charts=tuple(_chart(book, shown, *chart) for chart in CHARTS),
        heads=tuple(DEFINITIONS[key].short for key in ORDER),
        rows=tuple(_row(name, published.rows.get(key, {})) for key, name in book.names.items()),
        total=_row("Territoire", published.total),
        is_empty=book.is_empty,
        baseline=baseline,
    )


def maternities(user: User, now: datetime, *, indicator: str = "") -> MaternitiesPage:
    """One indicator, the last six published months in columns."""
    key = indicator if indicator in DEFINITIONS else ORDER[0]
    book = _book(user, now)
    shown = list(book.months)[-6:]

    def line(name: str, cells: Iterator[Cell | None]) -> Row:
        return Row(name, tuple(_view(cell, _name(month)) for cell, month in zip(cells, shown, strict=True)))

    return MaternitiesPage(
        choices=tuple((one, DEFINITIONS[one].label, one == key) for one in ORDER),
        figure=_figure(book, key, shown[-1], counts.month_before(shown[-1]), ""),
        heads=tuple(_name(month) for month in shown),
        rows=tuple(
            line(name, (book.months[m].rows.get(site, {}).get(key) for m in shown)) for site, name in book.names.items()
        ),
        total=line("Territoire", (book.months[m].total.get(key) for m in shown)),
        is_empty=book.is_empty,
    )


def export(user: User, now: datetime) -> Iterator[tuple[str, ...]]:
    """Every cell shown, one line each: month, place, indicator, numerator, denominator, percent."""
    book = _book(user, now)
    yield ("mois", "lieu", "indicateur", "numérateur", "dénominateur", "pourcentage")
    for month, published in book.months.items():
        places = [("Territoire", published.total)]
        places += [(name, published.rows.get(key, {})) for key, name in book.names.items()]
        for place, cells in places:
            for key, cell in cells.items():
                percent = f"{cell.percent:.1f}".replace(".", ",")
                yield (
                    f"{month:%Y-%m}", place, DEFINITIONS[key].label, str(cell.numerator), str(cell.denominator), percent
                )  # fmt: skip


def _book(user: User, now: datetime) -> _Book:
    if user.role not in access.REFERENTS:
        raise access.AccessDeniedError("Les indicateurs sont ouverts aux référents CPAM et ARS.")
    last = counts.month_before(counts.first_open_month(now))
    first = PublishedMonth.objects.values("month")[:BASELINE_MONTHS]
    recent = Q(month__gt=counts.month_before(last, WINDOW_MONTHS), month__lte=last)
    rows = PublishedMonth.objects.filter(recent | Q(month__in=first)).prefetch_related("cells")
    months = {row.month: _published(row) for row in rows} or {last: NOBODY}
    sites = Organisation.objects.filter(kind=OrganisationKind.MATERNITY).values_list("pk", "name")
    return _Book(months, tuple(list(months)[:BASELINE_MONTHS]), dict(sites))


def _published(row: PublishedMonth) -> Published[UUID]:
    places: dict[UUID | None, dict[str, Cell]] = {}
    for one in row.cells.all():
        places.setdefault(one.maternity_id, {})[one.indicator] = Cell(one.numerator, one.denominator)
    total = places.pop(None, {})
    return Published(total, {site: cells for site, cells in places.items() if site is not None})


def _figure(book: _Book, key: str, month: date, before: date, baseline: str) -> Figure:
    words, cell = DEFINITIONS[key], book.months[month].total.get(key)
    compare = []
    if cell is None:
        compare.append(f"{TOO_FEW}.")
    else:
        compare.append(f"{cell.numerator} sur {cell.denominator}")
    if before in book.months:
        compare.append(f"{_name(before).capitalize()} : {_percent(book.months[before].total.get(key))}")
    if baseline:
        compare.append(f"Référence ({baseline}) : {_percent(book.baseline(key))}")
    return Figure(
        label=words.label,
        value=f"{cell.percent:.0f}" if cell else "–",
        unit="%" if cell else "",
        compare=tuple(compare),
        definition=words.sentence,
        facts=(
            ("Numérateur", words.numerator),
            ("Dénominateur", words.denominator),
            ("Source", words.source),
        ),
    )


def _chart(book: _Book, months: Sequence[date], identifier: str, title: str, keys: Sequence[str]) -> Chart:
    series = []
    for key in keys:
        cells = [book.months[month].total.get(key) for month in months]
        series.append((DEFINITIONS[key].short, [cell.percent if cell else None for cell in cells]))
    spoken = ", ".join(DEFINITIONS[key].short.lower() for key in keys)
    return line_chart(
        identifier,
        title=title,
        description=f"Pourcentage par mois pour le territoire : {spoken}. De {_span(months)}.",
        unit="% par mois",
        labels=[date_format(month, "b y") for month in months],
        series=series,
        top=100,
    )


def _row(name: str, cells: Mapping[str, Cell]) -> Row:
    return Row(name, tuple(_view(cells.get(key), DEFINITIONS[key].short) for key in ORDER))


def _view(cell: Cell | None, label: str) -> CellView:
    if cell is None:
        return CellView(label, HIDDEN, "")
    return CellView(label, f"{cell.percent:.0f}\u00a0%", f"{cell.numerator} sur {cell.denominator}")


def _percent(cell: Cell | None) -> str:
    return f"{cell.percent:.0f}\u00a0%" if cell else HIDDEN


def _name(month: date) -> str:
    return date_format(month, "F Y")


def _span(months: Sequence[date]) -> str:
    if not months:
        return ""
    first, last = months[0], months[-1]
    if first == last:
        return _name(first)
    opening = date_format(first, "F") if first.year == last.year else _name(first)
    return f"{opening} à {_name(last)}"
