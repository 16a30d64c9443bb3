"""Round ticks for values and dates."""

from __future__ import annotations

import math
from datetime import date, timedelta

from lantian.reports.words import month_short, number

_WEEKS, _MONTHS_MANY = 16, 95  # days up to which single days, then tens of a month, are ticks
_YEARS = 800
_WHOLE = 1e-6


def value_ticks(top: float, count: int = 3) -> list[float]:
    """Return round ticks from 0 to at least ``top``, about ``count`` steps."""
    if top <= 0:
        return [0.0, 1.0]
    raw = top / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw * 0.999)
    return [step * k for k in range(math.ceil(top / step - 1e-9) + 1)]


def tick_text(value: float, step: float) -> str:
    """Return a tick with the decimals its step needs."""
    digits = next((d for d in range(6) if abs(step * 10**d - round(step * 10**d)) < _WHOLE), 6)
    return number(value, digits)


def date_ticks(start: date, end: date) -> list[tuple[date, str]]:
    """Return the days to mark on an axis of time, with their labels."""
    days = (end - start).days + 1
    every = [start + timedelta(days=k) for k in range(days)]
    if days <= _WEEKS:
        step = max(1, math.ceil(days / 8))
        return [(d, f"{d:%m-%d}" if days <= 8 else f"{d:%d}") for d in every[::step]]
    if days <= _MONTHS_MANY:
        wanted = (1, 11, 21) if days <= 45 else (1, 15)
        return [(d, f"{d:%m-%d}") for d in every if d.day in wanted]
    if days <= _YEARS:
        step = 2 if days <= 400 else 4
        return [(d, month_short(d.month)) for d in every if d.day == 1 and d.month % step == 1]
    return [(d, f"{d:%Y}") for d in every if d.day == 1 and d.month == 1]
