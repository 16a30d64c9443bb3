"""Where things are: the register of stations, the towns' borders, the sources. All fictional."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from shapely import (
    LineString,
    MultiLineString,
    MultiPoint,
    Point,
    Polygon,
    union_all,
    voronoi_polygons,
)
from shapely.geometry import mapping
from shapely.ops import polygonize

from lantian.observations.station_table import REGISTER
from lantian.twin.noise import Stream, generator
from lantian.twin.plan import POLLUTANTS, emissions, section, stations

_KM_PER_DEGREE = 111.195  # of a great circle of the mean Earth radius 6,371.0 km
_PIECES = 12  # straight pieces of which a bent border consists


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude [° WGS84] of a place given in km east and north."""
    lon, lat = section("county")["centre"]
    east = _KM_PER_DEGREE * float(np.cos(np.deg2rad(lat)))
    return round(lon + x / east, 5), round(lat + y / _KM_PER_DEGREE, 5)


def register() -> pl.DataFrame:
    """Return the station register: one row per station, WGS84."""
    county = section("county")
    rows = []
    for station in stations():
        lon, lat = lonlat(station.x, station.y)
        rows.append(
            {
                "station": station.id,
                "name": station.name,
                "city": county["name"],
                "town": station.town,
                "network": county["network"],
                "lon": lon,
                "lat": lat,
                "datum": "WGS84",
                "kind": station.kind,
                "control": False,
                "operator": county["operator"],
                "start": county["stations_start"],
                "end": None,
            }
        )
    return pl.DataFrame(rows, schema=REGISTER)


def sources() -> pl.DataFrame:
    """Return the sources: ``emission name kind town lon lat size_km activity source`` and rates.

    ``rate_<pollutant>`` [kg/h] is what the source lets out while it works at its usual pace.
    """
    rows = []
    for source in emissions():
        lon, lat = lonlat(source.x, source.y)
        about = {"emission": source.id, "name": source.name, "kind": source.kind}
        place = {"town": source.town, "lon": lon, "lat": lat, "size_km": source.size}
        rates = {f"rate_{p}": float(source.rate[p]) for p in POLLUTANTS if p in source.rate}
        rest = {"activity": source.activity, **rates, "source": section("county")["source"]}
        rows.append({**about, **place, **rest})
    return pl.DataFrame(rows)


@cache
def _cells() -> tuple[Polygon, tuple[tuple[str, Polygon], ...]]:
    """Return the county and its towns in km: cells around the township stations, borders bent."""
    county = Polygon(section("county")["outline"])
    towns = [s for s in stations() if s.kind == "township"]
    seeds = MultiPoint([(s.x, s.y) for s in towns])
    edges = voronoi_polygons(seeds, extend_to=county.buffer(20.0), only_edges=True)
    lines = [_bent(line, number) for number, line in enumerate(sorted(_straight(edges)))]
    parts = [p for p in polygonize(union_all([*lines, county.exterior])) if _inside(p, county)]
    result = []
    for town in towns:
        own = [p for p in parts if p.contains(Point(town.x, town.y))]
        if len(own) != 1 or len(parts) != len(towns):
            raise RuntimeError(f"the plan of the county does not close around {town.name}")
        result.append((town.town, own[0]))
    return county, tuple(result)


def _inside(part: Polygon, county: Polygon) -> bool:
    return bool(county.contains(part.representative_point()))


def _straight(edges: MultiLineString) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the pieces between corners, each once."""
    pieces = []
    for line in edges.geoms:
        points = [(float(x), float(y)) for x, y in line.coords]
        pieces += list(itertools.pairwise(points))
    return [(min(p), max(p)) for p in pieces]


def _bent(ends: Sequence[tuple[float, float]], number: int) -> LineString:
    """Return a border that wanders from the straight line and meets its ends."""
    (x0, y0), (x1, y1) = ends
    share = np.linspace(0.0, 1.0, _PIECES + 1)
    # the same borders for every seed: the map does not change with the air
    waves = generator(0, Stream.BORDERS, number).standard_normal(3)
    bend = sum(
        wave / (k + 1) * np.sin(np.pi * (k + 1) * share) for k, wave in enumerate(np.tanh(waves))
    )
    # a long edge that leaves the county may not cross its neighbours
    length = float(min(np.hypot(x1 - x0, y1 - y0), 12.0))
    offset = section("county")["border_bend"] * length * np.asarray(bend) / 2.0
    along = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0)
    points = np.column_stack([x0 + share * (x1 - x0), y0 + share * (y1 - y0)])
    points += offset[:, None] * np.array([-along[1], along[0]])
    # borders close only if they meet to the last digit
    points[0], points[-1] = (x0, y0), (x1, y1)
    return LineString(points)


def territories() -> dict[str, Any]:
    """Return county and towns as GeoJSON (WGS84): properties ``name level parent source``."""
    county, towns = _cells()
    name = section("county")["name"]
    features = [_feature(county, name, "county", None)]
    features += [_feature(shape, town, "town", name) for town, shape in towns]
    return {"type": "FeatureCollection", "features": features}


def _feature(shape: Polygon, name: str, level: str, parent: str | None) -> dict[str, Any]:
    ring = [lonlat(x, y) for x, y in shape.exterior.coords]
    return {
        "type": "Feature",
        "properties": {
            "name": name,
            "level": level,
            "parent": parent,
            "datum": "WGS84",
            "source": section("county")["source"],
        },
        "geometry": mapping(Polygon(ring)),
    }
