"""Time of the simulation: local months in blocks, hours counted from the epoch.

The county keeps the standard time of its zone all year. An hour is numbered by its START, counted
from local midnight of the epoch; its label, as everywhere, is its END.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.twin.plan import Floats, epoch

HOUR = timedelta(hours=1)
# middle of each month of a year of 365.25 days
_MIDDLES = np.array([15.5, 45, 74.6, 105, 135.6, 166, 196.6, 227.6, 258, 288.6, 319, 349.6])


@dataclass(frozen=True, slots=True)
class Month:
    """One local month: the block in which hours are made, whole, whichever of them are asked."""

    year: int
    month: int

    @property
    def first(self) -> date:
        """Return its first day."""
        return date(self.year, self.month, 1)

    @property
    def days(self) -> int:
        """Return its number of days."""
        return monthrange(self.year, self.month)[1]

    @property
    def day(self) -> int:
        """Return the number of its first day since the epoch."""
        return (self.first - epoch()).days

    @property
    def hour(self) -> int:
        """Return the number of its first hour since the epoch."""
        return 24 * self.day

    @property
    def hours(self) -> int:
        """Return its number of hours."""
        return 24 * self.days

    @property
    def number(self) -> int:
        """Return a number no other month has."""
        return 12 * self.year + self.month - 1


def fixed_offset(zone: str) -> timedelta:
    """Return the standard offset of a zone.

    Raises
    ------
    InvalidArgumentError
        ``twin.unknown_zone``.
    """
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidArgumentError(
            "twin.unknown_zone",
            _("There is no time zone '{zone}'; write it as Asia/Shanghai.").format(zone=zone),
            {"zone": zone},
        ) from error
    winter = datetime(epoch().year, 1, 1, tzinfo=info)
    summer = datetime(epoch().year, 7, 1, tzinfo=info)
    return min(winter.utcoffset() or timedelta(), summer.utcoffset() or timedelta())


def beginning(zone: str) -> datetime:
    """Return the moment [UTC] at which hour 0 starts."""
    midnight = datetime(epoch().year, epoch().month, epoch().day, tzinfo=UTC)
    return midnight - fixed_offset(zone)


def hours_before(moment: datetime, zone: str) -> int:
    """Return how many whole hours since the epoch are over at a moment.

    Raises
    ------
    InvalidArgumentError
        ``twin.naive_time`` without a time zone; ``twin.before_epoch``.
    """
    if moment.tzinfo is None:
        raise InvalidArgumentError(
            "twin.naive_time",
            _("The time {time} has no time zone; give it in UTC.").format(time=moment),
        )
    count = (moment - beginning(zone)) // HOUR
    if count < 0:
        raise InvalidArgumentError(
            "twin.before_epoch",
            _("The simulated county begins on {first}; {time} is before that.").format(
                first=epoch(), time=moment
            ),
        )
    return count


def months_of(first: int, last: int) -> list[Month]:
    """Return the months that hold the hours ``first`` … ``last - 1``."""
    if last <= first:
        return []
    start = epoch() + timedelta(days=first // 24)
    end = epoch() + timedelta(days=(last - 1) // 24)
    numbers = range(12 * start.year + start.month - 1, 12 * end.year + end.month)
    return [Month(n // 12, n % 12 + 1) for n in numbers]


def through_year(values: Sequence[float], first: int, count: int) -> Floats:
    """Interpolate twelve monthly values to ``count`` hours from hour ``first``."""
    days = np.arange(first, first + count) / 24.0
    of_year = np.mod(days, 365.25)  # the epoch is a 1 January
    return np.interp(of_year, _MIDDLES, np.asarray(values, dtype=np.float64), period=365.25)


def season(first: int, count: int, warmest_day: float) -> Floats:
    """Return the yearly wave, 1 on ``warmest_day`` of the year, -1 half a year later."""
    days = np.arange(first, first + count) / 24.0
    return np.cos(2.0 * np.pi * (days - warmest_day) / 365.25)


def clock_hours(first: int, count: int) -> Floats:
    """Return the local hour of the day at which each hour starts."""
    return np.mod(np.arange(first, first + count), 24).astype(np.float64)
