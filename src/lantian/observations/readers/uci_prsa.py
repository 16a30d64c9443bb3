"""Beijing Multi-Site Air-Quality (UCI): one CSV per station, one row per hour.

Source of the format: the files themselves and the checks of their values against published ones.
CO is in µg/m³. ``hour`` 0–23 labels the END of the hour: hour 0 is 24:00 of the day before.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lantian.i18n import gettext as _
from lantian.observations.parameters import PARAMETERS
from lantian.observations.readers import sectors, text, times
from lantian.observations.readers.base import Head, Options, Reading
from lantian.observations.readers.cells import (
    Column,
    Found,
    column_unit,
    conversions,
    missing,
    pieces,
)
from lantian.observations.readers.finish import finish
from lantian.observations.readers.text import LINE

_UNITS = {
    "PM2.5": ("pm25", "µg/m³"),
    "PM10": ("pm10", "µg/m³"),
    "SO2": ("so2", "µg/m³"),
    "NO2": ("no2", "µg/m³"),
    "CO": ("co", "µg/m³"),
    "O3": ("o3", "µg/m³"),
    "TEMP": ("temp", "°C"),
    "PRES": ("pres", "hPa"),
    "DEWP": ("dewp", "°C"),
    "RAIN": ("rain", "mm"),
    "WSPM": ("ws", "m/s"),
}
_PLACE = ("year", "month", "day", "hour", "station")
_WIND = "wd"


class UciPrsaReader:
    """Reads ``PRSA_Data_<station>_….csv``; hourly values, local time of ``options.zone``."""

    name = "uci-prsa"
    title = "Beijing Multi-Site Air-Quality (UCI)"

    def detect(self, head: Head) -> bool:
        """Say whether the header is that of the archive, in any order."""
        return {*_PLACE, *_UNITS, _WIND} <= set(text.header(head))

    def read(self, path: Path, options: Options) -> Reading:
        """Read one file; the ``station`` column gives the station id."""
        sheet = text.read_csv(path)
        text.need_columns(path, sheet.frame, (*_PLACE, *_UNITS, _WIND))
        found = Found(sheet.file)
        found.add(sheet.ragged)
        frame = sheet.sound().with_columns(
            times.hour_label(*_PLACE[:4], zone=options.zone).alias("time")
        )
        no_time = frame.filter(pl.col("time").is_null())
        found.cells(
            no_time.select(LINE, text=pl.concat_str(*_PLACE[:4], separator="-", ignore_nulls=True)),
            "year-month-day-hour",
            "read.bad_time",
            lambda value: _("'{value}' is not a date and hour; correct the row.").format(
                value=value
            ),
        )
        nowhere = frame.filter(pl.col("station").is_null())
        found.cells(
            nowhere.select(LINE, text=pl.lit("")),
            "station",
            "read.no_station",
            lambda _value: _("The row names no station; fill in the column station."),
        )
        columns = [
            Column(header, p := PARAMETERS[parameter], column_unit(p, unit, options))
            for header, (parameter, unit) in _UNITS.items()
        ]
        parts = pieces(frame, columns, found, "1h")
        directions, calm = _direction(frame, parts[-1], found)
        notes = [*sheet.notes, *conversions(columns)]
        if calm:
            notes.append(
                _("Hours with a direction at wind speed 0, taken as calm without one: {n}.").format(
                    n=f"{calm:,}"
                )
            )
        return finish(
            pl.concat([*parts, directions]),
            sheet.frame,
            found,
            name=self.name,
            options=options,
            notes=notes,
            once=frame.select("station", "time").n_unique() == frame.height,
        )


def _direction(frame: pl.DataFrame, speed: pl.DataFrame, found: Found) -> tuple[pl.DataFrame, int]:
    """Return the long piece of the wind direction [°], and how many calm hours had one."""
    raw = frame.select(LINE, "station", "time", text=_WIND).filter(
        pl.col("text").is_not_null(), ~missing(pl.col("text"))
    )
    raw = raw.with_columns(value=sectors.degrees(pl.col("text")))
    found.cells(
        raw.filter(pl.col("value").is_null()),
        _WIND,
        "read.bad_direction",
        lambda value: _("'{value}' is not one of the 16 wind sectors (N, NNE, NE …).").format(
            value=value
        ),
    )
    still = speed.filter(pl.col("value") == 0.0)[LINE]
    calm = raw[LINE].is_in(still.implode())
    piece = raw.filter(~calm).select(
        LINE,
        "station",
        pl.lit("wd").alias("parameter"),
        pl.lit("1h").alias("period"),
        "time",
        "value",
    )
    return piece, int(calm.sum())
