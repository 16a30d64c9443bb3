"""Hours, periods and groups of a wide hourly frame: what the statistics of this floor share.

A *wide hourly frame* has ``time`` (Datetime with a time zone, on the whole hour), optionally
``station``, and one numeric column per parameter. ``label`` says which end of its hour ``time``
marks: ``"end"`` as China's network does (16:00 is 15:00–16:00), ``"start"`` as most of Europe does.
Everything is computed on the START of each hour in local time, so both give the same periods.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _

Label = Literal["end", "start"]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

HOUR = pl.duration(hours=1)
LOCAL = "_local"  # start of the hour, wall clock of the zone, no zone attached
INSTANT = "_instant"  # start of the hour, UTC
_MICROSECONDS = 3_600_000_000
_NAMED = {"day": "1d", "week": "1w", "month": "1mo", "quarter": "1q", "year": "1y", "season": "1q"}
_HOURS = re.compile(r"([0-9]+)h")


def check_choice(value: object, allowed: Sequence[str], argument: str) -> None:
    """Raise InvalidArgumentError unless ``value`` is one of ``allowed``."""
    if value not in allowed:
        raise InvalidArgumentError(
            "evaluation.unknown_choice",
            _("'{value}' is not a value of {argument}; use one of {names}.").format(
                value=value, argument=argument, names=", ".join(allowed)
            ),
            {"argument": argument, "value": value},
        )


def check_columns(frame: pl.DataFrame, columns: Sequence[str]) -> None:
    """Raise InvalidArgumentError naming the columns that ``frame`` lacks."""
    absent = [c for c in columns if c not in frame.columns]
    if absent:
        raise InvalidArgumentError(
            "evaluation.missing_column",
            _("The table lacks the columns {names}; it has {have}.").format(
                names=", ".join(absent), have=", ".join(frame.columns)
            ),
            {"columns": absent},
        )


def check_fraction(value: float, argument: str) -> None:
    """Raise InvalidArgumentError unless 0 <= ``value`` <= 1 (a fraction, not per cent)."""
    if not 0.0 <= value <= 1.0:
        raise InvalidArgumentError(
            "evaluation.not_a_fraction",
            _("{argument} is a fraction between 0 and 1, not {value}.").format(
                argument=argument, value=value
            ),
            {"argument": argument, "value": value},
        )


def keys_of(frame: pl.DataFrame) -> list[str]:
    """Return the grouping columns a frame has: ``["station"]`` or nothing."""
    return ["station"] if "station" in frame.columns else []


def values_of(frame: pl.DataFrame) -> list[str]:
    """Return the numeric columns of a wide frame, in order."""
    return [c for c, t in frame.schema.items() if c != "time" and t.is_numeric()]


def check_time(frame: pl.DataFrame) -> None:
    """Raise InvalidArgumentError unless ``time`` is zoned and on the whole hour throughout."""
    check_columns(frame, ["time"])
    dtype = frame.schema["time"]
    if not isinstance(dtype, pl.Datetime) or dtype.time_zone is None:
        raise InvalidArgumentError(
            "evaluation.naive_time",
            _("The column time must be a date and time with a time zone, not {type}.").format(
                type=dtype
            ),
        )
    off = frame.filter(
        pl.col("time").is_null() | (pl.col("time").dt.epoch("us") % _MICROSECONDS != 0)
    )
    if off.height:
        raise InvalidArgumentError(
            "evaluation.not_hourly",
            _(
                "{count} rows have a time that is missing or not on the hour (first: {first});"
                " average them to hours first."
            ).format(count=off.height, first=off["time"][0]),
            {"rows": off.height},
        )


def with_hours(frame: pl.DataFrame, *, label: Label, zone: str) -> pl.DataFrame:
    """Return the frame sorted by station and time, with the start of each hour added.

    Sorting first is what keeps row order out of every result.

    Raises
    ------
    InvalidArgumentError
        ``time`` is absent, has no zone or is off the hour; a station has an hour twice.
    """
    check_choice(label, get_args(Label), "label")
    check_time(frame)
    start = pl.col("time").dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    if label == "end":
        start = start - HOUR
    keys = keys_of(frame)
    out = (
        frame.with_columns(start.alias(INSTANT))
        .sort([*keys, INSTANT])
        .with_columns(
            pl.col(INSTANT).dt.convert_time_zone(zone).dt.replace_time_zone(None).alias(LOCAL)
        )
    )
    same = pl.col(INSTANT) == pl.col(INSTANT).shift()
    for key in keys:
        same = same & pl.col(key).eq_missing(pl.col(key).shift())
    twice = out.filter(same)
    if twice.height:
        raise InvalidArgumentError(
            "evaluation.hour_twice",
            _("{count} hours occur more than once (first: {first}); keep one row each.").format(
                count=twice.height, first=" ".join(str(twice[c][0]) for c in (*keys, "time"))
            ),
            {"rows": twice.height},
        )
    return out


def numbers(frame: pl.DataFrame, column: str) -> Floats:
    """Return a column as float64 with NaN for null."""
    return frame[column].cast(pl.Float64).fill_null(float("nan")).to_numpy()


def nullable(name: str, values: Floats) -> pl.Series:
    """Return a float column with null for NaN."""
    return pl.Series(name, values, dtype=pl.Float64).fill_nan(None)


@dataclass(frozen=True)
class Groups:
    """Runs of equal keys in a frame sorted by them.

    Sums run in row order within a run, so neither threads nor chunks can change a digit.

    Attributes
    ----------
    keys
        One row per group, in order.
    offsets
        Index of the first row of each group, shape ``(n_groups,)``.
    """

    keys: pl.DataFrame
    offsets: Integers

    @classmethod
    def of(cls, frame: pl.DataFrame, by: Sequence[str]) -> Groups:
        """Find the groups of ``frame``, which must be sorted by ``by``."""
        if not frame.height:
            return cls(frame.select(by), np.zeros(0, dtype=np.int64))
        if not by:
            return cls(pl.DataFrame(), np.zeros(1, dtype=np.int64))
        first = frame.select(
            pl.any_horizontal(pl.col(c).ne_missing(pl.col(c).shift()) for c in by).alias("first")
        )["first"].to_numpy(writable=True)
        first[0] = True
        offsets = np.flatnonzero(first).astype(np.int64)
        return cls(frame.select(by)[offsets], offsets)

    def sum(self, values: Floats) -> Floats:
        """Sum each group, NaN counting as nothing."""
        return np.add.reduceat(np.where(np.isnan(values), 0.0, values), self.offsets)

    def count(self, values: Floats) -> Integers:
        """Count the values of each group that are not NaN."""
        return np.add.reduceat((~np.isnan(values)).astype(np.int64), self.offsets)

    def mean(self, values: Floats) -> Floats:
        """Average each group; NaN where a group has no value."""
        with np.errstate(invalid="ignore"):
            return self.sum(values) / self.count(values)

    def std(self, values: Floats) -> Floats:
        """Sample standard deviation (n − 1) of each group; NaN below two values."""
        sizes = np.diff(np.append(self.offsets, values.size))
        deviation = values - np.repeat(self.mean(values), sizes)
        n = self.count(values)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(n > 1, np.sqrt(self.sum(deviation * deviation) / (n - 1)), np.nan)

    def extreme(self, values: Floats, which: Literal["min", "max"]) -> Floats:
        """Smallest or largest value of each group; NaN where there is none."""
        pick = np.fmin if which == "min" else np.fmax
        return pick.reduceat(values, self.offsets)

    def quantile(self, values: Floats, fraction: float) -> Floats:
        """Quantile by linear interpolation at rank 1 + (n − 1)·fraction, as HJ 663 annex A."""
        sizes = np.diff(np.append(self.offsets, values.size))
        table = pl.DataFrame(
            {"g": np.repeat(np.arange(self.offsets.size), sizes), "v": nullable("v", values)}
        )
        found = table.group_by("g").agg(pl.col("v").quantile(fraction, "linear")).sort("g")
        return numbers(found, "v")


def period_start(every: str) -> pl.Expr:
    """Return the start of the period that holds ``LOCAL``, as wall-clock time.

    ``every`` is ``day``, ``week`` (from Monday), ``month``, ``quarter``, ``season`` (December to
    February and so on), ``year`` or ``Nh`` with N dividing 24, counted from local midnight.
    """
    step = _step(every)
    if every == "season":  # December belongs to the winter that follows
        return pl.col(LOCAL).dt.offset_by("1mo").dt.truncate(step).dt.offset_by("-1mo")
    return pl.col(LOCAL).dt.truncate(step)


def period_end(every: str, start: str) -> pl.Expr:
    """Return the wall-clock time at which the period beginning at column ``start`` ends."""
    return pl.col(start).dt.offset_by(_step(every))


def all_periods(found: pl.DataFrame, every: str, start: str) -> pl.DataFrame:
    """Return every period from the first to the last of each station, also those without rows."""
    keys = keys_of(found)
    first, last = pl.col(start).min().alias("first"), pl.col(start).max().alias("last")
    spans = found.group_by(keys).agg(first, last) if keys else found.select(first, last)
    return (
        spans.with_columns(
            pl.datetime_ranges(pl.col("first"), pl.col("last"), interval=_step(every)).alias(start)
        )
        .explode(start)
        .select(*keys, start)
        .sort([*keys, start])
    )


def in_zone(column: str, zone: str) -> pl.Expr:
    """Attach ``zone`` to wall-clock times.

    Of two the earlier is taken; a time that the clocks skip moves to the hour after it.
    """
    wall = pl.col(column)

    def attach(expr: pl.Expr) -> pl.Expr:
        return expr.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")

    return pl.coalesce(attach(wall), attach(wall + HOUR))


def _step(every: str) -> str:
    if every in _NAMED:
        return _NAMED[every]
    match = _HOURS.fullmatch(every)
    if match and int(match[1]) > 0 and 24 % int(match[1]) == 0:
        return every
    raise InvalidArgumentError(
        "evaluation.unknown_period",
        _("'{every}' is not a period; use {names} or Nh with N dividing 24, such as 8h.").format(
            every=every, names=", ".join(_NAMED)
        ),
        {"every": every},
    )
