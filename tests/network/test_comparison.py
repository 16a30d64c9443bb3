"""The same air judged several ways, reckoned by hand."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

import lantian.evaluation as ev
from lantian.network.comparison import (
    aqi_by_edition,
    by_edition,
    by_method,
    category_changes,
    dust_days,
    judged_by,
    method_of,
    moved,
)
from lantian.standards import EDITIONS, METHODS, Settings

SETTINGS = Settings.default()


def days(pm25: dict[str, float], count: int = 31) -> pl.DataFrame:
    """Return a daily table of October 2026: PM2.5 as given, the rest alike."""
    rows = [
        {
            "station": station, "date": date(2026, 10, n + 1), "pm25": value, "pm10": 70.0,
            "so2": 6.0, "no2": 20.0, "co": 1.0, "o3_mda8": 80.0,
        }
        for station, value in pm25.items()
        for n in range(count)
    ]  # fmt: skip
    return pl.DataFrame(rows)


@pytest.mark.parametrize(
    ("edition", "method"),
    [("2012", "sum_equal_2012"), ("2026-transition", "sum_equal_2026"), ("2026-final", None)],
)
def test_the_method_of_an_edition_divides_by_its_limits(edition: str, method: str | None) -> None:
    found = method_of(edition)
    assert (found.id if found else None) == method


def test_ranks_under_every_method() -> None:
    table = days({"A": 35.0, "B": 28.0})
    table = table.with_columns(
        pl.when(pl.col("station") == "B").then(84.0).otherwise("pm10").alias("pm10")
    )
    frame = ev.period(table, by="month")
    ways = by_method(frame, within=None, settings=SETTINGS)
    ranks = {(s, w): rank for s, w, _value, rank in ways.iter_rows()}
    assert set(ways["way"]) == set(METHODS)
    assert ranks["A", "sum_equal_2012"] == ranks["B", "sum_equal_2012"] == 1  # 3.35 both
    assert (ranks["B", "weighted_3_2_2"], ranks["A", "weighted_3_2_2"]) == (1, 2)
    assert moved(ways) == ["A"]


def test_ranks_under_every_edition() -> None:
    judged = judged_by(days({"A": 35.0, "C": 70.0}), SETTINGS)
    frames = {
        e: ev.rank(ev.period(table, by="month", edition=e), key="good_days")
        for e, table in judged.items()
    }
    ways = by_edition(frames, "good_days")
    assert ways.filter(pl.col("station") == "C")["value"].to_list() == [31, 0, 0]
    assert moved(ways) == ["C"]


def test_days_whose_category_depends_on_the_edition() -> None:
    found = category_changes(aqi_by_edition(judged_by(days({"A": 35.0, "C": 70.0}, 2), SETTINGS)))
    assert found["station"].to_list() == ["C", "C"]
    assert found.row(0, named=True) == {
        "station": "C", "date": date(2026, 10, 1),
        "aqi_2012": 94, "category_2012": "good",
        "aqi_2026-transition": 110, "category_2026-transition": "light",
        "aqi_2026-final": 110, "category_2026-final": "light",
    }  # fmt: skip
    assert list(judged_by(days({"A": 35.0}, 1), SETTINGS)) == list(EDITIONS)


def test_days_of_dust_are_dates_not_station_days() -> None:
    table = days({"A": 35.0, "C": 70.0}, 3)
    assert dust_days(table) == 0
    events = pl.DataFrame(
        {"start": [date(2026, 10, 2)], "end": [date(2026, 10, 2)], "decision": ["1"]}
    )
    assert dust_days(ev.deduct_dust(table, events)) == 1
