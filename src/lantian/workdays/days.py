"""Which days are worked: the notices of the State Council, and what the office adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType

import chinese_calendar

_SATURDAY = 5


@dataclass(frozen=True)
class Days:
    """Days that depart from the plain week of Monday to Friday.

    Parameters
    ----------
    years
        Years whose holidays are known whole; of others only weekends are known to be free.
    marked
        Days that are worked (True) or free (False) whatever their weekday.
    december
        Month and day from which on the end of a year is settled only when the next year is known.
    """

    years: frozenset[int]
    marked: Mapping[date, bool] = field(default_factory=dict)
    december: tuple[int, int] = (12, 31)

    def __post_init__(self) -> None:
        object.__setattr__(self, "marked", MappingProxyType(dict(self.marked)))

    def with_office(self, marked: Mapping[date, bool], complete: frozenset[int]) -> Days:
        """Return these days with those of the office over them.

        Parameters
        ----------
        marked
            As of the class; the office has the last word.
        complete
            Years that the office has listed whole.
        """
        return Days(self.years | complete, {**self.marked, **marked}, self.december)

    def is_workday(self, day: date) -> bool:
        """Say whether ``day`` is worked; of a year not known, every Monday to Friday is."""
        return self.marked.get(day, day.weekday() < _SATURDAY)

    def is_settled(self, day: date) -> bool:
        """Say whether it is known that ``day`` is worked or free; else that is provisional."""
        if day in self.marked:
            return True
        late = (day.month, day.day) >= self.december
        return day.year in self.years and (not late or day.year + 1 in self.years)


@cache
def published(december: tuple[int, int]) -> Days:
    """Return the days of the State Council's notices, as the package ``chinesecalendar`` has them.

    A year counts as known when its National Day is listed: a notice may reach a day or two into
    the year before or after its own.
    """
    holidays = chinese_calendar.holidays
    years = frozenset(d.year for d in holidays if (d.month, d.day) == (10, 1))
    marked = {**dict.fromkeys(holidays, False), **dict.fromkeys(chinese_calendar.workdays, True)}
    return Days(years, marked, december)
