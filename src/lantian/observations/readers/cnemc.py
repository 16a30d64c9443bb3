"""The national network's daily matrices: a row per hour and type, a column per station or city.

``date,hour,type,1001A,1002A,…``; hour 0–23 labels the END of the hour (0 is 24:00 of the day
before; status: recalled). CO is in mg/m³. The 24-hour and 8-hour types are sliding values the
network publishes: they are kept for the check of the published AQI and never as measurements.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from lantian.i18n import gettext as _
from lantian.observations.parameters import PARAMETERS, to_standard_unit
from lantian.observations.readers import text, times
from lantian.observations.readers.base import Head, Options, Reading
from lantian.observations.readers.cells import Column, Found, column_unit, conversions, numbers
from lantian.observations.readers.finish import finish
from lantian.observations.readers.text import LINE

_HOURLY = {"PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "CO": "co", "O3": "o3"}
_PUBLISHED = {
    "AQI": "aqi",
    "PM2.5_24h": "pm25_24h",
    "PM10_24h": "pm10_24h",
    "SO2_24h": "so2_24h",
    "NO2_24h": "no2_24h",
    "CO_24h": "co_24h",
    "O3_24h": "o3_24h",
    "O3_8h": "o3_8h",
    "O3_8h_24h": "o3_8h_24h",
}
_FIRST = ("date", "hour", "type")
_STATION = re.compile(r"\d{3,}[A-Za-z]")
# columns a list of rejected rows may carry beside its own
_BOOKKEEPING = frozenset({"line", "file", "reason"})


class CnemcReader:
    """Reads ``china_sites_YYYYMMDD.csv`` and ``china_cities_YYYYMMDD.csv``."""

    def __init__(self, *, cities: bool) -> None:
        self.name = "cnemc-cities" if cities else "cnemc-stations"
        self.title = f"National network, daily matrix of {'cities' if cities else 'stations'}"
        self._cities = cities

    def detect(self, head: Head) -> bool:
        """Say whether the header is ``date,hour,type`` and then stations (or cities)."""
        cells = text.header(head)
        names = [c for c in cells if c not in _BOOKKEEPING and c not in _FIRST]
        if not names or not set(_FIRST) <= set(cells):
            return False
        stations = sum(_STATION.fullmatch(n) is not None for n in names)
        return (2 * stations <= len(names)) == self._cities

    def read(self, path: Path, options: Options) -> Reading:
        """Read one file; the id of a city is its name."""
        sheet = text.read_csv(path)
        text.need_columns(path, sheet.frame, _FIRST)
        found = Found(sheet.file)
        found.add(sheet.ragged)
        frame = _with_time(sheet.sound(), found, options.zone)
        places = [c for c in frame.columns if c not in {*_FIRST, *_BOOKKEEPING, "time"}]
        cells = frame.unpivot(
            places, index=[LINE, "time", "type"], variable_name="station", value_name="text"
        ).drop_nulls("text")
        cells = cells.with_columns(pl.col("station").alias("column"))
        columns = [
            Column(header, p := PARAMETERS[name], column_unit(p, p.unit, options))
            for header, name in _HOURLY.items()
        ]
        kinds = set(frame["type"].drop_nulls().unique())
        unknown = sorted(kinds - set(_HOURLY) - set(_PUBLISHED))
        notes = [*sheet.notes, *conversions([c for c in columns if c.header in kinds])]
        if unknown:
            notes.append(_("Rows of type {names} were ignored.").format(names=", ".join(unknown)))
        return finish(
            pl.concat([_hourly(cells, column, found) for column in columns]),
            sheet.frame,
            found,
            name=self.name,
            options=options,
            notes=notes,
            published=_published(cells, found),
            stations=self._places(places),
        )

    def _places(self, names: list[str]) -> pl.DataFrame:
        frame = pl.DataFrame({"station": names}, schema={"station": pl.String})
        if self._cities:
            frame = frame.with_columns(name=pl.col("station"), city=pl.col("station"))
        return frame


def _with_time(frame: pl.DataFrame, found: Found, zone: str) -> pl.DataFrame:
    """Add ``time``; report rows whose date and hour do not exist."""
    day = pl.col("date").str.strip_chars().str.replace_all("-", "", literal=True)
    frame = frame.with_columns(
        times.date_hour_label(day.str.to_date("%Y%m%d", strict=False), pl.col("hour"), zone).alias(
            "time"
        ),
        pl.col("type").str.strip_chars(),
    )
    bad = frame.filter(pl.col("time").is_null())
    found.cells(
        bad.select(LINE, text=pl.concat_str("date", "hour", separator=" ", ignore_nulls=True)),
        "date",
        "read.bad_time",
        lambda value: _("'{value}' is not a date and hour; correct the row.").format(value=value),
    )
    untyped = frame.filter(pl.col("type").is_null())
    found.cells(
        untyped.select(LINE, text=pl.lit("")),
        "type",
        "read.no_type",
        lambda _value: _("The row does not say what it holds; fill in the column type."),
    )
    return frame


def _hourly(cells: pl.DataFrame, column: Column, found: Found) -> pl.DataFrame:
    rows = cells.filter(pl.col("type") == column.header)
    rows = rows.with_columns(numbers(rows, "text", found).alias("value")).drop_nulls("value")
    return rows.select(
        LINE,
        "station",
        pl.lit(column.parameter.id).alias("parameter"),
        pl.lit("1h").alias("period"),
        "time",
        to_standard_unit(pl.col("value"), column.parameter, column.unit).alias("value"),
    )


def _published(cells: pl.DataFrame, found: Found) -> pl.DataFrame | None:
    """Return what the network itself published: ``station, time, aqi`` and the sliding values."""
    rows = cells.filter(pl.col("type").is_in(list(_PUBLISHED)), pl.col("time").is_not_null())
    rows = rows.with_columns(numbers(rows, "text", found).alias("value")).drop_nulls("value")
    if rows.filter(pl.col("type") == "AQI").is_empty():
        return None
    wide = rows.pivot(
        "type", index=["station", "time"], values="value", aggregate_function="first"
    ).rename(_PUBLISHED, strict=False)
    return wide.select("station", "time", *(c for c in _PUBLISHED.values() if c in wide.columns))
