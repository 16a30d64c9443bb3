"""Numeric rounding by GB/T 8170-2008: once, half to even, on the decimal a number stands for.

A binary float stands for the shortest decimal that reads back as it (what ``repr`` prints), so
2.05 is a tie and rounds to 2.0, although the float itself lies a little above.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import TypeAlias, overload

import numpy as np
import numpy.typing as npt
import polars as pl

FloatArray: TypeAlias = npt.NDArray[np.float64]

_EXACT = 2.0**52  # above this a float has no fraction to round


@overload
def round_half_even(value: Decimal | str, digits: int = 0) -> Decimal: ...
@overload
def round_half_even(value: Fraction, digits: int = 0) -> Fraction: ...
@overload
def round_half_even(value: float, digits: int = 0) -> float: ...
@overload
def round_half_even(value: FloatArray, digits: int = 0) -> FloatArray: ...


def round_half_even(
    value: Decimal | str | Fraction | float | FloatArray, digits: int = 0
) -> Decimal | Fraction | float | FloatArray:
    """Round to ``digits`` decimals (negative: tens, hundreds …), half to even.

    Parameters
    ----------
    value
        Decimal text or ``Decimal`` (gives ``Decimal``), ``Fraction``, float, or array of floats.
        Negative values round by their absolute value (GB/T 8170 3.2). NaN stays NaN.
    digits
        Decimals to keep.

    Examples
    --------
    >>> round_half_even("15.4546")
    Decimal('15')
    >>> round_half_even(2.05, 1), round_half_even(2.15, 1)
    (2.0, 2.2)
    """
    if isinstance(value, str | Decimal):
        return _round_decimal(Decimal(value), digits)
    if isinstance(value, Fraction):
        scale = Fraction(10) ** digits
        return Fraction(round(value * scale)) / scale
    if isinstance(value, np.ndarray):
        return _round_array(value.astype(np.float64, copy=False), digits)
    return float(_round_array(np.array([value], dtype=np.float64), digits)[0])


def round_expr(value: pl.Expr, digits: int) -> pl.Expr:
    """Round a Polars float expression as :func:`round_half_even`; null stays null."""
    return value.cast(pl.Float64).map_batches(
        lambda s: pl.Series(s.name, _round_array(s.to_numpy(), digits), nan_to_null=True),
        return_dtype=pl.Float64,
        is_elementwise=True,
    )


def round_scaled(value: FloatArray, digits: int) -> FloatArray:
    """Return ``value`` rounded and multiplied by ``10**digits``: a whole number in a float.

    The tie between two neighbours is the decimal (2k+1)/(2·10^digits); dividing two integers gives
    the float nearest to it, so comparing with that float decides exactly as decimals would.
    """
    known = np.isfinite(value)
    size = np.abs(np.where(known, value, 0.0))
    if digits == 0:
        whole = np.rint(size)
    else:
        scale = 10.0 ** abs(digits)
        shifted = size * scale if digits > 0 else size / scale
        below = np.floor(shifted)
        twice = 2.0 * below + 1.0
        tie = twice / (2.0 * scale) if digits > 0 else twice * (scale / 2.0)
        up = (size > tie) | ((size == tie) & (np.mod(below, 2.0) == 1.0))
        whole = np.where(shifted < _EXACT, below + up, np.rint(shifted))
    whole = np.where(known, whole, np.abs(value))
    return np.copysign(whole, value)


def _round_array(value: FloatArray, digits: int) -> FloatArray:
    scaled = round_scaled(value, digits)
    rounded = scaled / 10.0**digits if digits >= 0 else scaled * 10.0**-digits
    return np.asarray(rounded + 0.0)  # -0.0 becomes 0.0


def _round_decimal(value: Decimal, digits: int) -> Decimal:
    if not value.is_finite():
        return value
    with localcontext() as context:
        context.prec = max(
            28, len(value.as_tuple().digits) + abs(digits) + 2, value.adjusted() + digits + 3
        )
        return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)
