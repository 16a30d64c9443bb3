"""The register of stations, and the page of one of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.views.decorators.http import require_GET

import lantian.evaluation as ev
from lantian.evaluation.coverage import STATES, coverage
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts.cycle import line_key
from lantian.reports.charts.rose import class_key
from lantian.standards import CATEGORIES, METHODS, POLLUTANTS
from lantian.web.accounts.access import Access, access, needs
from lantian.web.air import flags
from lantian.web.air.figures import station as pictures
from lantian.web.air.figures import station_days as day_pictures
from lantian.web.air.queries import station as q
from lantian.web.air.queries import station_days, station_parts, stations
from lantian.web.air.queries.asked import METHOD, Asking, edition_options, sentences
from lantian.web.air.queries.station_asked import Asked, asked_of, full_hour, usual_span
from lantian.web.air.queries.stations import Station, Wish
from lantian.web.air.views import hours, station_files
from lantian.web.air.views.station_series import as_json
from lantian.web.core import clock
from lantian.web.core.air import network
from lantian.web.core.downloads import table, wanted
from lantian.web.core.formats import aqi_badge, moment, with_query
from lantian.web.core.pieces import piece

PAGE = 100  # stations
LATE = ("series", "days", "patterns", "wind", "quality", "neighbours")
FILES = ("csv", "xlsx", "json")


@needs("air")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show the stations the person sees, or give them as a file."""
    may = access(request)
    asking = Asking(request.GET)
    register = stations.register(may)
    wish = stations.Wish(
        text=asking.text("q"),
        kind=asking.one_of("kind", stations.kinds_of(register), ""),
        town=asking.one_of("town", stations.towns_of(register), ""),
        sort=asking.one_of("sort", stations.SORTS, "register"),
    )
    page = asking.number("page", 1)
    if (format_ := wanted(request, *FILES)) is not None:
        found = stations.listing(register)
        return table(stations.as_table(stations.chosen(found, wish)), "stations", format_)
    changes_data = "data.change" in may
    body = piece(
        "stations", network().stamp(), _half_hour(), wish, page, may.stations, changes_data,
        make=lambda: render_to_string(
            "air/stations_body.html.j2",
            {**_listed(request, register, wish, page), "changes_data": changes_data},
        ),
    )  # fmt: skip
    problems = sentences(asking.problems)
    return render(request, "air/stations.html.j2", {"body": body, "problems": problems})


def _listed(
    request: HttpRequest, register: Sequence[Station], wish: Wish, page: int
) -> dict[str, Any]:
    """Return what the list shows."""
    found = stations.listing(register)
    lines = stations.chosen(found, wish)
    kinds = stations.kinds_of(register)
    pages = max(1, -(-len(lines) // PAGE))
    page = min(page, pages)

    def link(number: int) -> str:
        return with_query(request.path, {**wish.query(), "page": number if number > 1 else None})

    return {
        "found": found, "lines": lines[(page - 1) * PAGE : page * PAGE], "count": len(lines),
        "wish": wish, "page": page, "pages": pages, "link": link,
        "files": [
            (with_query(request.path, {**wish.query(), "format": f}), label)
            for f, label in (("csv", "CSV"), ("xlsx", "Excel"), ("json", "JSON"))
        ],
        "kinds": [("", _("all")), *((k, stations.kind_words(k)) for k in kinds)],
        "towns": [("", _("all")), *((t, t) for t in stations.towns_of(register))],
        "sorts": [
            ("register", _("register")), ("name", _("name")), ("aqi", _("AQI, highest first")),
            ("pm25", _("PM2.5, highest first")), ("complete", _("completeness, lowest first")),
        ],
        "kind_words": stations.kind_words, "days": stations.DAYS, "aqi_badge": aqi_badge,
    }  # fmt: skip


def _half_hour() -> datetime:
    """Return what changes when an hour may have become due."""
    now = network().now()
    return now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)


def asked(request: HttpRequest, station: str) -> Asked:
    """Return what an address asks of a station; 404 where the person may not know of it."""
    found = stations.find(station, access(request))
    if found is None:
        raise Http404
    return asked_of(request.GET, found)


@needs("air")
@require_GET
def station(request: HttpRequest, station: str) -> HttpResponse:
    """Show one station, or give one of its tables or pictures as a file."""
    about = asked(request, station)
    if "format" in request.GET:
        return station_files.answer(request, about)
    whole = request.GET.get("all") == "1"
    pollutant = _pollutant(request)
    before, after = stations.beside(station, access(request))
    names = ("now", *(LATE if whole else ()))
    query = about.query()
    return render(request, "air/station.html.j2", {
        "asked": about, "station": about.station, "kind_words": stations.kind_words,
        "before": before, "after": after, "query": query, "whole": whole,
        "parts": {name: _part(name, about, request, pollutant) for name in names},
        "late": () if whole else LATE, "titles": titles(), "quick": _quick(about),
        "editions": edition_options(), "today": clock.today(),
        "part_url": lambda name: with_query(
            reverse("air:station-part", args=(station, name)),
            {**query, "pollutant": _given(request)},
        ),
        "whole_url": with_query(request.path, {**query, "all": 1}),
        "period_files": [
            (_file(about, name, format_), f"{title} {label}")
            for name, title in (("hours", _("Hours")), ("days", _("Days")))
            for format_, label in (("csv", "CSV"), ("xlsx", "Excel"), ("json", "JSON"))
        ],
    })  # fmt: skip


@needs("air")
@require_GET
def part(request: HttpRequest, station: str, name: str) -> HttpResponse:
    """Show one section of the page, for those that load late."""
    about = asked(request, station)
    if name not in ("now", *LATE):
        raise Http404
    return HttpResponse(_part(name, about, request, _pollutant(request)))


@needs("air")
@require_GET
def series(request: HttpRequest, station: str) -> HttpResponse:
    """Give the six pollutants over the period to the chart."""
    about = asked(request, station)
    step: q.Step = "hour" if about.span.days <= q.HOURS_UP_TO else "day"
    text = piece(
        "station-series", about.stamp(), about.station.id, about.span.label, about.edition,
        full_hour(), make=lambda: json.dumps(as_json(about, step), ensure_ascii=False),
    )  # fmt: skip
    return HttpResponse(
        text, content_type="application/json", headers={"Cache-Control": "private, no-cache"}
    )


def titles() -> dict[str, str]:
    """Return what the sections are called."""
    return {
        "now": _("Now"), "series": _("Six pollutants"), "days": _("Days"),
        "patterns": _("Patterns"), "wind": _("Wind"), "quality": _("Data quality"),
        "neighbours": _("Neighbours"),
    }  # fmt: skip


def _pollutant(request: HttpRequest) -> str:
    return Asking(request.GET).one_of("pollutant", POLLUTANTS, "pm25")


def _given(request: HttpRequest) -> str | None:
    chosen = _pollutant(request)
    return None if chosen == "pm25" else chosen


def _quick(about: Asked) -> list[tuple[str, str, bool]]:
    """Return address, words and whether it is shown, of the periods one click away."""
    today = clock.today()
    spans = (
        (ev.any_span(today - timedelta(days=6), today), _("7 days")),
        (usual_span(), _("30 days")),
        (ev.span(f"{today:%Y-%m}"), _("Month")),
        (ev.span(f"{today:%Y}"), _("Year")),
    )
    path_ = reverse("air:station", args=(about.station.id,))
    links = []
    for span, title in spans:
        period = None if span == usual_span() else span.label
        links.append(
            (with_query(path_, about.query(period=period)), title, span == about.span)
        )  # fmt: skip
    return links


# -- sections


def _part(name: str, about: Asked, request: HttpRequest, pollutant: str) -> str:
    """Return a section as it was rendered last, or render it."""
    may = access(request)
    makers: dict[str, Callable[[], dict[str, Any]]] = {
        "now": lambda: _now(about),
        "series": lambda: _series(about),
        "days": lambda: _days(about),
        "patterns": lambda: _patterns(about),
        "wind": lambda: _wind(about, pollutant),
        "quality": lambda: _quality(about),
        "neighbours": lambda: _neighbours(about, may),
    }
    stamp = network().stamp() if name in ("now", "neighbours") else about.stamp()
    reach = may.stations if name == "neighbours" else None
    sees_data = "data.see" in may

    def make() -> str:
        context = {**_common(about), **makers[name](), "sees_data": sees_data}
        return render_to_string(f"air/station/{name}.html.j2", context)

    return piece(
        f"station-{name}", stamp, about.station.id, about.span.label, about.edition, pollutant,
        reach, sees_data, _half_hour(), make=make,
    )  # fmt: skip


def _common(about: Asked) -> dict[str, Any]:
    """Return what every section needs."""
    return {
        "asked": about, "station": about.station, "pictures": pictures,
        "day_pictures": day_pictures, "state_words": flags.state_words,
        "flag_words": flags.flag_words, "decision_words": flags.decision_words,
        "kind_words": stations.kind_words, "titles": titles(),
        "file": lambda table, format_="csv": _file(about, table, format_),
        "files": lambda table, *formats, **more: [
            (_file(about, table, f, **more), {"xlsx": "Excel"}.get(f, f.upper())) for f in formats
        ],
        "direction_words": station_parts.direction_words, "aqi_badge": aqi_badge,
        "hours_url": lambda **query: hours.address(about, **query),
        "POLLUTANTS": POLLUTANTS, "STATES": STATES,
    }  # fmt: skip


def _file(about: Asked, name: str, format_: str, **more: object) -> str:
    path_ = reverse("air:station", args=(about.station.id,))
    return with_query(path_, about.query(table=name, format=format_, **more))


def _now(about: Asked) -> dict[str, Any]:
    found = q.now(about)
    tops = [max((v for v in row.recent if v is not None), default=0.0) for row in found.rows]
    return {"found": found, "tops": tops}


def _series(about: Asked) -> dict[str, Any]:
    step = pictures.step_of(about)
    found = q.series(about, step)
    states = coverage(station_days.states_of(about))
    counts = {
        p: {s: int(rows[s].sum()) for s in (*STATES, "due")}
        for p in POLLUTANTS
        if not (rows := states.filter(states["parameter"] == p)).is_empty()
    }
    values = {s.parameter: [v for v in s.values if v is not None] for s in found}
    return {
        "found": found, "step": step, "counts": counts, "n": sum(s.n for s in found),
        "tiles": pictures.multiples(about, found, step),
        "least": {p: min(v) if v else None for p, v in values.items()},
        "most": {p: max(v) if v else None for p, v in values.items()},
        "series_url": with_query(
            reverse("air:station-series", args=(about.station.id,)), about.query()
        ),
    }  # fmt: skip


def _days(about: Asked) -> dict[str, Any]:
    days = q.days_of(about)
    found = station_days.statistics(about)
    monthly = about.span.days >= station_days.MONTHLY_FROM

    def link(day: object, parameter: str) -> str:
        return hours.address(about, parameter=parameter, start=day, end=day)

    return {
        "days": days, "statistics": found, "monthly": monthly,
        "calendar": day_pictures.day_rows(about, days, link) if not days.is_empty() else None,
        "months": station_days.months(about) if monthly and not days.is_empty() else None,
        "bars": _bars(found),
        "aqi_days": days["aqi"].count(),
        "category_names": [c.name for c in CATEGORIES.values()],
        "method_title": METHODS[METHOD].title,
    }  # fmt: skip


def _bars(found: station_days.Statistics | None) -> str | None:
    """Return the picture of the statistics; None where no limit applies."""
    if found is None or all(s.share is None for s in found.pollutants):
        return None
    return pictures.shares(found.pollutants)


def _patterns(about: Asked) -> dict[str, Any]:
    tables = {by: station_parts.pattern(about, by) for by in station_parts.CYCLES}
    return {
        "tables": tables,
        "spans": {by: station_parts.pattern_span(about, by) for by in station_parts.CYCLES},
        "tiles": {by: pictures.cycle_tiles(t, by) for by, t in tables.items()},
        "cells": {
            by: {(p, k): (n, mean) for p, k, n, mean in _cells(t, by)} for by, t in tables.items()
        },
    }


def _cells(table: pl.DataFrame, by: str) -> Iterator[tuple[Any, ...]]:
    return table.select("parameter", by, "n", "mean").iter_rows()


def _wind(about: Asked, pollutant: str) -> dict[str, Any]:
    found = station_parts.winds(about, pollutant)
    return {
        "found": found, "pollutant": pollutant, "class_key": class_key,
        "classes": day_pictures.class_titles, "sectors": _sectors,
        "rose_files": [
            (_file(about, name, f, pollutant=None if pollutant == "pm25" else pollutant), text)
            for name, f, text in (
                ("wind", "csv", _("Wind rose CSV")), ("wind", "xlsx", _("Wind rose Excel")),
                ("pollution", "csv", _("Pollution rose CSV")),
                ("pollution", "xlsx", _("Pollution rose Excel")), ("pollution", "svg", "SVG"),
            )
        ],
        "roses": [
            (name, title, rose, day_pictures.rose(rose, title))
            for name, title, rose in station_files.roses(found)
        ],
        "part_url": lambda p: with_query(
            reverse("air:station-part", args=(about.station.id, "wind")),
            about.query(pollutant=None if p == "pm25" else p),
        ),
        "page_url": lambda p: with_query(
            reverse("air:station", args=(about.station.id,)),
            about.query(all=1, pollutant=None if p == "pm25" else p),
        ),
    }  # fmt: skip


def _sectors(rose: ev.Rose) -> list[dict[str, Any]]:
    """Return direction, hours and shares [%] of the classes of each sector."""
    rows = rose.table.group_by("sector", maintain_order=True).agg(
        pl.col("direction").first(), pl.col("n").sum(), pl.col("share").fill_null(0.0)
    )
    return rows.rename({"share": "shares"}).to_dicts()


def _neighbours(about: Asked, may: Access) -> dict[str, Any]:
    found = station_parts.neighbours(about, may)
    lines = [(s.name, values) for s, values in found.lines]
    return {
        "found": found, "until": moment(found.until), "line_key": line_key,
        "picture": pictures.comparison(lines, found.until, station_parts.COMPARED),
    }  # fmt: skip


def _quality(about: Asked) -> dict[str, Any]:
    found = station_parts.quality(about)
    measured = [p for p in POLLUTANTS if p in found.days["parameter"].unique()]
    totals = [
        (p, {s: int(rows[s].sum()) for s in (*STATES, "due")})
        for p in measured
        if not (rows := found.days.filter(found.days["parameter"] == p)).is_empty()
    ]
    return {
        "found": found, "totals": totals, "together": station_parts.together(found.stretches),
        "unmeasured": [p for p in POLLUTANTS if p not in measured],
        "strip": day_pictures.quality_strip(about, found.days) if measured else None,
        "shown": 20, "period": words.span_name(about.span),
    }  # fmt: skip


urls = [
    path("air/stations/", listing, name="stations"),
    *hours.urls,
    path("air/stations/<str:station>/", station, name="station"),
    path("air/stations/<str:station>/series/", series, name="station-series"),
    path("air/stations/<str:station>/part/<slug:name>/", part, name="station-part"),
]
