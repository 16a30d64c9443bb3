"""HJ 633: the individual air quality index (IAQI), exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import overload

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian.errors import UnknownNameError
from lantian.i18n import gettext as _
from lantian.standards._data import load
from lantian.standards.editions import edition as _edition
from lantian.standards.rounding import FloatArray, round_half_even, round_scaled

IntArray = npt.NDArray[np.int64]
Scalar = float | int | Decimal | Fraction
_TOP_INDEX = 500


@cache
def _column(pollutant: str, averaging: str, edition: str) -> tuple[IntArray, IntArray, int, int]:
    """Return scaled nodes, their indices, decimal digits and the index beyond (-1: none)."""
    table = load("hj633")
    if pollutant not in table["breakpoints"]:
        raise UnknownNameError(
            "standards.unknown_pollutant",
            _("There is no pollutant '{pollutant}' in HJ 633; it has {names}.").format(
                pollutant=pollutant, names=", ".join(table["digits"])
            ),
            {"pollutant": pollutant},
        )
    columns = table["breakpoints"][pollutant]
    asked = averaging
    if asked == "1h" and asked not in columns and pollutant in ("pm25", "pm10"):
        asked = "24h"  # HJ 633-2026: the hourly PM value is read in the 24 h column
    nodes = columns.get(asked)
    if nodes is None:
        raise UnknownNameError(
            "standards.no_iaqi_column",
            _("HJ 633 has no {averaging} index for {pollutant}.").format(
                averaging=averaging, pollutant=pollutant
            ),
            {"pollutant": pollutant, "averaging": averaging},
        )
    if isinstance(nodes, dict):
        nodes = nodes[edition]
    digits = int(table["digits"][pollutant])
    indices = np.array(table["iaqi"][: len(nodes)], dtype=np.int64)
    beyond = int(indices[-1])
    if beyond < _TOP_INDEX and table["beyond_short_column"][edition] == "not_computed":
        beyond = -1
    return np.array(nodes, dtype=np.int64) * 10**digits, indices, digits, beyond


def breakpoints(pollutant: str, *, averaging: str, edition: str) -> tuple[float, ...]:
    """Return the concentrations at IAQI 0, 50, 100, 150, 200, 300 … of HJ 633 table 1.

    [µg/m³]; CO [mg/m³]. Fewer than eight where the column ends sooner; errors as :func:`iaqi`.
    """
    nodes, _indices, digits, _beyond = _column(pollutant, averaging, _edition(edition).id)
    return tuple(float(n) / 10**digits for n in nodes)


def daily_uses_o3_1h(edition: str) -> bool:
    """Return whether the daily AQI of an edition also takes the largest hour of O3 (HJ 633)."""
    return bool(load("hj633")["daily_uses_o3_1h"][_edition(edition).id])


def incomplete_above() -> Mapping[str, int]:
    """Return by edition the AQI above which one with a pollutant missing is published (HJ 633)."""
    return MappingProxyType(load("hj633")["incomplete_above"])


@overload
def iaqi(
    pollutant: str, concentration: Scalar, *, averaging: str, edition: str, rounded: bool = ...
) -> float: ...
@overload
def iaqi(
    pollutant: str,
    concentration: Sequence[float] | npt.NDArray[np.floating] | npt.NDArray[np.integer] | pl.Series,
    *,
    averaging: str,
    edition: str,
    rounded: bool = ...,
) -> FloatArray: ...


def iaqi(
    pollutant: str,
    concentration: Scalar
    | Sequence[float]
    | npt.NDArray[np.floating]
    | npt.NDArray[np.integer]
    | pl.Series,
    *,
    averaging: str,
    edition: str,
    rounded: bool = True,
) -> float | FloatArray:
    """Return the individual air quality index of HJ 633: whole numbers, rounded up.

    The concentration is rounded first (GB/T 8170: integer, CO one decimal; HJ 633-2026 4.2.2,
    4.2.3), interpolated between breakpoints in integers, and the index rounded up (4.2.6).

    Parameters
    ----------
    pollutant
        ``pm25 pm10 so2 no2 co o3``.
    concentration
        [µg/m³]; CO [mg/m³]. Scalar or array of any shape.
    averaging
        ``1h``, ``24h``, or ``8h`` (O3). PM ``1h`` is read in the 24 h column.
    edition
        ``2012``, ``2026-transition`` or ``2026-final``; ``auto`` raises.
    rounded
        False computes from the unrounded concentration, as some 2012 platforms did.

    Returns
    -------
    float or array of float
        NaN for NaN, infinity and negative values, and under 2012 for SO2 1 h and O3 8 h above 800
        (not computed); above the last breakpoint 500 (2026: SO2 1 h 200, O3 8 h 300).

    Raises
    ------
    UnknownNameError
        (a LookupError) No such pollutant, column or edition.
    InvalidArgumentError
        ``edition`` is ``auto``.
    """
    column = _column(pollutant, averaging, _edition(edition).id)
    if isinstance(concentration, Decimal) and not concentration.is_finite():
        concentration = float(concentration)
    if isinstance(concentration, Decimal | Fraction):
        exact = Fraction(concentration)
        concentration = float(
            round_half_even(exact, column[2]) if rounded and exact >= 0 else exact
        )
    values = (
        concentration.cast(pl.Float64).to_numpy()
        if isinstance(concentration, pl.Series)
        else np.asarray(concentration, dtype=np.float64)
    )
    flat = np.atleast_1d(values).ravel()
    result = _rounded_iaqi(flat, column) if rounded else _unrounded_iaqi(flat, column)
    if values.ndim == 0:
        return float(result[0])
    return result.reshape(values.shape)


def _rounded_iaqi(value: FloatArray, column: tuple[IntArray, IntArray, int, int]) -> FloatArray:
    nodes, indices, digits, beyond = column
    known = np.isfinite(value) & (value >= 0)
    # One look at a table of all the whole numbers there are, the last one standing for beyond.
    table = _table(tuple(nodes.tolist()), tuple(indices.tolist()), beyond)
    scaled = np.minimum(round_scaled(np.where(known, value, 0.0), digits), table.size - 1)
    return np.where(known, table[scaled.astype(np.int64)], np.nan)


@cache
def _table(nodes: tuple[int, ...], indices: tuple[int, ...], beyond: int) -> FloatArray:
    """Return the index of each scaled concentration up to the last node, and then of one beyond."""
    scaled = np.arange(nodes[-1] + 1)
    ends, steps = np.array(nodes), np.array(indices)
    segment = np.clip(np.searchsorted(ends, scaled, side="left") - 1, 0, len(nodes) - 2)
    low, high = ends[segment], ends[segment + 1]
    bottom, top = steps[segment], steps[segment + 1]
    # ceil(a/b) of integers, without a float in sight
    index = bottom - (-((top - bottom) * (scaled - low)) // (high - low))
    return np.append(index, beyond if beyond >= 0 else np.nan).astype(np.float64)


def _unrounded_iaqi(value: FloatArray, column: tuple[IntArray, IntArray, int, int]) -> FloatArray:
    """Index of each value taken as the decimal it prints as; rational arithmetic, one by one."""
    nodes, indices, digits, beyond = column
    result = np.full(value.shape, np.nan)
    for i, x in enumerate(value):
        if not np.isfinite(x) or x < 0:
            continue
        exact = Fraction(repr(float(x))) * 10**digits
        if exact > int(nodes[-1]):
            result[i] = beyond if beyond >= 0 else np.nan
            continue
        k = max(1, next(j for j in range(len(nodes)) if exact <= int(nodes[j])))
        low, high = int(nodes[k - 1]), int(nodes[k])
        bottom, top = int(indices[k - 1]), int(indices[k])
        index = bottom + (top - bottom) * (exact - low) / (high - low)
        result[i] = -(-index.numerator // index.denominator)
    return result
