"""The calendar of one place: a year of days, by category."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.views.decorators.http import require_GET

import lantian.evaluation as ev
from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import CATEGORIES
from lantian.web.accounts.access import access, needs
from lantian.web.air.figures import calendar as figures
from lantian.web.air.queries import calendar as q
from lantian.web.air.queries import saying
from lantian.web.air.queries.asked import Asking, calibre_options, edition_options
from lantian.web.air.queries.place import Choices, Place, choices, place_of
from lantian.web.air.views.calendar_day import day
from lantian.web.air.views.calendar_network import network_month
from lantian.web.air.views.calendar_page import (
    FORMATS,
    LABELS,
    flat,
    page,
    refused,
    shown_options,
)
from lantian.web.core import clock, downloads
from lantian.web.core.air import network
from lantian.web.core.formats import file_name, with_query
from lantian.web.core.pieces import piece


@needs("air")
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a year of one place, or (``view=network``) a month of all stations; or its files."""
    wanted = downloads.wanted(request, *FORMATS)
    asking, who = Asking(request.GET), access(request)
    if asking.one_of("view", ("place", "network"), "place") == "network":
        return network_month(request, asking, wanted)
    asked, known = q.asked_of(asking), choices(who)
    place = place_of(asking, who, known)
    context = _filters(asked, place, known)
    if asking.problems:
        return refused(request, context, asking.problems)
    if place is None or network().extent() is None:
        return page(request, {**context, "body": "", "nothing": True})
    try:
        if wanted:
            return _year_file(wanted, place, asked)
        return page(request, {**context, "body": _year_body(place, asked)})
    except DomainError as error:
        return refused(request, context, [error])


def _filters(asked: q.Asked, place: Place | None, known: Choices) -> dict[str, Any]:
    query = {**(place.query if place else {}), **asked.query()}
    here = reverse("air:calendar")
    year = asked.span.start.year
    years = q.years()
    turn = [with_query(here, {**query, "year": y}) for y in (year - 1, year + 1)]
    month = min(asked.span.end, clock.today() - timedelta(days=1))
    return {
        "mode": "place",
        "path": here,
        "asked": asked,
        "place": place,
        "known": known,
        "year": year,
        "years": [(f"{y}", f"{y}") for y in sorted({*years, year}, reverse=True)],
        "usual_year": q.usual_year(),
        "previous_year": turn[0] if year - 1 in years else None,
        "next_year": turn[1] if year + 1 in years else None,
        "modes": [
            (with_query(here, query), _("One place"), True),
            (
                with_query(here, {"view": "network", "month": f"{month:%Y-%m}",
                                  "show": query["show"], **asked.judged()}),
                _("All stations"), False,
            ),
        ],
        "shown": shown_options(),
        "editions": edition_options(),
        "calibres": calibre_options(),
        "files": [(with_query(here, {**query, "format": f}), LABELS[f]) for f in FORMATS],
    }  # fmt: skip


def _year_body(place: Place, asked: q.Asked) -> str:
    before = ev.span(f"{asked.span.start.year - 1}")
    stamp = network().stamp(asked.span.start, asked.span.end)
    stamp += network().stamp(before.start, before.end)
    return piece(
        "calendar", stamp, place, asked, clock.today(), make=lambda: _year_made(place, asked)
    )


def _year_made(place: Place, asked: q.Asked) -> str:
    year = q.year_of(place, asked)
    context = {
        "year": year,
        "asked": asked,
        "place": place,
        "weekdays": words.weekdays(),
        "categories": list(CATEGORIES.values()),
        "counts_bar": figures.counts_bar,
        "title": year_title(year, asked),
        "about": about(year, asked),
        "day_query": with_query("", asked.judged()),
        "day_base": reverse("air:calendar"),
        "last": year.past.end,
        "basis": saying.judged_alike(q.editions_of(year.past, asked)),
        "month_link": lambda first: _month_link(place, asked, first),
    }
    return render_to_string("air/calendar_year.html.j2", context)


def _month_link(place: Place, asked: q.Asked, first: date) -> str | None:
    """Return the hours of a month of a station; of a city its day table has none of its own."""
    if not place.station:
        return None
    after = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    parameter = None if asked.show == q.AQI else asked.show
    query = {"parameter": parameter, "start": first, "end": after}
    return with_query(reverse("air:hours", args=(place.station,)), query)


def year_title(year: q.Year, asked: q.Asked) -> str:
    """Return whose days these are, of which year."""
    name = "AQI" if asked.show == q.AQI else words.LABEL[asked.show]
    return _("{place}, {year}: daily {what}").format(
        place=year.place.name, year=year.past.start.year, what=name
    )


def about(year: q.Year, asked: q.Asked) -> str:
    """Return the period, the edition and the number of days judged."""
    parts = [
        _("{start} to {end}").format(start=year.past.start, end=year.past.end),
        words.joined(words.edition_short(e) for e, _day in q.editions_of(year.past, asked)),
        _("n = {n} days").format(n=year.total.known),
    ]
    if asked.show != q.AQI:
        parts.insert(1, words.unit(asked.show))
    return " · ".join(parts)


def _year_file(format_: str, place: Place, asked: q.Asked) -> HttpResponse:
    year = q.year_of(place, asked)
    name = file_name(_("calendar"), place.name, str(year.past.start.year), asked.show, suffix="")
    if format_ == "svg":
        title = f"{year_title(year, asked)} · {about(year, asked)}"
        return downloads.blob(figures.year_picture(year, title).encode(), name[:-1], "svg")
    return downloads.table(flat(year.frame), name[:-1], format_)


urls = [
    path("air/calendar/", calendar, name="calendar"),
    path("air/calendar/<str:day>/", day, name="calendar-day"),
]
