"""HJ 633 beyond the cases: every whole concentration against rational arithmetic."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.standards import EDITIONS, breakpoints, daily_uses_o3_1h, iaqi

INDEX = [0, 50, 100, 150, 200, 300, 400, 500]
# Written out again from HJ 633 table 1, so that a slip in the data file is found.
NODES = {
    ("so2", "24h"): [0, 50, 150, 475, 800, 1600, 2100, 2620],
    ("no2", "1h"): [0, 100, 200, 700, 1200, 2340, 3090, 3840],
    ("o3", "1h"): [0, 160, 200, 300, 400, 800, 1000, 1200],
    ("o3", "8h"): [0, 100, 160, 215, 265, 800],
    ("so2", "1h"): [0, 150, 500, 650, 800],
}
PM = {"2012": {"pm25": 75, "pm10": 150}, "2026-transition": {"pm25": 60, "pm10": 120}}


def _expected(concentration: Fraction, nodes: list[int]) -> int:
    for k in range(1, len(nodes)):
        if concentration <= nodes[k]:
            low, high, bottom, top = nodes[k - 1], nodes[k], INDEX[k - 1], INDEX[k]
            return math.ceil(bottom + (top - bottom) * (concentration - low) / (high - low))
    return INDEX[len(nodes) - 1]


@pytest.mark.parametrize(("pollutant", "averaging"), list(NODES))
def test_every_whole_concentration_is_exact(pollutant: str, averaging: str) -> None:
    nodes = NODES[pollutant, averaging]
    values = np.arange(nodes[-1] + 1)
    found = iaqi(pollutant, values, averaging=averaging, edition="2026-final")
    assert found.tolist() == [_expected(Fraction(int(c)), nodes) for c in values]


@pytest.mark.parametrize("averaging", ["24h", "1h"])
def test_every_tenth_of_co_is_exact(averaging: str) -> None:
    nodes = {"24h": [0, 2, 4, 14, 24, 36, 48, 60], "1h": [0, 5, 10, 35, 60, 90, 120, 150]}[
        averaging
    ]
    tenths = range(nodes[-1] * 10 + 1)
    found = iaqi("co", [t / 10 for t in tenths], averaging=averaging, edition="2012")
    assert found.tolist() == [_expected(Fraction(t, 10), nodes) for t in tenths]


@pytest.mark.parametrize("edition", list(EDITIONS))
def test_only_the_index_100_of_pm_changed_in_2026(edition: str) -> None:
    for pollutant, at_100 in PM.get(edition, PM["2026-transition"]).items():
        assert iaqi(pollutant, float(at_100), averaging="24h", edition=edition) == 100
        assert iaqi(pollutant, float(at_100 + 1), averaging="1h", edition=edition) > 100


@given(st.floats(0, 700), st.floats(0, 700))
def test_more_is_never_better(a: float, b: float) -> None:
    low, high = iaqi("pm25", sorted([a, b]), averaging="24h", edition="2012")
    assert low <= high


@pytest.mark.parametrize("value", [float("nan"), -0.1, -50.0, float("inf"), Decimal("-0.3")])
def test_what_is_no_concentration_has_no_index(value: float) -> None:
    assert math.isnan(iaqi("pm25", value, averaging="24h", edition="2012"))


@pytest.mark.parametrize(
    ("pollutant", "averaging", "edition", "expected"),
    [
        ("so2", "1h", "2012", math.nan), ("so2", "1h", "2026-transition", 200),
        ("o3", "8h", "2012", math.nan), ("o3", "8h", "2026-final", 300),
        ("pm10", "24h", "2012", 500), ("co", "1h", "2026-final", 500),
    ],
)  # fmt: skip
def test_beyond_the_last_breakpoint(
    pollutant: str, averaging: str, edition: str, expected: float
) -> None:
    found = iaqi(pollutant, 9000.0, averaging=averaging, edition=edition)
    assert found == expected or (math.isnan(found) and math.isnan(expected))


def test_rounding_comes_before_the_index_and_may_be_left_out_for_2012() -> None:
    assert iaqi("pm25", 75.4, averaging="24h", edition="2012") == 100
    assert iaqi("pm25", 75.4, averaging="24h", edition="2012", rounded=False) == 101
    assert iaqi("co", 2.05, averaging="24h", edition="2012") == 50  # a tie, to 2.0
    assert iaqi("pm25", Decimal("35.5"), averaging="24h", edition="2012") == 52  # a tie, to 36


def test_shapes_are_kept() -> None:
    assert isinstance(iaqi("pm25", 35, averaging="24h", edition="2012"), float)
    grid = iaqi("pm25", np.full((2, 3), 35.0), averaging="24h", edition="2012")
    assert grid.shape == (2, 3)
    series = iaqi("pm25", pl.Series([35.0, None]), averaging="24h", edition="2012")
    assert series[0] == 50
    assert np.isnan(series[1])
    assert iaqi("pm25", [], averaging="24h", edition="2012").shape == (0,)


@pytest.mark.parametrize(
    ("pollutant", "averaging", "edition", "error"),
    [
        ("pm25", "24h", "auto", InvalidArgumentError), ("pm25", "24h", "1996", LookupError),
        ("pm25", "8h", "2012", LookupError), ("nh3", "24h", "2012", UnknownNameError),
    ],
)  # fmt: skip
def test_unknown_names_are_refused(
    pollutant: str, averaging: str, edition: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        iaqi(pollutant, 35.0, averaging=averaging, edition=edition)


def test_the_table_can_be_asked_for() -> None:
    co = breakpoints("co", averaging="24h", edition="2012")
    assert co == (0, 2, 4, 14, 24, 36, 48, 60)
    assert breakpoints("pm25", averaging="1h", edition="2026-final")[:3] == (0, 35, 60)
    assert [daily_uses_o3_1h(e) for e in EDITIONS] == [True, False, False]
    with pytest.raises(LookupError):
        breakpoints("pm25", averaging="8h", edition="2012")
