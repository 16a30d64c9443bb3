"""One value per period and station, as the tests for trend take it apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lantian.errors import InvalidArgumentError
from lantian.evaluation.timeframe import Floats, check_columns, keys_of, numbers
from lantian.i18n import gettext as _

_EPOCH = dt.date(1970, 1, 1)
_MONTHS = 12


@dataclass(frozen=True)
class Series:
    """A series in time order: its station (``key``), dates and values, NaN where missing."""

    key: dict[str, Any]
    dates: list[dt.date]
    values: Floats

    @property
    def days(self) -> Floats:
        """Days since 1970-01-01."""
        return np.array([(d - _EPOCH).days for d in self.dates], dtype=np.float64)

    def measured(self) -> Series:
        """Return the series without its missing values."""
        known = ~np.isnan(self.values)
        dates = [d for d, k in zip(self.dates, known, strict=True) if k]
        return Series(self.key, dates, self.values[known])

    def months_spanned(self) -> int:
        """Count the months from the first value to the last."""
        known = self.measured().dates
        return _month(known[-1]) - _month(known[0]) + 1 if known else 0

    def monthly(self) -> tuple[Series, NDArray[np.bool_]]:
        """Return every month from the first value to the last, and which of them are filled in.

        A month without a value gets the mean of its calendar month (of all months, if that has
        none) plus the anomaly interpolated between its neighbours.
        """
        known = self.measured()
        months = np.array([_month(d) for d in known.dates], dtype=np.int64)
        if np.unique(months).size < months.size:
            raise InvalidArgumentError(
                "evaluation.month_twice",
                _("A monthly series needs one value a month; {series} has several in one.").format(
                    series=" ".join(map(str, self.key.values())) or _("the table")
                ),
            )
        every = np.arange(months[0], months[-1] + 1)
        usual = np.full(_MONTHS, known.values.mean())
        for month in np.unique(months % _MONTHS):
            usual[month] = known.values[months % _MONTHS == month].mean()
        anomaly = np.interp(every, months, known.values - usual[months % _MONTHS])
        values = anomaly + usual[every % _MONTHS]
        values[months - months[0]] = known.values
        imputed = np.ones(every.size, dtype=bool)
        imputed[months - months[0]] = False
        dates = [dt.date(int(m) // _MONTHS, int(m) % _MONTHS + 1, 1) for m in every]
        return Series(self.key, dates, values), imputed


def series_of(frame: pl.DataFrame, column: str, time: str) -> Iterator[Series]:
    """Yield the series of each station, in order of station and time.

    Raises
    ------
    InvalidArgumentError
        A column is absent, ``time`` holds no dates, or a period occurs twice.
    """
    check_columns(frame, [time, column])
    keys, kind = keys_of(frame), frame.schema[time]
    if not kind.is_temporal() or kind in (pl.Time(), pl.Duration()):
        raise InvalidArgumentError(
            "evaluation.no_dates",
            _("The column {column} must hold dates, not {type}.").format(column=time, type=kind),
        )
    date = pl.col(time) if kind == pl.Date() else pl.col(time).dt.date()
    table = frame.select(*keys, date.alias("_date"), column).sort([*keys, "_date"])
    parts = table.partition_by(keys, maintain_order=True) if keys else [table]
    for part in parts:
        dates = part["_date"].to_list()
        if len(set(dates)) < len(dates) or None in dates:
            raise InvalidArgumentError(
                "evaluation.period_twice",
                _("{series}: a period is missing its date or occurs twice in {column}.").format(
                    series=" ".join(str(part[k][0]) for k in keys) or _("the table"), column=time
                ),
            )
        if dates:
            yield Series({k: part[k][0] for k in keys}, dates, numbers(part, column))


def _month(date: dt.date) -> int:
    return date.year * _MONTHS + date.month - 1
