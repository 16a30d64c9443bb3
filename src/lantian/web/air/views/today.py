"""Today: what the air does, what changed since yesterday, what waits for the person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.views.decorators.http import require_safe

from lantian.web.accounts.access import access, needs
from lantian.web.air.figures.year import year_chart
from lantian.web.air.queries import saying
from lantian.web.air.queries import today as seen
from lantian.web.air.queries import today_page as shown
from lantian.web.air.queries.moment import Moment, newest
from lantian.web.air.queries.wall import wall_of
from lantian.web.air.views.network import SHOWN
from lantian.web.core.pieces import piece


@needs("today")
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show the page, or what changed since it was shown."""
    moment = newest()
    screen = wall_of(request)
    context: dict[str, Any] = {"screen": screen, "moment": moment}
    if moment is None:
        return render(request, "air/today.html.j2", {**context, "content": "", "stamp": ""})
    stamp = seen.shown_stamp(moment)
    if request.headers.get(SHOWN) == stamp:
        return HttpResponse(status=204)
    content = _content(request, moment, stamp)
    return render(request, "air/today.html.j2", {**context, "content": content, "stamp": stamp})


def _content(request: HttpRequest, moment: Moment, stamp: str) -> str:
    """Return what all people who see the same stations and may do the same are shown."""
    mine = access(request)
    may = frozenset(c for c in ("air", "data.see", "data.change") if c in mine)
    wall = request.GET.get("wall") == "1"

    def make() -> str:
        found = seen.look(moment, mine, wall=wall)
        context: dict[str, Any] = {
            **shown.page_of(found, may),
            "found": found,
            "may": may,
            "territories": mine.territories,
            "saying": saying,
            "wall": wall,
        }
        if found.year is not None:
            year = found.year
            context["chart"] = year_chart(
                year.span.start.year, year.months, year.running, shown.chart_label(found)
            )
        return render_to_string("air/today_body.html.j2", context)

    return piece("today", stamp, mine.stations, mine.territories, may, wall, make=make)


urls = [path("today/", today, name="today")]
