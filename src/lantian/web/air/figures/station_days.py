"""The drawings of a station's days: AQI by month and day, roses, and how complete the hours are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from html import escape
from typing import Any

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.coverage import STATES
from lantian.evaluation.periods import months_of
from lantian.i18n import gettext as _
from lantian.observations.extent import extent
from lantian.reports import words
from lantian.reports.charts import palette
from lantian.reports.charts.axes import date_ticks
from lantian.reports.charts.calendar import Day, cell
from lantian.reports.charts.rose import rose_chart
from lantian.reports.charts.svg import drawing, element, text
from lantian.standards import POLLUTANTS
from lantian.web.air.figures.station import SUSPECT
from lantian.web.air.flags import state_words
from lantian.web.air.queries.station_asked import Asked
from lantian.web.core.formats import category_title, level

COLOURS = {
    "valid": palette.OK, "suspect": SUSPECT, "invalid": palette.INK_2, "missing": palette.MISSING,
}  # fmt: skip
_SIDE, _CELL, _ROW, _HEAD = 84, 28, 28, 20
_STRIP_SIDE, _STRIP_WIDTH, _STRIP_ROW = 52, 880, 30
_ROSE_WIDTH = 340


def day_rows(asked: Asked, days: pl.DataFrame, link: Callable[[date, str], str] | None) -> str:
    """Draw the AQI of every day, a row for each month.

    ``link`` gives the address of the hours of a day and pollutant; None: for a file.
    """
    found = {row["date"]: row for row in days.iter_rows(named=True)}
    months = months_of(ev.any_span(asked.span.start, asked.last))
    parts = [
        text(_SIDE + _CELL * (k + 0.5), 13, str(k + 1), text_anchor="middle") for k in range(31)
    ]
    for row, month in enumerate(months):
        y = _HEAD + _ROW * row
        parts.append(text(0, y + 18, words.month_name(month), fill=palette.INK))
        for k in range(31):
            day = month + timedelta(days=k)
            if day.month != month.month or not asked.span.start <= day <= asked.last:
                continue
            box = cell(_SIDE + _CELL * k, y, _CELL - 2, _ROW - 2, _day(day, found.get(day)))
            address = link(day, _main(found.get(day))) if link else None
            parts.append(element("a", box, href=address) if address else box)
    label = _("AQI of each day, {station}, {period}").format(
        station=asked.station.name, period=words.span_name(asked.span)
    )
    drawn = drawing(_SIDE + _CELL * 31, _HEAD + _ROW * len(months), parts, label)
    return drawn.replace('role="img"', 'role="group"', 1) if link else drawn  # it holds links


def _main(row: dict[str, object] | None) -> str:
    primary = (row or {}).get("primary")
    return str(primary[0]) if isinstance(primary, list) and primary else "pm25"


def _day(day: date, row: dict[str, object] | None) -> Day:
    aqi = None if row is None else row["aqi"]
    if row is None or not isinstance(aqi, int):
        return Day(0, words.NONE, f"{day}: {_('no valid AQI')}")
    category = str(row["category"])
    primary = words.names_of(row["primary"])
    about = words.joined(t for t in (f"{day}: AQI {aqi} {category_title(category)}", primary) if t)
    return Day(level(category), str(aqi), about)


def rose(found: ev.Rose, label: str) -> str:
    """Draw a rose of one station."""
    summary = found.summary.row(0, named=True)
    _first, last = extent(found.table["sector"], int)
    shares = [
        found.table.filter(pl.col("sector") == k).sort("class")["share"].fill_null(0.0).to_list()
        for k in range(last + 1)
    ]
    centre = _("calm {share}, {hours} h").format(
        share=words.percent(summary["calm_share"]), hours=words.number(summary["hours"])
    )
    compass = (_("N"), _("E"), _("S"), _("W"))
    return rose_chart(shares, compass, centre, label, width=_ROSE_WIDTH)


def class_titles(found: ev.Rose) -> list[str]:
    """Return the limits of the classes of a rose."""
    digits = 1 if found.column in ("ws", "co") else 0
    pairs = zip(found.breaks, found.breaks[1:], strict=False)
    return [f"{words.number(low, digits)}–{words.number(high, digits)}" for low, high in pairs]


def quality_strip(asked: Asked, days: pl.DataFrame) -> str:
    """Draw for each pollutant and day the parts of its hours that are in each state."""
    measured = [p for p in POLLUTANTS if p in days["parameter"].unique()]
    count = max(1, (asked.last - asked.span.start).days + 1)
    step = min(28.0, _STRIP_WIDTH / count)
    gap = 1.5 if step > 6 else 0.0
    parts = []
    for row, p in enumerate(measured):
        y = _STRIP_ROW * row
        parts.append(text(0, y + 17, words.LABEL[p], fill=palette.INK))
        for r in days.filter(pl.col("parameter") == p).iter_rows(named=True):
            x = _STRIP_SIDE + step * (r["date"] - asked.span.start).days
            parts.append(_bar(x, y + 2, step - gap, _STRIP_ROW - 8, r))
    base = _STRIP_ROW * len(measured)
    for day, name in date_ticks(asked.span.start, asked.last):
        x = _STRIP_SIDE + step * ((day - asked.span.start).days + 0.5)
        x = max(x, _STRIP_SIDE + 4.0 * len(name))
        parts.append(text(x, base + 12, name, text_anchor="middle"))
    width = _STRIP_SIDE + step * count + 24
    label = _("Share of the hours of each day that is valid, suspect, invalid or missing")
    return drawing(width, base + 18, parts, label)


def _bar(x: float, y: float, width: float, height: float, row: dict[str, Any]) -> str:
    """Return the hours of a day stacked, trouble on top."""
    due: int = row["due"]
    about = words.joined(f"{state_words(s)} {row[s]}" for s in STATES if row[s])
    parts = [element("title", escape(f"{row['date']}: {about}", quote=False))]
    bottom = y + height
    for state in STATES:
        size = height * row[state] / due if due else 0.0
        if size:
            bottom -= size
            parts.append(
                element("rect", x=x, y=bottom, width=max(1.0, width), height=size,
                        fill=COLOURS[state])
            )  # fmt: skip
    return element("g", *parts)


def state_key(state: str) -> str:
    """Return the key of a state for a legend."""
    box = element("rect", x=0, y=0, width=11, height=11, fill=COLOURS[state])
    return drawing(11, 11, [box], "", hidden=True)


def roses_sheet(pictures: Sequence[str], label: str) -> str:
    """Return the roses side by side, for a file."""
    parts = [
        element("g", svg, transform=f"translate({(_ROSE_WIDTH + 20) * k} 0)")
        for k, svg in enumerate(pictures)
    ]
    height = 2 * (0.4 * _ROSE_WIDTH - 18) + 66
    return drawing((_ROSE_WIDTH + 20) * max(1, len(pictures)), height, parts, label)
