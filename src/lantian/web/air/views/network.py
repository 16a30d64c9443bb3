"""The network now: the newest hour of all stations, on a map and in a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.views.decorators.http import require_safe

from lantian.web.accounts.access import access, needs
from lantian.web.air.figures.map import station_map
from lantian.web.air.queries import boundaries
from lantian.web.air.queries import network as seen
from lantian.web.air.queries import network_page as shown
from lantian.web.air.queries.asked import Asking, sentences
from lantian.web.air.queries.moment import Moment, moment_of
from lantian.web.air.queries.wall import wall_of
from lantian.web.core import downloads
from lantian.web.core.pieces import piece
from lantian.web.places import queries as places

SHOWN = "X-Shown"  # header with the stamp of what a page shows, when it asks whether it is stale


@needs("air")
@require_safe
def network(request: HttpRequest) -> HttpResponse:
    """Show the page, its map or its table as a file, or what changed since it was shown."""
    asking = Asking(request.GET)
    asked = seen.asked_of(asking, wall=request.GET.get("wall") == "1")
    moment = moment_of(asking)
    if moment is None:
        return render(request, "air/network_empty.html.j2")
    format_ = downloads.wanted(request, "csv", "xlsx", "json", "svg")
    if format_ is not None:
        return _file(seen.look(asked, moment, access(request)), format_)
    stamp = seen.shown_stamp(moment)
    if request.headers.get(SHOWN) == stamp:
        return HttpResponse(status=204)
    context = {
        "problems": sentences(asking.problems),
        "stamp": stamp,
        "content": _content(request, asked, moment, stamp),
        "screen": wall_of(request),
    }
    return render(request, "air/network.html.j2", context)


def _content(request: HttpRequest, asked: seen.Asked, moment: Moment, stamp: str) -> str:
    """Return what the page holds apart from its frame; the same for all who see the same air."""
    mine = access(request)
    drawn = places.mark()

    unsorted = replace(asked.filter, sort="")

    def make() -> str:
        now = seen.look(asked, moment, mine)
        context = {
            **shown.page_of(now, asked, request.path),
            "asked": asked,
            "map": piece(
                "network-map", stamp, unsorted, asked.day, drawn, mine.stations,
                make=lambda: _map(now, alone=False),
            ),
            "bounded": bool(drawn[0]),
            "may_place": "places.manage" in mine,
        }  # fmt: skip
        return render_to_string("air/network_body.html.j2", context)

    return piece(
        "network", stamp, asked, drawn, mine.stations, "places.manage" in mine, make=make
    )  # fmt: skip


def _map(now: seen.Now, *, alone: bool) -> str:
    return station_map(
        shown.spots(now), boundaries.areas(), shown.map_label(now),
        wind=seen.mean_wind(now), alone=alone,
    )  # fmt: skip


def _file(now: seen.Now, format_: str) -> HttpResponse:
    name = shown.file_name(now)
    if format_ == "svg":
        return downloads.blob(_map(now, alone=True).encode(), name, "svg")
    return downloads.table(seen.file_rows(now), name, format_)


@needs("air")
@require_safe
def network_map(request: HttpRequest) -> HttpResponse:
    """Return the stations and boundaries for the map one can move, as JSON."""
    asking = Asking(request.GET)
    asked = seen.asked_of(asking, wall=False)
    moment = moment_of(asking)
    spots = shown.spots(seen.look(asked, moment, access(request))) if moment else []
    data: dict[str, Any] = {
        "stations": [
            {"name": s.name, "at": [s.lon, s.lat], "number": s.number, "level": s.level,
             "words": s.words, "ring": s.ring, "url": s.url}
            for s in spots
        ],
        "areas": boundaries.as_geojson(boundaries.areas()),
        "tiles": settings.WEB.tiles,
        "credit": settings.WEB.tiles_credit,
    }  # fmt: skip
    return JsonResponse(data)


urls = [
    path("air/now/", network, name="network"),
    path("air/now/map.json", network_map, name="network-map"),
]
