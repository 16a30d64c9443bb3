"""Statistics, validity and attainment of periods (HJ 663)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as quick
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import lantian.evaluation as ev
from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.standards import EDITIONS, METHODS, Settings, round_half_even
from tests.evaluation.build import ALL_SIX, days

YEAR = date(2025, 1, 1)
COLUMNS = [
    "station", "period", "start", "end",
    "pm25_mean", "pm10_mean", "so2_mean", "no2_mean", "co_mean", "o3_mean",
    "pm25_p95", "pm10_p95", "so2_p98", "no2_p98", "co_p95", "o3_p90",
    *(f"{p}_{w}" for w in ("days", "valid", "attains")
      for p in ("pm25", "pm10", "so2", "no2", "co", "o3")),
    "good_days", "heavy_days", "aqi_days", "good_day_ratio", "composite_index", "edition", "method",
]  # fmt: skip


def test_the_contract_columns() -> None:
    assert ev.period(days(YEAR, 365, **ALL_SIX)).columns == COLUMNS


@pytest.mark.parametrize(
    ("by", "labels"),
    [("year", ["2025"]), ("half", ["2025-H1", "2025-H2"]),
     ("quarter", ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]),
     ("month", [f"2025-{m:02d}" for m in range(1, 13)]),
     ((date(2025, 1, 1), date(2025, 12, 31)), ["2025"]),
     ((date(2025, 4, 1), date(2025, 6, 30)), ["2025-Q2"]),
     ((date(2025, 1, 15), date(2025, 2, 14)), ["2025-01-15..2025-02-14"])],
)  # fmt: skip
def test_periods_and_their_names(by: object, labels: list[str]) -> None:
    table = ev.period(days(YEAR, 365, **ALL_SIX), by=by)  # type: ignore[arg-type]
    assert table["period"].to_list() == labels
    for label in labels:
        named = ev.span(label)
        row = table.filter(period=label).row(0, named=True)
        assert (row["start"], row["end"]) == (named.start, named.end)


@pytest.mark.parametrize("bad", ["2025-13", "25", "2025-Q5", "2025-H3", "soon", "2025-02-30", ""])
def test_a_bad_period_says_how_to_write_one(bad: str) -> None:
    with pytest.raises(InvalidArgumentError, match="is not a period; write 2016"):
        ev.span(bad)


def test_a_reversed_period_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="before it starts"):
        ev.period(days(YEAR, 3, pm25=1.0), by=(date(2025, 2, 1), date(2025, 1, 1)))
    with pytest.raises(InvalidArgumentError, match="before it starts"):
        ev.span("2025-02-01..2025-01-01")
    with pytest.raises(InvalidArgumentError, match="by is year"):
        ev.period(days(YEAR, 3, pm25=1.0), by="week")  # type: ignore[arg-type]


@quick(max_examples=50, deadline=None)
@given(st.lists(st.fractions(0, 500, max_denominator=24), min_size=1, max_size=40))
def test_mean_and_percentile_are_exact(values: list[Fraction]) -> None:
    """Against rational arithmetic, for any means of up to 24 whole values."""
    values = [v for v in values if 24 % v.denominator == 0] or [Fraction(1)]
    row = ev.period(
        days(YEAR, len(values), pm25=[float(v) for v in values]),
        by=(YEAR, date(2025, 12, 30)),
    ).row(0, named=True)
    assert row["pm25_mean"] == float(sum(values) / len(values))
    ordered = sorted(values)
    place = (len(values) - 1) * Fraction(95, 100)
    low = ordered[int(place)]
    high = ordered[min(int(place) + 1, len(values) - 1)]
    assert row["pm25_p95"] == float(low + (high - low) * (place - int(place)))


def test_a_tie_in_the_mean_of_means_is_seen() -> None:
    # thirds: 35 + 1/3, 35 + 1/3, 35 + 5/6 … whose mean is exactly 35.5
    thirds = [35 + 1 / 3, 35 + 1 / 3, 35 + 5 / 6]
    row = ev.period(days(YEAR, 3, pm25=thirds), by="month").row(0, named=True)
    assert row["pm25_mean"] == 35.5
    assert round_half_even(row["pm25_mean"]) == 36


@pytest.mark.parametrize(
    ("month", "count", "valid"),
    [(1, 27, True), (1, 26, False), (2, 25, True), (2, 24, False), (4, 27, True)],
)
def test_a_month_needs_27_days_february_25(month: int, count: int, valid: bool) -> None:
    row = ev.period(days(date(2025, month, 1), count, pm25=30.0), by="month").row(0, named=True)
    assert row["pm25_valid"] is valid
    assert row["pm25_mean"] == 30.0  # computed even when insufficient
    assert row["pm25_days"] == count


def test_a_quarter_needs_each_of_its_months() -> None:
    whole = days(YEAR, 90, pm25=30.0)
    assert ev.period(whole, by="quarter")["pm25_valid"].item() is True
    short = whole.filter(~pl.col("date").is_between(date(2025, 3, 1), date(2025, 3, 6)))
    assert ev.period(short, by="quarter")["pm25_valid"].item() is False
    lax = Settings.of({"long_period_every_month": False})
    assert ev.period(short, by="quarter", settings=lax)["pm25_valid"].item() is True


def test_a_free_period_needs_the_share_the_setting_names() -> None:
    by = (date(2025, 1, 1), date(2025, 1, 10))
    assert ev.period(days(YEAR, 9, pm25=30.0), by=by)["pm25_valid"].item() is True
    assert ev.period(days(YEAR, 8, pm25=30.0), by=by)["pm25_valid"].item() is False


@pytest.mark.parametrize(
    ("edition", "mean", "attains"),
    [("2012", 35.0, True), ("2012", 35.5, False), ("2012", 35.49, True),
     ("2026-transition", 30.0, True), ("2026-transition", 31.0, False),
     ("2026-final", 25.0, True), ("2026-final", 25.51, False)],
)  # fmt: skip
def test_limits_are_inclusive_and_compared_after_rounding(
    edition: str, mean: float, attains: bool
) -> None:
    row = ev.period(days(YEAR, 365, pm25=mean), edition=edition).row(0, named=True)
    assert row["pm25_attains"] is attains


def test_full_value_comparison_is_a_setting() -> None:
    full = Settings.of({"attainment_rounded": False})
    table = ev.period(days(YEAR, 365, pm25=35.49), edition="2012", settings=full)
    assert table["pm25_attains"].item() is False


def test_both_mean_and_percentile_must_attain() -> None:
    # mean 34, 95th percentile 80 under 2012 (75): a case of the facts sheet
    values = [31.0] * 340 + [80.0] * 25
    row = ev.period(days(YEAR, 365, pm25=values), edition="2012").row(0, named=True)
    assert round_half_even(row["pm25_mean"]) == 34
    assert row["pm25_p95"] == 80.0
    assert row["pm25_attains"] is False


def test_co_and_ozone_have_the_percentile_only() -> None:
    row = ev.period(days(YEAR, 365, co=4.0, o3_mda8=160.0), edition="2012").row(0, named=True)
    assert (row["co_attains"], row["o3_attains"]) == (True, True)
    assert row["pm25_attains"] is None


def test_good_and_heavy_days() -> None:
    pm25 = [75.0] * 5 + [76.0] * 3 + [151.0] * 2 + [None]
    row = ev.period(days(YEAR, 11, pm25=pm25), by="month", edition="2012").row(0, named=True)
    assert (row["good_days"], row["heavy_days"], row["aqi_days"]) == (5, 2, 10)
    assert row["good_day_ratio"] == 0.5


def test_any_period_under_any_edition() -> None:
    """Days judged under one edition are judged anew under the one asked for."""
    judged = ev.judge(days(YEAR, 31, pm25=70.0), edition="2012")
    assert ev.period(judged, by="month", edition="2012")["good_days"].item() == 31
    assert ev.period(judged, by="month", edition="2026-transition")["good_days"].item() == 0
    assert ev.period(judged, by="month")["edition"].item() == "2012"


def test_a_period_of_two_editions_is_mixed() -> None:
    table = ev.period(days(date(2026, 1, 1), 365, pm25=30.0), by="year")
    assert table["edition"].item() == "mixed"
    assert table["pm25_attains"].item() is None
    asked = ev.period(days(date(2026, 1, 1), 365, pm25=30.0), by="year", edition="2026-transition")
    assert asked["pm25_attains"].item() is True


def test_the_composite_index_needs_all_six() -> None:
    row = ev.period(days(YEAR, 365, **ALL_SIX)).row(0, named=True)
    expected = 30 / 35 + 60 / 70 + 8 / 60 + 25 / 40 + 0.8 / 4 + 120 / 160
    assert row["composite_index"] == pytest.approx(expected, abs=1e-12)
    five = {c: v for c, v in ALL_SIX.items() if c != "co"}
    assert ev.period(days(YEAR, 365, **five))["composite_index"].item() is None


def test_methods() -> None:
    table = days(YEAR, 365, **ALL_SIX)

    def index(method: str) -> float:
        return float(ev.period(table, method=method)["composite_index"].item())

    equal = 30 / 30 + 60 / 60 + 8 / 60 + 25 / 40 + 0.8 / 4 + 120 / 160
    assert index("sum_equal_2026") == pytest.approx(equal, abs=1e-12)
    weighted = 3 * 1 + 1 + 8 / 60 + 2 * 25 / 40 + 0.2 + 2 * 0.75
    assert index("weighted_3_2_2") == pytest.approx(weighted, abs=1e-12)
    largest = 30 / 35 + 60 / 70 + 8 / 60 + 25 / 40 + 0.2 + 0.75
    assert index("max_mean_percentile_2013") == pytest.approx(largest, abs=1e-12)
    with pytest.raises(UnknownNameError, match="no composite index method 'best'"):
        index("best")
    parts = ev.single_indices(ev.period(table)).row(0, named=True)
    assert parts["no2_index"] == 25 / 40


def test_no_days_no_rows() -> None:
    table = ev.period(days(YEAR, 0, **{c: [] for c in ALL_SIX}))
    assert table.height == 0
    assert table.columns == COLUMNS
    with pytest.raises(InvalidArgumentError, match="date"):
        ev.period(pl.DataFrame({"station": ["a"]}))


@pytest.mark.parametrize(("c", "s", "expected"), [(36, 30, 0.2), (36, 35, 0.03), (35, 35, None)])
def test_exceedance_multiple(c: float, s: float, expected: float | None) -> None:
    assert ev.exceedance_multiple(c, s) == expected


class TestJudgedAnew:
    """Judging a period again gives what judging it from the days gives."""

    @staticmethod
    def days(*, dust: bool) -> pl.DataFrame:
        rng = np.random.default_rng(3)
        n = 2 * 61
        frame = pl.DataFrame(
            {
                "station": ["a"] * 61 + ["b"] * 61,
                "date": [date(2026, 9, 1) + timedelta(days=k) for k in range(61)] * 2,
                **{p: rng.gamma(4, 12, n) for p in ("pm25", "pm10", "so2", "no2", "o3_mda8")},
                "co": rng.gamma(4, 0.2, n),
            }
        ).with_columns(
            pl.when(pl.col("pm25") < 90).then("pm25"), pl.when(pl.col("no2") > 15).then("no2")
        )
        if not dust:
            return frame
        day = {"start": [date(2026, 9, 5)], "end": [date(2026, 9, 8)], "decision": ["1"]}
        return ev.deduct_dust(frame, pl.DataFrame(day))

    @pytest.mark.parametrize("dust", [False, True])
    @pytest.mark.parametrize("edition", list(EDITIONS))
    @pytest.mark.parametrize("method", list(METHODS))
    def test_as_from_the_days(self, edition: str, method: str, dust: bool) -> None:
        days, by = self.days(dust=dust), (date(2026, 9, 1), date(2026, 10, 31))
        expected = ev.period(days, by=by, edition=edition, method=method)
        aqi = ev.judge(days, edition=edition).select("station", "aqi")
        other = ev.period(days, by=by, edition="2012", method="max_mean_percentile_2013")
        assert_frame_equal(ev.judged_anew(other, aqi, edition=edition, method=method), expected)
        same = ev.period(days, by=by, edition=edition)
        assert_frame_equal(ev.composite_anew(same, method=method), expected)
