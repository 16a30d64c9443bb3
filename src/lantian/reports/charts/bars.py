"""Bars in pieces: the parts of a composite index, the days of each AQI category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lantian.reports.charts import palette
from lantian.reports.charts.svg import drawing, element, text

_GAP = 0.8


def stacked_bar(
    parts: Sequence[float], top: float, label: str, *, width: int = 190, height: int = 12
) -> str:
    """Draw the parts of a sum in the six series colours; ``top`` fills the whole width."""
    x, drawn = 0.0, []
    for part, colour in zip(parts, palette.SERIES, strict=True):
        size = max(0.0, width * part / top - _GAP) if top > 0 else 0.0
        drawn.append(element("rect", x=x, y=0, width=size, height=height, fill=colour))
        x += width * part / top if top > 0 else 0.0
    return drawing(width, height, drawn, label)


def series_key(place: int) -> str:
    """Return the key of a part for a legend."""
    box = element("rect", x=0, y=0, width=11, height=11, rx=2, fill=palette.SERIES[place])
    return drawing(11, 11, [box], "", hidden=True)


def category_bar(
    days: Sequence[int], missing: int, label: str, *, width: int = 372, height: int = 26
) -> str:
    """Draw the days of the six categories and those without AQI, each with its number.

    A piece too narrow for its number goes without: the legend holds all of them.
    """
    whole = sum(days) + missing
    x, drawn = 0.5, []
    for level, count in [*enumerate(days, start=1), (0, missing)]:
        if not count:
            continue
        size = (width - 1) * count / whole
        known = level > 0
        drawn.append(
            element("rect", x=x, y=0.5, width=max(1.0, size - 1.5), height=height - 1,
                    fill=palette.AQI[level - 1] if known else palette.GROUND,
                    stroke=palette.AQI_EDGE[level - 1] if known else palette.INK_3,
                    stroke_dasharray=None if known else "3 2")
        )  # fmt: skip
        words = str(count)
        if size > 8.5 * len(words) + 4:
            ink = palette.ON_AQI[level - 1] if known else palette.INK_2
            drawn.append(text(x + (size - 1.5) / 2, height / 2 + 4.5, words, text_anchor="middle",
                              fill=ink))  # fmt: skip
        x += size
    return drawing(width, height, drawn, label)


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its value (None: none to be trusted) and the value in words."""

    name: str
    value: float | None
    words: str


def bar_chart(
    bars: Sequence[Bar], label: str, *, mark: float | None = None, width: int = 372
) -> str:
    """Draw bars from the left, names before and values after them; ``mark`` is a dashed line."""
    side, after, row = 46.0, 40.0, 22.0
    top = max([b.value for b in bars if b.value is not None] + [mark or 0.0])
    scale = (width - side - after) / top if top > 0 else 0.0
    height = row * len(bars)
    axis = element("line", x1=side, y1=0, x2=side, y2=height, stroke=palette.LINE_2)
    parts, names = [], [axis]
    for k, bar in enumerate(bars):
        y = row * k
        names.append(text(0, y + 15, bar.name, fill=palette.INK))
        size = (bar.value or 0.0) * scale
        if bar.value is not None:
            fill = palette.SERIES[k % len(palette.SERIES)]
            parts.append(element("rect", x=side, y=y + 4, width=size, height=14, fill=fill))
        ink = palette.INK if bar.value is not None else palette.INK_3
        halo: dict[str, str | float | None] = {"stroke": palette.GROUND, "stroke_width": 4}
        x, y = side + size + 6, y + 15.5
        names += [text(x, y, bar.words, **halo), text(x, y, bar.words, fill=ink)]
    if mark is not None:
        x = side + mark * scale
        parts.append(
            element("line", x1=x, y1=0, x2=x, y2=height, stroke=palette.INK_3,
                    stroke_dasharray="3 3")
        )  # fmt: skip
    return drawing(width, height, [*parts, *names], label)
