"""The territories: tree, map, import, changes."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import needs
from lantian.web.air import uploads
from lantian.web.air.notices import done
from lantian.web.audit.actors import of_request
from lantian.web.cases.of_place import of_territory
from lantian.web.core.air import network
from lantian.web.core.downloads import blob, links, wanted
from lantian.web.core.errors import status_of
from lantian.web.places import actions, exporting, queries
from lantian.web.places.figure import map_of
from lantian.web.places.forms import ImportForm, TerritoryForm
from lantian.web.places.models import Territory
from lantian.web.places.sending import taken_aside
from lantian.web.places.words import level_word

PURPOSE = "territories"


@needs("places.manage")
@require_GET
def territories(request: HttpRequest) -> HttpResponse:
    """Show the tree of territories and a map of it."""
    format_ = wanted(request, "geojson", "xlsx")
    if format_ == "geojson":
        return blob(exporting.geojson(), exporting.title(), "geojson")
    if format_ == "xlsx":
        return blob(exporting.xlsx(), exporting.title(), "xlsx")
    return _page(request, ImportForm())


def _page(request: HttpRequest, form: ImportForm, error: DomainError | None = None) -> HttpResponse:
    tree = queries.tree()
    status = status_of(error) if error else 400 if form.errors else 200
    return render(request, "places/territories.html.j2", {
        "tree": tree, "map": map_of([b.territory for b in tree], _points()), "form": form,
        "error": error, "level_word": level_word, "files": links(request, "geojson", "xlsx"),
    }, status=status)  # fmt: skip


@needs("places.manage")
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Take a file aside and show what it would change."""
    form = ImportForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        found = taken_aside(request, form, PURPOSE)
    except DomainError as error:
        return _page(request, form, error)
    return redirect("places:territories-import", found.token)


@needs("places.manage")
@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a file would change, and change it."""
    found = uploads.find(token, PURPOSE)
    file, datum = found.paths()[0], found.choices.datum
    error: DomainError | None = None
    if request.method == "POST":
        if "discard" in request.POST:
            uploads.discard(found)
            return redirect("places:territories")
        try:
            made = actions.enter(
                of_request(request), file, datum, expected=request.POST.get("expected", "")
            )
        except DomainError as problem:
            error = problem
        else:
            uploads.discard(found)
            text = _("{new} territories are entered, {changed} are changed.")
            done(request, text.format(new=made.count("new"), changed=made.count("changed")))
            return redirect("places:territories")
    try:
        plan = actions.planned(file, datum)
    except DomainError as problem:
        plan, error = None, problem
    return render(request, "places/territories_import.html.j2", {
        "upload": found, "plan": plan, "error": error, "level_word": level_word,
        "fields": {"name": _("name"), "level": _("level"), "parent": _("belongs to"),
                   "boundary": _("boundary")},
        "names": dict(Territory.objects.values_list("code", "name"))
        | {e.code: e.name for e in (plan.entries if plan else ())},
    }, status=status_of(error) if error else 200)  # fmt: skip


@needs("places.manage")
@require_http_methods(["GET", "POST"])
def territory(request: HttpRequest, code: str) -> HttpResponse:
    """Show one territory, and give it another name or parent, or delete it."""
    found = Territory.objects.select_related("parent").filter(code=code).first()
    if found is None:
        raise Http404
    above = found.parent.code if found.parent is not None else ""
    form = TerritoryForm(found, request.POST or None, initial={"name": found.name, "parent": above})
    error: DomainError | None = None
    if request.method == "POST":
        try:
            if "delete" in request.POST:
                actions.delete(of_request(request), code)
                done(request, _("{name} is deleted.").format(name=found.name))
                return redirect("places:territories")
            if form.is_valid():
                changed = actions.change(
                    of_request(request), code,
                    name=form.cleaned_data["name"], parent=form.cleaned_data["parent"],
                )  # fmt: skip
                done(request, _("{name} is saved.").format(name=changed.name))
                return redirect("places:territories")
        except DomainError as problem:
            error = problem
    branch = next(b for b in queries.tree() if b.territory.code == code)
    drawn = [b.territory for b in queries.tree()] if found.boundary else []
    return render(request, "places/territory.html.j2", {
        "territory": found, "branch": branch, "form": form, "error": error,
        "map": map_of(drawn, _points(), chosen=code), "level_word": level_word,
        "cases_here": of_territory(request, found),
    }, status=status_of(error) if error else 400 if form.errors else 200)  # fmt: skip


def _points() -> list[tuple[str, float, float]]:
    known = network().stations().drop_nulls(["lon", "lat"])
    return list(known.select("name", "lon", "lat").iter_rows())


urls = [
    path("places/territories/", territories, name="territories"),
    path("places/territories/import/", send, name="territories-send"),
    path("places/territories/import/<str:token>/", take_in, name="territories-import"),
    path("places/territories/<path:code>/", territory, name="territory"),
]
