"""OpenAQ: the answer of the v3 API as JSON, and the daily CSV of the archive.

API: each result states both ends of its period; it is labelled by ``datetimeTo``. Archive:
``datetime`` is the end of the period, with its offset (status: recalled); the period itself is not
stated. Gases in ppm or ppb become µg/m³ at 25 °C and 1013.25 hPa.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.parameters import settings
from lantian.observations.readers import text, times
from lantian.observations.readers.base import Head, Options, Reading
from lantian.observations.readers.cells import Found
from lantian.observations.readers.finish import finish
from lantian.observations.readers.records import Records, as_text, inside, read_records
from lantian.observations.readers.tall import (
    keep_flagged,
    measured,
    named_parameters,
    report_times,
    require,
)
from lantian.observations.readers.text import LINE

_CSV = ("location_id", "datetime", "parameter", "units", "value")
_KEPT = (LINE, "station", "parameter", "period", "time", "value", "flag", "grade")
_MARKS = (b'"results"', b'"parameter"', b'"value"')


class OpenAqJsonReader:
    """Reads measurements as the v3 API answers them (one sensor or one location per file)."""

    name = "openaq-json"
    title = "OpenAQ v3 API (JSON)"

    def detect(self, head: Head) -> bool:
        """Say whether it is JSON with ``results`` of measurements."""
        data = head.data
        return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and all(m in data for m in _MARKS)

    def read(self, path: Path, options: Options) -> Reading:
        """Read one file, labelling each value by ``datetimeTo``.

        A sensor's measurements do not name their station: give ``options.station``, else the name
        of the file stands for it, with a remark.
        """
        records = read_records(path)
        found = Found(records.file, records.path)
        notes = list(records.notes)
        source = _flatten(records)
        frame = _named_station(source, path, options, notes)
        stamp = times.parse_times(frame["time"], options.zone)
        report_times(frame["time"].rename("period.datetimeTo"), stamp, frame, found)
        period = _period(frame, stamp, options.zone)
        frame = frame.with_columns(stamp.alias("time"), period.alias("period"))
        found.cells(
            frame.filter(pl.col("period").is_null()).select(LINE, text="interval"),
            "period.interval",
            "read.bad_period",
            lambda value: _("'{value}' is not an averaging period such as 01:00:00.").format(
                value=value
            ),
        )
        frame = named_parameters(frame, found, notes, strict=False, header="parameter.name")
        frame = measured(frame, found, notes, options, value="value", unit="units")
        frame = keep_flagged(_graded(frame, notes), notes)
        return finish(
            frame.select(_KEPT),
            source,
            found,
            name=self.name,
            options=options,
            notes=notes,
            stations=_places(frame),
        )


class OpenAqCsvReader:
    """Reads the archive's ``location-<id>-<date>.csv.gz``; the station is ``location_id``."""

    name = "openaq-csv"
    title = "OpenAQ archive (CSV)"

    def detect(self, head: Head) -> bool:
        """Say whether the header is that of the archive."""
        return {*_CSV, "sensors_id"} <= set(text.header(head))

    def read(self, path: Path, options: Options) -> Reading:
        """Read one file; the averaging period is ``options.period``."""
        sheet = text.read_csv(path)
        text.need_columns(path, sheet.frame, _CSV)
        found = Found(sheet.file)
        found.add(sheet.ragged)
        notes = [
            *sheet.notes,
            _("The file does not state the averaging period; {period} was assumed.").format(
                period=options.period
            ),
        ]
        frame = sheet.sound()
        stamp = times.parse_times(frame["datetime"], options.zone)
        report_times(frame["datetime"], stamp, frame, found)
        absent = [c for c in ("lat", "lon", "location") if c not in frame.columns]
        frame = frame.with_columns(
            pl.lit(None, dtype=pl.String).alias(c) for c in absent
        ).with_columns(
            station="location_id",
            time=stamp,
            period=pl.lit(options.period),
            flag=pl.lit(""),
            grade=pl.lit("valid"),
        )
        require(frame, "station", found, "location_id", _("station"))
        frame = named_parameters(frame, found, notes, strict=False, header="parameter")
        frame = measured(frame, found, notes, options, value="value", unit="units")
        return finish(
            frame.drop_nulls("value").select(_KEPT),
            sheet.frame,
            found,
            name=self.name,
            options=options,
            notes=notes,
            stations=_places(frame.rename({"location": "name"})),
        )


def _flatten(records: Records) -> pl.DataFrame:
    """Return the fields that matter of each result as text, with its number as ``line``."""
    rows = [
        {
            LINE: number,
            "station": as_text(inside(row, "locationsId")),
            "parameter": as_text(inside(row, "parameter", "name")),
            "units": as_text(inside(row, "parameter", "units")),
            "value": as_text(inside(row, "value")),
            "interval": as_text(inside(row, "period", "interval")),
            "start": as_text(inside(row, "period", "datetimeFrom", "utc")),
            "time": as_text(
                inside(row, "period", "datetimeTo", "utc")
                or inside(row, "period", "datetimeTo", "local")
            ),
            "flagged": as_text(inside(row, "flagInfo", "hasFlags")),
            "percent": as_text(inside(row, "coverage", "percentComplete")),
            "lat": as_text(inside(row, "coordinates", "latitude")),
            "lon": as_text(inside(row, "coordinates", "longitude")),
        }
        for number, row in enumerate(records.rows, start=1)
    ]
    names = ("station", "parameter", "units", "value", "interval", "start", "time")
    more = ("flagged", "percent", "lat", "lon")
    schema = {LINE: pl.UInt32(), **{n: pl.String() for n in (*names, *more)}}
    return pl.DataFrame(rows, schema=schema)


def _named_station(
    frame: pl.DataFrame, path: Path, options: Options, notes: list[str]
) -> pl.DataFrame:
    if options.station is not None:
        return frame.with_columns(station=pl.lit(options.station))
    if frame["station"].is_null().any():
        stem = name_of(path).removesuffix(".gz").removesuffix(".json")
        notes.append(
            _("The file does not name its station; '{station}' was taken from its name.").format(
                station=stem
            )
        )
        return frame.with_columns(pl.col("station").fill_null(stem))
    return frame


def _period(frame: pl.DataFrame, end: pl.Series, zone: str) -> pl.Series:
    """Return ``1h``, ``15m`` …: the stated interval, else the distance of both ends."""
    parts = pl.col("interval").str.extract_groups(r"^(\d+):(\d{2}):(\d{2})$")
    stated = (
        parts.struct.field("1").cast(pl.Int64) * 3600
        + parts.struct.field("2").cast(pl.Int64) * 60
        + parts.struct.field("3").cast(pl.Int64)
    )
    between = (end - times.parse_times(frame["start"], zone)).dt.total_seconds()
    silent = frame["interval"].is_null()
    seconds = frame.select(stated.alias("s")).to_series().zip_with(~silent, between)
    s = pl.col("s")
    length = (
        pl.when(s <= 0)
        .then(None)
        .when(s % 3600 == 0)
        .then(pl.format("{}h", s // 3600))
        .when(s % 60 == 0)
        .then(pl.format("{}m", s // 60))
        .otherwise(pl.format("{}s", s))
    )
    return pl.DataFrame({"s": seconds}).select(length).to_series()


def _graded(frame: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """Grade by the source's own flag and, for hours, by the share of the hour sampled."""
    least = float(settings("coverage")["hour_percent"])
    flagged = (pl.col("flagged") == "true").fill_null(value=False)
    percent = pl.col("percent").cast(pl.Float64, strict=False)
    thin = ((pl.col("period") == "1h") & (percent < least)).fill_null(value=False)
    counts = frame.select(flagged=flagged.sum(), thin=(thin & ~flagged).sum()).row(0)
    if counts[0]:
        notes.append(_("Values with a flag, taken as invalid: {n}.").format(n=f"{counts[0]:,}"))
    if counts[1]:
        notes.append(
            _("Hours sampled for less than {least:g} %, taken as invalid: {n}.").format(
                n=f"{counts[1]:,}", least=least
            )
        )
    return frame.with_columns(
        flag=pl.when(flagged)
        .then(pl.lit("flagged"))
        .when(thin)
        .then(pl.format("coverage {}%", pl.col("percent")))
        .otherwise(pl.lit("")),
        grade=pl.when(flagged | thin).then(pl.lit("invalid")).otherwise(pl.lit("valid")),
    )


def _places(frame: pl.DataFrame) -> pl.DataFrame:
    name = [pl.col("name")] if "name" in frame.columns else []
    return (
        frame.drop_nulls("station")
        .select(
            "station",
            *name,
            pl.col("lon").cast(pl.Float64, strict=False),
            pl.col("lat").cast(pl.Float64, strict=False),
            datum=pl.lit("WGS84"),
        )
        .unique("station", keep="first", maintain_order=True)
    )
