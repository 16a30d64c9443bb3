"""The pictures of the comparison: days of each category, good days as three marks on one line."""

from __future__ import annotations

from collections.abc import Sequence

from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts import palette
from lantian.reports.charts.bars import category_bar
from lantian.reports.charts.svg import drawing, element, text
from lantian.standards import EDITIONS
from lantian.web.air.queries.editions import StationRow

_WIDTH, _ROW, _SIDE = 200, 22, 150
_COLOURS = (palette.ACCENT, palette.INK, palette.SERIES[4])


def levels_bar(levels: Sequence[int], unknown: int, label: str) -> str:
    """Draw the days of each category under one edition."""
    return category_bar(levels, unknown, label, width=360)


def _mark(place: int, x: float, y: float) -> str:
    """Return the mark of an edition: circle, square or diamond, told apart by shape."""
    colour = _COLOURS[place % len(_COLOURS)]
    if place == 0:
        return element("circle", cx=x, cy=y, r=4.5, fill="none", stroke=colour, stroke_width=2)
    if place == 1:
        return element("rect", x=x - 4, y=y - 4, width=8, height=8, fill=colour)
    return element("path", d=f"M{x:.1f} {y - 5.5:.1f}l5 5.5l-5 5.5l-5 -5.5z", fill=colour)


def key(place: int) -> str:
    """Return the mark of an edition for a legend."""
    return drawing(14, 14, [_mark(place, 7, 7)], "", hidden=True)


def dots(good: Sequence[int], top: int, *, width: int = _WIDTH) -> str:
    """Draw the good days under each edition as marks on one line from 0 to ``top`` days."""
    label = words.joined(
        f"{words.edition_short(e)} {n}" for e, n in zip(EDITIONS, good, strict=True)
    )
    return drawing(width, 16, _line(good, top, 0, 8, width), label)


def _line(good: Sequence[int], top: int, left: float, y: float, width: float) -> list[str]:
    places = [left + 7 + (width - 14) * n / max(1, top) for n in good]
    axis = element("line", x1=left + 7, y1=y, x2=left + width - 7, y2=y, stroke=palette.LINE_2)
    span = element(
        "line", x1=min(places), y1=y, x2=max(places), y2=y, stroke=palette.INK_3, stroke_width=2
    )
    return [axis, span, *(_mark(k, x, y) for k, x in enumerate(places))]


def picture(rows: Sequence[StationRow], top: int, title: str) -> str:
    """Draw the good days of every station under each edition, as a file."""
    parts = [text(0, 14, title, fill=palette.INK, font_weight=600)]
    for place, edition in enumerate(EDITIONS):
        x = _SIDE + 130 * place
        parts += [_mark(place, x + 7, 32), text(x + 18, 36, words.edition_short(edition))]
    for k, row in enumerate(rows):
        y = 60 + _ROW * k
        parts.append(text(0, y + 4, row.name, fill=palette.INK))
        parts += _line(row.good, top, _SIDE, y, 420)
        parts.append(text(_SIDE + 430, y + 4, " / ".join(str(n) for n in row.good)))
    label = _("{title}: good days under each edition").format(title=title)
    return drawing(_SIDE + 540, 60 + _ROW * max(1, len(rows)), parts, label)
