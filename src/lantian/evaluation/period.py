"""HJ 663: statistics, validity and attainment of months, quarters, years and any period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from lantian.evaluation._columns import DAILY_VALUE
from lantian.evaluation.composite import composite_expr
from lantian.evaluation.exact import DAY_UNIT, divide_expr, units_expr
from lantian.evaluation.judge import WITH_DUST, daily_table, judge
from lantian.evaluation.periods import By, Span, days_needed, month_days_needed, months_of, spans
from lantian.standards import (
    CATEGORIES,
    DIGITS,
    EDITIONS,
    MEAN_IS_ITEM,
    PERCENTILE,
    POLLUTANTS,
    Settings,
    limit,
    method,
    round_expr,
)

MIXED = "mixed"
# Good days are those up to the category "good", heavy ones those above "moderate" (HJ 633).
_GOOD, _HEAVY = CATEGORIES["good"].top, CATEGORIES["moderate"].top


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
    days = _judged(daily, edition, settings)
    parts = [
        _one_period(days.filter(pl.col("date").is_between(s.start, s.end)), s, settings)
        for s in spans(days["date"], by)
    ]
    if not parts:
        parts = [_one_period(days, Span("", _EPOCH, _EPOCH, None), settings)]
    result = pl.concat(parts).pipe(_attainment, settings=settings)
    result = result.with_columns(
        composite_expr(chosen).alias("composite_index"), pl.lit(chosen.id).alias("method")
    )
    dusty = [c for c in result.columns if c.endswith(WITH_DUST)]
    if dusty:
        result = result.with_columns(
            composite_expr(chosen, suffix=WITH_DUST, present=dusty).alias(
                "composite_index" + WITH_DUST
            )
        )
        dusty.append("composite_index" + WITH_DUST)
    return result.select(*_COLUMNS, *dusty).sort("period", "station", maintain_order=True)


def _judged(daily: pl.DataFrame | pl.LazyFrame, edition: str, settings: Settings) -> pl.DataFrame:
    """Return the days judged as asked; a table of nothing but AQI keeps the AQI it has."""
    data = daily_table(daily)
    values = [*DAILY_VALUE.values(), "o3_1h_max"]
    bare = data.height and data.select(pl.all_horizontal(pl.col(values).is_null().all())).item()
    if bare and {"aqi", "edition"} <= set(data.columns):
        return data
    return judge(data, edition=edition, settings=settings)


def _one_period(days: pl.DataFrame, span: Span, settings: Settings) -> pl.DataFrame:
    """Return one row per station with the statistics of the period ``span``."""
    values = {p: DAILY_VALUE[p] for p in POLLUTANTS}
    extra = [c for c in (f"{p}{WITH_DUST}" for p in ("pm25", "pm10")) if c in days.columns]
    aqi = pl.col("aqi")
    frame = days.group_by("station").agg(
        *(e for p, c in values.items() for e in _statistics(c, p, PERCENTILE[p])),
        *(e for c in extra for e in _dusty_statistics(c)),
        *(_days(p, c, days.columns).alias(f"{p}_days") for p, c in values.items()),
        *(_every_month(p, c, span, days.columns) for p, c in values.items()),
        (aqi <= _GOOD).sum().cast(pl.Int64).alias("good_days"),
        (aqi > _HEAVY).sum().cast(pl.Int64).alias("heavy_days"),
        aqi.count().cast(pl.Int64).alias("aqi_days"),
        pl.when(pl.col("edition").n_unique() == 1)
        .then(pl.col("edition").first())
        .otherwise(pl.lit(MIXED))
        .alias("edition"),
    )
    needed = days_needed(span, settings)
    monthly = span.unit is not None and settings.long_period_every_month
    return frame.with_columns(
        pl.lit(span.label).alias("period"),
        pl.lit(span.start).alias("start"),
        pl.lit(span.end).alias("end"),
        pl.when(pl.col("aqi_days") > 0)
        .then(pl.col("good_days") / pl.col("aqi_days"))
        .alias("good_day_ratio"),
        *(
            (
                (pl.col(f"{p}_days") >= needed)
                & (pl.col(f"_{p}_every_month") if monthly else pl.lit(True))
            ).alias(f"{p}_valid")
            for p in POLLUTANTS
        ),
    ).drop(f"_{p}_every_month" for p in POLLUTANTS)


def _counted(p: str, column: str, columns: Sequence[str]) -> pl.Expr:
    """Return the values whose number says whether a period is valid: deducted days were valid."""
    return pl.col(column + WITH_DUST if column + WITH_DUST in columns else column)


def _days(p: str, column: str, columns: Sequence[str]) -> pl.Expr:
    return _counted(p, column, columns).count().cast(pl.Int64)


def _every_month(p: str, column: str, span: Span, columns: Sequence[str]) -> pl.Expr:
    """Return whether each month of the period has the valid days a month needs."""
    value = _counted(p, column, columns).is_not_null()
    enough = [
        (value & (pl.col("date").dt.truncate("1mo") == m)).sum() >= month_days_needed(m)
        for m in months_of(span)
    ]
    return pl.all_horizontal(enough).alias(f"_{p}_every_month")


def _statistics(column: str, p: str, percent: int) -> list[pl.Expr]:
    return [
        _mean(column).alias(f"{p}_mean"),
        percentile_expr(pl.col(column), percent).alias(percentile_column(p)),
    ]


def _dusty_statistics(column: str) -> list[pl.Expr]:
    p = column.removesuffix(WITH_DUST)
    return [
        _mean(column).alias(f"{p}_mean{WITH_DUST}"),
        percentile_expr(pl.col(column), PERCENTILE[p]).alias(percentile_column(p) + WITH_DUST),
    ]


def _mean(column: str) -> pl.Expr:
    value = pl.col(column)
    return divide_expr(units_expr(value, DAY_UNIT).sum(), value.count().cast(pl.Int64) * DAY_UNIT)


def percentile_expr(value: pl.Expr, percent: int) -> pl.Expr:
    """Return the HJ 663 percentile: k = 1 + (n-1)p %, linear between neighbours; null of none."""
    ordered = units_expr(value, DAY_UNIT).drop_nulls().sort()
    place = (value.count().cast(pl.Int64) - 1) * percent
    lower = ordered.get((place // 100).clip(0), null_on_oob=True)
    upper = ordered.get((place // 100 + 1).clip(0), null_on_oob=True)
    rest = place % 100
    step = pl.when(rest == 0).then(pl.lit(0)).otherwise((upper - lower) * rest)
    return divide_expr(lower * 100 + step, pl.lit(100 * DAY_UNIT))


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
_COLUMNS = [
    "station", "period", "start", "end",
    *(f"{p}_mean" for p in POLLUTANTS),
    *(percentile_column(p) for p in POLLUTANTS),
    *(f"{p}_{what}" for what in ("days", "valid", "attains") for p in POLLUTANTS),
    "good_days", "heavy_days", "aqi_days", "good_day_ratio", "composite_index", "edition", "method",
]  # fmt: skip
