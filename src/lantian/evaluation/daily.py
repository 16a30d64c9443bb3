"""From hourly to daily values: 24 h means, MDA8, validity and AQI (HJ 663, HJ 633)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian.evaluation._checks import numbers, table
from lantian.evaluation._columns import with_missing_columns
from lantian.evaluation.days import DayIndex, day_index
from lantian.evaluation.exact import HOUR_UNIT, FloatArray, IntArray, divide, to_units
from lantian.evaluation.judge import WITH_DUST, judge
from lantian.i18n import gettext as _
from lantian.standards import EDITIONS, POLLUTANTS, VALIDITY, Settings, edition_expr, limit

_WINDOW = 8
_COMMON = 168  # lcm(6, 7, 8): window sums of 6, 7 and 8 hours compared as whole numbers
_CHUNK = 100_000  # station-days whose windows are held at a time


def daily(
    hourly: pl.DataFrame | pl.LazyFrame,
    *,
    edition: str = "auto",
    zone: str = "Asia/Shanghai",
    settings: Settings | None = None,
) -> pl.DataFrame:
    """Return the daily table of an hourly one.

    A 24 h mean needs 20 hours; an O3 window (eight hours ending 08:00 … 24:00 of the same day)
    six, and the day 14 windows unless its maximum is above the limit (HJ 663, 6.1.2).

    Parameters
    ----------
    hourly
        ``station, time`` (END of the hour, with a zone) and any of the six pollutants; null and
        NaN are missing. Columns ``<p>_with_dust`` (see :func:`deduct_dust`) are averaged too.
    edition
        ``2012``, ``2026-transition``, ``2026-final`` or ``auto`` (by each local date).
    zone
        Whose local days these are.

    Returns
    -------
    polars.DataFrame
        ``station, date, pm25 pm10 so2 no2 co o3_mda8 o3_1h_max`` (unrounded; null when not valid),
        ``n_<p>`` (hours; windows for o3), ``valid_<p>``, ``iaqi_<p>``, ``aqi``, ``category``,
        ``primary``, ``edition``, ``missing``. Sorted by station and date; days without any row
        in ``hourly`` have none here.
    """
    settings = settings or Settings.default()
    what = _("hourly table")
    measured = with_missing_columns(table(hourly, ("station", "time"), what), POLLUTANTS)
    counted = [c for c in measured.columns if c.removesuffix(WITH_DUST) in POLLUTANTS]
    index = day_index(numbers(measured, counted, what), zone)
    frame = pl.DataFrame(
        [
            index.stations.alias("station"),
            pl.Series("date", index.dates).cast(pl.Int32).cast(pl.Date),
        ]
    )
    values: dict[str, pl.Series] = {}
    counts: dict[str, pl.Series] = {}
    for p in (p for p in POLLUTANTS if p != "o3"):
        for column in (p, p + WITH_DUST):
            if column not in index.frame.columns:
                continue
            mean, n = _means(index, column)
            values[column] = _series(column, mean)
            if column == p:
                counts[p] = pl.Series(f"n_{p}", n, dtype=pl.Int32)
    limits = _o3_limit(frame, edition)
    mda8, windows, top = _ozone(index, limits, settings)
    values |= {"o3_mda8": _series("o3_mda8", mda8), "o3_1h_max": _series("o3_1h_max", top)}
    counts["o3"] = pl.Series("n_o3", windows, dtype=pl.Int32)
    ordered = [
        *(values[p] for p in POLLUTANTS if p != "o3"),
        values["o3_mda8"],
        values["o3_1h_max"],
    ]
    frame = frame.with_columns(
        *ordered,
        *(s for c, s in values.items() if c.endswith(WITH_DUST)),
        *(counts[p] for p in POLLUTANTS),
    ).with_columns(
        pl.col("o3_mda8" if p == "o3" else _counted(p, values)).is_not_null().alias(f"valid_{p}")
        for p in POLLUTANTS
    )
    return judge(frame, edition=edition, settings=settings)


def _counted(p: str, values: dict[str, pl.Series]) -> str:
    """Return the column whose presence makes the day valid: deducted dust does not unmake it."""
    return p + WITH_DUST if p + WITH_DUST in values else p


def _series(name: str, values: FloatArray) -> pl.Series:
    return pl.Series(name, values, nan_to_null=True)


def _floats(index: DayIndex, column: str) -> FloatArray:
    return index.frame[column].cast(pl.Float64).to_numpy()


def _means(index: DayIndex, column: str) -> tuple[FloatArray, npt.NDArray[np.int32]]:
    """Return the 24 h mean of each station-day (NaN: too few hours) and its hours."""
    if index.starts.size == 0:
        return np.array([], np.float64), np.array([], np.int32)
    values = _floats(index, column)
    total = np.add.reduceat(to_units(values, HOUR_UNIT), index.starts)
    n = np.add.reduceat((~np.isnan(values)).astype(np.int32), index.starts)
    mean = divide(total, n.astype(np.int64) * HOUR_UNIT)
    return np.where(n >= VALIDITY.day_hours, mean, np.nan), n


def _o3_limit(frame: pl.DataFrame, edition: str) -> FloatArray:
    """Return the grade II limit of the daily maximum 8 h O3 [µg/m³] for each day."""
    limits = {e: limit("o3", averaging="8h", grade=2, edition=e) for e in EDITIONS}
    return (
        frame.with_columns(
            edition_expr(pl.col("date"), edition).replace_strict(limits).alias("limit")
        )
        .get_column("limit")
        .cast(pl.Float64)
        .to_numpy()
    )


def _ozone(
    index: DayIndex, limits: FloatArray, settings: Settings
) -> tuple[FloatArray, npt.NDArray[np.int32], FloatArray]:
    """Return MDA8 (NaN: not valid), valid windows and 1 h maximum (NaN) of each station-day."""
    days = index.starts.size
    mda8, top = np.full(days, np.nan), np.full(days, np.nan)
    windows = np.zeros(days, np.int32)
    values = _floats(index, "o3")
    bounds = np.append(index.starts, values.size)
    for begin in range(0, days, _CHUNK):
        end = min(begin + _CHUNK, days)
        rows = slice(bounds[begin], bounds[end])
        best, count = _windows(values[rows], index.day[rows] - begin, index.slot[rows], end - begin)
        mean = divide(best, _COMMON * HOUR_UNIT)
        valid = count >= VALIDITY.day_windows
        if settings.o3_exemption:
            valid |= (count > 0) & (mean > limits[begin:end])
        mda8[begin:end] = np.where(valid, mean, np.nan)
        windows[begin:end] = count
    if days:
        known = ~np.isnan(values)
        hours = np.add.reduceat(known.astype(np.int32), index.starts)
        highest = np.maximum.reduceat(np.where(known, values, -np.inf), index.starts)
        enough = (hours >= settings.o3_1h_max_min_hours) & (hours > 0)
        top = np.where(enough, highest, np.nan)
    return mda8, windows, top


def _windows(
    values: FloatArray, day: IntArray, slot: IntArray, days: int
) -> tuple[IntArray, IntArray]:
    """Return the largest window mean [1/(168·HOUR_UNIT)] and the valid windows of each day."""
    slots = max(24, int(slot.max(initial=0)) + 1)
    amounts = np.zeros((days, slots + 1), np.int64)
    counts = np.zeros((days, slots + 1), np.int64)
    amounts[day, slot + 1] = to_units(values, HOUR_UNIT)
    counts[day, slot + 1] = ~np.isnan(values)
    np.cumsum(amounts, axis=1, out=amounts)
    np.cumsum(counts, axis=1, out=counts)
    ends = np.arange(VALIDITY.first_window_end, slots + 1)
    total = amounts[:, ends] - amounts[:, ends - _WINDOW]
    n = counts[:, ends] - counts[:, ends - _WINDOW]
    valid = n >= VALIDITY.window_hours
    compared = np.where(valid, total * (_COMMON // np.maximum(n, 1)), np.iinfo(np.int64).min)
    count = valid.sum(axis=1)
    return np.where(count > 0, compared.max(axis=1), 0), count
