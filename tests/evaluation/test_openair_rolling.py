"""Rolling means against openair 3.1 ``rollingMean`` on mydata, over hours and not rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.errors import InvalidArgumentError
from lantian.evaluation.rolling import rolling_mean

from .openair_files import array, mydata, reference, same

AHEAD = {"right": 0, "left": 7, "centre": 4}


@pytest.mark.parametrize("align", ["right", "left", "centre"])
def test_equals_openair(shared_data: Path, align: str) -> None:
    ours = rolling_mean(mydata(shared_data), "o3", align=align)
    theirs = reference(shared_data, f"rollingMean8_o3_mydata_{align}.csv.gz")
    same(array(ours, "o3_8h"), array(theirs, "rolling8o3"))
    assert ours["n_o3_8h"].to_list() == theirs["n_o3"].to_list()


def test_windows_run_through_new_year(shared_data: Path) -> None:
    # openair's annual statistics begin every year with no past: its first 8 h means of 1999 lack
    # the hours of 1998. Ours have them; the year's maximum, in neither case at new year, agrees.
    frame = mydata(shared_data).select("time", "nox")
    ours = rolling_mean(frame, "nox")
    at = pl.datetime(1999, 1, 1, 3, time_zone="UTC")
    row = ours.filter(pl.col("time") == at)
    hours = frame.filter(pl.col("time") <= at).tail(8)
    assert hours["time"].dt.year().to_list() == [1998] * 4 + [1999] * 4
    assert row["n_nox_8h"][0] == hours["nox"].count() == 8
    assert row["nox_8h"][0] == pytest.approx(hours["nox"].mean(), abs=1e-12)
    cut = rolling_mean(frame.filter(pl.col("time").dt.year() == 1999), "nox")
    assert cut.filter(pl.col("time") == at)["nox_8h"][0] is None
    year = ours.filter(pl.col("time").dt.year() == 1999)
    stats = reference(shared_data, "aqStats_mydata.csv").filter(
        pl.col("pollutant") == "nox", pl.col("year") == 1999
    )
    assert year["nox_8h"].max() == pytest.approx(float(stats["roll_8_max"][0]), abs=1e-9)


def _frame(values: list[float | None], hours: list[int] | None = None) -> pl.DataFrame:
    first = dt.datetime(2016, 1, 1, tzinfo=dt.UTC)
    at = hours or list(range(len(values)))
    return pl.DataFrame({"time": [first + dt.timedelta(hours=h) for h in at], "o3": values})


def test_an_absent_row_is_a_missing_hour() -> None:
    # openair averages the last 8 ROWS, here 8 values over 11 hours.
    values = [float(k) for k in range(8)]
    out = rolling_mean(_frame(values, [0, 1, 2, 3, 7, 8, 9, 10]), "o3")
    assert out.height == 11
    last = out.row(-1, named=True)
    assert last["n_o3_8h"] == 5
    assert last["o3_8h"] is None
    relaxed = rolling_mean(_frame(values, [0, 1, 2, 3, 7, 8, 9, 10]), "o3", min_capture=0.5)
    assert relaxed["o3_8h"][-1] == pytest.approx(np.mean([3, 4, 5, 6, 7]))


def test_an_even_centred_window_reaches_three_back_and_four_ahead() -> None:
    out = rolling_mean(_frame([0.0] * 10 + [8.0] + [0.0] * 10), "o3", align="centre")
    touched = [k for k, v in enumerate(out["o3_8h"].to_list()) if v]
    assert touched == list(range(10 - 4, 10 + 3 + 1))


def test_six_of_eight_hours_are_enough_and_five_are_not() -> None:
    assert rolling_mean(_frame([1.0] * 6 + [None] * 2), "o3")["o3_8h"][-1] == 1.0
    assert rolling_mean(_frame([1.0] * 5 + [None] * 3), "o3")["o3_8h"][-1] is None


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.none() | st.floats(0, 500), min_size=1, max_size=40),
    hours=st.integers(1, 30),
    align=st.sampled_from(["right", "left", "centre"]),
)
def test_equals_the_plain_definition(values: list[float | None], hours: int, align: str) -> None:
    out = rolling_mean(_frame(values), "o3", hours=hours, align=align, min_capture=0.0)
    ahead = {"right": 0, "left": hours - 1, "centre": hours // 2}[align]
    for k in range(len(values)):
        window = range(k + ahead - hours + 1, k + ahead + 1)
        found = [values[j] for j in window if 0 <= j < len(values) and values[j] is not None]
        assert out[f"n_o3_{hours}h"][k] == len(found)
        if found:
            assert out[f"o3_{hours}h"][k] == pytest.approx(np.mean(found), abs=1e-9)
        else:
            assert out[f"o3_{hours}h"][k] is None


def test_stations_do_not_leak_into_each_other() -> None:
    one = _frame([1.0] * 8)
    both = pl.concat(
        [one.with_columns(station=pl.lit("a")), one.with_columns(station=pl.lit("b"), o3=9.0)]
    )
    out = rolling_mean(both[::-1], "o3", min_capture=0.0)
    assert out["station"].to_list() == ["a"] * 8 + ["b"] * 8
    assert out["o3_8h"].to_list() == [1.0] * 8 + [9.0] * 8


def test_no_rows_and_bad_windows() -> None:
    empty = rolling_mean(_frame([1.0]).clear(), "o3")
    assert empty.columns == ["time", "o3", "o3_8h", "n_o3_8h"]
    assert empty.height == 0
    with pytest.raises(InvalidArgumentError, match="at least 1 hour"):
        rolling_mean(_frame([1.0]), "o3", hours=0)
    with pytest.raises(InvalidArgumentError, match="lacks the columns so2"):
        rolling_mean(_frame([1.0]), "so2")
