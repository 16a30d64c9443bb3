"""GB/T 8170: the float path must decide exactly as decimals do."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.standards import round_half_even


def _by_decimals(x: float, digits: int) -> float:
    return float(Decimal(repr(x)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN))


@given(st.floats(0, 1e5, allow_nan=False), st.integers(0, 3))
def test_any_float_rounds_as_the_decimal_it_prints_as(x: float, digits: int) -> None:
    assert round_half_even(x, digits) == _by_decimals(x, digits)


@given(st.integers(0, 10**7), st.integers(0, 3))
def test_every_tie_goes_to_the_even_digit(k: int, digits: int) -> None:
    tie = float(Decimal(2 * k + 1).scaleb(-digits) / 2)
    rounded = round_half_even(tie, digits)
    assert int(Decimal(repr(rounded)).scaleb(digits)) % 2 == 0
    assert rounded == _by_decimals(tie, digits)


@given(st.floats(-1e6, 1e6, allow_nan=False), st.integers(0, 3))
def test_negative_values_round_by_their_absolute_value(x: float, digits: int) -> None:
    assert round_half_even(-x, digits) == -round_half_even(x, digits)


@given(st.lists(st.floats(0, 1e4, allow_nan=False), min_size=1, max_size=20))
def test_an_array_rounds_as_its_elements(values: list[float]) -> None:
    array = round_half_even(np.array(values), 1)
    assert array.tolist() == [round_half_even(v, 1) for v in values]


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [(125.0, -1, 120.0), (135.0, -1, 140.0), (1.5e16, 1, 1.5e16), (0.30000000000000004, 1, 0.3)],
)
def test_tens_large_and_almost(value: float, digits: int, expected: float) -> None:
    assert round_half_even(value, digits) == expected


def test_nan_and_infinity_pass_through() -> None:
    result = round_half_even(np.array([np.nan, np.inf, -np.inf]), 1)
    assert np.isnan(result[0])
    assert result[1:].tolist() == [np.inf, -np.inf]


def test_fractions_and_text_are_exact() -> None:
    assert round_half_even(Fraction(71, 2)) == 36
    assert round_half_even("15.45464999999999999999999999") == Decimal(15)
    assert str(round_half_even("2.05", 1)) == "2.0"
