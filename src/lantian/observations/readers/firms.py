"""Fire spots seen by satellite (NASA FIRMS): events with a place, not measurements of a station."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lantian.errors import BadInputError, DomainError
from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.parameters import settings
from lantian.observations.readers import text
from lantian.observations.readers.base import Head, Options, Reading
from lantian.observations.readers.cells import Found, numbers
from lantian.observations.readers.tall import report_times
from lantian.observations.readers.text import LINE
from lantian.observations.schema import TIME

_NEEDED = ("latitude", "longitude", "acq_date", "acq_time", "confidence", "frp")
_WORDS = {
    "l": "low",
    "low": "low",
    "n": "nominal",
    "nominal": "nominal",
    "h": "high",
    "high": "high",
}
_NUMBERS = {
    "latitude": "lat",
    "longitude": "lon",
    "frp": "frp",
    "scan": "scan_km",
    "track": "track_km",
    "bright_ti4": "brightness",
    "brightness": "brightness",
}


class FirmsReader:
    """Knows the format and says what to do with it; :func:`read_firms` reads it."""

    name = "firms"
    title = "Fire spots (NASA FIRMS, CSV)"

    def detect(self, head: Head) -> bool:
        """Say whether the header is that of FIRMS."""
        return set(_NEEDED[:5]) <= set(text.header(head))

    def read(self, path: Path, options: Options) -> Reading:
        """Raise DomainError ``read.not_measurements``."""
        raise DomainError(
            "read.not_measurements",
            _(
                "{file} holds fire spots, not measurements; they cannot be imported. From Python, "
                "lantian.observations.read_firms reads them."
            ).format(file=name_of(path)),
            {"file": name_of(path), "format": self.name},
        )


def read_firms(path: Path | str) -> pl.DataFrame:
    """Read fire spots of VIIRS or MODIS.

    Returns
    -------
    DataFrame
        ``lat lon`` [° WGS84, centre of the pixel], ``time`` [UTC], ``satellite instrument``,
        ``confidence`` (``low nominal high``), ``confidence_percent`` [%] (MODIS only),
        ``frp`` [MW], ``brightness`` [K], ``scan_km track_km`` [km], ``pixel_m`` [m] (nominal: the
        fire is somewhere in it), ``day`` (bool), ``source``.

    Raises
    ------
    BadInputError
        ``read.bad_rows`` with every bad place; ``read.missing_column``; as for any file.
    """
    path = Path(path)
    sheet = text.read_csv(path)
    text.need_columns(path, sheet.frame, _NEEDED)
    found = Found(sheet.file)
    found.add(sheet.ragged)
    frame = sheet.sound()
    optional = ("satellite", "instrument", "daynight", "scan", "track")
    frame = frame.with_columns(
        pl.lit(None, dtype=pl.String).alias(c) for c in optional if c not in frame.columns
    )
    stamp = _acquired(frame, found)
    values = {
        new: numbers(frame, old, found).alias(new)
        for old, new in _NUMBERS.items()
        if old in frame.columns
    }
    result = frame.with_columns(stamp, *values.values())
    if "brightness" not in values:
        result = result.with_columns(brightness=pl.lit(None, dtype=pl.Float64))
    result = _confidence(result, found)
    _positions(result, found)
    if found.total:
        raise BadInputError(
            "read.bad_rows",
            _("{file}: nothing was read; bad places: {n}.").format(
                file=name_of(path), n=found.total
            ),
            tuple(found.problems),
            found.total,
        )
    pixel = dict(settings("fires")["pixel_m"])
    return result.select(
        "lat",
        "lon",
        "time",
        "satellite",
        "instrument",
        "confidence",
        "confidence_percent",
        "frp",
        "brightness",
        "scan_km",
        "track_km",
        pl.col("instrument")
        .str.to_uppercase()
        .replace_strict(pixel, default=None, return_dtype=pl.Float64)
        .alias("pixel_m"),
        (pl.col("daynight").str.to_uppercase() == "D").alias("day"),
        pl.lit(name_of(path)).alias("source"),
    )


def _acquired(frame: pl.DataFrame, found: Found) -> pl.Series:
    """Return the time of the overpass: ``acq_date`` and ``acq_time`` (HHMM), both UTC."""
    clock = pl.col("acq_time").str.replace(":", "", literal=True).str.zfill(4)
    stamp = frame.select(
        pl.concat_str("acq_date", clock, separator=" ")
        .str.to_datetime("%Y-%m-%d %H%M", time_unit="us", strict=False)
        .dt.replace_time_zone("UTC")
        .cast(TIME)
        .alias("time")
    ).to_series()
    raw = frame.select(
        pl.concat_str("acq_date", "acq_time", separator=" ", ignore_nulls=True).alias("acq_date")
    ).to_series()
    report_times(raw, stamp, frame, found)
    return stamp


def _confidence(frame: pl.DataFrame, found: Found) -> pl.DataFrame:
    """Return ``confidence`` as words (VIIRS gives letters, MODIS per cent)."""
    rules = settings("fires")
    given = pl.col("confidence").str.strip_chars().str.to_lowercase()
    percent = given.cast(pl.Float64, strict=False)
    word = (
        pl.when(percent < rules["modis_nominal_percent"])
        .then(pl.lit("low"))
        .when(percent < rules["modis_high_percent"])
        .then(pl.lit("nominal"))
        .when(percent.is_between(rules["modis_high_percent"], 100.0))
        .then(pl.lit("high"))
        .otherwise(given.replace_strict(_WORDS, default=None, return_dtype=pl.String))
    )
    frame = frame.with_columns(word=word, confidence_percent=percent)
    found.cells(
        frame.filter(pl.col("word").is_null()).select(LINE, text="confidence"),
        "confidence",
        "read.bad_confidence",
        lambda value: _("'{value}' is neither low, nominal, high nor a per cent.").format(
            value=value
        ),
    )
    return frame.drop("confidence").rename({"word": "confidence"})


def _positions(frame: pl.DataFrame, found: Found) -> None:
    for column, header, most in (("lat", "latitude", 90.0), ("lon", "longitude", 180.0)):
        bad = frame.filter(~pl.col(column).is_between(-most, most).fill_null(value=False))
        found.cells(
            bad.select(LINE, text=header),
            header,
            "read.bad_position",
            lambda value: _("'{value}' is not a position on Earth.").format(value=value),
        )
