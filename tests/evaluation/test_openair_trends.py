"""Trends against openair 3.1 ``TheilSen``, with its bootstrap samples, and the rank tests."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lantian.errors import InvalidArgumentError
from lantian.evaluation import stl as decomposition
from lantian.evaluation.averages import time_average
from lantian.evaluation.timeframe import Floats
from lantian.evaluation.trends import deseasonalise, mann_kendall, spearman, theil_sen

from .openair_files import (
    LONDON,
    TOLERANCE,
    array,
    beijing_months,
    bootstrap,
    mydata,
    reference,
    same,
)

NUMBERS = [
    *("slope", "lower", "upper", "intercept", "intercept_lower", "intercept_upper", "p"),
    *("slope_percent", "lower_percent", "upper_percent"),
]
CASES = {
    "mydata_no2_deseason": "n90",
    "mydata_no2": "n90",
    "mydata_pm25_deseason": "n86",
    "dongsi_no2_deseason": "n48",
    "dongsi_pm25_deseason": "n48",
    "dongsi_pm25_deseason_autocor": "n48_block4",
}


def _equal_results(ours: pl.DataFrame, shared_data: Path, name: str) -> None:
    table = reference(shared_data, "TheilSen_results.csv").filter(pl.col("name") == name)
    for column in NUMBERS:
        theirs = float(table[column.replace("_", ".")][0])
        assert ours[column][0] == pytest.approx(theirs, abs=TOLERANCE), column
    assert ours["stars"][0] == (table["p.stars"][0] or "")
    assert ours["reason"][0] == ""


@pytest.mark.parametrize("name", CASES)
def test_slopes_equal_openair_with_its_samples(shared_data: Path, name: str) -> None:
    months = reference(shared_data, f"TheilSen_monthly_{name}.csv")
    ours = theil_sen(months, "conc", time="date", bootstrap=bootstrap(shared_data, CASES[name]))
    _equal_results(ours, shared_data, name)


def _months(shared_data: Path, series: str, parameter: str) -> pl.DataFrame:
    if series == "mydata":
        return time_average(mydata(shared_data), every="month", **LONDON)
    return beijing_months(shared_data, series.capitalize())


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("mydata_no2", {}),
        ("mydata_pm25_deseason", {"deseason": True}),
        ("dongsi_no2_deseason", {"deseason": True}),
        ("dongsi_pm25_deseason", {"deseason": True}),
        ("dongsi_pm25_deseason_autocor", {"deseason": True}),
        ("dingling_no2_deseason", {"deseason": True}),
    ],
)
def test_from_hours_to_slope_equals_openair(
    shared_data: Path, name: str, options: dict[str, bool]
) -> None:
    series, parameter = name.split("_")[:2]
    samples = bootstrap(shared_data, CASES.get(name, "n48"))
    months = _months(shared_data, series, parameter)
    _equal_results(theil_sen(months, parameter, bootstrap=samples, **options), shared_data, name)


@pytest.mark.parametrize(
    ("series", "parameter"), [("mydata", "pm25"), ("dongsi", "no2"), ("dongsi", "pm25")]
)
def test_the_season_removed_equals_openair(shared_data: Path, series: str, parameter: str) -> None:
    ours = deseasonalise(_months(shared_data, series, parameter), parameter)
    theirs = reference(shared_data, f"TheilSen_monthly_{series}_{parameter}_deseason.csv")
    same(array(ours, parameter), array(theirs, "conc"))
    assert not ours["imputed"].any()


class _PartialSort:
    """Stands in for the median of R's ``stl``: the wrong ranks it was seen to take, by round.

    R asks a partial sort for rank n/2 + 1 first and n/2 second, out of order, which may leave one
    wrong when the number of residuals is even.
    """

    def __init__(self, wrong: dict[int, tuple[int, int]]) -> None:
        self.wrong = wrong
        self.round = 0

    def __call__(self, size: Floats) -> float:
        self.round += 1
        half = size.size // 2
        low, high = self.wrong.get(self.round, (half, half + 1))
        ranked = np.sort(size)
        return float(ranked[low - 1] + ranked[high - 1]) / 2


def test_the_median_residual_is_the_median(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In R's second round rank 39 stands for 45 and months end up to 0.04 ppb off. Doing the same
    # wrong gives its numbers; we do not.
    months = _months(shared_data, "mydata", "no2")
    theirs = array(reference(shared_data, "TheilSen_monthly_mydata_no2_deseason.csv"), "conc")
    ours = array(deseasonalise(months, "no2"), "no2")
    assert 0.01 < np.abs(ours - theirs).max() < 0.04
    monkeypatch.setattr(decomposition, "_median", _PartialSort({2: (39, 46)}))
    same(array(deseasonalise(months, "no2"), "no2"), theirs)


def test_a_wrong_median_would_move_a_slope(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The same in four rounds at Dingling: openair's slope is 3 % too flat.
    months = _months(shared_data, "dingling", "pm25")
    samples = bootstrap(shared_data, "n48")
    ours = theil_sen(months, "pm25", deseason=True, bootstrap=samples)
    assert ours["slope"][0] == pytest.approx(-3.437, abs=5e-4)  # openair: -3.333
    wrong = {1: (24, 32), 13: (24, 33), 14: (24, 33), 15: (24, 33)}
    monkeypatch.setattr(decomposition, "_median", _PartialSort(wrong))
    as_r = theil_sen(months, "pm25", deseason=True, bootstrap=samples)
    _equal_results(as_r, shared_data, "dingling_pm25_deseason")


def test_stl_parts_add_up_and_find_a_made_season() -> None:
    months = np.arange(96.0)
    season = 10 * np.sin(2 * np.pi * months / 12)
    series = 50 - 0.1 * months + season
    parts = decomposition.stl(series)
    np.testing.assert_allclose(parts.trend + parts.seasonal + parts.remainder, series, atol=1e-9)
    np.testing.assert_allclose(parts.seasonal, season, atol=1e-6)
    with pytest.raises(InvalidArgumentError, match="more than 24 values without gaps"):
        decomposition.stl(series[:24])


def _monthly(values: list[float | None]) -> pl.DataFrame:
    dates = [dt.date(2015 + k // 12, k % 12 + 1, 1) for k in range(len(values))]
    return pl.DataFrame(
        {"start": dates, "pm25": values}, schema={"start": pl.Date, "pm25": pl.Float64}
    )


def _falling(n: int = 60) -> list[float | None]:
    rng = np.random.default_rng(3)
    level = 80 - 0.3 * np.arange(n) + 20 * np.cos(2 * np.pi * np.arange(n) / 12)
    return list(level + rng.normal(0, 3, n))


def test_months_without_a_value_are_filled_for_the_season_but_not_fitted() -> None:
    values = _falling()
    values[10] = values[11] = values[30] = None
    frame = _monthly(values)
    plain = deseasonalise(frame.filter(pl.col("pm25").is_not_null()), "pm25")
    assert plain["imputed"].arg_true().to_list() == [10, 11, 30]
    assert_frame_equal(deseasonalise(frame, "pm25"), plain)
    out = theil_sen(frame, "pm25", deseason=True)
    assert out["n"][0] == 57
    kept = plain.filter(~pl.col("imputed"))
    assert out["slope"][0] == theil_sen(kept, "pm25")["slope"][0]


def test_a_series_that_cannot_be_judged_says_why() -> None:
    assert theil_sen(_monthly([1.0] * 5), "pm25").select("n", "slope", "reason").row(0) == (
        5,
        None,
        "too_few",
    )
    short = theil_sen(_monthly(_falling(24)), "pm25", deseason=True)
    # openair quietly leaves the season in.
    assert short.select("slope", "reason").row(0) == (None, "too_short_to_deseason")
    assert theil_sen(_monthly([None] * 40), "pm25", deseason=True)["reason"][0] == "too_few"
    with pytest.raises(InvalidArgumentError, match="more than 24 months"):
        deseasonalise(_monthly(_falling(24)), "pm25")
    ninth = _monthly([1.0]).with_columns(start=dt.date(2015, 1, 9))
    twice = pl.concat([_monthly(_falling()), ninth])
    with pytest.raises(InvalidArgumentError, match="one value a month"):
        deseasonalise(twice, "pm25")


def test_each_station_has_its_own_slope_whatever_the_order() -> None:
    rising = _monthly([float(k) for k in range(36)]).with_columns(station=pl.lit("b"))
    falling = _monthly([float(-k) for k in range(36)]).with_columns(station=pl.lit("a"))
    both = pl.concat([rising, falling])
    out = theil_sen(both, "pm25")
    assert out["station"].to_list() == ["a", "b"]
    assert out["slope"][1] == -out["slope"][0] > 0
    assert out["slope_percent"][0] is not None
    assert_frame_equal(theil_sen(both.sample(fraction=1, shuffle=True, seed=5), "pm25"), out)
    assert_frame_equal(theil_sen(rising.drop("station"), "pm25"), out[1:].drop("station"))


def test_drawn_intervals_are_repeatable_and_wider_in_blocks(shared_data: Path) -> None:
    months = _months(shared_data, "dongsi", "pm25")
    one = theil_sen(months, "pm25", deseason=True)
    assert_frame_equal(theil_sen(months, "pm25", deseason=True), one)
    assert not theil_sen(months, "pm25", deseason=True, seed=9).equals(one)
    blocks = theil_sen(months, "pm25", deseason=True, autocor=True)
    assert blocks["slope"][0] == one["slope"][0]
    assert blocks["upper"][0] - blocks["lower"][0] > one["upper"][0] - one["lower"][0]


def test_bootstrap_samples_must_fit() -> None:
    frame = _monthly(_falling(12))
    for samples in (np.zeros((11, 3), dtype=np.int64), np.full((12, 3), 12)):
        with pytest.raises(InvalidArgumentError, match="indices from 0 to 11"):
            theil_sen(frame, "pm25", bootstrap=samples)
    with pytest.raises(InvalidArgumentError, match="alpha between 0 and 1"):
        theil_sen(frame, "pm25", alpha=5)
    with pytest.raises(InvalidArgumentError, match="must hold dates"):
        theil_sen(frame.with_columns(start=pl.lit(1)), "pm25")


def _years(values: list[float]) -> pl.DataFrame:
    dates = [dt.date(2010 + k, 1, 1) for k in range(len(values))]
    return pl.DataFrame({"start": dates, "pm25": values})


@pytest.mark.parametrize(
    ("values", "rho", "trend"),
    [
        ([90.0, 85.0, 80.0, 70.0, 60.0], -1.0, "falling"),
        ([60.0, 70.0, 80.0, 85.0, 90.0], 1.0, "rising"),
        ([90.0, 80.0, 85.0, 70.0, 60.0], -0.9, "none"),  # 0.900 is not exceeded
        ([70.0, 90.0, 60.0, 85.0, 80.0], 0.1, "none"),
        ([9.0, 8.0, 8.5, 7.0, 6.0, 5.0], 1 - 6 * 68 / 210, "falling"),
        ([3.0, 3.0, 2.0, 2.0, 1.0, 1.0], 1 - 6 * 65.5 / 210, "falling"),  # shared ranks
    ],
    ids=["HJ663-B-falling", "HJ663-B-rising", "HJ663-B-equal", "HJ663-B-none", "HJ663-B-6", "ties"],
)
def test_spearman(values: list[float], rho: float, trend: str) -> None:
    out = spearman(_years(values), "pm25")
    assert out["rho"][0] == pytest.approx(rho, abs=1e-12)
    assert out["trend"][0] == trend
    assert out["n"][0] == len(values)


def test_spearman_needs_five_periods_and_its_table() -> None:
    few = spearman(_years([1.0, 2.0, 3.0, 4.0]), "pm25")
    assert few.select("rho", "trend", "reason").row(0) == (None, None, "too_few")
    eleven = spearman(_years([float(k) for k in range(11)]), "pm25")
    assert eleven["critical"][0] == 0.564  # the stricter neighbour, 10 periods
    forty = spearman(_years([float(k) for k in range(40)]), "pm25", level="0.01")
    assert forty["critical"][0] == pytest.approx(2.3263478740408408 / np.sqrt(39))
    with pytest.raises(InvalidArgumentError, match="not a value of level"):
        spearman(_years([1.0] * 5), "pm25", level="0.1")


def test_critical_values_meet_the_normal_approximation_where_the_table_ends() -> None:
    out = spearman(_years([float(k) for k in range(30)]), "pm25")
    assert out["critical"][0] == pytest.approx(1.6448536 / np.sqrt(29), abs=6e-4)


def test_mann_kendall() -> None:
    # n = 5, S = 8, variance 5·4·15/18 = 16.67, z = 7/4.082
    out = mann_kendall(_years([1.0, 2.0, 4.0, 3.0, 5.0]), "pm25")
    assert out["s"][0] == 8
    assert out["tau"][0] == pytest.approx(0.8)
    assert out["z"][0] == pytest.approx(7 / np.sqrt(300 / 18))
    assert out["p"][0] == pytest.approx(0.0864107, abs=1e-6)
    tied = mann_kendall(_years([1.0, 1.0, 2.0, 2.0, 3.0]), "pm25")
    assert tied["z"][0] == pytest.approx(7 / np.sqrt((300 - 2 * 18) / 18))
    flat = mann_kendall(_years([1.0, 1.0, 1.0]), "pm25")
    assert flat["p"][0] is None
