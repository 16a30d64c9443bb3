"""The sand-dust decisions of a home: entered, taken back, and never lost or misread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.home import Home, dust
from tests.home.conftest import NOW, clock

DAY = (datetime(2016, 3, 5, tzinfo=UTC), datetime(2016, 3, 6, tzinfo=UTC))


def enter(home: Home, number: int = 1) -> dust.DustDecision:
    return dust.add(
        home.path,
        start=DAY[0],
        end=DAY[1],
        decision=f" 总站〔2016〕{number}号 ",
        station=None,
        actor="a",
        clock=clock,
    )


def test_what_is_entered_is_read_back_and_taken_back(home: Home) -> None:
    made = enter(home)
    assert dust.load(home.path) == [made]
    assert (made.decision, made.added_at, made.counts) == ("总站〔2016〕1号", NOW, True)
    gone = dust.remove(home.path, made.id, actor="b", reason="withdrawn", clock=clock)
    assert dust.load(home.path) == [gone]
    assert (gone.removed_by, gone.reason, gone.counts) == ("b", "withdrawn", False)
    assert dust.events([gone]) is None
    with pytest.raises(UnknownNameError) as error:
        dust.remove(home.path, made.id, actor="b", reason="again", clock=clock)
    assert error.value.code == "dust.unknown"


def test_local_days_are_the_hours_labelled_after_midnight_up_to_24() -> None:
    start, end = dust.local_days(date(2016, 3, 5), date(2016, 3, 6), "Asia/Shanghai")
    assert (start, end) == (
        datetime(2016, 3, 4, 16, tzinfo=UTC),
        datetime(2016, 3, 6, 16, tzinfo=UTC),
    )


def test_a_period_backwards_or_without_a_decision_is_refused(home: Home) -> None:
    common = {"station": None, "actor": "a", "clock": clock}
    with pytest.raises(InvalidArgumentError) as error:
        dust.add(home.path, start=DAY[1], end=DAY[0], decision="1", **common)  # type: ignore[arg-type]
    assert error.value.code == "dust.reversed"
    with pytest.raises(InvalidArgumentError) as error:
        dust.add(home.path, start=DAY[0], end=DAY[1], decision=" ", **common)  # type: ignore[arg-type]
    assert error.value.code == "dust.no_decision"
    assert dust.load(home.path) == []


def test_decisions_entered_at_once_are_all_kept(home: Home) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: enter(home, n), range(8)))
    assert sorted(d.id for d in dust.load(home.path)) == list(range(1, 9))


@pytest.mark.parametrize("start", ["2016-03-05T00:00:00", '"2016-03-05"', "5"])
def test_a_time_without_offset_is_not_guessed(home: Home, start: str) -> None:
    enter(home)
    path = home.path / dust.FILE
    told = path.read_text(encoding="utf-8")
    path.write_text(told.replace(DAY[0].isoformat(), start), encoding="utf-8")
    with pytest.raises(DomainError, match="no time with an offset") as error:
        dust.load(home.path)
    assert error.value.code == "home.dust_unreadable"
