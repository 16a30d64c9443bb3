"""The calendar of the network: a month of days, station under station."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

import lantian.evaluation as ev
from lantian.errors import DomainError
from lantian.evaluation.register import KINDS
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import CATEGORIES
from lantian.web.accounts.access import Access, access
from lantian.web.air.figures import calendar as figures
from lantian.web.air.queries import calendar as q
from lantian.web.air.queries.asked import (
    Asking,
    calibre_options,
    check_begun,
    edition_options,
    span_options,
    usual_span,
)
from lantian.web.air.queries.place import known_stations
from lantian.web.air.views.calendar_page import (
    FORMATS,
    LABELS,
    PAGE,
    flat,
    page,
    refused,
    shown_options,
)
from lantian.web.core import clock, downloads
from lantian.web.core.air import network
from lantian.web.core.formats import file_name, with_query
from lantian.web.core.pieces import piece


def network_month(request: HttpRequest, asking: Asking, wanted: str | None) -> HttpResponse:
    """Show a month of all stations the person sees, or one of its files."""
    who = access(request)
    usual = usual_span()
    span = asking.read("month", usual, _month_of)
    asked = replace(q.asked_of(asking), span=span)
    kind = asking.one_of("kind", KINDS, "")
    number = asking.number("page", 1)
    text = asking.text("q")
    stations = _stations(who, kind, text)
    context = _network_filters(asked, kind, text, usual)
    if asking.problems:
        return refused(request, context, asking.problems)
    if network().extent() is None:
        return page(request, {**context, "nothing": True})
    try:
        if wanted:
            return _month_file(wanted, stations, asked)
        body = piece(
            "calendar-network", network().stamp(span.start, span.end), asked, kind, text, number,
            clock.today(), who.stations,
            make=lambda: _month_made(stations, asked, number, context["link"]),
        )  # fmt: skip
        return page(request, {**context, "body": body})
    except DomainError as error:
        return refused(request, context, [error])


def _month_of(text: str) -> ev.Span:
    span = ev.span(text)
    if span.unit != "month":
        span = ev.span(f"{span.start:%Y-%m}")
    check_begun(span)
    return span


def _stations(who: Access, kind: str, text: str) -> list[tuple[str, str, str]]:
    known = known_stations()
    if kind:
        known = known.filter(pl.col("kind") == kind)
    if text:
        wanted = text.lower()
        columns = [pl.col(c).str.to_lowercase() for c in ("station", "name", "town")]
        has = [c.str.contains(wanted, literal=True).fill_null(False) for c in columns]
        known = known.filter(pl.any_horizontal(has))
    return [r for r in known.select("station", "name", "kind").iter_rows() if who.sees(r[0])]


def _network_filters(asked: q.Asked, kind: str, text: str, usual: ev.Span) -> dict[str, Any]:
    here = reverse("air:calendar")
    query = {
        "view": "network", "month": asked.span.label if asked.span != usual else None,
        "show": None if asked.show == q.AQI else asked.show, "kind": kind or None,
        "q": text or None, **asked.judged(),
    }  # fmt: skip
    present = set(known_stations()["kind"])

    def link(**changes: object) -> str:
        return with_query(here, {**query, **changes})

    first = asked.span.start
    turns = {
        "previous_year": (first - timedelta(days=1)).replace(day=1),
        "next_year": (first + timedelta(days=31)).replace(day=1),
    }
    months = span_options("month", asked.span)
    labels = {label for label, _words in months}
    year = {"year": first.year, "show": query["show"], **asked.judged()}
    return {
        "mode": "network",
        "path": here,
        "asked": asked,
        "kind": kind,
        "kinds": [(k, words.kind_name(k)) for k in KINDS if k in present],
        "text": text,
        "months": months,
        "usual": usual.label,
        "link": link,
        "modes": [
            (with_query(here, year), _("One place"), False),
            (link(), _("All stations"), True),
        ],
        "shown": shown_options(),
        "editions": edition_options(),
        "calibres": calibre_options(),
        "files": [(link(format=f), LABELS[f]) for f in FORMATS],
        **{
            name: link(month=f"{day:%Y-%m}") if f"{day:%Y-%m}" in labels else None
            for name, day in turns.items()
        },
    }


def _month_made(
    stations: list[tuple[str, str, str]],
    asked: q.Asked,
    number: int,
    link: Callable[..., str],
) -> str:
    matrix = q.matrix_of(stations, asked, number, PAGE)
    parameter = None if asked.show == q.AQI else asked.show
    context = {
        "matrix": matrix,
        "asked": asked,
        "page": min(number, matrix.pages),
        "page_link": lambda n: link(page=n),
        "categories": list(CATEGORIES.values()),
        "title": _("{month}: daily {what} of {n} stations").format(
            month=words.span_name(asked.span), n=matrix.stations,
            what="AQI" if asked.show == q.AQI else words.LABEL[asked.show],
        ),
        "hours": lambda s: reverse("air:hours", args=(s,)) + "?"
        + (f"parameter={parameter}&amp;" if parameter else ""),
        "calendar_query": {"year": asked.span.start.year, "show": parameter, **asked.judged()},
        "day_query": with_query("", asked.judged()),
        "day_base": reverse("air:calendar"),
    }  # fmt: skip
    return render_to_string("air/calendar_month.html.j2", context)


def _month_file(format_: str, stations: list[tuple[str, str, str]], asked: q.Asked) -> HttpResponse:
    name = file_name(_("calendar"), asked.span.label, asked.show, suffix="")[:-1]
    if format_ == "svg":
        matrix = q.matrix_of(stations, asked, 1, max(1, len(stations)))
        title = f"{words.span_name(asked.span)} {asked.show}"
        return downloads.blob(figures.matrix_picture(matrix, title).encode(), name, "svg")
    past = ev.so_far(asked.span, network().now(), network().zone)
    days = network().days(
        past.start, past.end, edition=asked.edition, calibre=asked.given_calibre, dust=asked.dust
    )
    mine = days.filter(pl.col("station").is_in([s for s, _name, _kind in stations]))
    return downloads.table(flat(mine), name, format_)
