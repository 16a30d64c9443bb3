"""One day of the network: the cities, and every station the person sees."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET

import lantian.evaluation as ev
from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.network.window import MEMORY
from lantian.standards import CATEGORIES, POLLUTANTS
from lantian.web.accounts.access import access, needs
from lantian.web.air.queries import calendar as q
from lantian.web.air.queries.asked import (
    Asking,
    calibre_options,
    check_begun,
    edition_options,
    read_day,
    sentences,
)
from lantian.web.air.queries.day import day_frame, day_view
from lantian.web.air.views.calendar_page import LABELS, PAGE, flat
from lantian.web.core import clock, downloads
from lantian.web.core.air import network
from lantian.web.core.formats import aqi_badge, file_name, with_query
from lantian.web.core.pieces import piece


@needs("air")
@require_GET
def day(request: HttpRequest, day: str) -> HttpResponse:
    """Show one day: the cities, and the stations the person sees; or its files."""
    wanted = downloads.wanted(request, "csv", "xlsx", "json")
    asking, who = Asking(request.GET), access(request)
    edition, calibre, dust = asking.edition(), asking.calibre(), asking.flag("dust")
    number = asking.number("page", 1)
    try:
        on = read_day(day)
        if on != clock.today():
            check_begun(ev.any_span(on, on))
    except DomainError as error:
        asking.problems.append(error)
        on = clock.today() - timedelta(days=1)
    asked = q.Asked(span=ev.any_span(on, on), edition=edition, calibre=calibre, dust=dust)
    context = _day_filters(on, asked)
    if asking.problems:
        problems = {**context, "problems": sentences(asking.problems), "body": ""}
        return render(request, "air/calendar_day.html.j2", problems, status=400)
    if wanted:
        frame = flat(day_frame(on, asked, who.stations))
        return downloads.table(frame, file_name(_("day"), str(on), suffix="")[:-1], wanted)

    def made() -> str:
        view = day_view(day_frame(on, asked, who.stations), on, asked, number, PAGE)
        shown = {
            **context,
            "view": view,
            "page": min(number, view.pages),
            "page_link": lambda n: context["link"](on, page=n),
        }
        return render_to_string("air/calendar_day_body.html.j2", shown)

    key = (asked, number, who.stations, clock.today())
    body = piece("calendar-day", network().stamp(on - MEMORY, on), *key, make=made)
    return render(request, "air/calendar_day.html.j2", {**context, "body": body, "problems": []})


def _day_filters(on: date, asked: q.Asked) -> dict[str, Any]:
    def link(to: date, **changes: object) -> str:
        here = reverse("air:calendar-day", args=(to.isoformat(),))
        return with_query(here, {**asked.judged(), **changes})

    after = on + timedelta(days=1)
    return {
        "on": on,
        "asked": asked,
        "link": link,
        "previous": link(on - timedelta(days=1)),
        "next": link(after) if after <= clock.today() else None,
        "today": on == clock.today(),
        "editions": edition_options(),
        "calibres": calibre_options(),
        "files": [(link(on, format=f), LABELS[f]) for f in ("csv", "xlsx", "json")],
        "badge": aqi_badge,
        "pollutants": POLLUTANTS,
        "categories": list(CATEGORIES.values()),
        "year_query": {"year": on.year, **asked.judged()},
    }
