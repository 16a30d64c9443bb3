"""Files broken on purpose, to see what is said about them."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from lantian.twin.clock import HOUR
from lantian.twin.county import County
from lantian.twin.files_network import TYPES, matrix, published
from lantian.twin.files_open import csv, uci
from lantian.twin.plan import POLLUTANTS, section

_STATION = "9906S"
_UNKNOWN = "9999S"


def bad_files(county: County) -> dict[str, bytes]:
    """Return one file for each thing that goes wrong with files, by name."""
    sample = _sample(county)
    values = sample["value"].to_list()
    source = section("county")["source"]
    whole = uci(county)[1]
    pm = sample.filter(pl.col("parameter") == "pm25")
    return {
        f"truncated_{source}.csv.gz": whole[: len(whole) // 2],
        f"letters_in_a_number_{source}.csv": csv(
            sample.with_columns(value=pl.Series([f"{values[0]:.0f}O", *map(str, values[1:])]))
        ),
        f"future_date_{source}.csv": csv(pl.concat([sample, _moved(sample.tail(1), days=400)])),
        f"swapped_columns_{source}.csv": _swapped(county),
        f"unknown_station_{source}.csv": csv(
            sample.with_columns(pl.lit(_UNKNOWN).alias("station"))
        ),
        f"rows_disagree_{source}.csv": csv(
            pl.concat([sample, sample.head(1).with_columns(pl.col("value") + 7.0)])
        ),
        f"mg_for_ug_{source}.csv": csv(
            pm.select(
                pl.col("station").alias("站点编号"),
                pl.col("time").str.replace("T", " ").str.head(16).alias("监测时间"),
                (pl.col("value") / 1000.0).round(3).alias("PM2.5(μg/m³)"),
            )
        ),
    }


def _sample(county: County) -> pl.DataFrame:
    """Return two days of one station as the long CSV writes them; times local, with offset."""
    rows = county.hours(county.end - 48 * HOUR, county.end)
    own = rows.filter(pl.col("station") == _STATION, pl.col("parameter").is_in(POLLUTANTS))
    local = pl.col("time").dt.convert_time_zone(county.zone)
    return own.with_columns(local.dt.strftime("%Y-%m-%dT%H:%M:%S%:z").alias("time"))


def _moved(rows: pl.DataFrame, *, days: int) -> pl.DataFrame:
    moved = pl.col("time").str.to_datetime("%Y-%m-%dT%H:%M:%S%:z") + timedelta(days=days)
    return rows.with_columns(moved.dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("time"))


def _swapped(county: County) -> bytes:
    rows = published(county, county.end - timedelta(days=3), county.end)
    exchanged = {**TYPES, "PM2.5": "pm10", "PM10": "pm25"}
    return matrix(rows, county.zone, exchanged).encode()
