"""Arithmetic with working time and with plain time.

A limit in hours or working hours runs from the moment it begins. A limit in days or working days
does not count the day on which it begins, and ends when the office closes on its last day: Civil
Code (民法典) articles 201 and 203. Working time stands still outside the office hours and on days
that are not worked. All moments are aware and given back in UTC; days and hours of the office are
those of the calendar's zone. Everything is exact to the microsecond.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.workdays.days import Days
from lantian.workdays.hours import OfficeHours

Unit = Literal["working_hours", "working_days", "hours", "days"]
UNITS: tuple[Unit, ...] = get_args(Unit)

MICROSECOND = timedelta(microseconds=1)
HOUR = 3_600_000_000  # [µs]
DAY = 24 * HOUR  # [µs]
LONGEST = 3660  # [d] ten years: no limit is longer, whatever its unit
_FIRST = 2000  # the year from whose beginning working days are counted
_USUAL = 250  # working days of a year, from which the search for one starts


@dataclass(frozen=True, slots=True)
class Due:
    """When a limit ends [UTC].

    ``provisional``: some day on the way may yet become a holiday or a working day, because the
    notice for its year is not known.
    """

    at: datetime
    provisional: bool


class Calendar:
    """Working time of one office.

    Parameters
    ----------
    days
        Which days are worked.
    hours
        When, on such a day.
    zone
        IANA time zone of the office.
    """

    def __init__(self, days: Days, hours: OfficeHours, zone: str) -> None:
        self.days = days
        self.hours = hours
        self.zone = ZoneInfo(zone)
        self._years: dict[int, tuple[int, ...]] = {}
        self._before = {_FIRST: 0}

    def is_workday(self, day: date) -> bool:
        """Say whether ``day`` is worked."""
        return self.days.is_workday(day)

    def is_settled(self, day: date) -> bool:
        """Say whether it is known that ``day`` is worked or free."""
        return self.days.is_settled(day)

    def add(self, start: datetime, amount: int, unit: Unit) -> Due:
        """Return when a limit that begins at ``start`` ends.

        Parameters
        ----------
        start
            Aware moment.
        amount
            How much, in ``unit``; 0: ``start`` itself.

        Raises
        ------
        InvalidArgumentError
            ``workdays.naive``, ``workdays.bad_unit`` or ``workdays.bad_amount``.
        """
        most = LONGEST * (DAY // self._length(unit) if unit in ("hours", "working_hours") else 1)
        if isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount <= most:
            raise _bad_amount(amount)
        counted = self._counted_from(start, unit) if amount else start
        at = self.shift(counted, Fraction(amount), unit)
        return Due(at, self.provisional(start, at, unit))

    def shift(self, moment: datetime, amount: Fraction, unit: Unit) -> datetime:
        """Return the first moment [UTC] that is ``amount`` of ``unit`` after ``moment``.

        Unlike `add` it counts every part of a day, and thus moves an end that was already set by
        as much time as a clock stood still.

        Raises
        ------
        InvalidArgumentError
            As `add`.
        """
        if amount < 0:
            raise _bad_amount(amount)
        micro = math.ceil(amount * self._length(unit))
        if micro == 0:
            return _utc(moment)
        try:
            if unit in ("hours", "days"):
                return _utc(moment) + micro * MICROSECOND
            return self._moment(self._worked(moment) + micro)
        except (OverflowError, ValueError) as error:
            raise _bad_amount(amount) from error

    def measure(self, start: datetime, end: datetime, unit: Unit) -> Fraction:
        """Return the time from ``start`` to ``end`` in ``unit``; negative when it ends before.

        A working day is one day of office hours, counted in its parts.
        """
        length = self._length(unit)
        if unit in ("hours", "days"):
            return Fraction((_utc(end) - _utc(start)) // MICROSECOND, length)
        return Fraction(self._worked(end) - self._worked(start), length)

    def elapsed(self, start: datetime, now: datetime, unit: Unit) -> Fraction:
        """Return how much of a limit that began at ``start`` is over: ``amount`` when it ends.

        Of a limit in days nothing is over before the office closes on the day it begins.
        """
        if _utc(now) <= _utc(start):
            return Fraction(0)
        return max(Fraction(0), self.measure(self._counted_from(start, unit), now, unit))

    def share(self, start: datetime, due: datetime, now: datetime, unit: Unit) -> float:
        """Return the share of the time from ``start`` to ``due`` that is used at ``now``.

        0 at the start, 1 when it is due, more when it is overdue; it stands still where the unit
        does.
        """
        if _utc(now) <= _utc(start):
            return 0.0
        whole = self.measure(start, due, unit)
        if whole <= 0:
            return 1.0 if _utc(now) >= _utc(due) else 0.0
        return float(self.measure(start, now, unit) / whole)

    def at_share(self, start: datetime, due: datetime, share: Fraction, unit: Unit) -> datetime:
        """Return the first moment [UTC] at which ``share`` of the time up to ``due`` is used."""
        whole = max(self.measure(start, due, unit), Fraction(0))
        return self.shift(start, whole * share, unit)

    def provisional(self, start: datetime, end: datetime, unit: Unit) -> bool:
        """Say whether a day from ``start`` to ``end`` is not settled, where that matters."""
        if unit in ("hours", "days"):
            return False
        first, last = self._local(start).toordinal(), self._local(end).toordinal()
        return not all(self.is_settled(date.fromordinal(n)) for n in range(first, last + 1))

    def _length(self, unit: Unit) -> int:
        if unit == "working_days":
            return self.hours.length
        if unit not in UNITS:
            raise InvalidArgumentError(
                "workdays.bad_unit",
                _("There is no unit of time “{unit}”; there are {known}.").format(
                    unit=unit, known=", ".join(UNITS)
                ),
                {"unit": unit},
            )
        return DAY if unit == "days" else HOUR

    def _counted_from(self, start: datetime, unit: Unit) -> datetime:
        """Return the moment from which on a limit counts."""
        if unit in ("working_days", "days"):
            return self._aware(self._local(start).date(), self.hours.close)
        return _utc(start)

    # -- working time as one number: microseconds since the beginning of the year _FIRST

    def _worked(self, moment: datetime) -> int:
        local = self._local(moment)
        days = self._of_year(local.year)
        ordinal = local.toordinal()
        rank = bisect_left(days, ordinal)
        whole = (self._days_before(local.year) + rank) * self.hours.length
        if rank == len(days) or days[rank] != ordinal:
            return whole
        midnight = datetime.combine(local.date(), time())
        return whole + self.hours.worked((local - midnight) // MICROSECOND)

    def _moment(self, worked: int) -> datetime:
        """Return the first moment at which that much working time is over."""
        rank, rest = divmod(worked, self.hours.length)
        if rest == 0:
            rank, rest = rank - 1, self.hours.length
        year = _FIRST + rank // _USUAL
        while rank < self._days_before(year):
            year -= 1
        while rank >= self._days_before(year + 1):
            year += 1
        day = date.fromordinal(self._of_year(year)[rank - self._days_before(year)])
        return self._aware(day, self.hours.reached(rest) * MICROSECOND)

    def _of_year(self, year: int) -> tuple[int, ...]:
        """Return the ordinals of the days of ``year`` that are worked."""
        found = self._years.get(year)
        if found is None:
            first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            ordinals = range(first, last + 1)
            found = tuple(n for n in ordinals if self.is_workday(date.fromordinal(n)))
            self._years[year] = found
        return found

    def _days_before(self, year: int) -> int:
        """Return the working days from the beginning of ``_FIRST`` to that of ``year``."""
        found = self._before.get(year)
        if found is None:
            step = 1 if year > _FIRST else -1
            found, at = 0, _FIRST
            while at != year:
                found += step * len(self._of_year(min(at, at + step)))
                at += step
            self._before[year] = found
        return found

    # -- zones

    def _local(self, moment: datetime) -> datetime:
        return _utc(moment).astimezone(self.zone).replace(tzinfo=None)

    def _aware(self, day: date, after_midnight: timedelta) -> datetime:
        local = datetime.combine(day, time()) + after_midnight
        return local.replace(tzinfo=self.zone).astimezone(UTC)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise InvalidArgumentError(
            "workdays.naive", _("The moment {moment} has no time zone.").format(moment=moment)
        )
    return moment.astimezone(UTC)


def _bad_amount(amount: object) -> InvalidArgumentError:
    return InvalidArgumentError(
        "workdays.bad_amount",
        _("A limit is a whole number from 0 to ten years, not {amount}.").format(amount=amount),
        {"amount": str(amount)},
    )
