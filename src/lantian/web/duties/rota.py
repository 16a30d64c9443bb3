"""The duty rota: who is on duty now, a week of it, its gaps and overlaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations

from django.utils import timezone

from lantian.web.duties.models import Shift
from lantian.web.duties.shifts import SHIFTS, ShiftKind


@dataclass(frozen=True)
class OnDuty:
    """Somebody who is on duty now.

    Parameters
    ----------
    phone
        Empty: none is entered.
    """

    kind: str
    name: str
    phone: str
    ends: datetime


@dataclass(frozen=True)
class Slot:
    """One shift of one day: who has it; a gap where nobody has and somebody should."""

    kind: ShiftKind
    day: date
    shifts: tuple[Shift, ...]
    gap: bool


@dataclass(frozen=True)
class Week:
    """Seven days of the rota from Monday on.

    Parameters
    ----------
    twice
        Ids of shifts of people who have two at the same time.
    """

    monday: date
    days: tuple[tuple[date, tuple[Slot, ...]], ...]
    twice: frozenset[int]

    @property
    def gaps(self) -> tuple[Slot, ...]:
        """Return the shifts that nobody has."""
        return tuple(s for _day, slots in self.days for s in slots if s.gap)


def on_duty(now: datetime) -> list[OnDuty]:
    """Return who is on duty at a moment, in the order of the kinds; one query."""
    rows = Shift.objects.filter(starts__lte=now, ends__gt=now).select_related("user")
    found = [r for r in rows if r.user.is_active]
    order = list(SHIFTS)
    return [
        OnDuty(SHIFTS[r.kind].title, r.user.name, r.user.phone or "", timezone.localtime(r.ends))
        for r in sorted(found, key=lambda r: (order.index(r.kind), r.user.name))
    ]


def week_of(day: date) -> Week:
    """Return the week of a day; one query."""
    monday = day - timedelta(days=day.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    # a shift may reach into the next day, and so meet one of the day after
    rows = list(
        Shift.objects.filter(day__range=(monday - timedelta(days=1), days[-1] + timedelta(days=1)))
        .select_related("user")
        .order_by("starts", "user__name")
    )
    return Week(monday, tuple((d, _slots(d, rows)) for d in days), _twice(rows))


def _slots(day: date, rows: Sequence[Shift]) -> tuple[Slot, ...]:
    made = []
    for kind in SHIFTS.values():
        held = tuple(r for r in rows if r.day == day and r.kind == kind.code)
        made.append(Slot(kind, day, held, gap=kind.needed and not held))
    return tuple(made)


def _twice(rows: Iterable[Shift]) -> frozenset[int]:
    found: set[int] = set()
    for one, other in combinations(rows, 2):
        if one.user_id == other.user_id and one.starts < other.ends and other.starts < one.ends:
            found |= {one.pk, other.pk}
    return frozenset(found)
