"""The on-time rate 按期率 of cases, counted in the database.

A closed case is on time when no stage of it ended after its deadline; a deadline that was granted
later counts as it is now. The rate of a period is

    closed on time ÷ (closed + open overdue)

of the cases closed in it, and those that are overdue at its end, or now while it lasts. Of a unit
only the stages it answers for count: accepting and rectifying, since the case was given to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from lantian.evaluation import ratio_percent
from lantian.web.cases.models import Case, CaseEvent, Step
from lantian.web.cases.table import TABLE

UNIT_STAGES = ("dispatched", "rectifying")
_GIVEN = ("dispatch", "reassign")  # what gives a case to a unit
_ENDED_LATE = Q(ended_at__gt=F("due_at"))
_NOT_CLOSED = tuple(sorted(TABLE.ended - {"closed"}))
Key = tuple[object, ...]


@dataclass(frozen=True)
class OnTime:
    """What a rate is made of.

    Parameters
    ----------
    closed
        Cases closed in the period.
    on_time
        Those of them that were on time.
    overdue
        Open cases whose running clock is red.
    """

    closed: int = 0
    on_time: int = 0
    overdue: int = 0

    @property
    def whole(self) -> int:
        """Return what the rate is a part of."""
        return self.closed + self.overdue

    @property
    def rate(self) -> float | None:
        """Return the rate [%] to one decimal; None: nothing was closed, nothing is overdue."""
        return ratio_percent(self.on_time, self.whole) if self.whole else None

    def __add__(self, other: OnTime) -> OnTime:
        return OnTime(
            self.closed + other.closed, self.on_time + other.on_time, self.overdue + other.overdue
        )


@dataclass(frozen=True)
class Period:
    """From ``start`` until before ``end``; aware moments."""

    start: datetime
    end: datetime

    def judged_at(self, now: datetime) -> datetime:
        """Return the moment at which it is asked what is overdue: its end, or now."""
        return min(now, self.end)

    def is_over(self, now: datetime) -> bool:
        """Say whether it has ended."""
        return self.end <= now


def late() -> Exists:
    """Return the condition that a stage of a case ended after its deadline."""
    return Exists(Step.objects.filter(_ENDED_LATE, case=OuterRef("pk")))


def unit_late() -> Exists:
    """Return the condition that a stage the unit answers for ended after its deadline.

    A stage that began before the case was given to the unit is not the unit's.
    """
    events = CaseEvent.objects.filter(case=OuterRef("case"), at__gt=OuterRef("begun_at"))
    # Lower: SQLite would rather read the index of actions than the few events of the case
    given_later = events.annotate(done=Lower("action")).filter(done__in=_GIVEN)
    own = Step.objects.filter(_ENDED_LATE, case=OuterRef("pk"), stage__in=UNIT_STAGES)
    return Exists(own.exclude(Exists(given_later)))


def closed_in(cases: QuerySet[Case], period: Period) -> QuerySet[Case]:
    """Return those of ``cases`` that were closed in a period, and still are."""
    # not state = 'closed': SQLite would read all that were ever closed by the index of states
    return cases.filter(ended_at__gte=period.start, ended_at__lt=period.end).exclude(
        state__in=_NOT_CLOSED
    )


def overdue_at(
    cases: QuerySet[Case], moment: datetime, *, is_now: bool, of_unit: bool = False
) -> QuerySet[Case]:
    """Return those of ``cases`` whose clock was running and red at a moment, or is now."""
    steps = Step.objects.filter(due_at__lte=moment)
    if of_unit:
        steps = steps.filter(stage__in=UNIT_STAGES)
    red = Q(pk__in=steps.filter(ended_at__isnull=True).values("case"))
    if not is_now:
        red |= Q(pk__in=steps.filter(_ENDED_LATE, ended_at__gt=moment).values("case"))
    return cases.filter(red)


def rates(
    cases: QuerySet[Case], period: Period, now: datetime, *by: str, of_unit: bool = False
) -> dict[Key, OnTime]:
    """Return the figures of a period for each combination of the columns ``by``; two queries.

    Parameters
    ----------
    cases
        Those that are seen and asked for.
    by
        Columns of the case; none: one group, whose key is ``()``. A combination of which nothing
        was closed and nothing is overdue is left out.
    of_unit
        Count only the stages the unit answers for. Of cases that were not given to any, none does.
    """
    closed = closed_by(cases, period, *by, of_unit=of_unit)
    return joined(closed, overdue_by(cases, period, now, *by, of_unit=of_unit))


def closed_by(
    cases: QuerySet[Case], period: Period, *by: str, of_unit: bool = False
) -> dict[Key, tuple[int, ...]]:
    """Return how many were closed in a period, and how many of them on time; one query."""
    is_late = unit_late() if of_unit else late()
    rows = closed_in(_plain(cases), period)
    return _grouped(rows, by, closed=Count("pk"), on_time=Count("pk", filter=~is_late))


def overdue_by(
    cases: QuerySet[Case], period: Period, now: datetime, *by: str, of_unit: bool = False
) -> dict[Key, tuple[int, ...]]:
    """Return how many are overdue at the end of a period, or now while it lasts; one query."""
    moment, is_now = period.judged_at(now), not period.is_over(now)
    red = overdue_at(_plain(cases), moment, is_now=is_now, of_unit=of_unit)
    return _grouped(red, by, overdue=Count("pk"))


def joined(
    closed: Mapping[Key, tuple[int, ...]], over: Mapping[Key, tuple[int, ...]]
) -> dict[Key, OnTime]:
    """Return the figures of what was closed, and what is overdue."""
    return {
        key: OnTime(*closed.get(key, (0, 0)), *over.get(key, (0,))) for key in {**closed, **over}
    }


def rate_of(cases: QuerySet[Case], period: Period, now: datetime) -> OnTime:
    """Return the figures of a period as a whole."""
    return rates(cases, period, now).get((), OnTime())


def overdue_at_each(cases: QuerySet[Case], moments: Sequence[datetime]) -> list[int]:
    """Return how many cases were overdue at each of the moments, all of them past; two queries.

    A case counts once, also where a stage that was suspended overlaps with its resumption, whose
    clock was set back.
    """
    passed = Q(pk__in=())
    for moment in moments:
        passed |= Q(due_at__lte=moment) & Q(ended_at__gt=moment)
    steps = Step.objects.order_by()
    if cases.query.where:  # all cases: the steps alone say it
        steps = steps.filter(case__in=_plain(cases).values("pk"))
    running = steps.filter(ended_at__isnull=True, due_at__lte=moments[-1])
    rows = list(steps.filter(_ENDED_LATE).filter(passed).values_list("case", "due_at", "ended_at"))
    rows += running.values_list("case", "due_at", "ended_at")
    found: list[set[int]] = [set() for _moment in moments]
    for case, due, end in rows:
        for k, moment in enumerate(moments):
            if due <= moment and (end is None or end > moment):
                found[k].add(case)
    return [len(cases) for cases in found]


def events_of(cases: QuerySet[Case], period: Period) -> QuerySet[CaseEvent]:
    """Return what was done to cases in a period."""
    events = CaseEvent.objects.filter(at__gte=period.start, at__lt=period.end)
    if cases.query.where:
        # not case IN: SQLite would go through all events of all those cases, of all time
        own = _plain(cases).filter(pk=OuterRef("case")).values("pk")
        events = events.filter(Exists(own))
    return events


def happened(cases: QuerySet[Case], period: Period, action: str) -> tuple[int, int]:
    """Return how often an action was done in a period, and to how many cases; one query."""
    events = events_of(cases, period).filter(action=action).order_by()
    found = events.aggregate(n=Count("pk"), cases=Count("case", distinct=True))
    return found["n"], found["cases"]


def _plain(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related(None).order_by()


def _grouped(
    rows: QuerySet[Case], by: Sequence[str], **counts: Count
) -> dict[Key, tuple[int, ...]]:
    if not by:
        found = rows.aggregate(**counts)
        values = tuple(found[name] for name in counts)
        return {(): values} if any(values) else {}
    listed = rows.values_list(*by).annotate(**counts)
    return {tuple(row[: len(by)]): tuple(row[len(by) :]) for row in listed}
