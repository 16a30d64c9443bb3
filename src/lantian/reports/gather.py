"""The parts of a report that are neither statistics nor ranking: gaps, wind, hours of the day."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.patterns import diurnal
from lantian.evaluation.periods import days_needed, month_days_needed, months_of
from lantian.evaluation.roses import pollution_rose, wind_rose
from lantian.reports.data import Completeness, Cycle, Diurnal, Winds
from lantian.standards import POLLUTANTS, Settings, breakpoints

_SEASONS_FROM = 5  # months; shorter periods show their months
_ONE_CYCLE = 45  # days; shorter periods are drawn as one line
_ROSES = ("pm25", "pm10")


def within(hourly: pl.DataFrame, span: ev.Span, zone: str) -> pl.DataFrame:
    """Return the hours of the local days of a period: those that START within it."""
    first = datetime.combine(span.start, datetime.min.time(), ZoneInfo(zone))
    after = datetime.combine(span.end + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    time = pl.col("time").dt.convert_time_zone("UTC")
    first, after = first.astimezone(UTC), after.astimezone(UTC)
    return hourly.filter((time > first) & (time <= after))


def completeness(
    hours: pl.DataFrame,
    days: pl.DataFrame,
    stations: pl.DataFrame,
    table: pl.DataFrame,
    *,
    span: ev.Span,
    zone: str,
    generated: datetime,
    settings: Settings,
) -> Completeness:
    """Count hours and valid days against what was due, by station, pollutant and month.

    Due are the hours of the period up to ``generated`` in which the register has the station in
    operation. A registered station that was due and has no value at all is ``silent``.
    """
    due = _due(stations, span, zone, generated)
    local = (pl.col("time") - pl.duration(hours=1)).dt.convert_time_zone(zone).dt.date()
    present = [p for p in POLLUTANTS if p in hours.columns]
    counted = (
        hours.with_columns(local.dt.truncate("1mo").alias("month"))
        .group_by("station", "month")
        .agg(pl.col(p).count().cast(pl.Int64) for p in present)
        .unpivot(present, index=["station", "month"], variable_name="parameter", value_name="hours")
    )
    valid = (
        days.with_columns(pl.col("date").dt.truncate("1mo").alias("month"))
        .group_by("station", "month")
        .agg(pl.col(f"valid_{p}").sum().cast(pl.Int64).alias(p) for p in POLLUTANTS)
        .unpivot(
            POLLUTANTS, index=["station", "month"], variable_name="parameter", value_name="days"
        )
    )  # fmt: skip
    months = (
        due.join(pl.DataFrame({"parameter": POLLUTANTS}), how="cross")
        .join(counted, on=["station", "month", "parameter"], how="left")
        .join(valid, on=["station", "month", "parameter"], how="left")
        .with_columns(pl.col("hours", "days").fill_null(0))
        .sort("station", "parameter", "month")
    )
    judged = table.select("station", *(pl.col(f"{p}_valid").alias(p) for p in POLLUTANTS)).unpivot(
        POLLUTANTS, index="station", variable_name="parameter", value_name="valid"
    )
    whole = (
        months.group_by("station", "parameter")
        .agg(pl.col("hours", "hours_due", "days", "days_due").sum())
        .with_columns(pl.lit(days_needed(span, settings), pl.Int64).alias("days_needed"))
        .join(judged, on=["station", "parameter"], how="left")
        .with_columns(pl.col("valid").fill_null(False))
    )
    order = pl.DataFrame({"parameter": POLLUTANTS, "_order": range(len(POLLUTANTS))})
    place = stations.select("station").with_row_index("_place")
    whole = (
        whole.join(order, on="parameter").join(place, on="station")
        .sort("_place", "_order")
        .select(
            "station", "parameter", "hours", "hours_due", "days", "days_due", "days_needed", "valid"
        )
    )  # fmt: skip
    none = whole.group_by("station", maintain_order=True).agg(pl.col("hours", "hours_due").sum())
    silent = none.filter((pl.col("hours") == 0) & (pl.col("hours_due") > 0))["station"]
    return Completeness(whole, months, tuple(silent))


def _due(stations: pl.DataFrame, span: ev.Span, zone: str, generated: datetime) -> pl.DataFrame:
    """Return ``station, month, hours_due, days_due, days_needed_month``."""
    here = ZoneInfo(zone)
    now = generated.astimezone(here)
    rows = []
    for station, start, end in stations.select("station", "start", "end").iter_rows():
        for month in months_of(span):
            last = date(month.year, month.month, calendar.monthrange(month.year, month.month)[1])
            first = max(d for d in (span.start, month, start) if d is not None)
            until = min(d for d in (span.end, last, end) if d is not None)
            begin = datetime.combine(first, datetime.min.time(), here)
            finish = datetime.combine(until + timedelta(days=1), datetime.min.time(), here)
            if begin < now < finish:  # the period is still running
                finish = now
                until = now.date()
            hours = max(0, int((finish.timestamp() - begin.timestamp()) // 3600))
            days = max(0, (until - first).days + 1) if hours else 0
            rows.append((station, month, hours, days, month_days_needed(month)))
    return pl.DataFrame(
        rows,
        schema={
            "station": pl.String, "month": pl.Date, "hours_due": pl.Int64, "days_due": pl.Int64,
            "month_needed": pl.Int64,
        },
        orient="row",
    )  # fmt: skip


def winds(hours: pl.DataFrame, edition: str) -> Winds:
    """Return the roses of all stations together, or why there are none.

    PM has no 1 h limit: the classes are the concentrations at which the 24 h index of ``edition``
    changes category (HJ 633), so that they mean something without being a judgement of the hour.
    """
    if not {"ws", "wd"} <= set(hours.columns):
        return Winds(None, {}, 0, 0, edition, "no_columns")
    blown = hours.filter(pl.col("ws").is_not_null() & pl.col("wd").is_not_null())
    if not blown.height:
        return Winds(None, {}, 0, 0, edition, "no_hours")
    measured = hours.filter(pl.col("ws").is_not_null())
    frame = measured.drop("station")  # one rose for the network, not one per station
    roses = {
        p: pollution_rose(frame, p, breaks=breakpoints(p, averaging="24h", edition=edition)[:-2])
        for p in _ROSES
        if p in frame.columns and blown[p].count() > 0
    }
    return Winds(wind_rose(frame), roses, measured["station"].n_unique(), measured.height, edition)


def diurnal_of(
    hours: pl.DataFrame, stations: pl.DataFrame, span: ev.Span, zone: str, settings: Settings
) -> Diurnal:
    """Average the city's hours by the hour of the day, by season or month where there are several.

    Up to 45 days: one line; up to four months: each month apart; more: seasons (winter is
    December to February).
    """
    mean_of = stations.filter("assessed")
    table = hours.filter(pl.col("station").is_in(mean_of["station"].implode()))
    city = ev.city(table, mean_of, settings=settings)
    months = months_of(span)
    cycle: Cycle = "whole"
    if len(months) > 1 and span.days > _ONE_CYCLE:
        cycle = "month" if len(months) < _SEASONS_FROM else "season"
    local = (pl.col("time") - pl.duration(hours=1)).dt.convert_time_zone(zone).dt.month()
    group = {"whole": pl.lit(0), "month": local, "season": local.cast(pl.Int64) % 12 // 3}[cycle]
    city = city.with_columns(group.cast(pl.Int64).alias("_group"))
    present = [p for p in POLLUTANTS if p in city.columns]
    parts = [
        diurnal(part.drop("_group"), present, zone=zone).with_columns(
            pl.lit(key[0], pl.Int64).alias("group")
        )
        for key, part in city.group_by("_group", maintain_order=True)
    ]
    columns = ["station", "group", "parameter", "hour", "n", "mean"]
    schema = {
        "station": pl.String, "group": pl.Int64, "parameter": pl.String, "hour": pl.Int64,
        "n": pl.Int64, "mean": pl.Float64,
    }  # fmt: skip
    if not parts:
        return Diurnal(cycle, pl.DataFrame(schema=schema))
    return Diurnal(
        cycle, pl.concat(parts).select(columns).sort("station", "group", "parameter", "hour")
    )
