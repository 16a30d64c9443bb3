"""Where the names of dots fit: beside their dot, over no other dot and no other name."""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LINE = 15.0  # px from one line of a label to the next
_GAP = 4.0
_CELL = 48.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Dot:
    """A dot and the lines that belong beside it; [px]."""

    x: float
    y: float
    radius: float
    lines: Sequence[str]


@dataclass(frozen=True)
class Label:
    """Where a label goes: the baseline of its first line, and how its lines are anchored."""

    x: float
    y: float
    anchor: str
    lines: Sequence[str]


def width_of(text: str) -> float:
    """Return about how wide a text of 12 px is [px]."""
    return sum(12.2 if unicodedata.east_asian_width(c) in "WF" else 6.6 for c in text)


def place(
    dots: Sequence[Dot], width: float, height: float, *, most: int | None = None
) -> list[Label | None]:
    """Return a label for each dot, in their order; None where nothing fits.

    Earlier dots choose first; only the first ``most`` are tried. Where both lines do not fit, the
    first alone is.
    """
    taken = _Taken()
    for dot in dots:
        reach = dot.radius
        taken.add((dot.x - reach, dot.y - reach, dot.x + reach, dot.y + reach))
    found: list[Label | None] = []
    for i, dot in enumerate(dots):
        label = None
        if most is not None and i >= most:
            found.append(None)
            continue
        for lines in ([*dot.lines], [*dot.lines[:1]]):
            label = _fit(dot, lines, taken, width, height)
            if label is not None:
                break
        found.append(label)
    return found


def _fit(
    dot: Dot, lines: Sequence[str], taken: _Taken, width: float, height: float
) -> Label | None:
    wide, tall = max(width_of(t) for t in lines), LINE * len(lines)
    away = dot.radius + _GAP
    slant = dot.radius * 0.75 + 2
    for x, y, anchor in (
        (dot.x + away, dot.y - tall / 2, "start"),
        (dot.x - away, dot.y - tall / 2, "end"),
        (dot.x, dot.y + dot.radius + 2, "middle"),
        (dot.x, dot.y - dot.radius - 2 - tall, "middle"),
        (dot.x + slant, dot.y - slant - tall, "start"),
        (dot.x + slant, dot.y + slant, "start"),
        (dot.x - slant, dot.y - slant - tall, "end"),
        (dot.x - slant, dot.y + slant, "end"),
    ):
        left = x - {"start": 0.0, "end": wide, "middle": wide / 2}[anchor]
        box = (left, y, left + wide, y + tall)
        inside = box[0] >= 2 and box[1] >= 2 and box[2] <= width - 2 and box[3] <= height - 2
        if inside and taken.free(box):
            taken.add(box)
            return Label(x, y + 12, anchor, lines)
    return None


class _Taken:
    """Boxes that are taken, found again by the cells of a grid they lie in."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[Box]] = defaultdict(list)

    def add(self, box: Box) -> None:
        for cell in _cells(box):
            self._cells[cell].append(box)

    def free(self, box: Box) -> bool:
        return not any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
            for cell in _cells(box)
            for other in self._cells.get(cell, ())
        )


def _cells(box: Box) -> Iterable[tuple[int, int]]:
    for column in range(int(box[0] // _CELL), int(box[2] // _CELL) + 1):
        for row in range(int(box[1] // _CELL), int(box[3] // _CELL) + 1):
            yield column, row


def apart(
    points: Sequence[tuple[float, float]], radius: float, *, rounds: int = 40
) -> list[tuple[float, float]]:
    """Return the points pushed apart until dots of ``radius`` [px] on them do not overlap.

    For a few dozen points: every pair is looked at. Where there is no room they stay close.
    """
    moved = [list(p) for p in points]
    least = 2 * radius + 2
    for _round in range(rounds):
        calm = True
        for i in range(len(moved)):
            for j in range(i):
                dx, dy = moved[i][0] - moved[j][0], moved[i][1] - moved[j][1]
                distance = math.hypot(dx, dy)
                if distance >= least:
                    continue
                calm = False
                if distance < 0.01:  # on one place: side by side, in their order
                    dx, dy, distance = 1.0, 0.0, 1.0
                push = (least - distance) / 2 / distance
                for axis, step in ((0, dx * push), (1, dy * push)):
                    moved[i][axis] += step
                    moved[j][axis] -= step
        if calm:
            break
    return [(x, y) for x, y in moved]
