"""Which stations are near enough to be compared with one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import polars as pl

from lantian.observations.quality_rules import Floats, Ints

_EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
# Rows of the distance matrix held at once.
_BLOCK = 512


def neighbour_stations(
    stations: Sequence[str],
    register: pl.DataFrame | None,
    *,
    radius: float,
    most: int,
) -> Ints:
    """Return for each station the positions of its neighbours in ``stations``.

    A station with coordinates has the nearest stations within ``radius``, at most ``most``. One
    without has the other stations of its city, or when no city is known of its network; a group
    of more than ``most`` others is too wide to speak of neighbours and gives none.

    Parameters
    ----------
    stations
        Ids, each once; ``(n,)``.
    register
        Station register with any of ``lon, lat`` (WGS84 degrees), ``city``, ``network``; ``None``:
        nothing is known of the stations.
    radius
        Great-circle distance [km].

    Returns
    -------
    ndarray
        ``(n, k)``, k ≤ ``most``, padded with -1; nearest first, ties by id.
    """
    known = _known(stations, register)
    lon = known["lon"].fill_null(np.nan).to_numpy()
    lat = known["lat"].fill_null(np.nan).to_numpy()
    placed = np.flatnonzero(~np.isnan(lon) & ~np.isnan(lat))
    found: list[list[int]] = [[] for _station in stations]
    rank = np.empty(len(stations), dtype=np.int64)
    rank[np.argsort(np.array(stations, dtype=object), kind="stable")] = np.arange(len(stations))
    for begin in range(0, len(placed), _BLOCK):
        block = placed[begin : begin + _BLOCK]
        distance = great_circle(lon[block], lat[block], lon[placed], lat[placed])
        for row, station in enumerate(block):
            near = np.flatnonzero((distance[row] <= radius) & (placed != station))
            order = np.lexsort((rank[placed[near]], distance[row][near]))
            found[station] = placed[near[order][:most]].tolist()
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    names = list(zip(known["network"], known["city"], strict=True))
    for station, (network, city) in enumerate(names):
        groups["" if city else network, city].append(station)
    for station in np.setdiff1d(np.arange(len(stations)), placed):
        network, city = names[station]
        members = groups["" if city else network, city]
        if len(members) - 1 <= most:
            others = [m for m in members if m != station]
            found[station] = sorted(others, key=lambda m: int(rank[m]))
    width = max((len(f) for f in found), default=0)
    result = np.full((len(stations), width), -1, dtype=np.int64)
    for station, near_ones in enumerate(found):
        result[station, : len(near_ones)] = near_ones
    return result


def _known(stations: Sequence[str], register: pl.DataFrame | None) -> pl.DataFrame:
    """Return ``lon, lat, city, network`` of each station, in order; null or "" where unknown."""
    columns = {
        "lon": pl.Float64(),
        "lat": pl.Float64(),
        "city": pl.String(),
        "network": pl.String(),
    }
    wanted = pl.DataFrame({"station": list(stations)}, schema={"station": pl.String()})
    given = pl.DataFrame(schema={"station": pl.String()}) if register is None else register
    given = given.unique("station", keep="first", maintain_order=True)
    joined = wanted.join(given, on="station", how="left", maintain_order="left")
    filled = joined.with_columns(pl.lit(None).alias(c) for c in columns if c not in given.columns)
    return filled.select(pl.col(c).cast(t) for c, t in columns.items()).with_columns(
        pl.col("city", "network").fill_null("")
    )


def great_circle(lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats) -> Floats:
    """Return great-circle distances [km], ``(len(lon1), len(lon2))``; haversine formula."""
    phi1, phi2 = np.radians(lat1)[:, None], np.radians(lat2)[None, :]
    half_lat = (phi2 - phi1) / 2.0
    half_lon = np.radians(lon2[None, :] - lon1[:, None]) / 2.0
    a = np.sin(half_lat) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(half_lon) ** 2
    return np.asarray(2.0 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(a)))
