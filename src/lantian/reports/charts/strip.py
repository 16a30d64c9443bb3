"""Which days hold data: one strip per station; trouble is taller than normal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from lantian.reports.charts import palette
from lantian.reports.charts.svg import drawing, element

State = Literal["ok", "partly", "missing", "none"]
_LOOK: Mapping[State, tuple[str, int, int]] = {
    "ok": (palette.OK, 4, 8),
    "partly": (palette.PARTLY, 2, 12),
    "missing": (palette.MISSING, 0, 16),
}


def day_strip(states: Sequence[State], label: str, *, width: int = 380) -> str:
    """Draw ``ok``, ``partly``, ``missing`` or ``none`` (not due) per day, from left to right."""
    step = min(14.0, width / max(1, len(states)))
    drawn, first = [], 0
    for i, state in enumerate(states):
        if i + 1 < len(states) and states[i + 1] == state:
            continue
        if state in _LOOK:
            colour, y, height = _LOOK[state]
            size = max(1.0, step * (i + 1 - first))
            drawn.append(
                element("rect", x=step * first, y=y, width=size, height=height, fill=colour)
            )
        first = i + 1
    return drawing(width, 16, drawn, label)


def state_key(state: State) -> str:
    """Return the key of a state for a legend."""
    colour, y, height = _LOOK[state]
    box = element("rect", x=0, y=y, width=11, height=height, fill=colour)
    return drawing(11, 16, [box], "", hidden=True)
