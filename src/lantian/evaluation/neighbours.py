"""Which stations are near one, in which direction, and how alike their hours run."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from lantian.evaluation.timeframe import check_columns, numbers
from lantian.observations.quality_neighbours import great_circle

NEAREST: dict[str, pl.DataType] = {
    "station": pl.String(),
    "distance": pl.Float64(),
    "bearing": pl.Float64(),
}
ALIKE: dict[str, pl.DataType] = {"station": pl.String(), "n": pl.Int64(), "r": pl.Float64()}
LEAST = 24  # hours: of fewer, no coefficient says anything


def nearest(stations: pl.DataFrame, station: str, *, count: int = 5) -> pl.DataFrame:
    """Return the stations nearest to one.

    Parameters
    ----------
    stations
        ``station, lon, lat`` (WGS84 [°]); null where not known.
    station
        Whose neighbours they are.
    count
        How many at most.

    Returns
    -------
    polars.DataFrame
        ``station, distance`` (great circle [km]), ``bearing`` (initial, from ``station`` to the
        neighbour, clockwise from north [°], in (0, 360]; null in the same place). Nearest first,
        ties by id; empty where ``station`` is unknown or has no coordinates.
    """
    check_columns(stations, ["station", "lon", "lat"])
    placed = stations.select("station", "lon", "lat").drop_nulls().unique("station")
    own = placed.filter(pl.col("station") == station)
    others = placed.filter(pl.col("station") != station)
    if own.is_empty() or others.is_empty():
        return pl.DataFrame(schema=NEAREST)
    lon, lat = numbers(own, "lon"), numbers(own, "lat")
    far = great_circle(lon, lat, numbers(others, "lon"), numbers(others, "lat"))[0]
    return (
        others.select("station", "lon", "lat", pl.Series("distance", far))
        .sort("distance", "station")
        .head(count)
        .with_columns(
            pl.struct("lon", "lat")
            .map_elements(
                lambda to: bearing(float(lon[0]), float(lat[0]), to["lon"], to["lat"]),
                return_dtype=pl.Float64,
            )
            .alias("bearing")
        )
        .select(list(NEAREST))
    )


def bearing(lon1: float, lat1: float, lon2: float, lat2: float) -> float | None:
    """Return the initial bearing of a great circle [°], in (0, 360]; None without a distance."""
    if (lon1, lat1) == (lon2, lat2):
        return None
    phi1, phi2, turn = math.radians(lat1), math.radians(lat2), math.radians(lon2 - lon1)
    east = math.sin(turn) * math.cos(phi2)
    north = math.cos(phi1) * math.sin(phi2) - math.sin(phi1) * math.cos(phi2) * math.cos(turn)
    angle = math.degrees(math.atan2(east, north)) % 360.0
    return 360.0 if angle == 0.0 else angle


def alike(hourly: pl.DataFrame, station: str, others: Sequence[str], column: str) -> pl.DataFrame:
    """Correlate the hours of a station with those of others (Pearson).

    Parameters
    ----------
    hourly
        ``station, time`` and ``column``.
    others
        The stations compared with.

    Returns
    -------
    polars.DataFrame
        ``station, n`` (hours in which both have a value), ``r`` (null of fewer than 24 hours, or
        where one of the two never changes), in the order of ``others``.
    """
    check_columns(hourly, ["station", "time", column])
    known = hourly.select("station", "time", pl.col(column).cast(pl.Float64).fill_nan(None))
    known = known.drop_nulls().sort("station", "time")
    own = known.filter(pl.col("station") == station).select("time", own=column)
    rows = []
    for other in others:
        both = own.join(
            known.filter(pl.col("station") == other), on="time", how="inner", maintain_order="left"
        )
        rows.append((other, both.height, _pearson(both, "own", column)))
    return pl.DataFrame(rows, schema=ALIKE, orient="row")


def _pearson(both: pl.DataFrame, first: str, second: str) -> float | None:
    if both.height < LEAST:
        return None
    x, y = numbers(both, first), numbers(both, second)
    dx, dy = x - x.mean(), y - y.mean()
    size = float(np.sqrt((dx * dx).sum() * (dy * dy).sum()))
    return float((dx * dy).sum()) / size if size > 0 else None
