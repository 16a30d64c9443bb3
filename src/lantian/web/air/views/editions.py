"""The comparison of editions: one period under each, for a place and for every station."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.views.decorators.http import require_GET

import lantian.evaluation as ev
from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import CATEGORIES, EDITIONS
from lantian.web.accounts.access import Access, access, needs
from lantian.web.air.figures import editions as figures
from lantian.web.air.queries import editions as q
from lantian.web.air.queries import rules
from lantian.web.air.queries.asked import Asking, Bar, bar_of, sentences
from lantian.web.air.queries.place import Choices, Place, choices, place_of
from lantian.web.air.views.calendar_page import LABELS, flat, status_of
from lantian.web.core import clock, downloads
from lantian.web.core.air import network
from lantian.web.core.formats import aqi_badge, file_name
from lantian.web.core.pieces import piece

_FORMATS = ("csv", "xlsx", "json", "svg")


@needs("air")
@require_GET
def editions(request: HttpRequest) -> HttpResponse:
    """Show one period under every edition, or one of its files."""
    wanted = downloads.wanted(request, *_FORMATS)
    asking, who = Asking(request.GET), access(request)
    asked, known = q.asked_of(asking), choices(who)
    place = place_of(asking, who, known)
    context = _filters(asked, place, known)
    if asking.problems:
        return _refused(request, context, asking.problems)
    if place is None or network().extent() is None:
        return _page(request, {**context, "nothing": True})
    try:
        if wanted:
            return _file(wanted, place, asked)
        return _page(request, {**context, "body": _body(place, asked, context["bar"], who)})
    except DomainError as error:
        return _refused(request, context, [error])


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    base = {"problems": [], "body": "", "nothing": False}
    return render(request, "air/editions.html.j2", {**base, **context}, status=status)


def _refused(
    request: HttpRequest, context: dict[str, Any], problems: list[DomainError]
) -> HttpResponse:
    refused = {**context, "problems": sentences(problems)}
    return _page(request, refused, status=status_of(problems))


def _filters(asked: q.Asked, place: Place | None, known: Choices) -> dict[str, Any]:
    bar = bar_of(reverse("air:editions"), asked)
    named = place.query if place and place.value != (known.cities or ("",))[0] else {}
    bar = replace(
        bar,
        query={**bar.query, **named},
        units=[(_with(href, named), text, here) for href, text, here in bar.units],
    )
    return {
        "bar": bar,
        "asked": asked,
        "place": place,
        "known": known,
        "files": [(bar.link(format=f), LABELS[f]) for f in _FORMATS],
        "period": words.span_name(asked.span),
    }


def _with(href: str, more: dict[str, str | None]) -> str:
    """Return an address that has a query with some parameters more."""
    from urllib.parse import urlencode

    given = urlencode({k: v for k, v in more.items() if v})
    return f"{href}&{given}" if given else href


def _body(place: Place, asked: q.Asked, bar: Bar, who: Access) -> str:
    span = ev.so_far(asked.span, network().now(), network().zone)
    return piece(
        "editions", network().stamp(span.start, span.end), place, asked, clock.today(),
        who.stations, make=lambda: _made(place, asked, bar, who),
    )  # fmt: skip


def _made(place: Place, asked: q.Asked, bar: Bar, who: Access) -> str:
    view = q.look(place, asked)
    context = {
        "view": view,
        "place": place,
        "asked": asked,
        "bar": bar,
        "title": place.name,
        "about": about(view, asked),
        "editions": list(EDITIONS.values()),
        "categories": list(CATEGORIES.values()),
        "edition_name": words.edition_name,
        "levels_bar": figures.levels_bar,
        "dots": figures.dots,
        "keys": [figures.key(k) for k in range(len(EDITIONS))],
        "badge": aqi_badge,
        "sees": who.sees,
        "limits": rules.limits(),
        "doubts": rules.doubts(),
        "page_link": lambda number: bar.link(page=number),
        "page": min(asked.page, view.pages),
        "common": {k: v for k, v in asked.query().items() if k in ("calibre", "dust")},
    }
    return render_to_string("air/editions_body.html.j2", context)


def about(view: q.View, asked: q.Asked) -> str:
    """Return the period, how far it goes while it runs, and its days."""
    name = words.span_name(asked.span)
    if view.span == asked.span:
        return _("{period} ({days} days)").format(period=name, days=view.span.days)
    return _("{period} to yesterday, {day} ({days} days)").format(
        period=name, day=f"{view.span.end:%m-%d}", days=view.span.days
    )


def _file(format_: str, place: Place, asked: q.Asked) -> HttpResponse:
    name = file_name(_("editions"), asked.span.label, suffix="")[:-1]
    if format_ == "svg":
        view = q.look(place, replace(asked, page=1))
        rows = [row for group in view.groups for row in group.rows]
        svg = figures.picture(rows, view.top, f"{words.span_name(asked.span)} · {_('Good days')}")
        return downloads.blob(svg.encode(), name, "svg")
    frame: pl.DataFrame = flat(q.stations_frame(asked))
    return downloads.table(frame, name, format_)


urls = [path("air/editions/", editions, name="editions")]
