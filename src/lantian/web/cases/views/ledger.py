"""The ledger of cases: its table, its files, and filters that are kept."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, needs
from lantian.web.accounts.models import User
from lantian.web.air.notices import done
from lantian.web.cases import counting
from lantian.web.cases.asked import Asked, asked
from lantian.web.cases.counting import choices
from lantian.web.cases.ledger import bulk, saving, table
from lantian.web.cases.ledger.acting import Acting
from lantian.web.cases.ledger.cells import COLUMNS, Writer
from lantian.web.cases.ledger.narrowing import beyond_the_form
from lantian.web.cases.ledger.streaming import csv_text, xlsx
from lantian.web.cases.reach import reach
from lantian.web.cases.standing_rules import rules
from lantian.web.cases.table import TABLE
from lantian.web.cases.views import ledger_bulk, ledger_import
from lantian.web.cases.views.board import labels, pages
from lantian.web.core import clock
from lantian.web.core.downloads import links, wanted
from lantian.web.core.errors import status_of
from lantian.web.core.formats import with_query

_DIGITS = 10  # of the number of a page, fewer than these
_READ = 2_000  # cases read at a time for a file
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@needs("cases.see")
@require_safe
def ledger(request: HttpRequest) -> HttpResponseBase:
    """Show the cases that fit the filters, a page at a time, or all of them as a file."""
    narrowed, problems = asked(request.GET, Asked(sort="-code"))
    format_ = wanted(request, "xlsx", "csv")
    return _file(request, narrowed, format_) if format_ else _page(request, narrowed, problems)


def _page(
    request: HttpRequest, narrowed: Asked, problems: list[str], error: DomainError | None = None
) -> HttpResponse:
    mine, by = reach(request), rules()
    now = counting.to_the_minute(clock.now())  # as the board, whose counts lead here
    columns = table.columns_of(request.GET.getlist("col"))
    own = {"col": columns if columns != table.DEFAULT else None}
    number = request.GET.get("page", "1")
    found = table.shown(
        mine, narrowed, columns, now=now, rules=by,
        page=int(number) if number.isdecimal() and len(number) < _DIGITS else 1,
    )  # fmt: skip

    def link(**changes: object) -> str:
        values = narrowed.values(**{**own, **changes})
        if values.get("sort") == "-code":
            del values["sort"]
        return with_query(reverse("cases:ledger"), values)

    user = cast(User, request.user)
    posts = Acting.of(request).posts
    units = {p.organisation.pk: p.organisation for p in posts if p.organisation is not None}
    return render(request, "cases/ledger.html.j2", {
        "asked": narrowed, "problems": problems, "error": error, "found": found,
        "columns": [(c, "" if c == "clock" else table.title_of(c)) for c in columns],
        "all_columns": [(c, "" if c == "clock" else table.title_of(c)) for c in table.CHOICES],
        "heads": {c: _sorting(narrowed, c, link) for c in ("code", "title", *columns)},
        "titles": {c: table.title_of(c) for c in ("code", "title")}, "numbers": table.NUMBERS,
        "options": choices(by.in_force(now.date()), now.date()), "labels": labels(),
        "states": [(s.code, s.title) for s in TABLE.states.values()],
        "link": link, "page_link": lambda n: link(page=n if n > 1 else None),
        "kept": [(k, v) for k, v in narrowed.values(**own).items() if k not in _of_form()],
        "beyond": [(text, link(**{name: None}))
                   for name, text in beyond_the_form(narrowed, mine.cases())],
        "query": urlencode(narrowed.values(**own), doseq=True), "default": table.DEFAULT,
        "files": links(request, "xlsx", "csv"), "pages": pages(narrowed, "ledger"),
        "views": saving.seen_by(user, units), "units": list(units.values()), "me": user.pk,
        "bulk": bulk.offered() if "cases.bulk" in access(request) else {}, "most": bulk.MOST,
        "may_take_in": "cases.take_in" in access(request),
        "any": found.total > 0 or (bool(narrowed.changed) and mine.cases().exists()),
    }, status=status_of(error) if error else 200)  # fmt: skip


def _of_form() -> set[str]:
    return {"q", "state", "open", "since", "until", *labels()}


def _sorting(narrowed: Asked, column: str, link: Any) -> tuple[str, str]:  # noqa: ANN401 - a function
    """Return the address that sorts by a column, and how it is sorted now."""
    by = table.SORTED_BY.get(column)
    if by is None:
        return "", ""
    if narrowed.sort == by:
        return link(sort=f"-{by}", page=None), "ascending"
    down = narrowed.sort == f"-{by}"
    return link(sort=by, page=None), "descending" if down else ""


def _file(request: HttpRequest, narrowed: Asked, format_: str) -> StreamingHttpResponse:
    writer = Writer(rules())
    columns = [c for c in COLUMNS.values() if format_ == "xlsx" or c.name != "version"]
    names = [c.name for c in columns]
    now = counting.to_the_minute(clock.now())
    cases = table.every(reach(request), narrowed, now).iterator(chunk_size=_READ)
    rows = (writer.row(case, names) for case in cases)
    title = _("ledger of cases")
    parts = xlsx(columns, rows, _("Ledger")) if format_ == "xlsx" else csv_text(columns, rows)
    name = f"{title}-{clock.today():%Y%m%d}.{format_}"
    return StreamingHttpResponse(
        parts, content_type=_TYPES[format_],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
    )  # fmt: skip


@needs("cases.see")
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the filter shown, rename one, share it, or delete it."""
    user, do = cast(User, request.user), request.POST.get("do", "keep")
    units = {p.organisation_id for p in Acting.of(request).posts if p.organisation_id is not None}
    unit, key = _number(request, "unit"), _number(request, "view") or 0
    name, query = request.POST.get("name", ""), request.POST.get("query", "")
    if do == "delete":
        saving.delete(user, key)
        done(request, _("The filter is deleted."))
        return redirect("cases:ledger")
    if do == "change":
        view = saving.change(user, units, key, name=name, unit=unit)
    else:
        view = saving.keep(user, units, name=name, query=query, unit=unit, now=clock.now())
    done(request, _("The filter “{name}” is kept.").format(name=view.name))
    return redirect(f"{reverse('cases:ledger')}{'?' if view.query else ''}{view.query}")


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else None


urls = [
    path("cases/ledger/", ledger, name="ledger"),
    path("cases/ledger/filters/", keep, name="ledger-keep"),
    *ledger_bulk.urls,
    *ledger_import.urls,
]
