"""Periods and times as a person writes them."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command needs them

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    from lantian.evaluation import Span

RELATIVE = (
    "today", "yesterday", "this-week", "last-week", "this-month", "last-month", "this-quarter",
    "last-quarter", "this-year", "last-year", "last-7-days",
)  # fmt: skip
_LAST_DAYS = re.compile(r"last-([1-9][0-9]{0,3})-days")


def period(text: str, today: date) -> Span:
    """Return the period that ``text`` names, on the local day ``today``.

    Parameters
    ----------
    text
        A label (``2016``, ``2016-H1``, ``2016-Q1``, ``2016-01``, ``2016-01-15``), two dates
        (``2016-01-15..2016-02-14``) or a word such as ``last-month`` or ``last-30-days``, which
        ends yesterday.

    Raises
    ------
    InvalidArgumentError
        ``evaluation.bad_period``, ``evaluation.period_reversed``.
    """
    from lantian.evaluation import any_span, span

    bounds = _relative(text.strip().lower(), today)
    bounds = bounds or _two_dates(text)
    if bounds is not None:
        return any_span(*bounds)
    try:
        return span(text)
    except InvalidArgumentError as error:
        if error.code != "evaluation.bad_period":
            raise
        message = _("{sentence} Words are understood too: {words}.").format(
            sentence=error.message, words=", ".join(RELATIVE)
        )
        raise InvalidArgumentError(error.code, message, error.data) from None


def _two_dates(text: str) -> tuple[date, date] | None:
    """Return the days of ``2016-01-15..2016-02-14``; None when it is not that."""
    first, dots, last = text.partition("..")
    try:
        return (
            (date.fromisoformat(first.strip()), date.fromisoformat(last.strip())) if dots else None
        )
    except ValueError:
        return None


def _relative(word: str, today: date) -> tuple[date, date] | None:
    one = timedelta(days=1)
    if match := _LAST_DAYS.fullmatch(word):
        return today - int(match[1]) * one, today - one
    which, _dash, unit = word.partition("-")
    if word in ("today", "yesterday"):
        day = today if word == "today" else today - one
        return day, day
    if which not in ("this", "last") or unit not in ("week", "month", "quarter", "year"):
        return None
    start = _begin(unit, today)
    if which == "this":
        return start, _begin(unit, start + _longer(unit)) - one
    return _begin(unit, start - one), start - one


def _begin(unit: str, day: date) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return date(day.year, 1, 1)


def _longer(unit: str) -> timedelta:
    """Return a time that leads from the first day of a period into the next one."""
    return timedelta(days={"week": 7, "month": 31, "quarter": 92, "year": 366}[unit])


def moment(text: str, zone: str) -> datetime:
    """Return the time that ``text`` names: ISO, local to ``zone`` unless it says otherwise.

    ``24:00`` ends its day.

    Raises
    ------
    InvalidArgumentError
        ``cli.usage_time``.
    """
    written = text.strip().replace(" ", "T")
    day, midnight = (written[:-6], True) if written.endswith("T24:00") else (written, False)
    try:
        found = datetime.fromisoformat(day)
    except ValueError:
        raise InvalidArgumentError(
            "cli.usage_time",
            _("'{text}' is not a time; write it as 2016-01-15T16:00.").format(text=text),
            {"time": text},
        ) from None
    if midnight:
        found += timedelta(days=1)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def local(time: datetime, zone: str) -> str:
    """Return a time as the clock of ``zone`` shows it."""
    return time.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
