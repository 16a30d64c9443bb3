"""How many values each month holds, drawn."""

from __future__ import annotations

from collections.abc import Sequence

from lantian.i18n import gettext as _
from lantian.reports.charts.axes import value_ticks
from lantian.reports.charts.svg import drawing, element, text
from lantian.reports.words import number
from lantian.web.air.queries.data import Month

WIDTH = 1120
_HEIGHT, _LEFT, _TOP, _BOTTOM = 132.0, 64.0, 8.0, 22.0
_WIDEST = 40.0
_PARTS = (("valid", "k-ok"), ("suspect", "k-sus"), ("invalid", "k-miss"))
_LABEL_WIDTH = 46.0


def months_chart(months: Sequence[Month], width: int = WIDTH) -> str:
    """Draw a bar for each month: valid, suspect and invalid values one upon the other."""
    ticks = value_ticks(max(m.total for m in months) or 1)
    floor, room = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM - _TOP
    step = (width - _LEFT) / len(months)
    size = min(_WIDEST, step * 0.72)
    every = max(1, -(-int(_LABEL_WIDTH) // max(1, int(step))))
    drawn = []
    for tick in ticks:
        y = floor - room * tick / ticks[-1]
        drawn.append(element("line", x1=_LEFT, x2=width, y1=y, y2=y, class_="grid"))
        drawn.append(text(_LEFT - 8, y + 4, number(tick), class_="end"))
    for place, month in enumerate(months):
        x, y = _LEFT + step * place + (step - size) / 2, floor
        bars = []
        for grade, look in _PARTS:
            height = room * getattr(month, grade) / ticks[-1]
            y -= height
            if height:
                bars.append(element("rect", x=x, y=y, width=size, height=height, class_=look))
        said = _("{month}: {valid} valid, {suspect} suspect, {invalid} invalid").format(
            month=month.month, valid=number(month.valid), suspect=number(month.suspect),
            invalid=number(month.invalid),
        )  # fmt: skip
        drawn.append(element("g", element("title", said), *bars))
        if place % every == 0:
            label = month.month if place == 0 or month.month.endswith("-01") else month.month[5:]
            drawn.append(text(x + size / 2, _HEIGHT - 6, label, class_="mid"))
    return drawing(width, _HEIGHT, drawn, _("Hourly values by month"))
