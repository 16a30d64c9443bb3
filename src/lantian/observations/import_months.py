"""Cut values into local months without moving them row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian.observations.layout import period_length

# Rows of a month on average in one piece, below which sorting is cheaper than cutting.
_WORTH_CUTTING = 50
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def by_month(frame: pl.DataFrame, zone: str) -> Sequence[Callable[[], pl.DataFrame]]:
    """Return one call for each averaging period and local month, in order, that gives its rows.

    Files mostly hold one station or parameter after another, each in the order of time, so that a
    month is some hundred slices of them. They are put together when the call is made, so that the
    values are never in memory twice.

    Parameters
    ----------
    frame
        Long frame.
    zone
        Whose months; a value belongs to the month its averaging period begins in.
    """
    months: list[Callable[[], pl.DataFrame]] = []
    for (_period,), rows in sorted(frame.partition_by("period", as_dict=True).items()):
        months += [partial(pl.concat, pieces, rechunk=True) for pieces in _months(rows, zone)]
    return months


def _months(rows: pl.DataFrame, zone: str) -> list[list[pl.DataFrame]]:
    length = period_length(rows["period"][0])
    begin = rows["time"].to_physical().to_numpy() - length // _MICROSECOND
    bounds = _bounds(int(begin.min()), int(begin.max()), zone)
    number = np.searchsorted(bounds, begin, side="right")
    cuts = np.flatnonzero(np.diff(number)) + 1
    if len(cuts) > len(number) // _WORTH_CUTTING:
        order = np.argsort(number, kind="stable")
        rows, number = rows[order], number[order]
        cuts = np.flatnonzero(np.diff(number)) + 1
    pieces: dict[int, list[pl.DataFrame]] = {}
    for start, end in pairwise([0, *cuts.tolist(), len(number)]):
        pieces.setdefault(int(number[start]), []).append(rows.slice(start, end - start))
    return [pieces[n] for n in sorted(pieces)]


def _bounds(first: int, last: int, zone: str) -> npt.NDArray[np.int64]:
    """Return the beginnings of the local months after that of ``first`` to ``last`` [µs]."""
    local = (_EPOCH + timedelta(microseconds=first)).astimezone(ZoneInfo(zone))
    year, month = local.year, local.month
    found: list[int] = []
    while not found or found[-1] <= last:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        start = datetime(year, month, 1, tzinfo=ZoneInfo(zone))
        found.append((start - _EPOCH) // _MICROSECOND)
    return np.array(found, dtype=np.int64)
