"""Roses against openair 3.1 on mydata, and where we differ on purpose."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lantian.errors import InvalidArgumentError
from lantian.evaluation.polar import percentile_rose, polar_frequency
from lantian.evaluation.roses import pollution_rose, round_breaks, wind_rose

from .openair_files import array, mydata, reference, same

ROSE_CLASSES, POLLUTION_CLASSES = 4, 8


def test_wind_rose_equals_openair(shared_data: Path) -> None:
    rose = wind_rose(mydata(shared_data), sectors=12, basis="observed")
    ours, theirs = rose.wide().sort("direction"), reference(shared_data, "windRose_mydata.csv")
    assert ours["direction"].to_list() == theirs["wd"].to_list()
    assert ours["freqs"].to_list() == theirs["freqs"].to_list()
    for k in range(1, ROSE_CLASSES + 1):
        same(array(ours, f"Interval{k}"), array(theirs, f"Interval{k}"))
    assert f"{rose.summary['mean'][0]:.4f}" == str(theirs["panel.fun"][0])


def test_pollution_rose_equals_openair(shared_data: Path) -> None:
    # openair's first class has no lower limit in it, so it loses the hours at exactly 0.
    frame = mydata(shared_data)
    breaks = pollution_rose(frame, "nox").breaks
    without = frame.with_columns(nox=pl.when(pl.col("nox") != 0).then("nox"))
    rose = pollution_rose(without, "nox", sectors=12, basis="observed", breaks=breaks)
    ours = rose.wide().sort("direction")
    theirs = reference(shared_data, "pollutionRose_mydata_nox.csv")
    for k in range(1, POLLUTION_CLASSES + 1):
        same(array(ours, f"Interval{k}"), array(theirs, f"Interval{k}"))


def test_hours_at_the_lowest_limit_are_counted(shared_data: Path) -> None:
    frame = mydata(shared_data)
    zero = frame.filter(pl.col("nox") == 0, pl.col("wd").is_not_null(), pl.col("ws") > 0)
    rose = pollution_rose(frame, "nox", sectors=12, basis="observed")
    theirs = reference(shared_data, "pollutionRose_mydata_nox.csv")
    lost = rose.table["share"].sum() - theirs[f"Interval{POLLUTION_CLASSES}"].sum()
    assert zero.height == 181
    assert lost == pytest.approx(100 * 181 / rose.summary["hours"][0], abs=1e-9)


def test_hours_without_direction_are_not_calm(shared_data: Path) -> None:
    # openair reports 0.3 % calm: 37 calm hours and 176 whose direction is missing.
    summary = wind_rose(mydata(shared_data), sectors=12, basis="observed").summary
    theirs = reference(shared_data, "windRose_mydata.csv")["calm"][0]
    calm, undirected, hours = (summary[c][0] for c in ("calm", "undirected", "hours"))
    assert (calm, undirected, hours) == (37, 176, 64901)
    assert theirs == round(100 * (calm + undirected) / hours, 1) == 0.3
    assert summary["calm_share"][0] == pytest.approx(100 * 37 / 64901, abs=1e-12)


def test_mean_direction_of_a_rose_knows_no_minus_999(shared_data: Path) -> None:
    # openair marks calms as direction −999 and averages that angle too, over rounded directions.
    frame = mydata(shared_data).filter(pl.col("ws").is_not_null(), pl.col("wd").is_not_null())
    sector = np.ceil(frame["wd"].to_numpy() / 30 - 0.5) * 30
    marked = np.where(frame["ws"].to_numpy() == 0, -999.0, np.where(sector == 0, 360, sector))
    angle = np.deg2rad(marked)
    wrong = np.rad2deg(np.arctan2(np.sin(angle).mean(), np.cos(angle).mean()))
    theirs = reference(shared_data, "windRose_mydata.csv")["mean.wd"][0]
    assert round(wrong, 1) == theirs == -118.3
    right = frame.filter(pl.col("ws") > 0)["wd"].radians().to_numpy()
    expected = np.rad2deg(np.arctan2(np.sin(right).mean(), np.cos(right).mean())) % 360
    ours = wind_rose(mydata(shared_data)).summary["mean_direction"][0]
    assert ours == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("sectors", [8, 12, 16, 36])
def test_shares_and_calm_add_up(shared_data: Path, sectors: int) -> None:
    for rose in (
        wind_rose(mydata(shared_data), sectors=sectors),
        pollution_rose(mydata(shared_data), "no2", sectors=sectors),
    ):
        total = rose.table["share"].sum() + rose.summary["calm_share"][0]
        assert total == pytest.approx(100.0, abs=1e-9)
        assert rose.table["n"].sum() == rose.summary["placed"][0]


def test_sixteen_sectors_of_rounded_directions_are_corrected() -> None:
    # Each ten degrees once: N, E, S, W hold three of them and the others two.
    tens = [float(d) for d in range(10, 370, 10)]
    frame = pl.DataFrame({"wd": tens, "ws": [3.0] * 36})
    raw = wind_rose(frame, correct=False).wide()
    assert sorted(raw["freqs"].unique()) == [2, 3]
    rose = wind_rose(frame)
    assert rose.summary["corrected"][0]
    per_sector = rose.wide()[f"Interval{ROSE_CLASSES - 1}"].to_numpy()
    np.testing.assert_allclose(per_sector, 100 / 16)
    exact = wind_rose(frame.with_columns(wd=pl.col("wd") + 0.5))
    assert not exact.summary["corrected"][0]


def test_percentile_rose_equals_openair(shared_data: Path) -> None:
    # openair drops the calms that are written as north only.
    frame = mydata(shared_data).filter(
        ~((pl.col("ws") == 0) & (pl.col("wd") == 0)).fill_null(value=False)
    )
    levels = [0, 25, 50, 75, 90, 95]
    ours = percentile_rose(frame, "so2", percentiles=levels, sectors=36, calm=None)
    theirs = reference(shared_data, "percentileRose_mydata_so2.csv").filter(
        pl.col("id") % 2 == 1, pl.col("wd") > 0
    )
    for level, column in [*((k, f"p{k}") for k in levels), (999, "mean")]:
        want = theirs.filter(pl.col("percentile") == level).select(
            pl.col("wd").cast(pl.Float64) + 5.0, "so2"
        )
        both = want.join(ours, left_on="wd", right_on="direction", how="left")
        assert both.height == 36
        same(array(both, column), array(both, "so2"))


def test_polar_frequency_equals_openair(shared_data: Path) -> None:
    ours = polar_frequency(mydata(shared_data), "so2")
    theirs = reference(shared_data, "polarFreq_mydata_so2.csv").select(
        pl.when(pl.col("wd") == 0)
        .then(360.0)
        .otherwise(pl.col("wd").cast(pl.Float64))
        .alias("direction"),
        pl.col("ws").cast(pl.Float64).alias("speed"),
        "weights",
    )
    both = theirs.join(ours, on=["direction", "speed"])
    assert both.height == theirs.height == ours.height
    same(array(both, "value"), array(both, "weights"))


def test_lone_hours_can_be_left_out(shared_data: Path) -> None:
    every = polar_frequency(mydata(shared_data), "so2")
    some = polar_frequency(mydata(shared_data), "so2", min_hours=4)
    assert some.height == every.filter(pl.col("n") >= 4).height < every.height
    parts = polar_frequency(mydata(shared_data), "so2", statistic="contribution")
    assert parts["value"].sum() == pytest.approx(100.0)
    counts = polar_frequency(mydata(shared_data), statistic="frequency")
    assert counts["value"].to_list() == [float(n) for n in counts["n"]]


def _two_stations() -> pl.DataFrame:
    rng = np.random.default_rng(7)
    n = 400
    first = dt.datetime(2016, 1, 1, tzinfo=dt.UTC)
    one = pl.DataFrame(
        {
            "time": [first + dt.timedelta(hours=k) for k in range(n)],
            "ws": rng.gamma(2, 1.2, n).round(1),
            "wd": rng.uniform(0, 360, n),
            "pm25": rng.lognormal(4, 0.6, n).round(),
        }
    )
    return pl.concat([one.with_columns(station=pl.lit("b")), one.with_columns(station=pl.lit("a"))])


def test_stations_apart_and_row_order_aside() -> None:
    frame = _two_stations()
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=1)
    for make in (
        lambda f: wind_rose(f).table,
        lambda f: wind_rose(f).summary,
        lambda f: pollution_rose(f, "pm25").table,
        lambda f: percentile_rose(f, "pm25"),
        lambda f: polar_frequency(f, "pm25"),
    ):
        ours = make(frame)
        assert_frame_equal(make(shuffled), ours, check_exact=True)
        alone = make(frame.filter(pl.col("station") == "a"))
        assert_frame_equal(ours.filter(pl.col("station") == "a"), alone, check_exact=True)


@pytest.mark.parametrize(
    ("low", "high", "limits"),
    [
        (0.0, 350.0, [0.0, 50.0, 100.0, 150.0, 200.0, 250.0, 300.0, 350.0]),
        (0.0, 10.0, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]),
        (3.2, 3.9, [3.2, 3.3, 3.4, 3.5, 3.6, 3.7, 3.8, 3.9]),
        (5.0, 5.0, [5.0, 6.0]),
    ],
)
def test_round_breaks(low: float, high: float, limits: list[float]) -> None:
    assert round_breaks(low, high, 6) == pytest.approx(limits)


def test_bad_arguments_are_told() -> None:
    frame = _two_stations()
    for call, code in [
        (lambda: wind_rose(frame, breaks=[2.0, 1.0]), "evaluation.breaks"),
        (lambda: wind_rose(frame.drop("wd")), "evaluation.missing_column"),
        (lambda: pollution_rose(frame.with_columns(pm25=None), "pm25"), "evaluation.no_values"),
        (lambda: polar_frequency(frame), "evaluation.no_column"),
        (lambda: polar_frequency(frame, "pm25", speed_step=0.0), "evaluation.speed_step"),
        (lambda: percentile_rose(frame, "pm25", percentiles=[101]), "evaluation.percentile"),
    ]:
        with pytest.raises(InvalidArgumentError) as caught:
            call()
        assert caught.value.code == code
