"""The air of the simulated county against ``data/targets.toml``."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import combinations
from statistics import mean
from typing import Any

import polars as pl
import pytest

from lantian import evaluation as ev
from lantian import twin
from lantian.twin.plan import data

SEEDS = (1, 2, 20261123)
YEARS = ("2025", "2026")
END = datetime(2026, 12, 31, 23, tzinfo=UTC)
TARGETS: dict[str, Any] = dict(data("targets"))


@cache
def hours(seed: int) -> pl.DataFrame:
    return ev.hourly(twin.simulate(seed=seed, end=END).measurements)


@cache
def city(seed: int) -> pl.DataFrame:
    """Mean of the two national-type stations by the hour, evaluated by day under 2012."""
    own = hours(seed).filter(pl.col("station").is_in(["9901S", "9902S"]))
    mean_of = own.group_by("time").agg(pl.exclude("station", "time").mean())
    return ev.daily(mean_of.with_columns(station=pl.lit("city")).sort("time"), edition="2012")


@cache
def annual(seed: int, year: str) -> dict[str, float]:
    years = ev.period(city(seed), by="year", edition="2012")
    row = years.filter(pl.col("period") == year).row(0, named=True)
    return {**row, "ratio_pm": row["pm25_mean"] / row["pm10_mean"]}


def season(seed: int, year: str, column: str, months: list[int]) -> float:
    days = city(seed).filter(
        pl.col("date").dt.year() == int(year), pl.col("date").dt.month().is_in(months)
    )
    value = days[column].mean()
    assert isinstance(value, float)
    return value


def judge(name: str, target: dict[str, Any], values: list[float]) -> None:
    low, high = target["range"]
    assert all(low <= v <= high for v in values), (name, values)
    low, high = target["aim"]
    assert low <= mean(values) <= high, (name, mean(values))


def every() -> list[tuple[int, str]]:
    return [(seed, year) for seed in SEEDS for year in YEARS]


@pytest.mark.parametrize("name", TARGETS["annual"])
def test_levels_of_the_year(name: str) -> None:
    judge(name, TARGETS["annual"][name], [float(annual(*one)[name]) for one in every()])


@pytest.mark.parametrize("name", TARGETS["season"])
def test_levels_of_the_season(name: str) -> None:
    target = TARGETS["season"][name]
    judge(name, target, [season(*one, target["column"], target["months"]) for one in every()])


@pytest.mark.parametrize("name", TARGETS["season_ratio"])
def test_share_of_fine_particles(name: str) -> None:
    target = TARGETS["season_ratio"][name]
    ratios = [
        season(*one, "pm25", target["months"]) / season(*one, "pm10", target["months"])
        for one in every()
    ]
    judge(name, target, ratios)


def weather(seed: int) -> dict[str, float]:
    own = hours(seed).filter(pl.col("station") == "9901S")
    wd = own["wd"].drop_nulls() % 360
    along = wd.is_between(0, 90) | wd.is_between(180, 270)
    raw: dict[str, Any] = {
        "temp_mean": own["temp"].mean(),
        "rain_year": own["rain"].sum() / 2,
        "wind_mean": own["ws"].mean(),
        "calm_share": (own["ws"] == 0).mean(),
        "axis_share": along.mean(),
    }
    return raw


@pytest.mark.parametrize("name", TARGETS["weather"])
def test_weather(name: str) -> None:
    judge(name, TARGETS["weather"][name], [weather(seed)[name] for seed in SEEDS])


@pytest.mark.parametrize("name", TARGETS["clock"])
def test_the_mean_day(name: str) -> None:
    pollutant, which = name.split("_")
    begun = (pl.col("time") - pl.duration(hours=1)).dt.convert_time_zone("Asia/Shanghai")
    day = hours(1).group_by(begun.dt.hour().alias("hour")).agg(pl.col(pollutant).mean())
    hour = day.sort(pollutant, descending=which == "highest")["hour"].item(0)
    low, high = TARGETS["clock"][name]["hours"]
    assert low <= hour <= high


@pytest.mark.parametrize("pollutant", TARGETS["stations"]["correlation"])
def test_stations_breathe_the_same_air(pollutant: str) -> None:
    low, high = TARGETS["stations"]["correlation"][pollutant]
    for seed in SEEDS[:2]:
        wide = hours(seed).pivot("station", index="time", values=pollutant).drop_nulls()
        pairs = combinations([c for c in wide.columns if c != "time"], 2)
        found = [wide.select(pl.corr(a, b)).item() for a, b in pairs]
        assert low <= min(found), (seed, pollutant, min(found))
        assert max(found) <= high, (pollutant, max(found))


def test_who_is_clean_and_who_is_not() -> None:
    target = TARGETS["stations"]
    for seed in SEEDS:
        daily = ev.daily(hours(seed), edition="2012")
        years = ev.period(daily, by="year", edition="2012").filter(pl.col("period") == "2026")
        order = years.sort("composite_index")["station"].to_list()
        assert order[0] == target["cleanest"]
        assert order[-1] in target["dirtiest"]
