"""A month of days coloured by their AQI category, with the AQI in each."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from lantian.reports.charts import palette
from lantian.reports.charts.svg import drawing, element, text

WIDTH = 280
_HEAD, _ROW, _SIDE = 22, 28, 42


@dataclass(frozen=True)
class Day:
    """One day of the calendar: ``level`` 1–6 and the AQI, or 0 for no valid AQI."""

    level: int
    aqi: str
    about: str


def month_chart(
    month: date, days: Mapping[date, Day], weekdays: Sequence[str], label: str, *, rows: int = 6
) -> str:
    """Draw a month, weeks from Monday; days not in ``days`` are outside the period.

    ``rows`` weeks are reserved, so that months side by side line up.
    """
    size = (WIDTH - _SIDE) / 7
    parts = [
        text(_SIDE + size * (k + 0.5), 14, name, text_anchor="middle")
        for k, name in enumerate(weekdays)
    ]
    first, count = monthrange(month.year, month.month)
    labelled = set()
    for number in range(1, count + 1):
        day = days.get(month.replace(day=number))
        if day is None:
            continue
        row, column = divmod(first + number - 1, 7)
        x, y = _SIDE + size * column, _HEAD + _ROW * row
        if row not in labelled:
            labelled.add(row)
            start = f"{month.month}-{number}"
            parts.append(
                text(_SIDE - 6, y + 18, start, text_anchor="end", font_size=12, fill=palette.INK_3)
            )
        parts.append(cell(x + 1, y + 1, size - 2, _ROW - 2, day))
    return drawing(WIDTH, _HEAD + _ROW * rows, parts, label)


def weeks_of(month: date) -> int:
    """Return the number of weeks (from Monday) a month touches."""
    first, count = monthrange(month.year, month.month)
    return -(-(first + count) // 7)


def cell(x: float, y: float, width: float, height: float, day: Day) -> str:
    """Return one day as a coloured box with its AQI; words on hover."""
    known = day.level > 0
    box = element(
        "rect", x=x + 0.5, y=y + 0.5, width=width - 1, height=height - 1, rx=2,
        fill=palette.AQI[day.level - 1] if known else palette.GROUND,
        stroke=palette.AQI_EDGE[day.level - 1] if known else palette.INK_3,
        stroke_dasharray=None if known else "3 2",
    )  # fmt: skip
    ink = palette.ON_AQI[day.level - 1] if known else palette.INK_2
    number = text(x + width / 2, y + height / 2 + 4.5, day.aqi, text_anchor="middle", fill=ink)
    return element("g", element("title", escape(day.about, quote=False)), box, number)


def swatch(level: int, size: int = 12) -> str:
    """Return a category's colour with its edge; level 0 is the dashed box of a missing AQI."""
    known = level > 0
    box = element(
        "rect", x=0.5, y=0.5, width=size - 1, height=size - 1, rx=2,
        fill=palette.AQI[level - 1] if known else palette.GROUND,
        stroke=palette.AQI_EDGE[level - 1] if known else palette.INK_3,
        stroke_dasharray=None if known else "3 2",
    )  # fmt: skip
    return drawing(size, size, [box], "", hidden=True)
