"""Small drawings of the present: arrival strips, sparks, the multiples of 48 hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lantian.reports.charts import palette
from lantian.reports.charts.axes import tick_text, value_ticks
from lantian.reports.charts.frame import Frame, Values, runs
from lantian.reports.charts.svg import drawing, element, short
from lantian.reports.charts.svg import text as words_at
from lantian.web.core.formats import local

_LOOK = {
    "ok": ("k-ok", 3, 6),
    "late": ("k-late", 0, 12),
    "suspect": ("k-sus", 0, 12),
    "missing": ("k-miss", 0, 12),
}
_WIDTH = 120


def arrival_strip(states: Sequence[str | None], label: str) -> str:
    """Draw what came of each hour; trouble is taller, and what lacks a part is red below."""
    step = _WIDTH / max(1, len(states))
    parts: list[str] = []
    first = 0
    for i, state in enumerate(states):
        if i + 1 < len(states) and states[i + 1] == state:
            continue
        x, width = step * first, max(1.5, step * (i + 1 - first) - 0.5)
        first = i + 1
        if state == "part":
            parts.append(element("rect", class_="k-ok", x=x, y=3, width=width, height=3))
            parts.append(element("rect", class_="k-miss", x=x, y=6, width=width, height=6))
        elif state is not None:
            name, y, height = _LOOK[state]
            parts.append(element("rect", class_=name, x=x, y=y, width=width, height=height))
    return element("svg", *parts, width=_WIDTH, height=12, viewBox=f"0 0 {_WIDTH} 12", role="img",
                   class_="arrival", aria_label=label)  # fmt: skip


def spark(values: Values, top: float) -> str:
    """Draw hours as a line from 0 to ``top``, broken at gaps, the last one as a point."""
    across, down = 68 / max(1, len(values) - 1), 14 / (top or 1.0)
    points = ["" if v is None else f"{1 + across * i:.1f} {16 - down * v:.1f}"
              for i, v in enumerate(values)]  # fmt: skip
    drawn = ["M" + "L".join(points[a:b]) for a, b in runs(values) if b - a > 1]
    # an hour between two gaps is a dot
    drawn += [f"M{points[a]}h.1" for a, b in runs(values) if b - a == 1]
    last = ""
    if values and values[-1] is not None:
        last = f'<circle class="pt" cx="69" cy="{16 - down * values[-1]:.1f}" r="1.8"/>'
    return (
        '<svg class="chart spark" width="72" height="18" viewBox="0 0 72 18" aria-hidden="true">'
        f'<path class="line" d="{"".join(drawn)}"/>{last}</svg>'
    )


@dataclass(frozen=True)
class _Ticked(Frame):
    """A frame with the ticks it is given, the last of which may be its top."""

    marks: Sequence[float] = (0.0, 1.0)

    @property
    def ticks(self) -> list[float]:
        """Return the marks of the value axis."""
        return list(self.marks)


@dataclass(frozen=True)
class Hours48:
    """What one of the multiples draws; one value per hour, None = a gap.

    ``marks``: ticks from 0 up; values above the last one are cut off at the edge of the drawing.
    """

    end: datetime
    line: Values
    low: Values
    high: Values
    marks: Sequence[float]


def multiple(shown: Hours48, label: str) -> str:
    """Draw the line of the city mean over the range of the stations."""
    width, height = 184, 88
    longest = max(len(tick_text(m, 1)) for m in shown.marks)
    top = max([shown.marks[-1], *(v for s in (shown.line, shown.high) for v in s if v is not None)])
    frame = _Ticked(len(shown.line), top, width, height, left=8 + 7 * longest, right=5, above=8,
                    below=18, marks=[*shown.marks, top])  # fmt: skip
    parts = _axes(frame, shown)
    parts += frame.band(shown.low, shown.high)
    parts += frame.line(shown.line, palette.ACCENT, width=1.75)
    if shown.line and shown.line[-1] is not None:
        here = frame.x(len(shown.line) - 1), frame.y(shown.line[-1])
        parts.append(element("circle", cx=here[0], cy=here[1], r=2.5, class_="pt"))
    return drawing(width, height, parts, label).replace(
        f'width="{width}" height="{height}"', 'width="100%"', 1
    )


def _axes(frame: _Ticked, shown: Hours48) -> list[str]:
    parts = []
    right = frame.width - frame.right
    for mark in shown.marks:
        y = round(frame.y(mark)) + 0.5
        parts.append(
            element(
                "path", d=f"M{frame.left} {short(y)}H{right}", class_="grid" if mark else "axis"
            )
        )
        decimals = 1 if any(m % 1 for m in shown.marks) else 0
        parts.append(words_at(frame.left - 4, y + 4, tick_text(mark, 10.0**-decimals),
                              text_anchor="end"))  # fmt: skip
    count = len(shown.line)
    for i in range(count):
        label = local(shown.end - timedelta(hours=count - 1 - i))
        if label.hour == 0:  # the midnight between two days: the name stands in the day after
            x = round(frame.x(i)) + 0.5
            parts.append(element("path", d=f"M{short(x)} {frame.above}V{short(frame.base)}",
                                 class_="grid"))  # fmt: skip
            parts.append(words_at(x, frame.height - 4, f"{label:%m-%d}", text_anchor="middle"))
    return parts


def tidy_marks(top: float, steps: Sequence[float] | None = None) -> list[float]:
    """Return two or three ticks for values up to ``top``.

    Parameters
    ----------
    steps
        Take the marks from these, e.g. the breakpoints of an index; None: round numbers.
    """
    if steps is None:
        ticks = value_ticks(top, 2)
        return ticks[:3] if len(ticks) > 3 else ticks
    beyond = [s for s in steps if s <= top]
    if len(beyond) > 3:
        beyond = [0.0, *beyond[-2:]]
    return beyond if len(beyond) > 1 else list(steps[:2])
