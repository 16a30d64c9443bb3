"""The national network's live feed as archives keep it: a JSON list or GeoJSON of stations.

Each record: ``stationcode, positionname, area, timepoint, pm2_5 … o3``, the sliding ``*_24h`` and
``o3_8h``, ``aqi``. Missing is ``—`` or odd strokes such as ``-;``. Times are the network's local
time, END of the hour; CO in mg/m³.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from lantian.i18n import gettext as _
from lantian.observations.parameters import PARAMETERS
from lantian.observations.readers import text, times
from lantian.observations.readers.base import Head, Options, Reading
from lantian.observations.readers.cells import (
    Column,
    Found,
    column_unit,
    conversions,
    missing,
    numbers,
    pieces,
)
from lantian.observations.readers.finish import finish
from lantian.observations.readers.records import Record, Records, as_text, inside, read_records
from lantian.observations.readers.text import LINE

_POLLUTANTS = ("pm25", "pm10", "so2", "no2", "co", "o3")
_SLIDING = (*(f"{p}_24h" for p in _POLLUTANTS), "o3_8h", "o3_8h_24h")
_FIELDS = {
    "stationcode": "station",
    "positionname": "name",
    "area": "city",
    "timepoint": "time",
    "latitude": "lat",
    "lat": "lat",
    "longitude": "lon",
    "lon": "lon",
    "lng": "lon",
    "aqi": "aqi",
    **{p: p for p in _POLLUTANTS},
    **{s.replace("_", ""): s for s in _SLIDING},
}
_MARK = re.compile(rb'"time_?point"\s*:', re.IGNORECASE)
_CODE = re.compile(rb'"(station_?code|position_?name)"\s*:', re.IGNORECASE)


class CnemcJsonReader:
    """Reads the live feed of stations, as a list or as GeoJSON."""

    name = "cnemc-json"
    title = "National network, live feed (JSON)"

    def detect(self, head: Head) -> bool:
        """Say whether it is JSON with ``timepoint`` and a station code or name."""
        return (
            head.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{")
            and _MARK.search(head.data) is not None
            and _CODE.search(head.data) is not None
        )

    def read(self, path: Path, options: Options) -> Reading:
        """Read one file; records without a station (city means) are left out, and counted."""
        records = read_records(path)
        if not any(_key(k) == "timepoint" for row in records.rows for k in _properties(row)):
            raise text.lacks_columns(path, ["timepoint"])
        found = Found(records.file, records.path)
        source, headers = _table(records)
        notes = list(records.notes)
        frame = _stations_only(source, notes)
        # the feed's old form wrote time_point in local time and put a Z behind it (recalled)
        local = pl.col("time").str.replace("Z$", "") if headers["time"] == "time_point" else "time"
        stamp = times.parse_times(frame.select(local).to_series(), options.zone)
        if headers["time"] == "time_point" and frame["time"].str.ends_with("Z").any():
            notes.append(
                _("time_point ends in Z but is local time in this feed; read as {zone}.").format(
                    zone=options.zone
                )
            )
        _report(frame, stamp, headers, found)
        frame = frame.with_columns(stamp.alias("time"))
        columns = [
            Column(headers[name], p := PARAMETERS[name], column_unit(p, p.unit, options))
            for name in _POLLUTANTS
            if name in headers
        ]
        values = frame.rename({n: h for n, h in headers.items() if n in (*_POLLUTANTS, *_SLIDING)})
        return finish(
            pl.concat(pieces(values, columns, found, "1h")) if columns else _nothing(),
            source.select(c for c in source if c.name == LINE or c.is_not_null().any()),
            found,
            name=self.name,
            options=options,
            notes=[*notes, *conversions(columns)],
            published=_published(frame, found),
            stations=_describe(frame),
        )


def _key(name: str) -> str:
    return re.sub(r"[\s_.]", "", name).lower()


def _properties(record: Record) -> Record:
    properties = record.get("properties")
    return properties if isinstance(properties, dict) else record


def _table(records: Records) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the known fields as text columns with ``line`` (record number), and their headers."""
    headers: dict[str, str] = {}
    rows = []
    for number, record in enumerate(records.rows, start=1):
        row: dict[str, object] = {LINE: number}
        for key, value in _properties(record).items():
            if (field := _FIELDS.get(_key(key))) is not None:
                headers.setdefault(field, key)
                row[field] = as_text(value)
        point = inside(record, "geometry", "coordinates")
        if isinstance(point, list) and len(point) >= 2:
            row.setdefault("lon", as_text(point[0]))
            row.setdefault("lat", as_text(point[1]))
        rows.append(row)
    names = dict.fromkeys(["station", "name", "city", "time", *_FIELDS.values()])
    schema = {LINE: pl.UInt32(), **{n: pl.String() for n in names}}
    headers.setdefault("station", "stationcode")
    return pl.DataFrame(rows, schema=schema), headers


def _stations_only(source: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    blank = [pl.col(c).is_null() | missing(pl.col(c)) for c in ("station", "name")]
    cities = source.select(blank[0] & blank[1]).to_series()
    if cities.any():
        notes.append(
            _("Records without a station (means of cities), left out: {n}.").format(
                n=f"{cities.sum():,}"
            )
        )
    return source.filter(~cities).with_columns(
        pl.when(~blank[0]).then(pl.col("station").str.strip_chars()).alias("station")
    )


def _report(frame: pl.DataFrame, stamp: pl.Series, headers: dict[str, str], found: Found) -> None:
    found.cells(
        frame.filter(stamp.is_null()).select(LINE, text="time"),
        headers["time"],
        "read.bad_time",
        lambda value: _("'{value}' is not a date and time; correct the record.").format(
            value=value
        ),
    )
    found.cells(
        frame.filter(pl.col("station").is_null()).select(LINE, text="name"),
        headers["station"],
        "read.no_station",
        lambda value: _("'{value}' has no station code; fill it in.").format(value=value),
    )


def _published(frame: pl.DataFrame, found: Found) -> pl.DataFrame | None:
    given = [c for c in ("aqi", *_SLIDING) if frame[c].is_not_null().any()]
    if "aqi" not in given:
        return None
    values = [numbers(frame, c, found).alias(c) for c in given]
    wide = frame.select("station", "time").with_columns(values)
    return wide.drop_nulls(["station", "time"]).unique(["station", "time"], maintain_order=True)


def _describe(frame: pl.DataFrame) -> pl.DataFrame:
    # coordinates that do not read are no reason to refuse the measurements
    place = [pl.col(c).cast(pl.Float64, strict=False) for c in ("lon", "lat")]
    known = frame.drop_nulls("station").select("station", "name", "city", *place)
    return known.unique("station", keep="first", maintain_order=True)


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            LINE: pl.UInt32(),
            "station": pl.String(),
            "parameter": pl.String(),
            "period": pl.String(),
            "time": pl.Datetime("us", "UTC"),
            "value": pl.Float64(),
        }
    )
