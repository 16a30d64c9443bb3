"""Which period a day belongs to, and how many valid days a period needs (HJ 663)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from fractions import Fraction
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.standards import VALIDITY, Settings

Unit = Literal["year", "half", "quarter", "month"]
By: TypeAlias = Unit | tuple[date, date]
_DATE = r"\d{4}-\d{2}-\d{2}"
_LABEL = re.compile(rf"\d{{4}}(-([Hh]\d|[Qq]\d|\d{{2}}))?|{_DATE}(\.\.{_DATE})?")
_MONTHS: dict[Unit, int] = {"year": 12, "half": 6, "quarter": 3, "month": 1}


@dataclass(frozen=True, slots=True)
class Span:
    """A period: its label, first and last day, and the unit whose rule applies (None: its own)."""

    label: str
    start: date
    end: date
    unit: Unit | None

    @property
    def days(self) -> int:
        """Return the calendar days of the period."""
        return (self.end - self.start).days + 1


def span(label: str) -> Span:
    """Return the period a label names: ``2016``, ``2016-H1``, ``2016-Q1``, ``2016-01``, or
    ``2016-01-15..2016-02-14``.

    Raises
    ------
    InvalidArgumentError
        The label is none of these, or its end is before its start.
    """  # noqa: D205 - the forms do not fit one line
    text = str(label).strip()
    try:
        start, end, unit = _read(text)
    except ValueError:
        raise _no_period(text) from None
    if unit is None:
        return any_span(start, end)
    if start.year == MINYEAR:
        raise _no_period(text)
    return Span(text.upper(), start, end, unit)


def _no_period(label: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "evaluation.bad_period",
        _(
            "'{label}' is not a period; write 2016, 2016-H1, 2016-Q1, 2016-01 or "
            "2016-01-15..2016-02-14."
        ).format(label=label),
        {"period": label},
    )


def _read(text: str) -> tuple[date, date, Unit | None]:
    """Return the first and last day a label names; ValueError if it names none."""
    if not _LABEL.fullmatch(text):
        raise ValueError(text)
    first, dots, last = text.partition("..")
    if dots or len(text) == len("2016-01-15"):
        return date.fromisoformat(first), date.fromisoformat(last or first), None
    year, _dash, rest = text.partition("-")
    units: dict[str, Unit] = {"": "year", "H": "half", "Q": "quarter"}
    unit = units.get(rest[:1].upper(), "month")
    number = int(rest if unit == "month" else rest[1:] or 1)
    whole = _unit_span(unit, int(year), number)
    return whole.start, whole.end, unit


def any_span(start: date, end: date) -> Span:
    """Return the period from ``start`` to ``end``, both included, known by its unit if it is one.

    Raises
    ------
    InvalidArgumentError
        ``end`` is before ``start``, or the calendar has no year before or after them.
    """
    if type(start) is not date or type(end) is not date:
        raise InvalidArgumentError(
            "evaluation.bad_period",
            _("A period goes from one date to another, not from {start!r} to {end!r}.").format(
                start=start, end=end
            ),
        )
    if end < start:
        raise InvalidArgumentError(
            "evaluation.period_reversed",
            _("The period ends ({end}) before it starts ({start}).").format(start=start, end=end),
        )
    if start.year == MINYEAR or end.year == MAXYEAR:
        raise _no_period(f"{start}..{end}")
    for unit, months in _MONTHS.items():
        candidate = _unit_span(unit, start.year, (start.month - 1) // months + 1)
        if (candidate.start, candidate.end) == (start, end):
            return candidate
    return Span(f"{start}..{end}", start, end, None)


def _unit_span(unit: Unit, year: int, number: int) -> Span:
    months = _MONTHS[unit]
    if not 1 <= number <= 12 // months:
        raise ValueError(number)
    start = date(year, (number - 1) * months + 1, 1)
    after = date(year + 1, 1, 1) if number * months == 12 else date(year, number * months + 1, 1)
    suffix = {
        "year": "", "half": f"-H{number}", "quarter": f"-Q{number}", "month": f"-{number:02d}"
    }[unit]  # fmt: skip
    return Span(f"{year}{suffix}", start, after - timedelta(days=1), unit)


def so_far(period: Span, now: datetime, zone: str) -> Span:
    """Return the whole local days of a period that have passed at ``now``.

    The period itself where it is over, or where its first day is not.
    """
    yesterday = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    if period.start <= yesterday < period.end:
        return any_span(period.start, yesterday)
    return period


def year_before(period: Span) -> Span:
    """Return the same period one year earlier; 29 February becomes the 28th."""
    if period.unit is not None:
        number = (period.start.month - 1) // _MONTHS[period.unit] + 1
        return _unit_span(period.unit, period.start.year - 1, number)

    def earlier(day: date) -> date:
        leap = (day.month, day.day) == (2, 29)
        return day.replace(year=day.year - 1, day=28 if leap else day.day)

    return any_span(earlier(period.start), earlier(period.end))


def spans(days: pl.Series, by: By) -> list[Span]:
    """Return the periods that the dates ``days`` fall into, in order of time."""
    if isinstance(by, tuple) and len(by) == 2:
        return [any_span(*by)]
    if not isinstance(by, str) or by not in _MONTHS:
        raise InvalidArgumentError(
            "evaluation.bad_by",
            _("by is year, half, quarter, month or (start, end), not {given!r}.").format(given=by),
        )
    months = _MONTHS[by]
    keys = (
        pl.DataFrame({"d": days})
        .select(
            pl.col("d").dt.year().alias("year"),
            ((pl.col("d").dt.month().cast(pl.Int32) - 1) // months + 1).alias("number"),
        )
        .unique()
        .sort("year", "number")
    )
    return [_unit_span(by, year, number) for year, number in keys.iter_rows()]


def days_needed(period: Span, settings: Settings) -> int:
    """Return the fewest valid days of a period (HJ 663 table: month 27, February 25, year 324).

    Quarter and half-year: what their months need together. A freely chosen period:
    ``settings.any_period_min_share`` of its days.
    """
    if period.unit == "year":
        return VALIDITY.year_days
    if period.unit is None:
        return max(1, math.ceil(period.days * Fraction(str(settings.any_period_min_share))))
    return sum(month_days_needed(m) for m in months_of(period))


def months_of(period: Span) -> list[date]:
    """Return the first days of the months a period touches."""
    first, months = date(period.start.year, period.start.month, 1), []
    while first <= period.end:
        months.append(first)
        first = (first + timedelta(days=31)).replace(day=1)
    return months


def month_days_needed(month: date) -> int:
    """Return the valid days a month needs."""
    return VALIDITY.february_days if month.month == 2 else VALIDITY.month_days
