"""Correcting one value, seen with its past and its neighbours."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, needs
from lantian.web.air import actions, flags
from lantian.web.air.forms import CorrectForm
from lantian.web.air.notices import done
from lantian.web.air.queries import data_decisions as q
from lantian.web.air.views.hours import parameter_words
from lantian.web.audit.actors import of_request
from lantian.web.core.errors import status_of
from lantian.web.core.formats import local, with_query


@needs("data.change")
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest) -> HttpResponse:
    """Show a value with its past and its neighbours, and give it another one."""
    station = request.GET.get("station", "")
    if not access(request).sees(station):
        raise Http404
    parameter = q.parameter_of(request.GET.get("parameter", ""))
    at = q.hour_of(request.GET.get("at", ""))
    calibre = q.calibre_of(request.GET.get("calibre", ""))
    error: DomainError | None = None
    form = CorrectForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        data = form.cleaned_data
        try:
            batch = actions.correct(
                of_request(request), station=station, parameter=parameter, time=at,
                value=None if data["missing"] else data["value"], grade=data["grade"] or None,
                reason=data["reason"], calibre=calibre, standing=data["standing"],
            )  # fmt: skip
        except DomainError as problem:
            error = problem
        else:
            if batch.id:
                said = _("The value is corrected (batch {n}).").format(n=batch.id)
                done(request, said, undo=reverse("air:data-undo", args=(batch.id,)))
            else:
                done(request, _("The stored value is this one already; nothing was changed."))
            return HttpResponseRedirect(_hour(station, parameter, at))
    found = q.one(station, parameter, at, calibre)
    if form is None or error is not None:
        now = found.now or {}
        kept = {} if form is None else form.cleaned_data
        form = CorrectForm(initial={**kept, "standing": now.get("batch")})
    status = status_of(error) if error else 400 if form.errors else 200
    return render(request, "air/data_correct.html.j2", {
        "found": found, "form": form, "error": error, "name": parameter_words(parameter),
        "state_words": flags.state_words, "flag_words": flags.flag_words,
        "decision_words": flags.decision_words, "parameter_words": parameter_words,
        "back": _hour(station, parameter, at), "local": local,
        "exclude": with_query(reverse("air:data-exclude"), {
            "station": station, "parameter": parameter, "start": f"{local(at):%Y-%m-%dT%H:%M}",
            "end": f"{local(at):%Y-%m-%dT%H:%M}",
        }),
    }, status=status)  # fmt: skip


def _hour(station: str, parameter: str, at: datetime) -> str:
    """Return the page of the hours around one."""
    address = reverse("air:hours", args=(station,))
    return with_query(address, {"parameter": parameter, "at": local(at).isoformat()})


urls = [path("air/data/correct/", correct, name="data-correct")]
