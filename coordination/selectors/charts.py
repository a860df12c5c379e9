"""Lines for a chart drawn on the server: points in a fixed frame, and the same values as a table.

Readable in black and white: the first series is a full line with dots, the second a dashed line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 48, 32, 16, 40  # half a label of the last month on the right
TICKS = 4


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One series. `path` is an SVG path; a missing value breaks it."""

    label: str
    path: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What templates/components/chart.html draws. `rows`: (label, one text per series) for the table."""

    identifier: str
    title: str
    description: str
    unit: str
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right_edge: int = WIDTH - RIGHT
    bottom_edge: int = HEIGHT - BOTTOM


def line_chart(
    identifier: str,
    *,
    title: str,
    description: str,
    unit: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float | None]]],
    top: float | None = None,
) -> Chart:
    """A chart of one or two series over the same labels. `top`: value of the upper edge (100 for percents)."""
    known = [value for _, values in series for value in values if value is not None]
    highest = top or max(known, default=1) or 1
    step = (WIDTH - LEFT - RIGHT) / max(len(labels) - 1, 1)
    xs = [round(LEFT + i * step, 1) for i in range(len(labels))]
    lines = tuple(Line(name, *_drawn(xs, values, highest)) for name, values in series)
    every = max(1, -(-len(labels) // 8))
    return Chart(
        identifier,
        title,
        description,
        unit,
        lines,
        tuple(Tick(x, label) for i, (x, label) in enumerate(zip(xs, labels, strict=True)) if i % every == 0),
        tuple(Tick(_y(highest * i / TICKS, highest), french(highest * i / TICKS)) for i in range(TICKS + 1)),
        tuple((label, tuple(french(values[i]) for _, values in series)) for i, label in enumerate(labels)),
    )


def _y(value: float, highest: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / highest, 1)


def _drawn(xs: Sequence[float], values: Sequence[float | None], highest: float) -> tuple[str, tuple[Dot, ...]]:
    path, dots, pen_down = [], [], False
    for x, value in zip(xs, values, strict=True):
        if value is None:
            pen_down = False
            continue
        dot = Dot(x, _y(value, highest))
        path.append(f"{'L' if pen_down else 'M'}{dot.x} {dot.y}")
        dots.append(dot)
        pen_down = True
    return " ".join(path), tuple(dots)


def french(value: float | None) -> str:
    """« 12,5 », or « – » for a value that is unknown or may not be shown."""
    if value is None:
        return "–"
    return f"{value:.1f}".replace(".", ",").removesuffix(",0")
