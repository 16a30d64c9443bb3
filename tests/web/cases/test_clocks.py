"""The clock of a stage: when it is due, its colour, its words, pauses and more time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import activate
from lantian.web.cases import clocks
from lantian.web.cases.catalogue import Limit
from lantian.workdays import UNITS, Unit, load

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = load(None, ZONE.key)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_a_clock_turns_yellow_at_80_percent_and_red_at_its_end() -> None:
    clock = clocks.start(CALENDAR, MONDAY, Limit(10, "hours"))
    assert clock.yellow == at("2026-11-23 17:00")
    assert clock.due == at("2026-11-23 19:00")
    second = timedelta(seconds=1)
    moments = [MONDAY, clock.yellow - second, clock.yellow, clock.due - second, clock.due]
    assert [clock.colour(t) for t in moments] == ["green", "green", "yellow", "yellow", "red"]


def test_a_clock_in_working_time_does_not_turn_at_night() -> None:
    clock = clocks.start(CALENDAR, at("2026-11-23 14:00"), Limit(7, "working_hours"))
    assert clock.due == at("2026-11-24 12:00")
    assert clock.yellow == at("2026-11-24 10:36")  # 5.6 of 7 working hours
    night = at("2026-11-24 03:00")
    assert clocks.used(CALENDAR, clock, night) == 0.5
    assert clock.colour(night) == "green"


def test_what_was_due_over_spring_festival() -> None:
    clock = clocks.start(CALENDAR, at("2026-02-13 10:00"), Limit(3, "working_days"))
    assert clock.due == at("2026-02-25 17:30")  # Saturday 14 is worked, 15 to 23 are free
    assert not clock.provisional


def test_a_year_that_is_not_known_makes_it_provisional() -> None:
    year = max(CALENDAR.days.years) + 1
    clock = clocks.start(CALENDAR, datetime(year, 6, 1, tzinfo=UTC), Limit(3, "working_days"))
    assert clock.provisional


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (timedelta(hours=3), "剩 3 时", "3 h left"),
        (timedelta(hours=3, minutes=59), "剩 3 时", "3 h left"),
        (timedelta(minutes=40), "剩 40 分", "40 min left"),
        (timedelta(seconds=20), "剩 0 分", "0 min left"),
        (timedelta(days=1), "剩 1 天", "1 day left"),
        (timedelta(days=1, hours=5), "剩 1 天 5 时", "1 day 5 h left"),
        (timedelta(days=12, hours=5), "剩 12 天", "12 days left"),
        (timedelta(0), "逾期 0 分", "overdue 0 min"),
        (-timedelta(hours=5), "逾期 5 时", "overdue 5 h"),
        (-timedelta(days=2, hours=3), "逾期 2 天 3 时", "overdue 2 days 3 h"),
        (-timedelta(days=9, hours=3), "逾期 9 天", "overdue 9 days"),
    ],
)
def test_words(left: timedelta, zh: str, en: str) -> None:
    activate("zh")
    assert clocks.words(MONDAY + left, MONDAY) == zh
    activate("en")
    assert clocks.words(MONDAY + left, MONDAY) == en


def test_more_time_counts_from_the_deadline() -> None:
    clock = clocks.start(CALENDAR, MONDAY, Limit(1, "working_days"))
    assert clock.due == at("2026-11-24 17:30")
    longer = clocks.extended(CALENDAR, clock, Limit(3, "working_days"))
    assert longer.due == at("2026-11-27 17:30")
    assert longer.begun == clock.begun
    late = at("2026-11-24 15:00")
    assert (clock.colour(late), longer.colour(late)) == ("yellow", "green")


def test_more_time_must_be_more() -> None:
    clock = clocks.start(CALENDAR, MONDAY, Limit(1, "working_days"))
    until = at("2026-11-30 12:00")
    assert clocks.extended_until(CALENDAR, clock, until).due == until
    activate("en")
    with pytest.raises(DomainError) as caught:
        clocks.extended_until(CALENDAR, clock, clock.due)
    assert caught.value.code == "cases.not_later"
    assert "2026-11-24 17:30" in caught.value.message


def test_a_deadline_set_from_above() -> None:
    sunday = at("2026-11-29 12:00")
    clock = clocks.until(CALENDAR, MONDAY, sunday, "working_days")
    assert clock.due == sunday
    assert clock.yellow <= sunday
    assert clock.colour(at("2026-11-28 12:00")) == "yellow"
    with pytest.raises(InvalidArgumentError) as caught:
        clocks.until(CALENDAR, MONDAY, MONDAY, "hours")
    assert caught.value.code == "cases.due_before_begun"


def test_what_was_left_when_it_was_stopped_is_left_when_it_goes_on() -> None:
    clock = clocks.start(CALENDAR, MONDAY, Limit(3, "working_days"))
    assert clock.due == at("2026-11-26 17:30")
    again = clocks.resumed(CALENDAR, clock, at("2026-11-24 10:00"), at("2026-11-30 10:00"))
    assert again.due == at("2026-12-02 17:30")


def test_a_pause_outside_working_time_moves_nothing() -> None:
    clock = clocks.start(CALENDAR, MONDAY, Limit(14, "working_hours"))
    again = clocks.resumed(CALENDAR, clock, at("2026-11-23 18:00"), at("2026-11-24 08:00"))
    assert (again.begun, again.yellow, again.due) == (clock.begun, clock.yellow, clock.due)


@pytest.mark.parametrize(
    ("stopped", "now"),
    [("2026-11-24 10:00", "2026-11-24 09:00"), ("2026-11-20 10:00", "2026-11-24 09:00")],
)
def test_a_clock_does_not_run_backward(stopped: str, now: str) -> None:
    clock = clocks.start(CALENDAR, MONDAY, Limit(3, "working_days"))
    with pytest.raises(InvalidArgumentError) as caught:
        clocks.resumed(CALENDAR, clock, at(stopped), at(now))
    assert caught.value.code == "cases.resumed_before"


moments = st.datetimes(datetime(2025, 1, 1), datetime(2026, 10, 1)).map(
    lambda d: d.replace(tzinfo=UTC)
)
limits = st.builds(Limit, st.integers(1, 30), st.sampled_from(UNITS))
pauses = st.timedeltas(timedelta(0), timedelta(days=40))


@settings(max_examples=50, deadline=None)
@given(moments, limits, pauses, pauses)
def test_a_pause_uses_nothing(
    begun: datetime, limit: Limit, before: timedelta, pause: timedelta
) -> None:
    clock = clocks.start(CALENDAR, begun, limit)
    stopped = begun + before
    again = clocks.resumed(CALENDAR, clock, stopped, stopped + pause)
    used = clocks.used(CALENDAR, clock, stopped)
    assert clocks.used(CALENDAR, again, stopped + pause) == pytest.approx(used, abs=1e-9)
    assert again.due >= clock.due


@settings(max_examples=50, deadline=None)
@given(moments, limits, st.integers(1, 20))
def test_moments_are_in_order_and_more_time_is_later(
    begun: datetime, limit: Limit, more: int
) -> None:
    clock = clocks.start(CALENDAR, begun, limit)
    assert clock.begun < clock.yellow < clock.due
    share = clocks.used(CALENDAR, clock, clock.yellow)
    assert share == pytest.approx(0.8, abs=1e-6)
    unit: Unit = limit.unit
    longer = clocks.extended(CALENDAR, clock, Limit(more, unit))
    assert (longer.due > clock.due, longer.yellow > clock.yellow) == (True, True)
