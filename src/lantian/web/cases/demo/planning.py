"""When everything happens to the cases of the simulated county: walked backward from their end.

The clocks of the open cases must show what a course says at the end of the story, whatever moment
that is; so a story is planned from its end to its beginning, in the working time of the office.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import cast

from django.utils import timezone

from lantian.web.cases.catalogue import Limit, ProblemType, Stage
from lantian.web.cases.clocks import YELLOW
from lantian.web.cases.demo.reading import Course, Problem, Visit
from lantian.web.cases.intake.excursions import Excursion
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import TABLE
from lantian.web.sources.models import Source
from lantian.workdays import Unit

_REACH = timedelta(days=400)  # no story is longer
_IN_TIME = (0.2, 0.7)  # shares of a limit that most people need
_DAY = (8, 18)  # hours in which people go out
_TRIES = 60
_LONG = timedelta(days=30)  # after which a suspended case is looked at again
_EXTRA = 3  # working days that are asked for, or allowed above our own deadline


@dataclass(frozen=True)
class Deed:
    """One action at a moment."""

    at: datetime
    action: str
    outcome: str = ""


@dataclass
class Plan:
    """One case from its beginning on.

    Parameters
    ----------
    seen
        What was seen, as the title says it.
    number
        Of the plan: chooses who acts and which sentence they write.
    external_due, own_due
        Of an order from above.
    excursion
        Of the air, that an alert tells of.
    into
        The case it is found to be a duplicate of.
    sweep
        How many similar sources are checked after it.
    """

    number: int
    problem: Problem
    seen: str
    channel: str
    source: Source | None = None
    deeds: list[Deed] = field(default_factory=list)
    until: datetime | None = None
    review_on: date | None = None
    external_due: datetime | None = None
    own_due: datetime | None = None
    excursion: Excursion | None = None
    into: Plan | None = None
    sweep: int = 0

    @property
    def begins(self) -> datetime:
        """Return when it is taken in."""
        return self.deeds[0].at


@dataclass(frozen=True)
class Hours:
    """Working time before a moment, as numbers that can be added and taken away."""

    rules: Rules
    now: datetime
    chance: Random

    @property
    def _zero(self) -> datetime:
        return self.now - _REACH

    def back(self, moment: datetime, amount: float, unit: Unit) -> datetime:
        """Return the moment that lies an amount of time before another."""
        if unit in ("hours", "days"):
            return moment - timedelta(hours=amount * (24 if unit == "days" else 1))
        worked = self.rules.calendar.measure(self._zero, moment, unit)
        return self.rules.calendar.shift(self._zero, worked - Fraction(amount), unit)

    def between(self, start: datetime, end: datetime, share: float, unit: Unit) -> datetime:
        """Return a moment between two, by the share of the time that has passed."""
        if unit in ("hours", "days"):
            return start + share * (end - start)
        whole = self.rules.calendar.measure(start, end, "working_hours")
        return self.rules.calendar.shift(start, whole * Fraction(share), "working_hours")

    def ago(self, days: float) -> datetime:
        """Return a moment of working time some days ago."""
        moment = self.now - timedelta(days=days)
        return self.back(moment, self.chance.uniform(0.2, 6.0), "working_hours")

    def begun(self, problem: ProblemType, visit: Visit, end: datetime) -> datetime:
        """Return when a stay began that is over at ``end``."""
        if visit.pause is not None:
            return self.back(end, visit.pause[0], visit.pause[1])
        if visit.state not in TABLE.stages:
            return end
        stage = cast(Stage, visit.state)
        limit = problem.limits[stage]
        if visit.share is None:
            start = self.back(end, limit.value * self.chance.uniform(*_IN_TIME), limit.unit)
            return self._by_day(start, end, limit)
        return self._used(problem, stage, visit.share, end)

    def _used(self, problem: ProblemType, stage: Stage, share: float, end: datetime) -> datetime:
        """Return when a stage began of whose time about that share is used.

        Working time stands still at night, so that not every share can be had at every moment: of
        those tried, one of the colour wanted comes first, then the nearest.
        """
        limit = problem.limits[stage]
        best: tuple[bool, float, datetime] | None = None
        for _try in range(_TRIES):
            amount = limit.value * self.chance.uniform(0.0, share + 1.0)
            begun = self.back(end, amount, limit.unit)
            clock = self.rules.clock(problem, stage, begun)
            used = self.rules.calendar.share(begun, clock.due, end, limit.unit)
            tried = (_colour(used) != _colour(share), abs(used - share), begun)
            best = tried if best is None else min(best, tried)
        return end if best is None else best[2]

    def _by_day(self, start: datetime, end: datetime, limit: Limit) -> datetime:
        """Return a beginning at which people are about, where the limit runs at night, too."""
        local = timezone.localtime(start)
        if limit.unit not in ("hours", "days") or _DAY[0] <= local.hour < _DAY[1]:
            return start
        evening = local.replace(hour=_DAY[1] - 1, minute=self.chance.randrange(60))
        if local.hour < _DAY[0]:
            evening -= timedelta(days=1)
        longest = timedelta(hours=limit.value * (24 if limit.unit == "days" else 1))
        return evening if end - evening < longest else start


def _colour(share: float) -> int:
    return (share >= YELLOW) + (share >= 1)


def walk(
    hours: Hours, course: Course, plan: Plan, problem: ProblemType, end: datetime | None = None
) -> None:
    """Fill a plan with its deeds, from the last one to the first.

    Parameters
    ----------
    end
        When the last one is done, or the story ends; None: as the course says.
    """
    if end is None:
        end = hours.now if course.ended is None else hours.ago(hours.chance.uniform(*course.ended))
    deeds: list[Deed] = []
    later: Visit | None = None
    for visit in reversed(course.way):
        if later is not None and later.state != visit.state:
            action = visit.leave or _way(visit.state, later.state)
            deeds.append(Deed(end, action, visit.outcome))
        elif later is None and visit.state in TABLE.ended:
            later = visit
            continue
        start = hours.begun(problem, visit, end)
        deeds += reversed(_meanwhile(hours, problem, visit, start, end))
        if "ask_extension" in visit.deeds:
            due = hours.rules.clock(problem, "rectifying", start).due
            plan.until = hours.rules.calendar.add(due, _EXTRA, "working_days").at
        if visit.state == "suspended":
            last = timezone.localdate(max(end, start + _LONG))
            plan.review_on = last + timedelta(days=hours.chance.randrange(2, 6))
        if visit.state == "rectifying" and course.order and plan.own_due is None:
            _ordered(hours, course, plan, end)
        end, later = start, visit
    deeds.append(Deed(end, "take_in"))
    plan.deeds = deeds[::-1]
    if course.order and plan.own_due is None:
        _ordered(hours, course, plan, max(hours.now, plan.deeds[-1].at))


def _way(before: str, after: str) -> str:
    """Return the only action that leads from one state to another."""
    ways = [a.code for a in TABLE.actions.values() if before in a.states and a.to == after]
    if len(ways) != 1:
        message = f"From {before} to {after} there are {len(ways)} ways: {ways}"
        raise ValueError(message)
    return ways[0]


def _meanwhile(
    hours: Hours, problem: ProblemType, visit: Visit, start: datetime, end: datetime
) -> list[Deed]:
    limit = problem.limits.get(cast(Stage, visit.state))
    unit: Unit = "working_hours" if limit is None else limit.unit
    parts = len(visit.deeds) + 1
    return [
        Deed(hours.between(start, end, n / parts, unit), deed)
        for n, deed in enumerate(visit.deeds, start=1)
    ]


def _ordered(hours: Hours, course: Course, plan: Plan, end: datetime) -> None:
    plan.own_due = hours.rules.calendar.add(end, course.order, "working_days").at
    plan.external_due = hours.rules.calendar.add(plan.own_due, _EXTRA, "working_days").at
