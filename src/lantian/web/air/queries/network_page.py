"""*Network now* as its template writes it: links, words, figures of each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import CATEGORIES, POLLUTANTS, breakpoints, edition
from lantian.web.air.figures.map import Spot
from lantian.web.air.figures.now import Hours48, arrival_strip, multiple, spark, tidy_marks
from lantian.web.air.queries import saying
from lantian.web.air.queries.arrival import Trouble, states_by_hour
from lantian.web.air.queries.links import pages
from lantian.web.air.queries.moment import HOUR
from lantian.web.air.queries.network import (
    DEFAULT_SORT,
    PAGE,
    WALL,
    Asked,
    Now,
    hours_of,
    options,
    ranges,
)
from lantian.web.air.queries.rows import counts
from lantian.web.core.air import network
from lantian.web.core.formats import local, with_query

_ON_WALL = 20
_ALERTS = 8  # troubles named on the page; the others are in the table they link to


@dataclass(frozen=True)
class Cell:
    """A value of the table: its text, where its hours are, and what there is to say of it."""

    text: str
    url: str
    grade: str | None
    primary: bool


@dataclass(frozen=True)
class Row:
    """A station as the table writes it."""

    station: str
    name: str
    url: str
    kind: str
    town: str | None
    state: str
    aqi: int | None
    category: str | None
    cells: Sequence[Cell]
    spark: str
    strip: str
    trouble: str


@dataclass(frozen=True)
class Alert:
    """A line about what is missing or late."""

    name: str
    said: str
    url: str


def page_of(now: Now, asked: Asked, path: str) -> dict[str, Any]:
    """Return the variables of the template."""
    size = PAGE
    if asked.wall:  # the last row says how many there are besides
        size = WALL if now.shown.height <= WALL else WALL - 1
    pages = max(1, -(-now.shown.height // size))
    page = min(asked.page, pages)
    part = now.shown.slice((page - 1) * size, size)
    wrong = _by_station(now)
    rows = _rows(now, part.iter_rows(named=True), wrong)

    def link(**other: object) -> str:
        return with_query(path, asked.query(**other))

    def sorted_by(column: str) -> tuple[str, str]:
        """Return the address that sorts by a column, and how it is sorted now."""
        here = asked.filter.sort
        first = column if column == "name" else f"-{column}"
        other = column if here == first and column != "name" else f"-{column}"
        wanted = other if here == first else first
        order = {column: "ascending", f"-{column}": "descending"}.get(here, "none")
        return link(sort=None if wanted == DEFAULT_SORT else wanted), order

    named = now.wrong[: _ON_WALL if asked.wall else _ALERTS]
    return {
        "now": now,
        "rows": rows,
        "page": page,
        "pages": pages,
        "link": link,
        "page_link": lambda n: link(page=n if n > 1 else None),
        "sorted_by": sorted_by,
        "segments": _segments(now, path, asked),
        "steps": _steps(now, path, asked),
        "counts": [(_count_words(name), _level(name), n) for name, n in counts(now.rows)],
        "national": now.rows.filter(now.rows["kind"] == "national").height,
        "options": options(now),
        "alerts": [_alert(now, t) for t in named],
        "more_alerts": len(now.wrong) - len(named),
        "multiples": _multiples(now),
        "files": [
            (with_query(path, asked.query(format=f)), title)
            for f, title in (("csv", "CSV"), ("xlsx", "Excel"), ("json", "JSON"),
                             ("svg", _("Map (SVG)")))
        ],
        "map_data": with_query(reverse("air:network-map"), asked.query(sort=None)),
        "calibre": words.calibre_name(_calibre()),
        "edition": edition_tag(now.mean.edition or _edition_of_rows(now)),
        "interval": _interval(now),
        "category_names": [(c.level, _short(c.name)) for c in CATEGORIES.values()],
        "POLLUTANTS": POLLUTANTS,
    }  # fmt: skip


def _calibre() -> str | None:
    stored = network().calibres()
    return stored[0] if len(stored) == 1 else "prefer-audited" if stored else None


def _edition_of_rows(now: Now) -> str:
    known = now.rows["edition"].drop_nulls()
    return str(known[0]) if known.len() else ""


def edition_tag(name: str) -> str:
    """Return the edition of HJ 633 that judged, e.g. ``HJ 633-2026 · transition``."""
    if not name:
        return ""
    found = edition(name)
    stage = {"2026-transition": _("transition"), "2026-final": _("final")}.get(name)
    return f"{found.aqi_standard} · {stage}" if stage else found.aqi_standard


def _short(name: str) -> str:
    """Return a category without the word pollution, as legends write it."""
    return name.removesuffix("污染").removesuffix(" pollution")


def _count_words(name: str) -> str:
    return _short(CATEGORIES[name].name) if name in CATEGORIES else state_words(name)


def _level(name: str) -> int:
    return CATEGORIES[name].level if name in CATEGORIES else 0


def _interval(now: Now) -> str:
    """Return which hour, or day, the values are the mean of."""
    label = local(now.moment.label)
    if now.moment.day is not None:
        return _("{day}, the whole day").format(day=now.moment.day)
    before = local(now.moment.label - HOUR)
    return _("{label}, the mean from {start} to {end}").format(
        label=f"{label:%Y-%m-%d %H:%M}", start=f"{before:%H:%M}", end=f"{label:%H:%M}"
    )


def _segments(now: Now, path: str, asked: Asked) -> list[tuple[str, str, bool]]:
    """Return address, words and whether it is the one shown: now, and yesterday."""
    yesterday = local(network().now()).date().toordinal() - 1
    day = type(now.before_day).fromordinal(yesterday)
    live, whole = with_query(path, asked.query(at=None, day=None)), asked.query(at=None, day=day)
    return [
        (live, _("Now"), now.moment.live),
        (with_query(path, whole), _("Yesterday"), now.moment.day == day),
    ]


def _steps(now: Now, path: str, asked: Asked) -> dict[str, str | None]:
    """Return the addresses of the hour (or day) before and after; None: there is none yet."""
    if now.moment.day is not None:
        before, after = (
            type(now.before_day).fromordinal(now.moment.day.toordinal() + step) for step in (-1, 1)
        )
        today = local(network().now()).date()
        return {
            "before": with_query(path, asked.query(at=None, day=before)),
            "after": with_query(path, asked.query(at=None, day=after)) if after < today else None,
        }

    def hour(step: int) -> str:
        at = f"{local(now.moment.label + step * HOUR):%Y-%m-%dT%H:%M}"
        return with_query(path, asked.query(at=at, day=None))

    over = now.moment.live or now.moment.label + HOUR > network().now()
    return {"before": hour(-1), "after": None if over else hour(1)}


def _by_station(now: Now) -> dict[str, list[Trouble]]:
    found: dict[str, list[Trouble]] = {}
    for trouble in now.wrong:
        found.setdefault(trouble.station, []).append(trouble)
    return found


def hours_pages(now: Now) -> Callable[[str, str], str]:
    """Return what says where the stored hours behind a value are, of station and pollutant."""
    address = pages("air:hours")
    if now.moment.day is not None:
        day = str(now.moment.day)
        when = {"start": day, "end": day}
    else:
        when = {"at": f"{local(now.moment.label):%Y-%m-%dT%H:%M}"}
    return lambda station, p: with_query(address(station), {"parameter": p, **when})


def _rows(now: Now, given: Any, wrong: dict[str, list[Trouble]]) -> list[Row]:  # noqa: ANN401 - rows of Polars
    rows = list(given)
    stations = [r["station"] for r in rows]
    registered, station_page = set(network().stations()["station"]), pages("air:station")
    hours = hours_pages(now)
    lines = hours_of(now.moment, "pm25", stations)
    states = states_by_hour(now.moment, stations)
    made = []
    for r in rows:
        station = r["station"]
        said = words.sentences(*(saying.trouble(t, r) + _(".") for t in wrong.get(station, ())))
        arrived = sum(s in ("ok", "late", "suspect") for s in states[station])
        strip_label = _("{name}: {n} of {all} hours arrived complete").format(
            name=r["name"], n=arrived, all=len(states[station])
        )
        made.append(
            Row(
                station, r["name"],
                station_page(station) if station in registered else "",
                saying.kind_short(r["kind"]), r["town"], r["state"], r["aqi"], r["category"],
                _cells(r, now, hours), _spark(lines[station]),
                arrival_strip(states[station], strip_label), said,
            )
        )  # fmt: skip
    return made


def _spark(line: Sequence[float | None]) -> str:
    return spark(line, max((v for v in line if v is not None), default=1.0))


def _cells(row: dict[str, Any], now: Now, hours: Callable[[str, str], str]) -> list[Cell]:
    due = row["due"] or []
    cells = []
    for p in POLLUTANTS:
        value = row[p]
        text = words.concentration(p, value) if value is not None or p in due else "/"
        cells.append(
            Cell(
                text,
                hours(row["station"], p) if text != "/" else "",
                row[f"grade_{p}"],
                p in (row["primary"] or ()) and row["state"] == "aqi",
            )
        )
    return cells


def _alert(now: Now, trouble: Trouble) -> Alert:
    row = now.row(trouble.station)
    return Alert(
        row["name"], saying.trouble(trouble, row),
        hours_pages(now)(trouble.station, trouble.parameters[0]),
    )  # fmt: skip


def _multiples(now: Now) -> list[dict[str, Any]]:
    judged = edition(now.mean.edition or _edition_of_rows(now) or "2026-final").id
    made = []
    for p, series in ranges(now).items():
        high = [v for v in (*series.high, *series.line) if v is not None]
        steps = breakpoints(p, averaging="1h", edition=judged) if p in ("pm25", "pm10") else None
        marks = tidy_marks(max(high, default=0.0), steps)
        label = _("{pollutant}, the last 48 hours: city mean and range of the stations").format(
            pollutant=words.LABEL[p]
        )
        drawn = multiple(
            Hours48(now.moment.label, series.line, series.low, series.high, marks), label
        )
        made.append(
            {"pollutant": p, "svg": drawn, "unit": words.unit(p),
             "last": words.concentration(p, series.line[-1])}
        )  # fmt: skip
    return made


def spots(now: Now) -> list[Spot]:
    """Return the stations shown on the map, national and then worse ones first."""
    placed = now.shown.filter(now.shown["lon"].is_not_null() & now.shown["lat"].is_not_null())
    registered, station_page = set(network().stations()["station"]), pages("air:station")
    found, hours = [], hours_pages(now)
    for r in placed.iter_rows(named=True):
        number = {"withheld": "NA", "none": words.NONE}.get(r["state"], str(r["aqi"]))
        name = CATEGORIES[r["category"]].name if r["state"] == "aqi" else state_words(r["state"])
        url = (
            station_page(r["station"]) if r["station"] in registered
            else hours(r["station"], "pm25")
        )  # fmt: skip
        level = CATEGORIES[r["category"]].level if r["state"] == "aqi" else 0
        found.append(
            Spot(r["name"], r["lon"], r["lat"], number, level, name, r["kind"] == "national", url)
        )
    return sorted(found, key=lambda s: (not s.ring, -s.level, s.name))


def state_words(state: str) -> str:
    """Return why there is no AQI."""
    return {"withheld": _("not published"), "none": _("no data")}[state]


def map_label(now: Now) -> str:
    """Return what the map shows, for readers who cannot see it."""
    return _("{n} stations of {network} on the map, {when}; the table holds the values").format(
        n=now.shown.height, network=network().name, when=_interval(now)
    )


def file_name(now: Now) -> str:
    """Return the name of a file of this view."""
    when = str(now.moment.day) if now.moment.day else f"{local(now.moment.label):%Y-%m-%d-%H}"
    return f"{network().name}-{when}"
