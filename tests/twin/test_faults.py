from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from lantian import evaluation as ev
from lantian import twin
from lantian.observations.schema import POLLUTANTS
from lantian.twin.plan import section

ABSENT = ("outage", "clock_gap", "long_outage")


def events(county: twin.County, *kinds: str) -> list[dict[str, Any]]:
    found = county.truth.events.filter(pl.col("kind").is_in(kinds))
    return list(found.iter_rows(named=True))


def window(
    county: twin.County, event: dict[str, Any], parameter: str | None = None
) -> pl.DataFrame:
    rows = county.hours(event["start"], event["end"]).filter(pl.col("station") == event["station"])
    return rows if parameter is None else rows.filter(pl.col("parameter") == parameter)


@pytest.mark.parametrize(
    "kind",
    [
        "haze", "ozone", "dust", "burning", "release", "outage", "long_outage", "clock_gap",
        "stuck", "spike", "zero_drift", "inversion",
    ],
)  # fmt: skip
def test_every_kind_of_event_happens(county: twin.County, kind: str) -> None:
    found = events(county, kind)
    assert found
    for event in found:
        assert event["end"] > event["start"]
        assert (event["family"] == "instrument") == (event["station"] is not None)
        assert (event["family"] == "emission") == (event["emission"] is not None)
    assert county.truth.events["event"].is_unique().all()


def test_nothing_arrives_during_an_outage(county: twin.County) -> None:
    for event in events(county, *ABSENT):
        assert window(county, event).is_empty(), event


def test_a_stuck_instrument_repeats_one_value(county: twin.County) -> None:
    for event in events(county, "stuck"):
        values = window(county, event, event["parameters"])["value"]
        assert len(values) == event["hours"] >= 9, event
        assert values.n_unique() == 1, event


def test_a_spike_stands_out(county: twin.County) -> None:
    least = section("faults", "spike")["up"]
    for event in events(county, "spike"):
        (value,) = window(county, event, event["parameters"])["value"].to_list()
        assert value >= least[event["parameters"]], event


def test_a_clogged_inlet_puts_pm10_below_pm25(county: twin.County) -> None:
    for event in events(county, "inversion"):
        wide = window(county, event).pivot("parameter", index="time", values="value")
        assert wide.height == event["hours"]
        assert (wide["pm10"] <= wide["pm25"]).all(), event
        assert (wide["pm10"] < wide["pm25"]).mean() > 0.6, event


def test_a_sinking_zero_goes_below_zero(county: twin.County) -> None:
    found = events(county, "zero_drift")
    below = [(window(county, e, e["parameters"])["value"] < 0).any() for e in found]
    assert sum(below) >= len(found) / 2


def test_without_a_fault_pm25_is_below_pm10_and_nothing_is_negative(county: twin.County) -> None:
    faulty = county.truth.events.filter(pl.col("family") == "instrument").select(
        "station",
        pl.datetime_ranges(pl.col("start"), pl.col("end"), "1h", closed="right").alias("time"),
    )
    pollutants = county.measurements.filter(pl.col("parameter").is_in(POLLUTANTS)).join(
        faulty.explode("time"), on=["station", "time"], how="anti"
    )
    assert (pollutants["value"] > 0).all()
    wide = pollutants.filter(pl.col("parameter").is_in(["pm25", "pm10"])).pivot(
        "parameter", index=["station", "time"], values="value"
    )
    assert (wide["pm25"] <= wide["pm10"]).drop_nulls().all()


def test_sand_dust_days_carry_a_decision_and_show(county: twin.County) -> None:
    days = county.truth.dust_days
    assert days.height >= 2
    assert days["start"].dt.month().is_in([3, 4, 5]).all()
    assert days["decision"].is_unique().all()
    hourly = ev.hourly(county.measurements)
    daily = ev.daily(hourly, edition="2012")
    # the day after the start is in every event; its PM10 is far above the usual spring
    usual = daily.filter(pl.col("date").dt.month().is_in([3, 4, 5]))["pm10"].median()
    for row in days.iter_rows(named=True):
        hit = daily.filter(pl.col("date").is_between(row["start"], row["end"]))
        assert isinstance(usual, float)
        assert hit["pm10"].max() > 1.8 * usual  # type: ignore[operator]
    deducted = ev.deduct_dust(daily, days)
    assert deducted["dust_decision"].drop_nulls().str.contains("模拟").all()


def test_the_months_that_cannot_be_ranked(county: twin.County) -> None:
    hourly = ev.hourly(county.measurements)
    daily = ev.daily(hourly, edition="2026-transition")
    months = ev.period(daily, by="month", edition="2026-transition")
    whole = months.filter(pl.col("end") < date(2026, 11, 1), pl.col("start") > date(2024, 11, 30))
    bad = (
        whole.filter(~pl.col("pm25_valid")).sort("period").select("station", "period", "pm25_days")
    )
    pairs = [(station, period) for station, period, _days in bad.iter_rows()]
    assert pairs == [
        ("9904S", "2025-04"), ("9904S", "2025-10"), ("9913S", "2026-04"), ("9913S", "2026-10"),
    ]  # fmt: skip
    assert bad["pm25_days"].is_between(17, 23).all()
    october = ev.rank(months.filter(pl.col("period") == "2026-10"))
    left_out = october.filter(pl.col("excluded"))
    assert left_out["station"].to_list() == ["9913S"]
    assert left_out["reason"].str.contains("pm25").all()
