"""The statistics of one period, station by station: means, percentiles, valid days (HJ 663).

Whole numbers throughout, so that row order and thread count change nothing (see ``exact``). Days
lie in a table of one row a station, whose rows are sorted: a year of a nation takes a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian.evaluation.exact import DAY_UNIT, FloatArray, IntArray, divide, to_units

BoolArray = npt.NDArray[np.bool_]
_ABSENT = np.iinfo(np.int64).max


@dataclass(frozen=True)
class StationDays:
    """Station-days in order of station.

    Parameters
    ----------
    frame
        A daily table sorted by station.
    """

    frame: pl.DataFrame

    @staticmethod
    def of(days: pl.DataFrame) -> StationDays:
        """Return a daily table, whatever its order, by station."""
        ordered = days["station"].is_sorted()
        return StationDays(days if ordered else days.sort("station", maintain_order=True))

    @cached_property
    def starts(self) -> IntArray:
        """First row of each station, shape (n_stations,)."""
        names = self.frame["station"]
        other = (names != names.shift(1)).fill_null(value=True).to_numpy()
        return np.flatnonzero(other)

    @cached_property
    def stations(self) -> pl.Series:
        """The stations, in order."""
        return self.frame["station"].gather(self.starts)

    @cached_property
    def row(self) -> IntArray:
        """Number of the station of each row, shape (n_rows,)."""
        return np.repeat(np.arange(self.starts.size), self.lengths)

    @cached_property
    def lengths(self) -> IntArray:
        """Rows of each station, shape (n_stations,)."""
        return np.diff(np.append(self.starts, self.frame.height))

    def values(self, column: str) -> Values:
        """Return one column of values; null is not valid."""
        return Values(self, self.frame[column].cast(pl.Float64).to_numpy())

    def count(self, condition: BoolArray) -> IntArray:
        """Return on how many days of each station a condition holds, shape (n_stations,)."""
        return self.total(condition.astype(np.int64))

    def total(self, amount: IntArray) -> IntArray:
        """Return the sum over the days of each station, shape (n_stations,)."""
        return np.add.reduceat(amount, self.starts) if self.starts.size else amount[:0]

    def monthly(self, condition: BoolArray, months: Sequence[date]) -> IntArray:
        """Return the same by month, shape (n_stations, n_months); the days are all in them."""
        first = pl.Series(months).cast(pl.Int32).to_numpy()
        day = self.frame["date"].cast(pl.Int32).to_numpy()[condition]
        month = np.searchsorted(first, day, side="right") - 1
        cell = self.row[condition] * len(months) + month
        found = np.bincount(cell, minlength=self.starts.size * len(months))
        return found.reshape(self.starts.size, len(months))

    def only(self, texts: pl.Series, otherwise: str) -> pl.Series:
        """Return the one text all days of a station have; ``otherwise`` where they differ."""
        known = texts.unique().to_list()
        if len(known) < 2:
            return pl.Series([*known, otherwise], dtype=pl.String).new_from_index(
                0, self.starts.size
            )
        has = [self.count(texts.eq_missing(text).to_numpy()) > 0 for text in known]
        several = np.sum(has, axis=0) > 1
        which = np.argmax(has, axis=0)
        names = pl.Series([*known, otherwise], dtype=pl.String)
        return names.gather(np.where(several, len(known), which))


@dataclass(frozen=True)
class Values:
    """One column of daily values; NaN is not valid."""

    days: StationDays
    value: FloatArray

    @cached_property
    def known(self) -> BoolArray:
        """Whether each value is valid, shape (n_rows,)."""
        return ~np.isnan(self.value)

    @cached_property
    def units(self) -> IntArray:
        """The values in whole units; 0 where not valid, shape (n_rows,)."""
        return to_units(self.value, DAY_UNIT)

    @cached_property
    def n(self) -> IntArray:
        """Valid days of each station, shape (n_stations,)."""
        return self.days.count(self.known)

    def mean(self) -> FloatArray:
        """Return the mean of each station; NaN of none, shape (n_stations,)."""
        return divide(self.days.total(self.units), self.n * DAY_UNIT)

    def percentile(self, percent: int) -> FloatArray:
        """Return the HJ 663 percentile of each station: k = 1 + (n-1)p %, linear; NaN of none."""
        days = self.days
        table = np.full((days.starts.size, int(days.lengths.max(initial=1))), _ABSENT, np.int64)
        place = np.arange(self.value.size) - days.starts[days.row]
        table[days.row[self.known], place[self.known]] = self.units[self.known]
        table.sort(axis=1)
        step = np.maximum(self.n - 1, 0) * percent
        lower = np.take_along_axis(table, (step // 100)[:, None], axis=1)[:, 0]
        above = np.minimum(step // 100 + 1, np.maximum(self.n - 1, 0))
        upper = np.take_along_axis(table, above[:, None], axis=1)[:, 0]
        some = self.n > 0
        lower, upper = np.where(some, lower, 0), np.where(some, upper, 0)
        found = divide(lower * 100 + (upper - lower) * (step % 100), 100 * DAY_UNIT)
        return np.where(some, found, np.nan)
