"""Rolling means over hours, whether or not the table has a row for every hour."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation.timeframe import (
    INSTANT,
    Floats,
    Integers,
    check_choice,
    check_columns,
    check_fraction,
    keys_of,
    nullable,
    numbers,
    with_hours,
)
from lantian.i18n import gettext as _

Align = Literal["right", "centre", "left"]
_ROUNDING = 1e-12


def rolling_mean(
    frame: pl.DataFrame,
    column: str,
    *,
    hours: int = 8,
    align: Align = "right",
    min_capture: float = 0.75,
) -> pl.DataFrame:
    """Average a sliding window of hours.

    Parameters
    ----------
    frame
        Wide hourly frame (see :mod:`lantian.evaluation.timeframe`).
    column
        What to average.
    hours
        Length of the window [h].
    align
        Where in its window the time of a row stands: ``"right"`` the window ends with it,
        ``"left"`` begins with it, ``"centre"`` surrounds it; an even window has its extra hour
        after it: of 8 hours ``[t − 3 h, t + 4 h]``.
    min_capture
        Fraction of the window's hours that must have a value; hours without a row and hours
        before the first or after the last row count as missing.

    Returns
    -------
    pl.DataFrame
        ``station`` (if given), ``time``, ``column``, ``<column>_<hours>h`` (null below
        ``min_capture``) and ``n_<column>_<hours>h``, for every hour from a station's first to its
        last: an hour without a row still has a window.

    Raises
    ------
    InvalidArgumentError
        The column is absent, the window is shorter than an hour, ``time`` is unusable or an hour
        occurs twice.
    """
    check_columns(frame, [column])
    check_choice(align, get_args(Align), "align")
    check_fraction(min_capture, "min_capture")
    if hours < 1:
        raise InvalidArgumentError(
            "evaluation.window",
            _("A rolling window needs at least 1 hour, not {hours}.").format(hours=hours),
            {"hours": hours},
        )
    keys = keys_of(frame)
    ordered = with_hours(frame.select(*keys, "time", column), label="start", zone="UTC")
    stations = ordered.partition_by(keys, maintain_order=True) if keys else [ordered]
    ahead = {"right": 0, "left": hours - 1, "centre": hours // 2}[align]
    parts = [
        _one_station(part, column, hours=hours, ahead=ahead, min_capture=min_capture)
        for part in stations
        if part.height
    ]
    if parts:
        return pl.concat(parts)
    mean, count = _names(column, hours)
    return ordered.select(*keys, "time", pl.col(column).cast(pl.Float64)).with_columns(
        pl.lit(None, pl.Float64).alias(mean), pl.lit(0, pl.Int64).alias(count)
    )


def sliding_sums(values: Floats, hours: int, ahead: int) -> tuple[Floats, Integers]:
    """Sum and count the window ``[i − hours + 1 + ahead, i + ahead]`` at every ``i``.

    Each window is summed on its own, first hour to last, so that no error is carried along and a
    window gives the same digits wherever the series begins.

    Parameters
    ----------
    values
        One value per hour, NaN where missing.
    hours
        Length of the window.
    ahead
        How many of its hours lie after ``i``.
    """
    n = values.size
    known = ~np.isnan(values)
    padded = np.zeros(n + 2 * hours)
    counts = np.zeros(n + 2 * hours, dtype=np.int64)
    padded[hours : hours + n] = np.where(known, values, 0.0)
    counts[hours : hours + n] = known
    first = ahead + 1  # place in the padded array of the first hour of window 0
    total, number = np.zeros(n), np.zeros(n, dtype=np.int64)
    for k in range(first, first + hours):
        total += padded[k : k + n]
        number += counts[k : k + n]
    return total, number


def _one_station(
    part: pl.DataFrame, column: str, *, hours: int, ahead: int, min_capture: float
) -> pl.DataFrame:
    keys = keys_of(part)
    instants = part[INSTANT].dt.epoch("s").to_numpy() // 3600
    place = instants - instants[0]
    values = np.full(int(place[-1]) + 1, np.nan)
    values[place] = numbers(part, column)
    total, number = sliding_sums(values, hours, ahead)
    enough = (number > 0) & (number / hours >= min_capture - _ROUNDING)
    with np.errstate(invalid="ignore"):
        mean = np.where(enough, total / number, np.nan)
    zone = part.schema["time"]
    time = pl.datetime_range(part["time"][0], part["time"][-1], interval="1h", eager=True).cast(
        zone
    )
    mean_name, count_name = _names(column, hours)
    return pl.DataFrame(
        [
            *(
                pl.repeat(part[k][0], values.size, dtype=part.schema[k], eager=True).alias(k)
                for k in keys
            ),
            time.alias("time"),
            nullable(column, values),
            nullable(mean_name, mean),
            pl.Series(count_name, number),
        ]
    )


def _names(column: str, hours: int) -> tuple[str, str]:
    return f"{column}_{hours}h", f"n_{column}_{hours}h"
