"""The station register: list, import, one station, versions."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lantian.errors import BadInputError, DomainError
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.observations.datum import from_wgs84
from lantian.observations.station_table import KINDS, REGISTER, empty
from lantian.observations.stations import read_register, write_register
from lantian.web.accounts.access import needs
from lantian.web.air import uploads
from lantian.web.air.notices import done
from lantian.web.audit.actors import of_request
from lantian.web.core.downloads import blob, links, wanted
from lantian.web.core.errors import status_of
from lantian.web.core.formats import with_query
from lantian.web.places import actions
from lantian.web.places.forms import ImportForm, StationForm
from lantian.web.places.sending import taken_aside

PURPOSE = "stations"
_PAGE = 100
_DIGITS = 10  # no page and no version has a number this long
_FILES = ("csv", "xlsx", "geojson")


@needs("places.manage")
@require_GET
def stations(request: HttpRequest) -> HttpResponse:
    """Show the register, or one of its files."""
    format_ = wanted(request, *_FILES)
    if format_:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"stations.{format_}"
            write_register(_register(), file, headers="zh" if active() == "zh" else "en")
            return blob(file.read_bytes(), _("stations"), format_)
    return _page(request, ImportForm())


def _page(request: HttpRequest, form: ImportForm, error: DomainError | None = None) -> HttpResponse:
    register = _register()
    text, kind = request.GET.get("q", "").strip(), request.GET.get("kind", "")
    kept = register
    if kind:
        kept = kept.filter(pl.col("kind") == kind)
    if text:
        said = pl.concat_str(
            *(pl.col(c).fill_null("") for c in ("station", "name", "town", "city")), separator=" "
        )
        kept = kept.filter(said.str.to_lowercase().str.contains(text.lower(), literal=True))
    pages = max(1, -(-kept.height // _PAGE))
    page = min(_number(request.GET.get("page")) or 1, pages)

    def link(number: int) -> str:
        return with_query(request.path, {"q": text, "kind": kind, "page": number})

    status = status_of(error) if error else 400 if form.errors else 200
    return render(request, "places/stations.html.j2", {
        "rows": kept.slice((page - 1) * _PAGE, _PAGE).rows(named=True), "total": register.height,
        "shown": kept.height, "page": page, "pages": pages, "link": link, "text": text,
        "kind": kind, "kinds": [("", _("all")), *_kinds()], "kind_word": dict(_kinds()),
        "form": form, "error": error, "files": links(request, *_FILES),
        "register_version": _version(),
    }, status=status)  # fmt: skip


@needs("places.manage")
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Take a station list aside and show what it would change."""
    form = ImportForm(request.POST)
    form.fields["datum"].required = False
    if not form.is_valid():
        return _page(request, form)
    try:
        found = taken_aside(request, form, PURPOSE)
    except DomainError as error:
        return _page(request, form, error)
    return redirect("places:stations-import", found.token)


@needs("places.manage")
@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a station list would change, and change it."""
    found = uploads.find(token, PURPOSE)
    error: DomainError | None = None
    replace = (request.POST or request.GET).get("replace") == "1"
    after: pl.DataFrame | None = None
    if "discard" in request.POST:
        uploads.discard(found)
        return redirect("places:stations")
    try:
        read = read_register(found.paths()[0], datum=found.choices.datum or None)
        after = actions.merged(read, replace=replace)
        if request.method == "POST":
            differences = _differences(after)
            changes = [{k: d[k] for k in ("station", "state")} for d in differences]
            about = {"file": found.files[0]["name"], "replace": replace, "changes": changes}
            version = actions.import_stations(
                of_request(request), after,
                standing=_number(request.POST.get("standing")), about=about,
            )  # fmt: skip
            uploads.discard(found)
            done(request, _("The register is saved as version {n}.").format(n=version))
            return redirect("places:stations")
    except DomainError as problem:
        error = problem
    differences = [] if after is None else _differences(after)
    return render(request, "places/stations_import.html.j2", {
        "upload": found, "error": error, "differences": differences, "replace": replace,
        "counts": _counts(differences),
        "after": after, "standing": _version(),
        "problems": error.problems if isinstance(error, BadInputError) else (),
    }, status=status_of(error) if error else 200)  # fmt: skip


@needs("places.manage")
@require_http_methods(["GET", "POST"])
def station(request: HttpRequest, station: str | None = None) -> HttpResponse:
    """Show one station of the register and change it, or add one."""
    register = _register()
    old: dict[str, Any] | None = None
    if station is not None:
        mine = register.filter(pl.col("station") == station)
        if mine.is_empty():
            raise Http404
        old = mine.row(0, named=True)
    initial = {**_as_given(old), "standing": _version()}
    form = StationForm(request.POST or None, initial=initial, known=old is not None)
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        row = dict(form.row())
        try:
            actions.change_station(
                of_request(request), row, standing=form.cleaned_data["standing"] or 0
            )
        except DomainError as problem:
            error = problem
        else:
            done(request, _("{name} is saved.").format(name=row["name"] or row["station"]))
            return redirect("places:stations")
    return render(request, "places/station.html.j2", {
        "form": form, "error": error, "old": old,
        "problems": error.problems if isinstance(error, BadInputError) else (),
    }, status=status_of(error) if error else 400 if form.errors else 200)  # fmt: skip


@needs("places.manage")
@require_http_methods(["GET", "POST"])
def versions(request: HttpRequest) -> HttpResponse:
    """Show who saved the register when, and put an earlier version in force again."""
    store = settings.HOME.store
    if request.method == "POST":
        number = _number(request.POST.get("version"))
        made = actions.restore_version(
            of_request(request), number, standing=_number(request.POST.get("standing"))
        )
        text = _("Version {old} is in force again, as version {new}.")
        done(request, text.format(old=number, new=made))
        return redirect("places:stations-versions")
    found = store.station_versions()
    rows = []
    before: pl.DataFrame | None = None
    for version in found:
        frame = store.stations(version.version)
        rows.append((version, _count(before, frame)))
        before = frame
    return render(request, "places/stations_versions.html.j2", {
        "rows": rows[::-1], "standing": _version(),
    })  # fmt: skip


def _count(before: pl.DataFrame | None, after: pl.DataFrame | None) -> dict[str, int]:
    return _counts(_between(before, after))


def _counts(differences: list[dict[str, Any]]) -> dict[str, int]:
    return {s: sum(d["state"] == s for d in differences) for s in ("new", "changed", "gone")}


def _differences(after: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the stations an import adds, changes or takes out, with the fields that differ."""
    return _between(settings.HOME.store.stations(), after)


def _between(before: pl.DataFrame | None, after: pl.DataFrame | None) -> list[dict[str, Any]]:
    old, new = (
        {} if frame is None else {r["station"]: r for r in frame.iter_rows(named=True)}
        for frame in (before, after)
    )
    found = []
    for station in sorted(old.keys() | new.keys()):
        was, now = old.get(station), new.get(station)
        if was == now:
            continue
        state = "new" if was is None else "gone" if now is None else "changed"
        row = now or was or {}
        fields = [(c, was[c], now[c]) for c in REGISTER if was and now and was[c] != now[c]]
        found.append({"station": station, "name": row["name"], "state": state, "fields": fields})
    return found


def _as_given(row: dict[str, Any] | None) -> dict[str, Any]:
    """Return a row with its position in the datum it was once given in, as the form shows it."""
    if row is None or row["lon"] is None:
        return dict(row or {})
    lon, lat = from_wgs84([row["lon"]], [row["lat"]], row["datum"])
    return {**row, "lon": round(float(lon[0]), 6), "lat": round(float(lat[0]), 6)}


def _register() -> pl.DataFrame:
    found = settings.HOME.store.stations()
    return empty() if found is None else found.sort("station")


def _version() -> int:
    return int(settings.HOME.store.stations_mark()[0])


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < _DIGITS else 0


def _kinds() -> list[tuple[str, str]]:
    return [(k.id, k.zh if active() == "zh" else k.en) for k in KINDS.values()]


urls = [
    path("places/stations/", stations, name="stations"),
    path("places/stations/import/", send, name="stations-send"),
    path("places/stations/import/<str:token>/", take_in, name="stations-import"),
    path("places/stations/versions/", versions, name="stations-versions"),
    path("places/stations/new/", station, name="stations-new"),
    path("places/stations/of/<path:station>/", station, name="stations-one"),
]
