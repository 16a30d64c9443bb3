"""Sources drawn: all that fit a filter on their territories, and one with the stations near it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import shapely
from shapely.affinity import affine_transform
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from lantian.i18n import gettext as _
from lantian.reports.charts.svg import element, short
from lantian.web.air.figures.labels import apart
from lantian.web.air.figures.map import WIDTH, Ground
from lantian.web.air.queries.boundaries import Area
from lantian.web.sources.queries import Near

_LINKED, _SIGNED = 400, 150  # up to so many, dots are links, and bear the sign of their kind
_RADIUS = {"signed": 9.0, "linked": 4.5}
_KM = 111.32  # of a degree of latitude
_LEAST = 1.5  # km around a source that are drawn at least


@dataclass(frozen=True)
class Mark:
    """A source on a map: its place [° WGS84], its sign, its words, its page."""

    name: str
    lon: float
    lat: float
    sign: str
    words: str
    status: str
    url: str
    extent: BaseGeometry | None = None


def source_map(marks: Sequence[Mark], areas: Sequence[Area], label: str) -> str:
    """Draw the sources on the boundaries; many of them as plain dots."""
    ground = Ground.of([_spot(m) for m in marks], areas)
    size = "signed" if len(marks) <= _SIGNED else "linked" if len(marks) <= _LINKED else "plain"
    parts = ground.drawn(areas)
    lines = [m for m in marks if m.extent is not None and not m.extent.area]
    parts += [extent(m, ground) for m in lines]
    if size == "plain":
        dots = "".join(
            f"M{short(x)} {short(y)}h0" for x, y in (ground.at(m.lon, m.lat) for m in marks)
        )
        parts.append(element("path", d=dots, class_="src-dots"))
    else:
        true = [ground.at(m.lon, m.lat) for m in marks]
        places = apart(true, _RADIUS[size]) if size == "signed" else true
        parts += [
            _leader(t, p) for t, p in zip(true, places, strict=True)
            if math.dist(t, p) > _RADIUS[size]
        ]  # fmt: skip
        parts += [_dot(m, p, size) for m, p in zip(marks, places, strict=True)]
    return _svg([*parts, ground.scale()], ground.height, f"map {size}", label)


def one_map(mark: Mark, stations: Sequence[Near], areas: Sequence[Area], label: str) -> str:
    """Draw one source with its extent, the stations near it and the boundaries around."""
    spots = [_Spot(s.lon, s.lat) for s in stations]
    reach = _LEAST / _KM
    wide = reach / math.cos(math.radians(mark.lat))
    around = [_Spot(mark.lon + a * wide, mark.lat + b * reach) for a, b in ((1, 1), (-1, -1))]
    if mark.extent is not None:
        west, south, east, north = mark.extent.bounds
        around += [_Spot(west, south), _Spot(east, north)]
    ground = Ground.of([*spots, *around], ())
    parts = ground.drawn(areas)
    if mark.extent is not None:
        parts.append(extent(mark, ground))
    for near in stations:
        x, y = ground.at(near.lon, near.lat)
        said = escape(near.name)
        parts.append(element("circle", element("title", said), cx=x, cy=y, r=6, class_="peer"))
        side = "end" if x > WIDTH - 90 else "start"
        off = -10 if side == "end" else 10
        parts.append(
            element("g", element("text", said, x=x + off, y=y + 4, class_=side), class_="halo")
        )
    parts.append(_dot(mark, ground.at(mark.lon, mark.lat), "signed", link=False))
    return _svg([*parts, ground.scale()], ground.height, "map signed", label)


def marked(source: Any, sign: str, words: str, url: str) -> Mark | None:  # noqa: ANN401 - a row
    """Return a source as a map shows it; None: it has no place."""
    if source.lon is None or source.lat is None:
        return None
    drawn = shape(source.boundary) if source.boundary else None
    return Mark(source.name, source.lon, source.lat, sign, words, source.status, url, drawn)


@dataclass(frozen=True)
class _Spot:
    lon: float
    lat: float


def _spot(mark: Mark) -> _Spot:
    return _Spot(mark.lon, mark.lat)


def _svg(parts: Sequence[str], height: float, look: str, label: str) -> str:
    return element(
        "svg", *parts, xmlns="http://www.w3.org/2000/svg", class_=f"{look} sources",
        role="group", viewBox=f"0 0 {WIDTH} {short(height)}", aria_label=label, width="100%",
    )  # fmt: skip


def _leader(true: tuple[float, float], shown: tuple[float, float]) -> str:
    (x, y), (a, b) = true, shown
    return element("path", d=f"M{short(x)} {short(y)}L{short(a)} {short(b)}", class_="src-leader")


def _dot(mark: Mark, at: tuple[float, float], size: str, *, link: bool = True) -> str:
    x, y = at
    said = escape(f"{mark.name} {mark.words}".strip())
    inner = f'<title>{said}</title><circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS[size]:g}"/>'
    if size == "signed":
        inner += f'<text x="{x:.1f}" y="{y + 4:.1f}">{escape(mark.sign)}</text>'
    look = f"dot src {mark.status}"
    if not link:
        return f'<g class="{look}">{inner}</g>'
    # a stop of the tabulator for each would bury the table that holds the same
    return (
        f'<a href="{escape(mark.url)}" class="{look}" aria-label="{said}" tabindex="-1">{inner}</a>'
    )


def extent(mark: Mark, ground: Ground) -> str:
    """Return the line of a road or the outline of a site."""
    if mark.extent is None:
        return ""
    paper = affine_transform(
        mark.extent,
        [ground.across, 0, 0, -ground.down, -ground.left * ground.across, ground.top * ground.down],
    ).simplify(0.3)
    pieces = getattr(paper, "geoms", [paper])
    closed = bool(mark.extent.area)
    rings = [p.exterior if closed else p for p in pieces]
    d = "".join(
        "M" + "L".join(f"{short(x)} {short(y)}" for x, y in shapely.get_coordinates(r))
        for r in rings
    )
    title = element("title", escape(f"{mark.name} {mark.words}".strip()))
    return element(
        "path", title, d=d + ("Z" if closed else ""), class_="src-area" if closed else "src-line"
    )


def map_label(count: int) -> str:
    """Return what a map of sources shows, for readers who cannot see it."""
    return _("Map of {n} sources; the table beside it holds the same.").format(n=count)
