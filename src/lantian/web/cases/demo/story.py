"""The whole story: which problems were seen where, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import cast

from lantian.network import Network
from lantian.web.cases.catalogue import ProblemType
from lantian.web.cases.demo.planning import Deed, Hours, Plan, walk
from lantian.web.cases.demo.reading import Course, Problem, courses, problems, words
from lantian.web.cases.intake import excursions
from lantian.web.cases.intake.excursions import Excursion
from lantian.web.cases.rules import Rules
from lantian.web.sources.models import Source

SEED = 20260301
_PERIOD = 88  # days of the air that are looked through
_SEEN = timedelta(minutes=12)  # after the hour
_STEP = timedelta(hours=2)
_SOON = timedelta(hours=2)  # after which a second person complains of the same
_DECIDED = timedelta(hours=3)


@dataclass
class Deck:
    """The problems that can be seen, in a shuffled order; used up, it is shuffled again."""

    chance: Random
    usual: frozenset[str]

    def __post_init__(self) -> None:
        self._left: list[tuple[Problem, str, str]] = []

    def take(self, types: tuple[str, ...]) -> tuple[Problem, str, str]:
        """Return a problem, the name of its source and what was seen there.

        Parameters
        ----------
        types
            Codes it may have; empty: any of the usual ones.
        """
        wanted = frozenset(types) or self.usual
        for _again in range(2):
            for index, (problem, _source, _seen) in enumerate(self._left):
                if problem.type in wanted:
                    return self._left.pop(index)
            fresh = [(p, *seen) for p in problems().values() for seen in p.seen]
            self.chance.shuffle(fresh)
            self._left += fresh
        message = f"No problem is seen of the types {sorted(wanted)}"
        raise ValueError(message)


def plans(rules: Rules, air: Network, now: datetime) -> list[Plan]:
    """Return all cases that people or the simulated air brought, with their deeds up to ``now``."""
    chance = Random(SEED)  # noqa: S311 - the same story every time
    catalogue = rules.in_force(now.date())
    usual = frozenset(c for c in problems() if catalogue.type(c).severity != "serious")
    deck = Deck(chance, usual)
    hours = Hours(rules, now, chance)
    sources: Mapping[str, Source] = {
        s.name: s for s in Source.objects.select_related("territory")
    }  # fmt: skip
    found: list[Plan] = []
    for course in courses():
        for index in range(course.count):
            problem, source, seen = deck.take(course.types)
            channel = _channel(course, len(found) if not course.channels else index)
            plan = Plan(len(found), problem, seen, channel, sources[source], sweep=course.sweep)
            walk(hours, course, plan, catalogue.type(problem.type))
            found.append(plan)
            if course.duplicate and index % course.duplicate == course.duplicate - 1:
                found.append(_duplicate(hours, plan, len(found)))
    return found + _alerts(hours, air, len(found))


def _alerts(hours: Hours, air: Network, first: int) -> list[Plan]:
    """Return the cases of excursions of the air; the newest excursion is left to whoever looks."""
    rows = excursions.find(air, hours.now - timedelta(days=_PERIOD), hours.now)
    found = sorted((e for e in rows if e.hours and e.lon is not None), key=lambda e: e.last)[:-1]
    problem = problems()["station_rise"]
    kind = hours.rules.in_force(hours.now.date()).type(problem.type)
    made: list[Plan] = []
    for course in courses("alert"):
        newest = course.ended is None
        chosen = found[-1:] if newest else _spread(found, course)
        found = [e for e in found if e not in chosen]
        for excursion in chosen:
            plan = Plan(first + len(made), problem, "", "alert", excursion=excursion)
            if _follow(hours, course, plan, kind):
                made.append(plan)
    return made


def _spread(found: list[Excursion], course: Course) -> list[Excursion]:
    """Return some of the excursions found, spread over all of the time."""
    count = min(course.count, len(found))
    return [found[(2 * n + 1) * len(found) // (2 * count)] for n in range(count)]


def _follow(hours: Hours, course: Course, plan: Plan, kind: ProblemType) -> bool:
    """Plan what becomes of an excursion from the moment on that it is seen; False: no time left."""
    begins = cast(Excursion, plan.excursion).last + _SEEN
    if course.ended is None:
        walk(hours, course, plan, kind)
        return plan.begins > begins
    end = begins
    while end < hours.now:
        walk(replace(hours, chance=Random(plan.number)), course, plan, kind, end)  # noqa: S311
        if plan.begins >= begins and plan.deeds[-1].at < hours.now:
            return True
        end += _STEP
    return False


def _channel(course: Course, index: int) -> str:
    known: tuple[str, ...] = course.channels or tuple(words()["plain"])
    return known[index % len(known)]


def _duplicate(hours: Hours, plan: Plan, number: int) -> Plan:
    """Return a complaint about the same problem, merged while the first is worked on."""
    # the first must not have ended meanwhile
    last = plan.deeds[-1].at
    begins = min(plan.begins + _SOON, hours.between(plan.begins, last, 0.3, "hours"))
    merged = min(begins + _DECIDED, hours.between(begins, last, 0.5, "hours"))
    deeds = [Deed(begins, "take_in"), Deed(merged, "merge")]
    return Plan(number, plan.problem, plan.seen, "hotline", plan.source, deeds, into=plan)


def in_order(all_plans: list[Plan]) -> Iterator[tuple[Plan, Deed]]:
    """Yield what happens, in the order in which it happens."""
    rows = [(deed.at, p.number, n) for p in all_plans for n, deed in enumerate(p.deeds)]
    by_number = {p.number: p for p in all_plans}
    for _at, number, n in sorted(rows):
        plan = by_number[number]
        yield plan, plan.deeds[n]
