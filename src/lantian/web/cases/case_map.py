"""Open cases on the map of the territories: the shape and the colour of a mark say its clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from django.db.models import Case as OneOf
from django.db.models import CharField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from lantian.i18n import gettext as _
from lantian.reports.charts.svg import element, short
from lantian.web.air.figures.map import WIDTH, Ground
from lantian.web.air.queries.boundaries import Area
from lantian.web.cases.models import Case

LINKED = 300  # up to so many, marks are links to their case
_SIZE = {"red": 6.5, "yellow": 5.5, "green": 4.5, "none": 4.5}
_PLAIN = 0.6  # of the size where there are more
ORDER = ("none", "green", "yellow", "red")  # the most urgent is drawn last, on top


@dataclass(frozen=True)
class Mark:
    """A case on the map: its place [° WGS84], and the colour of its clock or ``none``."""

    lon: float
    lat: float
    colour: str
    code: str
    title: str


def marks(cases: QuerySet[Case], now: datetime) -> list[Mark]:
    """Return the cases that have a place of their own, or that of their source; one query.

    ``cases`` have their clock annotated.
    """
    colour = OneOf(
        When(due_at__isnull=True, then=Value("none")),
        When(due_at__lte=now, then=Value("red")),
        When(yellow_at__lte=now, then=Value("yellow")),
        default=Value("green"), output_field=CharField(),
    )  # fmt: skip
    # an empty place is that of the source: both numbers of one of them
    east, north = Coalesce("lon", "source__lon"), Coalesce("lat", "source__lat")
    rows = cases.annotate(east=east, north=north, colour=colour).filter(_placed()).order_by("pk")
    found = rows.values_list("east", "north", "colour", "year", "number", "title")
    return [
        Mark(lon, lat, shown, f"{year}-{number:04}", title)
        for lon, lat, shown, year, number, title in found
    ]


def without_place(cases: QuerySet[Case]) -> int:
    """Return how many cases cannot be drawn."""
    # a case without a place of its own: SQLite asks for its source only then
    return cases.filter(lon__isnull=True).exclude(_of_source()).count()


def _placed() -> Q:
    return Q(lon__isnull=False) | _of_source()


def _of_source() -> Q:
    return Q(source__lon__isnull=False, source__lat__isnull=False)


def case_map(shown: Sequence[Mark], areas: Sequence[Area], label: str) -> str:
    """Draw the cases; up to :data:`LINKED` of them lead to their page."""
    ground = Ground.of(shown, areas)
    linked = len(shown) <= LINKED
    parts = ground.drawn(areas)
    for colour in ORDER:
        same = [m for m in shown if m.colour == colour]
        if linked:
            parts += [_linked(m, ground) for m in same]
        elif same:
            size = _SIZE[colour] * _PLAIN
            path = "".join(sign(colour, *ground.at(m.lon, m.lat), size) for m in same)
            parts.append(element("path", d=path, class_=f"case {colour}"))
    return element(
        "svg", *parts, ground.scale(), xmlns="http://www.w3.org/2000/svg", class_="map",
        role="group", viewBox=f"0 0 {WIDTH} {short(ground.height)}", aria_label=label,
        width="100%",
    )  # fmt: skip


def sign(colour: str, x: float, y: float, size: float) -> str:
    """Return the path of a mark: a disc in time, a square nearly due, a triangle overdue."""
    s, a, b = short(size), short(x), short(y)
    if colour == "red":
        top, down, wide = short(y - size * 1.15), short(size * 1.9), short(size * 1.1)
        return f"M{a} {top}l{wide} {down}h{short(-2.2 * size)}z"
    if colour == "yellow":
        side = short(2 * size)
        return f"M{short(x - size)} {short(y - size)}h{side}v{side}h-{side}z"
    half = short(2 * size)
    return f"M{short(x - size)} {b}a{s} {s} 0 1 0 {half} 0a{s} {s} 0 1 0 -{half} 0z"


def _linked(mark: Mark, ground: Ground) -> str:
    said = escape(f"{mark.code} {mark.title}")
    url = reverse("cases:case", args=[mark.code])
    d = sign(mark.colour, *ground.at(mark.lon, mark.lat), _SIZE[mark.colour])
    # a stop of the tabulator for each would bury the list that holds the same
    return (
        f'<a href="{escape(url)}" aria-label="{said}" tabindex="-1"><title>{said}</title>'
        f'<path class="case {mark.colour}" d="{d}"/></a>'
    )


def map_label(count: int) -> str:
    """Return what the map shows, for readers who cannot see it."""
    return _("Map of {n} open cases; the list beside it holds the same.").format(n=count)
