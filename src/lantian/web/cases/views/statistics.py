"""Statistics of cases: on-time rates of months, and what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path
from django.views.decorators.http import require_safe

from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.web.accounts.access import needs
from lantian.web.cases import clocks, counting, figures
from lantian.web.cases.asked import asked
from lantian.web.cases.counting import choices
from lantian.web.cases.reach import reach
from lantian.web.cases.standing_rules import rules
from lantian.web.cases.statistics import (
    CLOSING,
    SPANS,
    Asking,
    Stage,
    Statistics,
    frame,
    stages_of,
    statistics_of,
)
from lantian.web.cases.views.board import labels
from lantian.web.core import clock
from lantian.web.core.downloads import links, table, wanted
from lantian.web.core.pieces import piece
from lantian.web.places import queries as places

FILTERS = ("territory", "lead", "channel", "problem", "medium")


@needs("cases.see")
@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Show the statistics of the months asked for, or their tables as a file."""
    given, problems = asked(request.GET)
    narrowed = given.but(
        colour="", state=(), open="", late="", year="", since="", until="", ended_since="",
        ended_until="", lead_late="", overdue_on="", deed="", deed_since="", deed_until="", sort="",
    )  # fmt: skip
    mine = reach(request)
    now = counting.to_the_minute(clock.now())
    asking, more = Asking.of(request.GET, now.date())
    format_ = wanted(request, "xlsx", "csv")
    if format_:
        found = statistics_of(mine, narrowed, asking, now, rules())
        took = stages_of(mine, narrowed, asking, now)
        return table(frame(found, took), f"{_('statistics')}-{asking.month}", format_)

    def make() -> str:
        found = statistics_of(mine, narrowed, asking, now, rules())
        return render_to_string(
            "cases/statistics_body.html.j2", {**_drawn(found), "medians": medians, "later": later}
        )

    def make_stages() -> str:
        took = stages_of(mine, narrowed, asking, now)
        return render_to_string("cases/statistics_stages.html.j2", _stages(took))

    what = (narrowed, asking, mine.key, places.mark())
    later = narrowed.link(request.path, month=asking.month, span=asking.span, medians=1)
    medians = ""
    if request.GET.get("medians") == "1":  # they take longest, so they come after the rest
        mark = str(counting.mark(CLOSING))
        medians = piece("case-medians", mark, *what, make=make_stages)
        if getattr(request, "htmx", False):
            return HttpResponse(medians)
    content = piece("case-statistics", str(counting.mark()), now, bool(medians), *what, make=make)
    spans = {"1": _("1 month"), "3": _("3 months"), "12": _("12 months")}
    return render(request, "cases/statistics.html.j2", {
        "content": content, "asked": narrowed, "asking": asking, "problems": [*problems, *more],
        "month_now": f"{now.date():%Y-%m}", "spans": [(s, spans[s]) for s in SPANS],
        "options": choices(rules().in_force(now.date()), now.date()),
        "labels": {k: v for k, v in labels().items() if k in FILTERS},
        "files": links(request, "xlsx", "csv"),
    })  # fmt: skip


def _drawn(found: Statistics) -> dict[str, object]:
    first, last = counting.days_of(found.period)
    rates = figures.rate_chart(
        [(day, n.rate) for day, n, _to in found.months], _("On-time rate of each month, per cent")
    )
    places_ = [
        (line.name, line.on_time.rate, words.percent(line.on_time.rate, 1))
        for line in found.tables["place"]
        if line.on_time.rate is not None
    ]
    return {
        "s": found, "first": first, "last": last, "rates": rates,
        "places": figures.bars(places_, _("On-time rate by place, per cent")),
        "titles": {"place": _("By place"), "unit": _("By unit"),
                   "problem": _("By problem type"), "channel": _("By channel")},
        "nouns": {"place": _("Territory"), "unit": _("Lead unit"), "problem": _("Problem type"),
                  "channel": _("Channel")},
    }  # fmt: skip


def _stages(found: Sequence[Stage]) -> dict[str, object]:
    drawn = [(s.title, s.hours, clocks.span(timedelta(hours=s.hours))) for s in found]
    return {"stages": found, "drawn": figures.bars(drawn, _("Median time of each stage"))}


urls = [path("cases/statistics/", statistics, name="statistics")]
