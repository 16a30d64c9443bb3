"""The pictures of the calendar: a year of days, the days of each category, stations by days."""

from __future__ import annotations

from lantian.reports import words
from lantian.reports.charts import calendar as month_chart
from lantian.reports.charts import palette
from lantian.reports.charts.matrix import day_matrix
from lantian.reports.charts.svg import drawing, element, text
from lantian.standards import CATEGORIES
from lantian.web.air.queries.calendar import Counts, Day, Matrix, Month, Year

_COLUMNS, _GAP, _HEAD, _FOOT, _LONGEST_MONTH = 4, 20, 40, 34, 31


def counts_bar(counts: Counts, label: str, *, width: int = 208, height: int = 14) -> str:
    """Draw the days of each category of a month, one day as wide as in any other month.

    The days without a category are dashed. The numbers stand in the table beside it.
    """
    step = (width - 1) / _LONGEST_MONTH
    x, drawn = 0.5, []
    for level, days in [*enumerate(counts.levels, start=1), (0, counts.unknown)]:
        if days:
            drawn.append(_piece(x, step * days - 1, height, level))
        x += step * days
    return drawing(width, height, drawn, label)


def _piece(x: float, width: float, height: float, level: int) -> str:
    if level:
        fill, edge = palette.AQI[level - 1], palette.AQI_EDGE[level - 1]
        return element("rect", x=x, y=0.5, width=width, height=height - 1, fill=fill, stroke=edge)
    return element("rect", x=x, y=0.5, width=width, height=height - 1, fill=palette.GROUND,
                   stroke=palette.INK_3, stroke_dasharray="3 2")  # fmt: skip


def year_picture(year: Year, title: str) -> str:
    """Draw twelve months of days with their numbers, as a file."""
    width, height = month_chart.WIDTH, 22 + 28 * 6
    parts = [text(0, 18, title, fill=palette.INK, font_weight=600, font_size=16)]
    for k, month in enumerate(year.months):
        row, column = divmod(k, _COLUMNS)
        x = column * (width + _GAP)
        y = _HEAD + row * (height + 24)
        heading = text(x, y + 12, words.month_name(month.first), fill=palette.INK, font_weight=600)
        place = f"translate({x} {y + 18})"
        parts += [heading, element("g", _month(month), transform=place)]
    rows = -(-len(year.months) // _COLUMNS)
    bottom = _HEAD + rows * (height + 24)
    parts += _legend(bottom + 8)
    return drawing(_COLUMNS * (width + _GAP) - _GAP, bottom + _FOOT, parts, title)


def _month(month: Month) -> str:
    days = {
        d.date: _drawn(d)
        for week in month.weeks
        for d in week
        if d is not None and d.state != "open"
    }
    return month_chart.month_chart(
        month.first, days, words.weekdays(), words.month_name(month.first)
    )


def _drawn(day: Day) -> month_chart.Day:
    return month_chart.Day(day.level, day.text or words.NONE, day.about)


def _legend(y: float) -> list[str]:
    parts, x = [], 0.0
    for category in CATEGORIES.values():
        parts.append(
            element("rect", x=x + 0.5, y=y + 0.5, width=12, height=12, rx=2,
                    fill=palette.AQI[category.level - 1],
                    stroke=palette.AQI_EDGE[category.level - 1])
        )  # fmt: skip
        parts.append(text(x + 18, y + 11, category.name))
        x += 40 + 13 * len(category.name)
    return parts


def matrix_picture(matrix: Matrix, title: str) -> str:
    """Draw stations down and days across, as a file."""
    rows = [(name, [_drawn(d) for d in days]) for _s, name, _kind, days in matrix.rows]
    return day_matrix(matrix.days, rows, title)
