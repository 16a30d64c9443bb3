"""Excluding values, letting them count again, and what of it is in force."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations.decisions import Decision
from lantian.reports import words
from lantian.standards import POLLUTANTS
from lantian.web.accounts.access import access, needs
from lantian.web.air import actions, flags
from lantian.web.air.forms import ReasonForm
from lantian.web.air.notices import done
from lantian.web.air.queries import data_decisions as q
from lantian.web.air.queries.asked import Asking
from lantian.web.air.views.hours import parameter_words
from lantian.web.audit.actors import of_request
from lantian.web.core import downloads
from lantian.web.core.air import network
from lantian.web.core.errors import status_of
from lantian.web.core.formats import local, with_query

_FILES = ("csv", "xlsx", "json")
_DAY = len("2026-01-31")
_EVERYTHING = "all"


@needs("data.see")
@require_GET
def decisions(request: HttpRequest) -> HttpResponse:
    """Show the corrections or exclusions in force."""
    asking = Asking(request.GET)
    kind = asking.one_of("kind", ("correction", "exclusion"), "correction")
    station, parameter = asking.text("station"), asking.text("parameter")
    found = q.in_force(access(request), kind, station, parameter)
    format_ = downloads.wanted(request, *_FILES)
    if format_:
        return downloads.table(found, f"{kind}s", format_)
    values = q.values_in_force(access(request), station, parameter)
    pages = max(1, -(-found.height // q.PAGE))
    page = min(asking.number("page", 1), pages)

    def link(number: int) -> str:
        given = {k: v for k, v in request.GET.items() if k not in ("page", "wall")}
        return with_query(request.path, {**given, "page": number if number > 1 else None})

    def change(what: str, row: dict[str, Any]) -> str:
        first, last = (row["time"],) * 2 if "time" in row else (row["first"], row["last"])
        query = {name: row[name] for name in ("station", "parameter", "calibre")}
        start, end = (f"{local(t):%Y-%m-%dT%H:%M}" for t in (first, last))
        query |= {"at": start} if what == "correct" else {"start": start, "end": end}
        return with_query(reverse(f"air:data-{what}"), query)

    return render(request, "air/data_decisions.html.j2", {
        "kind": kind, "rows": found.slice((page - 1) * q.PAGE, q.PAGE).rows(named=True),
        "values": values[kind], "page": page, "pages": pages, "link": link, "change": change,
        "station": station, "parameter": parameter, "parameter_words": parameter_words,
        "state_words": flags.state_words, "stations": _stations(request),
        "parameters": [("", _("all")), *((p, parameter_words(p)) for p in POLLUTANTS)],
        "kinds": [
            (
                with_query(request.path, {
                    "kind": None if k == "correction" else k, "station": station or None,
                    "parameter": parameter or None,
                }),
                f"{text} {values[k]:,}", k == kind,
            )
            for k, text in (("correction", _("Corrections")), ("exclusion", _("Exclusions")))
        ],
        "files": downloads.links(request, *_FILES),
    })  # fmt: skip


@needs("data.change")
@require_http_methods(["GET", "POST"])
def exclude(request: HttpRequest) -> HttpResponse:
    """Show what an exclusion would do, and do it."""
    return _decide(request, "exclusion")


@needs("data.change")
@require_http_methods(["GET", "POST"])
def restore(request: HttpRequest) -> HttpResponse:
    """Show which values would count again, and let them."""
    return _decide(request, "restore")


def _decide(request: HttpRequest, decision: Decision) -> HttpResponse:
    error: DomainError | None = None
    wanted: q.Range | None = None
    found: q.Preview | None = None
    form: ReasonForm | None = None
    try:
        wanted = _range(request)
        if wanted is not None:
            if request.method == "POST":
                form = ReasonForm(request.POST)
                if form.is_valid():
                    return _done(request, decision, wanted, form)
            found = q.preview(wanted, decision)
    except DomainError as problem:
        error = problem
        if form is not None and wanted is not None and error.code == "store.not_as_shown":
            found = q.preview(wanted, decision)
    if found is not None and (form is None or error is not None):
        reason = "" if form is None else form.data.get("reason", "")
        form = ReasonForm(initial={"expected": found.values, "reason": reason})
    asked = () if wanted is None else wanted.parameters
    given = {k: request.GET.get(k, "") for k in ("start", "end", "calibre")}
    if wanted is not None:
        given |= {"start": _typed(wanted.first), "end": _typed(wanted.last)}
    status = status_of(error) if error else 400 if form is not None and form.errors else 200
    return render(request, "air/data_decide.html.j2", {
        "decision": decision, "wanted": wanted, "found": found, "form": form, "error": error,
        "given": given, "chosen_stations": request.GET.getlist("station"),
        "chosen_parameters": request.GET.getlist("parameter"), "stations": _stations(request),
        "parameters": [
            *((p, parameter_words(p)) for p in dict.fromkeys((*POLLUTANTS, *asked))),
            (_EVERYTHING, _("everything the stations measured")),
        ],
        "calibres": network().calibres(), "parameter_words": parameter_words,
        "names": dict(_stations(request)), "zone": network().zone,
    }, status=status)  # fmt: skip


def _done(
    request: HttpRequest, decision: Decision, wanted: q.Range, form: ReasonForm
) -> HttpResponse:
    expected = form.cleaned_data["expected"]
    if not expected.isdecimal():
        raise InvalidArgumentError("data.bad_form", _("The form has expired; load the page again."))
    act = actions.exclude if decision == "exclusion" else actions.restore
    batch = act(
        of_request(request), wanted.selection,
        reason=form.cleaned_data["reason"], expected=int(expected),
    )  # fmt: skip
    text = (
        _("{n} values are excluded (batch {batch}).")
        if decision == "exclusion"
        else _("{n} values count again (batch {batch}).")
    )
    said = text.format(n=f"{batch.rows_changed:,}", batch=batch.id)
    done(request, said, undo=reverse("air:data-undo", args=(batch.id,)))
    return redirect("air:data-batch", batch.id)


def _range(request: HttpRequest) -> q.Range | None:
    """Return what an address asks for; None: it does not ask yet."""
    stations = [s for s in request.GET.getlist("station") if s]
    chosen = [p for p in request.GET.getlist("parameter") if p]
    start, end = request.GET.get("start", ""), request.GET.get("end", "")
    if not (stations or chosen or start or end):
        return None
    needed = {
        _("at least one station"): stations,
        _("pollutants, or everything the stations measured"): chosen,
        _("the first hour"): start,
    }
    missing = [what for what, given in needed.items() if not given]
    if missing:
        raise InvalidArgumentError(
            "data.range_needed", _("Choose {missing}.").format(missing=words.joined(missing))
        )
    if not all(access(request).sees(s) for s in stations):
        raise Http404
    first, last = _first(start), _last(end or start)
    if last < first:
        raise InvalidArgumentError("data.reversed", _("The end is before the start."))
    parameters = [] if _EVERYTHING in chosen else [q.parameter_of(p) for p in chosen]
    return q.Range(stations, parameters, first, last, q.calibre_of(request.GET.get("calibre", "")))


def _typed(label: datetime) -> str:
    """Return an hour as the field of a form has it: local, without its offset."""
    return f"{local(label):%Y-%m-%dT%H:%M}"


def _first(text: str) -> datetime:
    """Return the first label of an hour or a day."""
    if len(text) != _DAY:
        return q.hour_of(text)
    return _midnight(text) + timedelta(hours=1)


def _last(text: str) -> datetime:
    if len(text) != _DAY:
        return q.hour_of(text)
    return _midnight(text) + timedelta(days=1)


def _midnight(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidArgumentError(
            "air.bad_date",
            _("“{value}” is not a date; write it as 2026-10-31.").format(value=text),
        ) from None
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(network().zone))


def _stations(request: HttpRequest) -> list[tuple[str, str]]:
    known = network().stations().select("station", "name").iter_rows()
    may = access(request)
    return [(s, f"{n or s} {s}" if n != s else s) for s, n in known if may.sees(s)]


urls = [
    path("air/data/decisions/", decisions, name="data-decisions"),
    path("air/data/exclude/", exclude, name="data-exclude"),
    path("air/data/restore/", restore, name="data-restore"),
]
