"""Stations down, days across, the AQI in every cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lantian.reports.charts import palette
from lantian.reports.charts.calendar import Day, cell
from lantian.reports.charts.svg import drawing, text

_SIDE, _CELL, _ROW, _HEAD = 104, 28, 26, 20


def day_matrix(
    days: Sequence[date], stations: Sequence[tuple[str, Sequence[Day]]], label: str
) -> str:
    """Draw one row per station (its name and its days, in the order of ``days``)."""
    parts = [
        text(_SIDE + _CELL * (k + 0.5), 13, str(day.day), text_anchor="middle")
        for k, day in enumerate(days)
    ]
    for row, (name, cells) in enumerate(stations):
        y = _HEAD + _ROW * row
        parts.append(text(0, y + 18, name, fill=palette.INK))
        parts += [
            cell(_SIDE + _CELL * k, y, _CELL - 1, _ROW - 2, day) for k, day in enumerate(cells)
        ]
    return drawing(_SIDE + _CELL * len(days), _HEAD + _ROW * len(stations), parts, label)
