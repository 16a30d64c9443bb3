"""Wind and pollution roses: how often the wind came from where, and with what."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lantian.reports.charts import palette
from lantian.reports.charts.axes import tick_text, value_ticks
from lantian.reports.charts.svg import drawing, element, short, text

WIDTH = 372
_FILL = 0.86  # part of its sector a wedge fills


def rose_chart(
    shares: Sequence[Sequence[float]],
    compass: Sequence[str],
    centre: str,
    label: str,
    *,
    width: int = WIDTH,
) -> str:
    """Draw a rose.

    Parameters
    ----------
    shares
        Per direction, from north clockwise, the share [%] of each class from the lowest.
    compass
        Names of north, east, south, west.
    centre
        Words under the rose, for the calms.
    label
        What the drawing shows, for readers who cannot see it.
    """
    radius = 0.4 * width - 18
    height = 2 * radius + 66
    longest = max((sum(s) for s in shares), default=0.0) or 1.0
    rings = [t for t in value_ticks(longest)[1:] if t <= longest * 1.02]
    per = radius / max(longest, rings[-1])
    cx, cy = width / 2, radius + 24.0
    parts = [
        element("circle", cx=cx, cy=cy, r=t * per, fill="none", stroke=palette.LINE_2)
        for t in rings
    ]
    for dx, dy in ((0.0, radius), (radius, 0.0)):
        parts.append(
            element("line", x1=cx - dx, y1=cy - dy, x2=cx + dx, y2=cy + dy, stroke=palette.LINE)
        )
    step = 360.0 / len(shares)
    for i, classes in enumerate(shares):
        inner = 0.0
        for k, part in enumerate(classes):
            if part > 0:
                colour = palette.SEQUENCE[k % len(palette.SEQUENCE)]
                parts.append(
                    _wedge(
                        cx,
                        cy,
                        inner=inner * per,
                        outer=(inner + part) * per,
                        middle=i * step,
                        step=step,
                        colour=colour,
                    )
                )
            inner += part
    for t in rings:  # on the diagonal between two main directions, over the wedges
        x = cx + t * per * math.sin(math.radians(56.25)) + 2
        y = cy - t * per * math.cos(math.radians(56.25)) + 4
        words = tick_text(t, rings[0]) + " %"
        parts.append(text(x, y, words, font_size=12, stroke=palette.GROUND, stroke_width=3.5,
                          stroke_linejoin="round"))  # fmt: skip
        parts.append(text(x, y, words, font_size=12, fill=palette.INK))
    places = ((cx, cy - radius - 8, "middle"), (cx + radius + 8, cy + 4.5, "start"),
              (cx, cy + radius + 17, "middle"), (cx - radius - 8, cy + 4.5, "end"))  # fmt: skip
    for (x, y, anchor), name in zip(places, compass, strict=True):
        parts.append(text(x, y, name, text_anchor=anchor, fill=palette.INK))
    parts.append(text(cx, height - 6, centre, text_anchor="middle"))
    return drawing(width, height, parts, label)


def _wedge(
    cx: float, cy: float, *, inner: float, outer: float, middle: float, step: float, colour: str
) -> str:
    half = math.radians(step * _FILL / 2)
    centre = math.radians(middle)

    def at(radius: float, angle: float) -> str:
        return f"{short(cx + radius * math.sin(angle))} {short(cy - radius * math.cos(angle))}"

    a, b = centre - half, centre + half
    d = f"M{at(outer, a)}A{short(outer)} {short(outer)} 0 0 1 {at(outer, b)}L{at(inner, b)}"
    if inner > 0:
        d += f"A{short(inner)} {short(inner)} 0 0 0 {at(inner, a)}"
    return element("path", d=d + "Z", fill=colour, stroke=palette.GROUND, stroke_width=0.6)


def class_key(place: int) -> str:
    """Return the key of a class for a legend."""
    colour = palette.SEQUENCE[place % len(palette.SEQUENCE)]
    box = element("rect", x=0.5, y=0.5, width=10, height=10, fill=colour, stroke=palette.LINE_2)
    return drawing(11, 11, [box], "", hidden=True)
