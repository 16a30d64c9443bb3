"""Daily values as a line: gaps stay gaps and are marked under the axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lantian.reports.charts import palette
from lantian.reports.charts.axes import date_ticks
from lantian.reports.charts.frame import TILE_HEIGHT, TILE_WIDTH, Frame, Values
from lantian.reports.charts.svg import drawing, element, text

_DENSE = 120  # days from which the line is thinner
_GAP = 5  # px: height of the mark of a missing day


@dataclass(frozen=True)
class Limit:
    """A limit line and its label."""

    value: float
    label: str


def series_chart(
    start: date,
    values: Values,
    label: str,
    *,
    low: Values | None = None,
    high: Values | None = None,
    limit: Limit | None = None,
    deducted: Sequence[bool] = (),
    width: int = TILE_WIDTH,
    height: int = TILE_HEIGHT,
) -> str:
    """Draw one value per day from ``start``, with the range of the stations behind it.

    Parameters
    ----------
    start
        The day of the first value.
    values
        One per day; None = no valid value: the line breaks and a mark stands under the axis.
    label
        What the drawing shows, for readers who cannot see it.
    low, high
        Smallest and largest of the stations each day.
    limit
        A dashed line.
    deducted
        Which days have no value because it was taken out (sand-dust).
    """
    tops = [v for s in (values, high or ()) for v in s if v is not None]
    if limit is not None:
        tops.append(limit.value * 1.15)
    right = 34 if limit is not None else 8
    frame = Frame(len(values), max(tops, default=0.0), width, height, right=right)
    last = start + timedelta(days=len(values) - 1)
    marks = [((day - start).days, words) for day, words in date_ticks(start, last)]
    parts = [*frame.value_axis(), *frame.place_axis(marks)]
    if low is not None and high is not None:
        parts += frame.band(low, high)
    parts += gap_marks(frame, values, deducted)
    parts += frame.line(values, palette.ACCENT, width=1.2 if len(values) > _DENSE else 1.75)
    if limit is not None:
        parts += _limit(frame, limit)
    return drawing(width, height, parts, label)


def gap_marks(
    frame: Frame, values: Values, deducted: Sequence[bool] = (), *, height: float = _GAP
) -> list[str]:
    """Return a mark under the axis for every stretch of days missing, or taken out."""
    parts: list[str] = []
    first = 0
    state = [_state(v, bool(deducted) and deducted[i]) for i, v in enumerate(values)]
    for i, here in enumerate(state):
        if i + 1 < len(state) and state[i + 1] == here:
            continue
        if here:
            size = max(1.5 if height == _GAP else 1.0, frame.step * (i + 1 - first))
            left = frame.x(first - 0.5)
            parts.append(
                element("rect", x=left, y=frame.base + 1, width=size, height=height, fill=here)
            )
        first = i + 1
    return parts


def _state(value: float | None, deducted: bool) -> str:
    """Return the colour of a day's mark; none where there is a value."""
    if value is not None:
        return ""
    return palette.DEDUCTED if deducted else palette.MISSING


def _limit(frame: Frame, limit: Limit) -> list[str]:
    y, right = frame.y(limit.value), frame.width - frame.right
    return [
        element("line", x1=frame.left, y1=y, x2=right, y2=y, stroke=palette.INK_3,
                stroke_dasharray="3 3"),
        text(right + 5, y + 4.5, limit.label, fill=palette.INK),
    ]  # fmt: skip


def spark(
    values: Values,
    top: float,
    label: str,
    *,
    deducted: Sequence[bool] = (),
    width: int = 132,
    height: int = 26,
) -> str:
    """Draw a line without axes, from 0 to ``top``, for a cell of a table."""
    frame = Frame(len(values), top, width, height, left=0, right=0, above=2, below=4)
    ground = element("line", x1=0, y1=height - 3.5, x2=width, y2=height - 3.5, stroke=palette.LINE)
    gaps = gap_marks(frame, values, deducted, height=3)
    line = frame.line(values, palette.ACCENT, width=1.0)
    return drawing(width, height, [ground, *gaps, *line], label)
