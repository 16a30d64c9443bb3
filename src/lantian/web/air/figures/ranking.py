"""The picture of a ranking: what each index consists of, bar under bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts import palette
from lantian.reports.charts.bars import stacked_bar
from lantian.reports.charts.svg import drawing, element, text
from lantian.standards import POLLUTANTS

_SIDE, _AFTER, _ROW, _BAR, _HEAD = 150, 60, 22, 480, 46


@dataclass(frozen=True)
class Bar:
    """A row of the picture: rank and name, the parts of the index (None: unknown), its value."""

    name: str
    parts: Sequence[float] | None
    value: str


def parts_words(parts: Sequence[float]) -> str:
    """Return the parts of an index in words."""
    return words.joined(
        f"{words.LABEL[p]} {words.number(v, 2)}" for p, v in zip(POLLUTANTS, parts, strict=True)
    )


def bar(parts: Sequence[float], top: float) -> str:
    """Draw the parts of one index for a row of the table."""
    return stacked_bar(parts, top, parts_words(parts))


def picture(bars: Sequence[Bar], top: float, title: str) -> str:
    """Draw the indices of all rows, in the order of the table; ``top`` fills the width."""
    drawn = [text(0, 14, title, fill=palette.INK, font_weight=600), *_key()]
    for k, row in enumerate(bars):
        y = _HEAD + _ROW * k
        drawn.append(text(0, y + 15, row.name, fill=palette.INK))
        x = float(_SIDE)
        for place, part in enumerate(row.parts or ()):
            width = _BAR * part / top if top > 0 else 0.0
            drawn.append(
                element("rect", x=x, y=y + 4, width=max(0.0, width - 0.8), height=14,
                        fill=palette.SERIES[place])
            )  # fmt: skip
            x += width
        drawn.append(text(x + 6, y + 15.5, row.value))
    label = _("{title}: parts of the composite index").format(title=title)
    return drawing(_SIDE + _BAR + _AFTER, _HEAD + _ROW * max(1, len(bars)), drawn, label)


def _key() -> list[str]:
    parts = []
    for place, p in enumerate(POLLUTANTS):
        x = _SIDE + 72 * place
        parts.append(
            element("rect", x=x, y=24, width=11, height=11, rx=2, fill=palette.SERIES[place])
        )
        parts.append(text(x + 16, 34, words.LABEL[p]))
    return parts
