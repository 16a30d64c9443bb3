"""The simulated hours in the formats of open archives: UCI, OpenAQ, FIRMS and our own."""

from __future__ import annotations

import gzip
import io
import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from lantian.observations.readers.sectors import SECTORS
from lantian.standards import round_expr
from lantian.twin.clock import HOUR
from lantian.twin.county import County
from lantian.twin.noise import Stream, generator
from lantian.twin.places import lonlat
from lantian.twin.plan import POLLUTANTS, WEATHER, emissions, section

UCI_STATION = "9902S"
OPENAQ_STATION = "9901S"
LONG_STATION = "9905S"
_UCI = {
    "pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3",
    "temp": "TEMP", "pres": "PRES", "dewp": "DEWP", "rain": "RAIN", "wd": "wd", "ws": "WSPM",
}  # fmt: skip
_LETTERS = tuple(SECTORS)[:16]


def zipped(data: bytes) -> bytes:
    """Return gzip without a time stamp, so that the same data give the same bytes."""
    return gzip.compress(data, compresslevel=6, mtime=0)


def csv(frame: pl.DataFrame, *, null: str = "") -> bytes:
    """Return a frame as UTF-8 CSV."""
    buffer = io.BytesIO()
    frame.write_csv(buffer, null_value=null)
    return buffer.getvalue()


def wide(county: County, station: str, start: datetime, end: datetime) -> pl.DataFrame:
    """Return the hours of one station: ``time`` and a column for each parameter, gaps as null."""
    rows = county.hours(start, end).filter(pl.col("station") == station)
    values = rows.pivot(
        "parameter", on_columns=[*POLLUTANTS, *WEATHER], index="time", values="value"
    )
    every = pl.datetime_range(
        start + HOUR, end, interval="1h", time_unit="us", time_zone="UTC", eager=True
    )
    return every.to_frame("time").join(values, on="time", how="left").sort("time")


def uci(county: County) -> tuple[str, bytes]:
    """Return one station-year as the UCI archive has it: CO in µg/m³, wind as sectors."""
    start = county.end - timedelta(days=365)
    frame = wide(county, UCI_STATION, start, county.end)
    local = pl.col("time").dt.convert_time_zone(county.zone)
    table = frame.with_columns(dew_point(), _sector()).select(
        pl.int_range(1, pl.len() + 1).alias("No"),
        local.dt.year().alias("year"),
        local.dt.month().alias("month"),
        local.dt.day().alias("day"),
        local.dt.hour().alias("hour"),
        *(
            (round_expr(pl.col("co") * 1000.0, 0) if c == "co" else pl.col(c)).alias(name)
            for c, name in _UCI.items()
        ),
        pl.lit(UCI_STATION).alias("station"),
    )
    place = ZoneInfo(county.zone)
    days = f"{start.astimezone(place):%Y%m%d}-{county.end.astimezone(place):%Y%m%d}"
    name = f"PRSA_Data_{UCI_STATION}_{days}_{section('county')['source']}.csv.gz"
    return name, zipped(csv(table, null="NA"))


def dew_point() -> pl.Expr:
    """Return the dew point [°C] of ``temp`` and ``rh``: Magnus, over water (WMO-No. 8, 4.B)."""
    share = (pl.col("rh") / 100.0).log() + 17.62 * pl.col("temp") / (243.12 + pl.col("temp"))
    return round_expr(243.12 * share / (17.62 - share), 1).alias("dewp")


def _sector() -> pl.Expr:
    number = (pl.col("wd") / 22.5).round(mode="half_away_from_zero").cast(pl.Int64) % 16
    names = dict(enumerate(_LETTERS))
    return number.replace_strict(names, return_dtype=pl.String).alias("wd")


def openaq_page(county: County) -> tuple[str, bytes]:
    """Return one page of the OpenAQ v3 API: PM2.5 of one station, the last 100 hours."""
    frame = wide(county, OPENAQ_STATION, county.end - 100 * HOUR, county.end)
    place = ZoneInfo(county.zone)
    lon, lat = _position(county, OPENAQ_STATION)
    results = [
        {
            "locationsId": OPENAQ_STATION,
            "value": row["pm25"],
            "flagInfo": {"hasFlags": False},
            "parameter": {"id": 2, "name": "pm25", "units": "µg/m³", "displayName": None},
            "period": {
                "label": "1hour",
                "interval": "01:00:00",
                "datetimeFrom": _both(row["time"] - HOUR, place),
                "datetimeTo": _both(row["time"], place),
            },
            "coordinates": {"latitude": lat, "longitude": lon},
            "summary": None,
            "coverage": {
                "expectedCount": 1,
                "observedCount": 1,
                "percentComplete": 100.0,
                "percentCoverage": 100.0,
            },
        }
        for row in frame.drop_nulls("pm25").iter_rows(named=True)
    ]
    page = {
        "meta": {
            "name": section("county")["source"],
            "page": 1,
            "limit": 100,
            "found": len(results),
        },
        "results": results,
    }
    name = f"openaq_{OPENAQ_STATION}_pm25_{section('county')['source']}.json"
    return name, json.dumps(page, ensure_ascii=False, indent=1).encode()


def _both(moment: datetime, place: ZoneInfo) -> dict[str, str]:
    return {
        "utc": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "local": moment.astimezone(place).isoformat(),
    }


def _position(county: County, station: str) -> tuple[float, float]:
    row = county.register.filter(pl.col("station") == station).row(0, named=True)
    return float(row["lon"]), float(row["lat"])


def openaq_archive(county: County) -> tuple[str, bytes]:
    """Return one day of one station as the OpenAQ archive has it; CO in µg/m³."""
    place = ZoneInfo(county.zone)
    day = county.end.astimezone(place).date() - timedelta(days=1)
    start = datetime(day.year, day.month, day.day, tzinfo=place)
    rows = county.hours(start, start + timedelta(days=1)).filter(
        pl.col("station") == OPENAQ_STATION, pl.col("parameter").is_in(POLLUTANTS)
    )
    numbers = {p: 990_001 + i for i, p in enumerate(POLLUTANTS)}
    lon, lat = _position(county, OPENAQ_STATION)
    local = pl.col("time").dt.convert_time_zone(county.zone)
    co = pl.col("parameter") == "co"
    table = rows.select(
        pl.col("station").alias("location_id"),
        pl.col("parameter").replace_strict(numbers).alias("sensors_id"),
        pl.lit(f"{county.name} {OPENAQ_STATION}").alias("location"),
        local.dt.strftime("%Y-%m-%dT%H:%M:%S%:z").alias("datetime"),
        pl.lit(lat).alias("lat"),
        pl.lit(lon).alias("lon"),
        "parameter",
        pl.lit("µg/m³").alias("units"),
        pl.when(co).then(round_expr(pl.col("value") * 1000.0, 0)).otherwise("value").alias("value"),
    )
    name = f"location-{OPENAQ_STATION}-{day:%Y%m%d}_{section('county')['source']}.csv.gz"
    return name, zipped(csv(table))


def long_sample(county: County) -> tuple[str, bytes]:
    """Return 31 days of one station as our own long CSV."""
    rows = county.hours(county.end - timedelta(days=31), county.end)
    own = rows.filter(pl.col("station") == LONG_STATION)
    table = own.with_columns(pl.col("time").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    name = f"long_{LONG_STATION}_{section('county')['source']}.csv.gz"
    return name, zipped(csv(table))


def long_years(county: County) -> dict[str, pl.DataFrame]:
    """Return every hour of the county by local year (of the start of the hour), by file name."""
    begun = (pl.col("time") - pl.duration(hours=1)).dt.convert_time_zone(county.zone)
    parts = county.measurements.with_columns(begun.dt.year().alias("_year")).partition_by(
        "_year", as_dict=True, include_key=False
    )
    source = section("county")["source"]
    return {
        f"measurements_{key[0]}_{source}.parquet": part
        for key, part in sorted(parts.items(), key=lambda item: str(item[0]))
    }


def fires(county: County) -> pl.DataFrame:
    """Return the fire spots a satellite saw of the burning, as FIRMS gives them (VIIRS).

    Each burning is seen by the overpass of half past one at night that follows it.
    """
    places = {e.id: e for e in emissions()}
    burning = county.truth.events.filter(pl.col("kind") == "burning")
    rows = []
    for number, event in enumerate(burning.iter_rows(named=True)):
        source = places[event["emission"]]
        seconds = int(event["start"].timestamp())
        chance = generator(county.seed, Stream.FIRES, seconds // 3600)
        night = event["start"].astimezone(ZoneInfo(county.zone)).replace(hour=0) + 25.5 * HOUR
        seen = night.astimezone(ZoneInfo("UTC"))
        for _spot in range(int(chance.integers(1, 4))):
            x, y = source.x, source.y
            dx, dy = chance.normal(0.0, source.size, 2)
            lon, lat = lonlat(x + float(dx), y + float(dy))
            power = float(np.round(chance.uniform(2.0, 18.0) * event["size"], 2))
            rows.append(
                {
                    "latitude": lat,
                    "longitude": lon,
                    "bright_ti4": round(310.0 + power, 1),
                    "scan": 0.42,
                    "track": 0.36,
                    "acq_date": seen.strftime("%Y-%m-%d"),
                    "acq_time": int(seen.strftime("%H%M")) + number % 4,
                    "satellite": "N",
                    "instrument": "VIIRS",
                    "confidence": "h" if power > 15.0 else "n",
                    "version": section("county")["source"],
                    "bright_ti5": 290.0,
                    "frp": power,
                    "daynight": "N",
                }
            )
    return pl.DataFrame(rows, schema=_FIRES)


_FIRES: dict[str, pl.DataType] = {
    "latitude": pl.Float64(), "longitude": pl.Float64(), "bright_ti4": pl.Float64(),
    "scan": pl.Float64(), "track": pl.Float64(), "acq_date": pl.String(), "acq_time": pl.Int64(),
    "satellite": pl.String(), "instrument": pl.String(), "confidence": pl.String(),
    "version": pl.String(), "bright_ti5": pl.Float64(), "frp": pl.Float64(),
    "daynight": pl.String(),
}  # fmt: skip
