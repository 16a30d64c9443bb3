"""What is stored, and how complete it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.views.decorators.http import require_GET

from lantian.evaluation.register import KINDS
from lantian.i18n import gettext as _
from lantian.observations.completeness import month_bounds
from lantian.reports import words
from lantian.web.accounts.access import Access, access, needs
from lantian.web.air import flags, uploads
from lantian.web.air.figures.data import months_chart
from lantian.web.air.queries import data as q
from lantian.web.air.queries.asked import Asking
from lantian.web.air.queries.data_history import newest
from lantian.web.air.views import (
    data_correct,
    data_decisions,
    data_dust,
    data_history,
    data_upload,
)
from lantian.web.core import downloads
from lantian.web.core.air import network
from lantian.web.core.formats import local, with_query
from lantian.web.core.pieces import piece

_NEWEST = 8
_SHADES = (0.5, 0.75, 0.9, 0.98)  # of completeness; 75 % is what HJ 663 asks of many statistics


@needs("data.see")
@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """Show what is stored and what one may do with it."""
    may = access(request)
    stored = q.stored()
    return render(request, "air/data.html.j2", {
        "stored": stored, "newest": newest(_NEWEST), "decision_words": flags.decision_words,
        "uploads": [u for u in uploads.waiting() if not u.refused] if "data.change" in may else [],
        "counted_link": with_query(
            request.path + "counted/", {k: v for k, v in request.GET.items() if k != "wall"}
        ),
    })  # fmt: skip


@needs("data.see")
@require_GET
def counted(request: HttpRequest) -> HttpResponse:
    """Show the values counted: by month, and completeness by station; or their files."""
    asking = Asking(request.GET)
    calibre = q.calibre_of(asking.calibre())
    may = access(request)
    wanted = downloads.wanted(request, "csv", "xlsx", "json")
    months = q.months_counted(calibre)
    if not months:
        return render(request, "air/data_counted.html.j2", {"body": ""})
    until = asking.one_of("until", [m.month for m in months], months[-1].month)
    if wanted and asking.text("table") == "months":
        frame = pl.DataFrame([{"month": m.month, "valid": m.valid, "suspect": m.suspect,
                               "invalid": m.invalid} for m in months])  # fmt: skip
        return downloads.table(frame, "values-by-month", wanted)
    if wanted:
        return downloads.table(q.matrix_table(may, calibre, until), f"completeness-{until}", wanted)
    asked = {"kind": asking.text("kind"), "text": asking.text("q"), "until": until,
             "page": asking.number("page", 1), "calibre": asking.calibre()}  # fmt: skip

    def make() -> str:
        return _counted(request.path, asked, months, may)

    body = piece(
        "data-counted", network().stamp(), may.stations, tuple(asked.items()),
        network().now().replace(minute=0, second=0, microsecond=0), make=make,
    )  # fmt: skip
    if request.headers.get("HX-Request"):
        return HttpResponse(f'<div id="counted" class="cols">{body}</div>')
    return render(request, "air/data_counted.html.j2", {"body": body})


def _counted(path_: str, asked: dict[str, Any], months: list[q.Month], may: Access) -> str:
    found = q.matrix(
        may, q.calibre_of(asked["calibre"]), asked["until"],
        kind=asked["kind"], text=asked["text"], page=asked["page"],
    )  # fmt: skip
    query = {"kind": asked["kind"], "q": asked["text"], "calibre": asked["calibre"],
             "until": None if asked["until"] == months[-1].month else asked["until"]}  # fmt: skip

    def link(page: int) -> str:
        return with_query(path_, {**query, "page": page if page > 1 else None})

    kinds = sorted({*network().stations()["kind"].drop_nulls()}, key=_order)
    return render_to_string("air/data_counted_body.html.j2", {
        "months": months, "chart": months_chart(months), "matrix": found, "asked": asked,
        "link": link, "path": path_, "shade": shade, "hours_of": _hours_of,
        "kinds": [("", _("all")), *((k, words.kind_name(k)) for k in kinds)],
        "untils": [(m.month, m.month) for m in reversed(months)],
        "calibres": network().calibres(),
        "total": sum(m.total for m in months),
        "files": {
            table: [
                (with_query(path_, {**query, "table": table, "format": f}), label)
                for f, label in (("csv", "CSV"), ("xlsx", "Excel"), ("json", "JSON"))
            ]
            for table in ("months", "stations")
        },
    })  # fmt: skip


def shade(share: float | None) -> str:
    """Return the class of a completeness."""
    if share is None:
        return "none"
    return f"q{sum(share >= bound for bound in _SHADES)}"


def _order(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def _hours_of(month: str) -> dict[str, str]:
    """Return the days of a month as addresses have them."""
    start, end = month_bounds(month, network().zone)
    return {
        "start": f"{local(start):%Y-%m-%d}",
        "end": f"{local(end) - timedelta(days=1):%Y-%m-%d}",
    }


urls = [
    path("air/data/", data, name="data"),
    path("air/data/counted/", counted, name="data-counted"),
    *data_upload.urls,
    *data_history.urls,
    *data_correct.urls,
    *data_decisions.urls,
    *data_dust.urls,
]
