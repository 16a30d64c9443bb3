"""The map of the stations: boundaries, dots with AQI and category, names, wind, scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

from shapely.affinity import affine_transform
from shapely.geometry.base import BaseGeometry

from lantian.i18n import gettext as _
from lantian.reports.charts import palette
from lantian.reports.charts.svg import FONT, element, short
from lantian.web.air.figures.labels import LINE, Dot, apart, place
from lantian.web.air.queries.boundaries import Area

WIDTH, LEAST, MOST = 496, 300, 428
_EDGE = 22.0
_KM = 111.32  # of a degree of latitude
_FOOT = 30.0  # px kept free for wind and scale
_FEW, _MANY = 60, 300  # stations up to which a dot holds its number, and up to which it is middling
_NAMES = 200  # dots whose name is tried: where there are more, no more fit
_RADIUS = {"few": 15.0, "many": 7.0, "most": 4.0}


class Placed(Protocol):
    """Something with a place [° WGS84]."""

    @property
    def lon(self) -> float:
        """East of Greenwich."""

    @property
    def lat(self) -> float:
        """North of the equator."""


@dataclass(frozen=True)
class Spot:
    """A station on the map.

    Parameters
    ----------
    number
        What stands on or beside the dot: the AQI, ``NA``, or a dash.
    level
        Of the AQI category, 1 to 6; 0: none.
    words
        The category, or why there is none.
    ring
        Whether it is a national station.
    """

    name: str
    lon: float
    lat: float
    number: str
    level: int
    words: str
    ring: bool
    url: str


@dataclass(frozen=True)
class Wind:
    """The mean wind and humidity of the stations: where it comes from [°], its words."""

    direction: float | None
    words: str


def station_map(
    spots: Sequence[Spot],
    areas: Sequence[Area],
    label: str,
    *,
    wind: Wind | None = None,
    alone: bool = False,
) -> str:
    """Draw the stations on their territories.

    Parameters
    ----------
    spots
        The most important first: they choose the place of their name first.
    areas
        May be empty: then the stations alone are drawn.
    label
        What the map shows, for readers who cannot see it.
    alone
        For a file: with its style in it.
    """
    ground = Ground.of(spots, areas)
    size = "few" if len(spots) <= _FEW else "many" if len(spots) <= _MANY else "most"
    radius = _RADIUS[size]
    true = [ground.at(s.lon, s.lat) for s in spots]
    places = apart(true, radius) if size == "few" else true
    dots = [
        Dot(x, y, radius + (4 if s.ring and size == "few" else 0), _lines(s, size))
        for s, (x, y) in zip(spots, places, strict=True)
    ]
    labels = place(dots, WIDTH, ground.height - _FOOT, most=_NAMES)
    parts = ground.drawn(areas)
    parts += [_leader(t, p) for t, p in zip(true, places, strict=True) if math.dist(t, p) > radius]
    names = [
        element("text", escape(line), x=found.x, y=found.y + LINE * i,
                class_=_label_class(found.anchor, strong=i == 0))
        for found in labels if found is not None
        for i, line in enumerate(found.lines)
    ]  # fmt: skip
    # the worst on top, so that none is hidden under a better one
    order = sorted(range(len(spots)), key=lambda i: spots[i].level)
    parts += [_dot(spots[i], *places[i], radius, size) for i in order]
    parts += [element("g", *names, class_="halo")] if names else []
    parts += [ground.scale(), *([_wind(wind, ground.height)] if wind else [])]
    if alone:
        parts.insert(0, f"<style>{_STYLE}</style>")
    return element(
        "svg", *parts, xmlns="http://www.w3.org/2000/svg", class_=f"map {size}", role="group",
        viewBox=f"0 0 {WIDTH} {short(ground.height)}", aria_label=label,
        width=WIDTH if alone else "100%", height=ground.height if alone else None,
    )  # fmt: skip


def _lines(spot: Spot, size: str) -> list[str]:
    return [spot.name, spot.words if size == "few" else f"{spot.number} {spot.words}".strip()]


def _label_class(anchor: str, *, strong: bool) -> str:
    side = {"start": "start", "end": "end", "middle": "mid"}[anchor]
    return f"t-strong {side}" if strong else f"word {side}"


def _dot(spot: Spot, x: float, y: float, radius: float, size: str) -> str:
    said = f"{spot.name} {spot.number} {spot.words}".strip()
    # written out: there may be 1,700 of them
    at = f'cx="{x:.1f}" cy="{y:.1f}"'
    inner = f'<circle {at} r="{radius:g}"/>'
    if spot.ring and size != "most":
        inner += f'<circle class="halo-ring" {at} r="{radius + 3.5:g}"/>'
    if size == "few":
        inner += f'<text x="{x:.1f}" y="{y + 4.3:.1f}">{escape(spot.number)}</text>'
    # hundreds of stops of the tabulator would bury the table that holds the same
    stop = "" if size == "few" else ' tabindex="-1"'
    label = escape(said)
    return (
        f'<a href="{escape(spot.url)}" class="dot d{spot.level}" aria-label="{label}"{stop}>'
        f"<title>{label}</title>{inner}</a>"
    )


def _leader(true: tuple[float, float], shown: tuple[float, float]) -> str:
    (x, y), (a, b) = true, shown
    return element("path", d=f"M{short(x)} {short(y)}L{short(a)} {short(b)}", class_="mark")


@dataclass(frozen=True)
class Ground:
    """How degrees become pixels: equal lengths north and east at the middle latitude.

    Parameters
    ----------
    left, top
        Longitude and latitude of the corner [°].
    across, down
        Pixels of a degree of longitude and of latitude.
    height, width
        Of the drawing [px].
    """

    left: float
    top: float
    across: float
    down: float
    height: float
    width: float = WIDTH

    @classmethod
    def of(
        cls, spots: Sequence[Placed], areas: Sequence[Area], *, width: float = WIDTH,
        least: float = LEAST,
    ) -> Ground:  # fmt: skip
        """Return the ground on which all of them find room, ``least`` px high or higher."""
        boxes = [a.shape.bounds for a in areas] + [(s.lon, s.lat, s.lon, s.lat) for s in spots]
        if not boxes:
            return cls(0, 0, 1, 1, least, width)
        west, south = min(b[0] for b in boxes), min(b[1] for b in boxes)
        east, north = max(b[2] for b in boxes), max(b[3] for b in boxes)
        narrow = math.cos(math.radians((south + north) / 2))
        wide, tall = max((east - west) * narrow, 0.02), max(north - south, 0.02)
        edge = 8.0 if areas else _EDGE
        room = MOST - _FOOT - 2 * edge
        down = min((width - 2 * edge) / wide, room / tall)
        height = max(least, tall * down + 2 * edge + _FOOT)
        across = down * narrow
        left = (west + east) / 2 - width / 2 / across
        top = (south + north) / 2 + (height - _FOOT) / 2 / down
        return cls(left, top, across, down, height, width)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Return where a place [° WGS84] is drawn [px]."""
        return (lon - self.left) * self.across, (self.top - lat) * self.down

    def drawn(self, areas: Sequence[Area]) -> list[str]:
        """Return the land, the lines between towns, and the outline of the largest level."""
        shapes = [(a.level, self._on_paper(a.shape)) for a in areas]
        top = areas[0].level if areas else ""
        parts = [element("path", d=d, class_="land") for level, d in shapes if level == top]
        parts += [element("path", d=d, class_="town") for level, d in shapes if level != top]
        outline = "county" if any(level != top for level, _d in shapes) else "town"
        return parts + [element("path", d=d, class_=outline) for level, d in shapes if level == top]

    def _on_paper(self, shape: BaseGeometry) -> str:
        paper = affine_transform(
            shape, [self.across, 0, 0, -self.down, -self.left * self.across, self.top * self.down]
        ).simplify(0.5)
        pieces = getattr(paper, "geoms", [paper])
        rings = [ring for piece in pieces for ring in (piece.exterior, *piece.interiors)]
        return "".join(
            "M" + "L".join(f"{short(x)} {short(y)}" for x, y in ring.coords[:-1]) + "Z"
            for ring in rings
            if len(ring.coords) > 3
        )

    def scale(self) -> str:
        """Return the bar of a round length."""
        km = self.down / _KM
        length = max(
            (step * 10.0**power for power in range(-1, 4) for step in (1, 2, 5)
             if step * 10.0**power * km <= 110),
            default=0.1,
        )  # fmt: skip
        size = length * km
        x, y = self.width - 14, self.height - 14
        first, last, top = short(x - size), short(x), short(y - 4)
        bar = f"M{first} {short(y)}H{last}M{first} {top}v8M{last} {top}v8"
        words = f"{length:g} km"
        return element("g", element("path", d=bar, class_="axis"),
                       element("text", words, x=x - size / 2, y=y - 8, class_="mid"))  # fmt: skip


def _wind(wind: Wind, height: float) -> str:
    x, y = 22.0, height - 14
    parts = [element("text", escape(wind.words), x=x + 18, y=y + 4, class_="start")]
    if wind.direction is not None:
        turned = f"translate({short(x)} {short(y)}) rotate({short(wind.direction)})"
        arrow = element("path", d="M0 -11V11M0 11l-4 -7M0 11l4 -7", class_="mark")
        parts.append(element("g", arrow, transform=turned))
    return element("g", *parts, class_="wind")


def aqi_style() -> str:
    """Return the colours of the dots of a drawing that stands alone."""
    rules = [
        f".d{level} circle{{fill:{fill};stroke:{edge}}}.d{level} text{{fill:{ink}}}"
        for level, (fill, edge, ink) in enumerate(
            zip(palette.AQI, palette.AQI_EDGE, palette.ON_AQI, strict=True), start=1
        )
    ]
    return "".join(rules)


_STYLE = (
    f"text{{font:12px '{FONT}',sans-serif;fill:{palette.INK_2}}}.t-strong{{fill:{palette.INK};"
    "font-weight:600}.end{text-anchor:end}.mid{text-anchor:middle}.dot text{text-anchor:middle;"
    f"font-weight:600}}.land{{fill:#fbfcfd}}.town{{fill:none;stroke:{palette.LINE_2}}}"
    f".county{{fill:none;stroke:{palette.INK_3};stroke-width:1.5}}.mark,.axis{{fill:none;"
    f"stroke:{palette.INK}}}.halo text{{paint-order:stroke;stroke:#fff;stroke-width:3.5px}}"
    f".d0 circle{{fill:#fff;stroke:{palette.INK_3};stroke-dasharray:3 2}}"
    + aqi_style()
    + f".dot .halo-ring{{fill:none;stroke:{palette.INK};stroke-dasharray:none}}"
)


def compass(direction: float) -> str:
    """Return a direction the wind comes from in words, by eighths of the circle."""
    return (
        _("north wind"), _("north-east wind"), _("east wind"), _("south-east wind"),
        _("south wind"), _("south-west wind"), _("west wind"), _("north-west wind"),
    )[round(direction / 45) % 8]  # fmt: skip
