"""The drawing of a task force: new and closed cases by week."""

from __future__ import annotations

from collections.abc import Sequence

from lantian.i18n import gettext as _
from lantian.reports.charts import palette
from lantian.reports.charts.frame import Frame
from lantian.reports.charts.svg import drawing, element
from lantian.web.taskforces.queries import Week

WIDTH, _HEIGHT = 520, 180


def weeks_chart(weeks: Sequence[Week]) -> str:
    """Draw new cases as a whole line with dots, closed ones as a broken line with squares."""
    top = max([1, *(w.new for w in weeks), *(w.closed for w in weeks)])
    frame = Frame(len(weeks), float(top), WIDTH, _HEIGHT)
    step = 2 if len(weeks) > 6 else 1
    marks = [(k, f"{w.monday:%m-%d}") for k, w in enumerate(weeks)][::-step][::-1]
    parts = [*frame.value_axis(), *frame.place_axis(marks)]
    parts += frame.line([float(w.new) for w in weeks], palette.ACCENT, width=1.75)
    for k, week in enumerate(weeks):
        parts.append(
            element("circle", cx=frame.x(k), cy=frame.y(week.new), r=3, fill=palette.ACCENT)
        )
        parts.append(
            element("rect", x=frame.x(k) - 3, y=frame.y(week.closed) - 3, width=6, height=6,
                    fill="none", stroke=palette.INK)
        )  # fmt: skip
    points = " ".join(f"{frame.x(k):.1f},{frame.y(w.closed):.1f}" for k, w in enumerate(weeks))
    parts.append(
        element("polyline", points=points, fill="none", stroke=palette.INK, stroke_dasharray="4 3")
    )
    return drawing(WIDTH, _HEIGHT, parts, _("New and closed cases of each week"))
