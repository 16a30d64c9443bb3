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
from lantian.web.cases.work import counts_of
from lantian.web.core import clock
from lantian.web.core.pieces import piece
from lantian.web.duties.rota import on_duty


@needs("today")
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show the page, or what changed since it was shown."""
    moment = newest()
    screen = wall_of(request)
    stamp = "" if moment is None else seen.shown_stamp(moment)
    if moment is not None and request.headers.get(SHOWN) == stamp:
        return HttpResponse(status=204)
    content = "" if moment is None else _content(request, moment, stamp)
    duty = on_duty(clock.now()) if "duties.see" in access(request) else []
    return render(request, "air/today.html.j2", {
        "screen": screen, "moment": moment, "content": content, "stamp": stamp,
        "owed": _owed(request), "on_duty": duty,
    })  # fmt: skip


def _owed(request: HttpRequest) -> tuple[tuple[str, str, int, int], ...]:
    """Return what waits for the person; on a wall screen, for nobody."""
    if "cases.act" not in access(request) or request.GET.get("wall") == "1":
        return ()
    return counts_of(request)


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
