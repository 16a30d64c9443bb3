"""What the page of a case draws: the days around it, and the ground it lies on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from shapely.geometry import shape

from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts import palette
from lantian.reports.charts.axes import date_ticks
from lantian.reports.charts.frame import Frame
from lantian.reports.charts.series import gap_marks
from lantian.reports.charts.svg import drawing, element, short, text
from lantian.standards import CATEGORIES, LABELS
from lantian.web.air.figures.labels import Dot, place, width_of
from lantian.web.air.figures.map import Ground
from lantian.web.air.queries.boundaries import Area
from lantian.web.cases.around import Moment, Series, Station
from lantian.web.sources.figure import Mark, extent
from lantian.web.sources.models import Source

WIDE, NARROW = 520, 326  # px: the middle column of a desk, a phone
_HEIGHT, _LINE = 168, 16
_MAP_WIDTH, _MAP_HEIGHT = 286.0, 220.0
_FOOT = 26.0  # px under the map kept for its scale
_LEAST_KM, _MOST_KM = 0.6, 6.0  # around the case: shown at least, and how far others are shown
_KM = 111.32  # of a degree of latitude


@dataclass(frozen=True)
class Spot:
    """Another case on the map: its place [° WGS84], its code, what it is to this one, its page."""

    lon: float
    lat: float
    code: str
    words: str
    url: str


def moment_word(moment: Moment) -> str:
    """Return what a mark on the days says."""
    return {
        "seen": _("seen"), "dispatched": _("dispatched"), "rectified": _("reported rectified"),
        "closed": _("case closed"),
    }[moment]  # fmt: skip


def air_chart(air: Series, width: int) -> str:
    """Draw the days with the limit and what happened when.

    The marks stand above the lines, each on the first row where its words find room.
    """
    rows = _mark_rows(air, width)
    above = 8 + _LINE * (max((row for *_r, row in rows), default=0) + 1)
    pollutant = air.indicator.pollutant
    top = max([v for v in air.values if v is not None] + [air.limit * 1.1])
    frame = Frame(len(air.values), top, width, _HEIGHT + above, left=38, above=above)
    ticks = date_ticks(air.start, air.end)
    # a narrow drawing has room for half of them
    ticks = ticks[:: max(1, math.ceil(len(ticks) * 48 / (width - 46)))]
    parts = [
        *frame.value_axis(),
        *frame.place_axis([((day - air.start).days, said) for day, said in ticks]),
        *gap_marks(frame, air.values),
        *frame.line(air.values, palette.ACCENT, width=1.75),
    ]  # fmt: skip
    for x, words_, anchor, row in rows:
        y = 12 + _LINE * row
        parts.append(
            element("line", x1=x, y1=y + 3, x2=x, y2=frame.base, stroke=palette.INK, stroke_width=1)
        )
        at = x - 4 if anchor == "end" else x + 4
        parts.append(text(at, y, words_, fill=palette.INK, text_anchor=anchor, font_size=12))
    parts += _limit(frame, air)
    label = _("{station}: {pollutant} by day, {start} to {end}, and what happened when").format(
        station=air.station.name, pollutant=LABELS[pollutant], start=air.start.isoformat(),
        end=air.end.isoformat(),
    )  # fmt: skip
    return drawing(width, _HEIGHT + above, parts, label)


def _limit(frame: Frame, air: Series) -> list[str]:
    y = frame.y(air.limit)
    averaging = _("8 h") if air.averaging == "8h" else _("24 h")
    said = _("grade II {averaging} limit {value}").format(
        averaging=averaging, value=words.bound(air.limit)
    )
    return [
        element("line", x1=frame.left, y1=y, x2=frame.width - frame.right, y2=y,
                stroke=palette.INK_3, stroke_dasharray="3 3"),
        text(frame.left + 4, y - 4, said, font_size=12, stroke=palette.GROUND,
             stroke_width=3, paint_order="stroke"),
    ]  # fmt: skip


def _mark_rows(air: Series, width: int) -> list[tuple[float, str, str, int]]:
    """Return x, words, anchor and row of each mark; words on one row do not touch."""
    frame = Frame(len(air.values), 1.0, width, _HEIGHT, left=38)
    taken: list[list[tuple[float, float]]] = []
    found = []
    for day, moment in air.marks:
        if not air.start <= day <= air.end:
            continue
        x = frame.x((day - air.start).days)
        said = f"{day:%m-%d} {moment_word(moment)}"
        wide = width_of(said) + 8
        anchor = "end" if x + wide > width else "start"
        box = (x - wide, x) if anchor == "end" else (x, x + wide)
        row = 0
        while row < len(taken) and any(box[0] < b and a < box[1] for a, b in taken[row]):
            row += 1
        if row == len(taken):
            taken.append([])
        taken[row].append(box)
        found.append((x, said, anchor, row))
    return found


def case_map(
    here: tuple[float, float],
    *,
    source: Source | None,
    near: Sequence[Station],
    air: Mapping[str, Mapping[str, Any]],
    others: Sequence[Spot],
    areas: Sequence[Area],
    name: str,
) -> str:
    """Draw where a case is, the source's boundary, the stations with their AQI, related cases.

    Parameters
    ----------
    here
        The case [° WGS84].
    air
        AQI and category of the newest hour by station.
    name
        The case, for readers who cannot see the map.
    """
    mark = _mark(source)
    ground = Ground.of(_corners(here, mark, near), (), width=_MAP_WIDTH, least=_MAP_HEIGHT)
    parts = ground.drawn(areas)
    if mark is not None and mark.extent is not None:
        parts.append(extent(mark, ground))
    x, y = ground.at(*here)
    if near:
        to = ground.at(near[0].lon, near[0].lat)
        d = f"M{short(x)} {short(y)}L{short(to[0])} {short(to[1])}"
        parts.append(element("path", d=d, class_="limit"))
    inside = [s for s in others if _shown(ground, s)]
    parts += [_diamond(s, *ground.at(s.lon, s.lat)) for s in inside]
    spots = [(s, *ground.at(s.lon, s.lat)) for s in near]
    parts += [_station(s, a, b, air.get(s.id, {})) for s, a, b in spots]
    # this case last, so that it is on top of all
    parts.append(element("circle", element("title", escape(name)), cx=x, cy=y, r=7, class_="here"))
    dots = [Dot(x, y, 7, [_("this case")])]
    dots += [Dot(a, b, 13, [s.name]) for s, a, b in spots]
    found = place(dots, _MAP_WIDTH, ground.height - _FOOT)
    side = {"start": "start", "end": "end", "middle": "mid"}
    names = [
        element("text", escape(line), x=label.x, y=label.y,
                class_=f"{side[label.anchor]}{' t-strong' if i == 0 else ''}")
        for i, label in enumerate(found) if label is not None
        for line in label.lines[:1]
    ]  # fmt: skip
    parts += [element("g", *names, class_="halo"), ground.scale()]
    return element(
        "svg", *parts, xmlns="http://www.w3.org/2000/svg", class_="map case-map", role="group",
        viewBox=f"0 0 {short(_MAP_WIDTH)} {short(ground.height)}", width="100%",
        aria_label=_("Map of {case}, the stations near it and related cases").format(case=name),
    )  # fmt: skip


def _mark(source: Source | None) -> Mark | None:
    if source is None or not source.boundary:
        return None
    drawn = shape(source.boundary)
    middle = drawn.representative_point()
    return Mark(source.name, middle.x, middle.y, "", "", source.status, "", drawn)


@dataclass(frozen=True)
class _Corner:
    lon: float
    lat: float


def _corners(
    here: tuple[float, float], mark: Mark | None, near: Sequence[Station]
) -> list[_Corner]:
    """Return what has to be on the map: the case, its source, and the nearest stations."""
    lon, lat = here
    narrow = math.cos(math.radians(lat))
    around = [
        _Corner(lon + a * _LEAST_KM / _KM / narrow, lat + a * _LEAST_KM / _KM) for a in (1, -1)
    ]
    kept = [s for s in near if s.distance <= _MOST_KM] or list(near[:1])
    around += [_Corner(s.lon, s.lat) for s in kept]
    if mark is not None and mark.extent is not None:
        west, south, east, north = mark.extent.bounds
        around += [_Corner(west, south), _Corner(east, north)]
    return around


def _shown(ground: Ground, spot: Spot) -> bool:
    x, y = ground.at(spot.lon, spot.lat)
    return 6 <= x <= ground.width - 6 and 6 <= y <= ground.height - 6


def _diamond(spot: Spot, x: float, y: float) -> str:
    said = escape(f"{spot.code} {spot.words}".strip())
    shape_ = element(
        "path", element("title", said), class_="peer",
        d=f"M{short(x)} {short(y - 6)}l6 6l-6 6l-6 -6z",
    )  # fmt: skip
    return f'<a href="{escape(spot.url)}" aria-label="{said}">{shape_}</a>'


def _station(station: Station, x: float, y: float, air: Mapping[str, Any]) -> str:
    aqi, category = air.get("aqi"), air.get("category")
    level = CATEGORIES[category].level if category else 0
    words_ = CATEGORIES[category].name if category else _("no data")
    number = "—" if aqi is None else str(round(aqi))
    said = escape(f"{station.name} AQI {number} {words_}")
    return element(
        "g", element("title", said), element("circle", cx=x, cy=y, r=13),
        element("text", number, x=x, y=y + 4.3), class_=f"dot d{level}",
    )  # fmt: skip
