"""The territories drawn, for a look at whether they lie where they should."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from lantian.i18n import gettext as _
from lantian.reports.charts.svg import element, short
from lantian.web.places.models import Territory

WIDTH, HEIGHT = 520.0, 440.0
_EDGE = 12.0
_LABEL, _LINE = 32.0, 16.0  # px; half a name, and a line of text
_FINE = 0.6  # px; finer corners are left out


def map_of(
    territories: Iterable[Territory],
    stations: Sequence[tuple[str, float, float]] = (),
    *,
    chosen: str | None = None,
) -> str | None:
    """Draw the boundaries and stations; None where there is no boundary.

    Parameters
    ----------
    stations
        Name, longitude and latitude [°].
    chosen
        Code of the territory to mark.
    """
    shapes = [(t, shape(t.boundary)) for t in territories if t.boundary]
    if not shapes:
        return None
    boxes = [s.bounds for _t, s in shapes]
    west, south = min(b[0] for b in boxes), min(b[1] for b in boxes)
    east, north = max(b[2] for b in boxes), max(b[3] for b in boxes)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = min(
        (WIDTH - 2 * _EDGE) / max((east - west) * squeeze, 1e-9),
        (HEIGHT - 2 * _EDGE) / max(north - south, 1e-9),
    )
    left = (WIDTH - (east - west) * squeeze * scale) / 2
    top = (HEIGHT - (north - south) * scale) / 2

    def place(lon: float, lat: float) -> tuple[float, float]:
        return left + (lon - west) * squeeze * scale, top + (north - lat) * scale

    points = [place(lon, lat) for _name, lon, lat in stations]
    drawn = []
    for territory, area in sorted(shapes, key=lambda pair: -pair[1].area):
        look = "county" if territory.level in ("city", "county") else "town"
        mark = " chosen" if territory.code == chosen else ""
        drawn.append(
            element(
                "path", element("title", _escaped(territory.name)),
                d=_path(area.simplify(_FINE / scale), place), class_=f"{look}{mark}",
                fill_rule="evenodd",
            )
        )  # fmt: skip
    for territory, area in shapes:
        if territory.level not in ("city", "county"):
            x, y = place(*area.representative_point().coords[0])
            near = [v for u, v in points if abs(u - x) < _LABEL and abs(v - y) < _LINE]
            y = max(near) + _LINE if near else y
            drawn.append(element("text", _escaped(territory.name), x=x, y=y, class_="mid"))
    for (name, _lon, _lat), (x, y) in zip(stations, points, strict=True):
        drawn.append(
            element("circle", element("title", _escaped(name)), cx=x, cy=y, r=3.5, class_="peer")
        )
    return element(
        "svg", *drawn, class_="map halo", width=WIDTH, height=HEIGHT,
        viewBox=f"0 0 {short(WIDTH)} {short(HEIGHT)}", role="img",
        aria_label=_("Map of the territories"),
    )  # fmt: skip


def _path(area: BaseGeometry, place: Callable[[float, float], tuple[float, float]]) -> str:
    parts = []
    polygons = area.geoms if hasattr(area, "geoms") else [area]
    for polygon in polygons:
        for ring in (polygon.exterior, *polygon.interiors):
            points = [place(x, y) for x, y in ring.coords]
            parts.append("M" + "L".join(f"{short(x)} {short(y)}" for x, y in points) + "Z")
    return "".join(parts)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
