"""The stored hours behind a number."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.views.decorators.http import require_GET

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations.parameters import PARAMETERS
from lantian.reports import words
from lantian.standards import PERCENTILE, POLLUTANTS
from lantian.web.accounts.access import access, needs
from lantian.web.air import flags
from lantian.web.air.figures.station import place_words
from lantian.web.air.queries import hours as q
from lantian.web.air.queries.asked import edition_options
from lantian.web.air.queries.station_asked import Asked
from lantian.web.air.queries.stations import find
from lantian.web.core.downloads import table, wanted
from lantian.web.core.formats import file_name, local, with_query

FILES = ("csv", "xlsx", "json")
_WEATHER = ("ws", "wd", "temp", "rh", "pres", "rain")


def address(asked: Asked, **query: object) -> str:
    """Return the address of the hours behind a number of a station, judged as it was."""
    edition = None if asked.edition == "auto" else asked.edition
    given = {k: label_text(v) if isinstance(v, datetime) else v for k, v in query.items()}
    return with_query(reverse("air:hours", args=(asked.station.id,)), {**given, "edition": edition})


def label_text(label: datetime) -> str:
    """Return an hour label as addresses have it: local, with its offset."""
    return local(label).isoformat(timespec="minutes")


def parameter_words(name: str) -> str:
    """Return what a parameter is called."""
    return PARAMETERS[name].title


def _asked(request: HttpRequest, station: str) -> q.HoursAsked:
    found = find(station, access(request))
    if found is None:
        raise Http404
    return q.hours_asked(request.GET, found)


@needs("air")
@require_GET
def hours(request: HttpRequest, station: str) -> HttpResponse:
    """Show the hours of a period or of one day, with how the daily values come of them."""
    asked = _asked(request, station)
    if (format_ := wanted(request, *FILES)) is not None:
        if asked.about.problems:
            raise InvalidArgumentError("air.bad_address", words.sentences(*asked.about.problems))
        name = file_name(station, asked.parameter, asked.about.span.label, suffix="x")
        return table(q.states(asked), name.removesuffix(".x"), format_)

    def link(**more: object) -> str:
        return with_query(request.path, asked.query(**more))

    return render(request, "air/hours.html.j2", {
        **_context(request, asked),
        "found": q.hours(asked), "link": link,
        "page_link": lambda n: link(page=n if n > 1 else None),
        "day_link": lambda day: link(start=day, end=day, at=None, page=None, of=None),
        "history": q.history(asked) if asked.at is not None else None,
        "files": [(link(format=f), {"xlsx": "Excel"}.get(f, f.upper())) for f in FILES],
        "parameters": [(p, parameter_words(p)) for p in (*POLLUTANTS, *_WEATHER)],
        "editions": edition_options(), "percent": PERCENTILE.get(asked.parameter),
        "of_words": _of_words(asked.of) if asked.of else "",
        "calibre_short": {
            None: "", "realtime": _("real-time"), "audited": _("audited"),
        },
    })  # fmt: skip


@needs("air")
@require_GET
def history(request: HttpRequest, station: str) -> HttpResponse:
    """Show all that was ever stored of one hour."""
    asked = _asked(request, station)
    context = {**_context(request, asked), "history": q.history(asked)}
    return render(request, "air/hours_history.html.j2", context)


def _context(request: HttpRequest, asked: q.HoursAsked) -> dict[str, Any]:
    may = access(request)
    past = reverse("air:hours-history", args=(asked.station.id,))
    changes = _changes() if "data.change" in may else {}
    return {
        "asked": asked, "station": asked.station, "parameter": asked.parameter,
        "name": parameter_words(asked.parameter), "unit": q.unit(asked.parameter),
        "digits": q.digits(asked.parameter), "label_words": q.label_words,
        "state_words": flags.state_words, "flag_words": flags.flag_words,
        "decision_words": flags.decision_words,
        "sees_data": "data.see" in may, "changes": changes,
        "changes_url": lambda what, **query: with_query(changes[what], query),
        "batch_link": _batch_link, "label_text": label_text,
        "history_link": lambda at: with_query(
            past, {"parameter": asked.parameter, "at": label_text(at)}
        ),
    }  # fmt: skip


@cache
def _batch_link(batch: int) -> str:
    """Return the page of a batch."""
    return reverse("air:data-batch", args=(batch,))


def _of_words(of: q.Of) -> str:
    """Return which hours of the period these are."""
    place = place_words(of.cycle, of.place)
    return {
        "hour": _("hour {place} of each day"), "weekday": _("each {place}"), "month": _("{place}"),
    }[of.cycle].format(place=place)  # fmt: skip


def _changes() -> dict[str, str]:
    """Return the addresses of the pages that change values, of those there are."""
    found = {}
    for what in ("correct", "exclude"):
        try:
            found[what] = reverse(f"air:data-{what}")
        except NoReverseMatch:
            continue
    return found


urls = [
    path("air/stations/<str:station>/hours/", hours, name="hours"),
    path("air/stations/<str:station>/hours/history/", history, name="hours-history"),
]
