"""The on-time rate: worked by hand, of periods, of units, of months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lantian.web.cases import counting, ontime
from lantian.web.cases.models import Case, CaseEvent, Step
from lantian.web.cases.months import Months
from lantian.web.cases.ontime import OnTime, Period
from lantian.web.cases.statistics import stages
from tests.web.cases.world import World

MONTH = Period(datetime(2026, 10, 31, 16, tzinfo=UTC), datetime(2026, 11, 30, 16, tzinfo=UTC))
END = datetime(2026, 11, 29, tzinfo=UTC)


def move_deadline(case: Case, stage: str, by: timedelta) -> None:
    """Let a stage that ended have been due so long before (or after) its end."""
    step = Step.objects.filter(case=case, stage=stage, ended_at__isnull=False).latest("pk")
    assert step.ended_at is not None
    due = step.ended_at - by
    Step.objects.filter(pk=step.pk).update(
        begun_at=min(step.begun_at, due), yellow_at=due, due_at=due
    )


def test_the_rate_of_the_design() -> None:
    figures = OnTime(closed=41, on_time=38, overdue=3)
    assert figures.rate == 86.4
    assert OnTime().rate is None
    assert OnTime(1, 1, 0) + OnTime(1, 0, 1) == OnTime(2, 1, 1)


def test_a_case_is_on_time_when_no_stage_ended_late(world: World) -> None:
    good, late = world.until("closed"), world.until("closed")
    exact = world.until("closed")
    world.until("declined")
    for case in (good, late, exact):
        for stage in ("verifying", "opened", "dispatched", "rectifying", "reinspecting", "closing"):
            move_deadline(case, stage, timedelta(minutes=-1))
    move_deadline(late, "opened", timedelta(microseconds=1))
    move_deadline(exact, "closing", timedelta(0))
    found = ontime.rate_of(Case.objects.all(), MONTH, world.now)
    assert (found.closed, found.on_time) == (3, 2)
    before = Period(MONTH.start - timedelta(days=31), MONTH.start)
    assert ontime.rate_of(Case.objects.all(), before, world.now) == OnTime()


def test_open_cases_count_from_their_deadline_on(world: World) -> None:
    case = world.until("rectifying")
    due = Step.objects.get(case=case, ended_at=None).due_at
    cases = Case.objects.all()
    assert ontime.rate_of(cases, MONTH, due - timedelta(microseconds=1)).overdue == 0
    assert ontime.rate_of(cases, MONTH, due).overdue == 1
    by = ontime.rates(cases, MONTH, due, "territory", "channel")
    assert by == {(world.town.pk, "patrol"): OnTime(0, 0, 1)}
    assert ontime.rate_of(cases.filter(channel="hotline"), MONTH, due) == OnTime()


def test_a_past_period_keeps_what_was_overdue_at_its_end(world: World) -> None:
    case = world.until("closed")
    move_deadline(case, "rectifying", timedelta(hours=1))
    step = Step.objects.get(case=case, stage="rectifying")
    assert step.ended_at is not None
    inside = step.ended_at - timedelta(minutes=30)
    cases, later = Case.objects.all(), END + timedelta(days=90)
    assert ontime.rate_of(cases, Period(MONTH.start, inside), later).overdue == 1
    assert ontime.rate_of(cases, Period(MONTH.start, step.ended_at), later).overdue == 0
    two = [Period(MONTH.start, inside), Period(inside, MONTH.end)]
    assert [n.overdue for n in Months(cases, 0, later).series(two)] == [1, 0]
    assert [n.closed for n in Months(cases, 0, later).series(two)] == [0, 1]
    assert [n.on_time for n in Months(cases, 0, later).series(two)] == [0, 0]


def test_only_its_own_stages_count_for_a_unit(world: World) -> None:
    others, own = world.until("closed"), world.until("closed")
    for case in (others, own):
        for stage in ("dispatched", "rectifying"):
            move_deadline(case, stage, timedelta(minutes=-1))
    move_deadline(others, "reinspecting", timedelta(hours=1))
    move_deadline(own, "rectifying", timedelta(hours=1))
    found = ontime.rates(Case.objects.all(), MONTH, world.now, "lead", of_unit=True)
    assert found == {(world.units["lead"].pk,): OnTime(closed=2, on_time=1, overdue=0)}
    # a stage from before the case was given to the unit is not the unit's
    given = CaseEvent.objects.filter(case=own, action="dispatch").latest("pk")
    step = Step.objects.get(case=own, stage="rectifying")
    long_before = given.at - timedelta(days=1)
    Step.objects.filter(pk=step.pk).update(
        begun_at=long_before, yellow_at=long_before, due_at=long_before
    )
    found = ontime.rates(Case.objects.all(), MONTH, world.now, "lead", of_unit=True)
    assert found[(world.units["lead"].pk,)].on_time == 2


def test_a_red_clock_of_others_is_not_the_units(world: World) -> None:
    world.until("reinspecting")
    later = world.now + timedelta(days=60)
    period = counting.month_of(later.date())
    assert ontime.rate_of(Case.objects.all(), period, later).overdue == 1
    assert ontime.rates(Case.objects.all(), period, later, "lead", of_unit=True) == {}


def test_failures_are_counted_with_their_cases(world: World) -> None:
    case = world.until("reinspecting")
    world.do("fail", case, world.doer("inspector", "outside"))
    world.do("finish", case, world.doer("town_officer", "lead"))
    world.do("fail", case, world.doer("inspector", "outside"))
    assert ontime.happened(Case.objects.all(), MONTH, "fail") == (2, 1)
    assert ontime.happened(Case.objects.filter(channel="hotline"), MONTH, "fail") == (0, 0)


def test_events_of_some_cases_are_found_by_their_month(world: World) -> None:
    world.until("closed")
    cases = Case.objects.filter(territory__in=[world.town.pk])
    plan = ontime.events_of(cases, MONTH).filter(action="fail").explain()
    assert "case_event_action (action=? AND at>? AND at<?)" in plan  # not all events of the cases


def test_months_follow_each_other() -> None:
    found = counting.months(datetime(2026, 2, 10, tzinfo=UTC).date(), 3)
    assert [counting.days_of(p)[0].isoformat() for p in found] == [
        "2025-12-01", "2026-01-01", "2026-02-01",
    ]  # fmt: skip
    assert counting.days_of(found[-1])[1].isoformat() == "2026-02-28"
    assert [a.end for a in found[:-1]] == [b.start for b in found[1:]]


def test_the_median_of_a_stage(world: World) -> None:
    cases = [world.until("closed") for _n in range(4)]
    for case, hours in zip(cases, (1, 2, 4, 10), strict=True):
        step = Step.objects.get(case=case, stage="rectifying")
        begun = END - timedelta(hours=hours)
        Step.objects.filter(pk=step.pk).update(
            begun_at=begun, yellow_at=END, due_at=END, ended_at=END
        )
    found = {s.title: s for s in stages(Case.objects.filter(state="closed"))}
    assert found["Being rectified"].hours == pytest.approx(3.0, abs=1e-4)
    assert found["Being rectified"].count == 4
    three = Case.objects.filter(pk__in=[c.pk for c in cases[:3]])
    assert {s.title: s.hours for s in stages(three)}["Being rectified"] == pytest.approx(
        2.0, abs=1e-4
    )
