"""How measurements lie on disk: columns, partitions, names, and which month an hour belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import polars as pl
from deltalake import Field, Schema
from deltalake.schema import PrimitiveType

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations.schema import TIME, Calibre

Layer = Literal["base", "revision"]
CalibreChoice = Literal["realtime", "audited", "prefer-audited"]
Clock = Callable[[], datetime]  # what says when something is done

# Written into every store; a store with a higher number was made by a later version of Lantian.
FORMAT = 1
SETTINGS_FILE = "store.json"
LEDGER_FILE = "batches.jsonl"
TABLE_FOLDER = "measurements"
STATIONS_FOLDER = "stations"

PARTITIONS = ("period", "calibre", "month", "layer")
ROW_KEY = ("station", "parameter", "time")
# What makes two rows of one key the same measurement. The source is not part of it: the same
# values imported again from a renamed file change nothing.
CONTENT = ("value", "unit", "flag", "grade")
FILE_SCHEMA: dict[str, pl.DataType] = {
    "station": pl.String(),
    "parameter": pl.String(),
    "time": TIME,
    "value": pl.Float64(),
    "unit": pl.String(),
    "flag": pl.String(),
    "grade": pl.String(),
    "source": pl.String(),
    "batch": pl.Int64(),
    "recorded": TIME,
}
# Large enough to scan fast, small enough that one station opens without reading its neighbours.
ROW_GROUP = 262_144

_PERIOD = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNIT = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_LONGEST = timedelta(days=31)
_DELTA_TYPES = {pl.String(): "string", pl.Float64(): "double", pl.Int64(): "long"}


class Partition(NamedTuple):
    """One folder of the table: one averaging period, calibre, local month and layer."""

    period: str
    calibre: Calibre
    month: str
    layer: Layer

    @property
    def folder(self) -> str:
        """Return the folder relative to the table."""
        return "/".join(f"{name}={value}" for name, value in self._asdict().items())


def delta_schema() -> Schema:
    """Return the schema of the Delta table: the partition columns, then those of the files."""
    types: Mapping[str, pl.DataType] = {**dict.fromkeys(PARTITIONS, pl.String()), **FILE_SCHEMA}
    return Schema(
        [
            Field(name, PrimitiveType("timestamp" if t == TIME else _DELTA_TYPES[t]), nullable=True)
            for name, t in types.items()
        ]
    )


def period_length(period: str) -> timedelta:
    """Return how long an averaging period is.

    Raises
    ------
    InvalidArgumentError
        ``period`` is not a number of minutes, hours or days (``1m``, ``1h``, ``24h``, ``1d``) or
        is longer than 31 days.
    """
    match = _PERIOD.fullmatch(period)
    length = int(match[1]) * _UNIT[match[2]] if match else None
    if length is None or length > _LONGEST:
        raise InvalidArgumentError(
            "store.bad_period",
            _(
                "“{period}” is not an averaging period. Write minutes, hours or days "
                "up to 31 days, such as 1m, 1h or 24h."
            ).format(period=period),
            {"period": period},
        )
    return length


def month_expr(period: str, zone: str) -> pl.Expr:
    """Return the local month (``2016-01``) a value belongs to.

    A value is labelled by the END of its period, so 24:00 of 31 January, which is written 00:00 of
    1 February, belongs to January: the month is that of ``time`` minus ``period``. A local day
    then never lies in two partitions.
    """
    begin = pl.col("time") - pl.lit(period_length(period))
    return begin.dt.convert_time_zone(zone).dt.strftime("%Y-%m")


def month_of(time: datetime, period: str, zone: str) -> str:
    """Return the local month of one value labelled ``time``; see `month_expr`."""
    begin = aware(time) - period_length(period)
    return begin.astimezone(ZoneInfo(zone)).strftime("%Y-%m")


def months_between(after: datetime, until: datetime, period: str, zone: str) -> list[str]:
    """Return the local months of values labelled after one time up to another; see `month_expr`."""
    first = month_of(after + timedelta(milliseconds=1), period, zone)
    last = month_of(until, period, zone)
    year, month = map(int, first.split("-"))
    found = []
    while first <= last:
        found.append(first)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        first = f"{year:04d}-{month:02d}"
    return found


def aware(time: datetime) -> datetime:
    """Return ``time`` in UTC.

    Raises
    ------
    InvalidArgumentError
        ``time`` has no zone, so that it could mean several hours.
    """
    if time.tzinfo is None:
        raise InvalidArgumentError(
            "store.naive_time",
            _("{time} has no time zone. Give the zone with it.").format(time=time),
            {"time": time.isoformat()},
        )
    return time.astimezone(UTC)


def utc_now() -> datetime:
    """Return the time of the machine's clock; the clock used unless another is passed in."""
    return datetime.now(UTC)


def check_zone(zone: str) -> str:
    """Return ``zone`` if it is a time zone of the IANA database.

    Raises
    ------
    InvalidArgumentError
        It is not.
    """
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidArgumentError(
            "store.bad_zone",
            _("“{zone}” is not a time zone. Write one such as Asia/Shanghai.").format(zone=zone),
            {"zone": zone},
        ) from error
    return zone


def table_folder(store: Path) -> Path:
    """Return the folder of the Delta table in a store."""
    return store / TABLE_FOLDER
