"""Time averages against openair 3.1 ``timeAverage`` on mydata, and where we differ on purpose."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from lantian.errors import InvalidArgumentError
from lantian.evaluation.averages import time_average

from .openair_files import LONDON, array, mydata, reference, same

# openair: data.thresh = 75, every direction as it is written.
AS_OPENAIR = {**LONDON, "min_capture": 0.75, "calm": None}
VECTOR = {"wind": "speed", "ws": "vector"}
POLLUTANTS = ["nox", "no2", "o3", "pm10", "so2", "co", "pm25"]


def _joined(shared_data: Path, name: str, **options: object) -> pl.DataFrame:
    """The reference beside ours, whole periods only."""
    ours = time_average(mydata(shared_data), **{**AS_OPENAIR, **options})
    theirs = reference(shared_data, f"timeAverage_mydata_{name}.csv")
    assert ours.height == theirs.height
    ours = ours.with_columns(pl.col("start", "end").dt.replace_time_zone(None))
    both = theirs.join(ours, left_on="date", right_on="start", suffix="_ours")
    assert both.height == theirs.height
    return both.filter(
        pl.col("date") >= dt.datetime(1998, 1, 1), pl.col("end") <= dt.datetime(2005, 6, 23)
    )


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("day", {"every": "day"}),
        ("month", {"every": "month"}),
        ("season", {"every": "season"}),
        ("year", {"every": "year"}),
        ("day_vectorws", {"every": "day", **VECTOR}),
        ("month_vectorws", {"every": "month", **VECTOR}),
        ("year_vectorws", {"every": "year", **VECTOR}),
    ],
)
def test_means_equal_openair_on_whole_periods(
    shared_data: Path, name: str, options: dict[str, object]
) -> None:
    both = _joined(shared_data, name, **options)
    for column in ["ws", "wd", *POLLUTANTS]:
        same(array(both, f"{column}_ours"), array(both, column))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("day_max", {"every": "day", "statistic": "max"}),
        ("month_p90", {"every": "month", "statistic": "percentile", "percentile": 90}),
    ],
)
def test_other_statistics_equal_openair_but_directions_have_none(
    shared_data: Path, name: str, options: dict[str, object]
) -> None:
    both = _joined(shared_data, name, **options)
    for column in ["ws", *POLLUTANTS]:
        same(array(both, f"{column}_ours"), array(both, column))
    # openair gives a largest direction, and for percentiles the angle of two percentiles.
    assert both["wd"].null_count() < both.height
    assert both["wd_ours"].null_count() == both.height


def test_percentiles_equal_calc_percentile(shared_data: Path) -> None:
    theirs = reference(shared_data, "calcPercentile_mydata_o3_year.csv")
    for name in [c for c in theirs.columns if c.startswith("percentile.")]:
        ours = time_average(
            mydata(shared_data).select("time", "o3"),
            every="year",
            statistic="percentile",
            percentile=float(name.removeprefix("percentile.")),
            **LONDON,
        )
        same(array(ours, "o3"), array(theirs, name))


def test_data_capture_is_a_fraction_of_all_expected_hours(shared_data: Path) -> None:
    # openair documents per cent and returns the fraction of the ROWS; ours is the fraction of the
    # hours of the whole month, which differs in the last month only (the record ends on the 23rd).
    ours = time_average(mydata(shared_data), every="month", statistic="data_capture", **LONDON)
    theirs = reference(shared_data, "timeAverage_mydata_month_datacap.csv")
    for column in ["ws", "wd", *POLLUTANTS]:
        same(array(ours, column)[:-1], array(theirs, column)[:-1])
    assert theirs["wd"][-1] == 1.0
    assert ours["wd"][-1] == pytest.approx((22 * 24 + 13) / 720, abs=1e-12)
    assert ours["expected"][-1] == 720


@pytest.mark.parametrize(("name", "every"), [("day", "day"), ("month", "month"), ("year", "year")])
def test_partial_last_period_fails_the_threshold(shared_data: Path, name: str, every: str) -> None:
    # openair lets the begun day, month (75.1 % at best) and year pass: it only sees their rows.
    ours = time_average(mydata(shared_data), every=every, **AS_OPENAIR)
    theirs = reference(shared_data, f"timeAverage_mydata_{name}.csv")
    assert theirs["no2"][-1] is not None
    assert ours["no2"][-1] is None


def test_partial_first_season_fails_the_threshold(shared_data: Path) -> None:
    ours = time_average(mydata(shared_data), every="season", **AS_OPENAIR)
    theirs = reference(shared_data, "timeAverage_mydata_season.csv")
    assert theirs["date"][0] == dt.datetime(1997, 12, 1)
    assert theirs["no2"][0] is not None
    assert ours["expected"][0] == 90 * 24
    assert ours["no2"][0] is None


def test_mean_direction_leaves_calms_out(shared_data: Path) -> None:
    frame = mydata(shared_data)
    calm = frame.filter(pl.col("ws") == 0, pl.col("wd").is_not_null())
    assert calm.height == 37  # openair averages these in, 13 of them as winds from the north
    ours = time_average(frame, **LONDON).with_columns(pl.col("start").dt.date())
    without = time_average(
        frame.with_columns(
            wd=pl.when(pl.col("ws") > 0).then("wd").when(pl.col("ws").is_null()).then("wd")
        ),
        calm=None,
        **LONDON,
    )
    same(array(ours, "wd"), array(without, "wd"))
    theirs = reference(shared_data, "timeAverage_mydata_day.csv")
    days = calm["time"].dt.date().unique()
    touched = ours["start"].is_in(days.implode())
    gap = np.abs(array(ours, "wd") - array(theirs, "wd"))
    assert np.nanmax(gap[~touched.to_numpy()]) < 1e-9
    assert (gap[touched.to_numpy()] > 1e-9).sum() == touched.sum()


def _frame(**columns: list[float | None]) -> pl.DataFrame:
    n = len(next(iter(columns.values())))
    first = dt.datetime(2016, 1, 1, 1)
    time = [first + dt.timedelta(hours=k) for k in range(n)]
    return pl.DataFrame({"time": time, **columns}).with_columns(
        pl.col("time").dt.replace_time_zone("Asia/Shanghai")
    )


def test_unit_and_speed_weighting_say_different_things() -> None:
    frame = _frame(ws=[1.0, 9.0], wd=[90.0, 180.0])
    unit, speed = (time_average(frame, wind=w)["wd"][0] for w in ("unit", "speed"))
    assert unit == pytest.approx(135.0)
    assert speed == pytest.approx(180.0 - np.degrees(np.arctan(1 / 9)))


def test_north_is_360_and_cancelled_winds_have_no_direction() -> None:
    assert time_average(_frame(ws=[2.0, 2.0], wd=[350.0, 10.0]))["wd"][0] == pytest.approx(360.0)
    assert time_average(_frame(ws=[2.0], wd=[0.0]))["wd"][0] == 360.0
    # openair returns the angle of rounding errors here.
    assert time_average(_frame(ws=[2.0, 2.0], wd=[90.0, 270.0]))["wd"][0] is None


def test_a_calm_day_has_speed_but_no_direction() -> None:
    out = time_average(_frame(ws=[0.0] * 24, wd=[0.0] * 24), ws="vector", min_capture=1.0)
    assert out["ws"][0] == 0.0
    assert out["wd"][0] is None


def test_end_labels_belong_to_the_day_they_end() -> None:
    frame = _frame(o3=[float(k) for k in range(1, 25)])  # labelled 01:00 … 24:00
    by_end = time_average(frame)
    assert by_end["start"].to_list() == [frame["time"][0] - dt.timedelta(hours=1)]
    assert by_end["o3"].to_list() == [12.5]
    assert time_average(frame, label="start").height == 2


def test_absent_rows_and_days_count_as_missing() -> None:
    frame = _frame(o3=[1.0] * 96)
    gappy = pl.concat([frame[:20], frame[72:]])
    out = time_average(gappy, min_capture=0.75)
    assert out["o3"].to_list() == [1.0, None, None, 1.0]
    assert out["expected"].to_list() == [24] * 4
    assert time_average(gappy, statistic="frequency")["o3"].to_list() == [20, 0, 0, 24]
    capture = time_average(gappy, statistic="data_capture")["o3"].to_list()
    assert capture == [20 / 24, 0.0, 0.0, 1.0]
    assert time_average(gappy, min_capture=0.9)["o3"].to_list() == [None, None, None, 1.0]


def test_days_have_the_hours_their_clocks_had() -> None:
    start = dt.datetime(2016, 3, 26, 23, tzinfo=dt.UTC)
    frame = pl.DataFrame(
        {"time": [start + dt.timedelta(hours=k) for k in range(1, 24)], "x": [1.0] * 23}
    )
    out = time_average(frame, zone="Europe/London", min_capture=1.0)
    # 27 March 2016 begins at 00:00 UTC and loses an hour at 01:00.
    assert out["expected"].to_list() == [24, 23]
    assert out["x"].to_list() == [None, None]
    whole = frame.with_columns(pl.col("time") + pl.duration(hours=1))
    assert time_average(whole, zone="Europe/London", min_capture=1.0)["x"].to_list() == [1.0]


@pytest.mark.parametrize(
    ("every", "starts"),
    [
        ("12h", ["2016-01-01 00", "2016-01-01 12"]),
        ("week", ["2015-12-28 00"]),
        ("quarter", ["2016-01-01 00"]),
        ("season", ["2015-12-01 00"]),
    ],
)
def test_periods_begin_where_the_calendar_says(every: str, starts: list[str]) -> None:
    out = time_average(_frame(x=[1.0] * 24), every=every)
    assert out["start"].dt.to_string("%Y-%m-%d %H").to_list() == starts


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        ("sum", 6.0),
        ("median", 1.5),
        ("min", 0.5),
        ("max", 4.0),
        ("std", np.std([0.5, 1.5, 4], ddof=1)),
    ],
)
def test_statistics_of_three_values(statistic: str, value: float) -> None:
    out = time_average(_frame(x=[0.5, None, 4.0, 1.5]), statistic=statistic)
    assert out["x"][0] == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"every": "5h"}, "evaluation.unknown_period"),
        ({"every": "fortnight"}, "evaluation.unknown_period"),
        ({"statistic": "mode"}, "evaluation.unknown_choice"),
        ({"min_capture": 75}, "evaluation.not_a_fraction"),
        ({"label": "middle"}, "evaluation.unknown_choice"),
    ],
)
def test_bad_arguments_are_told(options: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        time_average(_frame(x=[1.0]), **options)
    assert caught.value.code == code


def test_unusable_times_are_told() -> None:
    frame = _frame(x=[1.0, 2.0])
    cases = {
        "evaluation.naive_time": frame.with_columns(pl.col("time").dt.replace_time_zone(None)),
        "evaluation.not_hourly": frame.with_columns(pl.col("time") + pl.duration(minutes=30)),
        "evaluation.hour_twice": pl.concat([frame, frame]),
        "evaluation.missing_column": frame.drop("time"),
    }
    for code, bad in cases.items():
        with pytest.raises(InvalidArgumentError) as caught:
            time_average(bad)
        assert caught.value.code == code
    with pytest.raises(InvalidArgumentError, match="needs the column ws"):
        time_average(_frame(wd=[1.0]), wind="speed")


def test_no_rows_give_no_rows() -> None:
    out = time_average(_frame(x=[1.0]).clear().with_columns(pl.lit("a").alias("station")))
    assert out.columns == ["station", "start", "end", "expected", "x"]
    assert out.height == 0


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), chunk=st.integers(1, 40))
def test_row_order_and_chunks_change_no_digit(seed: int, chunk: int) -> None:
    rng = np.random.default_rng(seed)
    one = _frame(
        x=list(rng.lognormal(3, 1, 100)),
        ws=list(rng.random(100)),
        wd=list(rng.uniform(0, 360, 100)),
    )
    frame = pl.concat([one.with_columns(station=pl.lit(s)) for s in ("b", "a")])
    shuffled = frame[rng.permutation(frame.height)]
    pieces = pl.concat(
        [shuffled[k : k + chunk] for k in range(0, frame.height, chunk)], rechunk=False
    )
    for statistic in ("mean", "std", "percentile", "sum"):
        expected = time_average(frame, statistic=statistic)
        assert_frame_equal(time_average(pieces, statistic=statistic), expected, check_exact=True)
