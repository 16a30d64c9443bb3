"""The register: list and map, one source, entering and changing it, its status."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lantian.errors import BadInputError, DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, needs
from lantian.web.air.notices import done
from lantian.web.air.queries import boundaries
from lantian.web.audit.actors import of_request
from lantian.web.cases.of_place import of_source
from lantian.web.core import clock
from lantian.web.core.downloads import blob, links, wanted
from lantian.web.core.errors import status_of
from lantian.web.core.formats import aqi_badge, with_query
from lantian.web.core.pieces import piece
from lantian.web.duties.sectors import SECTORS
from lantian.web.places import queries as places
from lantian.web.sources import actions, exporting, figure, lifecycle, queries, showing
from lantian.web.sources.checking import Fault
from lantian.web.sources.forms import SourceForm, initial
from lantian.web.sources.kinds import KINDS
from lantian.web.sources.models import Source, Status
from lantian.web.sources.queries import Asked
from lantian.web.sources.reach import Reach, reach
from lantian.web.sources.words import status_word

_MANAGE = "sources.manage"


@needs("sources.see")
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Show the sources that fit the filters, in a table and on a map, or as a file."""
    asked, problems = Asked.of(request.GET)
    mine = reach(request)
    rows = queries.chosen(mine, asked)
    format_ = wanted(request, "xlsx", "geojson")
    if format_:
        people = _MANAGE in access(request)
        make = exporting.xlsx if format_ == "xlsx" else exporting.geojson
        return blob(make(rows, people=people), exporting.title(), format_)
    counted = queries.kinds_counted(mine, asked)
    total = counted.get(asked.kind, 0) if asked.kind else sum(counted.values())
    pages = max(1, -(-total // queries.PAGE))
    page = min(_number(request.GET.get("page")), pages)
    first = (page - 1) * queries.PAGE

    def link(number: int) -> str:
        return with_query(request.path, asked.query(page=number if number > 1 else None))

    return render(request, "sources/list.html.j2", {
        "asked": asked, "problems": problems, "total": total, "page": page, "pages": pages,
        "link": link, "rows": [showing.row_of(s) for s in rows[first : first + queries.PAGE]],
        "kinds": [(KINDS[k], n, with_query(request.path, asked.query(kind=k)))
                  for k, n in counted.items()],
        "options": _options(mine), "map": _map(request, asked),
        "map_data": with_query(reverse("sources:map"), asked.query()),
        "files": links(request, "xlsx", "geojson"), "status_word": status_word,
        "may_manage": _MANAGE in access(request), "any": total > 0 or _any(mine),
    })  # fmt: skip


@needs("sources.see")
@require_safe
def moving_map(request: HttpRequest) -> HttpResponse:
    """Return the sources and boundaries for the map one can move, as JSON."""
    asked, _problems = Asked.of(request.GET)
    mine = reach(request)
    text = piece(
        "sources-moving", queries.mark(), asked, mine.key, places.mark(),
        make=lambda: json.dumps(_moving(mine, asked), ensure_ascii=False),
    )  # fmt: skip
    return HttpResponse(text, content_type="application/json")


def _moving(mine: Reach, asked: Asked) -> dict[str, Any]:
    return {
        "stations": [
            {"name": m.name, "at": [m.lon, m.lat], "number": m.sign, "level": 0, "words": m.words,
             "ring": False, "url": m.url}
            for m in showing.marks(queries.chosen(mine, asked))
        ],
        "areas": boundaries.as_geojson(boundaries.areas()),
        "tiles": settings.WEB.tiles,
        "credit": settings.WEB.tiles_credit,
    }  # fmt: skip


@needs("sources.see")
@require_safe
def one(request: HttpRequest, source: str) -> HttpResponse:
    """Show all that is known of a source, the stations near it, and its history."""
    found = _source(request, source)
    return _page(request, found)


def _page(request: HttpRequest, found: Source, error: DomainError | None = None) -> HttpResponse:
    kind = KINDS[found.kind]
    near, until = queries.near(found, access(request))
    changes = Paginator(found.changes.all(), 20).get_page(request.GET.get("page"))
    mark = figure.marked(found, kind.sign, "", "")
    drawn = None
    if mark is not None:
        drawn = figure.one_map(mark, near, boundaries.areas(), _("Map of the source"))
    return render(request, "sources/source.html.j2", {
        "source": found, "kind": kind, "error": error, "facts": showing.facts(found, kind),
        "near": near, "until": until, "map": drawn, "status_word": status_word,
        "measures": showing.measures(found, kind),
        "missing": lifecycle.missing(found.measures, kind),
        "steps": [(s, showing.step_word(found.status, s), lifecycle.reasoned(found.status, s))
                  for s in lifecycle.steps(found.status)],
        "changes": [showing.change_of(c, kind) for c in changes], "page": changes,
        "link": lambda n: with_query(request.path, {"page": n if n > 1 else None}),
        "alike": queries.siblings(found, reach(request)),
        "may_manage": _MANAGE in access(request), "may_air": "air" in access(request),
        "direction": showing.direction, "aqi_badge": aqi_badge,
        "cases_here": of_source(request, found),
    }, status=status_of(error) if error else 200)  # fmt: skip


@needs(_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose a kind, fill in its form, and enter a source."""
    code = request.GET.get("kind", "")
    if code not in KINDS:
        return render(request, "sources/kinds.html.j2", {"kinds": list(KINDS.values())})
    kind = KINDS[code]
    form = SourceForm(kind, request.POST or None, new=True, initial={"sector": kind.sector})
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add(of_request(request), code, form.cells(), now=clock.now())
        except DomainError as problem:
            error = _told(form, problem)
        else:
            done(request, _("{name} is entered as {number}.").format(
                name=made.name, number=made.number
            ))  # fmt: skip
            return redirect("sources:source", made.number)
    return _form(request, form, None, error)


@needs(_MANAGE)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, source: str) -> HttpResponse:
    """Change what is known of a source."""
    found = _source(request, source)
    kind = KINDS[found.kind]
    form = SourceForm(kind, request.POST or None, new=False, initial=initial(found))
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(
                of_request(request), found.number, form.cells(),
                seen=request.POST.get("seen", ""), now=clock.now(),
            )  # fmt: skip
        except DomainError as problem:
            error = _told(form, problem)
        else:
            done(request, _("{name} is saved.").format(name=form.cleaned_data["name"]))
            return redirect("sources:source", found.number)
    return _form(request, form, found, error)


@needs(_MANAGE)
@require_POST
def move(request: HttpRequest, source: str) -> HttpResponse:
    """Begin, stop, resume, close or reopen a source."""
    found = _source(request, source)
    try:
        made = actions.move(
            of_request(request), found.number, request.POST.get("to", ""),
            reason=request.POST.get("reason", ""), now=clock.now(),
        )  # fmt: skip
    except DomainError as error:
        return _page(request, found, error)
    done(request, _("{name} is {status} now.").format(
        name=made.name, status=status_word(made.status)
    ))  # fmt: skip
    return redirect("sources:source", made.number)


def _form(
    request: HttpRequest, form: SourceForm, source: Source | None, error: DomainError | None
) -> HttpResponse:
    status = status_of(error) if error else 400 if form.errors else 200
    return render(request, "sources/form.html.j2", {
        "form": form, "source": source, "error": error, "kind": form.kind,
        "seen": request.POST.get("seen") or (actions.version(source) if source else ""),
    }, status=status)  # fmt: skip


def _told(form: SourceForm, error: DomainError) -> DomainError:
    """Show what is wrong at the fields, and return what is said above them."""
    if isinstance(error, BadInputError):
        form.tell([Fault(p.column or "", p.code, p.message, p.value) for p in error.problems])
    return error


def _source(request: HttpRequest, number: str) -> Source:
    found = reach(request).sources().filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _map(request: HttpRequest, asked: Asked) -> str:
    """Return the map; drawn once for all who see the same sources."""
    mine = reach(request)

    def make() -> str:
        marks = showing.marks(queries.chosen(mine, asked))
        return figure.source_map(marks, boundaries.areas(), figure.map_label(len(marks)))

    return piece("sources-map", queries.mark(), asked, mine.key, places.mark(), make=make)


def _options(mine: Reach) -> dict[str, list[tuple[str, str]]]:
    statuses = [(s.value, status_word(s.value)) for s in Status]
    return {
        "kind": [("", _("all")), *((k.code, k.title) for k in KINDS.values())],
        "territory": [("", _("all")), *queries.territories_of(mine)],
        "sector": [("", _("all")), *((s.code, s.title) for s in SECTORS.values())],
        "status": [("", _("not closed")), (queries.ALL, _("all")), *statuses],
    }


def _any(mine: Reach) -> bool:
    return bool(mine.sources().exists())


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 and int(text) else 1
