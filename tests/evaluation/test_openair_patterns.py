"""Diurnal, weekly and yearly patterns against openair 3.1 ``timeVariation`` on mydata."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lantian.errors import InvalidArgumentError
from lantian.evaluation.distributions import normal_two_sided, student_t_quantile
from lantian.evaluation.patterns import diurnal, pattern, seasonal, weekly

from .openair_files import LONDON, array, mydata, reference, same

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@pytest.mark.parametrize("cycle", ["hour", "weekday", "month"])
def test_means_and_intervals_equal_openair(shared_data: Path, cycle: str) -> None:
    ours = pattern(mydata(shared_data), ["no2"], by=cycle, **LONDON)
    theirs = reference(shared_data, f"timeVariation_mydata_no2_{cycle}.csv")
    assert ours.height == theirs.height
    for mine, yours in (("mean", "mid"), ("lower", "min"), ("upper", "max")):
        same(array(ours, mine), array(theirs, yours))


def test_hours_of_weekdays_equal_openair_in_the_mean(shared_data: Path) -> None:
    ours = pattern(mydata(shared_data), ["no2"], by="hour_weekday", **LONDON)
    theirs = reference(shared_data, "timeVariation_mydata_no2_hour.weekday.csv").with_columns(
        weekday=pl.col("type").replace_strict(WEEKDAYS, range(1, 8), return_dtype=pl.Int64)
    )
    both = theirs.join(ours, left_on=["x", "weekday"], right_on=["hour", "weekday"])
    assert both.height == 7 * 24
    same(array(both, "mean"), array(both, "mid"))
    # Below 1,000 values openair draws an unseeded bootstrap of 100, which cannot be repeated; our
    # t interval is as wide to within what so few draws allow.
    assert both["n"].max() < 1000
    ratio = (both["max"] - both["min"]) / (both["upper"] - both["lower"])
    assert ratio.mean() == pytest.approx(1.0, abs=0.1)


def _two_days() -> pl.DataFrame:
    first = dt.datetime(2016, 1, 1, 1)
    time = [first + dt.timedelta(hours=k) for k in range(48)]
    return pl.DataFrame(
        {"time": time, "pm25": [float(k % 24) for k in range(48)], "wd": [10.0] * 48}
    ).with_columns(pl.col("time").dt.replace_time_zone("Asia/Shanghai"))


def test_hour_zero_is_the_one_labelled_one_o_clock_at_its_end() -> None:
    out = diurnal(_two_days())
    assert out["parameter"].unique().to_list() == ["pm25"]  # directions are left out
    assert out["hour"].to_list() == list(range(24))
    assert out["mean"].to_list() == [float(k) for k in range(24)]
    assert out["n"].to_list() == [2] * 24
    assert out["lower"].to_list() == out["mean"].to_list()  # both days alike


def test_weeks_begin_on_monday_and_winters_in_december() -> None:
    assert weekly(_two_days())["weekday"].to_list() == [5, 6]  # 1 January 2016 was a Friday
    assert seasonal(_two_days())["month"].to_list() == [1]
    assert seasonal(_two_days(), by="season")["season"].to_list() == [0]


def test_one_value_has_no_interval_and_none_no_row() -> None:
    frame = _two_days()[:3].with_columns(pm25=pl.Series([1.0, None, float("nan")]))
    out = diurnal(frame)
    assert out["hour"].to_list() == [0]
    assert out.select("lower", "upper").row(0) == (None, None)


def test_direction_and_bad_levels_are_told() -> None:
    with pytest.raises(InvalidArgumentError, match="no arithmetic mean"):
        diurnal(_two_days(), ["wd"])
    with pytest.raises(InvalidArgumentError, match="confidence level"):
        pattern(_two_days(), by="hour", confidence=95)
    with pytest.raises(InvalidArgumentError, match="not a value of by"):
        pattern(_two_days(), by="minute")


def test_cauchy_quantiles_are_exact() -> None:
    # With one degree of freedom the quantile is tan(pi (p - 1/2)); with two, a square root.
    for p in (0.6, 0.9, 0.975, 0.9995):
        assert student_t_quantile(p, 1) == pytest.approx(math.tan(math.pi * (p - 0.5)), rel=1e-12)
        two = (2 * p - 1) * math.sqrt(2 / (4 * p * (1 - p)))
        assert student_t_quantile(p, 2) == pytest.approx(two, rel=1e-12)
    assert student_t_quantile(0.025, 7) == -student_t_quantile(0.975, 7)


@pytest.mark.parametrize(
    ("freedom", "value"),
    [(5, 2.570581836), (10, 2.228138852), (30, 2.042272456), (120, 1.979930405)],
)
def test_quantiles_of_printed_tables(freedom: int, value: float) -> None:
    assert student_t_quantile(0.975, freedom) == pytest.approx(value, abs=6e-10)


def test_many_degrees_of_freedom_are_nearly_normal() -> None:
    assert student_t_quantile(0.975, 10**7) == pytest.approx(1.959963985, abs=5e-7)
    assert normal_two_sided(1.959963984540054) == pytest.approx(0.05, abs=1e-12)
    assert np.all(np.diff([student_t_quantile(0.975, k) for k in range(1, 60)]) < 0)
