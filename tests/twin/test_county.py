from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from shapely import Point
from shapely.geometry import shape

from lantian import twin
from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.observations import stations as st
from lantian.observations.parameters import PARAMETERS
from lantian.observations.schema import KEY, LONG, POLLUTANTS
from lantian.twin.months import block
from tests.twin.conftest import END

HOUR = timedelta(hours=1)
WEATHER = ("ws", "wd", "temp", "rh", "pres", "rain")


def test_the_frame_is_long_and_never_nan(county: twin.County) -> None:
    frame = county.measurements
    assert dict(frame.schema) == LONG
    assert not frame["value"].is_nan().any()
    assert frame.null_count().sum_horizontal().item() == 0
    assert not frame.select(KEY).is_duplicated().any()
    assert frame["time"].min() == county.start + HOUR
    assert frame["time"].max() == county.end == END
    assert county.start == datetime(2024, 11, 23, tzinfo=UTC)
    # two years of 14 stations and 12 parameters, and some gaps
    assert 0.97 < frame.height / (730 * 24 * 14 * 12) < 0.995
    assert frame["station"].is_sorted()
    one = frame.filter(pl.col("station") == "9905S", pl.col("parameter") == "so2")
    assert one["time"].is_sorted()
    units = frame.select("parameter", "unit").unique().sort("parameter")
    assert dict(units.iter_rows()) == {p: PARAMETERS[p].unit for p in (*POLLUTANTS, *WEATHER)}


def test_values_are_as_instruments_report_them(county: twin.County) -> None:
    frame = county.measurements
    tenths = ["co", "ws", "temp", "pres", "rain"]
    fine = frame.filter(pl.col("parameter").is_in(tenths))["value"]
    assert (fine == fine.round(1)).all()
    whole = frame.filter(~pl.col("parameter").is_in(tenths))["value"]
    assert (whole == whole.round(0)).all()
    wide = frame.filter(pl.col("parameter").is_in(WEATHER)).pivot(
        "parameter", index=["station", "time"], values="value"
    )
    assert wide["rh"].is_between(10, 100).all()
    assert wide["wd"].drop_nulls().is_between(1, 360).all()
    # a calm has a speed of 0 and no direction
    assert (
        wide.filter(pl.col("ws") == 0)["wd"].null_count() == wide.filter(pl.col("ws") == 0).height
    )
    assert wide.filter(pl.col("ws") > 0)["wd"].null_count() == 0


def test_the_same_seed_gives_the_same_bytes(county: twin.County) -> None:
    kept = county.measurements.write_ipc(None).getvalue()
    block.cache_clear()
    again = twin.simulate(seed=1, end=END)
    assert again.measurements.write_ipc(None).getvalue() == kept
    assert again.truth.events.equals(county.truth.events)
    other = twin.simulate(seed=2, end=END).hours(END - 24 * HOUR, END)
    assert not other["value"].equals(county.hours(END - 24 * HOUR, END)["value"])


@pytest.mark.parametrize("more", [1, 25, 24 * 40])
def test_a_later_end_changes_no_earlier_hour(county: twin.County, more: int) -> None:
    block.cache_clear()
    later = twin.simulate(seed=1, end=END + more * HOUR)
    before = later.measurements.filter(pl.col("time") <= END)
    same = county.measurements.filter(pl.col("time") > later.start)
    assert before.equals(same)
    old = county.truth.events.filter(pl.col("end") > later.start)
    assert later.truth.events.filter(pl.col("start") < END).equals(old)


def test_hours_can_be_made_one_by_one_and_go_beyond_the_end(county: twin.County) -> None:
    start = datetime(2026, 10, 31, 10, tzinfo=UTC)  # over the end of a local month
    single = pl.concat([county.hours(start + n * HOUR, start + (n + 1) * HOUR) for n in range(12)])
    whole = county.hours(start, start + 12 * HOUR)
    order = ["station", "parameter", "time"]
    assert single.sort(order).equals(whole.sort(order))
    assert county.hours(END, END + HOUR)["time"].unique().to_list() == [END + HOUR]
    assert county.hours(END, END).schema == pl.Schema(LONG)
    # the part of an hour that has begun is left out
    assert twin.simulate(seed=1, end=END + timedelta(minutes=59)).end == END


def test_the_month_boundary_does_not_show(county: twin.County) -> None:
    midnight = datetime(2025, 12, 31, 16, tzinfo=UTC)  # 1 January, 0:00 in Shanghai
    own = pl.col("parameter").is_in(["temp", "pres", "pm25"])
    hours = county.hours(midnight - 4 * HOUR, midnight + 4 * HOUR).filter(own)
    jumps = hours.sort("time").with_columns(
        pl.col("value").diff().abs().over("station", "parameter").alias("jump")
    )
    by_time = jumps.drop_nulls().group_by("time").agg(pl.col("jump").median()).sort("time")
    assert by_time["jump"].max() < 6


def test_the_register_is_one_that_the_store_takes(county: twin.County) -> None:
    register = county.register
    assert st.conform(register).equals(register)
    assert register.height == 14
    assert register["kind"].value_counts().sort("kind").rows() == [
        ("national", 2),
        ("township", 12),
    ]
    assert register["operator"].unique().to_list() == ["simulated (模拟)"]
    assert register["city"].unique().to_list() == ["示范县（模拟）"]
    assert register["name"].n_unique() == 14
    assert register["lon"].is_between(114, 115).all()
    assert register["lat"].is_between(35, 36).all()


def test_the_towns_fill_the_county_and_hold_their_stations(county: twin.County) -> None:
    features = county.territories["features"]
    whole = shape(features[0]["geometry"])
    towns = {f["properties"]["name"]: shape(f["geometry"]) for f in features[1:]}
    assert len(towns) == 12
    assert all(t.is_valid for t in towns.values())
    assert sum(t.area for t in towns.values()) == pytest.approx(whole.area, rel=1e-3)
    for row in county.register.iter_rows(named=True):
        assert towns[row["town"]].contains(Point(row["lon"], row["lat"])), row["name"]
    for row in county.truth.emissions.iter_rows(named=True):
        assert towns[row["town"]].contains(Point(row["lon"], row["lat"])), row["name"]


def test_it_says_simulated_everywhere(county: twin.County) -> None:
    assert "模拟" in county.name
    assert county.measurements["source"].unique().to_list() == ["simulated"]
    assert county.truth.events["source"].unique().to_list() == ["simulated"]
    assert county.truth.emissions["source"].unique().to_list() == ["simulated"]
    assert county.truth.emissions["name"].str.contains("模拟").all()
    assert county.truth.dust_days["decision"].str.contains("模拟").all()
    assert {f["properties"]["source"] for f in county.territories["features"]} == {"simulated"}


def test_shares_add_up_to_what_was_reported(county: twin.County) -> None:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 20, tzinfo=UTC)
    part = twin.County(1, start, end, "Asia/Shanghai")
    faulty = part.truth.events.filter(pl.col("family") == "instrument")["station"].to_list()
    for parameter, digits in (("pm25", 0), ("co", 1), ("o3", 0)):
        shares = part.truth.contributions(parameter)
        total = shares.group_by("station", "time").agg(pl.col("value").sum().alias("true"))
        seen = part.measurements.filter(
            pl.col("parameter") == parameter, ~pl.col("station").is_in(faulty)
        ).join(total, on=["station", "time"])
        assert seen.height > 1000
        off = (seen["value"] - seen["true"]).abs().max()
        assert off <= 0.5 * 10.0**-digits + 1e-9
    assert shares["emission"].unique().sort().to_list() == ["background", "dust"]  # nobody emits O3


def test_a_source_is_felt_downwind_of_it(county: twin.County) -> None:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    part = twin.County(1, start, end, "Asia/Shanghai")
    # 丙镇's concrete plant lies north-east of its station
    share = part.truth.contributions("pm10", station_ids=["9907S"]).filter(
        pl.col("emission") == "SRC-01"
    )
    wind = part.measurements.filter(pl.col("station") == "9907S", pl.col("parameter") == "wd")
    both = share.join(wind.select("time", pl.col("value").alias("wd")), on="time")
    north_east = both.filter(pl.col("wd").is_between(30, 65))["value"].mean()
    south_west = both.filter(pl.col("wd").is_between(200, 250))["value"].mean()
    assert isinstance(north_east, float)
    assert isinstance(south_west, float)
    assert north_east > 5 * south_west
    assert (share["value"] >= 0).all()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: twin.simulate(seed=-1, end=END), "twin.bad_seed"),
        (lambda: twin.simulate(seed=1, end=END, years=0), "twin.bad_years"),
        (lambda: twin.simulate(seed=1, end=END.replace(tzinfo=None)), "twin.naive_time"),
        (lambda: twin.simulate(seed=1, end=END, years=40), "twin.before_epoch"),
        (lambda: twin.simulate(seed=1, end=END, zone="Asia/Nowhere"), "twin.unknown_zone"),
    ],
)
def test_what_cannot_be_simulated(call: object, code: str) -> None:
    assert callable(call)
    with pytest.raises(InvalidArgumentError) as caught:
        call()
    assert caught.value.code == code


def test_unknown_names_in_the_truth(county: twin.County) -> None:
    with pytest.raises(UnknownNameError, match="no pollutant 'pm1'; use one of pm25"):
        county.truth.contributions("pm1")
    with pytest.raises(UnknownNameError, match="no station '1001A'"):
        county.truth.contributions("pm25", station_ids=["1001A"])


def test_a_year_from_the_29th_of_february_and_another_zone() -> None:
    leap = twin.simulate(
        seed=3, end=datetime(2024, 2, 29, 5, tzinfo=UTC), years=1, zone="Europe/Berlin"
    )
    assert leap.start == datetime(2023, 2, 28, 5, tzinfo=UTC)
    hours = leap.hours(leap.end - 30 * HOUR, leap.end)
    assert hours["time"].n_unique() == 30
