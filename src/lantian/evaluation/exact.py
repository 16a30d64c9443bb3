"""Sums and quotients that are the same whatever the order of rows and the number of threads.

Values become whole numbers of a small unit before they are added:

* hourly values, unit 10⁻¹⁰: exact for every value of up to ten decimals;
* daily values, unit 1/(212,520·10⁶): 212,520 = lcm(6, 7, 8, 20, 21, 22, 23, 24), so that the mean
  of any valid day or ozone window of values of up to six decimals is a whole number of units, and
  a tie in the mean of such means is seen as a tie.

A value that is not such a number is taken as the nearest one (off by less than 10⁻¹⁰).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian.errors import DomainError
from lantian.i18n import gettext as _

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_EXACT = 2**53
HOUR_UNIT = 10**10
DAY_UNIT = math.lcm(6, 7, 8, 20, 21, 22, 23, 24) * 10**6
LARGEST = 100_000.0
"""Largest value [µg/m³, mg/m³]: sums of a day's hours and of a year's days fit 63 bits."""


def to_units(value: FloatArray, unit: int) -> IntArray:
    """Return ``value``, checked by `check_range` before, in whole units; NaN becomes 0."""
    known = np.where(np.isnan(value), 0.0, value)
    units: IntArray = np.rint(known * unit).astype(np.int64)
    return units


def check_range(value: FloatArray, *, column: str = "", largest: float = LARGEST) -> None:
    """Raise DomainError ``evaluation.value_too_large`` if a value cannot be a concentration."""
    size = np.abs(value)
    if float(np.nanmax(size, initial=0.0)) > largest:
        worst = float(value[int(np.nanargmax(size))])
        raise DomainError(
            "evaluation.value_too_large",
            _(
                "The value {value:g} is in the column {column}; nothing above {limit:g} can be a "
                "concentration in µg/m³ (CO mg/m³). Mark it invalid or correct it."
            ).format(value=worst, column=column or "value", limit=largest),
            {"value": worst, "column": column},
        )


def divide(numerator: IntArray, denominator: IntArray | int) -> FloatArray:
    """Return the quotient of whole numbers as the nearest float; NaN where dividing by 0."""
    divisor = np.asarray(denominator, dtype=np.int64)
    safe = np.where(divisor == 0, 1, divisor)
    whole, rest = np.divmod(numerator, safe)
    # two integers that floats hold exactly give the nearest float at once; larger ones in parts
    quotient = np.where(np.abs(numerator) < _EXACT, numerator / safe, whole + rest / safe)
    return np.where(divisor == 0, np.nan, quotient)


def units_expr(value: pl.Expr, unit: int) -> pl.Expr:
    """Return a Polars expression of ``value`` in whole units; null stays null."""
    return (value * unit).round().cast(pl.Int64)


def divide_expr(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Return the quotient of whole numbers as the nearest float; null where dividing by 0."""
    safe = pl.when(denominator != 0).then(denominator)
    parts = (numerator // safe) + (numerator % safe) / safe
    return pl.when(numerator.abs() < _EXACT).then(numerator / safe).otherwise(parts)
