"""The page of a case, and its whole file."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, needs
from lantian.web.cases import case_figures, case_file, case_page
from lantian.web.cases.around import Series
from lantian.web.cases.case_page import Page
from lantian.web.cases.doing.offers import offering
from lantian.web.core import clock
from lantian.web.core.downloads import blob, links, table, wanted
from lantian.web.documents import queries as documents
from lantian.web.evidence import words
from lantian.web.evidence.words import sees_flags
from lantian.web.sources.showing import direction


@needs("cases.see")
@require_safe
def case(request: HttpRequest, code: str) -> HttpResponse:
    """Show the whole story of a case, who answers, the air around it, its map and evidence."""
    shown = case_page.page(request, code, clock.now())
    format_ = wanted(request, "csv")
    if format_:
        if shown.air is None:
            raise Http404(_("No station near case {case} has measured.").format(case=code))
        return table(_days(shown.air), _("air around {case}").format(case=code), format_)
    return render(request, "cases/case.html.j2", {
        **_common(shown), "offering": offering(request, shown.case),
        "may_flags": sees_flags(request),
        "documents": documents.of_case(request, shown.case),
        "direction": direction, "map": shown.map(), "may_sources": "sources.see" in access(request),
        "charts": () if shown.air is None else
        [(name, case_figures.air_chart(shown.air, width))
         for name, width in (("wide", case_figures.WIDE), ("slim", case_figures.NARROW))],
        "air_files": links(request, "csv"),
    })  # fmt: skip


@needs("cases.see")
@require_safe
def file(request: HttpRequest, code: str) -> HttpResponse:
    """Show all that is kept of a case on one page to be printed, or as a workbook."""
    shown = case_page.page(request, code, clock.now())
    if wanted(request, "xlsx"):
        return blob(case_file.xlsx(shown), _("file of case {case}").format(case=code), "xlsx")
    return render(request, "cases/case_file.html.j2", {
        **_common(shown), "about": case_file.about(shown), "stages": case_file.stages(shown),
        "files": links(request, "xlsx"),
    })  # fmt: skip


def _common(shown: Page) -> dict[str, Any]:
    return {
        "shown": shown, "row": shown.row, "case": shown.case, "air": shown.air,
        "facts": case_page.facts(shown),
        "answering": () if shown.found is None else case_page.answering(shown.found),
        "flag_words": words.sentence, "told": words.told,
        "air_title": case_page.air_title, "air_note": case_page.air_note,
    }  # fmt: skip


def _days(air: Series) -> pl.DataFrame:
    days = pl.date_range(air.start, air.end, "1d", eager=True)
    pollutant = air.indicator.pollutant
    return pl.DataFrame({
        "date": days, "station": [air.station.id] * len(days), pollutant: air.values,
        "limit": [air.limit] * len(days),
    }, strict=False)  # fmt: skip


urls = [
    path("cases/<case_code:code>/", case, name="case"),
    path("cases/<case_code:code>/file/", file, name="case-file"),
]
