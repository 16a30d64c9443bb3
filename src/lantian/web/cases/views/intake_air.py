"""Excursions of the air of the recent days, each to be taken in as a case."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import polars as pl
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from lantian.i18n import gettext as _
from lantian.reports.words import edition_name
from lantian.web.accounts.access import access, needs
from lantian.web.air.queries import boundaries
from lantian.web.cases.intake import excursions, landing, wording
from lantian.web.cases.intake.excursions import RULES, SHOWN_DAYS, Excursion
from lantian.web.cases.models import Case
from lantian.web.cases.reach import reach
from lantian.web.core import clock
from lantian.web.core.air import network
from lantian.web.core.downloads import links, table, wanted
from lantian.web.core.formats import with_query
from lantian.web.core.pieces import piece
from lantian.web.places import queries as places

_PAGE = 50


@needs("cases.take_in")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show what stood out in the recent days at the stations the person sees."""
    now, today = clock.now(), clock.today()
    first = today - timedelta(days=SHOWN_DAYS - 1)
    start, _end = excursions.bounds(network(), first)
    mine, rule = access(request), request.GET.get("rule", "")
    station = request.GET.get("station", "")
    found = [e for e in excursions.find(network(), start, network().latest_hour() or now)
             if mine.sees(e.station) and rule in ("", e.rule.code)
             and station in ("", e.station)]  # fmt: skip
    if request.headers.get("HX-Request"):  # the page of a station asks for those of its day
        found = [e for e in found if station and e.day == today]
        return render(request, "cases/excursions_here.html.j2", {
            "rows": _rows(request, found), "sentence": wording.sentence, "value": wording.value,
        })  # fmt: skip
    if format_ := wanted(request, "csv", "xlsx", "json"):
        return table(_table(found), _("excursions"), format_)
    shown = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    query = {"rule": rule, "station": station}
    return render(request, "cases/excursions.html.j2", {
        "rows": _rows(request, list(shown)),
        "page": shown, "total": len(found), "rule": rule, "station": station,
        "rules": [("", _("all")), *((r.code, r.title) for r in RULES.values())],
        "about": list(RULES.values()), "first": first, "last": today,
        "sentence": wording.sentence, "value": wording.value, "edition_name": edition_name,
        "link": lambda n: with_query(request.path, {**query, "page": n if n > 1 else None}),
        "files": links(request, "csv", "xlsx", "json"), "any": network().extent() is not None,
    })  # fmt: skip


def _rows(
    request: HttpRequest, found: Sequence[Excursion]
) -> list[tuple[Excursion, Case | None, bool, str]]:
    """Return excursions, the cases made of them, whether those are seen, and the hours behind."""
    made = landing.known("excursion", [e.key for e in found])
    mine = reach(request).cases().filter(pk__in=[c.pk for c in made.values()])
    seen = set(mine.values_list("pk", flat=True)) if made else set()
    rows = [(e, made.get(e.key)) for e in found]
    return [(e, case, case is not None and case.pk in seen, hours_url(e)) for e, case in rows]


@needs("cases.take_in")
@require_safe
def territories(request: HttpRequest) -> HttpResponse:
    """Return the boundaries for the map on which a position is chosen, as JSON."""
    del request
    return HttpResponse(ground(), content_type="application/json")


def ground() -> str:
    """Return boundaries, and the address of tiles where there is one, as JSON."""
    return piece("cases-ground", str(places.mark()), make=lambda: json.dumps({
        "stations": [], "areas": boundaries.as_geojson(boundaries.areas()),
        "tiles": settings.WEB.tiles, "credit": settings.WEB.tiles_credit,
    }, ensure_ascii=False))  # fmt: skip


def hours_url(e: Excursion) -> str:
    """Return the address of the hours behind an excursion."""
    day = e.day.isoformat()
    return with_query(
        reverse("air:hours", args=[e.station]),
        {"parameter": e.parameter, "start": day, "end": day},
    )


def _table(found: list[Excursion]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "day": e.day, "station": e.station, "name": e.name, "parameter": e.parameter,
                "rule": e.rule.code, "edition": e.edition, "hours": e.hours, "value": e.value,
                "against": e.against, "unit": e.unit, "time": e.at,
            }
            for e in found
        ],
        schema={
            "day": pl.Date(), "station": pl.String(), "name": pl.String(),
            "parameter": pl.String(), "rule": pl.String(), "edition": pl.String(),
            "hours": pl.Int64(), "value": pl.Float64(), "against": pl.Float64(),
            "unit": pl.String(), "time": pl.Datetime("us", "UTC"),
        },
        orient="row",
    )  # fmt: skip


urls = [
    path("cases/excursions/", page, name="excursions"),
    path("cases/new/map/", territories, name="new-map"),
]
