"""The station register as a frame: its columns, kinds and rules.

=========== ============ =====================================================================
column      type         meaning
=========== ============ =====================================================================
station     String       id, unique
name        String       name people know it by
city, town  String, null where it is
network     String, null network it belongs to
lon, lat    Float64,null WGS84 [deg]
datum       String, null datum the coordinates were given in, before they were converted
kind        String, null ``national provincial township micro background`` … of ``stations.toml``
control     Boolean      control or background station, left out of city means
operator    String, null who runs it
start, end  Date, null   first and last day of operation
=========== ============ =====================================================================
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import polars as pl

from lantian.errors import BadInputError, InvalidArgumentError, Problem
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.observations.datum import DATUMS

REGISTER: dict[str, pl.DataType] = {
    "station": pl.String(),
    "name": pl.String(),
    "city": pl.String(),
    "town": pl.String(),
    "network": pl.String(),
    "lon": pl.Float64(),
    "lat": pl.Float64(),
    "datum": pl.String(),
    "kind": pl.String(),
    "control": pl.Boolean(),
    "operator": pl.String(),
    "start": pl.Date(),
    "end": pl.Date(),
}
_TABLE: dict[str, Any] = tomllib.loads(
    files("lantian.observations").joinpath("data", "stations.toml").read_text("utf-8")
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of station; see ``stations.toml`` for what the two settings do."""

    id: str
    zh: str
    en: str
    aliases: tuple[str, ...]
    in_city_mean: bool
    indicative: bool


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        name: Kind(id=name, **{**row, "aliases": tuple(row["aliases"])})
        for name, row in _TABLE["kinds"].items()
    }
)


def settings(section: str) -> Mapping[str, Any]:
    """Return one section of ``stations.toml``: ``headers``, ``truth`` or ``china``."""
    return MappingProxyType(_TABLE[section])


def find_kind(text: str) -> Kind | None:
    """Return the kind a text names (``国控``, ``national`` …), or None."""
    wanted = unicodedata.normalize("NFKC", text).strip().lower()
    for kind in KINDS.values():
        if wanted in (kind.id, kind.zh, *kind.aliases):
            return kind
    return None


def empty() -> pl.DataFrame:
    """Return a register with no station."""
    return pl.DataFrame(schema=REGISTER)


def conform(frame: pl.DataFrame, *, file: str = "register") -> pl.DataFrame:
    """Return ``frame`` with exactly the columns of the register, checked.

    Absent columns become null; an absent name is the id; an absent ``control`` is true for the kind
    ``background``, else false. Coordinates are WGS84 already; :func:`read_register` converts.

    Parameters
    ----------
    frame
        ``station`` and any other column of :data:`REGISTER`.
    file
        What to call the register in messages.

    Raises
    ------
    InvalidArgumentError
        There is no column ``station``, or a column of another type that cannot be cast.
    BadInputError
        Every row that :func:`check` objects to.
    """
    if "station" not in frame.columns:
        raise InvalidArgumentError(
            "stations.missing_column", _("A station register needs the column station.")
        )
    filled = frame.with_columns(
        pl.lit(None, dtype=t).alias(c) for c, t in REGISTER.items() if c not in frame.columns
    )
    try:
        typed = filled.select(pl.col(c).cast(t) for c, t in REGISTER.items())
    except pl.exceptions.PolarsError as error:
        raise InvalidArgumentError(
            "stations.wrong_type",
            _("A column of the station register has the wrong type: {reason}").format(
                reason=str(error).splitlines()[0]
            ),
        ) from error
    placed = pl.col("lon").is_not_null() | pl.col("lat").is_not_null()
    known = typed.with_columns(
        pl.when(placed).then("datum").alias("datum"),
        pl.coalesce("name", "station").alias("name"),
        pl.coalesce("control", pl.col("kind").eq("background"), pl.lit(False)).alias("control"),
    )
    problems = check(known, file=file)
    if problems:
        raise bad_register(file, problems)
    return known


def bad_register(file: str, problems: Sequence[Problem]) -> BadInputError:
    """Return the error that lists every bad row of a register."""
    return BadInputError(
        "stations.bad_rows",
        _("Errors in the station register {file}: {n}. Nothing of it was taken.").format(
            file=file, n=len(problems)
        ),
        tuple(problems)[: BadInputError.LIMIT],
        len(problems),
    )


def check(
    frame: pl.DataFrame, *, file: str = "register", lines: Sequence[int] | None = None
) -> list[Problem]:
    """Return what is wrong with the rows of a register.

    Checked: an id in every row, each once; both coordinates or none, on Earth, not 0/0, with a
    datum; a known kind; an end not before the start.

    Parameters
    ----------
    frame
        Columns of :data:`REGISTER`, coordinates in WGS84 [deg].
    file, lines
        For the places in the messages; without ``lines``, rows count from 1.
    """
    at = lines if lines is not None else range(1, frame.height + 1)
    first: dict[str, int] = {}
    problems = []
    for line, row in zip(at, frame.iter_rows(named=True), strict=True):
        for column, code, message in _row_faults(row, first):
            value = row[column]
            shown = None if value is None else str(value)
            problems.append(Problem(file, message, code, line, column, shown))
        if row["station"] is not None:
            first.setdefault(row["station"], line)
    return problems


def _row_faults(row: Mapping[str, Any], first: Mapping[str, int]) -> list[tuple[str, str, str]]:
    found = []
    station = row["station"]
    if station is None or not station.strip():
        found.append(("station", "stations.no_id", _("The row has no station id.")))
    elif station in first:
        message = _("The station id {station} is already on line {line}.").format(
            station=station, line=first[station]
        )
        found.append(("station", "stations.duplicate", message))
    if row["kind"] is not None and row["kind"] not in KINDS:
        message = _("{kind} is not a kind of station; there are {kinds}.").format(
            kind=row["kind"], kinds=", ".join(KINDS)
        )
        found.append(("kind", "stations.unknown_kind", message))
    if row["start"] is not None and row["end"] is not None and row["end"] < row["start"]:
        message = _("The station ends before it starts.")
        found.append(("end", "stations.dates", message))
    return found + _coordinate_faults(row)


def _coordinate_faults(row: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    lon, lat, datum = row["lon"], row["lat"], row["datum"]
    if lon is None and lat is None:
        return []
    if lon is None or lat is None:
        column = "lon" if lon is None else "lat"
        return [(column, "stations.half_position", _("One of the two coordinates is missing."))]
    found = position_fault(lon, lat)
    if datum not in DATUMS:
        message = _("Coordinates need a datum: one of {names}.").format(names=", ".join(DATUMS))
        found.append(("datum", "stations.no_datum", message))
    return found


def position_fault(lon: float, lat: float) -> list[tuple[str, str, str]]:
    """Return what is implausible about a position [deg]: off the Earth, swapped, or 0/0."""
    if -180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0 and (lon, lat) != (0.0, 0.0):
        return []
    if -90.0 <= lon <= 90.0 and 90.0 < abs(lat) <= 180.0:
        text = _("Longitude and latitude look swapped ({lon}, {lat}).")
        column = "lat"
    else:
        text = _("Longitude {lon} and latitude {lat} are no plausible position.")
        column = "lon"
    return [(column, "stations.position", text.format(lon=lon, lat=lat))]


def in_china(lon: float, lat: float) -> bool:
    """Say whether a position [deg] is where GCJ-02 and BD-09 are defined."""
    box = settings("china")
    return bool(box["lon"][0] <= lon <= box["lon"][1] and box["lat"][0] <= lat <= box["lat"][1])


def register_titles(columns: Sequence[str]) -> list[str]:
    """Return what columns of the register are called, in the language in force."""
    return [settings("headers")[c][0] if active() == "zh" else c for c in columns]
