"""The ground of a line drawing: places, value axis, lines with gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lantian.reports.charts import palette
from lantian.reports.charts.axes import tick_text, value_ticks
from lantian.reports.charts.svg import element, short, text

Values = Sequence[float | None]
TILE_WIDTH, TILE_HEIGHT = 372, 190


@dataclass(frozen=True)
class Frame:
    """``count`` places along the bottom, values from 0 to the last tick up the side [px]."""

    count: int
    top: float
    width: int = TILE_WIDTH
    height: int = TILE_HEIGHT
    left: int = 42
    right: int = 8
    above: int = 12
    below: int = 34

    @property
    def ticks(self) -> list[float]:
        """Return the marks of the value axis."""
        return value_ticks(self.top)

    @property
    def step(self) -> float:
        """Return the width of one place."""
        return (self.width - self.left - self.right) / max(1, self.count)

    @property
    def base(self) -> float:
        """Return the height of the zero line."""
        return float(self.height - self.below)

    def x(self, place: float) -> float:
        """Return where a place is drawn."""
        return self.left + self.step * (place + 0.5)

    def y(self, value: float) -> float:
        """Return where a value is drawn."""
        return self.base - (self.base - self.above) * value / self.ticks[-1]

    def value_axis(self) -> list[str]:
        """Return grid lines and their numbers."""
        ticks, parts = self.ticks, []
        for tick in ticks:
            here = round(self.y(tick)) + 0.5
            colour = palette.LINE_2 if tick == 0 else palette.LINE
            right = self.width - self.right
            parts.append(element("line", x1=self.left, y1=here, x2=right, y2=here, stroke=colour))
            words = tick_text(tick, ticks[1] - ticks[0])
            parts.append(text(self.left - 6, here + 4.5, words, text_anchor="end"))
        return parts

    def place_axis(self, marks: Sequence[tuple[int, str]]) -> list[str]:
        """Return ticks under the zero line and their words, kept inside the drawing."""
        parts = []
        for place, words in marks:
            here = self.x(place)
            x = round(here) + 0.5
            line = element(
                "line", x1=x, y1=self.base, x2=x, y2=self.base + 4, stroke=palette.LINE_2
            )
            half = 4.2 * len(words)
            middle = min(max(here, half), self.width - half)
            parts += [line, text(middle, self.height - 8, words, text_anchor="middle")]
        return parts

    def line(
        self, values: Values, colour: str, *, dash: str | None = None, width: float = 1.6
    ) -> list[str]:
        """Return the line of values, broken at gaps; a value between two gaps is a point."""
        parts = []
        for first, after in runs(values):
            points = [(self.x(i), self.y(values[i] or 0.0)) for i in range(first, after)]
            if len(points) == 1:
                parts.append(element("circle", cx=points[0][0], cy=points[0][1], r=2, fill=colour))
                continue
            parts.append(
                element("path", d=path(points), fill="none", stroke=colour, stroke_width=width,
                        stroke_linejoin="round", stroke_dasharray=dash)
            )  # fmt: skip
        return parts

    def band(self, low: Values, high: Values) -> list[str]:
        """Return the area between two series, broken at gaps."""
        parts = []
        for first, after in runs(low):
            places = range(first, after)
            upper = [(self.x(i), self.y(high[i] or 0.0)) for i in places]
            lower = [(self.x(i), self.y(low[i] or 0.0)) for i in reversed(places)]
            if len(places) == 1:
                half = min(self.step / 2, 3)
                upper = [(upper[0][0] - half, upper[0][1]), (upper[0][0] + half, upper[0][1])]
                lower = [(lower[0][0] + half, lower[0][1]), (lower[0][0] - half, lower[0][1])]
            parts.append(element("path", d=path([*upper, *lower]) + "Z", fill=palette.BAND))
        return parts


def runs(values: Values) -> list[tuple[int, int]]:
    """Return the stretches without a gap as (first, after the last)."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    for i, value in enumerate([*values, None]):
        if value is not None and start is None:
            start = i
        elif value is None and start is not None:
            found.append((start, i))
            start = None
    return found


def path(points: Sequence[tuple[float, float]]) -> str:
    """Return the path data of a polyline."""
    return "M" + "L".join(f"{short(x)} {short(y)}" for x, y in points)
