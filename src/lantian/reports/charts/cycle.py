"""Means by the hour of the day, one line per season, month or period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lantian.reports.charts import palette
from lantian.reports.charts.frame import TILE_HEIGHT, TILE_WIDTH, Frame, Values
from lantian.reports.charts.svg import drawing, element

STYLES: tuple[tuple[str, str | None], ...] = (
    (palette.ACCENT, None),
    (palette.INK, "6 3"),
    (palette.SERIES[1], "2 2.5"),
    (palette.SERIES[4], "8 3 2 3"),
)
"""Colour and dashes of each line: told apart without colour too."""


@dataclass(frozen=True)
class Cycle:
    """One line: 24 means, None where there is none."""

    style: int
    values: Values


def diurnal_chart(lines: Sequence[Cycle], label: str) -> str:
    """Draw 24 hourly means per line; place 0 is 00:00–01:00."""
    tops = [v for line in lines for v in line.values if v is not None]
    frame = Frame(24, max(tops, default=0.0), TILE_WIDTH, TILE_HEIGHT)
    marks = [(h - 1, f"{h:02d}:00") for h in (6, 12, 18, 24)]
    parts = [*frame.value_axis(), *frame.place_axis(marks)]
    for line in lines:
        colour, dash = STYLES[line.style % len(STYLES)]
        parts += frame.line(line.values, colour, dash=dash)
    return drawing(TILE_WIDTH, TILE_HEIGHT, parts, label)


def line_key(style: int) -> str:
    """Return the key of a line for a legend."""
    colour, dash = STYLES[style % len(STYLES)]
    line = element("line", x1=0, y1=6, x2=26, y2=6, stroke=colour, stroke_width=1.8,
                   stroke_dasharray=dash)  # fmt: skip
    return drawing(26, 12, [line], "", hidden=True)
