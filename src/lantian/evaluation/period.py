"""HJ 663: statistics, validity and attainment of months, quarters, years and any period."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl

from lantian.evaluation._columns import DAILY_VALUE
from lantian.evaluation.composite import composite_expr
from lantian.evaluation.exact import FloatArray, IntArray
from lantian.evaluation.judge import WITH_DUST, daily_table, index_days
from lantian.evaluation.periods import By, Span, days_needed, month_days_needed, months_of, spans
from lantian.evaluation.spans import BoolArray, StationDays
from lantian.standards import (
    CATEGORIES,
    DIGITS,
    EDITIONS,
    MEAN_IS_ITEM,
    PERCENTILE,
    POLLUTANTS,
    Method,
    Settings,
    limit,
    method,
    round_expr,
)
from lantian.standards import edition as known_edition

MIXED = "mixed"
# Good days are those up to the category "good", heavy ones those above "moderate" (HJ 633).
_GOOD, _HEAVY = (CATEGORIES[name].top or math.inf for name in ("good", "moderate"))


def percentile_column(pollutant: str) -> str:
    """Return the column of a pollutant's HJ 663 percentile, e.g. ``pm25_p95``."""
    return f"{pollutant}_p{PERCENTILE[pollutant]}"


def period(
    daily: pl.DataFrame | pl.LazyFrame,
    *,
    by: By = "year",
    edition: str = "auto",
    method: str = "sum_equal_2012",
    settings: Settings | None = None,
    judged: bool = False,
) -> pl.DataFrame:
    """Return the statistics of each station (or city) and period.

    Statistics are unrounded and are computed even when too few days are valid (``<p>_valid``
    false). Attainment compares the rounded statistics with the grade II limits, both mean and
    percentile (see ``settings``).

    Parameters
    ----------
    daily
        ``station, date`` and any of ``pm25 pm10 so2 no2 co o3_mda8``; null = not a valid day.
    by
        ``year``, ``half``, ``quarter``, ``month``, or ``(start, end)`` with both days included.
    edition
        Judges every day, anew whatever ``daily`` was judged by, and the period. ``auto``: each day
        by its date; a period of days of two editions is ``mixed``, its attainment null.
    method
        Composite index method, an id of :data:`lantian.standards.METHODS`.
    judged
        True: ``daily`` was judged by this edition and these settings; that is not done again.

    Returns
    -------
    polars.DataFrame
        ``station, period, start, end, <p>_mean`` (o3: of MDA8), ``pm25_p95 pm10_p95 so2_p98 no2_p98
        co_p95 o3_p90, <p>_days, <p>_valid, <p>_attains, good_days, heavy_days, aqi_days,
        good_day_ratio`` (0–1; null without days), ``composite_index`` (null unless all its items
        are there), ``edition, method``. With sand-dust deducted also ``pm25_mean_with_dust``,
        ``pm25_p95_with_dust``, the same of pm10, and ``composite_index_with_dust``. Sorted by
        period and station.
    """
    settings = settings or Settings.default()
    chosen = _method(method)
    days = _judged(daily, edition, settings, judged=judged)
    parts = [
        _one_period(days.filter(pl.col("date").is_between(s.start, s.end)), s, settings)
        for s in spans(days["date"], by)
    ]
    if not parts:
        parts = [_one_period(days, Span("", _EPOCH, _EPOCH, None), settings)]
    result = pl.concat(parts).pipe(_attainment, settings=settings)
    return _composite(result, chosen).sort("period", "station", maintain_order=True)


def judged_anew(
    periods: pl.DataFrame,
    days: pl.DataFrame,
    *,
    edition: str,
    method: str = "sum_equal_2012",
    settings: Settings | None = None,
) -> pl.DataFrame:
    """Return a table of one period as another edition and method judge it.

    The statistics and their validity are the same under all; what the edition decides (days by
    AQI, attainment) and the method (the composite index) is done anew. It is what :func:`period`
    returns, without the sorting of every value.

    Parameters
    ----------
    periods
        What :func:`period` returned of one period under any edition and method.
    days
        ``station, aqi`` of the same days; the AQI under ``edition``.
    """
    settings = settings or Settings.default()
    chosen, used = _method(method), known_edition(edition).id
    aqi = pl.col("aqi")
    counted = days.group_by("station").agg(
        (aqi <= _GOOD).sum().cast(pl.Int64).alias("good_days"),
        (aqi > _HEAVY).sum().cast(pl.Int64).alias("heavy_days"),
        aqi.count().cast(pl.Int64).alias("aqi_days"),
    )
    dropped = ["good_days", "heavy_days", "aqi_days", "good_day_ratio", "edition"]
    frame = (
        periods.drop(dropped, *_COMPOSITE, strict=False)
        .join(counted, on="station", how="left", maintain_order="left")
        .with_columns(_ratio(), pl.lit(used).alias("edition"))
    )
    return _composite(_attainment(frame, settings=settings), chosen)


def composite_anew(periods: pl.DataFrame, *, method: str) -> pl.DataFrame:
    """Return a period table with the composite index of another method; the rest stays."""
    return _composite(periods.drop(_COMPOSITE, strict=False), _method(method))


def _composite(frame: pl.DataFrame, chosen: Method) -> pl.DataFrame:
    """Return the columns of a period table, with the composite index of a method."""
    result = frame.with_columns(
        composite_expr(chosen).alias("composite_index"), pl.lit(chosen.id).alias("method")
    )
    dusty = [c for c in result.columns if c.endswith(WITH_DUST)]
    if dusty:
        result = result.with_columns(
            composite_expr(chosen, suffix=WITH_DUST, present=dusty).alias(_COMPOSITE[1])
        )
        dusty.append(_COMPOSITE[1])
    return result.select(*_COLUMNS, *dusty)


def _ratio() -> pl.Expr:
    known = pl.when(pl.col("aqi_days") > 0)
    return known.then(pl.col("good_days") / pl.col("aqi_days")).alias("good_day_ratio")


def _judged(
    daily: pl.DataFrame | pl.LazyFrame, edition: str, settings: Settings, *, judged: bool
) -> pl.DataFrame:
    """Return the days judged as asked; a table of nothing but AQI keeps the AQI it has."""
    data = daily_table(daily)
    if judged and {"aqi", "edition"} <= set(data.columns):
        return data
    values = [*DAILY_VALUE.values(), "o3_1h_max"]
    bare = data.height and data.select(pl.all_horizontal(pl.col(values).is_null().all())).item()
    if bare and {"aqi", "edition"} <= set(data.columns):
        return data
    indexed = index_days(data, edition=edition, settings=settings)
    return indexed.with_columns(pl.max_horizontal(f"iaqi_{p}" for p in POLLUTANTS).alias("aqi"))


def _one_period(days: pl.DataFrame, span: Span, settings: Settings) -> pl.DataFrame:
    """Return one row per station with the statistics of the period ``span``."""
    table = StationDays.of(days)
    aqi = table.values("aqi").value
    columns: dict[str, pl.Series | FloatArray | IntArray | BoolArray] = {"station": table.stations}
    months = months_of(span)
    needed = days_needed(span, settings)
    least = np.array([month_days_needed(month) for month in months])
    monthly = span.unit is not None and settings.long_period_every_month
    for p, column in DAILY_VALUE.items():
        columns |= _statistics(table, column, p)
        # deducted days were valid: the values with dust say whether the period is
        counted = table.values(column + WITH_DUST if column + WITH_DUST in days.columns else column)
        valid = counted.n >= needed
        if monthly:
            valid &= (table.monthly(counted.known, months) >= least).all(axis=1)
        columns |= {f"{p}_days": counted.n, f"{p}_valid": valid}
    for p in ("pm25", "pm10"):
        if p + WITH_DUST in days.columns:
            columns |= _statistics(table, p + WITH_DUST, p, suffix=WITH_DUST)
    columns |= {
        "good_days": table.count(aqi <= _GOOD),
        "heavy_days": table.count(aqi > _HEAVY),
        "aqi_days": table.count(~np.isnan(aqi)),
        "edition": table.only(days["edition"], MIXED),
    }
    frame = pl.DataFrame([_series(name, values) for name, values in columns.items()])
    return frame.with_columns(
        pl.lit(span.label).alias("period"),
        pl.lit(span.start).alias("start"),
        pl.lit(span.end).alias("end"),
        _ratio(),
    )


def _statistics(
    table: StationDays, column: str, p: str, *, suffix: str = ""
) -> dict[str, FloatArray]:
    values = table.values(column)
    return {
        f"{p}_mean{suffix}": values.mean(),
        f"{percentile_column(p)}{suffix}": values.percentile(PERCENTILE[p]),
    }


def _series(name: str, values: pl.Series | FloatArray | IntArray | BoolArray) -> pl.Series:
    if isinstance(values, pl.Series):
        return values.alias(name)
    return pl.Series(name, values, nan_to_null=True)


def _attainment(frame: pl.DataFrame, *, settings: Settings) -> pl.DataFrame:
    """Add ``<p>_attains``: null where there is no statistic or the edition is mixed."""
    return frame.with_columns(_attains(p, settings).alias(f"{p}_attains") for p in POLLUTANTS)


def _attains(p: str, settings: Settings) -> pl.Expr:
    tests = []
    for column, averaging in _items(p, settings).items():
        value = (
            round_expr(pl.col(column), DIGITS[p]) if settings.attainment_rounded else pl.col(column)
        )
        limits = {e: limit(p, averaging=averaging, grade=2, edition=e) for e in EDITIONS}
        bound = pl.col("edition").replace_strict(limits, default=None, return_dtype=pl.Float64)
        tests.append(value <= bound)
    return pl.all_horizontal(tests)


def _items(p: str, settings: Settings) -> Mapping[str, str]:
    """Return the evaluation items of a pollutant: column and the averaging of its limit."""
    items = {percentile_column(p): "8h" if p == "o3" else "24h"}
    if MEAN_IS_ITEM[p]:
        if not settings.attainment_two_items:
            items = {}
        items[f"{p}_mean"] = "year"
    return items


_EPOCH = date(1970, 1, 1)
_method = method
_COMPOSITE = ("composite_index", "composite_index" + WITH_DUST)
_COLUMNS = [
    "station", "period", "start", "end",
    *(f"{p}_mean" for p in POLLUTANTS),
    *(percentile_column(p) for p in POLLUTANTS),
    *(f"{p}_{what}" for what in ("days", "valid", "attains") for p in POLLUTANTS),
    "good_days", "heavy_days", "aqi_days", "good_day_ratio", "composite_index", "edition", "method",
]  # fmt: skip
