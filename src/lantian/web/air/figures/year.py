"""The year so far: monthly means as bars, the mean since the first of January as a line."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from datetime import date

from lantian.reports import words
from lantian.reports.charts import palette
from lantian.reports.charts.axes import tick_text
from lantian.reports.charts.frame import Frame
from lantian.reports.charts.svg import drawing, element, short
from lantian.reports.charts.svg import text as words_at

WIDTH, HEIGHT = 340, 138


def year_chart(
    year: int, months: Sequence[tuple[int, float]], running: Sequence[float | None], label: str
) -> str:
    """Draw a year.

    Parameters
    ----------
    months
        Number and mean of the months that have one [µg/m³].
    running
        The mean from 1 January to each day so far [µg/m³].
    """
    days = 366 if isleap(year) else 365
    top = max([m for _n, m in months] + [v for v in running if v is not None], default=1.0)
    frame = Frame(days, top, WIDTH, HEIGHT, left=28, right=6, above=10, below=20)
    ticks = frame.ticks
    parts = []
    for tick in ticks:
        y = short(round(frame.y(tick)) + 0.5)
        kind = "grid" if tick else "axis"
        parts.append(element("path", d=f"M{frame.left} {y}H{WIDTH - frame.right}",
                             class_=kind))  # fmt: skip
        parts.append(words_at(frame.left - 5, frame.y(tick) + 4.5, tick_text(tick, ticks[1]),
                              text_anchor="end"))  # fmt: skip
    parts += _bars(frame, year, months, len(running))
    parts += frame.line([*running, *[None] * (days - len(running))], palette.ACCENT, width=1.75)
    if running and running[-1] is not None:
        x, y_last = frame.x(len(running) - 1), frame.y(running[-1])
        parts.append(element("circle", cx=x, cy=y_last, r=3, class_="pt"))
    return drawing(WIDTH, HEIGHT, parts, label).replace(
        f'width="{WIDTH}" height="{HEIGHT}"', 'width="100%"', 1
    )


def _bars(frame: Frame, year: int, months: Sequence[tuple[int, float]], days: int) -> list[str]:
    known = dict(months)
    parts = []
    for month in range(1, 13):
        first = date(year, month, 1).timetuple().tm_yday - 1
        after = date(year, month + 1, 1).timetuple().tm_yday - 1 if month < 12 else frame.count
        if month in known:
            left, right = (
                frame.x(first - 0.5) + 1,
                frame.x(min(after, max(days, first + 1)) - 0.5) - 1,
            )
            y = frame.y(known[month])
            parts.append(element("rect", x=left, y=y, width=max(1.0, right - left),
                                 height=frame.base - y, class_="band"))  # fmt: skip
        if month % 2:
            middle = frame.x((first + after - 1) / 2)
            parts.append(words_at(middle, frame.height - 5, words.month_short(month),
                                  text_anchor="middle"))  # fmt: skip
    return parts
