"""Drawings of the statistics of cases: the rate by month, and bars with names before them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lantian.reports import words
from lantian.reports.charts import palette
from lantian.reports.charts.frame import Frame
from lantian.reports.charts.svg import drawing, element, text

WIDTH = 520
_ROW, _SIDE, _AFTER = 24.0, 130.0, 110.0


def rate_chart(months: Sequence[tuple[date, float | None]], label: str) -> str:
    """Draw the rate of each month [%] as a line from 0 to 100; a month without one is a gap."""
    frame = Frame(len(months), 100.0, WIDTH, 200)
    step = 2 if len(months) > 8 else 1
    marks = [(k, words.month_short(d.month)) for k, (d, _rate) in enumerate(months)][::-step][::-1]
    parts = [*frame.value_axis(), *frame.place_axis(marks)]
    parts += frame.line([rate for _day, rate in months], palette.ACCENT, width=1.75)
    parts += [
        element("circle", cx=frame.x(k), cy=frame.y(rate), r=3, fill=palette.ACCENT)
        for k, (_day, rate) in enumerate(months)
        if rate is not None
    ]
    return drawing(WIDTH, 200, parts, label)


def bars(rows: Sequence[tuple[str, float, str]], label: str) -> str:
    """Draw a bar for each name, value and value in words."""
    top = max((value for _name, value, _words in rows), default=0.0)
    scale = (WIDTH - _SIDE - _AFTER) / top if top > 0 else 0.0
    height = _ROW * len(rows)
    parts = [element("line", x1=_SIDE, y1=0, x2=_SIDE, y2=height, stroke=palette.LINE_2)]
    for k, (name, value, said) in enumerate(rows):
        y, size = _ROW * k, value * scale
        parts += [
            text(_SIDE - 8, y + 16, name, text_anchor="end", fill=palette.INK),
            element("rect", x=_SIDE, y=y + 5, width=size, height=14, fill=palette.ACCENT),
            text(_SIDE + size + 6, y + 16, said, fill=palette.INK),
        ]
    return drawing(WIDTH, height, parts, label)
