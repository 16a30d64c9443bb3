"""The simulated hours as the national network's archives keep them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from lantian.evaluation import hourly, realtime
from lantian.evaluation.realtime import sliding_mean
from lantian.observations.parameters import PARAMETERS
from lantian.standards import CATEGORIES, POLLUTANTS, VALIDITY, round_expr
from lantian.twin.clock import HOUR
from lantian.twin.county import County
from lantian.twin.plan import DIGITS, section

DAYS = 7
#: Type of the daily matrix → column of :func:`published`.
TYPES: Mapping[str, str] = {
    "AQI": "aqi", "PM2.5": "pm25", "PM2.5_24h": "pm25_24h", "PM10": "pm10", "PM10_24h": "pm10_24h",
    "SO2": "so2", "SO2_24h": "so2_24h", "NO2": "no2", "NO2_24h": "no2_24h", "O3": "o3",
    "O3_24h": "o3_24h", "O3_8h": "o3_8h", "O3_8h_24h": "o3_8h_24h", "CO": "co", "CO_24h": "co_24h",
}  # fmt: skip
_MISSING = "—"


def published(county: County, start: datetime, end: datetime) -> pl.DataFrame:
    """Return what a network would publish for the hours labelled after ``start`` up to ``end``.

    Returns
    -------
    polars.DataFrame
        A row for every station and hour, also those without data: ``station, time``, the six,
        the sliding ``<p>_24h`` and ``o3_8h``, the largest of 24 hours ``o3_24h`` and
        ``o3_8h_24h``, ``aqi``, ``category``, ``primary``. The AQI is null where nothing is there
        or where HJ 633-2026 5.3.1 forbids it: a pollutant missing and the rest not above 100.
    """
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    before = start - 48 * HOUR
    times = pl.datetime_range(
        before + HOUR, end, interval="1h", time_unit="us", time_zone="UTC", eager=True
    )
    every = county.register.select("station").join(times.to_frame("time"), how="cross")
    seen = hourly(county.hours(before, end))
    whole = every.join(seen, on=["station", "time"], how="left").sort("station", "time")
    whole = whole.select("station", "time", *POLLUTANTS)
    means = [p for p in POLLUTANTS if p != "o3"]
    day = sliding_mean(whole, means, hours=24, least=VALIDITY.sliding_24h_hours)
    eight = sliding_mean(whole, ["o3"], hours=8, least=VALIDITY.window_hours)
    whole = whole.with_columns(
        *(day[p].alias(f"{p}_24h") for p in means), eight["o3"].alias("o3_8h")
    ).with_columns(
        _largest("o3").alias("o3_24h"),
        _largest("o3_8h").alias("o3_8h_24h"),
    )
    whole = whole.with_columns(
        round_expr(pl.col(c), DIGITS.get(c.split("_")[0], 0)).alias(c)
        for c in TYPES.values()
        if "_" in c
    )
    judged = realtime(seen, zone=county.zone)
    forbidden = (
        pl.col("edition").str.starts_with("2026")
        & (pl.col("missing").list.len() > 0)
        & (pl.col("aqi") <= 100)
    )
    judged = judged.select(
        "station",
        "time",
        "category",
        "primary",
        pl.when(~forbidden).then("aqi").alias("aqi"),
    )
    return whole.join(judged, on=["station", "time"], how="left").filter(pl.col("time") > start)


def _largest(column: str) -> pl.Expr:
    return pl.col(column).rolling_max(24, min_samples=1).over("station")


def daily_matrices(county: County) -> dict[str, bytes]:
    """Return the files of the last complete days, by name; some with a byte order mark."""
    place = ZoneInfo(county.zone)
    # the file of a day holds the labels 0:00 … 23:00; 0:00 ends the day before
    last = (county.end.astimezone(place) + HOUR).date() - timedelta(days=1)
    result = {}
    for number in range(DAYS):
        day = last - timedelta(days=number)
        midnight = datetime(day.year, day.month, day.day, tzinfo=place)
        rows = published(county, midnight - HOUR, midnight + 23 * HOUR)
        mark = "\ufeff" if number % 2 else ""
        text = mark + matrix(rows, county.zone)
        result[f"china_sites_{day:%Y%m%d}_{section('county')['source']}.csv"] = text.encode()
    return result


def matrix(rows: pl.DataFrame, zone: str, types: Mapping[str, str] = TYPES) -> str:
    """Return a daily matrix: a row per hour and type, a column per station."""
    local = pl.col("time").dt.convert_time_zone(zone)
    long = rows.select(
        "station",
        local.dt.strftime("%Y%m%d").alias("date"),
        local.dt.hour().cast(pl.Int64).alias("hour"),
        *(as_text(column).alias(kind) for kind, column in types.items()),
    ).unpivot(list(types), index=["station", "date", "hour"], variable_name="type")
    wide = long.pivot("station", index=["date", "hour", "type"], values="value")
    order = {kind: number for number, kind in enumerate(types)}
    wide = wide.sort("date", "hour", pl.col("type").replace_strict(order))
    buffer = io.StringIO()
    wide.write_csv(buffer)
    return buffer.getvalue()


def as_text(column: str) -> pl.Expr:
    """Return values as files write them: whole numbers, CO with one decimal; null stays null."""
    digits = DIGITS.get(column.split("_", maxsplit=1)[0], 0)
    value = pl.col(column)
    if digits == 0:
        return value.cast(pl.Int64).cast(pl.String)
    return value.cast(pl.Decimal(12, digits)).cast(pl.String)


def live(county: County) -> bytes:
    """Return the live feed of the last hour: a JSON list of stations, missing values as strokes."""
    rows = published(county, county.end - HOUR, county.end)
    about = county.register.select("station", "name", "city", "lon", "lat")
    texts = rows.select(
        "station", "time", "category", "primary", *(as_text(c).alias(c) for c in TYPES.values())
    ).join(about, on="station", how="left", maintain_order="left")
    place = ZoneInfo(county.zone)
    records = [_record(row, place) for row in texts.iter_rows(named=True)]
    return json.dumps(records, ensure_ascii=False, indent=1).encode()


def _record(row: Mapping[str, Any], place: ZoneInfo) -> dict[str, object]:
    known = row["aqi"] is not None
    values = {column.replace("pm25", "pm2_5"): row[column] or _MISSING for column in TYPES.values()}
    return {
        "stationcode": row["station"],
        "positionname": row["name"],
        "area": row["city"],
        "timepoint": row["time"].astimezone(place).strftime("%Y-%m-%dT%H:%M:%S"),
        "longitude": row["lon"],
        "latitude": row["lat"],
        **values,
        "quality": CATEGORIES[row["category"]].zh if known else _MISSING,
        "primarypollutant": _primary(row["primary"] if known else ()),
        "remark": section("county")["operator"],
    }


def _primary(names: Sequence[str] | None) -> str:
    shown = [f"{PARAMETERS[n].zh}({PARAMETERS[n].en})" for n in names or ()]
    return ",".join(shown) or _MISSING
