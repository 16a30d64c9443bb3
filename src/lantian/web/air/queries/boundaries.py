"""The boundaries a map is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from lantian.web.places.models import Level, Territory

DRAWN = (Level.CITY, Level.COUNTY, Level.TOWN)
_FINE = 0.0003  # °, about 30 m: what a map one can move shows of a boundary


@dataclass(frozen=True)
class Area:
    """A territory with its boundary [°, WGS84]."""

    name: str
    level: str
    shape: BaseGeometry


def areas() -> list[Area]:
    """Return the city, county and towns that have a boundary, the largest level first."""
    rows = Territory.objects.filter(level__in=DRAWN, boundary__isnull=False)
    found = [Area(t.name, t.level, shape(t.boundary)) for t in rows]
    drawn = (a for a in found if not a.shape.is_empty)
    return sorted(drawn, key=lambda a: DRAWN.index(Level(a.level)))


def as_geojson(drawn: Sequence[Area]) -> dict[str, Any]:
    """Return the boundaries for a map in the browser, simplified to about 30 m."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": a.name, "level": a.level},
                "geometry": mapping(a.shape.simplify(_FINE)),
            }
            for a in drawn
        ],
    }
