"""Which days are worked: the State Council's notices for 2025 and 2026, written here by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from lantian.errors import InvalidArgumentError
from lantian.workdays import Days, load

ZONE = "Asia/Shanghai"
# Free from … to, and the weekend days worked for them.
HOLIDAYS = {
    "new year 2025": ("2025-01-01", "2025-01-01", ()),
    "spring festival 2025": ("2025-01-28", "2025-02-04", ("2025-01-26", "2025-02-08")),
    "tomb sweeping 2025": ("2025-04-04", "2025-04-06", ()),
    "labour day 2025": ("2025-05-01", "2025-05-05", ("2025-04-27",)),
    "dragon boat 2025": ("2025-05-31", "2025-06-02", ()),
    "national day 2025": ("2025-10-01", "2025-10-08", ("2025-09-28", "2025-10-11")),
    "new year 2026": ("2026-01-01", "2026-01-03", ("2026-01-04",)),
    "spring festival 2026": ("2026-02-15", "2026-02-23", ("2026-02-14", "2026-02-28")),
    "tomb sweeping 2026": ("2026-04-04", "2026-04-06", ()),
    "labour day 2026": ("2026-05-01", "2026-05-05", ("2026-05-09",)),
    "dragon boat 2026": ("2026-06-19", "2026-06-21", ()),
    "mid-autumn 2026": ("2026-09-25", "2026-09-27", ()),
    "national day 2026": ("2026-10-01", "2026-10-07", ("2026-09-20", "2026-10-10")),
}


def span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.mark.parametrize("name", HOLIDAYS)
def test_the_notices_of_2025_and_2026(name: str) -> None:
    first, last, worked = HOLIDAYS[name]
    calendar = load(None, ZONE)
    days = span(date.fromisoformat(first), date.fromisoformat(last))
    assert not any(calendar.is_workday(day) for day in days)
    assert all(calendar.is_workday(date.fromisoformat(day)) for day in worked)


@pytest.mark.parametrize("year", [2025, 2026])
def test_all_other_days_follow_the_week(year: int) -> None:
    calendar = load(None, ZONE)
    special = {
        day
        for first, last, worked in HOLIDAYS.values()
        for day in (
            *span(date.fromisoformat(first), date.fromisoformat(last)),
            *map(date.fromisoformat, worked),
        )
    }
    plain = [day for day in span(date(year, 1, 1), date(year, 12, 31)) if day not in special]
    assert all(calendar.is_workday(day) == (day.weekday() < 5) for day in plain)


def test_a_year_without_a_notice_has_weekends_only_and_is_not_settled() -> None:
    days = Days(frozenset({2026}), {date(2026, 10, 1): False}, (12, 29))
    assert days.is_workday(date(2027, 10, 1))
    assert not days.is_workday(date(2027, 10, 2))
    assert not days.is_settled(date(2027, 10, 2))
    assert days.is_settled(date(2026, 12, 28))
    assert not days.is_settled(date(2026, 12, 29)), "the notice for 2027 may yet change it"
    assert days.is_settled(date(2026, 10, 1))


def test_the_office_has_the_last_word(tmp_path: Path) -> None:
    path = tmp_path / "workdays.toml"
    path.write_text(
        'hours = ["09:00-12:00", "13:00-18:00"]\ncomplete = [2031]\n'
        '[[off]]\nfrom = 2026-03-02\nto = 2026-03-03\nwhy = "county day"\n'
        "[[on]]\nfrom = 2026-03-07\n",
        encoding="utf-8",
    )
    calendar = load(path, ZONE)
    assert not calendar.is_workday(date(2026, 3, 2))
    assert not calendar.is_workday(date(2026, 3, 3))
    assert calendar.is_workday(date(2026, 3, 4))
    assert calendar.is_workday(date(2026, 3, 7))
    assert calendar.is_settled(date(2031, 6, 1))
    assert not calendar.is_settled(date(2032, 6, 1))
    assert calendar.hours.sessions == ((540, 720), (780, 1080))


def test_no_file_means_what_is_shipped(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml", ZONE).hours.sessions == ((510, 720), (840, 1050))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hours = [", "Invalid"),
        ("hours = 8", "hours is a list"),
        ('hours = ["8-12"]', "“8-12” is no session"),
        ('hours = ["14:00-17:30", "08:30-12:00"]', "in the order of the day"),
        ("hours = []", "in the order of the day"),
        ("holidays = []", "no setting holidays"),
        ("schema = 2", "schema is not 1"),
        ('complete = ["2027"]', "list of years"),
        ("complete = [20027]", "list of years"),
        ("[off]\nfrom = 2026-01-05", "[[off]] is a list"),
        ("[[off]]\nday = 2026-01-05", "[[off]] 1 has from, to and why"),
        ('[[on]]\nfrom = "2026-01-05"', "[[on]] 1 needs days"),
        ("[[on]]\nfrom = 2026-01-05T08:00:00", "[[on]] 1 needs days"),
        ("[[off]]\nfrom = 2026-01-05\nto = 2026-01-04", "ends before it begins"),
        ("[[off]]\nfrom = 2026-01-05\nto = 2062-01-05", "too long"),
        ("[[off]]\nfrom = 2026-01-05\n[[on]]\nfrom = 2026-01-05", "both free and worked"),
    ],
)
def test_a_wrong_file_says_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "workdays.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidArgumentError) as caught:
        load(path, ZONE)
    assert says in caught.value.message
