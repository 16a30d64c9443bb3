"""The ranking: stations or cities of any period, by any statistic, edition and method."""

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
from lantian.evaluation.composite import statistic_of
from lantian.evaluation.periods import year_before
from lantian.evaluation.register import KINDS
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import DIGITS, EDITIONS, METHODS, POLLUTANTS, round_expr
from lantian.web.accounts.access import Access, access, needs
from lantian.web.air.figures import ranking as figures
from lantian.web.air.figures.ranking_sheet import sheet, standing
from lantian.web.air.queries import ranking as q
from lantian.web.air.queries.asked import Asking, Judging, bar_of, limits_words, sentences
from lantian.web.core import clock, downloads
from lantian.web.core.air import network
from lantian.web.core.formats import file_name
from lantian.web.core.pieces import piece

_FORMATS = ("csv", "xlsx", "json", "svg", "pdf")
_MANY_TOWNS = 200


@needs("air")
@require_GET
def ranking(request: HttpRequest) -> HttpResponse:
    """Show the ranking, or one of its files."""
    asking = Asking(request.GET)
    asked = q.asked_of(asking)
    wanted = downloads.wanted(request, *_FORMATS)
    if asking.problems:
        return _page(request, _refused(asked, sentences(asking.problems)), status=400)
    if network().extent() is None:
        return _page(
            request, render_to_string("air/ranking_empty.html.j2", {"access": access(request)})
        )
    try:
        if wanted:
            return _file(wanted, asked)
        return _page(request, _body(asked, access(request)))
    except DomainError as error:
        return _page(request, _refused(asked, [error.message]), status=400)


def _page(request: HttpRequest, body: str, status: int = 200) -> HttpResponse:
    return render(request, "air/ranking.html.j2", {"body": body}, status=status)


def _refused(asked: q.Asked, problems: list[str]) -> str:
    context = {**_filters(asked), "title": title_of(asked), "problems": problems, "view": None}
    return render_to_string("air/ranking_body.html.j2", context)


def _body(asked: q.Asked, who: Access) -> str:
    span = ev.so_far(asked.span, network().now(), network().zone)
    before = year_before(span)
    stamps = network().stamp(span.start, span.end) + network().stamp(before.start, before.end)
    return piece(
        "ranking", stamps, asked, span, clock.today(), who.stations, make=lambda: _made(asked, who)
    )


def _made(asked: q.Asked, who: Access) -> str:
    view = q.look(asked)
    found = view.ranking
    filters = _filters(asked)
    edition = None if asked.edition == "auto" else asked.edition
    context = {
        **filters,
        "title": title_of(asked),
        "problems": [],
        "view": view,
        "facts": facts_of(asked, view),
        "meta": meta_of(view),
        "sees": who.sees,
        "bar_svg": figures.bar,
        "key_title": q.key_title(asked.key),
        "change_title": _("Change %"),
        "pollutants": POLLUTANTS,
        "found": found,
        "page_link": lambda number: filters["bar"].link(page=number),
        "editions_query": Judging.query(asked),
        "year_query": {"year": found.span.start.year, "edition": edition},
        "period_query": {"period": found.asked.label, "edition": edition},
        "from_month": "" if found.asked.unit == "year" else f"#m{found.span.start:%Y-%m}",
    }
    return render_to_string("air/ranking_body.html.j2", context)


def _filters(asked: q.Asked) -> dict[str, Any]:
    """Return what the filters of the page show."""
    bar = bar_of(reverse("air:ranking"), asked)
    stations = network().stations()
    here = set(stations["kind"])
    towns = stations["town"].drop_nulls().unique().sort().to_list()
    cities = stations["city"].n_unique()
    groups = [("kind", _("by kind")), ("all", _("together")), ("town", _("within towns"))]
    if cities > 1:
        groups.append(("city", _("within cities")))
    return {
        "bar": bar,
        "asked": asked,
        "keys": [(k, q.key_title(k)) for k in q.KEYS],
        "kinds": [(k, words.kind_name(k)) for k in KINDS if k in here],
        "towns": towns if len(towns) <= _MANY_TOWNS else [],
        "groups": groups,
        "limits": limits_words(asked.method),
        "files": [
            (bar.link(format=f), t) for f, t in (("csv", "CSV"), ("json", "JSON"), ("svg", "SVG"))
        ],
    }


def title_of(asked: q.Asked) -> str:
    """Return the title of the ranking."""
    if asked.cities:
        return _("Air quality ranking of cities")
    if asked.kind:
        return _("Air quality ranking: {kind}").format(kind=words.kind_name(asked.kind))
    return _("Air quality ranking of stations")


def meta_of(view: q.View) -> str:
    """Return the period, how far it goes while it runs, its days, and how many are ranked."""
    span, asked = view.ranking.span, view.ranking.asked
    name = _("{period} ({days} days)").format(period=words.span_name(asked), days=span.days)
    if span != asked:
        name = _("{period} to yesterday, {day} ({days} days)").format(
            period=words.span_name(asked), day=f"{span.end:%m-%d}", days=span.days
        )
    return " · ".join([name, standing(view.assessed, view.ranked)])


def facts_of(asked: q.Asked, view: q.View) -> list[tuple[str, str]]:
    """Return how the ranking was computed: term and words."""
    chosen = METHODS[asked.method]
    found = view.ranking
    sure = " · ".join(filter(None, [words.status_name(chosen.status), chosen.note]))
    known = EDITIONS.get(found.edition)
    judged = words.edition_name(found.edition)
    if known:
        judged += f" · {known.aqi_standard} · {known.statistics_standard}"
    least = ev.days_needed(found.span, network().settings)
    facts = [
        (_("Composite index"), f"{chosen.title} · {sure}"),
        (_("Limits"), limits_words(asked.method)),
        (_("Edition of the days"), judged),
        (
            _("Valid days"),
            _("at least {least} of {days}").format(least=least, days=found.span.days),
        ),
        (_("Rounding"), _("GB/T 8170, half to even")),
        (_("Ties"), _("equal after rounding is a tie; the ranks after it are skipped")),
        (_("Sand-dust"), dust_words(view.dust_days, deducted=asked.dust)),
        (_("Year before"), _before_words(asked, view)),
        (_("Data"), dict(bar_of("", asked).calibres)[asked.calibre]),
    ]
    if network().simulated:
        facts.append((_("Origin"), _("simulated, nothing was measured")))
    return facts


def dust_words(days: int, *, deducted: bool) -> str:
    """Return whether sand-dust was deducted, and of how many days."""
    if deducted:
        return _("deducted by decision ({n} days)").format(n=days)
    return _("not deducted ({n} days)").format(n=days)


def _before_words(asked: q.Asked, view: q.View) -> str:
    if not asked.previous:
        return _("not compared")
    if view.ranking.previous is None:
        return _("no comparable data of the year before")
    return _("{period}, same edition and method").format(
        period=words.span_name(view.ranking.previous)
    )


def _file(format_: str, asked: q.Asked) -> HttpResponse:
    whole = replace(asked, page=1)
    view = q.look(whole, page=None)
    name = file_name(_("ranking"), view.ranking.asked.label, asked.key, suffix="")[:-1]
    if format_ == "pdf":
        made = clock.now()
        content = sheet(
            view, whole, facts_of(whole, view), network=network().name, made=made,
            simulated=network().simulated, title=title_of(whole),
        )  # fmt: skip
        return downloads.blob(content, name, "pdf")
    if format_ == "svg":
        return downloads.blob(_picture(view, whole).encode(), name, "svg")
    frame = q.file_frame(view, whole)
    return downloads.table(_as_shown(frame, whole) if format_ == "xlsx" else frame, name, format_)


def _picture(view: q.View, asked: q.Asked) -> str:
    rows = [r for g in view.groups for r in g.rows if r.rank is not None]
    bars = [figures.Bar(f"{r.rank} {r.name}", r.parts, r.value) for r in rows]
    return figures.picture(bars, view.top, f"{title_of(asked)} · {meta_of(view)}")


def _as_shown(frame: pl.DataFrame, asked: q.Asked) -> pl.DataFrame:
    """Return the table of a spreadsheet: heads in words, figures as published."""

    def published(column: str, title: str) -> pl.Expr:
        base = column.removesuffix("_previous")
        digits = ev.published_digits(base, network().settings)
        value = pl.col(column)
        if base == "good_day_ratio":
            value, digits = value * 100, DIGITS["ratio_percent"]
        return (value if digits is None else round_expr(value, digits)).alias(title)

    # named here: a thread of Polars does not inherit the language in force
    kinds = {k: words.kind_name(k) for k in frame["kind"].unique()}
    key = q.key_title(asked.key)
    columns = {
        _("Rank"): pl.col("rank"),
        _("Station id"): pl.col("station"),
        _("Name"): pl.col("name"),
        _("Town"): pl.col("town"),
        _("Kind"): pl.col("kind").replace(kinds),
        key: published(asked.key, key),
        _("{statistic}, year before").format(statistic=key): published(
            f"{asked.key}_previous", "before"
        ),
        _("Change %"): round_expr(pl.col(f"{asked.key}_change"), DIGITS["ratio_percent"]),
        _("Rank, year before"): pl.col("rank_previous"),
    }
    for p in POLLUTANTS:
        title = f"{words.LABEL[p]} {words.statistic_short(p)}".strip()
        columns[f"{title} ({words.unit(p)})"] = published(statistic_of(p), p)
    columns |= {
        _("Good days"): pl.col("good_days"),
        _("Share of good days"): published("good_day_ratio", "ratio"),
        _("Heavy pollution days"): pl.col("heavy_days"),
        _("Days with AQI"): pl.col("aqi_days"),
        _("Not ranked because"): pl.col("why"),
    }
    return frame.select(value.alias(title) for title, value in columns.items())


urls = [path("air/ranking/", ranking, name="ranking")]
