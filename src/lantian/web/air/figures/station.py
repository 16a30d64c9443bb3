"""The drawings of a station's page: hours of six pollutants, cycles, comparison, 48 hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts import bars, cycle, palette
from lantian.reports.charts.axes import date_ticks
from lantian.reports.charts.frame import TILE_HEIGHT, TILE_WIDTH, Frame, Values
from lantian.reports.charts.series import Limit, gap_marks, series_chart, spark
from lantian.reports.charts.svg import drawing, element, text
from lantian.standards import POLLUTANTS
from lantian.web.air.queries.station import Bound, Mark, Now, Series, Step
from lantian.web.air.queries.station_asked import Asked
from lantian.web.air.queries.station_days import Statistic
from lantian.web.air.queries.station_parts import Cycle
from lantian.web.core.formats import hour_label, local

HOURS_UP_TO = 31  # days up to which the small multiples draw hours, beyond it days
SUSPECT = "#c98a00"  # --data-suspect
_FITS = 1.35  # a line to compare with is drawn where the values come this near it
_SMALL_WIDTH, _SMALL_HEIGHT = 180, 132
_PLACES: dict[str, tuple[int, int]] = {"hour": (24, 0), "weekday": (7, 1), "month": (12, 1)}


def step_of(asked: Asked) -> Step:
    """Return whether the small multiples of a period draw hours or days."""
    return "hour" if asked.span.days <= HOURS_UP_TO else "day"


def reached(values: Values, high: Values, bound: Bound) -> bool:
    """Say whether values come so near a line that it is drawn."""
    top = max((v for s in (values, high) for v in s if v is not None), default=0.0)
    return bound.value <= top * _FITS


def multiples(asked: Asked, found: Sequence[Series], step: Step) -> list[tuple[str, str]]:
    """Return each pollutant and its drawing over the period."""
    return [(s.parameter, _one(asked, s, step)) for s in found]


def _one(asked: Asked, series: Series, step: Step) -> str:
    name = words.LABEL[series.parameter]
    label = _("{pollutant} [{unit}], {period}: {count} values").format(
        pollutant=name,
        unit=words.unit(series.parameter),
        period=words.span_name(asked.span),
        count=series.n,
    )
    bound = series.bound if reached(series.values, series.high, series.bound) else None
    if step == "hour":
        return hours_chart(asked, series.values, series.marks, bound, label)
    limit = Limit(bound.value, words.bound(bound.value)) if bound else None
    return series_chart(
        asked.span.start, series.values, label, low=series.low, high=series.high, limit=limit
    )


def hours_chart(
    asked: Asked, values: Values, marks: Sequence[Mark], bound: Bound | None, label: str
) -> str:
    """Draw hours as a line with gaps; suspect hours as diamonds, invalid ones as crosses."""
    shown = [m for m in marks if m.value is not None and 0 <= m.place < len(values)]
    tops = [v for v in values if v is not None] + [m.value or 0.0 for m in shown]
    if bound is not None:
        tops.append(bound.value * 1.1)
    frame = Frame(
        len(values), max(tops, default=0.0), TILE_WIDTH, TILE_HEIGHT, right=34 if bound else 8
    )
    days = [
        (24 * (day - asked.span.start).days, name)
        for day, name in date_ticks(asked.span.start, asked.span.end)
    ]
    parts = [*frame.value_axis(), *frame.place_axis([d for d in days if d[0] < len(values)])]
    parts += gap_marks(frame, values)
    parts += frame.line(values, palette.ACCENT, width=1.2)
    parts += [_marked(frame, m) for m in shown]
    if bound is not None:
        y, right = frame.y(bound.value), frame.width - frame.right
        parts += [
            element("line", x1=frame.left, y1=y, x2=right, y2=y, stroke=palette.INK_3,
                    stroke_dasharray="3 3"),
            text(right + 5, y + 4.5, words.bound(bound.value), fill=palette.INK),
        ]  # fmt: skip
    return drawing(TILE_WIDTH, TILE_HEIGHT, parts, label)


def _marked(frame: Frame, mark: Mark) -> str:
    x, y = frame.x(mark.place), max(4.0, frame.y(mark.value or 0.0))
    if mark.grade == "suspect":
        return diamond(x, y)
    return cross(x, min(y, frame.base))


def diamond(x: float, y: float) -> str:
    """Return the mark of a suspect hour."""
    return element(
        "path", d=f"M{x:.1f} {y - 4:.1f}l4 4l-4 4l-4 -4Z", fill=SUSPECT, stroke=palette.GROUND
    )


def cross(x: float, y: float) -> str:
    """Return the mark of an invalid hour."""
    return element(
        "path", d=f"M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6", stroke=palette.MISSING, fill="none",
        stroke_width=1.6,
    )  # fmt: skip


def mark_key(grade: str) -> str:
    """Return the key of a mark for a legend."""
    mark = diamond(6, 6) if grade == "suspect" else cross(6, 6)
    return drawing(12, 12, [mark], "", hidden=True)


def gap_key() -> str:
    """Return the key of a gap for a legend."""
    box = element("rect", x=0, y=4, width=14, height=5, fill=palette.MISSING)
    return drawing(14, 12, [box], "", hidden=True)


def cycle_tiles(table: pl.DataFrame, by: Cycle) -> list[tuple[str, int, str]]:
    """Return of each pollutant with values its name, number of values and drawing of a cycle."""
    tiles = []
    for p in POLLUTANTS:
        rows = table.filter(pl.col("parameter") == p)
        if not rows.is_empty():
            tiles.append((p, int(rows["n"].sum()), _cycle(rows, p, by)))
    return tiles


def _cycle(rows: pl.DataFrame, parameter: str, by: Cycle) -> str:
    count, first = _PLACES[by]
    mean, low, high = (_nothing(count) for _k in range(3))
    for place, *given in rows.select(by, "mean", "lower", "upper").iter_rows():
        mean[place - first], low[place - first], high[place - first] = given
    low = [max(0.0, v) if v is not None else None for v in low]
    top = max(v for s in (mean, high) for v in s if v is not None)
    frame = Frame(
        count, top, _SMALL_WIDTH, _SMALL_HEIGHT, left=34, right=6, above=8, below=26
    )  # fmt: skip
    label = _("{pollutant}: {cycle}").format(
        pollutant=words.LABEL[parameter], cycle=cycle_title(by)
    )
    parts = [*frame.value_axis(), *frame.place_axis(_cycle_marks(by))]
    known = [lo if hi is not None else None for lo, hi in zip(low, high, strict=True)]
    parts += frame.band(known, high)
    parts += frame.line(mean, palette.ACCENT)
    if by != "hour":
        parts += [
            element("circle", cx=frame.x(i), cy=frame.y(v), r=2.2, fill=palette.ACCENT)
            for i, v in enumerate(mean)
            if v is not None
        ]
    return drawing(_SMALL_WIDTH, _SMALL_HEIGHT, parts, label)


def _nothing(count: int) -> list[float | None]:
    return [None] * count


def _cycle_marks(by: Cycle) -> list[tuple[int, str]]:
    if by == "hour":
        return [(h - 1, f"{h:02d}") for h in (6, 12, 18, 24)]
    if by == "weekday":
        return list(enumerate(words.weekdays()))
    return [(m - 1, str(m)) for m in (1, 4, 7, 10)]


def cycle_title(by: Cycle) -> str:
    """Return what a cycle is called."""
    return {
        "hour": _("By hour of the day"),
        "weekday": _("By day of the week"),
        "month": _("By month"),
    }[by]


def place_words(by: Cycle, place: int) -> str:
    """Return a place of a cycle in words; hours by their label, 1 to 24."""
    if by == "hour":
        return f"{place + 1:02d}:00"
    return words.weekdays()[place - 1] if by == "weekday" else words.month_short(place)


def shares(found: Sequence[Statistic]) -> str:
    """Draw what the composite index counts of each pollutant as a part of its grade II limit."""
    rows = [
        bars.Bar(words.LABEL[s.parameter], s.share, words.number(s.share, 2)) for s in found
    ]  # fmt: skip
    label = _("Concentrations as a part of their grade II limits; the dashed line is the limit")
    return bars.bar_chart(rows, label, mark=1.0)


def now_sheet(station: str, found: Now) -> str:
    """Return the last 48 hours of the pollutants on one sheet, for a file."""
    tiles = []
    for row in found.rows:
        top = max((v for v in row.recent if v is not None), default=0.0)
        title = f"{words.LABEL[row.parameter]} {words.concentration(row.parameter, row.value)}"
        tiles.append((title, spark(row.recent, top, title)))
    return sheet(tiles, f"{station}, {hour_label(found.until)}", size=(132, 26))


def comparison(
    lines: Sequence[tuple[str, Values]], until: datetime, parameter: str, *, width: int = 560
) -> str:
    """Draw the hours of a few stations up to a label, each with its own colour and dashes."""
    count = max((len(values) for _name, values in lines), default=0)
    tops = [v for _name, values in lines for v in values if v is not None]
    frame = Frame(count, max(tops, default=0.0), width, 190)
    first = until - timedelta(hours=count - 1)
    marks = []
    for i in range(count):
        label = local(first + timedelta(hours=i))
        if label.hour in (0, 12):
            marks.append((i, f"{label:%m-%d}" if label.hour == 0 else "12:00"))
    parts = [*frame.value_axis(), *frame.place_axis(marks)]
    for k, (_name, values) in enumerate(lines):
        colour, dash = cycle.STYLES[k % len(cycle.STYLES)]
        parts += frame.line(values, colour, dash=dash, width=2.2 if k == 0 else 1.5)
    about = _("{pollutant} of {stations}, {count} hours to {until}").format(
        pollutant=words.LABEL[parameter],
        stations=words.joined(name for name, _values in lines),
        count=count,
        until=hour_label(until),
    )
    return drawing(width, 190, parts, about)


def sheet(
    tiles: Sequence[tuple[str, str]], label: str, *, size: tuple[int, int], columns: int = 3
) -> str:
    """Return drawings with their titles on one sheet, for a file."""
    width, height = size[0] + 16, size[1] + 26
    parts = []
    for k, (title, picture) in enumerate(tiles):
        x, y = width * (k % columns), height * (k // columns)
        parts.append(
            element("g", text(4, 16, title, fill=palette.INK), element("g", picture,
                    transform="translate(0 22)"), transform=f"translate({x} {y})")
        )  # fmt: skip
    rows = -(-len(tiles) // columns)
    return drawing(width * min(columns, max(1, len(tiles))), height * rows, parts, label)


def series_sheet(asked: Asked, found: Sequence[Series], step: Step) -> str:
    """Return the six pollutants on one sheet."""
    titles = {p: f"{words.LABEL[p]} {words.unit(p)}" for p in POLLUTANTS}
    tiles = [(titles[p], picture) for p, picture in multiples(asked, found, step)]
    label = f"{asked.station.name}, {words.span_name(asked.span)}"
    return sheet(tiles, label, size=(TILE_WIDTH, TILE_HEIGHT))


def cycle_sheet(asked: Asked, table: pl.DataFrame, by: Cycle) -> str:
    """Return a cycle of the pollutants on one sheet."""
    tiles = [(f"{words.LABEL[p]} {words.unit(p)}", svg) for p, _n, svg in cycle_tiles(table, by)]
    label = f"{asked.station.name}, {words.span_name(asked.span)}, {cycle_title(by)}"
    return sheet(tiles, label, size=(_SMALL_WIDTH, _SMALL_HEIGHT))
