"""The history of what was stored: batches, one batch, undoing it."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations.words import given
from lantian.web.accounts.access import needs
from lantian.web.air import actions, flags
from lantian.web.air.forms import ReasonForm
from lantian.web.air.notices import done
from lantian.web.air.queries import data_history as q
from lantian.web.air.queries.asked import Asking, read_day, sentences
from lantian.web.air.views.hours import parameter_words
from lantian.web.audit.actors import of_request
from lantian.web.core import downloads
from lantian.web.core.errors import status_of
from lantian.web.core.formats import with_query

_KINDS = ("import", "correction", "exclusion", "restore")
_FILES = ("csv", "xlsx", "json")


@needs("data.see")
@require_GET
def history(request: HttpRequest) -> HttpResponse:
    """Show the batches, newest first."""
    asking = Asking(request.GET)
    wanted = _filter(asking)
    page = asking.number("page", 1)
    format_ = downloads.wanted(request, *_FILES)
    if format_:
        frame = q.filtered(settings.HOME.store.batches(), wanted)
        flat = frame.with_columns(pl.col("files", "sha256").list.join("; "))
        return downloads.table(flat, "history", format_)
    found = q.history(wanted, page)

    def link(number: int) -> str:
        given = {k: v for k, v in request.GET.items() if k not in ("page", "wall")}
        return with_query(request.path, {**given, "page": number if number > 1 else None})

    return render(request, "air/data_history.html.j2", {
        "found": found, "filter": wanted, "link": link, "problems": sentences(asking.problems),
        "decision_words": flags.decision_words, "files": downloads.links(request, *_FILES),
        "kinds": [("", _("all")), *((k, flags.decision_words(k)) for k in _KINDS)],
        "states": [("", _("all")), ("landed", _("in force")), ("undone", _("undone"))],
        "actors": [("", _("all")), *((a, given(a)) for a in found.actors)],
    }, status=400 if asking.problems else 200)  # fmt: skip


@needs("data.see")
@require_GET
def batch(request: HttpRequest, number: int) -> HttpResponse:
    """Show one batch: what it brought, what it replaced, what stands on it."""
    format_ = downloads.wanted(request, *_FILES)
    if format_:
        return downloads.table(q.rows_of(number), f"batch-{number}", format_)
    return render(request, "air/data_batch.html.j2", {
        **_about(number), "files": downloads.links(request, *_FILES),
    })  # fmt: skip


@needs("data.undo")
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Show what an undo would take back, and do it."""
    about = _about(number)
    batches = [number, *(b.id for b in about["found"].falls)]
    form = ReasonForm(request.POST or None, initial={"expected": json.dumps(batches)})
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            undone = actions.undo(
                of_request(request), number,
                reason=form.cleaned_data["reason"],
                expected=_numbers(form.cleaned_data["expected"]),
            )  # fmt: skip
        except DomainError as problem:
            error = problem
            form = ReasonForm(initial={"expected": json.dumps(batches),
                                       "reason": form.cleaned_data["reason"]})  # fmt: skip
        else:
            done(request, _("Undone: batch {numbers}.").format(numbers=", ".join(map(str, undone))))
            return redirect("air:data-batch", number)
    status = status_of(error) if error else 400 if form.errors else 200
    context = {**about, "form": form, "error": error}
    return render(request, "air/data_undo.html.j2", context, status=status)


def _about(number: int) -> dict[str, Any]:
    return {
        "found": q.detail(number), "decision_words": flags.decision_words,
        "state_words": flags.state_words, "parameter_words": parameter_words,
    }  # fmt: skip


def _numbers(text: str) -> list[int]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        found = None
    if not isinstance(found, list) or not all(isinstance(n, int) for n in found):
        raise InvalidArgumentError("data.bad_form", _("The form has expired; load the page again."))
    return found


def _filter(asking: Asking) -> q.Filter:
    return q.Filter(
        kind=asking.one_of("kind", _KINDS, ""),
        state=asking.one_of("state", ("landed", "undone"), ""),
        calibre=asking.one_of("calibre", ("realtime", "audited"), ""),
        actor=asking.text("actor"),
        text=asking.text("q"),
        start=asking.read("start", None, read_day),
        end=asking.read("end", None, read_day),
    )


urls = [
    path("air/data/history/", history, name="data-history"),
    path("air/data/history/<int:number>/", batch, name="data-batch"),
    path("air/data/history/<int:number>/undo/", undo, name="data-undo"),
]
