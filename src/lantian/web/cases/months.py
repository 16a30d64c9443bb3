"""Figures of months, kept in memory once a month has ended.

What was closed in a month that is past changes only where a case is taken up again. What was
overdue at its end changes only where more time is granted for a stage that ran then, or a clock is
set back; of some of the cases also with whose they are.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import QuerySet

from lantian.web.cases import counting, ontime
from lantian.web.cases.models import Case
from lantian.web.cases.ontime import Key, OnTime, Period
from lantian.web.cases.table import TABLE

_Sums = dict[object, tuple[int, ...]]
FINE = ("territory", "problem", "channel")
REOPENING = frozenset(a.code for a in TABLE.actions.values() if a.to and {*a.states} & TABLE.ended)
_MOVING = frozenset({"grant_extension", "resume"})  # what changes deadlines that are past
_SETTLED = timedelta(hours=1)  # after a month, what was begun in it is written


@dataclass(frozen=True)
class Months:
    """The figures of some cases by month.

    Parameters
    ----------
    cases
        Those that are seen and asked for.
    key
        The same wherever the same cases are; with the territories, where they decide.
    """

    cases: QuerySet[Case]
    key: Hashable
    now: datetime

    @cached_property
    def _stamps(self) -> tuple[int, int, int]:
        return counting.mark(), counting.mark(REOPENING), counting.mark(_MOVING)

    def figures(
        self, months: Sequence[Period], *by: str, of_unit: bool = False
    ) -> list[dict[object, OnTime]]:
        """Return the rates of months that follow each other as of one, by each of the columns."""
        whole = Period(months[0].start, months[-1].end)
        over = _by_each(
            ontime.overdue_by(self.cases, whole, self.now, *by, of_unit=of_unit), len(by)
        )
        closed: list[_Sums] = [{} for _column in by]
        for month in months:
            for sums, own in zip(closed, self._closed(month, by, of_unit=of_unit), strict=True):
                _add(sums, own)
        return [
            {v: OnTime(*c.get(v, (0, 0)), *o.get(v, (0,))) for v in {**c, **o}}
            for c, o in zip(closed, over, strict=True)
        ]

    def series(self, months: Sequence[Period]) -> list[OnTime]:
        """Return the figures of each month, all of which have begun."""
        found = []
        for month, overdue in zip(months, self._overdue(months), strict=True):
            counts = self._closed(month, FINE, of_unit=False)[0].values()
            found.append(OnTime(sum(n[0] for n in counts), sum(n[1] for n in counts), overdue))
        return found

    def is_settled(self, month: Period) -> bool:
        """Say whether a month has ended, and all that was done in it is written."""
        return month.end + _SETTLED <= self.now

    def _closed(self, month: Period, by: tuple[str, ...], *, of_unit: bool) -> list[_Sums]:
        def make() -> list[_Sums]:
            rows = ontime.closed_by(self.cases, month, *by, of_unit=of_unit)
            return _by_each(rows, len(by))

        changed, reopened, _moved = self._stamps
        stamp = reopened if self.is_settled(month) else changed
        return counting.kept(("closed", month, by, of_unit, self.key, stamp), make)

    def _overdue(self, months: Sequence[Period]) -> list[int]:
        past = tuple(m.end for m in months if self.is_settled(m))
        rest = [m for m in months if not self.is_settled(m)]
        found: list[int] = []
        if past:
            changed, _reopened, moved = self._stamps
            stamp = changed if self.cases.query.where else moved
            found += counting.kept(
                ("overdue", past, self.key, stamp),
                lambda: ontime.overdue_at_each(self.cases, past),
            )
        over = [ontime.overdue_by(self.cases, month, self.now) for month in rest]
        return found + [counts.get((), (0,))[0] for counts in over]


def _by_each(rows: Mapping[Key, Sequence[int]], columns: int) -> list[_Sums]:
    """Return the counts of combinations added up by each of their columns."""
    found: list[_Sums] = [{} for _column in range(columns)]
    for key, counts in rows.items():
        for sums, value in zip(found, key, strict=True):
            _add(sums, {value: counts})
    return found


def _add(sums: _Sums, own: Mapping[object, Sequence[int]]) -> None:
    for value, counts in own.items():
        before = sums.get(value, (0,) * len(counts))
        sums[value] = tuple(a + b for a, b in zip(before, counts, strict=True))
