"""Arithmetic with working time: known cases by hand, and laws that hold for any moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from lantian.errors import InvalidArgumentError
from lantian.workdays import UNITS, Calendar, Days, OfficeHours, Unit, load

ZONE = ZoneInfo("Asia/Shanghai")
SHIPPED = load(None, ZONE.key)
MICROSECOND = timedelta(microseconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


CASES: list[tuple[str, int, Unit, str]] = [
    # spring festival 2025: free 28 January to 4 February, Sunday the 26th is worked
    ("2025-01-24 10:00", 1, "working_days", "2025-01-26 17:30"),
    ("2025-01-24 10:00", 2, "working_days", "2025-01-27 17:30"),
    ("2025-01-24 10:00", 3, "working_days", "2025-02-05 17:30"),
    ("2025-01-27 16:30", 2, "working_hours", "2025-02-05 09:30"),
    # national day 2025: free 1 to 8 October, Saturday the 11th is worked
    ("2025-09-30 10:00", 1, "working_days", "2025-10-09 17:30"),
    ("2025-09-30 10:00", 3, "working_days", "2025-10-11 17:30"),
    ("2025-09-30 10:00", 4, "working_days", "2025-10-13 17:30"),
    # spring festival 2026: free 15 to 23 February, Saturdays 14 and 28 are worked
    ("2026-02-13 16:00", 4, "working_hours", "2026-02-14 11:00"),
    ("2026-02-14 20:00", 1, "working_days", "2026-02-24 17:30"),
    ("2026-02-20 09:00", 5, "working_days", "2026-02-28 17:30"),
    # national day 2026: free 1 to 7 October, Saturday the 10th is worked
    ("2026-09-30 17:00", 1, "working_hours", "2026-10-08 09:00"),
    ("2026-10-09 17:30", 7, "working_hours", "2026-10-10 17:30"),
    # the noon break does not count; an end at the close of a session is that close
    ("2026-11-23 11:30", 1, "working_hours", "2026-11-23 14:30"),
    ("2026-11-23 08:30", 7, "working_hours", "2026-11-23 17:30"),
    ("2026-11-23 03:00", 1, "working_hours", "2026-11-23 09:30"),
    ("2026-11-21 12:00", 1, "working_hours", "2026-11-23 09:30"),
    # plain time does not stop
    ("2026-10-01 20:15", 24, "hours", "2026-10-02 20:15"),
    ("2026-10-01 08:00", 5, "days", "2026-10-06 17:30"),
    ("2026-10-01 23:00", 5, "days", "2026-10-06 17:30"),
    ("2026-11-23 08:30", 0, "working_days", "2026-11-23 08:30"),
]


@pytest.mark.parametrize(("start", "amount", "unit", "due"), CASES)
def test_known_cases(start: str, amount: int, unit: Unit, due: str) -> None:
    found = SHIPPED.add(at(start), amount, unit)
    assert found.at.astimezone(ZONE) == at(due)
    assert found.at.tzinfo is UTC
    assert not found.provisional


# -- provisional


KNOWN_2026 = Calendar(Days(frozenset({2025, 2026}), {}, (12, 29)), SHIPPED.hours, ZONE.key)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "provisional"),
    [
        ("2026-12-21 10:00", 5, "working_days", False),
        ("2026-12-21 10:00", 6, "working_days", True),  # ends on 29 December
        ("2026-12-21 10:00", 10, "working_days", True),
        ("2026-12-28 10:00", 5, "working_hours", False),
        ("2026-12-28 10:00", 8, "working_hours", True),
        ("2027-03-01 10:00", 1, "working_hours", True),
        ("2026-12-21 10:00", 30, "days", False),
        ("2026-12-21 10:00", 300, "hours", False),
    ],
)
def test_a_year_without_a_notice_is_provisional(
    start: str, amount: int, unit: Unit, provisional: bool
) -> None:
    assert KNOWN_2026.add(at(start), amount, unit).provisional is provisional


# -- laws

moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 6, 30)).map(
    lambda d: d.replace(tzinfo=UTC)
)
amounts = st.integers(1, 60)
units = st.sampled_from(UNITS)


@settings(max_examples=50, deadline=None)
@given(moments, amounts, units)
def test_what_was_added_has_elapsed_when_it_is_due(start: datetime, n: int, unit: Unit) -> None:
    due = SHIPPED.add(start, n, unit).at
    assert SHIPPED.elapsed(start, due, unit) == n
    assert SHIPPED.elapsed(start, due - MICROSECOND, unit) < n, "due is the first such moment"
    assert SHIPPED.share(start, due, due, unit) == 1.0


@settings(max_examples=50, deadline=None)
@given(moments, amounts, amounts, units)
def test_adding_twice_is_adding_the_sum(start: datetime, a: int, b: int, unit: Unit) -> None:
    first = SHIPPED.add(start, a, unit).at
    assert SHIPPED.add(first, b, unit).at == SHIPPED.add(start, a + b, unit).at


@settings(max_examples=50, deadline=None)
@given(moments, st.timedeltas(timedelta(0), timedelta(days=30)), amounts, units)
def test_later_or_more_is_never_due_sooner(
    start: datetime, later: timedelta, n: int, unit: Unit
) -> None:
    due = SHIPPED.add(start, n, unit).at
    assert start < due < SHIPPED.add(start, n + 1, unit).at
    assert due <= SHIPPED.add(start + later, n, unit).at


@settings(max_examples=50, deadline=None)
@given(moments, amounts, units, st.lists(st.integers(0, 90 * 24 * 3600), min_size=2, max_size=8))
def test_the_share_used_never_falls(start: datetime, n: int, unit: Unit, after: list[int]) -> None:
    due = SHIPPED.add(start, n, unit).at
    shares = [
        SHIPPED.share(start, due, start + timedelta(seconds=s), unit) for s in sorted([0, *after])
    ]
    assert shares == sorted(shares)
    assert shares[0] == 0.0


@settings(max_examples=50, deadline=None)
@given(moments, moments, st.fractions(0, 30), units)
def test_shifting_is_undone_by_measuring(
    start: datetime, other: datetime, amount: Fraction, unit: Unit
) -> None:
    micro = Fraction(1, 3_600_000_000)
    found = SHIPPED.measure(start, SHIPPED.shift(start, amount, unit), unit)
    assert amount <= found < amount + micro
    there = SHIPPED.measure(start, other, unit)
    assert SHIPPED.measure(other, start, unit) == -there


def minutes_worked(start: datetime, end: datetime) -> int:
    """Count minute by minute, from the notices' days and the hours as a person reads them."""
    count, moment = 0, start
    while moment < end:
        minute = moment.hour * 60 + moment.minute
        working = 510 <= minute < 720 or 840 <= minute < 1050
        count += working and SHIPPED.is_workday(moment.date())
        moment += timedelta(minutes=1)
    return count


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 500_000), st.integers(0, 6 * 24 * 60))
def test_working_time_is_what_counting_minutes_gives(begin: int, length: int) -> None:
    start = datetime(2025, 9, 20, tzinfo=ZONE) + timedelta(minutes=begin % 60_000)
    end = start + timedelta(minutes=length)
    assert SHIPPED.measure(start, end, "working_hours") * 60 == minutes_worked(start, end)


# -- edges


def test_before_the_start_nothing_is_used() -> None:
    start = at("2026-11-23 10:00")
    due = SHIPPED.add(start, 1, "working_days").at
    assert SHIPPED.elapsed(start, at("2026-11-20 10:00"), "working_days") == 0
    assert SHIPPED.share(start, due, at("2026-11-20 10:00"), "working_days") == 0.0


def test_a_limit_in_days_does_not_count_the_day_it_begins() -> None:
    start = at("2026-11-23 09:00")
    assert SHIPPED.elapsed(start, at("2026-11-23 17:00"), "working_days") == 0
    assert SHIPPED.elapsed(start, at("2026-11-24 12:00"), "working_days") == Fraction(1, 2)


def test_a_span_without_length_is_used_up_when_due() -> None:
    saturday, sunday = at("2026-11-21 10:00"), at("2026-11-22 10:00")
    used = [
        SHIPPED.share(saturday, sunday, now, "working_hours")
        for now in (saturday + timedelta(hours=1), sunday)
    ]
    assert used == [0.0, 1.0]


def test_another_zone_has_its_own_days() -> None:
    plain = Calendar(Days(frozenset({2026})), OfficeHours.of(["09:00-17:00"]), "Asia/Urumqi")
    found = plain.add(datetime(2026, 3, 6, 10, 30, tzinfo=UTC), 1, "working_hours")
    assert found.at == datetime(2026, 3, 9, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize("amount", [-1, True, 1.5, 3661])
def test_an_amount_that_makes_no_sense_is_refused(amount: int) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        SHIPPED.add(at("2026-11-23 10:00"), amount, "working_days")
    assert caught.value.code == "workdays.bad_amount"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        SHIPPED.add(datetime(2026, 11, 23), 1, "hours")
    assert caught.value.code == "workdays.naive"


def test_a_unit_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        SHIPPED.add(at("2026-11-23 10:00"), 1, "weeks")  # type: ignore[arg-type]
    assert caught.value.code == "workdays.bad_unit"


def test_days_far_away_are_counted_too() -> None:
    start = at("1998-06-01 10:00")
    assert (
        SHIPPED.elapsed(start, SHIPPED.add(start, 2000, "working_days").at, "working_days") == 2000
    )
    assert SHIPPED.is_workday(date(1998, 6, 1))
